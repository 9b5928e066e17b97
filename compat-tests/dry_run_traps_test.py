#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Dry runs where their file could differ from the real run: it does not, or there is an error.

    compat-tests/dry_run_traps_test.py [-k NAME]

CFLYWAY names the program under test (default: build/cflyway of this checkout).
"""
import argparse
import json
import os
import sqlite3
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
sys.dont_write_bytecode = True

from lib import server as pg  # noqa: E402
from lib.faults.harness import LOCK_KEY  # noqa: E402

PROGRAM = os.path.abspath(os.environ.get(
    "CFLYWAY", os.path.join(HERE, os.pardir, "build", "cflyway")))
UNDO = {"V1__a.sql": "create table a(i int);", "V2__b.sql": "create table b(i int);",
        "U2__b.sql": "drop table b;"}
LIMIT_S = 60
NOT_KNOWN = "A dry run cannot clean schema"


class Failure(Exception):
    pass


class Project:
    """A folder with scripts, and a database."""

    def __init__(self, folder, files=()):
        self.folder = folder
        os.mkdir(os.path.join(folder, "sql"))
        self.write(dict(files))

    def write(self, files):
        for name, text in files.items():
            with open(os.path.join(self.folder, "sql", name), "w") as file:
                file.write(text)

    def start(self, *args):
        return subprocess.Popen(
            [PROGRAM, "-url=" + self.url, "-locations=filesystem:sql", "-cleanDisabled=false",
             *self.options, *args], cwd=self.folder, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT)

    def call(self, *args):
        process = self.start(*args)
        out, _ = process.communicate(timeout=LIMIT_S)
        return process.returncode, out.decode()

    def succeeds(self, *args):
        status, said = self.call(*args)
        if status != 0:
            raise Failure("%s failed:\n%s" % (" ".join(args), said))

    def fails(self, why, *args):
        status, said = self.call(*args)
        if status == 0 or why not in said:
            raise Failure("%s: status %d, not the error %r:\n%s"
                          % (" ".join(args), status, why, said))

    def dry(self, *args):
        self.succeeds("-dryRunOutput=dry.sql", *args)

    def plays(self):
        status, said = self.play()
        if status != 0:
            raise Failure("the file fails: " + said)

    def play(self):
        with open(os.path.join(self.folder, "dry.sql")) as file:
            done = subprocess.run(self.client, stdin=file, cwd=self.folder, check=False,
                                  stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        return done.returncode, done.stdout.decode()


class Sqlite(Project):
    client = ["sqlite3", "-bail", "a.db"]

    def __init__(self, folder, _server, files=()):
        super().__init__(folder, files)
        self.url, self.options = "jdbc:sqlite:a.db", []

    def value(self, sql):
        connection = sqlite3.connect(os.path.join(self.folder, "a.db"))
        try:
            return str(connection.execute(sql).fetchone()[0])
        finally:
            connection.close()

    def change(self, sql):
        connection = sqlite3.connect(os.path.join(self.folder, "a.db"))
        with connection:
            connection.execute(sql)
        connection.close()


class Postgres(Project):
    def __init__(self, folder, server, files=()):
        super().__init__(folder, files)
        self.server, self.name = server, "d" + os.path.basename(folder).replace("-", "_")
        server.create_database(self.name)
        self.url = server.jdbc_url(self.name)
        self.options = ["-user=" + pg.SUPERUSER]
        self.client = server.psql_command(self.name, "-v", "ON_ERROR_STOP=1", "-f", "-")

    def change(self, sql):
        self.sql(sql)

    def sql(self, text):
        self.server.psql(text, self.name)

    def value(self, sql):
        return self.server.value(sql, self.name)


def equal(expected, found):
    if expected != found:
        raise Failure("expected %r, found %r" % (expected, found))


# --- cases ----------------------------------------------------------------------------------------


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


def killed(project):
    """The file of the dry run before stays as it is, and nothing under its name is half done."""
    project.dry("migrate")
    path = os.path.join(project.folder, "dry.sql")
    with open(path) as file:
        before = file.read()
    process = project.start("-initSql=select pg_sleep(60)", "-dryRunOutput=dry.sql", "migrate")
    try:
        wait_for(lambda: len(os.listdir(project.folder)) == 3)
    finally:
        process.kill()
        process.wait()
    with open(path) as file:
        equal(before, file.read())
    names = sorted(os.listdir(project.folder))
    equal(["dry.sql", "sql"], [names[0], names[2]])
    equal(True, names[1].startswith("dry.sql."))


def locks_of_others(project):
    """Flyway's lock and a lock on the history do not stop a dry run."""
    project.succeeds("migrate", "-target=1")
    session = subprocess.Popen(project.client, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                               cwd=project.folder)
    try:
        session.stdin.write(("begin; lock table flyway_schema_history in exclusive mode; "
                             "select pg_advisory_xact_lock(%d);\n\\echo held\n"
                             % LOCK_KEY).encode())
        session.stdin.flush()
        while session.stdout.readline() not in (b"held\n", b""):
            pass
        project.dry("migrate")
    finally:
        session.communicate(b"rollback;\n")
    project.plays()
    equal("2", project.value("select max(version) from flyway_schema_history"))


def wait_for(condition):
    end = time.monotonic() + 30
    while not condition():
        if time.monotonic() > end:
            raise Failure("waited in vain")
        time.sleep(0.01)


def report(project):
    """The page and the data say that it was a dry run, and where the SQL is."""
    folder = os.path.realpath(project.folder)
    options = ("-reportEnabled=true", "-reportFilename=r.html")
    for file, said in (("dry.sql", "The SQL is in %s/dry.sql</p>" % folder),
                       ("-", "The SQL went to standard output.</p>")):
        project.succeeds("-dryRunOutput=" + file, "migrate", *options)
        must_report(project, said, file if file == "-" else folder + "/dry.sql")
    project.succeeds("migrate")
    project.dry("undo", *options)
    with open(os.path.join(project.folder, "r.html")) as page:
        equal(1, page.read().count("<h2>DryRun report of undo</h2>"))
    project.succeeds("undo")
    if isinstance(project, Sqlite):     # whose scripts nothing refuses
        return
    project.write({"V3__c.sql": "set client_encoding = 'LATIN1'"})
    project.fails("client_encoding", "-dryRunOutput=dry.sql", "migrate", *options)
    must_report(project, "No SQL was written, because it failed.</p>", folder + "/dry.sql")


def variables_of_psql(project):
    """What looks like a variable of psql stays as it is."""
    project.write({"V1__a.sql": "create table a(x int[], \"USER\" int, \"VERSION\" text); insert into "
                   "a values ('{1,2,3}', 2, ':USER'); select x[1:\"USER\"], x[1:a.\"USER\"] from a; "
                   "create view v as select x[1:\"USER\"] as part, \"VERSION\"::text as t from a;"})
    project.dry("migrate", "-target=1")
    project.plays()
    equal("{1,2}|:USER", project.value("select part, t from v"))


def error_overrides(project):
    """The file cannot go on after an error, and the dry run says so."""
    project.write({"V2__b.sql": "drop table nowhere; create table b(i int);"})
    status, said = project.call("-errorOverrides=*:*:W", "-dryRunOutput=dry.sql", "migrate")
    equal((0, 1), (status, said.count("cflyway: errorOverrides have no effect on the file")))
    equal(True, project.play()[0] != 0)
    equal("1", project.value("select count(*) from flyway_schema_history where success"))


def json_documents(project):
    """Every result says at its place among the sorted keys that it is of a dry run."""
    for verbs in (["migrate"], ["undo"], ["baseline"], ["repair"], ["clean"],
                  ["undo", "repair"]):
        if verbs[0] == "undo":
            project.succeeds("migrate", "-target=2")
        if verbs[0] == "baseline":
            project.succeeds("clean")
        status, said = project.call("-dryRunOutput=dry.sql", "-outputType=json", *verbs)
        equal(0, status)
        document = json.loads(said)
        for result in document.get("individualResults", [document]):
            equal(os.path.join(os.path.realpath(project.folder), "dry.sql"),
                  result["dryRunOutput"])
            keys = [key for key in result if key != "cflyway"]
            equal(sorted(keys), keys)


def must_report(project, said, file):
    with open(os.path.join(project.folder, "r.html")) as page:
        text = page.read()
    equal(1, text.count("<h2>DryRun report</h2>"))
    equal(1, text.count("<p class=\"open\">Dry run: nothing was executed. " + said))
    with open(os.path.join(project.folder, "r.json")) as data:
        equal(file, json.load(data)["individualResults"][0]["dryRunOutput"])


def access_mode_of_the_url(project):
    """A dry run reads what the mode lets the real run write, and makes no file."""
    project.url = "jdbc:sqlite:file:%s/a.db?mode=rwc" % project.folder
    project.succeeds("migrate")
    project.dry("undo")
    project.plays()
    for url in ("file:%s/b%%20c.db?cache=shared&mode=rwc", "file://localhost%s/new.db",
                "file://%s/new.db?mode=rwc#x"):
        project.url = "jdbc:sqlite:" + url % project.folder
        project.dry("migrate")
        equal(["a.db", "dry.sql", "sql"], sorted(os.listdir(project.folder)))
        project.succeeds("migrate")
        for name in ("b c.db", "new.db"):
            if os.path.exists(os.path.join(project.folder, name)):
                os.remove(os.path.join(project.folder, name))
    for url in ("file:%s/new.db?mode=rw", "file:%s/new.db?mode=ro", "file:%s/no/new.db?mode=rwc"):
        project.url = "jdbc:sqlite:" + url % project.folder
        project.fails("unable to open database file", "migrate")
        project.fails("unable to open database file", "migrate", "-dryRunOutput=dry.sql")
    project.url = "jdbc:sqlite:file:x?mode=memory"
    project.dry("migrate")


def place_of_the_file(project):
    """Where the next run would find it, or where the database is to be, it is not written."""
    for path in ("sql/V9__dry.sql", "sql/more/R__dry.sql", "sql/beforeMigrate.sql",
                 os.path.join(project.folder, "sql", "U2__b.sql"), "sql/V9__x.sh", "sql/a.conf", "../%s/sql/V3.1__x.SQL" %
                 os.path.basename(project.folder)):
        project.fails("among the scripts of filesystem:sql", "migrate", "-dryRunOutput=" + path)
    project.fails("among the scripts", "migrate", "-dryRunOutput=sql/next.sql",
                  "-validateMigrationNaming=true")
    project.fails("among the scripts", "migrate", "-dryRunOutput=calls/beforeClean.sql",
                  "-callbackLocations=filesystem:calls")
    equal(["V1__a.sql", "V2__b.sql"], sorted(set(os.listdir(
        os.path.join(project.folder, "sql"))) - {"U2__b.sql"}))
    for path in ("sql/next.sql", "V9__dry.sql", "sql2/V9__dry.sql", "sql/V9__dry.txt"):
        project.succeeds("migrate", "-dryRunOutput=" + path)
    for path in ("sql/V1__a.sql", "a.db"):
        project.fails("Unable to write the dry run", "migrate", "-dryRunOutput=" + path)
    project.url = "jdbc:sqlite:file:%s/a.db" % project.folder
    project.fails("this is the database", "migrate", "-dryRunOutput=a.db")
    with open(os.path.join(project.folder, "a.db"), "w"):
        pass
    project.url = "jdbc:sqlite:a.db"
    project.fails("this is the database", "migrate", "-dryRunOutput=a.db")
    project.fails("dryRunOutput names no file", "migrate", "-dryRunOutput=")
    equal(0, os.path.getsize(os.path.join(project.folder, "a.db")))


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


def writing_init_sql(project):
    project.sql("create sequence s")
    for sql in ("set session characteristics as transaction read write; select nextval('s')",
                "set default_transaction_read_only=off; create table leaked(i int)",
                "set transaction read write; select nextval('s')",
                "begin; set transaction read write; create table leaked(i int); commit"):
        project.fails("read-only transaction", "migrate", "-dryRunOutput=dry.sql",
                      "-initSql=" + sql)
    equal("f", project.value("select is_called from s"))
    equal("0", project.value("select count(*) from pg_tables where schemaname = 'public'"))


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


def changed_history(project):
    for change in ("update flyway_schema_history set checksum = checksum + 1 "
                   "where version = '1'",
                   "update flyway_schema_history set success = not success where version = '1'"):
        project.succeeds("clean", "migrate", "-target=1")
        project.dry("migrate")
        project.change(change)
        status, said = project.play()
        if status == 0 or "the schema history has changed" not in said:
            raise Failure("after %s: %s" % (change, said))


def role_without_rights(project):
    """A role that may connect, and read the history and the catalogs, makes the same files."""
    project.sql("create role reader login; revoke all on database %s from public; "
                "grant connect on database %s to reader" % (project.name, project.name))
    try:
        same_file_by_reader(project, "migrate", "-schemas=public,more")
        same_file_by_reader(project, "baseline")
        project.succeeds("migrate", "-target=2")
        project.sql("create view v as select * from a; create type mood as enum ('a')")
        project.sql("revoke all on schema public from public; grant usage on schema public "
                    "to reader; grant select on flyway_schema_history to reader")
        same_file_by_reader(project, "migrate")
        same_file_by_reader(project, "undo")
        project.options = ["-user=reader"]
        project.dry("clean")
        must_be_refused(project, "select * from a")
        project.sql("grant select on all tables in schema public to reader")
        same_file_by_reader(project, "clean")       # which drops what its role can see
        project.write({"V1__a.sql": "create table a(i int); -- changed"})
        same_file_by_reader(project, "repair")
        must_be_refused(
            project, "create temp table t (i int)", "create table t (i int)", "create schema s",
            "delete from flyway_schema_history", "insert into a values (1)")
    finally:
        project.sql("drop owned by reader; drop role reader")


def same_file_by_reader(project, *args):
    texts = []
    for user in ("reader", pg.SUPERUSER):
        project.options = ["-user=" + user]
        project.dry(*args)
        with open(os.path.join(project.folder, "dry.sql")) as file:
            lines = file.read().replace("'%s'" % user, "'USER'").split("\n")
        texts.append(lines[:1] + lines[2:])             # the second one is the time
    if len(texts[0]) < 20:
        raise Failure("%s: a file of %d lines" % (args, len(texts[0])))
    equal(texts[0], texts[1])


def must_be_refused(project, *statements):
    """The role has indeed no rights."""
    for sql in statements:
        try:
            project.server.psql("set role reader; " + sql, project.name)
        except pg.ServerError as refused:
            if "permission denied" in str(refused):
                continue
            raise
        raise Failure("the role may " + sql)


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
    (writing_init_sql, Postgres, UNDO),
    (init_sql_stays_in_force, Postgres, UNDO),
    (session_of_a_callback, Postgres, UNDO),
    (missing_schema, Postgres, UNDO),
    (role_without_rights, Postgres, {
        **UNDO, "V3__c.sql": "set role pg_monitor; create table c(i int);"}),
    (schemas_of_callbacks, Postgres, UNDO),
    (changed_history, Postgres, UNDO),
    (changed_history, Sqlite, UNDO),
    (access_mode_of_the_url, Sqlite, UNDO),
    (place_of_the_file, Sqlite, UNDO),
    (commands_of_the_client, Sqlite, UNDO),
    (commands_of_the_client, Postgres, UNDO),
    (variables_of_psql, Postgres, UNDO),
    (error_overrides, Sqlite, UNDO),
    (error_overrides, Postgres, UNDO),
    (killed, Postgres, UNDO),
    (locks_of_others, Postgres, UNDO),
    (report, Sqlite, UNDO),
    (report, Postgres, UNDO),
    (json_documents, Sqlite, UNDO),
    (json_documents, Postgres, UNDO),
]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("-k", metavar="NAME", default="", help="only cases with this name")
    wanted = parser.parse_args().k
    passed = failed = 0
    with pg.open_server() as server:
        for case, kind, files in CASES:
            name = "%s (%s)" % (case.__name__, kind.__name__)
            if wanted not in name:
                continue
            with tempfile.TemporaryDirectory(prefix="dry") as folder:
                try:
                    case(kind(folder, server, files))
                    passed += 1
                    print("ok    ", name)
                except (Failure, pg.ServerError, sqlite3.Error) as failure:
                    failed += 1
                    print("FAILED", name, failure, sep="\n")
    print("%d passed, %d failed" % (passed, failed))
    return 1 if failed > 0 else 0


if __name__ == "__main__":
    sys.exit(main())
