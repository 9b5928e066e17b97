#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The examples of this project, migrated by cflyway and by the files of its dry runs.

The IoT project (conf/flyway*.conf) on two temporary PostgreSQL servers with pg_cron, and the demo
(conf/demo.conf) on two SQLite files. On the first of each pair every command of the guide is
executed. On the second it is a dry run, whose file psql or sqlite3 plays. In the end both hold the
same: dumps of all databases and rows of the histories, apart from times. A dry run changes nothing,
and fails where its command fails.

CFLYWAY names the program under test (default: build/cflyway of this checkout).
"""
import os
import shutil
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
sys.dont_write_bytecode = True

import dry_run_test as dry  # noqa: E402
import iot_test as iot  # noqa: E402
from lib import runner, server as pg  # noqa: E402

WRITERS = ("migrate", "repair")
GUIDE = [args for _, args in iot.GUIDE if args[-1] in WRITERS]
DEMO = [args for _, args in iot.DEMO if args[-1] in WRITERS]
FILE = "dry.sql"
# Its jobs would change the data while the test runs. pg_cron's own process is the only worker that
# fits, so that none starts; cron.max_running_jobs=0 lets one through.
SETTINGS = iot.SETTINGS + ("max_worker_processes=1", "max_logical_replication_workers=0",
                           "cron.log_run=off")


def must_be_equal(what, expected, found):
    if expected != found:
        diff = runner.unified(what, "\n".join(expected), "\n".join(found))
        raise dry.Difference("\n".join(diff[:60]))


class Postgres:
    """The databases of the IoT project."""

    databases = {iot.POSTGRES_CONF: "postgres", iot.IOT_CONF: "iotmetrics"}

    def __init__(self, server, folder):
        self.project = iot.Project(folder, server)
        self.server = server
        server.create_database("iotmetrics")

    def play(self, args):
        """Plays the file of a dry run of these arguments."""
        return subprocess.run(
            self.server.psql_command(self.databases[args[0]], "-v", "ON_ERROR_STOP=1", "-f", FILE),
            cwd=self.project.directory, env=pg.environment(), check=False,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT)

    def contents(self):
        lines = []
        for name in sorted(self.databases.values()):
            database = dry.Postgres(self.server, name)
            lines += ["database " + name, *database.contents(None)]
        port = "\t%d\t" % self.server.port        # pg_cron keeps it with each job
        return [line.replace(port, "\tPORT\t") for line in dry.without_times(lines)]


class Sqlite:
    """The file of the demo."""

    def __init__(self, _server, folder):
        self.project = iot.Project(folder)
        self.database = dry.Sqlite(os.path.join(folder, "build", "demo.db"))

    def play(self, _args):
        return self.database.play(os.path.join(self.project.directory, FILE), None)

    def contents(self):
        history = ("main", "flyway_schema_history")
        if not os.path.exists(self.database.path):
            return []
        return dry.without_times(self.database.contents(history)) + \
            (self.database.history(history) or [])


def migrate(command, example, guide):
    """Returns the exit status of each command."""
    return [example.project.run(command, args)["exit"] for args in guide]


def migrate_by_files(command, example, guide):
    """As migrate(), with dry runs and their files; returns the statuses of the dry runs."""
    codes = []
    for args in guide:
        what = " ".join(args)
        before = example.contents()
        seen = example.project.run(command, args + ["-dryRunOutput=" + FILE])
        must_be_equal("after the dry run of " + what, before, example.contents())
        codes.append(seen["exit"])
        if seen["exit"] != 0:
            continue
        played = example.play(args)
        if played.returncode != 0:
            raise dry.Difference("the file of %s: %s" % (what, played.stdout.decode()))
    return codes


def run_with(kind, action):
    """Calls action with an example of this kind; returns its value and what the example holds."""
    with tempfile.TemporaryDirectory(prefix="dry-run-iot.") as folder:
        if kind is Sqlite:
            example = kind(None, os.path.realpath(folder))
            return action(example), example.contents()
        with pg.temporary_server(SETTINGS) as server:
            example = kind(server, os.path.realpath(folder))
            return action(example), example.contents()


def compare(kind, guide):
    command = runner.cflyway()
    done, wanted = run_with(kind, lambda each: migrate(command, each, guide))
    dry_done, got = run_with(kind, lambda each: migrate_by_files(command, each, guide))
    if 0 not in done or len(wanted) < 20:
        raise dry.Difference("there is nothing to compare")
    must_be_equal("exit status", [str(code) for code in done], [str(code) for code in dry_done])
    must_be_equal(kind.__name__, wanted, got)
    return "%d commands, %d lines of dumps" % (len(done), len(got))


def main():
    passed = failed = skipped = 0
    for name, kind, guide in (("demo", Sqlite, DEMO), ("iot", Postgres, GUIDE)):
        try:
            if kind is Sqlite and not shutil.which("sqlite3"):
                raise pg.ServerError("sqlite3 is not installed")
            print("ok %s: %s" % (name, compare(kind, guide)), flush=True)
            passed += 1
        except pg.ServerError as err:
            missing = 'could not access file "pg_cron"' in str(err) or kind is Sqlite
            skipped += missing
            failed += not missing
            print("%s %s: %s" % ("skip" if missing else "FAIL", name, err))
        except dry.Difference as err:
            failed += 1
            print("FAIL %s: %s" % (name, err))
    print("%d passed, %d failed, %d skipped" % (passed, failed, skipped))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
