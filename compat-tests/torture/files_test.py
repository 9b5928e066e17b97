#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Lets the k-th system call of a command on a file or a socket fail.

A seccomp filter reaches all of them, those of SQLite, libpq and stdio, too (shim_calls.c). On files
(configuration, scripts, SQLite's database and journal, dry run, report and log) calls are tried
with each way to fail: a disk that is full from then on, an I/O error of any call, an interrupted
call, half of a read or write. On the connection to PostgreSQL: it is reset or broken at a call, or
from then on, so that nobody can look up what a COMMIT has done; the kernel has no memory to send,
to wait or for a socket; half of what is sent or received; an interrupted call. (Where it has no
memory to send, the command runs with cflyway.networkTimeout, as libpq waits for the answer to what
was not sent.) *Possible* are all calls times the ways in which they can fail. The long form tries
those calls of a command and a way that it can in five seconds, on PostgreSQL in eight, chosen by
chance; where such runs were added up, a call may have failed in several. With --every it tries all
of them once.

After each try a migration is there with its row or not at all, an error has a message, what the
message says of the database is true, and the same command, run again, does the rest. A dry run or a
report is the old one or a complete new one, and no temporary file is left. Half a read or write
changes nothing at all, and neither does an interrupted call on a connection.

CFLYWAY names the program under test (default: build/cflyway of this checkout).
"""
import collections
import errno
import os
import random
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.dirname(HERE))
sys.dont_write_bytecode = True

from lib.faults.harness import Failure  # noqa: E402
from lib.injected import trials as injected  # noqa: E402
from lib.injected.scenes import SCENES  # noqa: E402
from lib.injected.shims import Shim, need_linux_x86  # noqa: E402
from lib.injected.stage import PostgresStage, SqliteStage  # noqa: E402

SHORT = 2                       # of each way, of each command
LONG_S = {"SQLite": 5, "PostgreSQL": 8}
LIMIT_S = 20                    # then it hangs

# harmless: the command must not even notice. variables: of its environment.
Way = collections.namedtuple("Way", "name calls how keep harmless variables", defaults=({},))
WAYS = (
    Way("the disk is full", ("write", "truncate", "mkdir"), errno.ENOSPC, True, False),
    Way("an I/O error", ("open", "read", "write", "fsync", "truncate", "rename", "unlink", "stat",
                         "list", "access", "lock", "close", "mkdir"), errno.EIO, False, False),
    Way("an interrupted call", ("open", "read", "write", "fsync", "lock"), errno.EINTR, False,
        False),
    Way("half a read or write", ("read", "write"), "short", False, True),
)
# libpq drops what it could not send, and waits until the server ends the connection.
SILENCE = {"CFLYWAY_NETWORK_TIMEOUT": "300ms"}
SOCKET_WAYS = (
    Way("a reset", ("send", "receive"), errno.ECONNRESET, False, False),
    Way("a reset, and no other connection", ("send", "receive", "connect"), errno.ECONNRESET, True,
        False),
    Way("a broken pipe", ("send",), errno.EPIPE, False, False),
    Way("no buffer for a message", ("send",), errno.ENOBUFS, False, False, SILENCE),
    Way("no buffer for a socket", ("socket", "connect", "option"), errno.ENOBUFS, False, False),
    Way("no memory", ("poll", "receive", "socket"), errno.ENOMEM, False, False),
    Way("no connection", ("connect",), errno.ETIMEDOUT, True, False),
    Way("an interrupted call of the connection", ("send", "receive", "poll"), errno.EINTR, False,
        True),
    Way("a call that would wait", ("send", "receive"), errno.EAGAIN, False, True),
    Way("half a message", ("send", "receive"), "short", False, True),
)


def check(stage, outcome, way, report):
    try:
        if way.harmless:
            outcome.must(0, stage.scene.name)
        stage.check(outcome, report.target if report.name == "unlink" else "")
    except Failure as err:
        raise type(err)("%s: %s" % (report, err)) from err


def play_way(row, stage, shim, way, choose):
    def run(at):
        variables = {**shim.variables(at, way.how, way.calls, way.keep), **way.variables}
        return stage.try_run(variables, LIMIT_S)

    run(0)
    count = shim.report().count
    row.numbers["possible"] = row.numbers.get("possible", 0) + count
    stage.state()
    stage.put_back()
    for at in choose(count):
        row.check("%s: call %d of %d" % (way.name, at, count),
                  lambda: run(at),
                  lambda outcome: check(stage, outcome, way, shim.report()))


def play_scene(trials, stage, shim, ways, chance, what):
    """A row for a command, all ways."""
    def choose(count):
        if trials.options.count:
            return
        numbers = chance.sample(range(1, count + 1), count)
        end = time.monotonic() + LONG_S[stage.TITLE]
        for at in numbers if trials.options.long else numbers[:SHORT]:
            if time.monotonic() > end and not trials.options.every:
                return
            yield at

    if not trials.wants(what):
        return
    row = injected.Row(what)
    if stage.TITLE == "PostgreSQL" and not trials.options.long:
        # A time limit may be that of a connection, ten seconds.
        ways = chance.sample([way for way in ways if not way.variables], SHORT)
    for way in ways:
        play_way(row, stage, shim, way, choose)
    trials.add(row)


def play(trials):
    need_linux_x86()
    chance = random.Random(trials.options.seed)
    shim = Shim("calls", trials.bench.scratch)
    for scene in SCENES:
        play_scene(trials, SqliteStage(trials.bench, scene), shim, WAYS, chance,
                   scene.name + " on SQLite")
    with trials.bench.database("files") as database:
        for scene in SCENES if trials.options.long else chance.sample(SCENES, 1):
            stage = PostgresStage(trials.bench, scene, database)
            play_scene(trials, stage, shim, WAYS, chance, scene.name + " on PostgreSQL")
            play_scene(trials, stage, shim, SOCKET_WAYS, chance,
                       scene.name + " on PostgreSQL, its connection")


if __name__ == "__main__":
    sys.exit(injected.main(__doc__, "files", "Failed system calls", play, needs_server=True,
                           flags=[("--count", "with --long --add: only count what is possible"),
                                  ("--every", "with --long: every call, in every way")]))
