#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Runs the commands of README.md as they stand there, in blocks and within sentences.

`make check` runs this test.  Those of the example project are played by iot_test.py: here they must
be word by word one of its guide.  Of `make …` only `make demo` is played, for it is quick; all
others must be targets.  CFLYWAY names the program.
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
sys.path[:0] = [HERE, os.path.join(ROOT, "bench")]
sys.dont_write_bytecode = True

from harness import report  # noqa: E402
from iot_test import GUIDE, TARGETS  # noqa: E402

# Played one after the other in one shell.
FIRST = ("You start a project", "You look after the database")
FIRST_LEAVES = ("flyway.toml", "app.db", "migrations/V001__first_table.sql",
                "migrations/V002__add_price.sql", "plan.sql")
EXAMPLE = [args for _, args in GUIDE] + [TARGETS]
# What this test must not let through.
WRONG = ("cflyway -targetz=conf/nonsense.ini -frobnicate migrate", "make statick imige",
         "cflyway -confgFiles=x infoo", "cflyway explayn 42P07", "cflyway -configFiles=x info",
         "make static ARCHZ=x86_64", "info -exitCod", "cflyway.lockTimeouts=5s",
         "build/cflyway -configFiles=conf/demo.conf validat", "cmake demo")


def readme():
    with open(os.path.join(ROOT, "README.md"), encoding="utf-8") as file:
        return file.read()


def commands(first=False):
    """The blocks of the chapters in FIRST, or all others."""
    chapter, found = "", []
    for line in readme().split("\n"):
        chapter = line[3:].strip() if line.startswith("## ") else chapter
        if line.startswith("    ") and (chapter in FIRST) == first:
            found.append(line.strip())
    return found


def in_sentences(program):
    """What is typed, or a setting, within backticks; each once."""
    text = "\n".join(line for line in readme().split("\n") if not line.startswith("    "))
    spans = dict.fromkeys(re.findall(r"`([^`\n]+)`", text))
    typed = re.compile(r"(build/)?cflyway |make |cflyway\.\w|-?[\w.]+=")
    return [span for span in spans if typed.match(span)
            or (span.split()[0] in program.verbs and " " in span)]


class Help:
    """What `cflyway help` lists."""

    def __init__(self):
        self.text = subprocess.run([PROGRAM, "help"], stdout=subprocess.PIPE,
                                   timeout=60).stdout.decode()
        names = re.compile(r"^    (\S+)", re.M)
        self.verbs = names.findall(self.chapter("Commands"))
        self.keys = names.findall(self.chapter("Configuration parameters (Format: -key=value)"))

    def chapter(self, title):
        return self.text.split("\n%s\n" % title)[1].split("\n\n")[0]


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


def run(words, folder):
    """Returns None, or what went wrong."""
    done = subprocess.run(words, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          stdin=subprocess.DEVNULL, timeout=60)
    return None if done.returncode == 0 else done.stdout.decode("utf-8", "replace")


def demo():
    """Plays what `make demo` does once all is installed; None, or what went wrong."""
    build = os.path.relpath(os.path.dirname(PROGRAM), ROOT)
    built = subprocess.run(["make", "-q", "BUILD=" + build, "all"], cwd=ROOT,
                           stdin=subprocess.DEVNULL, timeout=60)
    if built.returncode != 0:
        return "build it first: make BUILD=%s all" % build
    done = subprocess.run(["tools/demo"], cwd=ROOT, env={**os.environ, "BUILD": build},
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          stdin=subprocess.DEVNULL, timeout=60)
    text = done.stdout.decode("utf-8", "replace")
    good = done.returncode == 0 and "Successfully applied" in text and "| Success |" in text
    return None if good else "exit %d\n%s" % (done.returncode, text)


def make_fault(words):
    with open(os.path.join(ROOT, "Makefile"), encoding="utf-8") as file:
        makefile = file.read()
    targets = re.findall(r"^([a-z-]+):.* ## ", makefile, re.M)
    for word in words:
        name, sign, _ = word.partition("=")
        if sign and "$(%s)" % name not in makefile:
            return "the Makefile does not know the variable " + name
        if not sign and name not in targets:
            return "the Makefile has no target " + name
    return None


def check(command, folder):
    """None, or why this is not to be typed; folder is of folder_like_ours."""
    words = shlex.split(command)
    if words == ["make", "demo"]:
        return demo()
    if words[0] == "make":
        return make_fault(words[1:])
    if words[0] == "build/cflyway":
        return run(words, folder)
    if words[0] == "cflyway":
        return None if words[1:] in EXAMPLE else "not played by iot_test.py"
    return "nothing runs this command"


def check_in_sentence(span, folder, program):
    """The same of what stands in a sentence; folder is a project that play_first left."""
    words = shlex.split(span)
    setting = re.match(r"-?([\w.]+)(=|$)", span)
    if setting:
        return None if setting[1] in program.keys else "help does not list " + setting[1]
    if words[0] == "make":
        return make_fault(words[1:])
    arguments = words[1:] if words[0] == "cflyway" else words
    if arguments in EXAMPLE:
        return None
    if any(word.startswith("-configFiles=") for word in arguments):
        return "not played by iot_test.py"
    with tempfile.TemporaryDirectory() as empty:
        return run([PROGRAM, *arguments], empty if "init" in arguments else folder)


def wrong_one(folder, project, program):
    """The first of WRONG that a check lets through; None: there is none."""
    for command in WRONG:
        if (check(command, folder) is None
                or check_in_sentence(command, project, program) is None):
            return command
    return None


def exit_codes(program):
    """The table of README.md and `cflyway help` say the same; None, or how they differ."""
    shown = re.findall(r"^\| (\d+) \| (.*) \|$", readme(), re.M)
    words = re.sub(r"\n +(?=[^ \d])", " ", program.chapter("Exit codes"))
    known = re.findall(r"^ +(\d+) +(.*)$", words, re.M)
    plain = [(code, meaning.replace("`", "")) for code, meaning in shown]
    return None if plain == known and known else "README.md %s, help %s" % (plain, known)


def measured():
    """The line below the chart is that of doc/performance.md; None, or why not."""
    with open(os.path.join(ROOT, "doc", "performance.md"), encoding="utf-8") as file:
        wanted = report.below_picture(readme(), file.read())
    return None if wanted == readme() and "Measured on " in wanted else "make bench renews it"


def results(folder, first):
    """(what, None or a fault), one after the other; both folders are empty."""
    program, project = Help(), os.path.join(first, "shop")
    folder_like_ours(folder)
    run(["build/cflyway", "-configFiles=conf/demo.conf", "migrate"], folder)  # as make demo does
    for command in commands():
        yield command, check(command, folder)
    yield " and ".join(FIRST), play_first(first)
    for span in in_sentences(program):
        yield "`%s`" % span, check_in_sentence(span, project, program)
    yield "wrong ones are noticed", wrong_one(folder, project, program)
    yield "exit codes", exit_codes(program)
    yield "what the chart shows", measured()


def main():
    passed = failed = 0
    with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryDirectory() as first:
        for what, fault in results(folder, first):
            passed += fault is None
            failed += fault is not None
            print("ok %s" % what if fault is None else "FAIL %s: %s" % (what, fault))
    print("%d passed, %d failed" % (passed, failed))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
