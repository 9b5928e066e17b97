#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Dry runs where their file could differ from the real run: it does not, or there is an error.

    compat-tests/dry_run_traps_test.py [-k NAME]

CFLYWAY names the program under test (default: build/cflyway of this checkout).
"""
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
sys.dont_write_bytecode = True

from lib.dry_run_project import (  # noqa: E402
    UNDO, Postgres, Sqlite, equal, play_cases)

NOT_KNOWN = "A dry run cannot clean schema"


def undo_then_clean(project):
    for history in ("marker", "delete", "undo"):
        project.succeeds("clean", "migrate")
        project.fails(NOT_KNOWN, "-cflyway.undoHistory=" + history, "undo", "clean",
                      "-dryRunOutput=dry.sql")


def baseline_then_clean(project):
    project.fails(NOT_KNOWN, "baseline", "clean", "-dryRunOutput=dry.sql")


def callback_before_clean(project):
    project.succeeds("migrate")
    project.write({"beforeClean.sql": "create table c(i int); drop table b;"})
    project.fails(NOT_KNOWN, "clean", "-dryRunOutput=dry.sql")


def harmless_callback_before_clean(project):
    project.succeeds("migrate")
    project.write({"beforeClean.sql": "delete from a; select 1;"})
    project.dry("clean")
    project.plays()
    project.write({"beforeClean.sql": "", "V1__a.sql": "create table a(i int);"})
    project.succeeds("migrate")


def callback_after_clean(project):
    project.succeeds("migrate")
    project.write({"afterClean.sql": "create table c(i int);"})
    project.fails(NOT_KNOWN, "clean", "clean", "-dryRunOutput=dry.sql")
    project.fails("cannot know whether schema", "clean", "migrate", "-dryRunOutput=dry.sql")


def clean_with_types(project):
    """A type goes once, though clean looks for what is left of it again."""
    project.change("create type mood as enum ('a'); create domain age as int; "
                   "create type pair as (m mood, a age); create table t (m mood, p pair)")
    project.dry("clean")
    project.plays()
    equal("0", project.value("select count(*) from pg_type "
                             "where typnamespace = 'public'::regnamespace"))


def open_comments(project):
    project.write({"V1__a.sql": "create table a(i int) /* open",
                   "V2__b.sql": "create table b(i, t default '/*')",
                   "V3__c.sql": "create table c(i); /* open",
                   "V4__d.sql": "create table d(i) -- /* "})
    project.dry("migrate")
    project.plays()
    equal("4", project.value("select max(version) from flyway_schema_history"))
    equal("4", project.value("select count(*) from sqlite_master where name in "
                             "('a', 'b', 'c', 'd')"))


def commands_of_the_client(project):
    """What psql or sqlite3 would execute by themselves, the database refuses, and the dry run."""
    texts = ("create table b(i int);\n-- a comment\n.shell touch pwned\n;", ".quit", "# x")
    if isinstance(project, Postgres):
        texts = ("select 1 \\! touch pwned", "\\q", "create table b(i int) \\g", "\\i x;")
    for text in texts:
        project.write({"V2__b.sql": text})
        project.fails("syntax error", "migrate", "-dryRunOutput=dry.sql")
        project.fails("syntax error" if isinstance(project, Postgres) else "SQL", "migrate")
        equal(["sql"], [name for name in os.listdir(project.folder) if name != "a.db"])
    project.write({"V2__b.sql": "select 1; -- .shell \\! x\nselect 'a\n.quit\n\\q'"})
    project.dry("migrate")
    project.plays()


def variables_of_psql(project):
    """What looks like a variable of psql stays as it is."""
    project.write({"V1__a.sql": "create table a(x int[], \"USER\" int, \"VERSION\" text); "
                   "insert into a values ('{1,2,3}', 2, ':USER'); "
                   "select x[1:\"USER\"], x[1:a.\"USER\"] from a; "
                   "create view v as select x[1:\"USER\"] as part, \"VERSION\"::text as t from a;"})
    project.dry("migrate", "-target=1")
    project.plays()
    equal("{1,2}|:USER", project.value("select part, t from v"))


def role_of_a_script(project):
    project.write({"V1__a.sql": "create role newr; create schema ns authorization newr;",
                   "V2__b.sql": "set role newr; create table ns.t(i int)", "U2__b.sql": ""})
    project.dry("migrate")
    project.plays()
    equal("newr", project.value("select tableowner from pg_tables where tablename = 't'"))
    project.sql("drop schema ns cascade; drop role newr")


def role_of_a_callback(project):
    project.succeeds("migrate")
    project.sql("create role weak")
    project.write({"beforeClean.sql": "set role weak;"})
    project.dry("clean")
    with open(os.path.join(project.folder, "dry.sql")) as file:
        equal(2, file.read().count("DROP TABLE \"public\".\"a\"") +
              (project.value("select count(*) from pg_tables where tablename = 'a'") == "1"))
    project.sql("drop role weak")


def init_sql_stays_in_force(project):
    project.dry("migrate", "-initSql=set search_path = public; set statement_timeout = '7s'")
    project.plays()


def session_of_a_callback(project):
    """It is another one than that of the migrations."""
    project.write({"beforeMigrate.sql": "set statement_timeout = '7s'; create temp table t(i int);",
                   "V1__a.sql": "create table a as select current_setting('statement_timeout') "
                                "as time, to_regclass('t') is null as gone"})
    project.dry("migrate", "-target=1")
    project.plays()
    equal("0|t", project.value("select * from a"))


def missing_schema(project):
    args = ("-createSchemas=false", "-defaultSchema=nowhere", "migrate")
    project.fails("does not exist", *args)
    project.fails("does not exist", "-dryRunOutput=dry.sql", *args)


def schemas_of_callbacks(project):
    """Whether a schema exists is known, but for those that a script has named."""
    project.write({"beforeCreateSchema.sql": "create schema a; create schema more;"})
    project.fails("cannot know whether schema more exists", "migrate", "-schemas=more",
                  "-dryRunOutput=dry.sql")
    project.write({"beforeCreateSchema.sql": "", "V3__c.sql": "create schema if not exists own;",
                   "afterMigrate.sql": "create temp table t (i int)"})
    project.dry("migrate", "-schemas=own,public", "-defaultSchema=own")
    project.plays()
    project.write({"beforeMigrate.sql": "drop schema own cascade;"})
    project.fails("cannot know whether schema own exists", "migrate", "-schemas=own,public",
                  "-defaultSchema=own", "-dryRunOutput=dry.sql")
    project.write({"beforeMigrate.sql": "", "afterConnect.sql": "create table public.x(i int)"})
    project.sql("drop schema own cascade")
    project.fails("cannot know whether schema public is empty", "migrate",
                  "-dryRunOutput=dry.sql")


CASES = [
    (undo_then_clean, Sqlite, UNDO),
    (undo_then_clean, Postgres, UNDO),
    (baseline_then_clean, Sqlite, {}),
    (baseline_then_clean, Postgres, {}),
    (callback_before_clean, Sqlite, UNDO),
    (callback_before_clean, Postgres, UNDO),
    (harmless_callback_before_clean, Sqlite, UNDO),
    (harmless_callback_before_clean, Postgres, UNDO),
    (callback_after_clean, Sqlite, UNDO),
    (callback_after_clean, Postgres, UNDO),
    (clean_with_types, Postgres, {}),
    (open_comments, Sqlite, {}),
    (role_of_a_script, Postgres, UNDO),
    (role_of_a_callback, Postgres, UNDO),
    (init_sql_stays_in_force, Postgres, UNDO),
    (session_of_a_callback, Postgres, UNDO),
    (missing_schema, Postgres, UNDO),
    (schemas_of_callbacks, Postgres, UNDO),
    (commands_of_the_client, Sqlite, UNDO),
    (commands_of_the_client, Postgres, UNDO),
    (variables_of_psql, Postgres, UNDO),
]


if __name__ == "__main__":
    sys.exit(play_cases(CASES))
