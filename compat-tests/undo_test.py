#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""undo against a model, against pg_dump, and in turns with real Flyway.

- Walks: random migrates, undos, repairs and changes of files; after each step the history, the
  states, the tables and the exit status are those of a model (lib/undo/model.py), on PostgreSQL and
  SQLite.
- Inverse: generated migrations with undo migrations; undoing all of them gives the empty start, and
  undoing some gives what migrating up to there gives, as pg_dump shows.
- Turns: cflyway migrates and undoes, real Flyway migrates, validates and repairs, on one database.
  Only with FLYWAY=PROGRAM.

CFLYWAY names the program under test (default: build/cflyway of this checkout).
"""
import argparse
import os
import random
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
sys.dont_write_bytecode = True

from lib import runner, server as pg  # noqa: E402
from lib.undo.model import Model  # noqa: E402
from lib.undo.project import Postgres, Project, Sqlite  # noqa: E402

HISTORIES = ("marker", "undo", "delete")
READABLE = ("marker", "delete")         # to the free edition of Flyway


class Failure(Exception):
    pass


def equal(what, expected, found):
    if expected != found:
        raise Failure("%s: expected %s, found %s" % (what, expected, found))


# --- walks ----------------------------------------------------------------------------------------


class Walk:
    """One random walk. Its steps are kept, to show what led to a difference."""

    def __init__(self, seed, project, history):
        self.random, self.project = random.Random(seed), project
        self.model, self.steps = Model(history), []

    def add_migration(self):
        highest = max(self.model.files, default=0)
        left_out = [v for v in range(1, highest) if v not in self.model.files]
        version = highest + self.random.randint(1, 2)
        if left_out and self.random.random() < 0.2:
            version = self.random.choice(left_out)
        self.write_migration(version)
        if self.random.random() < 0.85:
            self.write_undo(version)
        return "add V%d" % version

    def write_migration(self, version):
        """Some texts end with a comment: the same table, another checksum."""
        table = "create table if not exists t%d(i int);\n" % version
        texts = [table + end for end in ("", "-- edited\n", "-- edited again\n")]
        text = self.random.choice([text for text in texts if text != self.model.files.get(version)])
        self.model.files[version] = text
        self.project.write("V%d__a.sql" % version, text)

    def change_migration(self):
        """An edit, a deletion, or the return of a migration that was applied."""
        model = self.model
        versions = sorted(model.applied())
        if self.random.random() < 0.2:
            versions = sorted(model.files.keys() | {row.version for row in model.rows})
        if not versions:
            return "nothing"
        version = self.random.choice(versions)
        if version in model.files and self.random.random() < 0.5:
            del model.files[version]
            self.project.remove("V%d__a.sql" % version)
            return "remove V%d" % version
        self.write_migration(version)
        return "write V%d" % version

    def write_undo(self, version):
        text = "drop table t%d;\n" % version
        self.model.broken.discard(version)
        if self.random.random() < 0.1:
            self.model.broken.add(version)
            text += "drop table nowhere;\n"
        self.model.undos[version] = text
        self.project.write("U%d__b.sql" % version, text)

    def change_undo(self):
        if not self.model.files:
            return "nothing"
        version = self.random.choice(sorted(self.model.files))
        if version in self.model.undos and self.random.random() < 0.5:
            del self.model.undos[version]
            self.project.remove("U%d__b.sql" % version)
        else:
            self.write_undo(version)
        return "change U%d" % version

    def migrate(self):
        options, arguments = {}, []
        if self.random.random() < 0.3:
            options["out_of_order"] = True
            arguments.append("-outOfOrder=true")
        if self.model.files and self.random.random() < 0.2:
            options["target"] = self.random.choice(sorted(self.model.files))
            arguments.append("-target=%d" % options["target"])
        self.pick(options, arguments)
        return self.run(self.model.migrate(**options), "migrate", *arguments)

    def pick(self, options, arguments):
        """Sometimes names some migrations, in any order and perhaps twice; rarely one too many."""
        model = self.model
        known = model.files.keys() | model.undos.keys() | {row.version for row in model.rows}
        if not known or "steps" in options or self.random.random() < 0.7:
            return
        versions = sorted(known)
        options["picks"] = self.random.choices(versions, k=self.random.randint(1, 4))
        if self.random.random() < 0.1:
            options["picks"].append(99)
        arguments.append("-cherryPick=" + ",".join(map(str, options["picks"])))

    def undo(self):
        options, arguments = {}, []
        if self.random.random() < 0.3:
            options["steps"] = self.random.randint(1, 4)
            arguments.append("-steps=%d" % options["steps"])
        elif self.model.files and self.random.random() < 0.4:
            options["target"] = self.random.choice(sorted(self.model.files))
            arguments.append("-target=%d" % options["target"])
        if self.random.random() < 0.3:
            options["group"] = True
            arguments.append("-group=true")
        self.pick(options, arguments)
        return self.run(self.model.undo(**options), "undo", *arguments)

    def repair(self):
        options, arguments = {}, []
        self.pick(options, arguments)
        return self.run(self.model.repair(**options), "repair", *arguments)

    def run(self, succeeds, *arguments):
        done = self.project.run(*arguments)
        text = " ".join(arguments)
        if (done.returncode == 0) != succeeds:
            raise Failure("%s: exit status %d, the model %s\n%s" % (
                text, done.returncode, "succeeds" if succeeds else "fails", done.stdout.decode()))
        return text

    def compare(self):
        model, database = self.model, self.project.database
        equal("rows", [[str(row.version), row.kind, "1", str(row.checksum)] for row in model.rows],
              database.rows())
        equal("tables", model.tables, database.tables())
        equal("states", model.states(), self.project.info())

    def step(self):
        kinds = (self.add_migration, self.change_migration, self.change_undo, self.migrate,
                 self.undo, self.repair)
        step = self.random.choices(kinds, (4, 6, 2, 6, 3, 2))[0]
        if any(map(self.model.is_faulty, self.model.rows)) and self.random.random() < 0.4:
            step = self.repair              # hardly a migrate would pass otherwise
        self.steps.append(step.__name__)
        self.steps[-1] = step()
        self.compare()

    def walk(self, steps):
        try:
            for _ in range(steps):
                self.step()
        except Failure as failure:
            raise Failure("%s\nafter: %s" % (failure, ", ".join(self.steps)))


def walk(seed, steps, server, command):
    history = HISTORIES[seed % len(HISTORIES)]
    with tempfile.TemporaryDirectory() as folder:
        database = Sqlite(folder) if seed % 2 else Postgres(server, "walk%d" % seed)
        project = Project(folder, database, command, ["-cflyway.undoHistory=" + history])
        try:
            project.run("migrate")          # the history table
            Walk(seed, project, history).walk(steps)
        finally:
            database.close()


# --- inverse --------------------------------------------------------------------------------------

TEMPLATES = (
    ("create table t{n}(id int primary key, name text);", "drop table t{n};"),
    ("create table t{n}(id serial primary key); insert into t{n} select generate_series(1, 3);",
     "drop table t{n};"),
    ("create view v{n} as select {n} as n;", "drop view v{n};"),
    ("create function f{n}() returns int language sql as 'select {n}';", "drop function f{n}();"),
    ("create schema s{n}; create table s{n}.t(id int);", "drop schema s{n} cascade;"),
    ("create type c{n} as enum ('a', 'b');", "drop type c{n};"),
    ("create sequence q{n};", "drop sequence q{n};"),
    ("create table t{n}(id int); create index concurrently i{n} on t{n}(id);",
     "drop table t{n};"),
    ("create domain d{n} as int check (value > {n});", "drop domain d{n};"),
)


def write_generated(project, chooser, n):
    for version in range(1, n + 1):
        migration, undo = chooser.choice(TEMPLATES)
        if "concurrently" in migration:
            project.write("V%d__g.sql.conf" % version, "executeInTransaction=false\n")
        project.write("V%d__g.sql" % version, migration.format(n=version) + "\n")
        project.write("U%d__g.sql" % version, undo.format(n=version) + "\n")


def must(project, *arguments):
    done = project.run(*arguments)
    if done.returncode != 0:
        raise Failure("%s: exit status %d\n%s" % (" ".join(arguments), done.returncode,
                                                  done.stdout.decode()))


def inverse(seed, n, server, command):
    chooser = random.Random(seed)
    middle = chooser.randint(1, n - 1)
    with tempfile.TemporaryDirectory() as folder:
        one, other = Postgres(server, "inverse"), Postgres(server, "prefix")
        try:
            project = Project(folder, one, command, ["-mixed=true"])
            beside = Project(folder, other, command, ["-mixed=true"])
            write_generated(project, chooser, n)
            empty = one.dump()
            must(project, "migrate")
            must(project, "undo", "-target=%d" % (middle + 1))
            must(beside, "migrate", "-target=%d" % middle)
            equal("dump at %d" % middle, other.dump(), one.dump())
            must(project, "migrate")
            must(project, "undo", "-target=1")
            equal("dump at the end", empty, one.dump())
        finally:
            one.close()
            other.close()


# --- in turns with Flyway -------------------------------------------------------------------------


def turns(rounds, server, command, flyway):
    chooser = random.Random(1)
    for number in range(2 * len(READABLE)):
        history = READABLE[number % len(READABLE)]
        with tempfile.TemporaryDirectory() as folder:
            database = Postgres(server, "turns") if number < len(READABLE) else Sqlite(folder)
            project = Project(folder, database, command, ["-cflyway.undoHistory=" + history])
            try:
                for n in range(1, rounds + 1):
                    turn(project, n, chooser, flyway)
            finally:
                database.close()


def turn(project, number, chooser, flyway):
    project.write("V%d__a.sql" % number, "create table t%d(i int);\n" % number)
    project.write("U%d__a.sql" % number, "drop table t%d;\n" % number)
    programs = [None, flyway]
    chooser.shuffle(programs)
    for program in programs:
        for verb in ("migrate", "validate", chooser.choice(("repair", "info"))):
            done = project.run(verb, command=program)
            if done.returncode != 0:
                raise Failure("round %d, %s: exit status %d\n%s" % (
                    number, verb, done.returncode, done.stdout.decode()))
        if program is None:
            must(project, "undo", "-steps=%d" % chooser.randint(1, min(number, 3)))
        equal("info in round %d" % number, project.info(flyway), project.info())


# --- all ------------------------------------------------------------------------------------------


def parts(options, server):
    command = runner.cflyway()
    for seed in range(options.seed, options.seed + options.walks):
        yield "walk %d" % seed, lambda seed=seed: walk(seed, options.steps, server, command)
    yield "inverse", lambda: inverse(options.seed, options.migrations, server, command)
    if os.environ.get("FLYWAY"):
        yield "turns", lambda: turns(options.rounds, server, command, runner.flyway())


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--walks", type=int, default=12, help="random walks (12)")
    parser.add_argument("--steps", type=int, default=30, help="of a walk (30)")
    parser.add_argument("--seed", type=int, default=1, help="of the first walk (1)")
    parser.add_argument("--migrations", type=int, default=30, help="for the inverse (30)")
    parser.add_argument("--rounds", type=int, default=10, help="with Flyway (10)")
    options = parser.parse_args()
    passed = failed = 0
    with pg.open_server() as server:
        for name, part in parts(options, server):
            try:
                part()
                passed += 1
            except Failure as failure:
                failed += 1
                print("FAIL %s: %s" % (name, failure))
    print("%d passed, %d failed" % (passed, failed))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
