# SPDX-License-Identifier: Apache-2.0
"""Schemas of one database that are targets of one run, so that a process meets many answers: made
in a known state by SQL, and looked at by SQL."""
import os

from ..faults.harness import Failure, Script, wait_until, write
from .killed import ALONE
from .stage import Lost

SCRIPTS = tuple(Script("V%d__Step.sql" % number,
                       "create table t%d (n int);\ninsert into applied values ('%d');\n" % (
                           number, number)) for number in (1, 2, 3))
UNDO = "drop table t%d;\ndelete from applied where version = '%d';\n"

# make() leaves a schema with the first `last` migrations; -1: without a history.
# look() says what is there: for each version how often the history says that it is applied, how
# often it was applied, and whether its table is there.
FUNCTIONS = """
create function make(place text, last int) returns void language plpgsql as $$
begin
    execute format('drop schema if exists %I cascade', place);
    execute format('create schema %I', place);
    execute format('create table %I.applied (version text)', place);
    for i in 1..last loop
        execute format('create table %I.t%s (n int)', place, i);
        execute format('insert into %I.applied values (%L)', place, i);
    end loop;
    if last < 0 then return; end if;
    execute format('create table %I.flyway_schema_history '
                   '(like template.flyway_schema_history including all)', place);
    execute format('insert into %I.flyway_schema_history select * from '
                   'template.flyway_schema_history where version::int <= %s', place, last);
end $$;
create function look(place text) returns text language plpgsql as $$
declare
    said int; done int; result text = '';
    has_history boolean = to_regclass(place || '.flyway_schema_history') is not null;
    is_there boolean = to_regclass(place || '.applied') is not null;
begin
    for i in 1..3 loop
        said = 0; done = 0;
        if has_history then
            execute format('select coalesce(sum(case when type = ''SQL'' and success then 1 when '
                'type in (''DELETE'', ''UNDO_SQL'') then -1 else 0 end), 0) from '
                '%I.flyway_schema_history where version = %L', place, i) into said;
        end if;
        if is_there then
            execute format('select count(*) from %I.applied where version = %L', place, i)
                into done;
        end if;
        result = result || format('%s%s%s ', said, done,
            (to_regclass(place || '.t' || i) is not null)::int);
    end loop;
    return result;
end $$;
"""
SOUND = ("000", "111")


class Tenants:
    """In an open harness.Database."""

    def __init__(self, bench, database, session, count):
        self.schemas = ["m%d" % number for number in range(count)]
        self.bench, self.database, self.session = bench, database, session
        self.folder = bench.project("tenants", SCRIPTS)
        for number in (1, 2, 3):
            write(os.path.join(self.folder, "sql", "U%d__Step.sql" % number),
                  UNDO % (number, number))
        session.query(FUNCTIONS)
        session.query("create schema template; create table template.applied (version text)")
        self.run(self.bench.command, self.database.server.port, "-schemas=template",
                 "-locations=filesystem:sql", "-url=" + database.url(), "-baselineOnMigrate=true", "-baselineVersion=0",
                 "migrate").must(0, "migrate")
        session.query("delete from template.flyway_schema_history where type = 'BASELINE'; "
                      "update template.flyway_schema_history set installed_rank = version::int")

    def run(self, command, port, *args, **options):
        """On all schemas, unless args name one."""
        if "-schemas=template" not in args:
            name = "targets.%d.ini" % port
            with open(os.path.join(self.folder, name), "w") as file:
                for schema in self.schemas:
                    file.write("[%s]\nurl = %s\nschemas = %s\n"
                               "locations = filesystem:sql\n\n" % (
                        schema, self.database.url(port), schema))
            args = ("-targets=" + name, *args)
        return self.bench.run_raw(self.folder, [
            "-user=" + self.database.server.user, *args], command=command, **options)

    def make(self, last, sql=""):
        """sql: with %s for the schema."""
        for schema in self.schemas:
            self.session.query("select make('%s', %d); %s" % (
                schema, last, sql % schema if sql else ""))

    def check(self, what):
        """Each migration is there with its row, or not at all, and once."""
        for schema, found in self.session.query(
                "select nspname, look(nspname) from pg_namespace where nspname ~ '^m[0-9]+$'"):
            if any(version not in SOUND for version in found.split()):
                raise Lost("%s: %s has (row, applied, table) %s; its history: %s" % (
                    what, schema, found, self.session.query(
                        "select installed_rank, version, type, success, script "
                        "from %s.flyway_schema_history order by 1" % schema)))

    def check_all(self, what, wanted):
        for schema, found in self.session.query(
                "select nspname, look(nspname) from pg_namespace where nspname ~ '^m[0-9]+$'"):
            if found.split() != wanted:
                raise Lost("%s: %s has %s instead of %s" % (what, schema, found, wanted))

    def wait_alone(self):
        """Until the sessions of lost clients have ended."""
        wait_until(lambda: self.session.value(ALONE) == "t", "the end of all sessions")


def must_end_well(outcome):
    """A message for each failure, and none of a sanitizer."""
    if outcome.code not in (0, 1):
        raise Failure("exit %s%s" % (outcome.code, outcome.tail()))
    if outcome.code == 1 and "ERROR: " not in outcome.text:
        raise Failure("it does not say why it fails" + outcome.tail())
