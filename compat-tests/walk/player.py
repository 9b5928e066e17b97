# SPDX-License-Identifier: Apache-2.0
"""Plays the steps of a walk with one program, in a folder and a database of its own.

The steps are those of a recorded case (../README.md): write, delete, mkdir, rename, chmod, link,
sql and run. Here they may be impossible: a step that cannot be done is left out, as it is with
every program whose project and database are in the same state.
"""
import collections
import os
import sqlite3
import time

import digest
from lib import normalise
from lib.file_steps import FileSteps, remove
from lib.session import Session, SqlError

RUN_LIMIT_S = 30
SUPERUSER = "postgres"

# What a command has left: texts and lists of lines that can be compared.
Seen = collections.namedtuple("Seen", "exit out err history database files")
PARTS = {"exit": "exit status", "history": "history", "database": "database", "files": "text",
         "out": "text", "err": "text"}      # how a difference is counted
NOT_COMPARED = (".db", ".db-wal", ".db-shm", ".db-journal", ".lock", ".html")


class Side(FileSteps):
    """One program; the folder must exist and stays, as Java cannot change its directory."""

    def __init__(self, name, program, folder, server):
        self.name, self.program, self.folder, self.server = name, program, folder, server
        self.database = "walk_" + os.path.basename(folder)
        self.kind, self.session, self.admin, self.written, self.made = None, None, None, set(), {}
        self.ended_java = 0

    # The beginning and the end of a walk

    def begin(self, kind):
        self.kind, self.written, self.made = kind, set(), {}
        empty(self.folder)
        if kind == "postgresql":
            if not self.admin:
                self.admin = self.open(SUPERUSER)
            self.end_session()
            self.drop()
            self.admin.query('create database "%s" template template0' % self.database)

    def close(self):
        self.program.stop()
        self.end_session()
        if self.admin:
            self.drop()
            self.admin.close()

    def reconnect(self):
        """After the server has ended the connections; it may need a moment."""
        self.session, self.admin = None, None
        for _ in range(100):
            try:
                self.admin = self.open(SUPERUSER)
                return
            except (SqlError, OSError):
                time.sleep(0.1)

    def open(self, database):
        return Session(self.server.host, self.server.port, SUPERUSER, database)

    def end_session(self):
        if self.session:
            self.session.close()
            self.session = None

    def drop(self):
        self.end_others()
        self.admin.query('drop database if exists "%s"' % self.database)

    def end_others(self):
        """Ends the connections that a command has left open in the process that goes on."""
        mine = self.session.pid if self.session else 0
        self.admin.query("select pg_terminate_backend(pid, 5000) from pg_stat_activity "
                         "where datname = '%s' and pid <> %d" % (self.database, mine))

    # Values

    def values(self):
        if self.kind == "postgresql":
            return {"URL": self.server.jdbc_url(self.database), "DB": self.database,
                    "CWD": self.folder}
        file = os.path.join(self.folder, "test.db")
        return {"URL": "jdbc:sqlite:" + file, "DB": file, "CWD": self.folder}

    def fill(self, text):
        for name, value in self.values().items():
            text = text.replace("{{%s}}" % name, value)
        return text

    def comparable(self, data):
        pairs = [(value, "{{%s}}" % name) for name, value in self.values().items()]
        return normalise.text(data.decode("utf-8", "backslashreplace"), pairs)

    # Steps

    def do(self, step):
        """A step that is not a run."""
        try:
            getattr(self, "step_" + step["op"])(step)
        except (OSError, SqlError, sqlite3.Error) as problem:
            if "FATAL" in str(problem):
                self.end_session()

    def new_path(self, text):
        """Also keeps apart what the steps have made from what the program makes."""
        path = super().new_path(text)
        self.written.add(os.path.relpath(path, self.folder))
        return path

    def step_sql(self, step):
        sql = self.fill(step["sql"])
        if self.kind == "postgresql":
            self.query(sql)
            return
        connection = sqlite3.connect(os.path.join(self.folder, "test.db"), timeout=5)
        try:
            connection.executescript(sql)
            connection.commit()
        finally:
            connection.close()

    def query(self, sql):
        if not self.session:
            self.session = self.open(self.database)
        return self.session.query(sql)

    def run(self, step):
        arguments = [self.fill(word) for word in step["args"]]
        variables = {key: self.fill(value) for key, value in step.get("env", {}).items()}
        status, out, err = self.program.run(arguments, variables, RUN_LIMIT_S)
        self.after_run()
        history, database = self.state()
        return Seen(str(status), self.comparable(out), self.comparable(err), "\n".join(history),
                    "\n".join(database), self.files())

    def after_run(self):
        if self.kind == "postgresql":
            self.end_others()
        elif any("test.db" in path for path in self.program.open_files()):
            # A connection that was not closed would hold the lock of a later command.
            self.ended_java += 1
            self.program.stop()

    def state(self):
        if self.kind != "postgresql":
            return digest.sqlite(os.path.join(self.folder, "test.db"))
        try:
            if not self.session:
                self.session = self.open(self.database)
            return digest.postgres(self.session)
        except SqlError as problem:
            self.end_session()
            return [], ["unreadable: %s" % problem]

    def files(self):
        """The files that the last command has made or changed, and the texts in them."""
        before, self.made, lines = self.made, {}, []
        for folder, _, names in sorted(os.walk(self.folder)):
            for name in sorted(names):
                path = os.path.join(folder, name)
                relative = os.path.relpath(path, self.folder)
                if relative in self.written or name.endswith(NOT_COMPARED):
                    continue
                with open(path, "rb") as file:
                    text = self.made[relative] = self.comparable(file.read())
                if before.get(relative) != text:
                    lines += ["file " + relative, text]
        return "\n".join(lines)


def empty(folder):
    for name in os.listdir(folder):
        remove(os.path.join(folder, name))
