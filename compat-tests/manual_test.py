#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Is true what cflyway.conf(5) says, and does the page have every key?

Both examples of the page must mean the same, every key of a file must be known to the program in
both forms, and so must the keys of the files of one script.  cflyway(1) must name the same ones,
and a script for each prefix.  CFLYWAY names the program.
"""
import os
import re
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
BUILD = os.path.join(os.path.dirname(HERE), "build")
PROGRAM = os.path.abspath(os.environ.get("CFLYWAY", os.path.join(BUILD, "cflyway")))
MANUAL = os.path.join(os.path.dirname(PROGRAM), "man")
SUFFIXES = (".conf", ".cflyway.conf")       # of the files of one script
UNKNOWN = ("Unknown", "not supported", "Invalid flag")


def page(name):
    with open(os.path.join(MANUAL, name), encoding="utf-8") as file:
        return file.read()


def chapter(text, name):
    return text.split(".Sh %s\n" % name)[1].split("\n.Sh ")[0]


def keys(text):
    """(name in a .conf file or None, (key, table) in flyway.toml or None)."""
    for item in chapter(text, "KEYS").split("\n.It Cm ")[1:]:
        toml = re.search(r'flyway\.toml :\n\.Li "(.*), in \[(.*)\]"', item)
        conf = None if "Not in a\n" in item else item.split("\n")[0]
        yield conf, toml and toml.groups()


def script_keys(text):
    """{suffix: keys of such a file}, as cflyway.conf(5) has them."""
    parts = chapter(text, "FILES OF ONE SCRIPT").split(".It Ar SCRIPT")[1:]
    return dict(zip(SUFFIXES, (re.findall(r"^\.It Cm (\S+)", part, re.M) for part in parts)))


def run(folder, *args, **variables):
    kept = {key: value for key, value in os.environ.items()
            if not key.upper().startswith(("FLYWAY", "PG", "CFLYWAY"))}
    done = subprocess.run([PROGRAM, *args], cwd=folder, stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=60,
                          env={**kept, "HOME": folder, **variables})
    return done.returncode, done.stdout.decode("utf-8", "replace")


def write(folder, path, text):
    path = os.path.join(folder, path)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)


class Test:
    def __init__(self):
        self.passed = self.failed = 0

    def check(self, what, good, said=""):
        self.passed += good
        self.failed += not good
        if not good:
            print("FAIL %s: %s" % (what, said))

    def examples(self, text, folder):
        """A server that is not there is reported with the URL and the file's password source."""
        blocks = [block.replace("\\e", "\\").replace("localhost:5432", "127.0.0.1:1")
                  for block in re.findall(r"\.Bd [^\n]*\n(.*?)\n\.Ed",
                                          chapter(text, "EXAMPLES"), re.S)]
        said = []
        for name, block in zip(("flyway.toml", "flyway.conf"), blocks):
            write(folder, name + ".d/" + name, block + "\n")
            write(folder, name + ".d/migrations/V1__a.sql", "select 1;\n")
            said.append(run(os.path.join(folder, name + ".d"), "info", SHOP_PASSWORD="x"))
        first = [(status, report.split(" refused")[0]) for status, report in said]
        self.check("both examples", len(first) == 2 and first[0] == first[1]
                   and "jdbc:postgresql://127.0.0.1:1/shop) for user 'shop'" in said[0][1], said)

    def key(self, folder, conf, toml):
        item = "foreign_keys" if "jdbcProperties" in str(toml) else "x"
        if conf:
            name = conf.replace(".NAME", "." + item)
            write(folder, "c/flyway.conf", name + ("=true\n" if ".NAME" in conf else "=\n"))
            said = run(os.path.join(folder, "c"), "-url=jdbc:sqlite::memory:", "info")[1]
            self.check(conf, not any(word in said for word in UNKNOWN), said)
        if toml:
            key, table = (part.replace("NAME", "default") for part in toml)
            is_map = key == "default"
            write(folder, "t/flyway.toml", "[%s]\n%s = %s\n" % (
                table, item if is_map else key, '"true"' if is_map else '""'))
            said = run(os.path.join(folder, "t"), "-url=jdbc:sqlite::memory:", "info")[1]
            self.check("%s in [%s]" % (key, table), not any(word in said for word in UNKNOWN)
                       and "did you mean" not in said, said)

    def script_files(self, text, folder):
        good = {"executeInTransaction": "true", "encoding": "UTF-8", "shouldExecute": "true",
                "placeholderReplacement": "true", "migrationRetries": "1"}
        for suffix, names in script_keys(text).items():
            self.check("keys of SCRIPT%s" % suffix, len(names) == 4, names)
            for known, name in [(True, name) for name in names] + [(False, "nonsense")]:
                write(folder, "s/sql/V1__a.sql", "select 1;\n")
                write(folder, "s/sql/V1__a.sql" + suffix,
                      "%s=%s\n" % (name, good.get(name, "1s")))
                status, said = run(os.path.join(folder, "s"), "-url=jdbc:sqlite::memory:",
                                   "-locations=filesystem:sql", "migrate")
                self.check("%s in SCRIPT%s" % (name, suffix), (status == 0) == known, said)
            os.unlink(os.path.join(folder, "s/sql/V1__a.sql" + suffix))

    def first_page(self, text, first):
        """Files of one script and names of scripts, as in the other page."""
        files = chapter(first, "FILES")
        for suffix, wanted in script_keys(text).items():
            item = re.search(r"^\.It Pa V1__\w+\.sql%s$(.*?)(?=^\.It|^\.El)" % re.escape(suffix),
                             files, re.M | re.S)
            named = item and re.findall(r"\w+", "".join(re.findall(r"^\.Li (.*)", item[1], re.M)))
            self.check("keys of SCRIPT%s in cflyway(1)" % suffix, named == wanted, named)
        prefixes = re.findall(r'^\.It Cm flyway\.\w*igrationPrefix\n.*?\n\.Dq (\w+) \.$',
                              chapter(text, "KEYS"), re.M | re.S)
        named = re.findall(r"\b([A-Z])1?__description\.sql(?![.\w])", files)
        self.check("names of scripts in cflyway(1)",
                   len(prefixes) > 3 and sorted(named) == sorted(prefixes), (named, prefixes))


def main():
    test, text = Test(), page("cflyway.conf.5")
    listed = list(keys(text))
    test.check("the page has keys", len(listed) > 60, len(listed))
    with tempfile.TemporaryDirectory(prefix="manual-test.") as folder:
        test.examples(text, folder)
        for conf, toml in listed:
            test.key(folder, conf, toml)
        test.script_files(text, folder)
    test.first_page(text, page("cflyway.1"))
    print("%d passed, %d failed" % (test.passed, test.failed))
    return test.failed > 0


if __name__ == "__main__":
    sys.exit(main())
