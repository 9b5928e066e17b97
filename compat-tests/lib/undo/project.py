# SPDX-License-Identifier: Apache-2.0
"""A folder with migrations and undo migrations, and the database that they work on."""
import json
import os
import sqlite3
import subprocess

from .. import server as pg


class Postgres:
    def __init__(self, server, name):
        self.server, self.name = server, name
        server.create_database(name)
        self.arguments = ["-url=" + server.jdbc_url(name), "-user=" + server.user]

    def rows(self):
        return self.query("select version, type, success::int, checksum from flyway_schema_history "
                          "order by installed_rank")

    def query(self, sql):
        text = self.server.psql(sql, self.name, "-At").strip()
        return [line.split("|") for line in text.splitlines()]

    def tables(self):
        return {row[0] for row in self.query("select tablename from pg_tables where tablename ~ "
                                             "'^t[0-9]+$'")}

    def dump(self):
        """Everything but the history."""
        program = os.path.join(os.path.dirname(pg.binary("postgres")), "pg_dump")
        command = [program, "-h", self.server.host, "-p", str(self.server.port), "-U",
                   self.server.user, "-d", self.name, "--exclude-table=flyway_schema_history*"]
        text = subprocess.run(command, stdout=subprocess.PIPE, env=pg.environment(),
                              check=True).stdout.decode()
        return [line for line in text.splitlines() if not line.startswith(("--", "\\"))]

    def close(self):
        self.server.drop_database(self.name)


class Sqlite:
    def __init__(self, folder):
        self.path = os.path.join(folder, "db.sqlite")
        self.arguments = ["-url=jdbc:sqlite:" + self.path]

    def query(self, sql):
        connection = sqlite3.connect(self.path)
        try:
            return [[str(value) for value in row] for row in connection.execute(sql)]
        finally:
            connection.close()

    def rows(self):
        return self.query("select version, type, success, checksum from flyway_schema_history "
                          "order by installed_rank")

    def tables(self):
        return {row[0] for row in self.query("select name from sqlite_master where type = 'table' "
                                             "and name glob 't[0-9]*'")}

    def close(self):
        os.remove(self.path)


class Project:
    """command: the program, as a list."""

    def __init__(self, folder, database, command, options=()):
        self.folder, self.database = folder, database
        self.sql = os.path.join(folder, "sql")
        os.makedirs(self.sql, exist_ok=True)
        self.command, self.options = command, list(options)

    def write(self, name, text):
        with open(os.path.join(self.sql, name), "w") as file:
            file.write(text)

    def remove(self, name):
        os.remove(os.path.join(self.sql, name))

    def run(self, *arguments, command=None):
        own = [] if command else self.options
        return subprocess.run([*(command or self.command), *self.database.arguments,
                               "-locations=filesystem:" + self.sql, *own, *arguments],
                              cwd=self.folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)

    def info(self, command=None):
        """(version, state) of each migration, as the JSON document lists them."""
        done = self.run("-outputType=json", "info", command=command)
        return [(int(entry["version"]), entry["state"])
                for entry in json.loads(done.stdout)["migrations"]]
