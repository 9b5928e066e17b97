#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""-dryRun=execute: it leaves nothing, and reports the right locks.

- Nothing stays: a dump of the whole database is the same before and after a dry run of migrate and
  of undo, whether it succeeds or fails; a SQLite file is the same byte for byte.
- Locks: each statement of dry_run_locks.tsv (measured on PostgreSQL 12, 15 and 18 with pg_locks,
  without cflyway) takes the locks that stand there, and rewrites the table or does not.
- The IoT project, version by version: locks on what is there already, by the same table.
- The documents fit doc/schema, and the report has its page.

CFLYWAY names the program under test (default: build/cflyway of this checkout).
"""
import csv
import json
import os
import re
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(HERE)
sys.path.insert(0, HERE)
sys.dont_write_bytecode = True

from lib.trial_project import (  # noqa: E402
    Database, Project, equal, must, prepare_busy, run_parts, statements, unchanged)

MEASURED = os.path.join(HERE, "dry_run_locks.tsv")
IOT = ",".join("filesystem:" + os.path.join(ROOT, "migrations", path) for path in (
    "foundational/initial-setup", "foundational/timeseries", "payload-tables/ess-signals"))
MODES = ("AccessShareLock", "RowShareLock", "RowExclusiveLock", "ShareUpdateExclusiveLock",
         "ShareLock", "ShareRowExclusiveLock", "ExclusiveLock", "AccessExclusiveLock")

# What the measured statements work on.
TABLES = """
create table p (id bigint primary key, code int not null unique, name text);
insert into p select i, i, 'p' || i from generate_series(1, 100) i;
create type mood as enum ('sad', 'ok', 'happy');
create domain posint as int check (value > 0);
create domain plain_dom as int;
create sequence s;
create table t (
    id bigint primary key, a int not null, b int, v varchar(50), n numeric(10,2), ts timestamp,
    tstz timestamptz(3), txt text, j json, ref_id bigint, st mood, dp plain_dom, ch char(10),
    ip cidr, bits varbit(8), iv interval, r real, gen int generated always as (1) stored);
insert into t select i, i, i, 'v' || i, i % 1000, now(), now(), 'text ' || i, '{}', 1 + i % 100,
    'ok', 1, 'c', '10.0.0.0/8', B'1', '1 s', 1.5 from generate_series(1, 1000) i;
create index t_v on t (v);
create index t_a on t (a);
create unique index t_b_ready on t (b);
create table fk_child (id bigint primary key, t_id bigint references t (id));
insert into fk_child select i, i from generate_series(1, 100) i;
create table child_inh () inherits (p);
create view vw as select id, ref_id from t;
create materialized view mv as select id, ref_id from t;
create unique index mv_id on mv (id);
create function trg() returns trigger language plpgsql as 'begin return new; end';
create function vol() returns int language sql volatile as 'select 1';
create function pvol() returns int language plpgsql volatile as 'begin return 1; end';
create function stab() returns int language plpgsql stable as 'begin return 1; end';
create trigger t_old before insert on t for each row execute function trg();
create statistics t_stat on a, b from t;
create policy t_pol on t using (true);
create table small (id int, x int);
create schema other;
analyze;
"""


def mode_words(name):
    """"ACCESS SHARE" for "AccessShareLock"."""
    return " ".join(re.findall("[A-Z][a-z]+", name[:-len("Lock")])).upper()


# --- nothing stays --------------------------------------------------------------------------------


def fill(project):
    project.write("V1__a.sql", """
create table a (id serial primary key, x int);
insert into a (x) select i from generate_series(1, 50) i;
create table log (id int references a (id) on delete cascade deferrable initially deferred);
insert into log select id from a;
create function note() returns trigger language plpgsql as
  'begin insert into log values (new.id); return new; end';
create trigger t after insert on a for each row execute function note();
""")
    project.write("V2__b.sql", """
alter table a add column flag boolean default random() > 0.5;
update a set flag = null where id < 10;
insert into a (x) values (7);
delete from a where id > 40 and id < 50;
""")
    project.write("V3__c.sql", "create schema s;\ncreate table s.t (i int);\ncreate nonsense;\n")
    project.write("R__v.sql", "create or replace view v as select * from a;\n")
    project.write("U1__a.sql", "drop table log, a cascade;\ndrop function note();\n")
    project.write("beforeEachMigrate.sql", "create table if not exists seen (i int);\n")
    project.write("afterMigrate.sql", "create table if not exists after_all (i int);\n")


def leaves_nothing(server, folder):
    database = Database(server, "leaves_nothing")
    project = Project(folder, database.arguments)
    empty = database.dump()
    fill(project)
    document = project.trial("-target=2", "migrate")
    equal("migrations", 3, document["migrationsExecuted"])
    unchanged("after a dry run on an empty database", empty, database.dump())
    project.ok("-target=1", "migrate")
    before = database.dump()
    document = project.trial("migrate", expected=1)
    equal("state of V3", "failed", document["dryRun"]["scripts"][-1]["state"])
    unchanged("after a dry run that failed", before, database.dump())
    document = project.trial("-target=2", "migrate")
    unchanged("after a dry run", before, database.dump())
    changes = {change["relation"]: change for statement in statements(document)
               for change in statement["changes"]}
    equal("rows of a cascade", 9, changes["public.log"]["deleted"])
    rewritten = [name for statement in statements(document) for name in statement["rewritten"]]
    must("a is not rewritten: %s" % rewritten, "public.a" in rewritten)
    equal("sequences that moved", ["public.a_id_seq"],
          [sequence["name"] for sequence in document["dryRun"]["sequences"]])
    document = project.trial("undo")
    equal("undone", 1, document["migrationsUndone"])
    unchanged("after a dry run of undo", before, database.dump())


def leaves_the_file(_, folder):
    path = os.path.join(folder, "db.sqlite")
    project = Project(folder, ["-url=jdbc:sqlite:" + path])
    project.write("V1__a.sql", "create table a (i int);\ninsert into a values (1);\n")
    project.ok("migrate")
    project.write("V2__b.sql", "create table b (i int);\nupdate a set i = 2;\n")
    project.write("U1__a.sql", "drop table a;\n")
    with open(path, "rb") as file:
        before = file.read()
    document = project.trial("migrate")
    equal("rows", [0, 1], [statement["rows"] for statement in statements(document)][-2:])
    project.trial("undo")
    with open(path, "rb") as file:
        must("the file has changed", file.read() == before)


def checks_deferred_constraints(server, folder):
    database = Database(server, "deferred")
    project = Project(folder, database.arguments)
    project.write("V1__a.sql", "create table p (id int primary key);\ncreate table c (p int "
                               "references p (id) deferrable initially deferred);\n")
    project.ok("migrate")
    # each of two migrations defers by itself; DDL after the first needs its checks done
    project.write("V2__b.sql", "insert into c values (1);\ninsert into p values (1);\n")
    project.write("V3__c.sql", "alter table c add column x int;\n")
    project.write("V4__d.sql", "insert into c values (2);\ninsert into p values (2);\n")
    equal("migrations", 3, project.trial("migrate")["migrationsExecuted"])
    project.write("V5__e.sql", "insert into c values (77);\n")
    document = project.trial("migrate", expected=1)
    must("no 23503", "23503" in json.dumps(document))


def follows_callers(server, folder):
    """What a script leaves behind in its session is left behind in the trial too."""
    database = Database(server, "callers")
    project = Project(folder, database.arguments)
    project.write("V1__a.sql", "create schema app;\nset search_path to app;\n"
                               "set lock_timeout = 0;\ncreate table t (i int);\n")
    project.write("V2__b.sql", "set role pg_monitor;\n")
    project.write("V3__c.sql", "create table public.u (i int);\n")
    equal("migrations", 3, project.trial("migrate")["migrationsExecuted"])
    # what COMMIT takes back does not reach the next migration
    temporary = "create temp table if not exists tmp (i int) on commit drop;\n"
    project.write("V4__d.sql", "set local search_path = pg_catalog;\nset local work_mem to '1MB'"
                               ";\n" + temporary.replace("if not exists ", ""))
    project.write("V5__e.sql", "create table v5 (i int);\ninsert into public.v5 values (1);\n"
                               "create temporary table tmp(i int)\non commit drop;\n")
    project.write("V6__f.sql", "do $$ begin if current_setting('work_mem') = '1MB' then raise "
                               "'still local'; end if; end $$;\n" + temporary)
    equal("migrations", 6, project.trial("migrate")["migrationsExecuted"])


# --- locks ----------------------------------------------------------------------------------------


def strongest(document):
    """Relation -> strongest mode of the dry run."""
    found = {}
    names = [mode_words(name) for name in MODES]
    for statement in statements(document):
        for lock in statement["locks"]:
            before = found.get(lock["relation"], lock["mode"])
            found[lock["relation"]] = max(before, lock["mode"], key=names.index)
    return found


def measured():
    with open(MEASURED, encoding="utf-8") as file:
        return list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))


def takes_the_measured_locks(server, folder):
    database = Database(server, "measured")
    database.psql(TABLES)
    project = Project(folder, database.arguments + ["-baselineOnMigrate=true",
                                                    "-baselineVersion=0"])
    before = database.dump()
    expected = {}
    for row in measured():
        if server.major >= int(row["since"]):
            expected.setdefault(row["statement"], []).append(row)
    wrong = []
    for statement, rows in expected.items():
        project.write("V1__a.sql", statement + ";\n")
        status, out, _ = project.run("-dryRun=execute", "-outputType=json", "migrate")
        document = json.loads(out)
        if status != 0:
            wrong.append("%s: %s" % (statement, document["error"]["message"]))
            continue
        found = strongest(document)
        rewritten = {name for one in statements(document) for name in one["rewritten"]}
        for row in rows:
            name = "public." + row["relation"]
            if found.get(name) != mode_words(row["lock"]):
                wrong.append("%s: %s has %s, measured %s" % (statement, name, found.get(name),
                                                             row["lock"]))
            if (name in rewritten) != (row["rewritten"] == "yes"):
                wrong.append("%s: rewritten %s" % (statement, sorted(rewritten)))
    equal("locks", [], wrong)
    unchanged("after all of them", before, database.dump())


# Statements of the IoT project on what is there already, and a measured one of the same kind.
KINDS = (
    (r"create (unique )?index .* on (?:only )?([\w.]+)", "create index i on t (a)"),
    (r"create (or replace )?trigger .* on ([\w.]+)",
     "create trigger tr before insert on t for each row execute function trg()"),
    (r"comment on (table) ([\w.]+)", "comment on table t is 'x'"),
    (r"alter table (if exists |only )?([\w.]+)", "alter table t add column c int"),
    (r"(insert) into ([\w.]+)", "insert into small values (1, 1)"),
    (r"(update) ([\w.]+) set", "update t set b = -b"),
)


def names_the_locks_of_the_iot_project(server, folder):
    if server.major < 14:
        return  # its functions have a body in SQL
    database = Database(server, "iotmetrics")
    project = Project(folder, database.arguments + ["-placeholders.iam_user=iot_ingest"], IOT)
    modes = {row["statement"]: mode_words(row["lock"]) for row in measured()}
    compared = 0
    for version in range(1, 13):
        before = database.dump()
        document = project.trial("-target=%d" % version, "migrate")
        unchanged("version %d leaves something" % version, before, database.dump())
        for statement in statements(document):
            compared += compare_kind(version, statement, modes)
        project.ok("-target=%d" % version, "migrate")
    must("nothing was compared", compared > 0)


def compare_kind(version, statement, modes):
    locks = {lock["relation"]: lock["mode"] for lock in statement["locks"]
             if lock["heldBy"] is None}
    for pattern, example in KINDS:
        match = re.match(pattern, statement["statement"], re.I)
        if match is None or match.group(2).lower() not in locks:
            continue
        equal("V%d, %s" % (version, statement["statement"]), modes[example],
              locks[match.group(2).lower()])
        return 1
    return 0


def says_since_when_a_lock_is_held(server, folder):
    """A lock of an earlier migration hides the one that a later migration takes."""
    database, project = prepare_busy(server, folder, "held_since",
                                     "alter table busy add column x int;\n")
    project.write("V2__b.sql", "alter table Public.busy add column y int;\n")
    project.write("V3__c.sql", "select 'busybody', 'a_busy';\n")
    project.write("V4__d.sql", "update busy set y = 1 where false;\n")
    held = [(statement["statement"], lock["relation"], lock["heldBy"])
            for statement in statements(project.trial("migrate")) for lock in statement["locks"]
            if lock["heldBy"] is not None and lock["relation"] == "public.busy"]
    equal("held locks", [
        ("alter table Public.busy add column y int", "public.busy", "V1__a.sql"),
        ("update busy set y = 1 where false", "public.busy", "V1__a.sql")], held)


def leaves_out_what_it_cannot_try(server, folder):
    database, project = prepare_busy(server, folder, "left_out",
                                     "create index concurrently i on busy (i);\n")
    project.write("V2__b.sql", "alter table busy add column x int;\n")
    project.write("V3__c.sh", "#!/bin/sh\ntouch was-run\n")
    project.write("V4__d.sql", "create table d (i int);\n")
    before = database.dump()
    scripts = project.trial("migrate")["dryRun"]["scripts"]
    equal("states", ["notTried", "ok", "notTried", "notTried"],
          [script["state"] for script in scripts])
    must("a program was run", not os.path.exists(os.path.join(folder, "was-run")))
    unchanged("what is there", before, database.dump())


def counts_many_statements(server, folder):
    database, project = prepare_busy(server, folder, "many", "create table m (i int unique);\n" +
                                     "".join("insert into m values (%d);\n" % i
                                             for i in range(300)) +
                                     "alter table busy add column x int;\n")
    script = project.trial("migrate")["dryRun"]["scripts"][0]
    equal("listed and counted", (21, 281), (len(script["statements"]), script["unlisted"]))
    equal("the last", "alter table busy add column x int", script["statements"][-1]["statement"])
    # a lock that one of many takes is not that of the next statement
    project.write("V1__a.sql", "create table m (i int unique);\n" + "".join(
        "insert into %s;\n" % ("busy select 1 from pg_sleep(0.2)" if i == 150 else
                                "m values (%d)" % i) for i in range(300)) +
        "alter table busy add column x int;\n")
    document = project.trial("migrate")
    rows = [(one["line"], one["statement"], one["rows"],
             [lock["mode"] for lock in one["locks"] if lock["relation"] == "public.busy"],
             [change["inserted"] for change in one["changes"]])
            for one in statements(document)[-2:]]
    equal("the last", [
        (21, "(281 statements that change rows)", 281, ["ROW EXCLUSIVE"], [1]),
        (302, "alter table busy add column x int", -1, ["ACCESS EXCLUSIVE"], [])], rows)
    must("the time of many", statements(document)[-2]["executionTime"] >= 200)
    must("the time of all", document["dryRun"]["scripts"][0]["executionTime"] >= 200)
    project.write("V1__a.sql", "create table m (i int unique);\n" + "".join(
        "insert into m values (%d);\n" % (i % 280) for i in range(300)))
    document = project.trial("migrate", expected=1)
    equal("line of the failure", 282, document["error"]["lineNumber"])
    equal("state", "failed", document["dryRun"]["scripts"][0]["state"])
    equal("what is there", "0", database.psql("select count(*) from pg_class where relname = 'm'")
          .strip())


def refuses_other_commands(server, folder):
    database, project = prepare_busy(server, folder, "refused", "select 1;\n")
    before = database.dump()
    for verbs in (["info"], ["migrate", "info"], ["clean"], ["validate"], ["baseline"],
                  ["repair"]):
        status, out, err = project.run("-dryRun=execute", "-cleanDisabled=false", *verbs)
        equal("%s: %s" % (verbs, out), 1, status)
        must(err, "cannot honour dryRun" in err)
    status, out, err = project.run("-dryRun=nonsense", "migrate")
    equal(out, 1, status)
    must(err, "execute" in err)
    unchanged("what is there", before, database.dump())


# --- documents ------------------------------------------------------------------------------------


def fits_the_schema(server, folder):
    try:
        import jsonschema
        import schema_test
    except ImportError:
        return
    if not hasattr(jsonschema, "Draft202012Validator"):
        return
    database = Database(server, "documents")
    project = Project(folder, database.arguments)
    fill(project)
    schemas = schema_test.Schemas()
    project.ok("-target=1", "migrate")
    documents = [project.trial("-target=2", "migrate"),
                 project.trial("-reportEnabled=true", "undo"),
                 project.trial("-reportEnabled=true", "migrate", expected=1)]
    for document in documents:
        must(schemas.why("result", document) if not schemas.fits("result", document) else "",
             schemas.fits("result", document))
        equal("order of keys", sorted(document["dryRun"]), list(document["dryRun"]))
    report = project.read_json("report.json")
    must("report.json: " + schemas.why("report", report) if not schemas.fits("report", report)
         else "", schemas.fits("report", report))
    page = project.read("report.html")
    for text in ("<h2>Dry run</h2>", "ACCESS EXCLUSIVE", "V3__c.sql", "new file for public.a"):
        must("the page lacks " + text, text in page)


def stays_in_the_report(server, folder):
    """Another command continues the report: what the dry run has found out stays in it."""
    database = Database(server, "report")
    project = Project(folder, [*database.arguments, "-reportEnabled=true", "-reportFilename=r"])
    fill(project)
    project.ok("-target=1", "migrate")
    project.trial("-target=2", "migrate")
    project.trial("undo")
    project.write("U1__a.sql", "drop table nonsense;\n")
    project.trial("undo", expected=1)
    project.ok("info")
    report = project.read_json("r.json")
    equal("operations", ["info", "migrate"],
          sorted(result["operation"] for result in report["individualResults"]))
    dry = [result["dryRun"]["scripts"] for result in
           (*report["individualResults"], *report["cflywayResults"]) if "dryRun" in result]
    equal("files of dry runs", [["V2__b.sql"], ["U1__a.sql"]], [
        [os.path.basename(script["filepath"]) for script in scripts
         if re.match("[UV]", os.path.basename(script["filepath"]))] for scripts in dry])
    page = project.read("r.html")
    for text in ("new file for public.a", "<h2>Undo</h2>", "U1__a.sql", "<h2>Info</h2>",
                 "nonsense"):
        must("the page lacks " + text, text in page)


# --- all ------------------------------------------------------------------------------------------


PARTS = (leaves_nothing, leaves_the_file, checks_deferred_constraints, follows_callers,
         takes_the_measured_locks, names_the_locks_of_the_iot_project,
         says_since_when_a_lock_is_held, leaves_out_what_it_cannot_try, counts_many_statements,
         refuses_other_commands, fits_the_schema, stays_in_the_report)

if __name__ == "__main__":
    sys.exit(run_parts(PARTS, sys.argv[1:]))
