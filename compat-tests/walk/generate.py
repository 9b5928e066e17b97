# SPDX-License-Identifier: Apache-2.0
"""Makes a walk from a seed: a project, then commands with edits and faults between them."""
import random as randoms

from options import Chooser
from play import Walk
from scripts import Writer

VERSIONS = ("1", "2", "3", "4", "1.1", "2.0", "10", "01", "1_5", "3.1", "0.1", "20240101", "99")
DESCRIPTIONS = ("a", "b", "c", "one_two", "a", "\u00dcn\u00ef", "", "x__y", "with blank", "d")
BAD_NAMES = ("V__x.sql", "v1__x.sql", "V7.sql", "R1__x.sql", "X1__x.sql", "V1a__x.sql", "notes.txt",
             ".V9__hidden.sql", "R.sql", "V1_x.sql", "V1..2__x.sql", "readme.sql", "R__.sql",
             "V2__x.SQL", "V5__x.ddl", "beforemigrate.sql", "beforeMigrate1__x.sql")
FOLDERS = ("sql", "sql", "sql", "sql", "sql/sub", "more")
EVENTS = ("beforeConnect", "afterConnect", "createSchema", "beforeCreateSchema", "beforeMigrate",
          "beforeRepeatables", "beforeEachMigrate", "beforeEachMigrateStatement",
          "afterEachMigrateStatement", "afterEachMigrateStatementError", "afterEachMigrate",
          "afterEachMigrateError", "afterVersioned", "afterMigrateApplied", "afterMigrate",
          "afterMigrateError", "afterMigrateOperationFinish", "beforeClean", "afterClean",
          "afterCleanError", "beforeInfo", "afterInfo", "afterInfoError",
          "afterInfoOperationFinish", "beforeValidate", "afterValidate", "afterValidateError",
          "beforeBaseline", "afterBaseline", "afterBaselineError", "beforeRepair", "afterRepair",
          "afterRepairError")
COMMANDS = (["migrate"],) * 12 + (["info"],) * 7 + (["validate"],) * 4 + (["repair"],) * 4 + (
    ["baseline"], ["baseline"], ["clean"], ["clean"], ["info", "migrate"], ["clean", "migrate"],
    ["migrate", "info"], ["migrate", "validate", "info"], ["repair", "migrate"], ["testConnection"])
HISTORY = ("flyway_schema_history",) * 8 + ("history", "app.flyway_schema_history")
# Edits of a history table {h} by hand.
EDITS = (
    "update {h} set success = {false} where installed_rank = {n}",
    "update {h} set success = {false}",
    "update {h} set success = {true}",
    "delete from {h} where installed_rank = {n}",
    "delete from {h} where version = '{v}'",
    "delete from {h}",
    "update {h} set checksum = {n} where installed_rank = {n}",
    "update {h} set checksum = null where installed_rank = {n}",
    "update {h} set version = '{v}' where installed_rank = {n}",
    "update {h} set version = '50' where installed_rank = {n}",
    "update {h} set version = 'abc' where installed_rank = {n}",
    "update {h} set version = null where installed_rank = {n}",
    "update {h} set installed_rank = installed_rank + 5",
    "update {h} set installed_rank = 0 where installed_rank = 1",
    "update {h} set type = '{type}' where installed_rank = {n}",
    "update {h} set description = 'other' where installed_rank = {n}",
    "update {h} set script = 'other.sql' where installed_rank = {n}",
    "update {h} set installed_by = '' where installed_rank = {n}",
    "alter table {h} drop column checksum",
    "alter table {h} add column extra int",
    "alter table {h} rename to history",
    "drop table {h}",
    "insert into {h} (installed_rank, version, description, type, script, checksum, installed_by, "
    "execution_time, success) values (9{n}, '{v}', 'by hand', '{type}', 'x', {n}, 'me', 1, {true})",
    "insert into {h} (installed_rank, version, description, type, script, checksum, installed_by, "
    "execution_time, success) values (8{n}, null, 'a', 'SQL', 'R__a.sql', {n}, 'me', 1, {false})",
    "insert into {h} (installed_rank, version, description, type, script, checksum, installed_by, "
    "execution_time, success) values (7{n}, '{v}', 'a', 'DELETE', 'x', null, 'me', 1, {true})",
)
TYPES = ("SQL", "SQL_BASELINE", "BASELINE", "SCHEMA", "DELETE", "WEIRD", "JDBC", "SCRIPT", "CUSTOM",
         "SPRING_JDBC", "UNDO_SQL")
DAMAGE = (
    "drop table if exists t1", "create table t1(id int, name text)", "create table stray(i int)",
    "create view stray_view as select 1 as one", "drop view if exists stray_view",
    "insert into t1 values (1, 'x')", "create table t2(id int, name text)",
)
POSTGRES_DAMAGE = (
    "create schema app", "create schema other", "drop schema if exists app cascade",
    "create table app.x(i int)", "drop schema public cascade", "create function g() returns int "
    "language sql as 'select 1'", "create sequence stray_seq",
    "alter database \"{{DB}}\" set search_path = app, public", "create type stray_type as enum ('a')",
)


def walk(seed):
    """The walk of a seed, always the same."""
    return Generator(seed).make()


class Generator:
    def __init__(self, seed):
        self.seed, self.random = seed, randoms.Random(seed)
        self.kind = self.random.choice(("postgresql",) * 3 + ("sqlite",))
        self.options = Chooser(self.random, self.kind)
        self.writer = Writer(self.random, self.kind)
        self.paths = []             # of the files that should be there
        self.steps = []

    def make(self):
        if self.random.random() < 0.6:
            self.put("sql/V1__tables.sql", self.writer.tables())
        for _ in range(self.random.choice((0, 1, 1, 2, 3, 4, 6))):
            self.add_versioned()
        for chance, add in ((0.5, self.add_repeatable), (0.25, self.add_repeatable),
                            (0.45, self.add_callback), (0.2, self.add_callback),
                            (0.1, self.add_baseline), (0.12, self.add_shell),
                            (0.08, self.add_bad_name), (0.06, self.add_duplicate),
                            (0.2, self.add_script_config), (0.1, self.add_database_object)):
            if self.random.random() < chance:
                add()
        self.steps = self.options.steps() + self.steps
        for _ in range(self.random.randrange(3, 12)):
            if self.random.random() < 0.5:
                self.change()
            self.steps.append(self.options.run(self.random.choice(COMMANDS)))
        return Walk(self.seed, self.kind, self.steps)

    # Files

    def put(self, path, text):
        self.paths.append(path)
        self.steps.append(self.writer.write(path, text))

    def folder(self):
        return self.random.choice(FOLDERS) if self.random.random() < 0.3 else "sql"

    def named(self, prefix, version, suffix):
        return "%s/%s%s__%s%s" % (self.folder(), prefix, version,
                                  self.random.choice(DESCRIPTIONS), suffix)

    def add_versioned(self):
        used = [path for path in self.paths if "/V" in path]
        if self.random.random() < 0.8:      # in order, mostly
            version = str(len(used) + 1)
        else:
            version = self.random.choice(VERSIONS)
        self.put(self.named("V", version, ".sql"), self.writer.sql())

    def add_repeatable(self):
        self.put(self.named("R", "", ".sql"), self.writer.sql())

    def add_baseline(self):
        self.put(self.named("B", self.random.choice(VERSIONS), ".sql"), self.writer.sql())

    def add_shell(self):
        prefix, version = self.random.choice((("V", self.random.choice(VERSIONS)), ("R", "")))
        path = self.named(prefix, version, self.random.choice((".sh", ".sh", ".bash")))
        self.put(path, self.writer.shell())

    def add_callback(self):
        event = self.random.choice(EVENTS)
        if self.random.random() < 0.3:
            event += "__" + self.random.choice(("a", "b"))
        folder = "callbacks" if self.random.random() < 0.15 else self.folder()
        if self.random.random() < 0.15:
            self.put("%s/%s.sh" % (folder, event), self.writer.shell())
        else:
            self.put("%s/%s.sql" % (folder, event), self.callback_text(event))

    def callback_text(self, event):
        roll = self.random.random()
        if roll < 0.4:
            return "select '%s' as event;\n" % event
        if roll < 0.6:
            return "create table if not exists called(event text);\n" \
                   "insert into called values ('%s');\n" % event
        return self.writer.sql()

    def add_bad_name(self):
        self.put("%s/%s" % (self.folder(), self.random.choice(BAD_NAMES)), self.writer.sql())

    def add_duplicate(self):
        """The version or the description of another file."""
        if self.paths:
            path = self.random.choice(self.paths)
            name = path.rsplit("/", 1)[1]
            self.put("%s/%s" % (self.random.choice(("sql/sub", "more")), name), self.writer.sql())

    def add_script_config(self):
        if self.paths:
            self.put(self.random.choice(self.paths) + ".conf", self.writer.config())

    def add_database_object(self):
        self.sql(self.damage())

    # Changes between the commands

    def change(self):
        self.random.choice((
            self.add_versioned, self.add_versioned, self.add_versioned, self.add_repeatable,
            self.add_callback, self.add_bad_name, self.add_script_config, self.add_baseline,
            self.edit_file, self.edit_file, self.edit_file, self.mend_file, self.delete_file,
            self.delete_file, self.rename_file, self.replace_file, self.edit_history,
            self.edit_history, self.edit_history, self.add_database_object))()

    def edit_file(self):
        if self.paths:
            path = self.random.choice(self.paths)
            make = self.writer.config if path.endswith(".conf") else (
                self.writer.sql if path.endswith(".sql") else self.writer.shell)
            self.steps.append(self.writer.write(path, make()))

    def mend_file(self):
        if self.paths:
            self.steps.append(self.writer.write(self.random.choice(self.paths),
                                                self.writer.simple()))

    def delete_file(self):
        if self.paths:
            path = self.random.choice(self.paths)
            self.paths.remove(path)
            self.steps.append({"op": "delete", "path": path})

    def rename_file(self):
        if self.paths:
            old = self.random.choice(self.paths)
            head, _, description = old.partition("__")
            new = self.random.choice((
                "%s__%s.sql" % (head, self.random.choice(DESCRIPTIONS)),
                "sql/V%s__%s" % (self.random.choice(VERSIONS), description or "x.sql"),
                "more/" + old.rsplit("/", 1)[1]))
            self.paths.remove(old)
            self.paths.append(new)
            self.steps.append({"op": "rename", "from": old, "to": new})

    def replace_file(self):
        """A directory or a dangling link in the place of a file."""
        if self.paths:
            path = self.random.choice(self.paths)
            self.steps.append({"op": "delete", "path": path})
            self.steps.append(self.random.choice(({"op": "mkdir", "path": path},
                                                  {"op": "link", "path": path, "to": "nowhere"})))

    def edit_history(self):
        table = self.random.choice(HISTORY)
        if self.kind == "sqlite":
            table = table.split(".")[-1]
        fixed = dict(self.options.fixed)
        if self.random.random() < 0.8:      # the one that this walk has
            name = fixed.get("table", "flyway_schema_history")
            schema = fixed.get("defaultSchema", fixed.get("schemas", "").split(",")[0])
            table = '"%s"' % name
            if schema and self.kind == "postgresql":
                table = '"%s".%s' % (schema, table)
        true, false = ("true", "false") if self.kind == "postgresql" else ("1", "0")
        pattern = self.random.choice(EDITS)
        self.sql(pattern.format(h=table, n=self.random.randrange(1, 4), true=true, false=false,
                                v=self.random.choice(VERSIONS[:5]), type=self.random.choice(TYPES)))

    def damage(self):
        pool = DAMAGE + (POSTGRES_DAMAGE if self.kind == "postgresql" else ())
        return self.random.choice(pool)

    def sql(self, text):
        self.steps.append({"op": "sql", "sql": text})
