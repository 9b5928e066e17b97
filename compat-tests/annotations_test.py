#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What a failure says to the runner of GitHub Actions, read as the runner reads it.

The lines must name a file of the repository, line and column, must not touch documents, logs in
JSON or the file of -outputFile, and must hold no secret.  CFLYWAY names the program.
"""
import json
import os
import shutil
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
PROGRAM = os.path.abspath(os.environ.get(
    "CFLYWAY", os.path.join(os.path.dirname(HERE), "build", "cflyway")))
SECRET = "s3cr%t:of,us"
URL = "-url=jdbc:sqlite:app.db"
PROPERTY = (("%0D", "\r"), ("%0A", "\n"), ("%3A", ":"), ("%2C", ","), ("%25", "%"))
DATA = PROPERTY[:2] + PROPERTY[4:]
KEPT = {key: value for key, value in os.environ.items()
        if not key.startswith(("GITHUB", "FLYWAY", "PG"))}


def unescaped(text, escapes):
    for code, character in escapes:
        text = text.replace(code, character)
    return text


def parsed(line):
    """The command of a line by the rules of the runner: (name, properties, message), or None."""
    line = line.lstrip()
    if not line.startswith("::") or "::" not in line[2:]:
        return None
    words, message = line[2:].split("::", 1)
    name, _, properties = words.partition(" ")
    pairs = [pair.split("=", 1) for pair in properties.split(",") if "=" in pair]
    return name, {key: unescaped(value, PROPERTY) for key, value in pairs}, unescaped(message, DATA)


class Run:
    """One call, and what the runner makes of it."""

    def __init__(self, folder, *args, **variables):
        done = subprocess.run(
            [PROGRAM, *args], cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, timeout=60,
            env={**KEPT, "HOME": folder, "GITHUB_ACTIONS": "true",
                 "GITHUB_WORKSPACE": folder, **variables})
        self.status = done.returncode
        self.out, self.err = done.stdout.decode(), done.stderr.decode()
        self.commands = [found for found in map(parsed, self.err.splitlines()) if found]
        self.in_out = [found for found in map(parsed, self.out.splitlines()) if found]

    def places(self):
        return [tuple(properties.get(key) for key in ("file", "line", "col"))
                for name, properties, _ in self.commands if name == "error"]

    def titles(self):
        return [properties["title"] for _, properties, _ in self.commands]

    def messages(self):
        return [message for _, _, message in self.commands]


class Test:
    def __init__(self, folder):
        self.folder = folder
        self.passed = self.failed = 0

    def write(self, path, text):
        path = os.path.join(self.folder, path)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)

    def clear(self):
        for name in os.listdir(self.folder):
            path = os.path.join(self.folder, name)
            shutil.rmtree(path) if os.path.isdir(path) else os.unlink(path)

    def run(self, *args, **variables):
        return Run(self.folder, *args, **variables)

    def equal(self, what, got, wanted):
        same = got == wanted
        self.passed += same
        self.failed += not same
        print("%s %s%s" % ("ok" if same else "FAIL", what,
                           "" if same else ": %r instead of %r" % (got, wanted)))


def places(test):
    name = "db/my sql,50%/V1__a b: c.sql"
    locations = "-locations=filesystem:" + os.path.dirname(name).replace(",", "?")
    test.write(name, "create table t (i int);\nselect 1,\n  frm t, '100%';\n")
    run = test.run(URL, locations, "migrate")
    test.equal("a script that fails", (run.status, run.places()), (1, [(name, "3", "3")]))
    test.equal("its title", run.titles(), ["Failed to execute script V1__a b: c.sql"])
    test.equal("its message begins with that of the database",
               run.messages()[0].split("\n")[0],
               '[SQLITE_ERROR] SQL error or missing database (no such column: frm)')
    test.equal("what holds and what is next is in it",
               ["rolled back: version 1" in run.messages()[0],
                'run "cflyway migrate" again' in run.messages()[0]], [True, True])
    test.equal("nothing of it is in standard output", run.in_out, [])
    for args in (["-q"], ["-X"], ["-outputType=json"], ["-outputType=json", "-q"],
                 ["-color=always"], ["-outputType=json", "-outputProgress=false"]):
        again = test.run(URL, locations, "migrate", *args)
        test.equal("with %s" % " ".join(args), again.places(), run.places())
        if "-outputType=json" in args:
            test.equal("the document is whole", json.loads(again.out)["error"]["lineNumber"], 2)
            test.equal("and alone", len(again.err.splitlines()), 1)
    inner = test.run(URL, "-workingDirectory=db", "-locations=filesystem:my sql?50%", "migrate")
    test.equal("from another directory", inner.places(), run.places())
    test.write("db/my sql,50%/V1__a b: c.sql", "select '${nope}';\n")
    test.equal("a placeholder", test.run(URL, locations, "migrate").places(), [(name, "1", "9")])


def elsewhere(test):
    test.write("sql/V1__a.sql", "nonsense;\n")
    call = (URL, "-locations=filesystem:sql", "migrate", "-q")
    test.equal("not on GitHub", test.run(*call, GITHUB_ACTIONS="false").commands, [])
    test.equal("a script outside of the repository",
               test.run(*call, GITHUB_WORKSPACE="/nowhere").places(), [(None, None, None)])
    test.equal("without a workspace, the directory counts",
               test.run(*call, GITHUB_WORKSPACE="").places(), [("sql/V1__a.sql", "1", "1")])
    test.write("sql2/V1__a.sql", "nonsense;\n")
    inside = os.path.join(test.folder, "sql")
    test.equal("a folder whose name only begins alike",
               test.run(URL, "-locations=filesystem:sql2", "migrate",
                        GITHUB_WORKSPACE=inside).places(), [(None, None, None)])
    os.symlink(test.folder, test.folder + ".link")
    test.equal("a workspace that is a link",
               test.run(*call, GITHUB_WORKSPACE=test.folder + ".link").places(),
               [("sql/V1__a.sql", "1", "1")])
    os.unlink(test.folder + ".link")
    test.equal("-migrationIds says nothing at all",
               test.run(URL, "-locations=filesystem:sql", "info", "migrate",
                        "-migrationIds").commands, [])
    test.equal("initSql is no file",
               test.run(*call, "-initSql=nonsense").places(), [(None, None, None)])
    for args in (["-outputType=json", "-outputLogsInJson=true"],
                 ["-outputType=json", "-outputProgress=true"]):
        run = test.run(*call, *args)
        test.equal("objects alone with %s" % args[1],
                   (run.commands, [json.loads(line) is None for line in run.err.splitlines()
                                   if not line.startswith("{")]), ([], []))
    test.run(*call, "-outputFile=log.txt")
    with open(os.path.join(test.folder, "log.txt"), encoding="utf-8") as log:
        test.equal("the file of the output has none", "::" in log.read(), False)
    test.equal("a file of the output that there cannot be",
               test.run(*call, "-outputFile=no/log.txt").titles(),
               ["Could not initialize log file at no/log.txt."])
    test.equal("an argument", test.run("-q", "nonsense").messages(), ["Invalid flag: nonsense"])


def program(test):
    test.write("sql/V1__a.sh", "exit 3\n")
    run = test.run(URL, "-locations=filesystem:sql", "migrate")
    test.equal("a program has no line", run.places(), [("sql/V1__a.sh", None, None)])
    test.equal("its status is in the message", "exit status 3" in run.messages()[0], True)


def validation(test):
    for number in range(1, 14):
        test.write("sql/V%d__x.sql" % number, "select 1;\n")
    call = (URL, "-locations=filesystem:sql")
    test.run(*call, "migrate")
    for number in (2, 3):
        test.write("sql/V%d__x.sql" % number, "select 2;\n")
    os.unlink(os.path.join(test.folder, "sql/V5__x.sql"))
    wanted = [("sql/V2__x.sql", None, None), ("sql/V3__x.sql", None, None), (None, None, None)]
    run = test.run(*call, "validate")
    test.equal("one for each script that does not fit", run.places(), wanted)
    test.equal("each says what is wrong with it",
               [message.split("\n")[0] for message in run.messages()],
               ["Migration checksum mismatch for migration version 2",
                "Migration checksum mismatch for migration version 3",
                "Detected applied migration not resolved locally: 5."])
    test.equal("the same from migrate", test.run(*call, "migrate").places(), wanted)
    run = test.run(*call, "validate", "-outputType=json")
    test.equal("the same beside a document, which ends with 0", (run.status, run.places()),
               (0, wanted))
    for number in range(1, 14):
        test.write("sql/V%d__x.sql" % number, "select 3;\n")
    run = test.run(*call, "validate")
    test.equal("not more than GitHub shows",
               (len(run.commands), run.messages()[-1]), (10, "4 more are in the log"))


def targets(test):
    for name in "ab":
        test.write("%s/V1__a.sql" % name, "select 1;\n\n%s;\n" % name)
        test.write("%s.conf" % name, "flyway.url=jdbc:sqlite:%s.db\n"
                   "flyway.locations=filesystem:%s\n" % (name, name))
    test.write("t.ini", "[a]\nconfigFiles = a.conf\n[b]\nconfigFiles = b.conf\n")
    wanted = [("a/V1__a.sql", "3", "1"), ("b/V1__a.sql", "3", "1")]
    for args in ([], ["-parallel=2"], ["-outputType=json"], ["-parallel=2", "-outputType=json"]):
        run = test.run("-targets=t.ini", "migrate", *args)
        test.equal("several targets %s" % " ".join(args), sorted(run.places()), wanted)
        test.equal("their names", sorted(run.titles()),
                   ["%s: Failed to execute script V1__a.sql" % name for name in "ab"])
        if "-outputType=json" in args:
            test.equal("their document", len(json.loads(run.out)["targets"]), 2)


def secrets(test):
    test.write("sql/V1__a.sql", "create user me password '%s';\n" % SECRET)
    test.write("flyway.toml", '[environments.default]\nurl = "jdbc:sqlite:app.db"\n'
               'password = "%s"\n' % SECRET)
    calls = (["migrate"], ["migrate", "-X"], ["info", "-url=jdbc:nosuch://me:%s@h/x" % SECRET],
             ["info", "-pasword=" + SECRET], ["info", "-password", SECRET],
             ["info", "-url=jdbc:postgresql://127.0.0.1:1/x?user=me&password=" + SECRET])
    for args in calls:
        run = test.run("-locations=filesystem:sql", *args)
        text = "\n".join(map(str, run.commands))
        test.equal("no secret: " + " ".join(args)[:20],
                   (len(run.commands), [piece for piece in (SECRET, "s3cr", "of,us", "of%2Cus")
                                        if piece in text or piece in run.err]), (1, []))


def main():
    passed = failed = 0
    for part in (places, elsewhere, program, validation, targets, secrets):
        with tempfile.TemporaryDirectory(prefix="annotations-test.") as folder:
            test = Test(os.path.realpath(folder))
            part(test)
            passed, failed = passed + test.passed, failed + test.failed
    print("%d passed, %d failed" % (passed, failed))
    return failed > 0


if __name__ == "__main__":
    sys.exit(main())
