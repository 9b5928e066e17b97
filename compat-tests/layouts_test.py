#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Layouts: the same files with the tool that they were written for, and with cflyway.

On SQLite, each project is migrated and taken back step by step by goose, golang-migrate or dbmate
and by cflyway, and after each step both databases must have the same objects and rows.  The tools
are those in PATH, or named by GOOSE, MIGRATE and DBMATE; a tool that is missing is skipped.  With
FLYWAY, real Flyway validates the history after the files have got its names.  CFLYWAY names the
program.
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
OWN_TABLES = {"flyway_schema_history", "goose_db_version", "schema_migrations", "sqlite_sequence"}
TRIGGER = ("create trigger tr after insert on users begin\n  update users set name = name;\n"
           "  insert into log values ('x;y');\nend;\n")

GOOSE = {
    "00001_users.sql": "-- Users.\n\n-- +goose Up\ncreate table users(id int, name text);\n"
                       "create table log(what text);\n\n-- +goose Down\ndrop table log;\n"
                       "drop table users;\n",
    "00002_logic.sql": "-- +goose up\n-- +goose StatementBegin\n" + TRIGGER +
                       "-- +goose StatementEnd\ninsert into users values (1, 'a; b');\n"
                       "-- +goose DOWN\ndelete from users;\ndrop trigger tr;\n",
    "00010_vacuum.sql": "-- +goose NO TRANSACTION\n-- +goose Up\nvacuum;\ncreate table v(id int);\n"
                        "--+goose   Down\ndrop table v;\n",
    "20240131120000_crlf.sql": "-- +goose Up\r\n-- +goose ENVSUB OFF\r\ncreate table c(id int);"
                               "\r\n-- +goose Down\r\ndrop table c;\r\n",
    "20240201120000_none.sql": "-- +goose Up\n-- nothing\n-- +goose Down\n",
}
UPDOWN = {
    "1_users.up.sql": "create table users(id int, name text);\ncreate table log(what text);\n",
    "1_users.down.sql": "drop table log;\ndrop table users;\n",
    "02_logic.up.sql": TRIGGER + "insert into users values (1, 'a');\n",
    "02_undo_logic.down.sql": "delete from users;\ndrop trigger tr;\n",
    "10_v.x.up.sql": "create table v(id int);\n",
    "10_v.x.down.sql": "drop table v;\n",
    "20240131120000_c.up.sql": "create table c(id int);\n",
    "20240131120000_c.down.sql": "drop table c;\n",
}
DBMATE = {
    "20240101000000_users.sql": "-- Users.\n-- migrate:up\ncreate table users(id int, name text);\n"
                                "create table log(what text);\n-- migrate:down\ndrop table log;\n"
                                "drop table users;\n",
    "20240102000000_logic.sql": "-- migrate:up\n" + TRIGGER + "insert into users values (1, 'a');\n"
                                "\n--   migrate:down x:y\ndelete from users;\ndrop trigger tr;\n",
    "20240103000000_vacuum.sql": "--migrate:up transaction:false\nvacuum;\n"
                                 "-- migrate:down transaction:false\n",
    "20240104000000.sql": "-- migrate:up\ncreate table bare(id int);\n-- migrate:downs\n"
                          "-- migrate:down\ndrop table bare;\n",
}


def goose(program, folder, database, up):
    return [program, "-dir", folder, "sqlite3", database] + (["up"] if up else ["down"])


def golang_migrate(program, folder, database, up):
    return [program, "-path", folder, "-database", "sqlite://" + database] + \
        (["up"] if up else ["down", "1"])


def dbmate(program, folder, database, up):
    return [program, "--url", "sqlite:" + database, "--migrations-dir", folder, "--no-dump-schema"] + \
        (["up"] if up else ["rollback"])


# tool, layout, files, how many migrations, its command line
PROJECTS = (("goose", "goose", GOOSE, 5, goose), ("migrate", "updown", UPDOWN, 4, golang_migrate),
            ("dbmate", "dbmate", DBMATE, 4, dbmate))
passed = failed = 0


def check(holds, what, detail=""):
    global passed, failed
    passed, failed = passed + bool(holds), failed + (not holds)
    if not holds:
        print("FAIL %s\n%s" % (what, detail))


def run(arguments):
    done = subprocess.run(arguments, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          check=False)
    return done.returncode, done.stdout


def contents(database):
    """Everything but what the tools keep for themselves: {name: (sql, rows)}"""
    with sqlite3.connect(database) as connection:
        objects = connection.execute("select type, name, tbl_name, sql from sqlite_master").fetchall()
        return {name: (sql, connection.execute('select * from "%s"' % name).fetchall()
                       if kind == "table" else None)
                for kind, name, table, sql in objects
                if table not in OWN_TABLES and not name.startswith("sqlite_autoindex")}


def cflyway(folder, database, *arguments):
    program = os.environ.get("CFLYWAY", os.path.join(ROOT, "build", "cflyway")).split()
    return run(program + ["-url=jdbc:sqlite:" + database, "-locations=filesystem:" + folder] +
               list(arguments))


def part(text, wanted):
    """The lines of a part without markers, found in another way than by cflyway; or None"""
    pieces = re.split(r"(?im)^--\s*(?:\+goose|migrate:)\s*(up|down)\b.*\n", text)
    for word, lines in zip(pieces[1::2], pieces[2::2]):
        if word.lower() == wanted:
            return re.sub(r"(?m)^--\s*\+goose.*\n?", "", lines)
    return None


def give_flyway_names(folder, layout, files):
    """Divides or renames the files; the names are those of doc/layouts.md."""
    for name, text in files.items():
        number, description = re.match(r"(\d+)_?(.*?)\.sql$", name).groups()
        os.remove(os.path.join(folder, name))
        down = description.endswith(".down")
        new = "%s__%s.sql" % (number, re.sub(r"\.(up|down)$", "", description))
        new = new if description else number + ".sql"
        texts = {"U" if down else "V": text} if layout == "updown" else \
            {"V": part(text, "up"), "U": part(text, "down")}
        for prefix, content in texts.items():
            if content is not None:
                with open(os.path.join(folder, prefix + new), "w", encoding="utf-8",
                          newline="") as file:
                    file.write(content)


def compare(tool, layout, files, steps, command):
    program = os.environ.get(tool.upper()) or shutil.which(tool)
    with tempfile.TemporaryDirectory() as top:
        folder, theirs, ours = (os.path.join(top, name) for name in ("sql", "a.db", "b.db"))
        os.mkdir(folder)
        for name, text in files.items():
            with open(os.path.join(folder, name), "w", encoding="utf-8", newline="") as file:
                file.write(text)
        option = "-cflyway.layout=" + layout
        for step in range(-1, steps):
            up = step < 0
            status, output = cflyway(folder, ours, option, "migrate" if up else "undo")
            what = "%s, %s" % (layout, "up" if up else "down %d" % (step + 1))
            check(status == 0, what, output)
            if program is not None:
                status, output = run(command(program, folder, theirs, up))
                check(status == 0, what + " of the tool", output)
                a, b = contents(theirs), contents(ours)
                check(a == b, what + ": contents", "%s: %s\ncflyway: %s" % (tool, a, b))
        if program is None:
            print("skipped: %s is not there to compare with" % tool)
        check(contents(ours) == {}, "%s: all is taken back" % layout, contents(ours))
        status, output = cflyway(folder, ours, option, "migrate")
        check(status == 0, layout + ", up again", output)
        before = contents(ours)
        give_flyway_names(folder, layout, files)
        for name in ("validate", "migrate"):
            status, output = cflyway(folder, ours, name)
            check(status == 0 and contents(ours) == before, "%s, renamed: %s" % (layout, name),
                  output)
        if "FLYWAY" in os.environ:
            status, output = run([os.environ["FLYWAY"], "-url=jdbc:sqlite:" + ours,
                                  "-locations=filesystem:" + folder, "validate"])
            check(status == 0, layout + ", renamed: Flyway validates", output)
        for _ in range(steps):
            status, output = cflyway(folder, ours, "undo")
            check(status == 0, layout + ", renamed: undo", output)
        check(contents(ours) == {}, layout + ", renamed: all is taken back", contents(ours))


def main():
    for project in PROJECTS:
        compare(*project)
    print("%d passed, %d failed" % (passed, failed))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
