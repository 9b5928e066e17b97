# SPDX-License-Identifier: Apache-2.0
"""A history table that takes no row, or no change, and says nothing.

A trigger, a rule, RAISE(IGNORE); what takes the row away at once; a policy that hides it.
"""
import os
import sqlite3

from .harness import Failure, Script, write

KEPT = "has kept the row out of it"
SAYS = "A trigger or a rule of the table has kept the row out of it."
HIDDEN = "A trigger, a rule or a policy of the table has kept the row out of it, or hides it."

FUNCTION = "create function nothing() returns trigger language plpgsql as 'begin return null; end';"
WAYS = {
    "trigger": FUNCTION + " create trigger keep before insert on flyway_schema_history"
                          " for each row execute procedure nothing();",
    "rule": "create rule keep as on insert to flyway_schema_history do instead nothing;",
}
# They let the server say that it has inserted a row.
TAKES = ("create function take() returns trigger language plpgsql as 'begin delete from "
         "flyway_schema_history where installed_rank = new.installed_rank; return null; end';"
         " create trigger keep after insert on flyway_schema_history"
         " for each row execute procedure take();")
ELSEWHERE = ("create table elsewhere (like flyway_schema_history);"
             " create rule keep as on insert to flyway_schema_history"
             " do instead insert into elsewhere values (new.*);")
ALL_WAYS = {**WAYS, "trigger afterwards": TAKES, "rule to elsewhere": ELSEWHERE}
# The role of the tests may do everything, which no policy keeps from anybody: another runs them.
POLICY = ("create policy keep on flyway_schema_history for insert with check (true); "
          "create policy show on flyway_schema_history for select using (version = '1'); "
          "alter table flyway_schema_history enable row level security, "
          "force row level security;")
UNKEYED = "alter table flyway_schema_history drop constraint flyway_schema_history_pk;"
FIRST = Script("V1__First.sql", "create table first (i int);\n")
NEXT = (Script("V2__Second.sql", "create table second (i int);\n"),
        Script("V3__Third.sql", "create table third (i int);\n"))


def what_is_there(database):
    """Tables of scripts and versions of rows, sorted."""
    return database.session.run(
        "select relname from pg_class where relname in ('first', 'second', 'third') union all "
        "select version from flyway_schema_history order by 1")


def must_have(found, wanted, what):
    if found != wanted:
        raise Failure("%s: %s, not %s" % (what, found, wanted))


def test_history_takes_no_row(bench):
    """What keeps the row out is there before: the migration is rolled back."""
    for name, sql in ALL_WAYS.items():
        for options in ((), ("-group=true",)):
            with bench.database("kept") as database:
                folder = bench.project("kept", (FIRST, *NEXT))
                bench.run(folder, database.url(), "-target=1", "migrate").must(0, "migrate")
                database.session.run(sql)
                what = " ".join((name, *options))
                bench.run(folder, database.url(), *options, "migrate").must(1, what).must_say(
                    KEPT, what)
                must_have(what_is_there(database), ["1", "first"], what)
    return ", ".join(ALL_WAYS)


def stand_alone(folder):
    write(os.path.join(folder, "sql/V2__Second.sql.conf"), "executeInTransaction=false\n")


def test_history_takes_no_row_alone(bench):
    """Outside of a transaction, the last script stays, and its run does not end well."""
    for name, sql in ALL_WAYS.items():
        with bench.database("kept") as database:
            folder = bench.project("kept", (FIRST, NEXT[0]))
            stand_alone(folder)
            bench.run(folder, database.url(), "-target=1", "migrate").must(0, "migrate")
            database.session.run(sql)
            outcome = bench.run(folder, database.url(), "migrate").must(1, name)
            outcome.must_say(KEPT, name)
            outcome.must_say("of sql/V2__Second.sql have been applied and stay", name)
            must_have(what_is_there(database), ["1", "first", "second"], name)
    return ", ".join(ALL_WAYS)


def test_history_takes_no_row_any_more(bench):
    """A script makes what keeps its own row out: it is rolled back, with its group."""
    for name, sql in ALL_WAYS.items():
        for options, kept in (((), ["1", "first"]), (("-group=true",), []),
                              (("-group=true", "-target=2"), []),
                              (("-cflyway.durability=run",), ["1", "first"])):
            with bench.database("kept") as database:
                script = Script("V2__Second.sql", NEXT[0].content + sql + "\n")
                folder = bench.project("kept", (FIRST, script, NEXT[1]))
                what = " ".join((name, *options))
                outcome = bench.run(folder, database.url(), *options, "migrate").must(1, what)
                outcome.must_say(KEPT, what)
                outcome.must_say("rolled back: version", what)
                must_have(what_is_there(database), kept, what)
    return ", ".join(ALL_WAYS)


def test_history_loses_a_row_at_commit(bench):
    """A deferred trigger takes it away, also that of the last migration: nobody is told to run it
    again."""
    deferred = TAKES.replace("create trigger keep", "create constraint trigger keep").replace(
        "for each row", "deferrable initially deferred for each row")
    for options in ((), ("-target=2",), ("-target=2", "-group=true")):
        with bench.database("kept") as database:
            what = " ".join(("deferred", *options))
            folder = bench.project("kept", (FIRST, *NEXT))
            bench.run(folder, database.url(), "-target=1", "migrate").must(0, "migrate")
            database.session.run(deferred)
            outcome = bench.run(folder, database.url(), *options, "migrate").must(1, what)
            outcome.must_say("a trigger at COMMIT, has removed it", what)
            outcome.must_say("kept: version 2", what)
            if "again" in outcome.text.replace("would be applied again", ""):
                raise Failure("what is already there is to be run again" + outcome.tail())
            must_have(what_is_there(database), ["1", "first", "second"], what)


def test_undo_takes_no_row_any_more(bench):
    for name, sql in WAYS.items():
        with bench.database("kept") as database:
            folder = bench.project("kept", (FIRST, NEXT[0]))
            write(os.path.join(folder, "sql/U2__Second.sql"), "drop table second;\n" + sql + "\n")
            bench.run(folder, database.url(), "migrate").must(0, "migrate")
            outcome = bench.run(folder, database.url(), "undo").must(1, name)
            outcome.must_say(HIDDEN, name)
            outcome.must_say("rolled back: the undo of version 2", name)
            must_have(what_is_there(database), ["1", "2", "first", "second"], name)
    return ", ".join(WAYS)


def test_policy_hides_the_row(bench):
    """With and without the key, which keeps a second row of the rank out; "alone": no transaction."""
    for name, scripts, there in (("plain", NEXT, []), ("alone", NEXT, ["2", "second"]),
                                 ("alone, the last", NEXT[:1], ["2", "second"])):
        for key in ("", UNKEYED):
            with bench.database("kept") as database:
                folder = bench.project("kept", (FIRST, *scripts))
                bench.run(folder, database.url(), "-target=1", "migrate").must(0, "migrate")
                database.session.run(
                    "drop role if exists kept_owner; create role kept_owner login; "
                    "alter schema public owner to kept_owner; "
                    "alter table first owner to kept_owner; "
                    "alter table flyway_schema_history owner to kept_owner; " + POLICY + key)
                if name != "plain":
                    stand_alone(folder)
                outcome = bench.run(folder, database.url(), "migrate", user="kept_owner").must(
                    1, name)
                outcome.must_say("policy", name)
                must_have(what_is_there(database), sorted(["1", "first", *there]), name + key)
                database.session.run("drop owned by kept_owner cascade; drop role kept_owner")
    return "with and without a key"


REPAIRS = {
    "trigger": FUNCTION + " create trigger keep before update or delete on flyway_schema_history"
                          " for each row execute procedure nothing();",
    "rule": "create rule keep as on update to flyway_schema_history do instead nothing; "
            "create rule stay as on delete to flyway_schema_history do instead nothing;",
}


def test_history_takes_no_repair(bench):
    """What repair cannot change it does not call repaired."""
    for name, sql in REPAIRS.items():
        for state, says in (("checksum = 1", "or something keeps it as it is"),
                            ("success = false", "something keeps the rows of failed migrations")):
            with bench.database("kept") as database:
                folder = bench.project("kept", (FIRST,))
                bench.run(folder, database.url(), "migrate").must(0, "migrate")
                database.session.run("update flyway_schema_history set %s; %s" % (state, sql))
                bench.run(folder, database.url(), "repair").must(1, name).must_say(says, name)
    return ", ".join(REPAIRS)


def test_history_of_sqlite_takes_no_row(bench):
    for when, what in (("before", "select raise(ignore)"),
                       ("after", "delete from flyway_schema_history where version = '2'")):
        keep = "create trigger keep %s insert on flyway_schema_history begin %s; end;\n" % (
            when, what)
        folder = bench.project("kept", (FIRST, Script("V2__Second.sql", NEXT[0].content + keep)))
        path = os.path.join(folder, "kept.db")
        bench.run(folder, "jdbc:sqlite:" + path, "migrate").must(1, when).must_say(KEPT, when)
        connection = sqlite3.connect(path)
        found = connection.execute(
            "select name from sqlite_master where name in ('second', 'keep') "
            "union all select version from flyway_schema_history").fetchall()
        connection.close()
        must_have(found, [("1",)], when)


TESTS = (test_history_takes_no_row, test_history_takes_no_row_alone,
         test_history_takes_no_row_any_more, test_history_loses_a_row_at_commit,
         test_undo_takes_no_row_any_more, test_policy_hides_the_row,
         test_history_takes_no_repair, test_history_of_sqlite_takes_no_row)
