#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Why a connection or a statement fails, and what to do: each kind, with servers that refuse it.

    compat-tests/causes_test.py                all kinds of lib/causes.py
    compat-tests/causes_test.py --show         the kinds, and what is said about each

CFLYWAY names the program under test (default: build/cflyway of this checkout). With PGHOST, the
kinds that need a pg_hba.conf of their own are left out.
"""
import argparse
import contextlib
import os
import re
import socket
import sqlite3
import ssl
import subprocess
import sys
import tempfile
import threading
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
sys.dont_write_bytecode = True

from lib import causes                                          # noqa: E402
from lib import server as pg                                    # noqa: E402
from lib.tls import authority                                   # noqa: E402

PROGRAM = os.path.abspath(
    os.environ.get("CFLYWAY", os.path.join(os.path.dirname(HERE), "build", "cflyway")))
SECRET = "Pl4nted"
LIMIT_S = 30


class Runner:
    """Runs the program in a folder of its own, and compares what it says."""

    def __init__(self, home, shows):
        self.home, self.shows = home, shows
        self.passed = self.failed = 0

    def write(self, name, text):
        path = os.path.join(self.home, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w",
                  encoding="utf-8") as file:
            file.write(text)

    def says(self, arguments, variables):
        env = {key: value for key, value in os.environ.items()
               if not key.startswith(("PG", "FLYWAY", "flyway", "DATABASE_URL", "DB_", "LC_"))}
        env.update(variables, HOME=os.path.join(self.home, "nobody"))
        done = subprocess.run([PROGRAM, *arguments], env=env, cwd=self.home, timeout=LIMIT_S,
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, check=False)
        return done.returncode, done.stdout.decode("utf-8", "replace")

    def check(self, name, place, lines, arguments, variables=()):
        """place is the host and port that "@" in a line is for."""
        fill = lambda text: text.replace("HOME", self.home).replace("@", place)
        status, text = self.says([fill(argument) if i > 0 else argument
                                  for i, argument in enumerate(arguments)],
                                 {key: fill(value) for key, value in dict(variables).items()})
        said = [line[len("cflyway: "):] for line in text.splitlines()
                if line.startswith("cflyway: ")]
        missing = [line for line in map(fill, lines)
                   if not any(fits(line, other) for other in said)]
        if self.shows:
            print("\n%s\n    %s" % (name, "\n    ".join(said)))
        if status == 1 and not missing and SECRET not in text:
            self.passed += 1
            return
        self.failed += 1
        print("FAIL %s: status %d, not said: %s\n%s" % (name, status, missing, text))


def fits(expected, line):
    pattern = ".*".join(re.escape(part) for part in expected.split("…"))
    return re.fullmatch(pattern, line) is not None


def check_refused(runner, server):
    """Each kind has a history table of its own in one database."""
    database = "causes"
    server.create_database(database)
    try:
        server.query(causes.SETUP, "grant create on schema public to causes_weak", database=database)
        for number, kind in enumerate(causes.REFUSED):
            folder = "sql%d" % number
            runner.write(folder + "/V1__a.sql", kind.script + ";\n")
            if kind.before:
                server.query(kind.before, database=database)
            runner.check(kind.name, "", kind.lines, [
                "-url=" + server.jdbc_url(database), "-user=" + (kind.role or server.user),
                "-locations=filesystem:" + folder, "-table=history%d" % number,
                "-baselineOnMigrate=true", "-baselineVersion=0", "migrate"])
        server.query("create table foreign_history(id int, name text)", database=database)
        runner.check("a table that is no history", "",
                     ["the table public.foreign_history is no history of Flyway: its columns are "
                      "id, name"],
                     ["-url=" + server.jdbc_url(database), "-user=" + server.user,
                      "-table=foreign_history", "-locations=filesystem:sql0", "migrate"])
    finally:
        server.drop_database(database)


def check_unreached(runner, server, kinds):
    place = "%s:%d" % (server.host, server.port)
    for kind in kinds:
        runner.check(kind.name, place, kind.lines, [
            "-url=jdbc:postgresql://" + kind.url.replace("@", place), *kind.arguments, "info"],
                     kind.environment)


def check_guarded(runner, server):
    runner.write("password", SECRET + "\n")
    runner.write("pgpass", "*:*:*:*:%s\n" % SECRET)
    runner.write("own.conf", "flyway.cleanDisabled=true\nflyway.password=%s\n" % SECRET)
    causes.guard(server)
    check_unreached(runner, server, causes.GUARDED)


@contextlib.contextmanager
def stand_in(talk):
    """A server that talks so on each connection; gives its host and port."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        def serve():
            while True:
                try:
                    connection, _ = listener.accept()
                except OSError:
                    return
                with connection, contextlib.suppress(OSError):
                    talk(connection)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield "localhost:%d" % listener.getsockname()[1]
        listener.shutdown(socket.SHUT_RDWR)
        thread.join(5)


def answers(answer):
    """Says that it has no TLS, and then the answer; or the answer at once, if it is no message."""
    def talk(connection):
        connection.recv(1 << 12)
        if answer.startswith(b"E"):
            connection.sendall(b"N")
            connection.recv(1 << 12)
        connection.sendall(answer)
    return talk


def shows(crt, key):
    """Has TLS with this certificate, and says nothing more."""
    def talk(connection):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(crt, key)
        connection.recv(1 << 12)
        connection.sendall(b"S")
        with context.wrap_socket(connection, server_side=True) as wrapped:
            wrapped.recv(1 << 12)
    return talk


def check_secured(runner):
    own, other = (authority.Authority(runner.home, name) for name in ("own", "strange"))
    here = "DNS:localhost"
    certificates = {"expired": own.sign("expired", "localhost", here, authority.PAST),
                    "unknown": other.sign("unknown", "localhost", here),
                    "other": own.sign("other", "db.invalid", "DNS:db.invalid")}
    for kind in causes.SECURED:
        with stand_in(shows(*certificates[kind.certificate])) as place:
            parameters = kind.parameters.replace("CA", own.crt).replace("HOME", runner.home)
            runner.check(kind.name, place, [line.replace("CAfile CA", "CAfile " + own.crt)
                                            .replace(" in CA", " in " + own.crt)
                                            for line in kind.lines],
                         ["-url=jdbc:postgresql://%s/d?%s" % (place, parameters), "-user=u",
                          "info"])


def check_answered(runner):
    for kind in causes.ANSWERED:
        with stand_in(answers(kind.answer)) as place:
            runner.check(kind.name, place, kind.lines,
                         ["-url=jdbc:postgresql://%s/d" % place, "-user=u", "info"])


def check_sqlite(runner):
    for number, kind in enumerate(causes.SQLITE):
        file = os.path.join(runner.home, "%d.db" % number)
        with contextlib.closing(sqlite3.connect(file)) as db:
            db.executescript(kind.before)
        runner.write("lite%d/V1__a.sql" % number, kind.script + ";\n")
        runner.check("SQLite: " + kind.name, "", kind.lines, [
            "-url=jdbc:sqlite:" + file, "-locations=filesystem:lite%d" % number,
            "-baselineOnMigrate=true", "-baselineVersion=0", "migrate"])
    runner.check("SQLite: a missing folder", "",
                 ["the folder of the database is missing; …", "next: mkdir -p HOME/no/such, or …"],
                 ["-url=jdbc:sqlite:no/such/x.db", "info"])
    runner.check("SQLite: a folder", "", ["lite0 is a folder"], ["-url=jdbc:sqlite:lite0", "info"])
    runner.write("text.db", "no database, but a text that is long enough to be read as one: " * 9)
    runner.check("SQLite: no database", "", ["text.db is no SQLite database, or it is encrypted"],
                 ["-url=jdbc:sqlite:text.db", "info"])


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--show", action="store_true", help="prints what is said about each kind")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as home, pg.open_server() as server:
        runner = Runner(os.path.realpath(home), options.show)
        check_sqlite(runner)
        check_answered(runner)
        check_secured(runner)
        check_refused(runner, server)
        check_unreached(runner, server, causes.UNREACHED)
        if server.directory is not None:
            check_guarded(runner, server)
    print("%d passed, %d failed" % (runner.passed, runner.failed))
    return 1 if runner.failed else 0


if __name__ == "__main__":
    sys.exit(main())
