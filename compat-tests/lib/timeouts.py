# SPDX-License-Identifier: Apache-2.0
"""What the tests of time limits share: the program while it runs, a database, a folder."""
import contextlib
import os
import shlex
import subprocess
import sys
import tempfile
import threading

from . import server as pg

LIMIT_S = 30                    # a program that takes longer hangs


class Failure(Exception):
    pass


def must(condition, what, text=""):
    if not condition:
        raise Failure(what + "".join("\n    " + line for line in text.splitlines()[-25:]))


class Run:
    """cflyway while it runs."""

    def __init__(self, command, folder):
        self.text = ""
        self.process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            text=True, cwd=folder, env=pg.environment())
        self.watchdog = threading.Timer(LIMIT_S, self.process.kill)
        self.watchdog.start()

    def wait_for(self, word):
        """Reads until a line with the word."""
        for line in self.process.stdout:
            self.text += line
            if word in line:
                return self
        must(False, "never said %r" % word, self.text)

    def end(self, code):
        self.text += self.process.communicate()[0]
        self.watchdog.cancel()
        must(self.process.returncode == code,
             "exit %s instead of %s" % (self.process.returncode, code), self.text)
        return self.text


class Bench:
    """A database, a folder with scripts, and the program."""

    def __init__(self, command, server, database):
        self.command, self.server, self.database = command, server, database
        self.url = server.jdbc_url(database) if server else "jdbc:sqlite:database.db"
        self.folder = tempfile.TemporaryDirectory()
        os.mkdir(os.path.join(self.folder.name, "sql"))

    def write(self, **files):
        for name, text in files.items():
            name = name.replace("_cflyway_conf", ".sql.cflyway.conf")
            name = name if name.endswith(".conf") else name + ".sql"
            with open(os.path.join(self.folder.name, "sql", name), "w") as file:
                file.write(text)

    def through(self, port):
        """The same, by way of a proxy."""
        self.url = self.url.replace(":%d/" % self.server.port, ":%d/" % port)
        return self

    def start(self, *arguments, verb="migrate"):
        user = () if any(argument.startswith("-user=") for argument in arguments) or \
            not self.server else ("-user=" + pg.SUPERUSER,)
        return Run([*self.command, "-url=" + self.url, "-locations=filesystem:sql", *user,
                    "-baselineOnMigrate=true", "-baselineVersion=0",
                    *arguments, verb], self.folder.name)

    def run(self, code, *arguments, verb="migrate"):
        return self.start(*arguments, verb=verb).end(code)

    def query(self, sql):
        return [tuple(row) for row in self.server.query(sql, database=self.database)]

    def rows(self):
        return self.query("select version, success from flyway_schema_history "
                          "where type = 'SQL' order by installed_rank")

    @contextlib.contextmanager
    def holding(self, *statements):
        """Another session, in the middle of a transaction."""
        with pg.Session(self.server.host, self.server.port, self.server.user,
                        self.database) as session:
            session.query("begin; " + "; ".join(statements))
            yield session


def play(tests, server, program):
    """Plays the tests of a module that the arguments name, all without; the exit status."""
    command = shlex.split(os.environ.get("CFLYWAY", program))
    wanted, failed, played = sys.argv[1:], 0, 0
    for number, test in enumerate(tests):
        name = test.__name__[len("test_"):].replace("_", " ")
        if wanted and not any(word in name for word in wanted):
            continue
        database = "timeouts_%d" % number
        is_sqlite = name.startswith("sqlite")
        played += 1
        if not is_sqlite:
            server.create_database(database)
        try:
            test(Bench(command, None if is_sqlite else server, database))
        except (Failure, pg.ServerError) as err:
            failed += 1
            print("FAILED %s: %s" % (name, err))
        if not is_sqlite:
            server.psql("drop database %s with (force)" % database)
    print("%d passed, %d failed" % (played - failed, failed))
    return 1 if failed else 0
