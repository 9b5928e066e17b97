# SPDX-License-Identifier: Apache-2.0
"""Several programs at one database, and another one that holds Flyway's lock."""
import os
import re
import shlex
import time

from .harness import LOCK_KEY, Failure, Script, Skip, must_be, wait_until

HELD_S = 3
WAITING = "waiting for the lock"
RETRIES = ("ERROR: Number of retries exceeded while attempting to acquire PostgreSQL advisory "
           "lock. Configure the number of retries with the 'lockRetryCount' configuration option: ")


def small_scripts(count):
    """Plain migrations of several statements each; V(n) needs V(n - 1)."""
    scripts = [Script("V1__First.sql", "create table applied (number int not null);\n"
                                       "insert into applied values (1);\n")]
    for number in range(2, count + 1):
        scripts.append(Script("V%d__Small.sql" % number, (
            "create table small_{0} (id int primary key, text text);\n"
            "insert into small_{0} select n, 'row ' || n from generate_series(1, 20) as n;\n"
            "insert into applied select max(number) + 1 from applied;\n"
            "comment on table small_{0} is 'number {0}';\n").format(number)))
    return scripts


# --- at once --------------------------------------------------------------------------------------

def run_together(bench, count, scripts):
    with bench.database("together") as database:
        allowed = bench.expected(scripts)
        folder = bench.project("together", scripts)
        running = [bench.start(folder, database.url(), "migrate") for _ in range(count)]
        outcomes = [bench.finish(process, 60).must(0, "migrate") for process in running]
        must_be(database.state(), allowed["all"], "afterwards")
        shares = [applied(outcome) for outcome in outcomes]
        if sum(shares) != len(scripts):
            raise Failure("together they say to have applied %s of %d" % (shares, len(scripts)))
        bench.run(folder, database.url(), "validate").must(0, "validate")
        return "%s migrations" % " + ".join(map(str, shares))


def applied(outcome):
    found = re.search(r"Successfully applied (\d+) migration", outcome.text)
    return int(found.group(1)) if found else 0


def test_two_at_once(bench):
    return run_together(bench, 2, small_scripts(20))


def test_four_at_once(bench):
    return run_together(bench, 4, small_scripts(20))


def test_three_at_once_make_schemas(bench):
    """The schemas are created by one of them, the history has one row for that."""
    with bench.database("together") as database:
        folder = bench.project("together", small_scripts(5))
        running = [bench.start(folder, database.url(), "-schemas=fresh,other", "migrate")
                   for _ in range(3)]
        for process in running:
            bench.finish(process, 60).must(0, "migrate")
        found = database.session.value("select string_agg(coalesce(version, type), ' ' order by "
                                       "installed_rank) from fresh.flyway_schema_history")
        if found != "SCHEMA 1 2 3 4 5":
            raise Failure("rows of the history: " + found)
        if database.session.value("select count(*) || ' ' || max(number) from fresh.applied"
                                  ) != "5 5":
            raise Failure("not each migration was applied once")


def test_at_once_with_flyway(bench):
    """With $FLYWAY, real Flyway, as the other program."""
    if not os.environ.get("FLYWAY"):
        raise Skip("FLYWAY does not name real Flyway")
    scripts = small_scripts(150)
    with bench.database("together") as database:
        allowed = bench.expected(scripts)
        folder = bench.project("together", scripts)
        flyway = bench.start(folder, database.url(), "migrate",
                             command=shlex.split(os.environ["FLYWAY"]))
        wait_until(lambda: (database.state(alone=False).rows or ()) != (),
                   "the first migration of Flyway", 30)
        shares = [applied(bench.run(folder, database.url(), "migrate", limit_s=90)
                          .must(0, "cflyway")),
                  applied(bench.finish(flyway, 90).must(0, "Flyway"))]
        must_be(database.state(), allowed["all"], "afterwards")
        if sum(shares) != len(scripts):
            raise Failure("together they say to have applied %s of %d" % (shares, len(scripts)))
        return "%d migrations, %d by Flyway" % tuple(shares)


# --- the lock is held -----------------------------------------------------------------------------

def wait_for_holder(bench, last, begin_with_history):
    """While a session holds Flyway's lock nothing happens; afterwards everything does."""
    scripts = small_scripts(2) + ([last] if last else [])
    with bench.database("held") as database:
        allowed = bench.expected(scripts)
        folder = bench.project("held", scripts)
        if begin_with_history:
            bench.run(folder, database.url(), "-target=%d" % (len(scripts) - 1), "migrate").must(
                0, "migrate all but the last one")
        before = database.state()
        holder = database.hold_lock()
        process = bench.start(folder, database.url(), "migrate")
        while time.monotonic() < process.started + HELD_S:
            time.sleep(0.2)
            must_be(database.state(alone=False), before, "while the lock is held")
            if process.poll() is not None:
                raise Failure("it has not waited: " + bench.finish(process).tail())
        holder.run("commit")
        holder.close()
        outcome = bench.finish(process).must(0, "migrate")
        must_be(database.state(), allowed["all"], "afterwards")
        if outcome.own_lines(WAITING) != 1:
            raise Failure("not one line about waiting" + outcome.tail())


def test_lock_held_before_the_first_run(bench):
    wait_for_holder(bench, None, False)


def test_lock_held_before_a_plain_script(bench):
    wait_for_holder(bench, None, True)


def test_lock_held_before_a_script_with_commit(bench):
    wait_for_holder(bench, Script("V3__Commit.sql", "create table one ();\ncommit;\n"
                                                    "create table two ();\n"), True)


def test_lock_held_before_a_script_outside_of_a_transaction(bench):
    wait_for_holder(bench, Script("V3__Vacuum.sql", "vacuum applied;\n"), True)


def test_lock_held_for_too_long(bench):
    """With lockRetryCount=1, before the first run and before the second migration."""
    scripts = small_scripts(2)
    with bench.database("held") as database:
        folder = bench.project("held", scripts)
        for target in ("1", "2"):
            before = database.state()
            holder = database.hold_lock()
            outcome = bench.run(folder, database.url(), "-lockRetryCount=1", "migrate").must(
                1, "migrate with the lock held")
            outcome.must_say(RETRIES, "migrate with the lock held")
            if not 1.9 < outcome.elapsed_s < 8:
                raise Failure("gave up after %.1f s" % outcome.elapsed_s)
            holder.run("commit")
            holder.close()
            must_be(database.state(), before, "after giving up")
            bench.run(folder, database.url(), "-target=" + target, "migrate").must(0, "migrate")


GUARDS = ("the lock on the schema history is held by another session",
          "the schema history has changed")


def test_guards_speak_in_the_log_of_the_server(bench):
    """They fail on purpose; whoever reads the log is told so, not of a division by zero."""
    if bench.server.log is None:
        raise Skip("the log of the server is elsewhere")
    with bench.database("guards") as database, open(bench.server.log, errors="replace") as log:
        folder = bench.project("guards", small_scripts(2))
        bench.run(folder, database.url(), "-target=1", "migrate").must(0, "migrate to 1")
        log.seek(0, os.SEEK_END)
        holder = database.hold_lock()
        process = bench.start(folder, database.url(), "migrate")
        wait_until(lambda: "pg_try_advisory_xact_lock" in log.read(), "the first try of the lock")
        holder.run("""insert into flyway_schema_history
            select 2, '1.5', 'Other', 'SQL', 'V1_5__Other.sql', 0, 'other', now(), 1, true;
            commit""")
        holder.close()
        bench.finish(process).must(0, "migrate")
    with open(bench.server.log, errors="replace") as log:
        text = log.read()
    for guard in GUARDS:
        if 'ERROR:  invalid input syntax for type integer: "cflyway: %s"' % guard not in text:
            raise Failure("the log does not say: " + guard)


def test_lock_of_another_table_does_not_disturb(bench):
    with bench.database("held") as database:
        folder = bench.project("held", small_scripts(2))
        database.hold_lock()
        outcome = bench.run(folder, database.url(), "-table=other_history", "migrate").must(
            0, "migrate with another table")
        if outcome.own_lines(WAITING):
            raise Failure("waited" + outcome.tail())


def sleeps_after(database, count):
    """A session sleeps, and this many migrations are done."""
    return len(database.state(alone=False).rows or ()) == count and database.session.value(
        "select count(*) from pg_stat_activity where datname = current_database() and "
        "pid <> pg_backend_pid() and state = 'active' and query like '%pg_sleep%'") == "1"


def test_own_lock_is_the_one_of_flyway(bench):
    """Seen from outside while a migration runs: key, and what kind of lock for what script."""
    sleep = "select pg_sleep(1.5);\n"
    scripts = [Script("V1__Plain.sql", sleep),
               Script("V2__Commit.sql", "commit;\n" + sleep),
               Script("V3__Vacuum.sql", sleep)]
    query = """select (classid::bigint << 32) + objid::bigint from pg_locks
        where locktype = 'advisory' and objsubid = 1 and granted
        and database = (select oid from pg_database where datname = current_database())"""
    with bench.database("own_lock") as database:
        folder = bench.project("own_lock", scripts)
        with open(os.path.join(folder, "sql", "V3__Vacuum.sql.conf"), "w") as file:
            file.write("executeInTransaction=false\n")
        process = bench.start(folder, database.url(), "migrate")
        for number, script in enumerate(scripts):
            wait_until(lambda: sleeps_after(database, number), "the sleep of " + script.name)
            held = database.session.value(query)
            if held != str(LOCK_KEY):
                raise Failure("%s: expected lock %d, held are %r" % (script.name, LOCK_KEY, held))
        bench.finish(process).must(0, "migrate")


# --- CREATE INDEX CONCURRENTLY and others that refuse transactions --------------------------------

OUTSIDE = (
    Script("V1__Table.sql", "create table city (id int, name text);\n"
                            "insert into city select n, 'city' from generate_series(1, 999) n;\n"),
    Script("V2__Index.sql", "create index concurrently city_name on city (name);\n"),
    Script("V3__Vacuum.sql", "vacuum analyze city;\n"),
    Script("V4__Database.sql", "create database \"${flyway:database}_made\" template template0;\n"),
    Script("V5__More.sql", "alter table city add column more int;\n"),
    Script("V6__Index.sql", "create unique index concurrently city_id on city (id);\n"
                            "drop index concurrently city_name;\n"),
)
MIGRATIONS_S = 8                # done within a second when the machine has nothing else to do


def run_outside(bench, count):
    with bench.database("outside") as database:
        folder = bench.project("outside", OUTSIDE)
        made = database.name + "_made"
        try:
            running = [bench.start(folder, database.url(), "migrate") for _ in range(count)]
            outcomes = [bench.finish(process).must(0, "migrate") for process in running]
            slowest = max(outcome.elapsed_s for outcome in outcomes)
            if slowest > MIGRATIONS_S + count:
                raise Failure("it took %.1f s" % slowest)
            state = database.state()
            if state.rows != tuple(script.row(rank) for rank, script in enumerate(OUTSIDE, 1)):
                raise Failure("rows: %s" % (state.rows,))
            found = database.session.value(
                "select indexrelid::regclass::text || ' ' || indisvalid || ' ' || indisready "
                "from pg_index where indrelid = 'city'::regclass")
            if found != "city_id true true":
                raise Failure("indexes: " + found)
            if database.session.value("select count(*) from pg_database where datname = '%s'"
                                      % made) != "1":
                raise Failure("the database was not created")
            if database.session.value("select relpages > 0 from pg_class where relname = 'city'"
                                      ) != "t":
                raise Failure("VACUUM has not run")
            bench.run(folder, database.url(), "validate").must(0, "validate")
            return "%.1f s" % slowest
        finally:
            bench.server.drop_database(made)


def test_create_index_concurrently(bench):
    return run_outside(bench, 1)


def test_create_index_concurrently_two_at_once(bench):
    return run_outside(bench, 2)


TESTS = (test_two_at_once, test_four_at_once, test_three_at_once_make_schemas,
         test_at_once_with_flyway,
         test_lock_held_before_the_first_run, test_lock_held_before_a_plain_script,
         test_lock_held_before_a_script_with_commit,
         test_lock_held_before_a_script_outside_of_a_transaction, test_lock_held_for_too_long,
         test_guards_speak_in_the_log_of_the_server,
         test_lock_of_another_table_does_not_disturb, test_own_lock_is_the_one_of_flyway,
         test_create_index_concurrently, test_create_index_concurrently_two_at_once)
