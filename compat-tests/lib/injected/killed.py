# SPDX-License-Identifier: Apache-2.0
"""A project on PostgreSQL whose client is killed at chosen places, and what may then be there."""
import os
import time

from ..faults.harness import Script, wait_until, write
from ..proxy import Proxy
from .stage import Lost

ROWS = 3000
VERSIONS = 6

SCRIPTS = (
    Script("V1__Table.sql", """\
create table applied (version int);
create table t1 (n int, name text);
insert into t1 select n, 'name ' || n from generate_series(1, %d) as n;
insert into applied values (1);
""" % ROWS),
    Script("V2__Copy.sql", "create table t2 (n int, name text);\ncopy t2 from stdin;\n"
           + "".join("%d\t%s\n" % (n, "x" * 200) for n in range(ROWS))
           + "\\.\ninsert into applied values (2);\n"),
    Script("V3__Index.sql", """\
create table t3 (n int);
create index t1_name on t1 (md5(name || n), name);
insert into applied values (3);
"""),
    Script("V4__Concurrently.sql", """\
drop index concurrently if exists t1_n;
create index concurrently t1_n on t1 (md5(n || name));
"""),
    Script("V5__Commits.sql", """\
create table if not exists t5 (n int);
commit;
insert into applied select 5 where not exists (select from applied where version = 5);
commit;
select 1;
"""),
    Script("V6__Last.sql", "create table t6 (n int);\ninsert into applied values (6);\n"),
)
CALLBACKS = {
    "beforeEachMigrate.sql": "create table if not exists noted (n int);\n"
                             "insert into noted select generate_series(1, 100);\n",
    "afterEachMigrate.sql": "delete from noted where n > 50;\n",
}
# Of these, work may stay without a row: the scripts end their transactions themselves.
OWN = (4, 5)

# For each version: is there a row, how often was it applied, is its table there; and whether the
# index is valid that V4 builds, and nothing else.
LOOK = """
create function public.look() returns text language plpgsql as $$
declare
    said int; done int; result text = '';
begin
    for i in 1..%d loop
        said = 0; done = 0;
        if to_regclass('w.flyway_schema_history') is not null then
            execute format('select count(*) from w.flyway_schema_history '
                           'where version = %%L and success', i) into said;
        end if;
        if i = 4 then
            result = result || repeat(said::text, 3) || ' ';
            continue;
        end if;
        if to_regclass('w.applied') is not null then
            execute format('select count(*) from w.applied where version = %%s', i) into done;
        end if;
        result = result || format('%%s%%s%%s ', said, done,
                                  (to_regclass('w.t' || i) is not null)::int);
    end loop;
    return result || coalesce((select indisvalid::int::text from pg_index
        where indexrelid = to_regclass('w.t1_n')), '-');
end $$;
""" % VERSIONS
ALONE = ("select not exists (select from pg_stat_activity where datname = current_database() "
         "and application_name like 'cflyway%')")
WHOLE = "111 " * VERSIONS + "1"


def text_has(*words):
    return lambda message: message.front and all(
        word in message.text().lower() for word in words)


def is_copy_data(message):
    return message.front and message.type == "d"


# What is aimed at: its messages, and for how long the server works on them.
AIMS = {
    "in the middle of a COPY": (is_copy_data, 0.0005),
    "at a COMMIT": (lambda message: message.front and message.text().lower() == "commit", 0.001),
    "while an index is built": (text_has("create index t1_name"), 0.02),
    "while an index is built concurrently": (text_has("create index concurrently"), 0.03),
    "in a callback": (text_has("noted"), 0.002),
    "at a row of the history": (text_has("insert into", "flyway_schema_history"), 0.001),
}


class Killed:
    """The project, in the schema w of an open harness.Database."""

    def __init__(self, bench, database, session, chance):
        self.bench, self.database, self.session = bench, database, session
        self.chance = chance
        self.folder = bench.project("killed", SCRIPTS)
        for name, text in CALLBACKS.items():
            write(os.path.join(self.folder, "sql", name), text)
        session.query(LOOK)
        self.counts = {name: self.count(name) for name in AIMS}

    def args(self, port=None):
        return (self.database.url(port), "-schemas=w", "migrate")

    def count(self, name):
        """How many messages of this kind a whole run sends."""
        found = []
        self.run(lambda message, _: found.append(AIMS[name][0](message)))
        self.reset()
        return sum(found)

    def run(self, hook):
        server = self.database.server
        with Proxy(server.host, server.port) as proxy:
            process = self.bench.start(self.folder, *self.args(proxy.port))
            proxy.after = lambda message: hook(message, process)
            proxy.start()
            return self.bench.finish(process)

    def kill_at(self, name):
        """At one of its messages, some time after it was sent."""
        is_aim, longest_s = AIMS[name]
        wanted, seen = self.chance.randint(1, self.counts[name]), 0
        delay_s = self.chance.uniform(0, longest_s)

        def hook(message, process):
            nonlocal seen
            seen += is_aim(message)
            if seen == wanted and is_aim(message):
                time.sleep(delay_s)
                self.bench.kill(process)

        return self.run(hook)

    def look(self):
        # One query after the other: a transaction that waited would keep an index from being built.
        wait_until(lambda: self.session.value(ALONE) == "t", "the end of the session")
        return self.session.value("select public.look()")

    def check(self, _outcome):
        """What is there is the beginning of the run, and the next run does the rest."""
        found = self.look().split()
        for number, version in enumerate(found[:VERSIONS], 1):
            said, done, table = map(int, version)
            is_sound = said == done == table or (number in OWN and not said and done <= 1)
            if not is_sound:
                raise Lost("version %d has (row, applied, table) %s" % (number, version))
        if found[3] == "111" and found[VERSIONS] != "1":
            raise Lost("there is a row, but the index is not valid")
        if found[:VERSIONS] != sorted(found[:VERSIONS], reverse=True):
            raise Lost("a later version is there without an earlier one: " + " ".join(found))
        self.bench.run(self.folder, *self.args()).must(0, "the next run")
        if self.look() != WHOLE:
            raise Lost("after the next run: " + self.look())

    def reset(self):
        self.session.query("drop schema if exists w cascade")


PROGRAM = """#!/bin/sh
echo begun >>made
sleep 0.03
echo done >>made
"""


class KilledProgram:
    """A script migration whose client is killed while the program runs, which then goes on."""

    def __init__(self, bench, database, session, chance):
        self.bench, self.database, self.session = bench, database, session
        self.chance = chance
        self.folder = bench.project("program", ())
        path = os.path.join(self.folder, "sql", "V1__Program.sh")
        write(path, PROGRAM)
        os.chmod(path, 0o755)
        self.made = os.path.join(self.folder, "made")

    def args(self):
        return (self.database.url(), "-schemas=w", "migrate")

    def lines(self):
        with open(self.made) as file:
            return file.read().split()

    def rows(self):
        return self.session.value("select count(*) from w.flyway_schema_history "
                                  "where type = 'SCRIPT' and success")

    def kill(self):
        process = self.bench.start(self.folder, *self.args())
        wait_until(lambda: os.path.exists(self.made), "the program")
        time.sleep(self.chance.uniform(0, 0.05))
        process.kill()              # and not its group
        return self.bench.finish(process)

    def check(self, _outcome):
        wait_until(lambda: self.session.value(ALONE) == "t", "the end of the session")
        is_applied = self.rows() == "1"
        wait_until(lambda: "done" in self.lines(), "the end of the program")
        self.bench.run(self.folder, *self.args()).must(0, "the next run")
        if self.rows() != "1":
            raise Lost("after the next run there are %s rows" % self.rows())
        if self.lines() != ["begun", "done"] * (1 if is_applied else 2):
            raise Lost("the program has run as %s" % self.lines())

    def reset(self):
        self.session.query("drop schema if exists w cascade")
        os.unlink(self.made)
