#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Follows the READMEs of examples/ word by word.

The indented lines of a README are commands.  They are run in one shell, in a copy of the folder,
against databases of our own; each must succeed.  Those of docker and kubectl cannot be run: the
files that they name are checked instead, by docker-compose and by the schemas of Kubernetes
(kubernetes-validate) where these are there.  Afterwards the databases must be as EXAMPLES says.

STORES names the folder of tools/install-stores: with it the examples have real Alembic, Neo4j and
ChromaDB.  Without it the one of Alembic is skipped, and lib/stand_ins/ stand in for the stores.

The table of examples/README.md must name commands that a README has.  CFLYWAY names the program.
"""
import contextlib
import glob
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(HERE)
FOLDER = os.path.join(ROOT, "examples")
sys.path.insert(0, HERE)
sys.dont_write_bytecode = True

from lib import followed  # noqa: E402
from lib import server as servers  # noqa: E402

PROGRAM = os.path.abspath(os.environ.get("CFLYWAY", os.path.join(ROOT, "build", "cflyway")))
STAND_INS = os.path.join(HERE, "lib", "stand_ins")
passed = failed = skipped = 0


STORES = os.environ.get("STORES")
STORES_BIN = os.path.join(STORES, "bin") if STORES else ""


class Example:
    """What an example needs, and what it leaves: (database, query, answer)."""

    def __init__(self, databases, leaves, program=None, stores=False):
        self.databases, self.leaves = databases, leaves
        self.program = program  # of STORES, without which it cannot be played
        self.stores = stores    # has files for Neo4j and ChromaDB


TABLES = "select string_agg(tablename, ' ' order by tablename) from pg_tables " \
         "where schemaname = 'public' and tablename !~ 'history|schema_version|_migrations'"
OF_STORES = "select string_agg(schemaname || ' ' || n, ', ' order by n desc, schemaname desc) " \
            "from (select schemaname, count(*) as n from pg_tables where schemaname !~ '^pg_' " \
            "and schemaname <> 'information_schema' group by schemaname) counted"
EXAMPLES = {
    "lms": Example(["myapp"], [("myapp", TABLES, "entities events processes relationships schemas"),
                               ("myapp", "select mac from esp32_devices", "24:6f:28:00:00:01")]),
    "es1": Example(["es1", "aiml"],
                   [("es1", TABLES, "roles users"), ("es1", "select count(*) from users", "2"),
                    ("aiml", "select count(*) from documents", "1")]),
    "alembic": Example(["devices"], [("devices", TABLES, "alembic_version devices readings")],
                       program="alembic"),
    "four-stores": Example(["stores"], [
        ("stores", OF_STORES, "postgres 9, timescaledb 4, neo4j 1, chromadb 1"),
        ("stores", "select count(*) from neo4j.flyway_schema_history where success", "3")],
                           stores=True),
}


def check(holds, what, detail=""):
    global passed, failed
    passed, failed = passed + bool(holds), failed + (not holds)
    if not holds:
        print("FAIL %s\n%s" % (what, detail))


def skip(what, missing):
    global skipped
    skipped += 1
    print("skipped: %s: %s is not there" % (what, missing))


def commands(name):
    return followed.commands(os.path.join(FOLDER, name, "README.md"))


# --- what a shell runs ---------------------------------------------------------------------------

def play(name, example, server):
    if example.program and not shutil.which(example.program, path=STORES_BIN):
        return skip(name, example.program)
    for database in example.databases:
        server.create_database(database)
    with tempfile.TemporaryDirectory() as top, graph(top, example) as uri:
        folder = os.path.join(top, name)
        shutil.copytree(os.path.join(FOLDER, name), folder)
        follow(name, folder, {"bolt://localhost:7687": uri, **followed.of_server(server)})
    for database, query, answer in example.leaves:
        try:
            found = server.value(query, database)
        except servers.ServerError as error:
            found = str(error)
        check(found == answer, "%s: %s" % (name, query), found)
    return None


@contextlib.contextmanager
def graph(top, example):
    """The address of a Neo4j of our own, where there is one."""
    if not STORES or not example.stores:
        yield "bolt://localhost:7687"
        return
    program = os.path.join(STORES_BIN, "graph")
    with subprocess.Popen([program, os.path.join(top, "graph")], stdin=subprocess.PIPE,
                          stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        yield process.stdout.readline().strip().rstrip("/")
        process.stdin.close()


def follow(name, folder, replacements):
    stand_in = () if STORES else (os.path.join(STAND_INS, "cypher-shell"),)
    path = [followed.program_folder(folder + ".bin", PROGRAM, *stand_in), STORES_BIN]
    lines = [line for line in commands(name) if not is_of_containers(line)]
    variables = {} if STORES else {"PYTHONPATH": STAND_INS}
    for line, text, holds in followed.follow(lines, folder, path, replacements, variables):
        check(holds, "%s: %s" % (name, line), "not run" if text is None else text)


# --- what containers would run -------------------------------------------------------------------

def is_of_containers(line):
    return line.split()[0] in ("docker", "kubectl")


def check_compose(name, line, folder):
    """The files must be valid, and have the service that is run."""
    words = shlex.split(line)[2:]
    files = [words[i + 1] for i, word in enumerate(words) if word == "-f"]
    if shutil.which("docker-compose") is None:
        return skip("%s: %s" % (name, line), "docker-compose")
    options = [word for file in files for word in ("-f", file)]
    done = subprocess.run(["docker-compose", *options, "config", "--services"], cwd=folder,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    operands = [word for i, word in enumerate(words)
                if not word.startswith("-") and (i == 0 or words[i - 1] != "-f")]
    services = done.stdout.split()
    named = operands[1:2] if operands[0] in ("run", "exec", "up", "logs") else []
    return check(done.returncode == 0 and all(service in services for service in named),
                 "%s: %s" % (name, line), done.stdout)


def check_kubernetes(name, line, folder):
    """The file of "apply" must fit the schema; other lines must name what a file defines."""
    words = shlex.split(line)
    if "-f" in words:
        file = os.path.join(folder, words[words.index("-f") + 1])
        program = shutil.which("kubernetes-validate", path=STORES_BIN or None)
        if program is None:
            return skip("%s: %s" % (name, line), "kubernetes-validate")
        done = subprocess.run([program, file], stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True, check=False)
        return check(done.returncode == 0, "%s: %s" % (name, line), done.stdout)
    kind, _, which = words[-1].rpartition("/")
    kind = kind or words[-2]
    texts = []
    for file in glob.glob(os.path.join(folder, "**", "*.yaml"), recursive=True):
        with open(file, encoding="utf-8") as text:
            texts.append(text.read())
    return check(any(re.search(r"^kind: %s$" % kind, text, re.M | re.I) and
                     re.search(r"^  name: %s$" % which, text, re.M) for text in texts),
                 "%s: %s" % (name, line), "no file defines it")


def check_containers(name):
    folder = os.path.join(FOLDER, name)
    for line in filter(is_of_containers, commands(name)):
        if line.startswith("docker compose"):
            check_compose(name, line, folder)
        else:
            check_kubernetes(name, line, folder)


# --- the table of all commands -------------------------------------------------------------------

def check_table():
    """Each row: the document's command, ours, and the folder whose README has it."""
    known = {name: commands(name) for name in EXAMPLES}
    with open(os.path.join(FOLDER, "README.md"), encoding="utf-8") as readme:
        rows = [[cell.strip() for cell in line.strip().strip("|").split("|")]
                for line in readme if line.startswith("| `")]
    check(rows, "examples/README.md has a table")
    for there, here, name in rows:
        for command in re.findall(r"`([^`]+)`", here) if name in known else ():
            check(command in known[name], "%s has the command: %s" % (name, command),
                  "instead of: " + there)


def main():
    check_table()
    with servers.open_server() as server:
        for name, example in EXAMPLES.items():
            play(name, example, server)
            check_containers(name)
    print("%d passed, %d failed%s" % (passed, failed, ", %d skipped" % skipped if skipped else ""))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
