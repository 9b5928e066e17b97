#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Starts many programs at once on one database: cflyway alone, and cflyway beside real Flyway.

All begin on an empty database. At the end each script has been applied once, the history has its
row, every program has ended well, and the numbers of migrations that they claim to have applied add
up to the number of scripts.

CFLYWAY names the program under test (default: build/cflyway of this checkout).  With FLYWAY, real
Flyway, it takes part in the long form.
"""
import os
import re
import shlex
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.dirname(HERE))
sys.dont_write_bytecode = True

from lib.faults.harness import Failure, Script, write  # noqa: E402
from lib.injected import trials as injected  # noqa: E402
from lib.injected.stage import Lost, Untrue  # noqa: E402

SHORT, LONG, MOST = 10, 50, 90      # programs at once; the server allows 100 connections
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
             "afterMigrate.sql": "create table if not exists after_all (id int);\n"}

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


def gather(trials, what, kind, commands, rounds):
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
    if not long:
        return
    gather(trials, "%d cflyway, plain scripts" % MOST, KINDS[0], [None] * MOST, 1)
    flyway = os.environ.get("FLYWAY")
    if not flyway:
        raise Failure("FLYWAY is not set: tools/install-flyway prints what it has to be")
    for kind in KINDS:
        if kind[0] in BESIDE_FLYWAY:
            commands = [shlex.split(flyway)] * FLYWAYS + [None] * (2 * FLYWAYS)
            gather(trials, "%d Flyway and %d cflyway, %s" % (FLYWAYS, 2 * FLYWAYS, kind[0]), kind,
                   commands, 2)


if __name__ == "__main__":
    sys.exit(injected.main(__doc__, "together", "Many at once", play, needs_server=True))
