#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Runs the commands of README.md as they stand there.

`make demo` and `make check` are what runs this test; the commands of the example project are played
by iot_test.py, so here it is only checked that it knows them.  CFLYWAY names the program.
"""
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(HERE)
PROGRAM = os.path.abspath(os.environ.get("CFLYWAY", os.path.join(ROOT, "build", "cflyway")))


# Played one after the other in one shell.
FIRST = ("You start a project", "You look after the database")
FIRST_LEAVES = ("flyway.toml", "app.db", "migrations/V001__first_table.sql",
                "migrations/V002__add_price.sql", "plan.sql")


def commands(first=False):
    """Those of the chapters in FIRST, or all others."""
    chapter, found = "", []
    with open(os.path.join(ROOT, "README.md"), encoding="utf-8") as readme:
        for line in readme:
            chapter = line[3:].strip() if line.startswith("## ") else chapter
            if line.startswith("    ") and (chapter in FIRST) == first:
                found.append(line.strip())
    return found


def play_first(folder):
    """All of them in one shell, which begins in an empty folder; None, or what went wrong."""
    os.symlink(PROGRAM, os.path.join(folder, "cflyway"))
    done = subprocess.run(["sh", "-ec", "\n".join(commands(first=True)) + "\npwd"], cwd=folder,
                          env={"PATH": folder + ":" + os.environ["PATH"], "HOME": folder},
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          stdin=subprocess.DEVNULL, timeout=60)
    text = done.stdout.decode("utf-8", "replace")
    missing = [name for name in FIRST_LEAVES
               if not os.path.exists(os.path.join(text.strip().split("\n")[-1], name))]
    if done.returncode == 0 and not missing and "Pending" in text and "Success" in text:
        return None
    return "exit %d, missing: %s\n%s" % (done.returncode, missing, text)


def folder_like_ours(folder):
    for name in ("conf", "migrations"):
        shutil.copytree(os.path.join(ROOT, name), os.path.join(folder, name))
    os.mkdir(os.path.join(folder, "build"))
    os.symlink(PROGRAM, os.path.join(folder, "build", "cflyway"))


def run(command, folder):
    """Returns None, or what went wrong."""
    done = subprocess.run(shlex.split(command), cwd=folder, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, timeout=60)
    return None if done.returncode == 0 else done.stdout.decode("utf-8", "replace")


def is_played_elsewhere(command):
    """Locations in iot_test.py are put together, so the other words are compared."""
    with open(os.path.join(HERE, "iot_test.py"), encoding="utf-8") as test:
        known = test.read()
    words = [word for word in shlex.split(command)[1:] if not word.startswith("-locations=")]
    files = [word.split("/")[-1] for word in words if word.startswith("-configFiles=")]
    verbs = [word for word in words if not word.startswith("-")]
    return all(re.search(r"\b%s\b" % re.escape(word), known) for word in files + verbs)


def check(command, folder):
    if command in ("make demo", "make check"):
        return None
    if command.startswith("build/cflyway"):
        return run(command, folder)
    if command.startswith("cflyway"):
        return None if is_played_elsewhere(command) else "not played by iot_test.py"
    return "nothing runs this command"


def exit_codes():
    """The table of README.md and `cflyway help` say the same; None, or how they differ."""
    with open(os.path.join(ROOT, "README.md"), encoding="utf-8") as readme:
        shown = re.findall(r"^\| (\d+) \| (.*) \|$", readme.read(), re.M)
    said = subprocess.run([PROGRAM, "help"], stdout=subprocess.PIPE, timeout=60).stdout.decode()
    words = re.sub(r"\n +(?=[^ \d])", " ", said.split("\nExit codes\n")[1].split("\n\n")[0])
    known = re.findall(r"^ +(\d+) +(.*)$", words, re.M)
    plain = [(code, meaning.replace("`", "")) for code, meaning in shown]
    return None if plain == known and known else "README.md %s, help %s" % (plain, known)


def main():
    failed = 0
    with tempfile.TemporaryDirectory() as folder:
        folder_like_ours(folder)
        run("build/cflyway -configFiles=conf/demo.conf migrate", folder)  # as make demo does
        for command in commands():
            fault = check(command, folder)
            failed += fault is not None
            print("ok %s" % command if fault is None else "FAIL %s: %s" % (command, fault))
    with tempfile.TemporaryDirectory() as folder:
        fault = play_first(folder)
        failed += fault is not None
        what = " and ".join(FIRST)
        print("ok %s" % what if fault is None else "FAIL %s: %s" % (what, fault))
    fault = exit_codes()
    failed += fault is not None
    print("ok exit codes" if fault is None else "FAIL exit codes: " + fault)
    print("%d passed, %d failed" % (len(commands()) + 2 - failed, failed))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
