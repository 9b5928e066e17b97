# SPDX-License-Identifier: Apache-2.0
"""The databases of adopt_test.py: how each tool names one, and what is in it."""
import os
import sqlite3

OWN = {"flyway_schema_history", "goose_db_version", "schema_migrations", "_schema_migrations",
       "schema_version", "alembic_version", "_yoyo_migration", "_yoyo_log", "_yoyo_version",
       "yoyo_lock", "databasechangelog", "databasechangeloglock", "sqlite_sequence"}


class Postgres:
    kind = "postgresql"

    def __init__(self, server, name):
        self.server, self.name = server, name
        server.create_database(name)

    def jdbc(self):
        return ["-url=" + self.server.jdbc_url(self.name), "-user=postgres"]

    def url(self, scheme="postgres"):
        return "%s://postgres@%s:%d/%s?sslmode=disable" % (scheme, self.server.host,
                                                           self.server.port, self.name)

    def execute(self, sql):
        self.server.psql(sql, self.name, "-q", "-v", "ON_ERROR_STOP=1")

    def rows(self, sql):
        text = self.server.psql(sql, self.name, "-q", "-t", "-A", "-F", "\t")
        return [line.split("\t") for line in text.splitlines() if line]

    def tables(self):
        return {name for name, in self.rows(
            "select tablename from pg_tables where schemaname = 'public'")}

    def close(self):
        self.server.drop_database(self.name)


class Sqlite:
    kind = "sqlite"

    def __init__(self, path):
        self.path = path

    def jdbc(self):
        return ["-url=jdbc:sqlite:" + self.path]

    def execute(self, sql):
        with sqlite3.connect(self.path) as connection:
            connection.executescript(sql)

    def rows(self, sql):
        with sqlite3.connect(self.path) as connection:
            return [["" if value is None else str(value) for value in row]
                    for row in connection.execute(sql)]

    def tables(self):
        return {name.lower() for name, in self.rows(
            "select name from sqlite_master where type = 'table'")}

    def close(self):
        if os.path.exists(self.path):
            os.remove(self.path)


def contents(database):
    """The tables that migrations have made."""
    return database.tables() - OWN
