#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""init -fromType=Conf: the .conf file and the flyway.toml that it becomes mean the same.

Each project is copied, its flyway.conf is converted in the copy, and the same commands must say and
leave the same in both.  With FLYWAY, real Flyway reads both, too.  CFLYWAY names the program.
"""
import os
import re
import shutil
import sqlite3
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(HERE)
sys.path.insert(0, HERE)
sys.dont_write_bytecode = True

from lib import runner  # noqa: E402

SCRIPTS = {"V1__a.sql": "create table a (site text default '${site}');\n",
           "V2__b.sql": "insert into a default values;\n",
           "V3__c.sql": "create table [${deep.name}] (i int);\n",
           "m4-d.ddl": "create table d (i int);\n"}
URL = "flyway.url=jdbc:sqlite:t.db\n"
USUAL = URL + "flyway.locations=filesystem:sql\nflyway.placeholders.site=Kiel\n" \
              "flyway.placeholders.deep.name=x \"y\" \\z\n"
CONFS = {
    "usual": USUAL,
    "variables": USUAL.replace("t.db", "${DATABASE}.db").replace("Kiel", "${SITE}"),
    "target and table": USUAL + "flyway.target=2\nflyway.table=own\nflyway.installedBy=me\n",
    "names": USUAL + "flyway.sqlMigrationPrefix=m\nflyway.sqlMigrationSeparator=-\n"
                     "flyway.sqlMigrationSuffixes=.ddl,.sql\n",
    "continued": USUAL.replace("filesystem:sql", "filesystem:none,\\\n  filesystem:sql"),
    "connection": USUAL + "flyway.connectRetries=1\nflyway.initSql=pragma foreign_keys = on\n"
                          "flyway.password=a \"secret\" # no comment\nflyway.user=u\n",
    "booleans": USUAL + "flyway.mixed=TRUE\nflyway.group=true\nflyway.outOfOrder=False\n"
                        "flyway.validateMigrationNaming=true\n",
    "baseline": USUAL + "flyway.baselineOnMigrate=true\nflyway.baselineVersion=1\n"
                        "flyway.ignoreMigrationPatterns=*:missing,*:future\n",
    "foreign keys": USUAL + "other.key=1\nurl=jdbc:sqlite:other.db\n! a comment\n",
}
COMMANDS = (["info"], ["migrate"], ["info"], ["validate"], ["-outputType=json", "info"])


class Failure(Exception):
    pass


def run(command, folder, *arguments):
    environment = {"HOME": folder, "PATH": os.environ["PATH"], "TZ": "UTC", "DATABASE": "t",
                   "SITE": "Kiel", "LC_ALL": "C.UTF-8"}
    if "JAVA_HOME" in os.environ:
        environment["JAVA_HOME"] = os.environ["JAVA_HOME"]
    done = subprocess.run([*command, *arguments], cwd=folder, env=environment, timeout=120,
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, check=False)
    return done.returncode, plain(done.stdout.decode("utf-8", "replace"), folder)


def plain(text, folder):
    """Without what is never the same: the folder, times, and the order of JSON's times."""
    text = text.replace(folder, "FOLDER")
    text = re.sub(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?Z?", "TIME", text)
    return re.sub(r'(executionTime" : |Time" : )\d+|\d\d:\d\d\.\d{3}s', "DURATION", text)


def rows(folder):
    """What is in the database, without the times of the history."""
    path = os.path.join(folder, "t.db")
    if not os.path.exists(path):
        return None
    file = sqlite3.connect(path)
    try:
        return [re.sub(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d+)?", "TIME", line)
                for line in file.iterdump() if not line.startswith("INSERT INTO \"flyway")
                and not line.startswith('INSERT INTO "own"')]
    finally:
        file.close()


def check(name, conf, command, program):
    with tempfile.TemporaryDirectory(prefix="init-test.") as top:
        old, new = (os.path.join(os.path.realpath(top), kind) for kind in ("conf", "toml"))
        os.makedirs(os.path.join(old, "sql"))
        for script, text in SCRIPTS.items():
            with open(os.path.join(old, "sql", script), "w", encoding="utf-8") as file:
                file.write(text)
        with open(os.path.join(old, "flyway.conf"), "w", encoding="utf-8") as file:
            file.write(conf)
        shutil.copytree(old, new)
        status, text = run(program, new, "init", "-fromType=Conf")
        if status != 0:
            raise Failure("init: exit %d\n%s" % (status, text))
        if "secret" in text:
            raise Failure("init shows a password:\n" + text)
        for arguments in COMMANDS:
            wanted, found = (run(command, folder, *arguments) for folder in (old, new))
            if wanted != found:
                raise Failure("%s of %s:\n%s\n--- with flyway.toml\n%s" % (
                    arguments, name, *(str(outcome[0]) + "\n" + outcome[1]
                                       for outcome in (wanted, found))))
        if rows(old) != rows(new):
            raise Failure("%s: %s, with flyway.toml %s" % (name, rows(old), rows(new)))


def main():
    program = runner.cflyway()
    programs = {"cflyway": program}
    if os.environ.get("FLYWAY"):
        programs["Flyway"] = runner.flyway()
    failed = 0
    for who, command in programs.items():
        for name, conf in CONFS.items():
            try:
                check(name, conf, command, program)
                print("ok %s, %s" % (who, name))
            except Failure as failure:
                failed += 1
                print("FAIL %s, %s: %s" % (who, name, failure))
    print("%d passed, %d failed" % (len(programs) * len(CONFS) - failed, failed))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
