# SPDX-License-Identifier: Apache-2.0
"""A history table that takes no row and says nothing: a trigger, a rule, RAISE(IGNORE)."""
import os
import sqlite3

from .harness import Failure, Script

SAYS = "A trigger or a rule of the table has kept the row out of it."
COMMITTED = SAYS + " COMMIT was sent along with it: look whether the changes of the script are there."

FUNCTION = "create function nothing() returns trigger language plpgsql as 'begin return null; end';"
WAYS = {
    "trigger": FUNCTION + " create trigger keep before insert on flyway_schema_history"
                          " for each row execute procedure nothing();",
    "rule": "create rule keep as on insert to flyway_schema_history do instead nothing;",
}
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
    for name, sql in WAYS.items():
        for options in ((), ("-group=true",)):
            with bench.database("kept") as database:
                folder = bench.project("kept", (FIRST, *NEXT))
                bench.run(folder, database.url(), "-target=1", "migrate").must(0, "migrate")
                database.session.run(sql)
                what = " ".join((name, *options))
                outcome = bench.run(folder, database.url(), *options, "migrate").must(1, what)
                if COMMITTED in outcome.text:
                    raise Failure("%s: says that it may be committed%s" % (what, outcome.tail()))
                outcome.must_say(SAYS, what)
                must_have(what_is_there(database), ["1", "first"], what)
    return ", ".join(WAYS)


def test_history_takes_no_row_any_more(bench):
    """A script makes what keeps its own row out: nobody goes on, or runs it again for ever."""
    for name, sql in WAYS.items():
        with bench.database("kept") as database:
            script = Script("V2__Second.sql", NEXT[0].content + sql + "\n")
            folder = bench.project("kept", (FIRST, script, NEXT[1]))
            bench.run(folder, database.url(), "migrate").must(1, name).must_say(COMMITTED, name)
            must_have(what_is_there(database), ["1", "first", "second"], name)
    return ", ".join(WAYS)


def test_history_of_sqlite_takes_no_row(bench):
    ignore = ("create trigger keep before insert on flyway_schema_history begin "
              "select raise(ignore); end;\n")
    folder = bench.project("kept", (FIRST, Script("V2__Second.sql", NEXT[0].content + ignore)))
    path = os.path.join(folder, "kept.db")
    bench.run(folder, "jdbc:sqlite:" + path, "migrate").must(1, "migrate").must_say(SAYS, "migrate")
    connection = sqlite3.connect(path)
    found = connection.execute("select name from sqlite_master where name in ('second', 'keep') "
                               "union all select version from flyway_schema_history").fetchall()
    connection.close()
    must_have(found, [("1",)], "what is there")


TESTS = (test_history_takes_no_row, test_history_takes_no_row_any_more,
         test_history_of_sqlite_takes_no_row)
