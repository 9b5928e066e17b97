#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""doc/third-party.md has the versions that the static program is built from.

tools/sbom makes the bills of materials from that table.  tools/static.sources names the crates and
the compiler; where tools/install-static has fetched them, they say which libraries are in them.  A
static program says so itself.  CFLYWAY names the program, which may stand behind an emulator.
"""
import os
import re
import runpy
import shlex
import subprocess
import sys
import unittest

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
COMMAND = shlex.split(os.environ.get("CFLYWAY", os.path.join(ROOT, "build", "cflyway")))
CACHE = os.environ.get("XDG_CACHE_HOME", os.path.expanduser("~/.cache"))
FETCHED = os.path.join(CACHE, "cflyway", "static")
SOURCES = os.path.join(ROOT, "tools", "static.sources")
SHOWN = ("libpq", "OpenSSL", "SQLite")
# Where a library says its version.
IN_SOURCES = {
    "SQLite": ("libsqlite3-sys/sqlite3/sqlite3.h", r'#define SQLITE_VERSION\s+"(.*)"'),
    "zlib": ("libz-sys/src/zlib/zlib.h", r'#define ZLIB_VERSION "(.*)"'),
    "musl": ("ziglang/ziglang/lib/libc/musl/src/internal/version.h", r'#define VERSION "(.*)"'),
}

sys.dont_write_bytecode = True
sbom = runpy.run_path(os.path.join(ROOT, "tools", "sbom"))


def read(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


def section():
    """The lines of the table of the static program."""
    text = read(sbom["TABLES"]).split("\n## %s\n" % sbom["STATIC"])[1].split("\n## ")[0]
    return [line for line in text.splitlines() if line.startswith("|")]


def versions():
    """{part: version} of that table, without the words after a version."""
    return {name: version.split(",")[0] for name, version, _ in sbom["tables"]()[sbom["STATIC"]]}


def sources(kind):
    """{name: version} of static.sources"""
    lines = (line.split() for line in read(SOURCES).splitlines() if not line.startswith("#"))
    return {name: version for _, what, name, version in lines if what == kind}


class ThirdParty(unittest.TestCase):
    def test_each_crate_has_a_row_with_its_version(self):
        named = re.findall(r"crate (\S+) ([^\s|)]+)", "\n".join(section()))
        self.assertEqual(sorted(sources("crate").items()), sorted(named))

    def test_the_compiler_has_its_version(self):
        named = re.findall(r"\bzig (\d[\d.]*)", "\n".join(section()))
        self.assertEqual({sources("wheel")["ziglang"]}, set(named))

    def test_a_crate_that_names_its_library(self):
        known = versions()
        for crate, part in (("openssl-src", "OpenSSL"), ("pq-src", "libpq")):
            inside = sources("crate")[crate].partition("+")[2]
            self.assertEqual(inside.rpartition("-")[2], known[part], crate)

    def test_what_the_fetched_sources_say(self):
        stamp = os.path.join(FETCHED, "sources")
        if not os.path.exists(stamp) or read(stamp) != read(SOURCES):
            self.skipTest("tools/install-static has not fetched these sources")
        known = versions()
        for part, (path, pattern) in IN_SOURCES.items():
            said = re.search(pattern, read(os.path.join(FETCHED, path)))
            self.assertEqual(said.group(1), known[part], path)

    def test_what_a_static_program_says(self):
        if not sbom["is_static"](COMMAND[-1]):
            self.skipTest("the program is not static")
        text = subprocess.run(COMMAND + ["version"], check=True, stdout=subprocess.PIPE,
                              timeout=60, universal_newlines=True).stdout
        said = dict(re.findall(r"^(\S+) +\| (.*)$", text, re.MULTILINE))
        known = versions()
        for part in SHOWN:
            self.assertEqual(known[part], said.get(part), text)


def main():
    result = unittest.TextTestRunner(stream=sys.stdout).run(
        unittest.defaultTestLoader.loadTestsFromTestCase(ThirdParty))
    bad, skipped = len(result.failures) + len(result.errors), len(result.skipped)
    print("%d passed, %d failed" % (result.testsRun - bad - skipped, bad) +
          (", %d skipped" % skipped if skipped else ""))
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
