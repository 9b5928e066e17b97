# SPDX-License-Identifier: Apache-2.0
"""The database and the project of one kind, and what is in the database after a run."""
import collections
import contextlib
import os
import re
import shutil
import time

from .. import server as pg
from ..faults.harness import HISTORY, OTHERS, Failure
from ..session import Session, SqlError
from .kinds import BEFORE, COMMITS, PLAIN

WAIT_S = 20
CLEAR = """
do $$
declare name text;
begin
    for name in select nspname from pg_namespace where nspname !~ '^pg_|^information_schema$' loop
        execute format('drop schema %I cascade', name);
    end loop;
end $$;
create schema public;
create schema ledger;
create table ledger.entry (unit text not null);
"""
STATE = """
select 'unit', unit, count(*)::text from ledger.entry group by unit
union all
select 'unit', 'index ' || relname, '1' from pg_class join pg_index on indexrelid = pg_class.oid
    where relname in ('first_name', 'second_name') and indisvalid
union all
select 'object', nspname || '.' || relname, relkind::text ||
    coalesce((select case when indisvalid then ' valid' else ' invalid' end
        from pg_index where indexrelid = pg_class.oid), '')
    from pg_class join pg_namespace on pg_namespace.oid = relnamespace
    where nspname !~ '^pg_|^information_schema$|^ledger$'
union all
select 'object', nspname || '.' || proname, 'f' from pg_proc
    join pg_namespace on pg_namespace.oid = pronamespace
    where nspname !~ '^pg_|^information_schema$'
union all
select 'schema', nspname, '' from pg_namespace where nspname !~ '^pg_|^information_schema$'
union all
select 'history', nspname, '' from pg_class join pg_namespace on pg_namespace.oid = relnamespace
    where relname = '%s'
""" % HISTORY
ROWS = """
select installed_rank, version, description, type, script, checksum, success
from "%s"."%s" order by installed_rank
"""


class Row(collections.namedtuple("Row", "rank version description type script checksum success")):
    """Of the history."""


class State(collections.namedtuple("State", "units objects schemas history rows")):
    """units: name -> how often. history: the schema of the table, or None."""

    def has(self, name):
        return self.units.get(name, 0) > 0

    def short(self):
        return "units %s; rows %s" % (
            " ".join("%s%s" % (unit, "" if n == 1 else "*%d" % n)
                     for unit, n in sorted(self.units.items())) or "none",
            "no table" if self.history is None else " ".join(
                "%s/%s%s" % (row.version or "-", row.type, "" if row.success else "!")
                for row in self.rows) or "none")


class World:
    """A database and a folder; not shared among threads."""

    def __init__(self, bench, kind, name):
        self.bench, self.kind, self.database = bench, kind, name
        self.server = bench.server
        self.sessions = {}
        self.ask('create database "%s" template template0' % name, "postgres")
        self.folder = bench.folder("cuts")
        os.makedirs(os.path.join(self.folder, "sql"))

    def close(self):
        for session in self.sessions.values():
            session.close()
        with contextlib.suppress(pg.ServerError):
            self.server.drop_database(self.database)
        shutil.rmtree(self.folder, ignore_errors=True)

    def ask(self, sql, database=None):
        """By a session that stays, and is made again when the server was not there meanwhile."""
        database = database or self.database
        end = time.monotonic() + WAIT_S
        while True:
            try:
                if database not in self.sessions:
                    self.sessions[database] = Session(self.server.host, self.server.port,
                                                      self.server.user, database)
                return self.sessions[database].query(sql)
            except (OSError, SqlError) as err:
                if time.monotonic() > end or isinstance(err, SqlError) and not re.search(
                        "FATAL|terminating connection", str(err)):
                    raise
                if database in self.sessions:
                    self.sessions.pop(database).close()
                time.sleep(0.02)

    def url(self, port=None):
        return "jdbc:postgresql://127.0.0.1:%d/%s" % (port or self.server.port, self.database)

    def write(self, files):
        for path, content in files.items():
            path = os.path.join(self.folder, path)
            if content is None:
                os.unlink(path)
                continue
            with open(path, "w", encoding="utf-8") as file:
                file.write(content)

    def run(self, *command):
        return self.bench.run(self.folder, self.url(), *self.kind.args, *command)

    def wait_alone(self):
        """Until the server has noticed that a client is lost, and what that had begun has ended."""
        end = time.monotonic() + WAIT_S
        while self.ask(OTHERS) != [["0"]]:
            if time.monotonic() > end:
                raise Failure("a session of a client that is gone has not ended")
            time.sleep(0.002)

    def reset(self):
        """As it is before the command that is broken."""
        kind = self.kind
        self.wait_alone()
        self.ask(CLEAR)
        self.write(kind.files)
        for command in kind.setup:
            self.bench.run(self.folder, self.url(), *command).must(0, "setup")
        for sql in kind.sql:
            self.ask(sql)
        self.write(kind.changed)

    def state(self):
        """After all other sessions have ended."""
        self.wait_alone()
        found = {"unit": {}, "object": {}, "schema": {}, "history": {}}
        for what, name, more in self.ask(STATE):
            found[what][name] = more
        history = next(iter(sorted(found["history"])), None)
        rows = [Row(int(row[0]), *row[1:5], None if row[5] is None else int(row[5]), row[6] == "t")
                for row in (self.ask(ROWS % (history, HISTORY)) if history else ())]
        return State({unit: int(n) for unit, n in found["unit"].items()}, found["object"],
                     sorted(found["schema"]), history, rows)

    def take_back(self, state):
        """What an operator does who was told that parts of a script stay."""
        for step in self.kind.steps:
            if step.is_done(state.rows):
                continue
            for unit in step.units:
                if unit.startswith("index "):
                    self.ask("drop index if exists " + unit[len("index "):])
                else:
                    self.ask("delete from ledger.entry where unit = '%s'" % unit)


def done(step, state):
    return step.is_done(state.rows)


def faults(kind, before, state, runs):
    """(fault, text) for what no crash excuses: a row without its effects, or the other way round."""
    for step in kind.steps:
        there = [unit for unit in step.units if state.has(unit)]
        if done(step, state) and there != step.units:
            yield "lost", "%s has its row, but of its units only %s" % (step.name, there)
        if not done(step, state) and there != step.units[:len(there)]:
            yield "lost", "of %s there is %s, without what comes before" % (step.name, there)
        if not done(step, state) and step.mode == PLAIN and there:
            yield "lost", "%s has no row, but %s" % (step.name, there)
        if step.mode == BEFORE and there not in ([], step.units):
            yield "lost", "of %s there is only %s" % (step.name, there)
        if not done(step, state) and step.mode == COMMITS and there == step.units:
            yield "lost", "%s has no row, but all its units" % step.name
    for unit, n in state.units.items():
        if n > 1 and not unit.startswith("~"):
            yield "twice", "%s is there %d times" % (unit, n)
    kept = [row for row in before.rows if kind.command[-1] == "migrate"]
    if state.rows[:len(kept)] != kept:
        yield "lost", "rows that were there are gone"
    if kind.is_group and len({done(step, state) for step in kind.steps}) > 1:
        yield "lost", "a part of a group"
    for text in kind.counted(state, runs):
        yield "twice" if "times" in text else "lost", text
