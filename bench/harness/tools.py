# SPDX-License-Identifier: Apache-2.0
"""The tools that are compared: how each wants its migrations, and how it is called.

A tool writes migrations with `layout`, pretends with `seed` that they were applied, and has a
method for each verb of cases.py that returns a command, or None where it has no such thing.
"""
import collections
import os
import re
import shutil
import subprocess
import zlib

from lib import server as pg

from . import scripts

# Where a command finds its database.
Target = collections.namedtuple("Target", "host port user database")


class Tool:
    name = install = ""
    sends_ahead = False         # says more before all was answered
    copies = False              # can run a script with COPY and its rows
    kind = None                 # tools of one kind share their files
    module = None               # of Go: where the program says its version if -version does not
    notes = {}                  # verb -> what it leaves out

    def __init__(self, command):
        self.command = command

    def found(self):
        return shutil.which(self.command[0]) is not None

    def env(self):
        return pg.environment()

    def version_text(self):
        """The number that the program says, or ?."""
        done = subprocess.run(self.version(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              env=self.env(), check=False)
        found = re.search(rb"\d+\.\d+(\.\d+)?", done.stdout)
        if not found and self.module:
            with open(shutil.which(self.command[0]), "rb") as file:
                found = re.search(rb"mod\t%s\tv([\d.]+)" % re.escape(self.module.encode()),
                                  file.read())
            return found.group(1).decode() if found else "?"
        return found.group().decode() if found else "?"

    # Files

    def file_name(self, number):
        raise NotImplementedError

    def head(self, _number):
        return ""

    def tail(self, _number):
        return ""

    def mark_function(self, text):
        return text

    def text(self, content, number):
        body = scripts.mixed(number) + self.mark_function(scripts.function(number)) \
            if content == "mixed" else scripts.table(number)
        return self.head(number) + body + self.tail(number)

    def layout(self, folder, n, content):
        for number in range(1, n + 1):
            with open(os.path.join(folder, self.file_name(number)), "w", encoding="utf-8") as file:
                file.write(self.text(content, number))

    def layout_large(self, folder, content, size_bytes):
        """Returns how many rows the script makes."""
        write = scripts.write_copy if content == "copy" else scripts.write_inserts
        with open(os.path.join(folder, self.file_name(1)), "w", encoding="utf-8") as file:
            file.write(self.head(1))
            rows = write(file, size_bytes)
            file.write(self.tail(1))
        return rows

    def seed(self, n, content):
        """SQL that makes the history table and says in it that n migrations were applied."""
        raise NotImplementedError

    # Verbs; all but the first two get the folder of the migrations and a Target.

    def version(self):
        return None

    def help(self):
        return None

    def apply(self, folder, target):
        raise NotImplementedError

    def noop(self, folder, target):
        return self.apply(folder, target)

    def dry(self, _folder, _target):
        return None

    def info(self, _folder, _target):
        return None

    def validate(self, _folder, _target):
        return None

    def can(self, case):
        if case.content == "copy" and not self.copies:
            return False
        if case.verb in ("version", "help"):
            return getattr(self, case.verb)() is not None
        return getattr(self, case.verb)("", Target("", 0, "", "")) is not None


class Flyway(Tool):
    name, kind, copies = "flyway", "flyway", True
    install = "https://documentation.red-gate.com/flyway; FLYWAY=command if it is not in PATH"

    def file_name(self, number):
        return "V%d__m%d.sql" % (number, number)

    def seed(self, n, content):
        rows = []
        for number in range(1, n + 1):
            checksum = 0
            for line in self.text(content, number).splitlines():
                checksum = zlib.crc32(line.encode(), checksum)
            if checksum >= 1 << 31:
                checksum -= 1 << 32
            rows.append("%d\t%d\tm%d\tSQL\t%s\t%d\tpostgres\t2024-01-01 00:00:00\t1\tt\n" % (
                number, number, number, self.file_name(number), checksum))
        return """create table flyway_schema_history (
            installed_rank int not null, version varchar(50), description varchar(200) not null,
            type varchar(20) not null, script varchar(1000) not null, checksum integer,
            installed_by varchar(100) not null, installed_on timestamp not null default now(),
            execution_time integer not null, success boolean not null);
            alter table flyway_schema_history add constraint flyway_schema_history_pk
                primary key (installed_rank);
            create index flyway_schema_history_s_idx on flyway_schema_history (success);
            copy flyway_schema_history from stdin;\n""" + "".join(rows) + "\\.\n"

    def call(self, folder, target, verb):
        return self.command + [
            "-url=jdbc:postgresql://%s:%d/%s?sslmode=disable" % (target.host, target.port,
                                                                target.database),
            "-user=" + target.user, "-locations=filesystem:" + folder, verb]

    def version(self):
        return self.command + ["version"]

    def help(self):
        return self.command + ["help"]

    def apply(self, folder, target):
        return self.call(folder, target, "migrate")

    def info(self, folder, target):
        return self.call(folder, target, "info")

    def validate(self, folder, target):
        return self.call(folder, target, "validate")


class Cflyway(Flyway):
    name, sends_ahead = "cflyway", True
    install = "make"

    def dry(self, folder, target):
        return self.apply(folder, target) + ["-dryRunOutput=dry-run.txt"]


class Psql(Tool):
    """The plain way: one file; each migration in a transaction with a row in a table of its own."""
    name, kind, copies = "psql", "psql", True
    install = "apt-get install postgresql-client"

    def file_name(self, _number):
        return "all.sql"

    def head(self, number):
        return ("" if number > 1 else
                "create table history (rank int primary key, version varchar(50), script "
                "varchar(1000), checksum int, at timestamp default now(), ms int);\n") + "BEGIN;\n"

    def tail(self, number):
        return ("INSERT INTO history (rank, version, script, checksum, ms) VALUES ({0}, '{0}', "
                "'V{0}__m{0}.sql', {0}, 1);\nCOMMIT;\n").format(number)

    def layout(self, folder, n, content):
        with open(os.path.join(folder, "all.sql"), "w", encoding="utf-8") as file:
            file.writelines(self.text(content, number) for number in range(1, n + 1))

    def version(self):
        return self.command + ["--version"]

    def help(self):
        return self.command + ["--help"]

    def apply(self, folder, target):
        return self.command + [
            "-X", "-q", "-v", "ON_ERROR_STOP=1", "-h", target.host, "-p", str(target.port), "-U",
            target.user, "-d", target.database, "-f", os.path.join(folder, "all.sql")]

    def noop(self, _folder, _target):
        return None
