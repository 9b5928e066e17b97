#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What doc/dry-run.md promises beside the contents of the file: who may make it, where, what is said.

    compat-tests/dry_run_promises_test.py [-k NAME]

CFLYWAY names the program under test (default: build/cflyway of this checkout).
"""
import json
import os
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
sys.dont_write_bytecode = True

from lib import server as pg  # noqa: E402
from lib.dry_run_project import (  # noqa: E402
    UNDO, Failure, Postgres, Sqlite, equal, play_cases)
from lib.faults.harness import LOCK_KEY  # noqa: E402


def killed(project):
    """The file of the dry run before stays as it is, and nothing half done is left beside it."""
    project.dry("migrate")
    path = os.path.join(project.folder, "dry.sql")
    with open(path) as file:
        before = file.read()
    process = project.start("-initSql=select pg_sleep(60)", "-dryRunOutput=dry.sql", "migrate")
    try:
        wait_for(lambda: project.value("select count(*) from pg_stat_activity where query = "
                                       "'select pg_sleep(60)' and state = 'active'") == "1")
    finally:
        process.kill()
        process.wait()
    with open(path) as file:
        equal(before, file.read())
    equal(["dry.sql", "sql"], sorted(os.listdir(project.folder)))


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
                 os.path.join(project.folder, "sql", "U2__b.sql"),
                 "sql/V9__x.sh", "sql/a.conf", "../%s/sql/V3.1__x.SQL" %
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
    (writing_init_sql, Postgres, UNDO),
    (role_without_rights, Postgres, {
        **UNDO, "V3__c.sql": "set role pg_monitor; create table c(i int);"}),
    (changed_history, Postgres, UNDO),
    (changed_history, Sqlite, UNDO),
    (access_mode_of_the_url, Sqlite, UNDO),
    (place_of_the_file, Sqlite, UNDO),
    (error_overrides, Sqlite, UNDO),
    (error_overrides, Postgres, UNDO),
    (killed, Postgres, UNDO),
    (locks_of_others, Postgres, UNDO),
    (report, Sqlite, UNDO),
    (report, Postgres, UNDO),
    (json_documents, Sqlite, UNDO),
    (json_documents, Postgres, UNDO),
]


if __name__ == "__main__":
    sys.exit(play_cases(CASES))
