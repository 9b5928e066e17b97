#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Runs cflyway under the name flyway: through a link, nothing may be different.

CFLYWAY names the program (default: build/cflyway).
"""
import os
import shutil
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(HERE)
PROGRAM = os.path.abspath(os.environ.get("CFLYWAY", os.path.join(ROOT, "build", "cflyway")))
TOML = """[environments.default]
url = "jdbc:sqlite::memory:"
[flyway]
table = "%s"
"""
CALLS = (["info"], ["-X", "info"], ["info", "info"], ["nonsense"], ["-outputType=json", "info"],
         ["help"], ["version"])


def write(path, text):
    os.makedirs(os.path.dirname(path))
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)


def seen(program, args, folder):
    done = subprocess.run([program] + args, cwd=folder, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, stdin=subprocess.DEVNULL, timeout=60)
    return done.returncode, done.stdout, done.stderr


def main():
    failed = 0
    with tempfile.TemporaryDirectory(prefix="name-test.") as folder:
        # The configuration beside the program counts, not that beside the link.
        write(os.path.join(folder, "opt", "conf", "flyway.toml"), TOML % "beside_the_program")
        write(os.path.join(folder, "bin", "conf", "flyway.toml"), TOML % "beside_the_link")
        program = shutil.copy(PROGRAM, os.path.join(folder, "opt", "cflyway"))
        link = os.path.join(folder, "bin", "flyway")
        os.symlink("../opt/cflyway", link)
        for args in CALLS:
            wanted, got = seen(program, args, folder), seen(link, args, folder)
            # In JSON there is the time of the call.
            same = wanted == got or "-outputType=json" in args and wanted[0] == got[0]
            if args == ["info"]:
                same = same and b"beside_the_program" in got[1]
            failed += not same
            print("%s flyway %s" % ("ok" if same else "FAIL", " ".join(args)))
    print("%d passed, %d failed" % (len(CALLS) - failed, failed))
    return failed > 0


if __name__ == "__main__":
    sys.exit(main())
