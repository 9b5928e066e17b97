# SPDX-License-Identifier: Apache-2.0
"""What is said about whoever is in the way: compared with what the server's views show."""
import contextlib
import fcntl
import json
import os
import re
import sqlite3
import time

from .harness import Failure, Script, Skip, must_be, wait_until, waits_for_lock

BEFORE = Script("V1__Before.sql", "create table before (id int);\ninsert into before values (1);\n"
                                    "create index before_id on before (id);\n")
SECRET = "pl4nted"
WAIT_S = 1.6                    # a line comes after a second
FACTS = """select pid, usename, to_char(xact_start, 'HH24:MI:SS') from pg_stat_activity
    where pid = pg_backend_pid()"""


@contextlib.contextmanager
def project(bench, script, *arguments, config=None):
    """V1 has run, V2 is the script."""
    with bench.database("waits") as database:
        folder = bench.project("waits", (BEFORE, script))
        if config:
            with open(os.path.join(folder, "sql", script.name + ".conf"), "w") as file:
                file.write(config)
        bench.run(folder, database.url(), "-target=1", "migrate").must(0, "migrate to 1")
        yield database, folder, lambda *more: bench.start(
            folder, database.url(), *arguments, *more, "migrate")


def hold(database, sql):
    """A session with an open transaction, and how it must be described."""
    session = database.another_session()
    session.run("begin; " + sql)
    pid, user, since = session.value(FACTS).split("|")
    role = "faults_%d_%s" % (os.getpid(), pid)
    session.run("create role " + role)
    session.run("alter role %s\n  password '%s'" % (role, SECRET))
    return session, r"process %s of user %s \(application psql\), idle in transaction; its " \
        r"transaction has been open for \d+ s, since %s; its last query: alter role %s password " \
        r"\*{8}" % (pid, user, since, role)


def end_late(database, holder):
    """When somebody has waited for it for more than a second."""
    wait_until(lambda: waits_for_lock(database), "the wait")
    time.sleep(WAIT_S)
    holder.run("rollback")


def must_match(outcome, pattern, what):
    if not re.search("(?m)^cflyway: %s$" % pattern, outcome.text):
        raise Failure("%s: no line such as %s%s" % (what, pattern, outcome.tail()))
    if SECRET in outcome.text:
        raise Failure("%s: the secret is shown%s" % (what, outcome.tail()))


def wait_for(bench, script, held, wanted, *arguments, config=None):
    """The script waits for more than a second, and goes on when the other one has ended."""
    with project(bench, script, *arguments, config=config) as (database, _, start):
        holder, words = hold(database, held)
        process = start()
        end_late(database, holder)
        outcome = bench.finish(process).must(0, "migrate")
        must_match(outcome, wanted + words, script.name)
        return outcome


def test_waits_for_a_table(bench):
    wait_for(bench, Script("V2__Waits.sql", "insert into before values (2);\n\nalter table before\n"
                           "  add c int;\n"),
             "select 1 from before",
             r"sql/V2__Waits.sql:3: waiting for the lock ACCESS EXCLUSIVE on before, blocked by ")


def test_waits_for_a_row(bench):
    wait_for(bench, Script("V2__Waits.sql", "update before set id = 2;\n"),
             "update before set id = 3",
             r"sql/V2__Waits.sql:1: waiting for a row of before, blocked by ")


def test_waits_outside_of_a_transaction(bench):
    wait_for(bench, Script("V2__Waits.sql", "alter table before add c int;\n"),
             "select 1 from before",
             r"sql/V2__Waits.sql:1: waiting for the lock ACCESS EXCLUSIVE on before, blocked by ",
             config="executeInTransaction=false\n")


def test_copy_waits(bench):
    wait_for(bench, Script("V2__Waits.sql", "copy before from stdin;\n5\n\\.\n"), "lock table before",
             r"sql/V2__Waits.sql:1: waiting for the lock ROW EXCLUSIVE on before, blocked by ")


def test_create_index_concurrently_waits_for_an_old_transaction(bench):
    """It has nothing to do with the table, but has a snapshot."""
    wait_for(bench, Script("V2__Waits.sql", "create index concurrently i on before (id);\n"),
             "set transaction isolation level repeatable read; select 1",
             r"sql/V2__Waits.sql:1: waiting for the end of an older transaction, blocked by ")


def test_reindex_and_drop_index_concurrently_wait_for_an_old_transaction(bench):
    for command in ("reindex table concurrently before", "drop index concurrently before_id"):
        wait_for(bench, Script("V2__Waits.sql", command + ";\n"), "insert into before values (7)",
                 r"sql/V2__Waits.sql:1: waiting for the end of an older transaction, blocked by ",
                 config="executeInTransaction=false\n")


def test_clean_waits(bench):
    """SQL of cflyway's own."""
    with project(bench, Script("V2__More.sql", "select 1;\n")) as (database, folder, _):
        holder, words = hold(database, "select 1 from before")
        process = bench.start(folder, database.url(), "-cleanDisabled=false", "clean")
        end_late(database, holder)
        must_match(bench.finish(process).must(0, "clean"),
                   "waiting for the lock ACCESS EXCLUSIVE on before, blocked by " + words, "clean")


@contextlib.contextmanager
def owner_of_before(database, name, limits=""):
    """A role that can migrate the project, while it lasts; gives the arguments that name it."""
    role = "faults_%s_%d" % (name, os.getpid())
    database.session.run("create role %s login %s; grant all on schema public to %s; "
                         "grant all on flyway_schema_history to %s; alter table before owner to %s"
                         % (role, limits, role, role, role))
    try:
        yield ["-url=" + database.url(), "-user=" + role, "-locations=filesystem:sql"]
    finally:
        database.session.run("reassign owned by %s to postgres; drop owned by %s; drop role %s"
                             % (role, role, role))


def test_without_rights_only_what_is_known_is_said(bench):
    """Another user's query and transaction are hidden then."""
    script = Script("V2__Waits.sql", "alter table before add c int;\n")
    with project(bench, script) as (database, folder, _), \
            owner_of_before(database, "plain") as arguments:
        holder, _ = hold(database, "select 1 from before")
        pid = holder.value("select pg_backend_pid()")
        process = bench.start_raw(folder, [*arguments, "migrate"])
        end_late(database, holder)
        must_match(bench.finish(process).must(0, "migrate"),
                   r"sql/V2__Waits.sql:1: waiting for the lock ACCESS EXCLUSIVE on before, blocked "
                   r"by process %s of user postgres \(application psql\)" % pid, "migrate")


def test_one_connection_is_enough(bench):
    """A role that may have no second one: no line, no error, and not another attempt."""
    script = Script("V2__Waits.sql", "alter table before add c int;\n")
    with project(bench, script) as (database, folder, _), \
            owner_of_before(database, "single", "connection limit 1") as arguments:
        holder, _ = hold(database, "select 1 from before")
        process = bench.start_raw(folder, [*arguments, "migrate"])
        end_late(database, holder)
        must_be_silent(bench.finish(process).must(0, "migrate"), "with one connection")
        holder.run("begin; lock table before")
        with open(os.path.join(folder, "sql", "V3__Fails.sql"), "w") as file:
            file.write("alter table before add d int;\n")
        process = bench.start_raw(folder, [*arguments, "-cflyway.lockTimeout=300ms", "migrate"])
        must_be_silent(bench.finish(process).must(1, "migrate"), "without a lock")
        holder.run("rollback")


def must_be_silent(outcome, what):
    if re.search("blocked by|is held by|too many connections", outcome.text):
        raise Failure("%s: it is explained%s" % (what, outcome.tail()))


def test_the_look_can_be_switched_off(bench):
    script = Script("V2__Waits.sql", "alter table before add c int;\n")
    must_be_silent(wait_for_mode(bench, script, "-cflyway.explainWaits=false"), "a wait")
    with project(bench, script, "-cflyway.lockTimeout=300ms",
                 "-cflyway.explainWaits=false") as (database, _, start):
        hold(database, "select 1 from before")
        must_be_silent(bench.finish(start()).must(1, "migrate"), "without a lock")


def test_what_only_takes_long_is_not_explained(bench):
    """And the look leaves no line in the log of the server."""
    script = Script("V2__Long.sql", "select pg_sleep(1.5);\n")
    size = os.path.getsize(bench.server.log) if bench.server.log else 0
    with project(bench, script) as (database, _, start):
        outcome = bench.finish(start()).must(0, "migrate")
        if "waiting for" in outcome.text:
            raise Failure("it explains a wait" + outcome.tail())
        name = database.name
    if bench.server.log:
        with open(bench.server.log, errors="replace") as log:
            log.seek(size)
            text = log.read()
        if "unexpected EOF on client connection with an open transaction" in text:
            raise Failure("the log of the server: %s: %s" % (name, text))


def test_explained_in_json_and_silent_with_q(bench):
    script = Script("V2__Waits.sql", "alter table before add c int;\n")
    outcome = wait_for_mode(bench, script, "-outputType=json")
    notes = json.loads(outcome.out)["cflyway"]
    if sum("blocked by process" in str(note) for note in notes) != 1:
        raise Failure("notes: %s" % notes)
    if "blocked by" in wait_for_mode(bench, script, "-q").text:
        raise Failure("it speaks in spite of -q")


def wait_for_mode(bench, script, mode):
    with project(bench, script) as (database, _, start):
        holder, _ = hold(database, "select 1 from before")
        process = start(mode)
        end_late(database, holder)
        return bench.finish(process).must(0, "migrate " + mode)


# --- failures -------------------------------------------------------------------------------------

def test_no_lock_in_time(bench):
    for number, (statement, held) in enumerate((
            ("alter table before add c int", "select 1 from before"),
            ("update before set id = 2", "update before set id = 3"),
            ("lock table before nowait", "insert into before values (9)"))):
        mode = ("ACCESS SHARE", "ROW EXCLUSIVE", "ROW EXCLUSIVE")[number]
        script = Script("V2__Fails.sql", "select 1;\n%s;\n" % statement)
        with project(bench, script, "-cflyway.lockTimeout=300ms") as (database, _, start):
            before = database.state()
            _, words = hold(database, held)
            outcome = bench.finish(start()).must(1, statement)
            must_match(outcome, "the lock %s on before is held by %s" % (mode, words), statement)
            must_be(database.state(alone=False), before, "after " + statement)


def test_a_deadlock(bench):
    script = Script("V2__Fails.sql", "update before set id = 2;\nselect pg_sleep(0.5);\n"
                                     "lock table other;\n")
    with project(bench, script) as (database, _, start):
        database.session.run("create table other ()")
        other = database.another_session()
        other.run("set deadlock_timeout = '30s'; begin; lock table other")
        pid = other.value("select pg_backend_pid()")
        process = start()
        wait_until(lambda: database.session.value(
            "select count(*) from pg_stat_activity where query like '%pg_sleep(0.5)%' and pid <> "
            "pg_backend_pid() and datname = current_database()") == "1", "the migration")
        other.run("lock table before")       # until the other one has been ended
        outcome = bench.finish(process).must(1, "migrate")
        must_match(outcome, r"this session, process \d+, ran: lock table other", "migrate")
        must_match(outcome, r"the deadlock was with process %s of user postgres \(application psql\)"
                            r".*lock table before.*" % pid, "migrate")


def test_sqlite_names_the_process(bench):
    """As the kernel knows it, for each kind of lock."""
    script = Script("V2__More.sql", "create table more (i int);\n")
    for journal, begin, what in (
            ("delete", "begin immediate", "has begun a transaction that writes to the database "
                                          "(RESERVED)"),
            ("delete", "begin exclusive", "has the database for itself (EXCLUSIVE)"),
            ("delete", "begin; select * from before", "reads the database (SHARED)"),
            ("wal", "begin immediate", "has begun a transaction that writes to the database")):
        folder = bench.project("busy", (BEFORE, script))
        path = os.path.join(folder, "x.db")
        url = "jdbc:sqlite:%s?busy_timeout=100" % path
        bench.run(folder, url, "-target=1", "migrate").must(0, "migrate to 1")
        holder = sqlite3.connect(path, isolation_level=None)
        holder.execute("pragma journal_mode=" + journal)
        for part in begin.split(";"):
            holder.execute(part).fetchone()
        with open("/proc/self/comm", encoding="ascii") as name:
            said = "cflyway: process %d (%s) %s\n" % (os.getpid(), name.read().strip(), what)
        bench.run(folder, url, "migrate").must(1, begin).must_say(said, begin)
        holder.execute("rollback")
        bench.run(folder, url, "migrate").must(0, "migrate without " + begin)
        holder.close()


def test_sqlite_names_who_holds_the_lock_file(bench):
    folder = bench.project("busy", (BEFORE, Script("V2__More.sql", "vacuum;\n")))
    path = os.path.join(folder, "x.db")
    url = "jdbc:sqlite:" + path
    bench.run(folder, url, "-target=1", "migrate").must(0, "migrate to 1")
    with open(os.path.join(folder, "sql", "V2__More.sql.conf"), "w") as file:
        file.write("executeInTransaction=false\n")
    with open(path + "-cflyway.lock", "w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        outcome = bench.run(folder, url, "-lockRetryCount=0", "migrate").must(1, "migrate")
        outcome.must_say("is held by process %d (" % os.getpid(), "migrate")


WAITING = """select pid from pg_stat_activity
    where datname = current_database() and wait_event = 'SyncRep'"""


@contextlib.contextmanager
def missing_standby(bench, database):
    """Only this database waits for it: in the others, synchronous_commit is off."""
    def reload(change):
        database.session.run("alter system " + change)
        database.session.run("select pg_reload_conf()")

    if not bench.server.directory:
        raise Skip("the settings of a server that is not ours stay as they are")
    database.session.run("alter database %s set synchronous_commit = on" % database.name)
    reload("set synchronous_standby_names = 'missing'")
    try:
        wait_until(lambda: database.session.value("show synchronous_standby_names") == "missing",
                   "the setting")
        yield
    finally:
        reload("reset synchronous_standby_names")


def test_commit_that_does_not_wait_for_its_standby(bench):
    """The wait is cancelled: what is called applied is applied, but may be lost."""
    for config in (None, "executeInTransaction=false\n"):
        script = Script("V2__After.sql", "create table after (id int);\n")
        with project(bench, script, config=config) as (database, _, start):
            with missing_standby(bench, database):
                program = start()
                while program.poll() is None:
                    database.session.run("select pg_cancel_backend(pid) from (%s) w" % WAITING)
                    time.sleep(0.05)
                outcome = bench.finish(program).must(0, "migrate")
            outcome.must_say("cflyway: a COMMIT has not waited for its synchronous standby (",
                             "migrate")
            must_be(database.session.value("select count(*) from flyway_schema_history"), "2",
                    "rows")


TESTS = (test_sqlite_names_the_process, test_sqlite_names_who_holds_the_lock_file,
         test_waits_for_a_table, test_waits_for_a_row, test_waits_outside_of_a_transaction,
         test_copy_waits, test_create_index_concurrently_waits_for_an_old_transaction,
         test_reindex_and_drop_index_concurrently_wait_for_an_old_transaction, test_clean_waits,
         test_without_rights_only_what_is_known_is_said,
         test_one_connection_is_enough, test_the_look_can_be_switched_off,
         test_what_only_takes_long_is_not_explained, test_explained_in_json_and_silent_with_q,
         test_no_lock_in_time, test_a_deadlock, test_commit_that_does_not_wait_for_its_standby)
