#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Programs of tools/ that add up what others have counted."""
import json
import os
import shutil
import subprocess
import tempfile
import unittest

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
FIGURES = os.path.join("compat-tests", "torture", "figures")
SAYS = '#!/bin/sh\necho run\nfor part; do echo "$part"; done\n'
KEPT = {"title": "Fuzzing", "measured": "2026-11-30", "text": [],
        "rows": [{"what": "broken", "minutes": 1.0, "inputs": 5, "broken": 0}]}
WHOLE = "stat::number_of_executed_units: 1200\nfuzz: 61 seconds\n"
BROKEN = "==7==ERROR: AddressSanitizer\nfuzz: 12 seconds\n"


class Tree(unittest.TestCase):
    """A tree with some files of this one."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="sums.")
        self.addCleanup(folder.cleanup)
        self.folder = folder.name

    def copy(self, *paths):
        for path in paths:
            to = os.path.join(self.folder, path)
            os.makedirs(os.path.dirname(to), exist_ok=True)
            shutil.copy(os.path.join(ROOT, path), to)

    def write(self, path, text):
        path = os.path.join(self.folder, path)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        os.chmod(path, 0o755)

    def run_it(self, *command):
        return subprocess.run(command, cwd=self.folder, check=True, stdout=subprocess.PIPE,
                              encoding="utf-8").stdout


class StaticCheck(Tree):
    def test_one_list_of_parts_for_all_processors(self):
        self.copy("tools/static-check", "tools/charset_tables.c")
        self.write("tools/run-checks", SAYS)
        said = self.run_it("tools/static-check", "amd64", "arm64").splitlines()
        self.assertEqual(said.count("run"), 1)
        names = [line.split(":")[0] for line in said if ": " in line]
        for name in ("x86_64 charsets", "x86_64 root", "aarch64 charsets", "aarch64 cases"):
            self.assertEqual(names.count(name), 1, said)


class FuzzFigures(Tree):
    def test_minutes_are_those_that_were_run(self):
        self.copy("tools/fuzz-figures", "compat-tests/lib/__init__.py",
                  "compat-tests/lib/figures.py", "compat-tests/torture/head.md")
        self.write(os.path.join(FIGURES, "fuzz.json"), json.dumps(KEPT))
        self.write("doc/reliability.md", "")
        self.write("whole.log", WHOLE)
        self.write("broken.log", BROKEN)
        self.run_it("tools/fuzz-figures", "whole.log", "broken.log")
        with open(os.path.join(self.folder, FIGURES, "fuzz.json"), encoding="utf-8") as file:
            rows = {row.pop("what"): row for row in json.load(file)["rows"]}
        for row in rows.values():
            row.pop("measured", None)
        self.assertEqual(rows["whole"], {"minutes": 1.0, "inputs": 1200, "broken": 0})
        self.assertEqual(rows["broken"], {"minutes": 1.2, "inputs": 5, "broken": 1})


if __name__ == "__main__":
    unittest.main()
