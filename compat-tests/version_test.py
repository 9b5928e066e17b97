#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The version is one number: of the program, its manual, the change log and Debian's change log.

include/cflyway/base/about.h declares it, tools/version prints it; nothing else is edited for a
release but by tools/set-version, which is tried on a copy here.  CFLYWAY names the program.
"""
import os
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
PROGRAM = os.path.abspath(os.environ.get("CFLYWAY", os.path.join(ROOT, "build", "cflyway")))
# What set-version reads and writes.
FILES = ("include/cflyway/base/about.h", "CHANGELOG.md", "debian/changelog", "debian/control",
         "tools/set-version", "tools/version",
         "deploy/github/migrate.yml", "deploy/image/Dockerfile", "deploy/helm/cflyway/Chart.yaml")
RELEASE = re.compile(r"^## (\d+\.\d+\.\d+) - (\d{4}-\d\d-\d\d)$", re.MULTILINE)
PACKAGED = re.compile(r"^cflyway \((\d+\.\d+\.\d+)-\d+\)", re.MULTILINE)


def read(path, folder=ROOT):
    with open(os.path.join(folder, path), encoding="utf-8") as file:
        return file.read()


def said(*words, folder=ROOT, **environment):
    done = subprocess.run(words, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          stdin=subprocess.DEVNULL, timeout=60,
                          env=dict(os.environ, **environment), check=False)
    return done.returncode, done.stdout.decode("utf-8", "replace")


def number(folder=ROOT):
    return said(os.path.join(folder, "tools", "version"), folder=folder)[1].strip()


class Version(unittest.TestCase):
    def test_the_program_shows_it(self):
        for words in (["version"], ["-v"], ["--version"], ["-outputType=json", "version"]):
            status, text = said(PROGRAM, *words)
            self.assertEqual((0, True), (status, "cflyway %s" % number() in text), text)

    def test_the_manual_shows_it(self):
        reference = os.path.join(tempfile.mkdtemp(prefix="version-test."), "reference")
        self.addCleanup(shutil.rmtree, os.path.dirname(reference))
        with open(reference, "w", encoding="utf-8") as file:
            file.write("#!/bin/sh\n")
        os.chmod(reference, 0o755)
        text = said(os.path.join(ROOT, "tools", "manual"), reference,
                    os.path.join(ROOT, "man", "cflyway.1.in"), SOURCE_DATE_EPOCH="1000000000")[1]
        self.assertIn("\n.Os cflyway %s\n" % number(), text)
        self.assertIn(".Dd September 9, 2001\n", text)

    def test_the_change_logs_begin_with_it(self):
        self.assertEqual(number(), RELEASE.search(read("CHANGELOG.md")).group(1))
        self.assertEqual(number(), PACKAGED.search(read("debian/changelog")).group(1))

    def test_set_version_changes_all_of_them(self):
        folder = tempfile.mkdtemp(prefix="version-test.")
        self.addCleanup(shutil.rmtree, folder)
        for path in FILES:
            os.makedirs(os.path.join(folder, os.path.dirname(path)), exist_ok=True)
            shutil.copy(os.path.join(ROOT, path), os.path.join(folder, path))
        tool = os.path.join(folder, "tools", "set-version")
        log = os.path.join(folder, "CHANGELOG.md")
        text = read("CHANGELOG.md").replace("## Unreleased\n", "## unreleased\n")
        with open(log, "w", encoding="utf-8") as file:
            file.write(text)
        self.assertEqual(1, said(tool, "7.8.9", "2030-01-02", folder=folder)[0])
        self.assertEqual(text, read("CHANGELOG.md", folder))
        with open(log, "w", encoding="utf-8") as file:
            file.write(RELEASE.sub("## Unreleased\n\n\\g<0>", text, count=1))
        self.assertEqual(2, said(tool, "7.8", folder=folder)[0])
        self.assertEqual((0, "7.8.9\n"), said(tool, "7.8.9", "2030-01-02", folder=folder))
        for path in FILES:
            if path.startswith("deploy/"):
                self.assertEqual(read(path).replace(number(), "7.8.9"), read(path, folder))
        self.assertEqual(("7.8.9", "2030-01-02"),
                         RELEASE.search(read("CHANGELOG.md", folder)).groups())
        changes = read("debian/changelog", folder)
        self.assertEqual(["7.8.9", number()], PACKAGED.findall(changes)[:2])
        self.assertIn("  Wed, 02 Jan 2030 00:00:00 +0000\n", changes)


def main():
    result = unittest.TextTestRunner(stream=sys.stdout).run(
        unittest.defaultTestLoader.loadTestsFromTestCase(Version))
    bad = len(result.failures) + len(result.errors)
    print("%d passed, %d failed" % (result.testsRun - bad, bad))
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
