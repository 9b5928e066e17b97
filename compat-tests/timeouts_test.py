#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Time limits of scripts and migrations that run again, with other sessions in the way.

A session holds a lock, deadlocks with a migration, or changes the rows that it reads.  Each test
looks at what is there afterwards and at what was said: applied once with one row, or not at all.

CFLYWAY names the program under test (default: build/cflyway of this checkout).  With PGHOST set
that server is used, see lib/server.py.
"""
import os
import re
import signal
import sqlite3
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
sys.dont_write_bytecode = True

from lib import server as pg  # noqa: E402
from lib.timeouts import must, play  # noqa: E402

RETRIES = ("-cflyway.migrationRetries=3", "-cflyway.migrationRetryPause=100ms")
SHORT = "-cflyway.lockTimeout=100ms"
TRY = r"^cflyway: \S*%s, try (\d) of (\d): %s\. It was rolled back and is run again in (\d\.\d\d\d) s\.$"
NO_LOCK = r"it could not get a lock in time \(SQL State: 55P03, line %d\)"
ROLE = "grace"                  # has a lock_timeout of its own


def tries(text, script, reason):
    """The lines about tries: [(k, n, pause)]."""
    return [(int(k), int(n), float(pause)) for k, n, pause in re.findall(
        TRY % (re.escape(script), reason), text, re.MULTILINE)]


def check_tries(text, script, reason, n, of=4):
    found = tries(text, script, reason)
    must([line[:2] for line in found] == [(k, of) for k in range(1, n + 1)],
         "tries: %s" % (found,), text)
    for k, _, pause in found:
        must(0.05 * 2 ** (k - 1) <= pause <= 0.1 * 2 ** (k - 1), "pause %s" % pause, text)
    must(len(re.findall(r", try \d", text)) == n, "other lines about tries", text)


# --- limits --------------------------------------------------------------------------------------

SEEN = "insert into seen select '%s', current_setting('lock_timeout'), " \
    "current_setting('statement_timeout');\n"


def test_limits_of_every_kind_of_script(bench):
    """Each script sees its limits, the next one does not, and the rows see none."""
    bench.query("create table seen (at text, lock text, statement text)")
    bench.query("create function note() returns trigger language plpgsql as $$ begin "
                "insert into seen select 'row ' || coalesce(new.version, 'R'), "
                "current_setting('lock_timeout'), current_setting('statement_timeout'); "
                "return new; end $$")
    bench.write(
        V1__plain=SEEN % 1,
        V2__own="set lock_timeout = '9s';\n" + SEEN % 2,
        V3__after=SEEN % 3, V3__after_cflyway_conf="lockTimeout=server\n",
        V4__reset="reset lock_timeout;\n" + SEEN % 4,
        V5__commits=SEEN % 5 + "commit;\n" + SEEN % "5b" +
        "commit;\nselect 1;\nrollback;\n" + SEEN % "5c",
        V6__alone=SEEN % 6 + "vacuum seen;\n" + SEEN % "6b",
        V6__alone_cflyway_conf="statementTimeout=2min\nlockTimeout=0\n",
        V7__none=SEEN % 7, V7__none_cflyway_conf="lockTimeout=server\nstatementTimeout=server\n",
        R__again=SEEN % "R", R__again_cflyway_conf="statementTimeout=0\n",
        afterMigrate=SEEN % "after", afterVersioned=SEEN % "between")
    bench.run(0, "-cflyway.lockTimeout=5s", "-mixed=true", "-target=1")
    bench.query("create trigger note after insert on flyway_schema_history "
                "for each row execute function note()")
    bench.run(0, "-cflyway.lockTimeout=5s", "-mixed=true")
    seen = {at: (lock, statement) for at, lock, statement in bench.query("select * from seen")}
    wanted = {"1": ("5s", "0"), "2": ("9s", "0"), "3": ("9s", "0"), "4": ("0", "0"),
              "5": ("5s", "0"), "5b": ("5s", "0"), "5c": ("5s", "0"), "6": ("0", "2min"),
              "6b": ("0", "2min"), "7": ("0", "0"), "R": ("5s", "0"), "after": ("5s", "0"),
              "between": ("5s", "0")}
    wanted.update(("row " + at, ("0", "0")) for at in ("2", "3", "4", "5", "6", "7"))
    must(seen == wanted, "limits: %s" % sorted(set(seen.items()) ^ set(wanted.items())))


def test_limits_in_a_group(bench):
    bench.query("create table seen (at text, lock text, statement text)")
    bench.write(V1__a=SEEN % 1, V1__a_cflyway_conf="lockTimeout=7s\n",
                V2__b=SEEN % 2,
                V3__c="set lock_timeout = '9s';\n" + SEEN % 3,
                V3__c_cflyway_conf="lockTimeout=8s\nstatementTimeout=1h\n",
                V4__d=SEEN % 4, V5__e=SEEN % 5 + "commit;\n" + SEEN % "5b",
                V5__e_cflyway_conf="statementTimeout=3s\n", V6__f=SEEN % 6)
    bench.run(0, "-group=true")
    seen = bench.query("select * from seen order by at")
    must(seen == [("1", "7s", "0"), ("2", "0", "0"), ("3", "9s", "1h"), ("4", "9s", "0"),
                  ("5", "9s", "3s"), ("5b", "9s", "3s"), ("6", "9s", "0")],
         "limits: %s" % seen)


def test_a_role_with_a_limit_keeps_it(bench):
    bench.query("create table seen (at text, lock text, statement text); "
                "grant all on seen to %s; grant all on schema public to %s" % (ROLE, ROLE))
    bench.write(V1__a=SEEN % 1, V2__b=SEEN % 2, V2__b_cflyway_conf="lockTimeout=0\n",
                V3__c=SEEN % 3 + "vacuum (analyze) seen;\n", V3__c_cflyway_conf="lockTimeout=1s\n",
                V4__d=SEEN % 4)
    bench.run(0, "-user=" + ROLE, "-mixed=true")
    seen = bench.query("select at, lock from seen order by at")
    must(seen == [("1", "7s"), ("2", "0"), ("3", "1s"), ("4", "7s")], "limits: %s" % seen)


def test_a_lock_that_is_held(bench):
    bench.query("create table t (id int)")
    bench.write(V1__a="create table a ();\nalter table t add b int;\n")
    with bench.holding("lock table t"):
        began = time.monotonic()
        text = bench.run(1, SHORT)
        must(time.monotonic() - began < 5, "it took too long")
    must("canceling statement due to lock timeout" in text and "55P03" in text, "no reason", text)
    must("try 1" not in text and "not run again" not in text, "tries without being asked", text)
    must(bench.rows() == [], "there is a row")
    must(bench.query("select to_regclass('a') is null") == [("t",)], "the table stayed")


def test_a_statement_that_takes_too_long(bench):
    bench.write(V1__a="select pg_sleep(0.01);\nselect pg_sleep(20);\n")
    text = bench.run(1, "-cflyway.statementTimeout=200ms", *RETRIES)
    must("canceling statement due to statement timeout" in text, "no reason", text)
    must("try 1" not in text, "it was run again", text)
    bench.write(V1__a="".join("select pg_sleep(0.1);\n" for _ in range(4)))
    bench.run(0, "-cflyway.statementTimeout=300ms")    # each by itself, not all together


def test_the_file_of_a_dry_run(bench):
    bench.query("create table seen (at text, lock text, statement text)")
    bench.write(V1__a=SEEN % 1, V2__b=SEEN % 2 + "commit;\n" + SEEN % "2b",
                V3__c=SEEN % 3 + "vacuum seen;\n", V4__d=SEEN % 4,
                V4__d_cflyway_conf="lockTimeout=server\n")
    bench.run(0, "-cflyway.lockTimeout=5s", "-mixed=true", "-dryRunOutput=dry.sql")
    must(bench.query("select * from seen") == [], "the dry run was none")
    with open(os.path.join(bench.folder.name, "dry.sql")) as file:
        text = file.read()
    must(text.count("set_config('lock_timeout', '5000ms'") == 3, "limits of the file", text)
    bench.server.psql(text, bench.database)
    seen = bench.query("select at, lock from seen order by at")
    must(seen == [("1", "5s"), ("2", "5s"), ("2b", "5s"), ("3", "5s"), ("4", "0")],
         "limits: %s" % seen)


def test_files_that_have_no_effect(bench):
    bench.write(V1__a="select 1;\n")
    for name, text, said in (
            ("V1__a.sql.cflyway.conf", "lockTimout=5s\n",
             "Unknown configuration property in sql/V1__a.sql.cflyway.conf: lockTimout "
             "(did you mean lockTimeout?)"),
            ("V1__a.sql.cflyway.conf", "lockTimeout=5\n", "should be a time with its unit"),
            ("beforeEachMigrate.sql.cflyway.conf", "lockTimeout=5s\n",
             "run inside of each migration, under its limits"),
            ("V2__b.sh.cflyway.conf", "lockTimeout=5s\n", "is a program")):
        path = os.path.join(bench.folder.name, "sql", name)
        script = path[:-len(".cflyway.conf")]
        with open(path, "w") as file:
            file.write(text)
        if not os.path.exists(script):
            open(script, "w").close()
        said_text = bench.run(1)
        must(said in said_text, "nothing of " + said, said_text)
        os.remove(path)
        if "V1" not in name:
            os.remove(script)
    with open(os.path.join(bench.folder.name, "sql", "V1__a.cflyway.conf"), "w") as file:
        file.write("lockTimeout=5s\n")
    text = bench.run(0)
    must("cflyway: sql/V1__a.cflyway.conf has no effect: there is no V1__a beside it" in text,
         "no line about it", text)


# --- again ---------------------------------------------------------------------------------------

def test_the_lock_is_given_back(bench):
    bench.query("create table t (id int)")
    bench.write(V1__a="create table a ();\n",
                V2__b="create table b ();\nalter table t add b int;\n", V3__c="create table c ();\n")
    with bench.holding("lock table t in share mode"):
        run = bench.start(SHORT, *RETRIES).wait_for("try 2 of 4")
    text = run.end(0)
    check_tries(text, "V2__b.sql", NO_LOCK % 2, len(tries(text, "V2__b.sql", NO_LOCK % 2)))
    must(text.count('Migrating schema "public" to version "2 - b"') == 1, "said twice", text)
    must("Successfully applied 3 migrations" in text, "no success", text)
    must(bench.rows() == [("1", "t"), ("2", "t"), ("3", "t")], "rows: %s" % bench.rows())


def test_the_lock_is_never_given_back(bench):
    bench.query("create table t (id int)")
    bench.write(V1__a="insert into t values (1);\nlock table t;\n")
    with bench.holding("lock table t in row exclusive mode"):
        text = bench.run(1, SHORT, *RETRIES)
    check_tries(text, "V1__a.sql", NO_LOCK % 2, 3)
    must("cflyway: sql/V1__a.sql was tried 4 times." in text, "no number of tries", text)
    must("Changes successfully rolled back." in text, "no word about changes", text)
    must(bench.rows() == [] and bench.query("select * from t") == [], "something stayed")


def test_rows_of_a_copy(bench):
    bench.query("create table t (id int)")
    bench.write(V1__a="copy t from stdin;\n1\n\\.\n")
    with bench.holding("lock table t in share mode"):
        run = bench.start(SHORT, *RETRIES).wait_for("try 1 of 4")
    text = run.end(0)
    must(bench.query("select * from t") == [("1",)], "rows: %s" % bench.query("select * from t"))
    must(tries(text, "V1__a.sql", NO_LOCK % 1), "no try", text)


def test_a_deadlock(bench):
    """The migration is the one that looks first, and so the one that ends."""
    bench.query("create table a (id int); create table b (id int)")
    bench.write(V1__x="set local deadlock_timeout = '50ms';\nlock table a;\n"
                "select pg_advisory_xact_lock(1);\nlock table b;\ncreate table c ();\n")
    with bench.holding("set local deadlock_timeout = '1h'", "select pg_advisory_xact_lock(1)",
                       "lock table b") as other:
        run = bench.start(*RETRIES).wait_for("Migrating")
        while bench.query("select count(*) from pg_locks where locktype = 'advisory' "
                          "and not granted and objid = 1") != [("1",)]:
            time.sleep(0.02)
        other.query("lock table a")     # is granted when the migration has been ended
        text = run.wait_for("try 1 of 4").text
    text = run.end(0)
    must(tries(text, "V1__x.sql", r"it was ended by a deadlock \(SQL State: 40P01, line 3\)"),
         "no word of the deadlock", text)
    must(bench.rows() == [("1", "t")], "rows: %s" % bench.rows())


SERIAL = r"it could not be serialized with others \(SQL State: 40001(, line \d)?\)"


def test_a_row_that_was_changed(bench):
    bench.query("create table t (n int); insert into t values (0)")
    bench.query("alter database %s set default_transaction_isolation = 'repeatable read'"
                % bench.database)
    bench.write(V1__a="select n from t;\nselect pg_advisory_xact_lock(1);\n"
                "update t set n = n + 1;\n")
    with bench.holding("select pg_advisory_xact_lock(1)") as other:
        run = bench.start(*RETRIES).wait_for("Migrating")
        while bench.query("select count(*) from pg_locks where locktype = 'advisory' "
                          "and not granted and objid = 1") != [("1",)]:
            time.sleep(0.02)
        other.query("update t set n = n + 10; commit")
    text = run.end(0)
    found = [line for line in text.splitlines() if ", try 1 of 4" in line]
    must(len(found) == 1 and re.search(SERIAL, found[0]), "no word of the serialization", text)
    must(bench.query("select n from t") == [("11",)], "n: %s" % bench.query("select n from t"))
    must(bench.rows() == [("1", "t")], "rows: %s" % bench.rows())


def test_a_commit_that_fails(bench):
    """Under serializable the server may say no only to COMMIT; it never says so afterwards."""
    bench.query("create table t (who text)")
    bench.write(V1__a="select count(*) from t;\nselect pg_advisory_xact_lock(1);\n"
                "insert into t values ('migration');\n")
    with bench.holding("set transaction isolation level serializable",
                       "select pg_advisory_xact_lock(1)", "select count(*) from t",
                       "insert into t values ('other')") as other:
        bench.query("alter database %s set default_transaction_isolation = 'serializable'"
                    % bench.database)
        run = bench.start(*RETRIES).wait_for("Migrating")
        while bench.query("select count(*) from pg_locks where locktype = 'advisory' "
                          "and not granted and objid = 1") != [("1",)]:
            time.sleep(0.02)
        other.query("commit")
    text = run.end(0)
    must(bench.query("select who from t order by who") == [("migration",), ("other",)], "t", text)
    must(bench.rows() == [("1", "t")], "rows: %s" % bench.rows())
    must(len(re.findall(", try 1 of 4: " + SERIAL, text)) == 1, "no try", text)


def test_what_cannot_run_again(bench):
    bench.query("create table t (id int)")
    for files, arguments, reason in (
            ({"V1__a": "create table a ();\ncommit;\nlock table t;\n"}, (),
             "it begins or ends transactions itself"),
            ({"V1__a": "vacuum t;\n"}, (), "it runs outside of a transaction"),
            ({"V1__a": "lock table t;\n"}, ("-group=true",), "it is one of a group"),
            ({"V1__a": "select pg_try_advisory_lock(7);\nlock table t;\n"}, (),
             "a rollback does not take back all that it does (pg_try_advisory_lock)"),
            ({"V1__a": "lock table t;\n", "beforeEachMigrate": "select 1;\n"}, (),
             "callbacks run inside of it")):
        bench.write(**files)
        with bench.holding("lock table t"):
            text = bench.run(1, SHORT, *RETRIES, *arguments)
        must("cflyway: sql/V1__a.sql was not run again: %s." % reason in text, "no reason", text)
        must("try 1" not in text, "it was run again", text)
        must(bench.rows() == [], "there is a row")


def test_a_signal_during_a_pause(bench):
    bench.query("create table t (id int)")
    bench.write(V1__a="lock table t;\n")
    with bench.holding("lock table t"):
        run = bench.start(SHORT, "-cflyway.migrationRetries=1", "-cflyway.migrationRetryPause=1h") \
            .wait_for("try 1 of 2")
        began = time.monotonic()
        run.process.send_signal(signal.SIGTERM)
        run.text += run.process.communicate()[0]
        run.watchdog.cancel()
        must(time.monotonic() - began < 5, "it went on waiting", run.text)
    must(run.process.returncode != 0 and bench.rows() == [], "exit %s" % run.process.returncode,
         run.text)
    must("was not run again: interrupted" in run.text, "no reason", run.text)


def test_two_programs_at_once(bench):
    """Both want what the other has; whoever loses runs again or finds it done."""
    bench.query("create table t (id int)")
    bench.write(V1__a="lock table t;\ncreate table a ();\n", V2__b="lock table t;\ncreate table b ();\n")
    with bench.holding("lock table t"):
        runs = [bench.start(SHORT, "-cflyway.migrationRetries=20",
                            "-cflyway.migrationRetryPause=50ms") for _ in range(2)]
        runs[0].wait_for("try 1 of 21")
    texts = [run.end(0) for run in runs]
    applied = sum(int(n) for text in texts
                  for n in re.findall(r"Successfully applied (\d) migration", text))
    must(applied == 2, "%d applied" % applied, "\n".join(texts))
    must(bench.rows() == [("1", "t"), ("2", "t")], "rows: %s" % bench.rows())


def test_an_undo(bench):
    bench.query("create table t (id int)")
    bench.write(V1__a="alter table t add b int;\n", U1__a="alter table t drop b;\n",
                U1__a_cflyway_conf="lockTimeout=100ms\nmigrationRetries=9\n"
                "migrationRetryPause=100ms\n")
    bench.run(0)
    with bench.holding("select b from t"):
        run = bench.start(verb="undo").wait_for("U1__a.sql, try 1 of 10")
    run.end(0)
    must(bench.query("select count(*) from pg_attribute where attrelid = 't'::regclass "
                     "and attnum > 0 and not attisdropped") == [("1",)], "the column stayed")


# --- SQLite --------------------------------------------------------------------------------------

def sqlite_file(bench):
    return os.path.join(bench.folder.name, "database.db")


def test_sqlite_the_database_is_locked(bench):
    bench.write(V1__a="create table a (id int);\n")
    bench.run(0)
    bench.write(V2__b="create table b (id int);\n")
    other = sqlite3.connect(sqlite_file(bench), isolation_level=None)
    other.execute("begin immediate")
    began = time.monotonic()
    text = bench.run(1, SHORT)
    must(time.monotonic() - began < 2.5, "it waited as long as without a limit", text)
    must("SQLITE_BUSY" in text, "no reason", text)
    run = bench.start(SHORT, *RETRIES).wait_for("V2__b.sql, try 1 of 4: it could not lock the "
                                                "database in time. It was rolled back")
    other.execute("rollback")
    other.close()
    run.end(0)
    with sqlite3.connect(sqlite_file(bench)) as check:
        rows = check.execute("select version from flyway_schema_history").fetchall()
    must(rows == [("1",), ("2",)], "rows: %s" % rows)


def test_sqlite_a_statement_that_takes_too_long(bench):
    endless = "with recursive n(i) as (select 1 union all select i + 1 from n) " \
        "select count(*) from n;\n"
    bench.write(V1__a="create table a (id int);\ninsert into a values (1);\n" + endless)
    text = bench.run(1, "-cflyway.statementTimeout=200ms")
    must("the statement ran longer than cflyway.statementTimeout, 200 ms" in text, "no reason", text)
    with sqlite3.connect(sqlite_file(bench)) as check:
        must(check.execute("select count(*) from sqlite_master where name = 'a'").fetchall()
             == [(0,)], "the table stayed")


TESTS = [test for name, test in sorted(globals().items()) if name.startswith("test_")]


def main():
    with pg.open_server() as server:
        server.psql("create role %s login superuser; alter role %s set lock_timeout = '7s'"
                    % (ROLE, ROLE))
        status = play(TESTS, server, os.path.join(HERE, "..", "build", "cflyway"))
        server.psql("drop role " + ROLE)
    return status


if __name__ == "__main__":
    sys.exit(main())
