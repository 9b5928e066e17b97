#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Migrates databases with TimescaleDB, and a coordinator and two workers of Citus.

Each command must end well, or say why not; the file of a dry run, played by psql, must leave what
the command leaves; two programs at once must share the work; and after a kill at a random moment
each script is there with its row or not at all, and the next run does the rest. The background jobs
of TimescaleDB run meanwhile.

Then real Flyway does the same on a database of its own, and each of the two finishes what the
other began: outputs, exit codes, histories, schemas and rows are compared.

CFLYWAY names the program under test (default: build/cflyway of this checkout). With FLYWAY, real
Flyway, it takes part in the long form. PGBIN names the folder with the programs of a PostgreSQL
that has the extensions; without them nothing is tried.
"""
import contextlib
import functools
import os
import random
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.dirname(HERE))
sys.dont_write_bytecode = True

from lib import extensions, failover, projects  # noqa: E402
from lib import server as pg  # noqa: E402
from lib.faults.harness import Bench, Failure, Skip, wait_until  # noqa: E402
from lib.injected import trials as injected  # noqa: E402
from lib.injected.stage import Lost, Untrue  # noqa: E402
from lib.runner import command as program  # noqa: E402
from lib.session import Session  # noqa: E402

LIMIT_S = 120
ROUNDS, KILLS = 3, 15               # of the long form
CLEAN = ("-cleanDisabled=false", "clean")
# With their exit codes.
COMMANDS = (
    (("info",), 0), (("-dryRunOutput=out.sql", "migrate"), 0), (("-group=true", "migrate"), 1),
    (("-dryRun=execute", "-target=4", "migrate"), 0), (("-target=4", "migrate"), 0),
    (("-mixed=true", "-group=true", "migrate"), 0), (("validate",), 0), (("undo",), 0),
    (("info",), 0), (("migrate",), 0), (("repair",), 0), (("migrate",), 0), (CLEAN, 0),
    (("-baselineVersion=20", "baseline"), 0), (("info",), 0), (CLEAN, 0))
WHOLE = (("-mixed=true", "-group=true", "migrate"), ("migrate",))    # after them all is there
OTHERS = "select count(*) from pg_stat_activity where datname = current_database() and " \
    "application_name like 'cflyway%'"


class Stage:
    """The project of a product, and databases for it."""

    def __init__(self, trials, product, server):
        self.product, self.server, self.trials = product, server, trials
        self.bench = Bench(trials.bench.command, server,
                           trials.bench.folder(product.extension), trials.options)
        self.folder = self.bench.folder("project")
        product.write(self.folder)
        self.look = None

    def row(self, what):
        return injected.Row("%s: %s" % (self.product.name, what))

    def run(self, database, *args):
        return self.bench.run(self.folder, database.url(), *args, limit_s=LIMIT_S)

    def session(self, database):
        return contextlib.closing(Session(self.server.host, self.server.port, self.server.user,
                                          database.name))

    def rows(self, session):
        if session.value("select to_regclass('public.flyway_schema_history') is null") == "t":
            return []
        return [row[0] for row in session.query(
            "select script from flyway_schema_history where success and type = 'SQL' "
            "order by installed_rank")]

    def done(self, session):
        if session.value("select to_regclass('public.done') is null") == "t":
            return []
        return [row[0] for row in session.query("select script from done")]

    def check_halves(self, database):
        """A script of a transaction has taken effect once, with its row, or not at all."""
        with self.session(database) as session:
            rows, done = self.rows(session), self.done(session)
        for script in self.product.scripts:
            count = done.count(script.name)
            if script.name not in self.product.outside and count != (script.name in rows):
                raise Lost("%s: %d times, and %s row" % (
                    script.name, count, "a" if script.name in rows else "no"))

    def check_whole(self, database):
        self.check_halves(database)
        with self.session(database) as session:
            rows, look = self.rows(session), session.query(self.product.look)
        if set(rows) != {script.name for script in self.product.scripts}:
            raise Lost("the history has " + " ".join(rows))
        self.look = self.look or look
        if look != self.look:
            raise Lost("there is\n    %s\ninstead of\n    %s" % (look, self.look))


def every_command(stage, rounds):
    row = stage.row("every command")
    for number in range(rounds):
        with stage.bench.database("commands") as database:
            for args, code in COMMANDS:
                row.check("%d, %s" % (number, " ".join(args)),
                          lambda: stage.run(database, *args),
                          lambda outcome: outcome.must(code, args[-1]))
                if args in WHOLE:
                    note(row, "after " + " ".join(args), lambda: stage.check_whole(database))
            note(row, "clean", lambda: must_be_empty(database))
    stage.trials.add(row)


def note(row, what, check):
    try:
        check()
    except Failure as err:
        row.note(what, err)


def must_be_empty(database):
    left = database.session.run(
        "select relname from pg_class as c where relnamespace = 'public'::regnamespace and not "
        "exists (select from pg_depend where objid = c.oid and deptype = 'e')")
    if left:
        raise Lost("left: " + " ".join(left))


def played_dry_run(stage, rounds):
    """The whole project as a file, then by psql."""
    row = stage.row("the file of a dry run, played by psql")
    for number in range(rounds):
        with stage.bench.database("played") as database:
            row.check("round %d" % number,
                      lambda: stage.run(database, "-dryRunOutput=played.sql", "migrate"),
                      functools.partial(play_file, stage, database))
    stage.trials.add(row)


def play_file(stage, database, outcome):
    outcome.must(0, "the dry run")
    done = subprocess.run(stage.server.psql_command(database.name, "-f", "played.sql"),
                          cwd=stage.folder, env=pg.environment(), check=False,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    os.unlink(os.path.join(stage.folder, "played.sql"))
    if done.returncode != 0:
        raise Failure("psql: " + done.stdout.decode("utf-8", "replace")[-1000:])
    stage.check_whole(database)
    stage.run(database, "validate").must(0, "validate")


def two_at_once(stage, rounds):
    row = stage.row("two at once")
    for number in range(rounds):
        with stage.bench.database("together") as database:
            outcomes = []

            def check(outcome):
                outcomes.append(outcome.must(0, "migrate"))
                if len(outcomes) == 2:
                    check_shared(stage, database, outcomes)

            running = [stage.bench.start(stage.folder, database.url(), "-lockRetryCount=-1",
                                         "migrate") for _ in range(2)]
            for process in running:
                row.check("round %d" % number,
                          lambda: stage.bench.finish(process, LIMIT_S), check)
    stage.trials.add(row)


def check_shared(stage, database, outcomes):
    stage.check_whole(database)
    claimed = sum(int(applied.group(1)) for applied in (
        failover.APPLIED.search(outcome.text) for outcome in outcomes) if applied)
    if claimed != len(stage.product.scripts):
        raise Untrue("together they have applied %d" % claimed)


def kills(stage, number, chance):
    row = stage.row("killed")
    whole_s = 0
    for at in range(number + 1):
        with stage.bench.database("killed") as database:
            if at == 0:
                whole_s = stage.run(database, "migrate").must(0, "migrate").elapsed_s
                continue
            row.check("kill %d" % at,
                      functools.partial(killed, stage, database, chance.uniform(0, whole_s)),
                      functools.partial(check_killed, stage, database))
    stage.trials.add(row)


def killed(stage, database, after_s):
    process = stage.bench.start(stage.folder, database.url(), "migrate")
    time.sleep(after_s)
    stage.bench.kill(process)
    return stage.bench.finish(process)


def check_killed(stage, database, _outcome):
    wait_until(lambda: database.session.value(OTHERS) == "0", "the end of the session", LIMIT_S)
    stage.check_halves(database)
    stage.run(database, "migrate").must(0, "the next run")
    stage.check_whole(database)


# --- beside real Flyway ---------------------------------------------------------------------------

class Beside:
    """As lib.projects.Project, with servers of the product."""

    # Flyway's lock in a transaction is what CREATE INDEX CONCURRENTLY would wait for.
    arguments, setup = ("-locations=filesystem:sql", "-postgresql.transactional.lock=false"), ""

    def __init__(self, product, folder):
        self.product, self.folder = product, os.path.join(folder, "project")
        product.write(self.folder, with_undo=False)

    @contextlib.contextmanager
    def open_server(self):
        with contextlib.ExitStack() as stack:
            yield open_product(stack, self.product, with_jobs=False)


def beside_flyway(trials, product, flyway):
    row = injected.Row("%s: beside Flyway" % product.name)
    project = Beside(product, trials.bench.folder("beside"))
    ours = trials.bench.command
    real, own = (projects.alone(project, command) for command in (flyway, ours))
    found = projects.differences(real, own)
    version = projects.middle(real)
    turns = [projects.in_turn(project, *commands, version)
             for commands in ((flyway, ours), (ours, flyway))]
    found += projects.differences(*turns, "in turn: ")
    row.numbers["tried"] = len(real.seen) + len(turns[0].seen)
    for what, lines in found:
        row.note(what, Failure("\n    " + "\n    ".join(lines[:40])))
    trials.add(row)


def open_product(stack, product, with_jobs=True):
    if product is extensions.CITUS:
        return extensions.open_cluster(stack, product.settings)
    settings = product.settings + (() if with_jobs else (extensions.NO_JOBS,))
    return stack.enter_context(pg.temporary_server(settings))


def play_product(trials, product):
    long = trials.options.long
    chance = random.Random(trials.options.seed)
    with contextlib.ExitStack() as stack:
        stage = Stage(trials, product, open_product(stack, product))
        every_command(stage, ROUNDS if long else 1)
        played_dry_run(stage, ROUNDS if long else 1)
        two_at_once(stage, ROUNDS if long else 1)
        kills(stage, KILLS if long else 2, chance)
    if long and os.environ.get("FLYWAY"):
        beside_flyway(trials, product, program(os.environ["FLYWAY"]))


def play(trials):
    products = (extensions.TIMESCALE, extensions.CITUS)
    there = [product for product in products if product.is_there()]
    missing = " and ".join(product.name for product in products if product not in there)
    if not there or (missing and trials.options.long):
        raise Skip("the server has no %s (PGBIN)" % missing)
    for product in there:
        play_product(trials, product)


if __name__ == "__main__":
    sys.exit(injected.main(__doc__, "extensions", "TimescaleDB and Citus", play,
                           needs_server=False))
