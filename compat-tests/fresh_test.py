#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""On a terminal, fresh asks for DELETE ALL DATA, and does nothing for any other answer.

CFLYWAY names the program (default: build/cflyway).
"""
import os
import pty
import sqlite3
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
PROGRAM = os.path.abspath(
    os.environ.get("CFLYWAY", os.path.join(os.path.dirname(HERE), "build", "cflyway")))
QUESTION = "Type DELETE ALL DATA to go on: "

ANSWERS = (
    ("DELETE ALL DATA\n", True),
    ("  DELETE ALL DATA \n", True),
    ("delete all data\n", False),
    ("yes\n", False),
    ("\n", False),
    ("\x04", False),           # the end of the input
    ("DELETE ALL DATA" + "!" * 100 + "\n", False),
)


def call(folder, *args):
    """The argument list, and an environment without settings."""
    env = {key: value for key, value in os.environ.items()
           if not key.startswith(("FLYWAY", "flyway", "DATABASE_URL", "DB_"))}
    return [PROGRAM, "-url=jdbc:sqlite:" + os.path.join(folder, "x.db"),
            "-locations=filesystem:" + os.path.join(folder, "sql"), *args], dict(env, HOME=folder)


def on_terminal(folder, answer, *args):
    """Runs the program on a terminal; returns status and text."""
    command, env = call(folder, *args)
    leader, follower = pty.openpty()
    process = subprocess.Popen(command, env=env, stdin=follower, stdout=follower, stderr=follower)
    os.close(follower)
    text = b""
    answered = False
    while True:
        try:
            data = os.read(leader, 4096)
        except OSError:                                         # the other end is closed
            break
        if not data:
            break
        text += data
        if not answered and QUESTION.encode() in text:
            os.write(leader, answer.encode())
            answered = True
    os.close(leader)
    return process.wait(), text.decode()


def rows(folder):
    """How many rows the table of the migration has."""
    with sqlite3.connect(os.path.join(folder, "x.db")) as db:
        return db.execute("select count(*) from a").fetchone()[0]


def try_answer(answer, is_accepted):
    """Returns what is wrong, or nothing."""
    with tempfile.TemporaryDirectory() as folder:
        os.mkdir(os.path.join(folder, "sql"))
        with open(os.path.join(folder, "sql", "V1__a.sql"), "w", encoding="utf-8") as file:
            file.write("create table a (i int);\n")
        command, env = call(folder, "migrate")
        subprocess.run(command, env=env, check=True, stdout=subprocess.DEVNULL)
        with sqlite3.connect(os.path.join(folder, "x.db")) as db:
            db.execute("insert into a values (7)")
        db.close()
        status, text = on_terminal(folder, answer, "fresh")
        if QUESTION not in text or "main.a, main.flyway_schema_history" not in text:
            return "did not ask: " + text
        if is_accepted != (status == 0) or is_accepted != (rows(folder) == 0):
            return "status %d: %s" % (status, text)
        if not is_accepted and "fresh was not confirmed. Nothing was changed." not in text:
            return "no message: " + text
        status, text = on_terminal(folder, "", "-outputType=json", "fresh")
        return "asked with JSON: " + text if QUESTION in text or status != 1 else None


def main():
    failed = 0
    for answer, is_accepted in ANSWERS:
        wrong = try_answer(answer, is_accepted)
        if wrong:
            failed += 1
            print("FAIL %r: %s" % (answer[:20], wrong))
    print("%d passed, %d failed" % (len(ANSWERS) - failed, failed))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
