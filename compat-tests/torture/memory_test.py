#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Lets the k-th allocation of a command fail, alone or with all that follow.

The allocations of cflyway, SQLite, libpq and the C and C++ libraries count alike (shim_memory.c).
*Possible* is how many there are; of each command on each database, the long form tries those k that
it can in twelve seconds, chosen by chance, every fourth with all that follow. With --every it tries
all of them.

After each try a migration is there with its row or not at all, an error has a message, what the
message says of the database is true, and the same command, run again, does the rest. A command that
ends with status 0 has done and said what it does and says undisturbed.

CFLYWAY names the program under test (default: build/cflyway of this checkout).
"""
import os
import random
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.dirname(HERE))
sys.dont_write_bytecode = True

from lib.faults.harness import Script  # noqa: E402
from lib.injected import trials as injected  # noqa: E402
from lib.injected.scenes import SCENES  # noqa: E402
from lib.injected.shims import Shim  # noqa: E402
from lib.injected.stage import Lost, PostgresStage, SqliteStage  # noqa: E402

SHORT = 8                       # of each command
LONG_S = 12
LIMIT_S = 8                     # then it hangs


def is_libpq_waiting(report):
    """libpq 15 waits for ever when it has no memory for the result that ends a pipeline: it notes
    the error, but not that there is a result to fetch. An allocation of cflyway's own that fails
    ends the process, so that what fails later is not tried."""
    return os.path.basename(report.target or "").startswith("libpq.")


def play_scene(trials, stage, shim, choose):
    """choose(count) gives the tries as pairs: the number of the allocation, and whether all that
    follow fail, too."""
    row = injected.Row("%s on %s" % (stage.scene.name, stage.TITLE))
    if not trials.wants(row.what):
        return
    stage.run(*stage.scene.args, env=shim.variables(0))
    count = shim.report().count
    stage.state()
    stage.put_back()
    for at, keep in choose(count):
        row.check("allocation %d of %d%s" % (at, count, " and all later" if keep else ""),
                  lambda: stage.try_run(shim.variables(at, keep=keep), LIMIT_S), stage.check,
                  lambda: is_libpq_waiting(shim.report()))
    row.numbers["possible"] = count
    trials.add(row)


def without_variables(trials, shim, database):
    """What libpq learns from the environment is not left out silently."""
    row = injected.Row("no room for a variable of the environment")
    if not trials.wants(row.what):
        return
    folder = trials.bench.project("variables", (Script("V1__a.sql", "create table a ();\n"),))

    def check(outcome):
        outcome.must(1, "migrate").must_say("cflyway: out of memory", "migrate")
        if database.state() != database.empty or os.path.exists(os.path.join(folder, "out.sql")):
            raise Lost("something has been done")

    database.empty = database.state()
    for variable in ("PGTZ", "PGDATESTYLE"):
        for args in ((), ("-dryRunOutput=out.sql",)):
            row.check("%s %s" % (variable, " ".join(args)), lambda: trials.bench.run(
                folder, database.url(), *args, "migrate",
                env=dict(shim.variables(0), INJECT_UNSET=variable)), check)
    trials.add(row)


def play(trials):
    chance = random.Random(trials.options.seed)
    shim = Shim("memory", trials.bench.scratch)

    def choose(count):
        numbers = chance.sample(range(1, count + 1), count)
        end = time.monotonic() + LONG_S
        for index, at in enumerate(numbers if trials.options.long else numbers[:SHORT]):
            if time.monotonic() > end and not trials.options.every:
                return
            yield at, index % 4 == 3

    for scene in SCENES:
        play_scene(trials, SqliteStage(trials.bench, scene), shim, choose)
    with trials.bench.database("memory") as database:
        without_variables(trials, shim, database)
        for scene in SCENES if trials.options.long else ():
            play_scene(trials, PostgresStage(trials.bench, scene, database), shim, choose)


if __name__ == "__main__":
    sys.exit(injected.main(__doc__, "memory", "Failed allocations", play, needs_server=True,
                           flags=(("--every", "with --long: every allocation, which takes an hour "
                                   "or two"),)))
