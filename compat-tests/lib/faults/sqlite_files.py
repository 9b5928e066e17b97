# SPDX-License-Identifier: Apache-2.0
"""SQLite: two programs at one file, kill -9 at random moments, and the lock file."""
import contextlib
import fcntl
import os
import random
import sqlite3
import time

from .harness import Failure, Script, must_be, shortened

MIGRATIONS = 40


def scripts_of(count):
    scripts = [Script("V1__First.sql", "create table applied (number int not null);\n"
                                       "insert into applied values (1);\n")]
    for number in range(2, count + 1):
        scripts.append(Script("V%d__Small.sql" % number, (
            "create table small_{0} (id int primary key);\n"
            "insert into small_{0} values (1), (2);\n"
            "create trigger trigger_{0} after insert on small_{0} begin\n"
            "    update small_{0} set id = id; select 1;\nend;\n"
            "insert into applied values ({0});\n").format(number)))
    return scripts


def ask(path, sql):
    connection = sqlite3.connect(path, timeout=10)
    try:
        return [row[0] for row in connection.execute(sql)]
    finally:
        connection.close()


def must_be_whole(path, count, what):
    """Migrations, tables and rows belong together; count: how many, None: any number."""
    names = set(ask(path, "select name from sqlite_master"))
    rows = ask(path, "select version from flyway_schema_history order by installed_rank") \
        if "flyway_schema_history" in names else []
    applied = ask(path, "select number from applied order by rowid") if "applied" in names else []
    if rows != [str(number) for number in applied] or applied != list(range(1, len(rows) + 1)):
        raise Failure("%s: applied are %s, rows are %s" % (what, applied, rows))
    for kind in ("small_%d", "trigger_%d"):
        found = {number for number in range(2, MIGRATIONS + 1) if kind % number in names}
        if found != set(applied[1:]):
            raise Failure("%s: migrations %s have %s" % (what, sorted(set(applied[1:]) ^ found),
                                                         kind % 0))
    if ask(path, "pragma integrity_check") != ["ok"]:
        raise Failure(what + ": the file is damaged")
    if count is not None and len(rows) != count:
        raise Failure("%s: %d of %d migrations" % (what, len(rows), count))
    return len(rows)


def run_together(bench, count):
    folder = bench.project("sqlite", scripts_of(20))
    running = [bench.start(folder, "jdbc:sqlite:test.db", "migrate") for _ in range(count)]
    outcomes = [bench.finish(process, 60) for process in running]
    must_be_whole(os.path.join(folder, "test.db"), 20, "afterwards")
    for outcome in outcomes:
        outcome.must(0, "migrate")
    bench.run(folder, "jdbc:sqlite:test.db", "validate").must(0, "validate")


def test_sqlite_two_at_once(bench):
    run_together(bench, 2)


def test_sqlite_four_at_once(bench):
    run_together(bench, 4)


def test_sqlite_kill_at_a_random_moment(bench):
    folder = bench.project("sqlite", scripts_of(MIGRATIONS))
    chance = random.Random(bench.options.seed)
    path = os.path.join(folder, "test.db")
    url = "jdbc:sqlite:test.db"
    whole_s = bench.run(folder, url, "migrate").must(0, "migrate").elapsed_s
    must_be_whole(path, MIGRATIONS, "without a fault")
    reached = []
    for number in range((bench.options.repeat + 1) // 2):
        for name in os.listdir(folder):
            if name.startswith("test.db"):
                os.remove(os.path.join(folder, name))
        delay_s = chance.uniform(0, whole_s)
        what = "seed %d, repetition %d, killed after %.3f s" % (
            bench.options.seed, number + 1, delay_s)
        process = bench.start(folder, url, "migrate")
        time.sleep(max(0, process.started + delay_s - time.monotonic()))
        bench.kill(process)
        bench.finish(process)
        reached.append(must_be_whole(path, None, what))
        bench.run(folder, url, "migrate").must(0, what + ": again")
        must_be_whole(path, MIGRATIONS, what + ": again")
        bench.run(folder, url, "validate").must(0, what + ": validate")
    return "%.1f s undisturbed, killed after %s migrations" % (
        whole_s, " ".join(map(str, reached)))


# --- locks ----------------------------------------------------------------------------------------

HELD_S = 2.5


class Writer:
    """Another program that is in the middle of a transaction."""

    def __init__(self, path):
        self.connection = sqlite3.connect(path, isolation_level=None)
        self.connection.execute("begin immediate")

    def release(self):
        self.connection.execute("rollback")
        self.connection.close()


class LockFile:
    """Another cflyway that runs a script outside of a transaction."""

    def __init__(self, path):
        self.file = open(path + "-cflyway.lock", "ab")
        fcntl.flock(self.file, fcntl.LOCK_EX)

    def release(self):
        self.file.close()


def wait_for(bench, holder_kind, outside):
    """The last script waits while somebody else has the file or the lock file."""
    scripts = scripts_of(3)
    folder = bench.project("sqlite", scripts)
    if outside:
        with open(os.path.join(folder, "sql", scripts[2].name + ".conf"), "w") as file:
            file.write("executeInTransaction=false\n")
    path, url = os.path.join(folder, "test.db"), "jdbc:sqlite:test.db"
    bench.run(folder, url, "-target=2", "migrate").must(0, "migrate to version 2")
    holder = holder_kind(path)
    process = bench.start(folder, url, "migrate")
    while time.monotonic() < process.started + HELD_S:
        time.sleep(0.1)
        if ask(path, "select count(*) from applied") != [2]:
            raise Failure("it has not waited")
        if process.poll() is not None:
            raise Failure("it has not waited" + bench.finish(process).tail())
    holder.release()
    outcome = bench.finish(process).must(0, "migrate")
    must_be_whole(path, 3, "afterwards")
    return "%.1f s" % outcome.elapsed_s


def test_sqlite_waits_for_another_writer(bench):
    return wait_for(bench, Writer, False)


def test_sqlite_waits_for_the_lock_file(bench):
    return wait_for(bench, LockFile, True)


def start_locked(bench, scripts, before_start):
    """Starts migrate while nobody may read the file, which is free again HELD_S later."""
    folder = bench.project("sqlite", scripts)
    path, url = os.path.join(folder, "test.db"), "jdbc:sqlite:test.db?busy_timeout=50"
    bench.run(folder, url, "-target=2", "migrate").must(0, "migrate to version 2")
    before_start(folder)
    holder = sqlite3.connect(path, isolation_level=None)
    holder.execute("begin exclusive")
    process = bench.start(folder, url, "migrate")
    while time.monotonic() < process.started + HELD_S:
        time.sleep(0.1)
        if process.poll() is not None:
            raise Failure("it has not waited" + bench.finish(process).tail())
    holder.execute("rollback")
    holder.close()
    return path, bench.finish(process)


def test_sqlite_waits_for_a_file_that_nobody_may_read(bench):
    path, outcome = start_locked(bench, scripts_of(3), lambda folder: None)
    outcome.must(0, "migrate").must_say('Creating schema "main"', "migrate")
    must_be_whole(path, 3, "afterwards")
    names = ask(path, "select description from flyway_schema_history")
    if names != ["First", "Small", "Small"]:
        raise Failure("the history holds " + ", ".join(names))
    return "%.1f s" % outcome.elapsed_s


def test_sqlite_compares_files_after_such_a_wait(bench):
    def change(folder):
        with open(os.path.join(folder, "sql", "V2__Small.sql"), "a") as file:
            file.write("select 1;\n")

    path, outcome = start_locked(bench, scripts_of(3), change)
    outcome.must(1, "migrate").must_say("checksum mismatch for migration version 2", "migrate")
    must_be_whole(path, 2, "afterwards")
    return "%.1f s" % outcome.elapsed_s


def test_sqlite_holds_the_lock_file_outside_of_a_transaction(bench):
    """The lock file is locked while the script runs, and free afterwards."""
    folder = bench.project("sqlite", (Script("V1__Long.sql", (
        "create table long (n int);\n"
        "insert into long with recursive t(n) as (select 1 union all select n + 1 from t "
        "where n < 3000000) select n from t;\n"
        "create table done (n int);\n")),))
    with open(os.path.join(folder, "sql", "V1__Long.sql.conf"), "w") as file:
        file.write("executeInTransaction=false\n")
    path = os.path.join(folder, "test.db")
    process = bench.start(folder, "jdbc:sqlite:test.db", "migrate")
    seen = 0
    while process.poll() is None:
        seen += is_locked(path + "-cflyway.lock")
        time.sleep(0.02)
    bench.finish(process).must(0, "migrate")
    if not seen:
        raise Failure("the lock file was never locked")
    if is_locked(path + "-cflyway.lock"):
        raise Failure("the lock file is still locked")
    return "seen locked %s" % shortened(seen, "time")


def is_locked(path):
    try:
        with open(path, "rb") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except FileNotFoundError:
        return False
    except BlockingIOError:
        return True
    return False


def test_file_without_a_journal(bench):
    """With journal_mode=OFF, SQLite's ROLLBACK leaves what has been written to the file."""
    rows = ("create table a (i int, t text);\ninsert into a with recursive n (x) as (select 1 union "
            "all select x + 1 from n where x < 60000) select x, hex(randomblob(100)) from n;\n")
    folder = bench.project("journal", (Script("V1__Rows.sql", rows),
                                       Script("V2__Fails.sql", "update a set i = 0;\nwrong;\n")))
    path = os.path.join(folder, "journal.db")
    url = "jdbc:sqlite:%s?journal_mode=OFF" % path
    bench.run(folder, url, "-target=1", "migrate").must(0, "migrate to 1")
    with open(path, "rb") as file:
        before = file.read()
    bench.run(folder, url, "migrate", "-dryRun=execute").must(1, "dry run").must_say(
        "with journal_mode=OFF SQLite cannot do that", "dry run")
    with open(path, "rb") as file:
        must_be(file.read() == before, True, "the file is as before the dry run")
    outcome = bench.run(folder, url, "migrate").must(1, "migrate")
    outcome.must_say("cflyway: journal_mode is OFF, so that SQLite cannot roll back", "migrate")
    outcome.must_say("look at what is there of sql/V2__Fails.sql", "migrate")
    if "rolled back" in outcome.text:
        raise Failure("says that it is rolled back" + outcome.tail())
    with contextlib.closing(sqlite3.connect(path)) as connection:
        changed, = connection.execute("select count(*) from a where i = 0").fetchone()
    if changed == 0:
        raise Failure("nothing has stayed: the test shows nothing")


TESTS = (test_sqlite_two_at_once, test_sqlite_four_at_once, test_sqlite_kill_at_a_random_moment,
         test_sqlite_waits_for_another_writer, test_sqlite_waits_for_the_lock_file,
         test_sqlite_waits_for_a_file_that_nobody_may_read,
         test_sqlite_compares_files_after_such_a_wait,
         test_sqlite_holds_the_lock_file_outside_of_a_transaction, test_file_without_a_journal)
