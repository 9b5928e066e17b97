#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Kills cflyway (SIGKILL) where it hurts, and runs it again.

On PostgreSQL a proxy waits for the message that is aimed at, and a random moment longer: in the
middle of a COPY, at a COMMIT, while an index is built, in a callback, at a row of the history. On
SQLite a seccomp filter kills the process at its k-th call that changes a file, for every k: before
it, and in the middle of a write. *Ended before* are programs that had ended well when they were to
be killed; they do not count as tried.

After each kill a migration is there with its row, once, or not at all; only scripts with
transactions of their own may have done part of their work without one. The next run does the rest.
Script migrations differ: the program is not killed with cflyway and runs to its end. If there
is no row after the kill, the test wants the next run to have run the program a second time.

CFLYWAY names the program under test (default: build/cflyway of this checkout).
"""
import functools
import os
import random
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.dirname(HERE))
sys.dont_write_bytecode = True

from lib.faults.harness import Skip  # noqa: E402
from lib.injected import trials as injected  # noqa: E402
from lib.injected.killed import AIMS, Killed, KilledProgram  # noqa: E402
from lib.injected.scenes import SCENES  # noqa: E402
from lib.injected.shims import Shim, need_linux_x86  # noqa: E402
from lib.injected.stage import SqliteStage  # noqa: E402
from lib.session import Session  # noqa: E402

SHORT, LONG = 2, 150             # kills of each aim
LONG_LIMIT_S = 300              # for all of them
MOST = 3                        # times as many, where not each program is killed in time
SHORT_CALLS = 3                 # of each command on SQLite
SCRIPT = "PostgreSQL: while a script migration runs"
CHANGES = ("write", "fsync", "truncate", "unlink", "rename", "open", "close", "lock")
WAYS = (("kill", CHANGES), ("torn", ("write",)))


def kill_on_postgres(trials, chance):
    end = time.monotonic() + LONG_LIMIT_S
    with trials.bench.database("killed") as database, \
            Session(database.server.host, database.server.port, database.server.user,
                    database.name) as session:
        rows = {name: injected.Kills("PostgreSQL: " + name) for name in AIMS
                if trials.wants("PostgreSQL: " + name)}
        killed = Killed(trials.bench, database, session, chance) if rows else None
        for number in range(LONG if trials.options.long else SHORT):
            if time.monotonic() > end:
                break
            for name, row in rows.items():
                row.check("kill %d" % number, functools.partial(killed.kill_at, name),
                          killed.check)
                killed.reset()
        for row in rows.values():
            trials.add(row)
        if trials.wants(SCRIPT):
            kill_beside_script(trials, KilledProgram(trials.bench, database, session, chance))


def kill_beside_script(trials, program):
    row = injected.Kills(SCRIPT)
    wanted = LONG if trials.options.long else SHORT
    for number in range(MOST * wanted):
        if row.numbers["tried"] >= wanted:
            break
        row.check("kill %d" % number, program.kill, program.check)
        program.reset()
    trials.add(row)


def kill_on_sqlite(trials, chance):
    shim = Shim("calls", trials.bench.scratch)
    for scene in SCENES:
        if scene.keeps or not trials.wants("SQLite: " + scene.name):
            continue
        stage = SqliteStage(trials.bench, scene)
        row = injected.Kills("SQLite: " + scene.name)
        for how, calls in WAYS:
            stage.run(*scene.args, env=shim.variables(0, how, calls))
            count = shim.report().count
            stage.put_back()
            picked = range(1, count + 1)
            if not trials.options.long:
                picked = chance.sample(picked, min(count, SHORT_CALLS))
            for at in picked:
                row.check("%s at call %d of %d" % (how, at, count),
                          lambda: stage.try_run(shim.variables(at, how, calls)), stage.check)
        trials.add(row)


def play(trials):
    chance = random.Random(trials.options.seed)
    kill_on_postgres(trials, chance)
    try:
        need_linux_x86()
    except Skip as err:
        print("skip kills on SQLite: %s" % err)
        return
    kill_on_sqlite(trials, chance)


if __name__ == "__main__":
    sys.exit(injected.main(__doc__, "kills", "Killed programs", play, needs_server=True))
