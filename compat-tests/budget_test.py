#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Holds cflyway to what its runs may cost.  Nothing here looks at a clock.

Instructions of the program itself, within a tenth of what budgets.txt says; round trips and waits,
at most as many; files opened and libraries asked for, exactly those.  A change that costs less is
welcome: --record writes what is measured into budgets.txt.

CFLYWAY names the program (default: build/cflyway).  Instructions are skipped without valgrind, and
for a program that was not made as those of budgets.txt.
"""
import argparse
import concurrent.futures
import os
import shutil
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
sys.dont_write_bytecode = True

from lib import costs, server as pg  # noqa: E402
from lib.wire import Wire  # noqa: E402

TABLE = os.path.join(HERE, "budgets.txt")
TENTH = 0.1
# Figures are for this; other compilers make other code of the same source.
MADE_WITH = ("GNU C17 12.", " -O2 ")
# Long enough for a loaded machine to say all that it has to say before the first answer.
DELAY_S = 0.01
TRIES = 3                       # a client that was held up seems to wait
# Each script takes a while, so that what the server says before it comes alone.
WAITING, WHILE_S, FEW_WAITS = 40, 0.02, 15
# So many that looking through all of them for each one would cost many times what it costs.
PLACEHOLDERS = 20000
HEAD = """# What a run of cflyway may cost; budget_test.py measures it and --record renews it.
#
# instructions: of the program without libraries, made by gcc 12 with -O2; within a tenth
# trips: round trips after connecting, waits with nothing left to send; at most
# waits: how often the program was off the processor by itself; at most so many and a few
# counter: round trips of psql, whose number is known: so many are counted; exactly
# files, libraries: what the program opens (the loader's files left out) and asks for; exactly
"""


class Budget:
    """budgets.txt: (kind, run) -> words."""

    def __init__(self):
        self.rows = {}
        with open(TABLE, encoding="utf-8") as file:
            for line in file:
                kind, _, rest = line.strip().partition(" ")
                if kind and not kind.startswith("#"):
                    run, _, value = rest.strip().partition(":")
                    self.rows[kind, run] = value.strip()

    def write(self, measured):
        with open(TABLE, "w", encoding="utf-8") as file:
            file.write(HEAD + "".join("%-13s %s: %s\n" % (kind, run, value)
                                      for (kind, run), value in {**self.rows, **measured}.items()))

    def judge(self, key, value):
        """None if value, a text, is what it should be; else what is wrong."""
        stated = self.rows.get(key)
        if stated is None:
            return "%s, and budgets.txt says nothing of it" % value
        if key[0] == "trips":
            good = int(value) <= int(stated)
        elif key[0] == "waits":
            good = int(value) <= int(stated) + FEW_WAITS
        elif key[0] == "instructions":
            good = abs(int(value) - int(stated)) <= TENTH * int(stated)
        else:
            good = value == stated
        return None if good else "%s instead of %s" % (value or "nothing", stated or "nothing")


def write_scripts(folder, texts):
    os.mkdir(folder)
    for number, text in enumerate(texts, 1):
        path = os.path.join(folder, "V%d__m%d.sql" % (number, number))
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
    return folder


def inserts(size_bytes):
    row = "insert into t values (%d, 'a text; with ''quotes'' -- and no comment', 12.5, null);\n"
    lines, size = ["create table t(id int, name text, n numeric, x text);\n"], 0
    while size < size_bytes:
        lines.append(row % len(lines))
        size += len(lines[-1])
    return "".join(lines)


def write_placeholders(path):
    with open(path, "w", encoding="utf-8") as file:
        file.write("".join("flyway.placeholders.name%d=%d\n" % (i, i)
                           for i in range(PLACEHOLDERS)))
    return path


class Runs:
    """The runs that are measured, and what they work on."""

    def __init__(self, program, server, folder):
        self.program, self.server, self.folder = program, server, folder
        plain = ["create table t%d(id int primary key);\n" % i for i in range(1, 11)]
        five = ["create table t{0}(id int);\ninsert into t{0} values (1), (2);\n"
                "update t{0} set id = 3 where id = 2;\ncreate index on t{0}(id);\n"
                "delete from t{0};\n".format(i) for i in range(1, 11)]
        copy = "create table t(id int);\ncopy t from stdin;\n1\n2\n\\.\nanalyze t;\n"
        self.scripts = {
            "1": self.scripts_of("1", plain[:1]), "10": self.scripts_of("10", plain),
            "five": self.scripts_of("five", five), "copy": self.scripts_of("copy", [copy]),
            "1000": self.scripts_of("1000", ["select %d;\n" % i for i in range(1000)]),
            "1 MB": self.scripts_of("1MB", [inserts(1 << 20)]),
            "placeholders": self.scripts_of("placeholders", [
                "select 1 in (%s);\n" % ",\n".join("${name%d}" % i for i in range(PLACEHOLDERS))]),
            "waiting": self.scripts_of("waiting", ["do 'begin perform pg_sleep(%s); end';\n"
                                                   % WHILE_S] * WAITING),
        }

    def scripts_of(self, name, texts):
        return write_scripts(os.path.join(self.folder, name), texts)

    def command(self, verb, scripts, database, port=None):
        return [self.program, "-url=jdbc:postgresql://%s:%d/%s?sslmode=disable" % (
            self.server.host, port or self.server.port, database), "-user=" + self.server.user,
                "-locations=filesystem:" + self.scripts[scripts], verb]

    def empty(self, name):
        self.server.drop_database(name)
        self.server.create_database(name)
        return name

    def applied(self, scripts):
        database = self.empty("applied_" + scripts)
        costs.run(self.command("migrate", scripts, database), self.folder)
        return database

    def instructions(self):
        """Yields the keys and values of a run of valgrind each, several at a time."""
        runs = {
            "version": [self.program, "version"], "help": [self.program, "help"],
            "nothing to do with 1000": self.command("migrate", "1000", self.applied("1000")),
            "script of 1 MB": self.command("migrate", "1 MB", self.empty("large")),
            "%d placeholders" % PLACEHOLDERS: [
                *self.command("migrate", "placeholders", self.empty("replaced")),
                "-configFiles=" + write_placeholders(os.path.join(self.folder, "many.conf"))],
        }
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            counted = {name: pool.submit(costs.count, command, self.folder, name.replace(" ", "-"))
                       for name, command in runs.items()}
        for name, future in counted.items():
            number, files = future.result()
            yield ("instructions", name), str(number)
            if name in ("version", "help"):
                yield ("files", name), " ".join(files)

    def trips(self, verb, scripts, database, stated):
        """The least of a few tries."""
        found = []
        while not found or min(found) > stated and len(found) < TRIES:
            name = database or self.empty("first")
            with Wire(self.server.host, self.server.port, DELAY_S) as wire:
                costs.run(self.command(verb, scripts, name, wire.port), self.folder)
            found.append(wire.round_trips)
        return str(min(found))

    def round_trips(self, budget):
        applied = self.applied("10")
        for run, verb, scripts, database in (
                ("nothing to do", "migrate", "10", applied), ("info", "info", "10", applied),
                ("validate", "validate", "10", applied), ("first run with 1", "migrate", "1", None),
                ("first run with 10", "migrate", "10", None),
                ("first run with 10 of five statements", "migrate", "five", None),
                ("first run with a COPY", "migrate", "copy", None)):
            key = "trips", run
            yield key, self.trips(verb, scripts, database, int(budget.rows.get(key) or 0))

    def waits(self, budget):
        """The least of a few tries: a busy machine makes more of them."""
        key = "waits", "first run with %d that take a while" % WAITING
        stated, found = int(budget.rows.get(key) or 0), []
        while not found or min(found) > stated and len(found) < TRIES:
            found.append(costs.waits(self.command("migrate", "waiting", self.empty("first")),
                                     self.folder))
        yield key, str(min(found))

    def counter(self):
        """Round trips of psql, which waits after each statement: they are known."""
        path = os.path.join(self.folder, "psql.sql")
        with open(path, "w", encoding="utf-8") as file:
            file.write("select 1;\nselect 1 / 0;\ncreate temp table t(id int);\n"
                       "copy t from stdin;\n1\n2\n\\.\n")
        database = self.empty("first")
        with Wire(self.server.host, self.server.port, DELAY_S) as wire:
            with_port = pg.Server(wire.target[0], wire.port, self.server.user)
            costs.run([*with_port.psql_command(database, "-v", "ON_ERROR_STOP=0"), "-f", path],
                      self.folder)
        yield ("counter", "psql, 3 statements and a COPY"), str(wire.round_trips)

    def libraries(self):
        database = os.path.join(self.folder, "sqlite.db")
        sqlite = [self.program, "-url=jdbc:sqlite:" + database,
                  "-locations=filesystem:" + self.scripts["1"], "migrate"]
        for run, command in (("version", [self.program, "version"]),
                             ("help", [self.program, "help"]), ("SQLite", sqlite),
                             ("PostgreSQL", self.command("info", "10", "applied_10"))):
            yield ("libraries", run), " ".join(costs.libraries(command, self.folder))


def why_no_instructions(program):
    made = costs.made_with(program)
    if not costs.has_valgrind():
        return "valgrind is not installed"
    if not made.startswith(MADE_WITH[0]) or MADE_WITH[1] not in made or "-fsanitize" in made:
        return "the figures are not for " + made[:60]
    if os.uname().machine != "x86_64":
        return "the figures are not for " + os.uname().machine
    return None


def measure(runs, budget):
    reason = why_no_instructions(runs.program)
    if reason is None:
        yield from runs.instructions()
    else:
        print("skip instructions: " + reason)
    yield from runs.counter()
    yield from runs.round_trips(budget)
    yield from runs.waits(budget)
    yield from runs.libraries()


def judge(budget, measured):
    failed = 0
    for key, value in measured.items():
        wrong = budget.judge(key, value)
        failed += wrong is not None
        print("%s %s, %s: %s" % ("FAIL" if wrong else "ok", *key, wrong or value or "nothing"))
    if failed:
        print("if that is meant to be: compat-tests/budget_test.py --record")
    skipped = sum(key not in measured for key in budget.rows)
    print("%d passed, %d failed" % (len(measured) - failed, failed) +
          (", %d skipped" % skipped if skipped else ""))
    return 1 if failed else 0


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--record", action="store_true", help="write budgets.txt anew")
    options = parser.parse_args()
    program = os.path.abspath(os.environ.get("CFLYWAY") or
                              os.path.join(os.path.dirname(HERE), "build", "cflyway"))
    budget = Budget()
    folder = os.path.realpath(tempfile.mkdtemp(prefix="budget."))
    try:
        with pg.open_server() as server:
            measured = dict(measure(Runs(program, server, folder), budget))
    except (pg.ServerError, costs.CostError, OSError, subprocess.SubprocessError) as err:
        sys.exit(str(err))
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    if options.record:
        budget.write(measured)
        print("written: " + os.path.relpath(TABLE))
        return 0
    return judge(budget, measured)


if __name__ == "__main__":
    sys.exit(main())
