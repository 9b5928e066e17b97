#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Lets the k-th system call of a command on a file fail, on SQLite.

A seccomp filter reaches all of them, those of SQLite and of stdio, too (shim_calls.c):
configuration, scripts, database and journal, dry run, report and log. Calls are tried with each way
to fail: a disk that is full from then on, an I/O error of any call, an interrupted call, half of a
read or write. The long form takes the calls in an order by chance, and as many of a command and a
way as it can in five seconds.

After each try a migration is there with its row or not at all, an error has a message, what the
message says of the database is true, and the same command, run again, does the rest. A dry run or a
report is the old one or a complete new one, and no temporary file is left. Half a read or write
changes nothing at all.

CFLYWAY names the program under test (default: build/cflyway of this checkout).
"""
import collections
import random
import os
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.dirname(HERE))
sys.dont_write_bytecode = True

from lib.faults.harness import Failure  # noqa: E402
from lib.injected import trials as injected  # noqa: E402
from lib.injected.scenes import SCENES  # noqa: E402
from lib.injected.shims import Shim, need_linux_x86  # noqa: E402
from lib.injected.stage import SqliteStage  # noqa: E402

SHORT = 2                       # of each way, of each command
LONG_S = 5
EINTR, EIO, ENOSPC = 4, 5, 28

# harmless: the command must not even notice.
Way = collections.namedtuple("Way", "name calls how keep harmless")
WAYS = (
    Way("the disk is full", ("write", "truncate", "mkdir"), ENOSPC, True, False),
    Way("an I/O error", ("open", "read", "write", "fsync", "truncate", "rename", "unlink", "stat",
                         "list", "access", "lock", "close", "mkdir"), EIO, False, False),
    Way("an interrupted call", ("open", "read", "write", "fsync", "lock"), EINTR, False, False),
    Way("half a read or write", ("read", "write"), "short", False, True),
)


def check(stage, outcome, way, report):
    try:
        if way.harmless:
            outcome.must(0, stage.scene.name)
        stage.check(outcome, report.target if report.name == "unlink" else "")
    except Failure as err:
        raise type(err)("%s: %s" % (report, err)) from err


def play_way(trials, row, stage, shim, way, choose):
    stage.run(*stage.scene.args, env=shim.variables(0, way.how, way.calls))
    count = shim.report().count
    stage.put_back()
    for at in choose(count):
        row.check("%s: call %d of %d" % (way.name, at, count),
                  lambda: stage.try_run(shim.variables(at, way.how, way.calls, way.keep)),
                  lambda outcome: check(stage, outcome, way, shim.report()))


def play(trials):
    need_linux_x86()
    chance = random.Random(trials.options.seed)
    shim = Shim("calls", trials.bench.scratch)

    def choose(count):
        numbers = chance.sample(range(1, count + 1), count)
        end = time.monotonic() + LONG_S
        for at in numbers if trials.options.long else numbers[:SHORT]:
            if time.monotonic() > end:
                return
            yield at

    for scene in SCENES:
        stage = SqliteStage(trials.bench, scene)
        row = injected.Row(scene.name)
        for way in WAYS:
            play_way(trials, row, stage, shim, way, choose)
        trials.add(row)


if __name__ == "__main__":
    sys.exit(injected.main(__doc__, "files", "Failed system calls", play, needs_server=False))
