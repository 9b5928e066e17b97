#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Shows that scripts which cflyway cuts otherwise than Flyway have the same or a better result.

The scripts: the cases of tests/golden/statements/exceptions.tsv, and those with a script of their
own in splitter_exceptions_test.json.  For each the outcome recorded from real Flyway is there: did
the migration succeed, the tables that it printed, the SQL state of its failure.  cflyway must
succeed where Flyway did and print its tables at least; where Flyway failed, cflyway may succeed,
else the SQL state must be the same.  And the judge is the database's own program, psql or what
SQLite offers to run a script: it must accept what cflyway accepts, and nothing else.

CFLYWAY names the program under test (default: build/cflyway).  With --record real Flyway, named by
FLYWAY, is run instead and splitter_exceptions_test.json is rewritten.
"""
import json
import os
import re
import shlex
import shutil
import sqlite3
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
GOLDEN = os.path.join(os.path.dirname(HERE), "tests", "golden", "statements")
RECORDED = os.path.join(HERE, "splitter_exceptions_test.json")
sys.path.insert(0, HERE)
sys.dont_write_bytecode = True

from lib import server as pg  # noqa: E402

LIMIT_S = 20


def vectors(database):
    """Name -> list of (first word, value) of tests/golden/statements/DATABASE.vectors."""
    with open(os.path.join(GOLDEN, database + ".vectors"), "rb") as file:
        data = file.read()
    found, at = {}, 0
    while at < len(data):
        end = data.index(b"\n", at)
        words = data[at:end].decode().split()
        value = data[end + 1:end + 1 + int(words[-1])].decode()
        at = end + 2 + int(words[-1])
        if words[0] == "case":
            fields = found[value] = []
        else:
            fields.append((words[0], value))
    return found


def exception_names():
    with open(os.path.join(GOLDEN, "exceptions.tsv"), encoding="utf-8") as file:
        return [line.split("\t")[0] for line in file]


def arguments(fields):
    """The script of a case, and the settings that it needs."""
    script, args, name = "", [], ""
    for key, value in fields:
        if key == "input":
            script = value
        elif key == "replacement":
            args.append("-placeholderReplacement=false")
        elif key in ("prefix", "suffix"):
            args.append("-placeholder%s=%s" % (key.capitalize(), value))
        elif key == "placeholder":
            name = value
        elif key == "value":
            args.append("-placeholders.%s=%s" % (name, value))
    return script, args


def replaced(script, args):
    """The script as the database gets to see it; only what these cases need."""
    settings = dict(arg[1:].split("=", 1) for arg in args)
    if settings.get("placeholderReplacement") == "false":
        return script
    prefix = settings.get("placeholderPrefix", "${")
    suffix = settings.get("placeholderSuffix", "}")
    for key, value in settings.items():
        if key.startswith("placeholders."):
            script = script.replace(prefix + key[len("placeholders."):] + suffix, value)
    return script


class Postgres:
    """One database for each script, on one server."""

    def __init__(self, server):
        self.server = server

    def make(self, prepare, _folder):
        self.server.drop_database("cuts")
        self.server.create_database("cuts")
        self.server.psql(prepare, "cuts")
        return ["-url=" + self.server.jdbc_url("cuts"), "-user=" + self.server.user]

    def accepts(self, script, _folder):
        try:
            self.server.psql("begin;\n%s\n;rollback;" % script, "cuts", "-o", os.devnull)
        except pg.ServerError:
            return False
        return True


class Sqlite:
    """One file for each script."""

    def make(self, prepare, folder):
        connection = sqlite3.connect(os.path.join(folder, "cuts.db"))
        connection.executescript(prepare)
        connection.close()
        return ["-url=jdbc:sqlite:cuts.db"]

    def accepts(self, script, folder):
        shutil.copy(os.path.join(folder, "cuts.db"), os.path.join(folder, "judge.db"))
        connection = sqlite3.connect(os.path.join(folder, "judge.db"))
        try:
            connection.executescript(script)
        except sqlite3.Error:
            return False
        finally:
            connection.close()
        return True


def run(command, script, args, folder):
    """What came out, in the form that is recorded, and the whole text."""
    os.mkdir(os.path.join(folder, "sql"))
    with open(os.path.join(folder, "sql", "V1__x.sql"), "w", encoding="utf-8", newline="") as file:
        file.write(script)
    process = subprocess.Popen(
        [*command, "-locations=filesystem:sql", "-baselineOnMigrate=true",
         "-baselineVersion=0", *args, "migrate"],
        cwd=folder, env=pg.environment(), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, start_new_session=True)
    try:
        text = process.communicate(timeout=LIMIT_S)[0].decode("utf-8", "replace")
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()
        return {"hangs": True}, ""
    state = re.search(r"(?m)^SQL State  : (\S+)", text)
    outcome = {"succeeds": process.returncode == 0,
               "tables": re.findall(r"(?m)^[|+].*[|+]$", text)}
    if state:
        outcome["state"] = state.group(1)
    return outcome, text


def is_part(few, many):
    """Whether the lines of few stand in many, in this order."""
    rest = iter(many)
    return all(line in rest for line in few)


def judge(flyway, ours, accepted):
    """An empty text, or what is wrong."""
    if ours.get("hangs"):
        return "hangs"
    if ours["succeeds"] != accepted:
        return "the judge %s the script" % ("accepts" if accepted else "refuses")
    if flyway.get("succeeds") and not ours["succeeds"]:
        return "Flyway succeeds"
    if flyway.get("succeeds") and not is_part(flyway["tables"], ours["tables"]):
        return "Flyway also prints " + "\n".join(flyway["tables"])
    if "state" in flyway and not ours["succeeds"] and flyway["state"] != ours.get("state"):
        return "Flyway fails with SQL state %s, cflyway with %s" % (
            flyway["state"], ours.get("state"))
    return ""


def program(variable, default):
    command = shlex.split(os.environ.get(variable) or default)
    if "/" in command[0]:
        command[0] = os.path.abspath(command[0])
    if not shutil.which(command[0]):
        sys.exit("there is no program " + command[0])
    return command


def main():
    record = sys.argv[1:] == ["--record"]
    default = os.path.join(os.path.dirname(HERE), "build", "cflyway")
    command = program("FLYWAY", "flyway") if record else program("CFLYWAY", default)
    with open(RECORDED, encoding="utf-8") as file:
        cases = json.load(file)
    golden = {"%s/%s" % (database, name): fields
              for database in ("postgresql", "sqlite")
              for name, fields in vectors(database).items()}
    missing = [name for name in exception_names() if name not in cases]
    for name in missing:
        print("FAIL %s: not in %s" % (name, os.path.basename(RECORDED)))
    passed, failed = 0, len(missing)
    with pg.open_server() as server:
        databases = {"postgresql": Postgres(server), "sqlite": Sqlite()}
        for name, case in cases.items():
            database = databases[name.split("/")[0]]
            script, args = arguments(golden[name]) if name in golden else (case["script"], [])
            with tempfile.TemporaryDirectory(prefix="cuts.") as folder:
                place = database.make(case.get("prepare", ""), folder)
                accepted = database.accepts(replaced(script, args), folder)
                outcome, text = run(command, script, [*place, *args], folder)
            if record:
                case["flyway"] = outcome
                print(name, json.dumps(outcome))
                continue
            if "not_judged" in case:
                accepted = outcome.get("succeeds")
            wrong = judge(case["flyway"], outcome, accepted)
            passed, failed = passed + (not wrong), failed + bool(wrong)
            if wrong:
                print("FAIL %s: %s\n%s" % (name, wrong, text))
    if record:
        with open(RECORDED, "w", encoding="utf-8") as file:
            json.dump(cases, file, indent=1, ensure_ascii=False)
            file.write("\n")
    else:
        print("%d passed, %d failed" % (passed, failed))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
