# SPDX-License-Identifier: Apache-2.0
"""One public project, migrated by two programs; see compare-projects and projects.ini."""
import datetime
import difflib
import json
import os
import re
import resource
import subprocess
import tempfile
import time

from . import normalise, server as pg

DATABASE = "project"
LIMIT_S = 900
CHANCE = "\x01"         # stands for what differs from run to run
REMOVED_VARIABLES = ("PG", "FLYWAY", "REDGATE", "GITHUB", "NO_COLOR", "LC_", "LANG")
MIGRATION = re.compile(r"(V|R__)?.*__.*\.(sql|psql|sql\.conf)")

HISTORIES = """
select format('%I.%I', nspname, relname)
from pg_class join pg_namespace n on n.oid = relnamespace
where relkind = 'r' and exists (select from pg_attribute where attrelid = pg_class.oid
    and attname = 'installed_rank')
order by 1"""
HISTORY = """
select installed_rank, version, description, type, script, checksum, installed_by, success
from %s order by 1"""


def environment(home):
    """For a program under test: ours without what would change what it does."""
    kept = {key: value for key, value in os.environ.items()
            if not key.upper().startswith(REMOVED_VARIABLES)}
    return dict(kept, LC_ALL="C.UTF-8", TZ="UTC", HOME=home)


class Missing(Exception):
    """The project cannot be compared here; the text says why."""


class Project:
    """A section of projects.ini.

    name        OWNER/NAME, where it is found on GitHub
    commit      what is compared
    paths       what of it is needed, separated by blanks (a path with blanks: by its folder)
    arguments   for both programs, one on each line, seen from the top of the project
    setup       SQL for the new database, which its makers run elsewhere
    settings    of the server, separated by blanks
    """

    def __init__(self, name, section, clones):
        self.name, self.commit = name, section["commit"]
        self.clone = os.path.join(clones, name)
        self.paths = section["paths"].split()
        self.arguments = section.get("arguments", "").strip().splitlines()
        self.setup = section.get("setup", "")
        self.settings = section.get("settings", "").split()
        self.folder = None

    def unpack(self, folder):
        if not os.path.isdir(self.clone):
            raise Missing("there is no clone of https://github.com/" + self.name)
        self.folder = os.path.join(folder, "project")
        os.mkdir(self.folder)
        archive = os.path.join(folder, "project.tar")
        done = subprocess.run(["git", "-C", self.clone, "archive", "-o", archive, self.commit,
                               *self.paths], stderr=subprocess.PIPE, check=False)
        if done.returncode:
            raise Missing(done.stderr.decode("utf-8", "replace").strip())
        subprocess.run(["tar", "-xf", archive, "-C", self.folder], check=True)

    def open_server(self):
        return pg.temporary_server(self.settings)

    def size(self):
        """How many migrations there are, and their bytes."""
        files = [os.path.join(folder, name) for folder, _, names in os.walk(self.folder)
                 for name in names if MIGRATION.fullmatch(name)]
        return len(files), sum(os.path.getsize(file) for file in files)


class Run:
    """One database, and what the programs that work on it have shown."""

    def __init__(self, project, server):
        self.project, self.server = project, server
        self.home = tempfile.mkdtemp(dir=os.path.dirname(project.folder))
        self.seen, self.times, self.document = {}, {}, ""
        server.create_database(DATABASE)
        if project.setup:
            server.psql(project.setup, DATABASE)

    def call(self, label, command, *args):
        """Runs one command and keeps its exit code and its text; returns its standard output."""
        began, before = time.monotonic(), resource.getrusage(resource.RUSAGE_CHILDREN)
        done = subprocess.run(
            [*command, "-url=" + self.server.jdbc_url(DATABASE), "-user=" + self.server.user,
             *self.project.arguments, *args], cwd=self.project.folder,
            env=environment(self.home), check=False, stdin=subprocess.DEVNULL,
            capture_output=True, timeout=LIMIT_S)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        self.times[label] = (after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime,
                             time.monotonic() - began)
        self.seen[label] = "exit %d\n%s\n--- stderr\n%s" % (
            done.returncode, self.comparable(done.stdout), self.comparable(done.stderr))
        return done.stdout.decode("utf-8", "replace")

    def comparable(self, data):
        where = "%s:%d" % (self.server.host, self.server.port)
        text = without_chance(data.decode("utf-8", "backslashreplace"))
        return normalise.text(text, [
            (self.server.jdbc_url(DATABASE), "{{URL}}"), (where, "{{HOST}}:{{PORT}}"),
            ("port %d" % self.server.port, "port {{PORT}}"), (CHANCE, "<CHANCE>")])

    def look(self):
        """Notes what the database holds."""
        histories = self.server.psql(HISTORIES, DATABASE, "-At").splitlines()
        self.seen["history"] = "\n".join(self.server.psql(HISTORY % table, DATABASE, "-At")
                                         for table in histories)
        self.seen["schema"] = self.dump("pg_dump", "--schema-only", DATABASE)
        self.seen["roles"] = self.dump("pg_dumpall", "--globals-only")
        self.seen["data"] = comparable_data(self.dump(
            "pg_dump", "--data-only", *("--exclude-table=" + table for table in histories),
            DATABASE))

    def dump(self, name, *args):
        tool = os.path.join(os.path.dirname(pg.binary("postgres")), name)
        done = subprocess.run([tool, "-h", self.server.host, "-p", str(self.server.port), "-U",
                               self.server.user, *args], env=pg.environment(), check=False,
                              capture_output=True)
        if done.returncode:
            raise pg.ServerError(done.stderr.decode("utf-8", "replace"))
        return re.sub(r"(?m)^\\(un)?restrict .*\n", "", done.stdout.decode("utf-8", "replace"))

    def rows(self):
        """Rows of the history of which the programs say that they succeeded."""
        return sum(line.endswith("|t") for line in self.seen["history"].splitlines())


def without_chance(text):
    """Text without random ids and the exact times of this run, as queries and defaults make them.

    normalise.py blanks times to the second; where there is a fraction its width varies as well.
    """
    days = "|".join(str(datetime.date.today() + datetime.timedelta(days=n)) for n in (-1, 0, 1))
    text = re.sub(r"\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b", "<UUID>", text)
    return re.sub(r"\b(%s)[T ]\d\d:\d\d:\d\d\.\d+(?![\dZ])([+-]\d\d(:?\d\d)?\b)?" % days,
                  CHANCE, text)


def comparable_data(dump):
    """Rows without times, sorted: their order follows random keys."""
    return "\n".join(sorted(normalise.times(without_chance(dump)).splitlines()))


def alone(project, command):
    """Everything by one program."""
    with project.open_server() as server:
        run = Run(project, server)
        run.call("info before", command, "info")
        run.call("migrate", command, "migrate")
        run.call("info", command, "info")
        run.document = run.call("info -outputType=json", command, "-outputType=json", "info")
        run.call("validate", command, "validate")
        run.call("validate -outputType=json", command, "-outputType=json", "validate")
        run.call("migrate again", command, "migrate")
        run.look()
        return run


def middle(run):
    """The version in the middle of what was applied; None if there is too little."""
    migrations = json.loads(run.document).get("migrations", [])
    versions = [row["version"] for row in migrations if row.get("version")]
    return versions[len(versions) // 2] if len(versions) > 1 else None


def in_turn(project, first, second, version):
    """first begins, second finishes, and each accepts the result."""
    with project.open_server() as server:
        run = Run(project, server)
        run.call("first half", first, "-outputType=json", "-target=" + version, "migrate")
        run.call("info after half", second, "info")
        run.call("second half", second, "migrate")
        run.call("validate after the other", first, "validate")
        run.call("migrate after the other", first, "migrate")
        run.call("info after the other", first, "-outputType=json", "info")
        run.call("validate", second, "validate")
        run.look()
        return run


def differences(wanted, got, prefix=""):
    """(what, lines of a diff) of all that differs between two runs."""
    found = []
    for label, text in wanted.seen.items():
        other = got.seen.get(label, "")
        if text != other:
            found.append((prefix + label, list(difflib.unified_diff(
                text.splitlines(), other.splitlines(), "flyway", "cflyway", lineterm="", n=2))))
    return found


def compare(project, flyway, cflyway):
    """Returns one line on the project and what differs."""
    real, ours = alone(project, flyway), alone(project, cflyway)
    found = differences(real, ours)
    version = middle(real)
    if version:
        found += differences(in_turn(project, flyway, cflyway, version),
                             in_turn(project, cflyway, flyway, version), "in turn: ")
    count, size = project.size()
    line = ("%d migrations of %d files, %d KiB; migrate: Flyway %.2f s CPU, %.2f s; "
            "cflyway %.3f s CPU, %.2f s" % (
                real.rows(), count, size // 1024, *real.times["migrate"], *ours.times["migrate"]))
    failed = [label for label, text in real.seen.items() if re.match("exit [^0]", text)]
    if failed:
        found.append(("Flyway itself fails: " + ", ".join(failed),
                      real.seen[failed[0]].split("--- stderr\n")[-1].splitlines()))
    return line, found
