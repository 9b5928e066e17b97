# SPDX-License-Identifier: Apache-2.0
"""Small copies of home-made runners, written from their documents.

Each is a tool like those of peers.py, for PostgreSQL, with psql in its place.
"""
import hashlib
import os
import re

from .peers import Peer, create, drop, write


class Runner(Peer):
    databases = ("postgresql",)

    def find(self):
        return "psql"

    def files(self, folder):
        return sorted(name for name in os.listdir(folder) if name.endswith(".sql"))

    def text(self, folder, name):
        with open(os.path.join(folder, name), encoding="utf-8") as file:
            return file.read()


class RollbackTracking(Runner):
    """Files in alphabetical order, several of one number; rollbacks leave their reason."""
    name, layout, old_table, times = "rollback tracking", "numbered", "schema_migrations", \
        "applied_at"
    DDL = ("create table if not exists schema_migrations(id serial primary key, "
           "migration_name text unique not null, applied_at timestamp with time zone default now(), "
           "status text not null default 'applied', rolled_back_at timestamp with time zone, "
           "rollback_reason text);")

    def name_of(self, number):
        return "%03d_t%d" % (number // 2, number)

    def write(self, folder, number):
        write(folder, self.name_of(number) + ".sql", create(number))

    def write_undo(self, folder, number):
        write(folder, self.name_of(number) + "_rollback.sql", drop(number))

    def up(self, folder, database):
        database.execute(self.DDL)
        done = {name for name, in database.rows(
            "select migration_name from schema_migrations where status = 'applied'")}
        for name in self.files(folder):
            if name in done or name.endswith("_rollback.sql"):
                continue
            database.execute("begin; %s insert into schema_migrations(migration_name) values ('%s') "
                             "on conflict (migration_name) do update set status = 'applied'; commit;"
                             % (self.text(folder, name), name))

    def roll_back(self, folder, database, number, reason):
        name = self.name_of(number)
        database.execute("begin; %s update schema_migrations set status = 'rolled_back', "
                         "rolled_back_at = now(), rollback_reason = '%s' where migration_name = "
                         "'%s.sql'; commit;" % (self.text(folder, name + "_rollback.sql"),
                                                reason.replace("'", "''"), name))


class Checksums(Runner):
    """Flyway's names, idempotent scripts, SHA-256 of each file."""
    name, layout, old_table, times = "checksums", "flyway", "_schema_migrations", "applied_at"

    def write(self, folder, number):
        write(folder, "V%03d__t%d.sql" % (number, number),
              "create table if not exists t%d(id int);\n" % number)

    def write_undo(self, folder, number):
        write(folder, "U%03d__t%d.sql" % (number, number), drop(number))

    def up(self, folder, database):
        database.execute("create table if not exists _schema_migrations(version text primary key, "
                         "description text, checksum varchar(64), applied_at timestamp default now(),"
                         " execution_time_ms int);")
        done = dict(database.rows("select version, checksum from _schema_migrations"))
        for name in self.files(folder):
            found = re.match(r"V(\d+)__(.*)\.sql$", name)
            if found is None or found.group(1) in done:
                continue
            text = self.text(folder, name)
            database.execute("begin; %s insert into _schema_migrations(version, description, "
                             "checksum) values ('%s', '%s', '%s'); commit;" % (
                                 text, found.group(1), found.group(2),
                                 hashlib.sha256(text.encode()).hexdigest()))


class Stores(Runner):
    """Several stores in one table, each counting from 001; pairs of up and down, and single files."""
    name, layout, old_table, times = "stores", "updown", "schema_migrations", "applied_at"
    store = "postgres"

    def write(self, folder, number):
        up = ".up" if number > 1 else ""
        write(folder, "%03d_t%d%s.sql" % (number, number, up), create(number))

    def write_undo(self, folder, number):
        write(folder, "%03d_t%d.down.sql" % (number, number), drop(number))

    def up(self, folder, database):
        database.execute("create table if not exists schema_migrations(database_type text, "
                         "migration_file text, applied_at timestamp default now(), checksum text, "
                         "primary key (database_type, migration_file)); insert into "
                         "schema_migrations values ('timescaledb', '001_t1.sql', now(), 'def456') "
                         "on conflict do nothing;")
        done = {name for name, in database.rows(
            "select migration_file from schema_migrations where database_type = 'postgres'")}
        for name in self.files(folder):
            if name in done or name.endswith(".down.sql"):
                continue
            text = self.text(folder, name)
            database.execute("begin; %s insert into schema_migrations values ('postgres', '%s', "
                             "now(), '%s'); commit;" % (text, name,
                                                        hashlib.md5(text.encode()).hexdigest()))


RUNNERS = (RollbackTracking, Checksums, Stores)
