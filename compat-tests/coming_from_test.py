#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Follows doc/coming-from.md on databases that other tools have migrated.

coming_from/TOOL has the files of a small project, and database.sql: what the tool has made of an
empty database, dumped by --record, which needs the tools in PATH.  CFLYWAY names the program.
"""
import os
import shutil
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(HERE)
sys.path.insert(0, HERE)
sys.dont_write_bytecode = True

from lib import followed  # noqa: E402
from lib import server as servers  # noqa: E402

PROGRAM = os.path.abspath(os.environ.get("CFLYWAY", os.path.join(ROOT, "build", "cflyway")))
DOCUMENT = os.path.join(ROOT, "doc", "coming-from.md")
PROJECTS = os.path.join(HERE, "coming_from")
URL = "postgres://postgres@%s:%d/%s?sslmode=disable"

# chapter: folder, how its database is made, what a user has in the end
CHAPTERS = {
    "goose": ("goose", ["goose", "-dir", "sql", "postgres", "{url}", "up"], "ADA"),
    "golang-migrate": ("golang-migrate", ["migrate", "-path", "sql", "-database", "{url}", "up"],
                       "ada"),
    "dbmate": ("dbmate", ["dbmate", "--no-dump-schema", "--url", "{url}", "up"], "ada"),
    "Scripts of your own": ("own", ["psql", "-q", "-f", "sql/001_users.sql",
                                    "-f", "sql/002_first_user.sql", "{url}"], "ada"),
}
passed = failed = 0


def check(holds, what, detail=""):
    global passed, failed
    passed, failed = passed + bool(holds), failed + (not holds)
    if not holds:
        print("FAIL %s\n%s" % (what, detail))


def record(server):
    for folder, command, _ in CHAPTERS.values():
        place = os.path.join(PROJECTS, folder)
        server.drop_database("app")
        server.create_database("app")
        url = URL % (server.host, server.port, "app")
        subprocess.run([word.replace("{url}", url) for word in command], cwd=place, check=True,
                       stdout=subprocess.DEVNULL)
        dump = [os.path.join(os.path.dirname(servers.client()), "pg_dump"), "--inserts",
                "--no-owner", url]
        text = subprocess.run(dump, check=True, stdout=subprocess.PIPE, text=True).stdout
        kept = [line for line in text.split("\n") if line.strip() and
                not line.startswith(("--", "SET ", "\\restrict", "\\unrestrict"))]
        with open(os.path.join(place, "database.sql"), "w", encoding="utf-8") as file:
            file.write("\n".join(kept) + "\n")


def play(chapter, server):
    name, _, user = CHAPTERS[chapter]
    server.drop_database("app")
    server.create_database("app")
    with open(os.path.join(PROJECTS, name, "database.sql"), encoding="utf-8") as file:
        server.psql(file.read(), "app")
    with tempfile.TemporaryDirectory() as top:
        folder = os.path.join(top, "project")
        shutil.copytree(os.path.join(PROJECTS, name), folder)
        path = [followed.program_folder(os.path.join(top, "bin"), PROGRAM)]
        for line, text, holds in followed.follow(followed.commands(DOCUMENT, chapter), folder, path,
                                                 followed.of_server(server)):
            check(holds, "%s: %s" % (chapter, line), "not run" if text is None else text)
    found = server.value("select name from users", "app")
    check(found == user, "%s: what is there in the end" % chapter, found)


def main():
    with servers.open_server() as server:
        if "--record" in sys.argv:
            record(server)
            return 0
        for chapter in CHAPTERS:
            play(chapter, server)
    print("%d passed, %d failed" % (passed, failed))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
