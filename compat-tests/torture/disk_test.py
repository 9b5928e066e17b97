#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Migrates on a file system that becomes full in the middle of it.

The data of a PostgreSQL server, or the file of SQLite, is on a small file system in memory. Before
each run so much of it is taken that it becomes full at another place: in a script, in its history
row, in COMMIT, in the write-ahead log, which ends the server. Then there is room again.

After each run every script is there with its row or not at all, what was said is true, and a second
run does the rest.

CFLYWAY names the program under test (default: build/cflyway of this checkout).
"""
import collections
import contextlib
import os
import random
import sqlite3
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.dirname(HERE))
sys.dont_write_bytecode = True

from lib import failover  # noqa: E402
from lib import server as pg  # noqa: E402
from lib.faults.harness import Script, Skip  # noqa: E402
from lib.injected import trials as injected  # noqa: E402
from lib.injected.stage import Lost  # noqa: E402

KIB = 1024
SERVER_MIB, ROWS_KIB = 96, 700
SQLITE_KIB, SCRIPT_KIB = 1024, 60
TRIES, SHORT_TRIES = {"PostgreSQL": 25, "SQLite": 150}, {"PostgreSQL": 0, "SQLite": 4}
SETTINGS = ("min_wal_size=2MB", "max_wal_size=4MB", "restart_after_crash=off",
            "synchronous_commit=on")


def scripts(body):
    """body(number) fills a table of some size."""
    names = ["V%d__t%d.sql" % (number, number) for number in range(2, 8)]
    return (failover.FIRST, *(Script(name, "create table t%d (id int, text text);\n%s%s" % (
        number, body(number), failover.NOTE % name)) for number, name in enumerate(names, 2)))


SERVER_SCRIPTS = scripts(lambda number: "insert into t%d select n, repeat('x', 1000) from "
                         "generate_series(1, %d) as n;\n" % (number, ROWS_KIB))
SQLITE_SCRIPTS = scripts(lambda number: "insert into t%d with recursive s(n) as (select 1 union all "
                         "select n + 1 from s where n < %d) select n, hex(zeroblob(500)) from s;\n"
                         % (number, SCRIPT_KIB))


class Disk:
    """A small file system; fill() leaves so many bytes of it, clear() gives the rest back."""

    def __init__(self, folder):
        self.folder, self.ballast = folder, os.path.join(folder, "ballast")

    def fill(self, free):
        status = os.statvfs(self.folder)
        with open(self.ballast, "wb") as file:
            os.posix_fallocate(file.fileno(), 0, max(
                status.f_frsize, status.f_bavail * status.f_frsize - free))

    def clear(self):
        with contextlib.suppress(FileNotFoundError):
            os.unlink(self.ballast)


@contextlib.contextmanager
def small_disk(parent, size_kib):
    folder = os.path.join(parent, "disk")
    os.mkdir(folder)
    if os.geteuid() != 0 or subprocess.run(
            ["mount", "-t", "tmpfs", "-o", "size=%dk,mode=755" % size_kib, "none", folder],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode != 0:
        os.rmdir(folder)
        raise Skip("file systems cannot be mounted")
    try:
        yield Disk(folder)
    finally:
        subprocess.run(["umount", "-l", folder], check=True)
        os.rmdir(folder)


def check(outcome, found, wanted):
    failover.must_be_whole(found, wanted)
    failover.must_be_true(outcome, found, wanted)


# --- SQLite ---------------------------------------------------------------------------------------

def sqlite_state(path):
    if not os.path.exists(path):
        return failover.State((), collections.Counter())
    with contextlib.closing(sqlite3.connect(path)) as file:
        if file.execute("pragma integrity_check").fetchall() != [("ok",)]:
            raise Lost("the file is damaged")
        tables = {row[0] for row in file.execute("select name from sqlite_master")}

        def column(table, sql):
            return [row[0] for row in file.execute(sql)] if table in tables else []

        return failover.State(
            tuple(column("flyway_schema_history", "select script from flyway_schema_history where "
                         "success order by installed_rank")),
            collections.Counter(column("done", "select part from done")))


def on_sqlite(trials, tries, chance):
    row = injected.Row("SQLite")
    folder = trials.bench.project("disk", SQLITE_SCRIPTS)
    with small_disk(folder, SQLITE_KIB) as disk:
        path = os.path.join(disk.folder, "a.db")

        def run():
            return trials.bench.run_raw(folder, ["-url=jdbc:sqlite:" + path,
                                                 "-locations=filesystem:sql", "migrate"])

        def check_both(outcome):
            disk.clear()
            check(outcome, sqlite_state(path), SQLITE_SCRIPTS)
            run().must(0, "the second run")
            failover.must_be_all(sqlite_state(path), SQLITE_SCRIPTS)

        for number in range(tries):
            for name in os.listdir(disk.folder):
                os.unlink(os.path.join(disk.folder, name))
            free = chance.randrange(0, len(SQLITE_SCRIPTS) * SCRIPT_KIB * KIB * 5 // 4)
            disk.fill(free)
            row.check("try %d, %d bytes free" % (number, free), run, check_both)
            disk.clear()
    trials.add(row)


# --- PostgreSQL -----------------------------------------------------------------------------------

class SmallServer:
    """A server whose data is on the disk; it can end when that is full, and is started again."""

    def __init__(self, stack, disk, folder, user):
        self.stack, self.folder, self.user = stack, folder, user
        data = os.path.join(disk.folder, "data")
        os.mkdir(data)
        if user:
            os.chown(data, user["user"], user["group"])
        os.symlink(data, os.path.join(folder, "data"))
        subprocess.run([pg.binary("initdb"), "--no-sync", "-D", data, "-U", pg.SUPERUSER, "-A",
                        "trust", "-E", "UTF8", "--locale=C", "--wal-segsize=1"], check=True,
                       stdout=subprocess.DEVNULL, env=dict(pg.environment(), TZ="UTC"), cwd="/",
                       **user)
        self.start()

    def start(self):
        with contextlib.suppress(FileNotFoundError):
            os.unlink(os.path.join(self.folder, "log"))     # what it says of an earlier end
        self.own = self.stack.enter_context(contextlib.ExitStack())
        self.server = self.own.enter_context(pg.running(self.folder, SETTINGS, self.user))

    def start_again(self):
        """If it has ended. Returns whether it had."""
        with contextlib.suppress(pg.ServerError):
            self.server.query("select 1")
            return False
        self.own.close()
        self.start()
        return True


def on_postgres(trials, tries, chance):
    row = injected.Row("PostgreSQL")
    folder = trials.bench.project("disk", SERVER_SCRIPTS)
    ended = 0
    with contextlib.ExitStack() as stack:
        home, user = stack.enter_context(pg.data_folder())
        disk = stack.enter_context(small_disk(home, SERVER_MIB * KIB))
        small = SmallServer(stack, disk, home, user)

        def run():
            return trials.bench.run(folder, small.server.jdbc_url("disk"), "migrate", limit_s=60)

        def check_both(outcome):
            nonlocal ended
            disk.clear()
            ended += small.start_again()
            check(outcome, failover.state(small.server, "disk"), SERVER_SCRIPTS)
            run().must(0, "the second run")
            failover.must_be_all(failover.state(small.server, "disk"), SERVER_SCRIPTS)

        for number in range(tries):
            small.server.create_database("disk")
            small.server.query("checkpoint")
            free = chance.randrange(0, len(SERVER_SCRIPTS) * ROWS_KIB * KIB * 2)
            disk.fill(free)
            row.check("try %d, %d bytes free" % (number, free), run, check_both)
            disk.clear()
            small.start_again()
            small.server.drop_database("disk")
    row.numbers["server ended"] = ended
    trials.add(row)


def play(trials):
    chance = random.Random(trials.options.seed)
    tries = TRIES if trials.options.long else SHORT_TRIES
    on_sqlite(trials, tries["SQLite"], chance)
    if tries["PostgreSQL"]:
        on_postgres(trials, tries["PostgreSQL"], chance)


if __name__ == "__main__":
    sys.exit(injected.main(__doc__, "disk", "Full disks", play, needs_server=False))
