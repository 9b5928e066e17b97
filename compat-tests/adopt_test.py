#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Adoption: databases migrated by other tools are taken over, carried on, and taken back.

Each tool applies its migrations; cflyway shows and adopts the history, validates, goes on with a
new migration, and undoes all of them.  Also histories that are half-way, dirty, out of order and
rolled back.  The tools are those of lib/adopt/peers.py and the copies of home-made runners in
runners.py.  A tool is named by a variable (GOOSE, MIGRATE, DBMATE, TERN, ALEMBIC, YOYO), or is in
build/adopt-tools or in PATH; one that is missing is skipped.

    adopt_test.py                 with the tools that are there
    adopt_test.py --install       fetches them into build/adopt-tools first (Go, pip, npm)
    adopt_test.py --all           each tool on each database, and Liquibase
    adopt_test.py -k NAME         some of the tests

With FLYWAY, real Flyway reads the history as well.  CFLYWAY names the program.
"""
import argparse
import os
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(HERE)
sys.path.insert(0, HERE)
sys.dont_write_bytecode = True

from lib import server as pg  # noqa: E402
from lib.adopt import liquibase, peers, runners  # noqa: E402
from lib.adopt.databases import Postgres, Sqlite, contents  # noqa: E402

MODULES = (("-tags=no_clickhouse,no_libsql,no_mssql,no_mysql,no_vertica,no_ydb",
            "github.com/pressly/goose/v3/cmd/goose@latest"),
           ("-tags=postgres,sqlite", "github.com/golang-migrate/migrate/v4/cmd/migrate@latest"),
           ("-tags=", "github.com/jackc/tern/v2@latest"))
PACKAGES = ("alembic", "yoyo-migrations", "psycopg2-binary", "setuptools")
HISTORY = ("select version, description, type, installed_on, success from flyway_schema_history "
           "order by installed_rank")


class Failure(Exception):
    pass


def check(holds, what, detail=""):
    if not holds:
        raise Failure("%s\n%s" % (what, detail))


class Project:
    """A tool, its files and a database."""

    def __init__(self, peer, database, folder):
        self.peer, self.database, self.folder = peer, database, folder
        peer.prepare(folder, database)

    def run(self, *arguments, status=0):
        program = os.environ.get("CFLYWAY", os.path.join(ROOT, "build", "cflyway")).split()
        command = program + self.database.jdbc() + [
            "-locations=filesystem:" + self.peer.location(self.folder),
            "-cflyway.layout=" + self.peer.layout] + list(arguments)
        done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True, check=False, timeout=60)
        check(done.returncode == status,
              "%s: status %d" % (" ".join(arguments), done.returncode), done.stdout)
        return done.stdout

    def write(self, *numbers):
        for number in numbers:
            self.peer.write(self.folder, number)

    def up(self, *more):
        self.peer.up(self.folder, self.database, *more)

    def convert(self):
        self.peer.convert(self.folder, self.database, lambda words: self.run(*words))

    def old_rows(self):
        return sorted(self.database.rows("select * from " + self.peer.old_table))

    def adopt(self, *arguments, status=0):
        """Shows the history, and writes it: neither changes the old table."""
        before, tables = self.old_rows(), self.database.tables()
        shown = self.run("adopt", *arguments)
        check(self.database.tables() == tables, "adopt changes nothing", shown)
        said = self.run("adopt", "-write", *arguments, status=status)
        check(self.old_rows() == before, "the old table is as it was", said)
        return said

    def history(self):
        return self.database.rows(HISTORY)

    def states(self):
        """{table: state} of the last line for each description, as info shows it"""
        lines = [[cell.strip() for cell in line.split("|")]
                 for line in self.run("info").splitlines() if line.startswith("| Versioned")]
        return {line[3]: line[6] for line in lines}

    def expect(self, *numbers):
        expected = {"t%d" % number for number in numbers}
        check(contents(self.database) == expected, "tables", "%s, expected %s" % (
            contents(self.database), expected))


def versions(rows):
    return [row[0] for row in rows]


# --- each tool -----------------------------------------------------------------------------------


def flyway_reads(project, count):
    """Real Flyway shows the rows, without any files."""
    if "FLYWAY" not in os.environ:
        return
    with tempfile.TemporaryDirectory() as empty:
        command = [os.environ["FLYWAY"]] + project.database.jdbc() + [
            "-locations=filesystem:" + empty, "info"]
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                              check=False)
    lines = [line for line in done.stdout.splitlines() if line.startswith("| Versioned")]
    check(done.returncode == 0 and len(lines) == count, "Flyway reads the history", done.stdout)


def check_times(project):
    """installed_on is the time of the old table, where it has one."""
    peer = project.peer
    if peer.times is None:
        return
    seconds = "extract(epoch from %s)::bigint" if project.database.kind == "postgresql" else \
        "strftime('%%s', %s)"
    old = {row[0] for row in project.database.rows("select %s from %s" % (
        seconds % peer.times, peer.old_table))}
    new = {row[0] for row in project.database.rows("select %s from flyway_schema_history" % (
        seconds % "installed_on"))}
    check(new and new <= old, "times are taken over", "%s, not in %s" % (new, old))


def take_over(project):
    """Two of three migrations are applied by the tool, the third one by cflyway."""
    peer = project.peer
    more = ["-store=" + peer.store] if hasattr(peer, "store") else []
    project.write(1, 2)
    project.up()
    project.expect(1, 2)
    for number in (1, 2, 3):
        if number == 3:
            project.write(3)
        peer.write_undo(project.folder, number)
    project.convert()
    project.adopt(*more)
    check(len(project.history()) == 2, "two rows", project.history())
    check_times(project)
    flyway_reads(project, 2)
    states = project.states()
    check(states == {"t1": "Success", "t2": "Success", "t3": "Pending"}, "states", states)
    check("already" in project.run("adopt", "-write", *more), "a second time nothing is written")
    project.run("migrate")
    project.expect(1, 2, 3)
    project.run("validate")
    project.run("adopt", "-write", *more, status=1)
    project.run("undo")
    project.expect(1, 2)
    project.run("undo", "-steps=2", "-reason=back to the start")
    project.expect()
    project.run("migrate")
    project.expect(1, 2, 3)
    flyway_reads(project, 6)


# --- histories that are not straight -------------------------------------------------------------


def goose_out_of_order(project):
    project.write(1, 3)
    project.up()
    project.write(2)
    project.up("-allow-missing")
    project.adopt()
    check(versions(project.history()) == ["00001", "00003", "00002"], "order", project.history())
    project.run("validate")
    project.run("undo")
    project.expect(1, 3)


def goose_taken_back(project):
    project.write(1, 2)
    project.up()
    project.peer.down(project.folder, project.database)
    project.adopt()
    check(project.states() == {"t1": "Success", "t2": "Pending"}, "states", project.states())
    project.run("migrate")
    project.expect(1, 2)


def migrate_dirty(project):
    project.write(1)
    peers.write(project.folder, "000002_bad.up.sql", "create table t2(id int);\nselec 1;\n")
    peers.write(project.folder, "000002_bad.down.sql", "drop table t2;\n")
    arguments = project.peer.arguments(project.folder, project.database)
    peers.call(arguments + ["up"], status=1)
    said = project.adopt(status=1)
    check("dirty" in said and "force" in said, "says what to do", said)
    check("flyway_schema_history" not in project.database.tables(), "nothing is written")
    peers.call(arguments + ["force", "1"])
    project.adopt()
    check(versions(project.history()) == ["000001"], "one row", project.history())


def dbmate_out_of_order(project):
    project.write(1, 3)
    project.up()
    project.write(2)
    project.up()
    project.adopt()
    check(versions(project.history()) == ["2024010%d000000" % n for n in (1, 2, 3)], "order",
          project.history())
    project.run("validate")


def alembic_branches(project):
    project.write(1, 2)
    path = os.path.join(project.folder, "migrations", "versions")
    peers.write(path, "rev3.py", peers.ALEMBIC_SCRIPT % {"n": 3, "down": "rev1"})
    said = project.run("-alembic=" + project.peer.path, "import", "alembic", project.folder,
                       status=1)
    check("2 of them come after rev1" in said, "names the branch", said)
    check(not os.path.exists(project.peer.location(project.folder)), "nothing is written")


def alembic_again(project):
    """Scripts that are there stay, and the new revision gets its own."""
    project.write(1)
    project.convert()
    project.write(2)
    project.convert()
    names = sorted(os.listdir(project.peer.location(project.folder)))
    check(names == ["U001__t1.sql", "U002__t2.sql", "V001__t1.sql", "V002__t2.sql"], "files", names)
    project.run("migrate")
    project.expect(1, 2)
    peers.write(project.peer.location(project.folder), "V001__t1.sql", "select 1;\n")
    said = project.run("-alembic=" + project.peer.path, "import", "alembic", project.folder,
                       status=1)
    check("V001__t1.sql is there already" in said, "overwrites nothing", said)


def rolled_back(project):
    """000: the reason stays, files of equal numbers have versions of their own."""
    project.write(0, 1, 2, 3)
    for number in (0, 1, 2, 3):
        project.peer.write_undo(project.folder, number)
    project.up()
    project.peer.roll_back(project.folder, project.database, 3, "locks the devices' table")
    project.adopt()
    check([row[:3] for row in project.history()] ==
          [["000", "t0", "SQL"], ["000.1", "t1", "SQL"], ["001", "t2", "SQL"],
           ["001.1", "t3", "SQL"], ["001.1", "Undone: locks the devices' table", "DELETE"]],
          "rows", project.history())
    check("locks the devices' table" in project.run("info"), "info shows the reason")
    flyway_reads(project, 4)
    project.run("migrate")
    project.expect(0, 1, 2, 3)
    project.run("undo", "-steps=4")
    project.expect()


def changed_file(project):
    """001: what was changed after it was applied is known by its SHA-256."""
    project.write(1, 2)
    project.up()
    peers.write(project.folder, "V002__t2.sql", "create table t2(id int, name text);\n")
    peers.write(project.folder, "V001__t1.sql", "create table if not exists t1(id int);\r\n")
    said = project.adopt(status=1)
    check("V002__t2.sql: changed" in said and "V001" not in said, "names the file", said)
    project.adopt("-acceptChanged=true")
    project.run("validate")


def lost_file(project):
    project.write(1, 2)
    project.up()
    os.remove(os.path.join(project.folder, "V001__t1.sql"))
    project.adopt(status=1)
    project.adopt("-skipMissing=true")
    check(versions(project.history()) == ["002"], "one row", project.history())


def interrupted(project):
    """Killed while it writes, adopt leaves all rows or none, and a second call does the rest."""
    project.write(*range(1, 8))
    project.up()
    program = os.environ.get("CFLYWAY", os.path.join(ROOT, "build", "cflyway")).split()
    command = program + project.database.jdbc() + [
        "-locations=filesystem:" + project.folder, "-cflyway.layout=" + project.peer.layout,
        "adopt", "-write"]
    for delay_ms in range(0, 24, 3):
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(delay_ms / 1000)
        process.kill()
        process.wait()
        if "flyway_schema_history" in project.database.tables():
            check(len(project.history()) in (0, 7), "all or nothing", project.history())
    project.run("adopt", "-write")
    check(len(project.history()) == 7, "all rows", project.history())


SPECIAL = ((peers.Goose, goose_out_of_order), (peers.Goose, goose_taken_back),
           (peers.GolangMigrate, migrate_dirty), (peers.Dbmate, dbmate_out_of_order),
           (peers.Alembic, alembic_branches), (peers.Alembic, alembic_again),
           (runners.RollbackTracking, rolled_back), (runners.Checksums, changed_file),
           (runners.Checksums, lost_file), (runners.Checksums, interrupted))


# --- all -----------------------------------------------------------------------------------------


def install():
    folder = peers.TOOLS
    os.makedirs(folder, exist_ok=True)
    for tags, module in MODULES:
        subprocess.run(["go", "install", tags, module], check=True,
                       env=dict(os.environ, GOBIN=os.path.join(folder, "bin")))
    subprocess.run([sys.executable, "-m", "venv", os.path.join(folder, "venv")], check=True)
    subprocess.run([os.path.join(folder, "venv", "bin", "pip"), "-q", "install", *PACKAGES],
                   check=True)
    subprocess.run(["npm", "install", "--prefix", os.path.join(folder, "npm"), "dbmate"],
                   check=True)


def tests(all_of_them):
    """(name, class of the tool, kind of database, function)"""
    for peer in peers.PEERS + runners.RUNNERS:
        kinds = peer.databases if peer.in_both or all_of_them else peer.databases[:1]
        for kind in kinds:
            yield "%s, %s" % (peer.name, kind), peer, kind, take_over
    for peer, function in SPECIAL:
        kinds = peer.databases if all_of_them else peer.databases[:1]
        for kind in kinds:
            yield "%s, %s" % (function.__name__, kind), peer, kind, function
    if all_of_them:
        yield "liquibase, postgresql", liquibase.Liquibase, "postgresql", take_over
        yield "liquibase half-way", liquibase.Liquibase, "postgresql", liquibase.half_way


def play(server, number, peer_class, kind, function):
    peer = peer_class()
    if peer.path is None:
        return "%s is not there" % peer.program
    with tempfile.TemporaryDirectory() as top:
        folder = os.path.join(top, "project")
        os.mkdir(folder)
        database = Postgres(server, "adopt_%d_%d" % (os.getpid(), number)) \
            if kind == "postgresql" else Sqlite(os.path.join(top, "a.db"))
        try:
            function(Project(peer, database, folder))
        finally:
            database.close()
    return None


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("-k", default="", metavar="NAME")
    parser.add_argument("--all", action="store_true")
    parser.add_argument("--install", action="store_true")
    options = parser.parse_args()
    passed = failed = skipped = 0

    if options.install:
        install()
    with pg.open_server() as server:
        for number, (name, peer, kind, function) in enumerate(tests(options.all)):
            if options.k not in name:
                continue
            try:
                why = play(server, number, peer, kind, function)
                passed, skipped = passed + (why is None), skipped + (why is not None)
                if why is not None:
                    print("skipped: %s: %s" % (name, why))
            except (Failure, peers.ToolError, pg.ServerError) as err:
                failed += 1
                print("FAIL %s: %s" % (name, err))
    print("%d passed, %d failed, %d skipped" % (passed, failed, skipped))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
