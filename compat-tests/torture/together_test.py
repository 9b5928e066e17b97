#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Starts many programs at once on one database: cflyway alone, and cflyway beside real Flyway.

All begin on an empty database. At the end each script has been applied once, the history has its
row, every program has ended well, and the numbers of migrations that they claim to have applied add
up to the number of scripts.

On SQLite real Flyway takes no lock: beside cflyway it may fail with an error, and cflyway may wait
for it in vain, as SQLite waits for three seconds (SQLITE_BUSY). Both count as refused; then another
cflyway does the rest.

CFLYWAY names the program under test (default: build/cflyway of this checkout).  With FLYWAY, real
Flyway, it takes part in the long form.
"""
import contextlib
import os
import re
import shlex
import sqlite3
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.dirname(HERE))
sys.dont_write_bytecode = True

from lib.faults.harness import Failure, Script, write  # noqa: E402
from lib.injected import trials as injected  # noqa: E402
from lib.injected.stage import Lost, Untrue  # noqa: E402

SHORT, LONG, MOST = 10, 50, 290     # programs at once
# More than MOST: those that wait look with a second connection, if they get one, for whom.
SETTINGS = ("max_connections=310",)
ROUNDS = 5
FLYWAYS = 3                         # a Java process each
LIMIT_S = 300
# A second for each try of so many others.
WAITING = "-lockRetryCount=-1"

DONE = "insert into done values ('%s');\n"
FIRST = Script("V1__done.sql", "create table done (script text);\n" + DONE % "V1__done.sql")
PLAIN = [FIRST] + [
    Script(name, "create table t%d (id int);\n%s" % (number, DONE % name))
    for number, name in ((i, "V%d__t%d.sql" % (i, i)) for i in range(2, 9))]
REPEATABLE = [Script("R__%s.sql" % name, "create or replace view %s as select 1 as one;\n%s" % (
    name, DONE % ("R__%s.sql" % name))) for name in ("east", "west")]
OUTSIDE = [
    Script("V20__index.sql", "create index concurrently t2_id on t2 (id);\n"),
    Script("V21__own.sql", DONE % "V21__own.sql" + "begin;\ncreate table own (id int);\ncommit;\n")]
CALLBACKS = {"beforeEachMigrate.sql": "select count(*) from pg_class;\n",
             # Without the lock, IF NOT EXISTS fails if another session creates it meanwhile.
             "afterMigrate.sql": "select pg_advisory_xact_lock(1);\n"
                                 "create table if not exists after_all (id int);\n"}

# What the programs run: scripts, callbacks and arguments.
KINDS = (("plain scripts", PLAIN + REPEATABLE, {}, ()),
         ("one group", PLAIN + REPEATABLE, {}, ("-group=true",)),
         ("scripts outside of transactions", PLAIN + OUTSIDE, {}, ()),
         ("callbacks", PLAIN + REPEATABLE, CALLBACKS, ()))
# Real Flyway waits with a snapshot, which CREATE INDEX CONCURRENTLY waits for in turn.
BESIDE_FLYWAY = ("plain scripts", "callbacks")

APPLIED = re.compile(r"Successfully applied (\d+) migrations? ")
UP_TO_DATE = re.compile(r"Schema .* is up to date\. No migration necessary\.")


def claimed(outcome):
    """How many migrations a program says that it has applied."""
    applied = APPLIED.search(outcome.out)
    if applied is None and UP_TO_DATE.search(outcome.out) is None:
        raise Untrue("it says neither what was applied nor that there was nothing:%s"
                     % outcome.tail())
    return int(applied.group(1)) if applied else 0


class Crowd:
    """Programs that begin at once on a new database."""

    def __init__(self, trials, database, kind):
        _, self.scripts, callbacks, self.args = kind
        self.bench, self.database, self.claims = trials.bench, database, 0
        self.folder = trials.bench.project("together", self.scripts)
        for name, text in callbacks.items():
            write(os.path.join(self.folder, "sql", name), text)

    def start(self, commands):
        return [self.bench.start(self.folder, self.database.url(), WAITING, *self.args, "migrate",
                                 command=command) for command in commands]

    def check(self, outcome):
        outcome.must(0, "migrate")
        self.claims += claimed(outcome)

    def check_last(self, outcome):
        self.check(outcome)
        if self.claims != len(self.scripts):
            raise Untrue("together they have applied %d of %d" % (self.claims, len(self.scripts)))
        self.check_database()

    def check_database(self):
        session = self.database.another_session()
        try:
            rows = session.value("select string_agg(script, ' ' order by installed_rank) "
                                 "from flyway_schema_history where success and version is not null "
                                 "or description in ('east', 'west')").split()
            ranks = session.value("select string_agg(installed_rank::text, ' ' order by 1) "
                                  "from flyway_schema_history").split()
            failed = session.value("select count(*) from flyway_schema_history where not success")
            done = session.value("select string_agg(script, ' ') from done").split()
        finally:
            session.close()
        wanted = sorted(script.name for script in self.scripts)
        if sorted(rows) != wanted or failed != "0" or len(set(ranks)) != len(wanted):
            raise Lost("the history has %s, %s failed, ranks %s" % (rows, failed, ranks))
        noted = sorted(script.name for script in self.scripts if "into done" in script.content)
        if sorted(done) != noted:
            raise Lost("scripts that were applied: %s" % sorted(done))


SQLITE_PLAIN = PLAIN + [
    Script("R__%s.sql" % name, "drop view if exists %s;\ncreate view %s as select 1 as one;\n%s" % (
        name, name, DONE % ("R__%s.sql" % name))) for name in ("east", "west")]
SQLITE_OUTSIDE = [FIRST] + [
    Script("V%d__vacuum.sql" % number, DONE % ("V%d__vacuum.sql" % number) + "vacuum;\n")
    for number in (2, 3)] + PLAIN[3:5]
# A trigger, an index, and a callback that every program runs.
SQLITE_TRIGGER = SQLITE_PLAIN + [Script("V9__trigger.sql", """\
create table seen (script text);
create index seen_script on seen (script);
create trigger note after insert on done begin
    insert into seen values (new.script);
end;
""" + DONE % "V9__trigger.sql")]
SQLITE_CALLBACKS = {"afterMigrate.sql": "select count(*) from seen;\n"}
SQLITE_KINDS = (("a trigger and a callback", SQLITE_TRIGGER, SQLITE_CALLBACKS, ()),
                ("plain scripts", SQLITE_PLAIN, {}, ()),
                ("scripts outside of transactions", SQLITE_OUTSIDE, {
                    "V%d__vacuum.sql.conf" % number: "executeInTransaction=false\n"
                    for number in (2, 3)}, ()))


# They take so long that Flyway is still at work when the others come.
COUNT = "select count(*) from (with recursive s(n) as (select 1 union all select n + 1 from s " \
    "where n < 100000) select n from s);\n"
SQLITE_SLOW = ("slow scripts", [Script(script.name, script.content + COUNT)
                                for script in SQLITE_PLAIN], {}, ())


class SqliteCrowd(Crowd):
    """The same, on a new file."""

    def __init__(self, trials, kind):
        super().__init__(trials, None, kind)
        self.path = os.path.join(self.folder, "together.db")

    def start(self, commands):
        return [self.bench.start_raw(self.folder, [
            "-url=jdbc:sqlite:" + self.path, "-locations=filesystem:sql", *self.args, "migrate"],
            command=command) for command in commands]

    def must_have_begun(self, process):
        """Until a first script has its row."""
        end = time.monotonic() + LIMIT_S
        while process.poll() is None and time.monotonic() < end:
            with contextlib.suppress(sqlite3.Error), \
                    contextlib.closing(sqlite3.connect(self.path)) as file:
                if file.execute("select count(*) from flyway_schema_history").fetchone()[0]:
                    return
            time.sleep(0.01)

    def check_flyway(self, outcome):
        """It may have failed."""

    def check_beside_flyway(self, outcome):
        if outcome.code != 0:
            outcome.must(1, "migrate").must_say("[SQLITE_BUSY]", "migrate")

    def check_last_beside_flyway(self, outcome):
        self.check_beside_flyway(outcome)
        self.bench.finish(self.start([None])[0], LIMIT_S).must(0, "the last one")
        self.check_database()

    def check_database(self):
        with contextlib.closing(sqlite3.connect(self.path)) as file:
            def column(sql):
                return sorted(row[0] for row in file.execute(sql))

            rows = column("select script from flyway_schema_history where success")
            ranks = column("select distinct installed_rank from flyway_schema_history")
            done = column("select script from done")
        wanted = sorted(script.name for script in self.scripts)
        if rows != wanted or len(ranks) != len(wanted) or done != wanted:
            raise Lost("the history has %s; applied: %s" % (rows, done))


def gather_on_sqlite(trials, kind, programs, rounds, flyway=None):
    """With Flyway: one of it, so that no two programs are without a lock."""
    what = "SQLite: %s%d cflyway, %s" % ("1 Flyway and " if flyway else "", programs, kind[0])
    if not trials.wants(what):
        return
    row = injected.Row(what)
    for number in range(rounds):
        crowd = SqliteCrowd(trials, kind)
        processes = crowd.start([flyway] * bool(flyway))
        if flyway:
            crowd.must_have_begun(processes[0])
        processes += crowd.start([None] * programs)
        for at, process in enumerate(processes):
            is_last = at + 1 == len(processes)
            if flyway and at == 0:
                check = crowd.check_flyway
            elif flyway:
                check = crowd.check_last_beside_flyway if is_last else crowd.check_beside_flyway
            else:
                check = crowd.check_last if is_last else crowd.check
            row.check("round %d, program %d" % (number, at),
                      lambda: trials.bench.finish(process, LIMIT_S), check)
    trials.add(row)


def gather(trials, what, kind, commands, rounds):
    if not trials.wants(what):
        return
    row = injected.Row(what)
    for number in range(rounds):
        with trials.bench.database("together") as database:
            crowd = Crowd(trials, database, kind)
            processes = crowd.start(commands)
            for at, process in enumerate(processes):
                row.check("round %d, program %d" % (number, at),
                          lambda: trials.bench.finish(process, LIMIT_S),
                          crowd.check if at + 1 < len(processes) else crowd.check_last)
    trials.add(row)


def play(trials):
    long = trials.options.long
    for kind in KINDS if long else KINDS[2:3]:
        programs = LONG if long else SHORT
        gather(trials, "%d cflyway, %s" % (programs, kind[0]), kind, [None] * programs,
               ROUNDS if long else 1)
    for kind in SQLITE_KINDS if long else (SQLITE_KINDS[0], SQLITE_KINDS[-1]):
        rounds = 6 * ROUNDS if kind[1] is SQLITE_TRIGGER else 2 * ROUNDS
        gather_on_sqlite(trials, kind, SHORT, rounds if long else 1)
    if not long:
        return
    gather(trials, "%d cflyway, plain scripts" % MOST, KINDS[0], [None] * MOST, 1)
    flyway = shlex.split(os.environ.get("FLYWAY", ""))
    if not flyway and trials.options.k:
        return
    if not flyway:
        raise Failure("FLYWAY is not set: tools/install-flyway prints what it has to be")
    for kind in KINDS:
        if kind[0] in BESIDE_FLYWAY:
            commands = [flyway] * FLYWAYS + [None] * (2 * FLYWAYS)
            gather(trials, "%d Flyway and %d cflyway, %s" % (FLYWAYS, 2 * FLYWAYS, kind[0]), kind,
                   commands, 2)
    gather_on_sqlite(trials, SQLITE_SLOW, FLYWAYS, 2 * ROUNDS, flyway)


if __name__ == "__main__":
    sys.exit(injected.main(__doc__, "together", "Many at once", play, needs_server=True,
                           settings=SETTINGS))
