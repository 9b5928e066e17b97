#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Stops a server that writes to disk (fsync on) at once, as by pg_ctl stop -m immediate, and looks
what is left of a run after its recovery.

Whatever cflyway.durability says: a migration and its row are both there or both gone, and what is
there is the beginning of the run.  When cflyway has ended, all that it has committed is there.

CFLYWAY names the program under test (default: build/cflyway of this checkout).
"""
import os
import random
import re
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
sys.dont_write_bytecode = True

from lib import server as pg  # noqa: E402

# The log writer sleeps, so that only what a COMMIT waits for gets to the disk early.
SETTINGS = ("synchronous_commit=on", "full_page_writes=on", "wal_writer_delay=10s",
            "wal_writer_flush_after=1GB", "wal_buffers=16MB")
MIGRATIONS = 40
STOPS = 3                       # of running programs, in each mode
MODES = ("migration", "run")
STATE = """
select count(*) || ' ' || coalesce(max(version::int), 0) || ' '
    || count(*) filter (where to_regclass('t' || version) is null) || ' '
    || (select count(*) from pg_tables where tablename ~ '^t[0-9]+$')
    from flyway_schema_history where version is not null
"""


class Failure(Exception):
    pass


class Disk:
    """A server whose data outlives it."""

    def __init__(self, directory):
        self.user, self.directory = pg.owner(), directory
        os.chmod(directory, 0o711)
        if self.user:
            os.chown(directory, self.user["user"], self.user["group"])
        pg.init_data(os.path.join(directory, "data"), self.user)
        self.watchdog = self.server = None

    def start(self, fsync="on"):
        log = os.path.join(self.directory, "log")
        if os.path.exists(log):     # what was said before is no reason to give up
            os.truncate(log, 0)
        self.watchdog, port = pg.start(self.directory, (*SETTINGS, "fsync=" + fsync), self.user)
        if not pg.wait_ready(self.directory, port):
            raise pg.ServerError("the server does not start")
        self.server = pg.Server("127.0.0.1", port)

    def crash(self):
        pg.stop(self.watchdog)
        self.watchdog = None

    def recover(self):
        """With fsync on, recovery would first sync every file, which here was never in danger."""
        self.start("off")

    def restart(self):
        with open(os.path.join(self.directory, "data", "postmaster.pid")) as file:
            os.kill(int(file.readline()), signal.SIGINT)
        while os.path.exists(os.path.join(self.directory, "data", "postmaster.pid")):
            time.sleep(0.02)
        self.crash()
        self.start()

    def close(self):
        if self.watchdog:
            self.crash()


class Run:
    def __init__(self, command, disk, folder, mode):
        self.command, self.disk, self.folder, self.mode = command, disk, folder, mode
        self.database = "durability_" + mode

    def start(self, *args):
        return subprocess.Popen(
            [*self.command, "-url=" + self.disk.server.jdbc_url(self.database),
             "-user=" + pg.SUPERUSER, "-locations=filesystem:" + self.folder,
             "-cflyway.durability=" + self.mode, *args, "migrate"],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            text=True, cwd=self.folder, env=pg.environment())

    def finish(self, code, *args):
        process = self.start(*args)
        text = process.communicate(timeout=120)[0]
        self.must(process.returncode == code, "exit %d: %s" % (process.returncode, text[-600:]))
        return text

    def must(self, condition, what):
        if not condition:
            raise Failure("%s: %s" % (self.database, what))

    def empty(self):
        self.disk.restart()
        self.disk.server.drop_database(self.database)
        self.disk.server.create_database(self.database)
        self.disk.server.psql("checkpoint")

    def applied(self):
        """How many there are, after a look whether they are whole and the first ones."""
        server = self.disk.server
        if server.value("select to_regclass('flyway_schema_history') is null", self.database) == "t":
            return 0
        rows, last, without, tables = map(int, server.value(STATE, self.database).split())
        self.must(rows == last == tables and without == 0,
                  "%d rows up to version %d, %d of them without a table, %d tables" % (
                      rows, last, without, tables))
        return rows

    def crash_during(self, whole_s, chance):
        """Returns how many were said to be there, and how many are."""
        self.empty()
        process = self.start()
        time.sleep(chance.uniform(0.1, 0.9) * whole_s)
        self.disk.crash()
        text = process.communicate(timeout=60)[0]
        self.disk.recover()
        said = max([int(number) for number in re.findall(r'to version "(\d+) ', text)] + [1]) - 1
        found = self.applied()
        self.must(self.mode == "run" or found >= said,
                  "%d migrations were committed, %d are there" % (said, found))
        self.finish(0)
        self.must(self.applied() == MIGRATIONS, "after the second run not all are there")
        return said, found

    def crash_after(self, code, expected, what, *args):
        self.empty()
        self.finish(code, *args)
        self.disk.crash()
        self.disk.recover()
        found = self.applied()
        self.must(found == expected, "%s: %d migrations instead of %d" % (what, found, expected))


def write(folder, name, text):
    with open(os.path.join(folder, name), "w", encoding="utf-8") as file:
        file.write(text)


def test(run, chance):
    run.empty()
    begun = time.monotonic()
    run.finish(0)
    whole_s = time.monotonic() - begun
    crashes = [run.crash_during(whole_s, chance) for _ in range(STOPS)]
    run.crash_after(0, MIGRATIONS, "after a success")
    run.crash_after(0, MIGRATIONS // 2, "after the target", "-target=%d" % (MIGRATIONS // 2))
    bad = "V%d__Bad.sql" % (MIGRATIONS + 1)
    write(run.folder, bad, "select nothing from nowhere;\n")
    run.crash_after(1, MIGRATIONS, "after a failure")
    os.remove(os.path.join(run.folder, bad))
    print("ok durability=%s (%.1f s undisturbed; of the migrations that were committed there were "
          "left: %s)" % (run.mode, whole_s, ", ".join("%d of %d" % (found, said)
                                                      for said, found in crashes)), flush=True)


def main():
    command = shlex.split(os.environ.get("CFLYWAY") or
                          os.path.join(os.path.dirname(HERE), "build", "cflyway"))
    if "/" in command[0]:
        command[0] = os.path.abspath(command[0])
    seed = random.randrange(10 ** 6)
    scratch = os.path.realpath(tempfile.mkdtemp(prefix="durability."))
    failed = 0
    folder = os.path.join(scratch, "sql")
    os.chmod(scratch, 0o711)
    os.makedirs(folder)
    os.makedirs(os.path.join(scratch, "server"))
    disk = Disk(os.path.join(scratch, "server"))
    for number in range(1, MIGRATIONS + 1):
        write(folder, "V%d__Many.sql" % number, "create table t%d (id int primary key);\n"
              "insert into t%d select generate_series(1, 50);\n" % (number, number))
    try:
        disk.start()
        for mode in MODES:
            try:
                test(Run(command, disk, folder, mode), random.Random(seed))
            except (Failure, pg.ServerError, OSError, subprocess.SubprocessError) as err:
                failed += 1
                print("FAIL durability=%s, seed %d: %s" % (mode, seed, err), flush=True)
                if not disk.watchdog:
                    disk.start()
    finally:
        disk.close()
        shutil.rmtree(scratch, ignore_errors=True)
    print("%d passed, %d failed" % (len(MODES) - failed, failed))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
