#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""An object is built again after its header has changed, whichever way BUILD names the folder."""
import os
import shutil
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
FOLDER = os.path.join(os.environ.get("BUILD", "build"), "make_test")
OBJECT = "obj/base/exit_code.o"
HEADER = "include/cflyway/base/exit_code.h"


def make(folder, *options):
    command = ["make", "--no-print-directory", "BUILD=" + folder, *options,
               os.path.join(folder, OBJECT)]
    return subprocess.run(command, cwd=ROOT, stdout=subprocess.DEVNULL, check=False).returncode


def main():
    names = (FOLDER, os.path.join(ROOT, FOLDER))
    wrong = []
    for built in names:
        shutil.rmtree(os.path.join(ROOT, FOLDER), ignore_errors=True)
        if make(built) != 0:
            wrong.append("BUILD=%s: no object" % built)
        for asked in names:
            if make(asked, "-q") != 0:
                wrong.append("BUILD=%s, then %s: built twice" % (built, asked))
            if make(asked, "-q", "-W", HEADER) != 1:
                wrong.append("BUILD=%s, then %s: an old object" % (built, asked))
    shutil.rmtree(os.path.join(ROOT, FOLDER), ignore_errors=True)
    for line in wrong:
        print("FAIL " + line)
    print("%d passed, %d failed" % (8 - len(wrong), len(wrong)))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
