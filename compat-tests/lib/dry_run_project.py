# SPDX-License-Identifier: Apache-2.0
"""What the tests of dry runs that write a file share: projects, and the run of their cases."""
import argparse
import os
import sqlite3
import subprocess
import tempfile

from . import server as pg

HERE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
PROGRAM = os.path.abspath(os.environ.get(
    "CFLYWAY", os.path.join(HERE, os.pardir, "build", "cflyway")))
UNDO = {"V1__a.sql": "create table a(i int);", "V2__b.sql": "create table b(i int);",
        "U2__b.sql": "drop table b;"}
LIMIT_S = 60


class Failure(Exception):
    pass


class Project:
    """A folder with scripts, and a database."""

    def __init__(self, folder, files=()):
        self.folder = folder
        os.mkdir(os.path.join(folder, "sql"))
        self.write(dict(files))

    def write(self, files):
        for name, text in files.items():
            with open(os.path.join(self.folder, "sql", name), "w") as file:
                file.write(text)

    def start(self, *args):
        return subprocess.Popen(
            [PROGRAM, "-url=" + self.url, "-locations=filesystem:sql", "-cleanDisabled=false",
             *self.options, *args], cwd=self.folder, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT)

    def call(self, *args):
        process = self.start(*args)
        out, _ = process.communicate(timeout=LIMIT_S)
        return process.returncode, out.decode()

    def succeeds(self, *args):
        status, said = self.call(*args)
        if status != 0:
            raise Failure("%s failed:\n%s" % (" ".join(args), said))

    def fails(self, why, *args):
        status, said = self.call(*args)
        if status == 0 or why not in said:
            raise Failure("%s: status %d, not the error %r:\n%s"
                          % (" ".join(args), status, why, said))

    def dry(self, *args):
        self.succeeds("-dryRunOutput=dry.sql", *args)

    def plays(self):
        status, said = self.play()
        if status != 0:
            raise Failure("the file fails: " + said)

    def play(self):
        with open(os.path.join(self.folder, "dry.sql")) as file:
            done = subprocess.run(self.client, stdin=file, cwd=self.folder, check=False,
                                  stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        return done.returncode, done.stdout.decode()


class Sqlite(Project):
    client = ["sqlite3", "-bail", "a.db"]

    def __init__(self, folder, _server, files=()):
        super().__init__(folder, files)
        self.url, self.options = "jdbc:sqlite:a.db", []

    def value(self, sql):
        connection = sqlite3.connect(os.path.join(self.folder, "a.db"))
        try:
            return str(connection.execute(sql).fetchone()[0])
        finally:
            connection.close()

    def change(self, sql):
        connection = sqlite3.connect(os.path.join(self.folder, "a.db"))
        with connection:
            connection.execute(sql)
        connection.close()


class Postgres(Project):
    def __init__(self, folder, server, files=()):
        super().__init__(folder, files)
        self.server, self.name = server, "d" + os.path.basename(folder).replace("-", "_")
        server.create_database(self.name)
        self.url = server.jdbc_url(self.name)
        self.options = ["-user=" + pg.SUPERUSER]
        self.client = server.psql_command(self.name, "-v", "ON_ERROR_STOP=1", "-f", "-")

    def change(self, sql):
        self.sql(sql)

    def sql(self, text):
        self.server.psql(text, self.name)

    def value(self, sql):
        return self.server.value(sql, self.name)


def equal(expected, found):
    if expected != found:
        raise Failure("expected %r, found %r" % (expected, found))


def play_cases(cases):
    """Plays (function, kind of project, files); returns the exit status."""
    parser = argparse.ArgumentParser()
    parser.add_argument("-k", metavar="NAME", default="", help="only cases with this name")
    wanted = parser.parse_args().k
    passed = failed = 0
    with pg.open_server() as server:
        for case, kind, files in cases:
            name = "%s (%s)" % (case.__name__, kind.__name__)
            if wanted not in name:
                continue
            with tempfile.TemporaryDirectory(prefix="dry") as folder:
                try:
                    case(kind(folder, server, files))
                    passed += 1
                    print("ok    ", name)
                except (Failure, pg.ServerError, sqlite3.Error) as failure:
                    failed += 1
                    print("FAILED", name, failure, sep="\n")
    print("%d passed, %d failed" % (passed, failed))
    return 1 if failed > 0 else 0
