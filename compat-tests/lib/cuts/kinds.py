# SPDX-License-Identifier: Apache-2.0
"""The projects of torture/cuts_test.py: every kind of script, with effects that can be counted.

A Step is what cflyway does as a whole and records: a migration, an undo, a baseline.  Its
statements insert units into the table ledger.entry, which takes every unit as often as it comes, so
that one that has run twice is seen.
"""
import re

from ..faults.harness import Script

# How a step is bound to its row in the history.
PLAIN = "plain"                 # all units and the row, or nothing
COMMITS = "commits"             # parts are committed before the row, in order; the last with it
BEFORE = "before"               # all units are committed together, then the row
OUTSIDE = "outside"             # every unit by itself, in order, then the row


class Step:
    """statements: (SQL, unit or None); a unit that begins with "index " is a valid index."""

    def __init__(self, name, mode, *statements, conf=None):
        self.name, self.mode, self.conf = name, mode, conf
        self.statements = statements
        self.units = [unit for _, unit in statements if unit]
        self.content = "".join(sql + ";\n" if "\n" not in sql else sql for sql, _ in statements)
        prefix, self.version, self.description = re.match(
            r"([VUR])([\d.]*)__(.*)\.sql$", name).groups()
        self.is_undo, self.is_repeatable = prefix == "U", prefix == "R"
        self.description = self.description.replace("_", " ")

    def files(self):
        found = {"sql/" + self.name: self.content}
        if self.conf:
            found["sql/%s.conf" % self.name] = self.conf
        return found

    def checksum(self):
        return Script("V1__x.sql", self.content).checksum()

    def first_line(self, number):
        """The line on which a statement begins, from 1."""
        return 1 + sum(sql.count("\n") + (0 if "\n" in sql else 1)
                       for sql, _ in self.statements[:number])

    def committed_after(self, number):
        """The units that stay when the first `number` statements have run and no more."""
        if self.mode == PLAIN:
            return set()
        done = self.statements[:number]
        if self.mode == COMMITS:
            ends = [at for at, (sql, _) in enumerate(done) if sql.lower() == "commit"]
            done = done[:ends[-1]] if ends else ()
        return {unit for _, unit in done if unit}

    def is_done(self, rows):
        """Does the history say so?"""
        return any(row.script == self.name and row.type == "SQL" and row.success and
                   row.checksum == self.checksum() for row in rows)


class Undo(Step):
    history = "marker"

    def is_done(self, rows):
        mine = [row for row in rows if row.version == self.version]
        if self.history == "delete":
            return not mine
        last = max(mine, key=lambda row: row.rank)
        return last.type == {"marker": "DELETE", "undo": "UNDO_SQL"}[self.history]


class RowStep(Step):
    """No script: done when the history has a row of this type."""

    def __init__(self, row_type, description):
        super().__init__("V1__x.sql", PLAIN)
        self.name, self.type, self.description = row_type, row_type, description
        self.content = ""

    def files(self):
        return {}

    def is_done(self, rows):
        return any(row.type == self.type for row in rows)


def unit(name):
    """A statement that inserts one."""
    return "insert into ledger.entry values ('%s')" % name, name


def plain(version, *more, name="Plain"):
    return Step("V%d__%s.sql" % (version, name), PLAIN,
                ("create table t%d (id int primary key, name text)" % version, None),
                unit("V%d.1" % version), *more, unit("V%d.2" % version))


def commits(name, prefix):
    """Three transactions, two of them its own."""
    return (unit(prefix + ".1"), ("commit", None), unit(prefix + ".2"), ("commit", None),
            unit(prefix + ".3"))


NO_TRANSACTION = "executeInTransaction=false\n"
FUNCTION = ("create function shout(word text) returns text language sql as $$ select upper(word); "
            "$$", None)
BLOCK = ("do $$ begin insert into ledger.entry values ('V2.do'); end $$", "V2.do")


class Kind:
    """args: of every run. command: the one that is broken. setup: runs before it, undisturbed.
    changed: files that are written between the setup and the command."""

    def __init__(self, name, steps, command=("migrate",), args=(), setup=(), sql=(), changed=None,
                 files=None, counted=None, rows_vary=False):
        """rows_vary: without a transaction, a history row may be missing for good."""
        self.name, self.steps, self.command, self.args = name, steps, command, args
        self.setup, self.sql = setup, sql
        self.files = dict(files or {})
        for step in steps:
            self.files.update(step.files())
        self.changed = changed or {}
        self.counted = counted or (lambda state, runs: [])
        self.rows_vary = rows_vary
        self.is_group = "-group=true" in args
        self.begins_alike = bool(steps[0].content) and name not in (
            "transactional", "undo, marker", "schemas, executeInTransaction=false")

    def statement_lines(self):
        """All lines of all scripts, stripped, which may be shown as the statement that failed."""
        texts = [*self.files.values(), *self.changed.values()]
        return {line.strip().rstrip(";") for text in texts if text for line in text.splitlines()}


def three(*second, args=(), name, mode=PLAIN, conf=None, script="Second"):
    """A script with one before and one after it."""
    steps = (plain(1), Step("V2__%s.sql" % script, mode, *second, conf=conf), plain(3))
    return Kind(name, steps, args=args)


def transactional():
    second = (unit("V2.1"), FUNCTION, BLOCK, ("insert into t1 values (1, shout('a'))", None),
              unit("V2.2"))
    copy = ("create table river (name text, length_km int)", None), (
        "copy river (name, length_km) from stdin;\nElbe\t1094\nSpree\t382\n\\.\n", None), (
        "copy ledger.entry from stdin;\nV2.1\nV2.2\n\\.\n", None)
    copied = Step("V2__Copy.sql", PLAIN, *copy, unit("V2.3"))
    copied.units = ["V2.1", "V2.2", "V2.3"]
    return [
        three(*second, name="transactional"),
        three(*second, name="transactional, durability=run", args=("-cflyway.durability=run",)),
        three(*second, name="group", args=("-group=true",)),
        Kind("COPY", (plain(1), copied, plain(3))),
        repeatable(),
    ]


def repeatable():
    """One that has run before, and has changed."""
    def view(columns, prefix):
        return Step("R__View.sql", PLAIN, unit(prefix + ".1"), (
            "create or replace view seen as select %s from t1" % columns, None),
            unit(prefix + ".2"))

    before, after = view("id", "old"), view("id, name", "R")
    kind = Kind("repeatable", (plain(1), plain(2), after), setup=(("-target=1", "migrate"),),
                changed=after.files())
    kind.files.update(before.files())
    kind.files.pop("sql/V2__Plain.sql")
    kind.changed.update(kind.steps[1].files())
    return kind


def with_commits():
    concurrently = (("create index concurrently first_name on t1 (name)", "index first_name"),
                    ("create index concurrently second_name on t1 (name, id)",
                     "index second_name"))
    alone = (unit("V2.1"), unit("V2.2"), unit("V2.3"))
    copied = Step("V2__Copy.sql", OUTSIDE, unit("V2.1"), (
        "copy ledger.entry from stdin;\nV2.2\n\\.\n", "V2.2"), unit("V2.3"), conf=NO_TRANSACTION)
    return [
        three(*commits("V2", "V2"), name="own COMMIT", mode=COMMITS),
        three(*concurrently, name="CREATE INDEX CONCURRENTLY", mode=OUTSIDE),
        three(*alone, name="executeInTransaction=false", mode=OUTSIDE, conf=NO_TRANSACTION),
        Kind("COPY outside of a transaction", (plain(1), copied, plain(3))),
        three(unit("V2.1"), ("create index concurrently first_name on t1 (name)",
                             "index first_name"), unit("V2.2"), name="mixed", mode=OUTSIDE,
              args=("-mixed=true",)),
    ]


# --- callbacks ------------------------------------------------------------------------------------

def count_callbacks(state, runs):
    """Those of a migration are in its transaction; the others in one of their own, run by run."""
    done = sum(row.type == "SQL" for row in state.rows)
    for name in ("beforeEachMigrate", "afterEachMigrate", "afterEachMigrateStatement"):
        wanted = done * (4 if name.endswith("Statement") else 1)
        found = state.units.get("~" + name, 0)
        if found != wanted:
            yield "%s has run %d times instead of %d" % (name, found, wanted)
    for name in ("beforeMigrate", "afterMigrate", "afterVersioned"):
        if state.units.get("~" + name, 0) > runs:
            yield "%s has run %d times in %d runs" % (name, state.units["~" + name], runs)


def count_committing_callbacks(state, runs):
    for name in ("beforeMigrate.1", "beforeMigrate.2", "afterMigrate.1", "afterMigrate.2"):
        if state.units.get("~" + name, 0) > runs:
            yield "%s has run %d times in %d runs" % (name, state.units["~" + name], runs)


def with_callbacks():
    def callbacks(*names):
        return {"sql/%s.sql" % name: unit("~" + name)[0] + ";\n" for name in names}

    def committing(*names):
        return {"sql/%s.sql" % name: "%s;\ncommit;\n%s;\n" % (
            unit("~%s.1" % name)[0], unit("~%s.2" % name)[0]) for name in names}

    committed = [Step("V%d__Units.sql" % version, BEFORE, unit("V%d.1" % version),
                      unit("V%d.2" % version)) for version in (1, 2)]
    # Four statements each, as afterEachMigrateStatement is counted.
    steps = (plain(1, ("insert into t1 values (1, 'a')", None)),
             plain(2, ("insert into t2 values (1, 'a')", None)))
    return [
        Kind("callbacks", steps, counted=count_callbacks, files=callbacks(
            "beforeMigrate", "beforeEachMigrate", "afterEachMigrate", "afterEachMigrateStatement",
            "afterVersioned", "afterMigrate")),
        Kind("callbacks with a COMMIT", steps, counted=count_committing_callbacks,
             files=committing("beforeMigrate", "afterMigrate")),
        Kind("COMMIT after each statement", [
            Step(step.name, OUTSIDE, *step.statements) for step in committed],
             files={"sql/afterEachMigrateStatement.sql": "commit;\n"}),
        Kind("COMMIT after each migration", committed, files=committing("afterEachMigrate")),
    ]


# --- undo -----------------------------------------------------------------------------------------

def undo_kind(history, mode=PLAIN, conf=None, is_group=False, statements=None, name=None):
    migrations = [plain(1), plain(2), plain(3)]
    undone = [Undo("U3__Plain.sql", mode, *(statements or (
        unit("U3.1"), ("drop table t3", None), unit("U3.2"))), conf=conf),
        Undo("U2__Plain.sql", PLAIN, ("drop table t2", None), unit("U2.1")),
        Undo("U1__Plain.sql", PLAIN, ("drop table t1", None))]
    for undo in undone:
        undo.history = history
    files = {}
    for step in migrations:
        files.update(step.files())
    return Kind("undo, %s" % (name or history), undone, files=files, setup=(("migrate",),),
                command=("-target=1", "undo"), args=("-cflyway.undoHistory=" + history,) + (
                    ("-group=true",) if is_group else ()))


def undos():
    own_commit = commits("U3", "U3")
    alone = (unit("U3.1"), unit("U3.2"))
    return [
        undo_kind("marker"), undo_kind("undo"), undo_kind("delete"),
        undo_kind("marker", is_group=True, name="group"),
        undo_kind("marker", COMMITS, statements=own_commit, name="own COMMIT"),
        undo_kind("delete", COMMITS, statements=own_commit, name="own COMMIT, delete"),
        undo_kind("marker", OUTSIDE, NO_TRANSACTION, statements=alone,
                  name="executeInTransaction=false"),
        undo_kind("delete", OUTSIDE, NO_TRANSACTION, statements=alone,
                  name="executeInTransaction=false, delete"),
    ]


# --- the history alone ----------------------------------------------------------------------------

class Repair(Step):
    """Done when the failed row is gone, the changed file has its new sum, the lost one its row."""

    def __init__(self):
        super().__init__("V9__Repair.sql", PLAIN)

    def files(self):
        return {}

    def is_done(self, rows):
        return self.parts(rows) == {"removed", "aligned", "deleted"}

    @staticmethod
    def parts(rows):
        found = set()
        if not any(not row.success for row in rows):
            found.add("removed")
        if any(row.version == "1" and row.checksum == CHANGED.checksum() for row in rows):
            found.add("aligned")
        if any(row.type == "DELETE" for row in rows):
            found.add("deleted")
        return found


CHANGED = Step("V1__Plain.sql", PLAIN, ("select 'another text'", None))
FAILED_ROW = ("insert into flyway_schema_history select 99, '99', 'Bad', 'SQL', 'V99__Bad.sql', 1, "
              "current_user, now(), 0, false")


def all_or_nothing(state, _runs):
    parts = Repair.parts(state.rows)
    if parts and len(parts) < 3:
        yield "of the repair there is only: %s" % ", ".join(sorted(parts))


def repairs():
    files = {}
    for step in (plain(1), plain(2), plain(3)):
        files.update(step.files())
    common = dict(files=files, setup=(("migrate",),), sql=(FAILED_ROW,), command=("repair",),
                  changed={"sql/V1__Plain.sql": CHANGED.content, "sql/V2__Plain.sql": None})
    return [
        Kind("repair", (Repair(),), counted=all_or_nothing, **common),
        Kind("repair, executeInTransaction=false", (Repair(),),
             args=("-executeInTransaction=false",), **common),
    ]


GOOSE = ("create table goose_db_version (id serial primary key, version_id bigint not null, "
         "is_applied boolean not null, tstamp timestamp default now())",
         "insert into goose_db_version (version_id, is_applied) values (0, true), (1, true), "
         "(2, true)")


class Adopted(Step):
    """Done when the history has what goose had."""

    def __init__(self):
        super().__init__("V9__Adopted.sql", PLAIN)

    def files(self):
        return {}

    def is_done(self, rows):
        return [row.script for row in rows] == ["V1__Plain.sql", "V2__Plain.sql"]


def adopted_whole(state, _runs):
    if state.history and not Adopted().is_done(state.rows):
        yield "a history without all rows of goose"


def adoption():
    return Kind("adopt", (Adopted(),), command=("-write", "adopt"), sql=GOOSE,
                files=dict(plain(1).files(), **plain(2).files()), counted=adopted_whole)


def has_no_schema_without_row(state, _runs):
    there = {name for name in ("one", "two") if name in state.schemas}
    if there and not any(row.type == "SCHEMA" for row in state.rows):
        yield "schemas without their row: %s" % ", ".join(sorted(there))


def creations():
    baseline = RowStep("BASELINE", "<< Flyway Baseline >>")
    schema = RowStep("SCHEMA", "<< Flyway Schema Creation >>")
    return [
        Kind("baseline", (baseline,), command=("baseline",)),
        Kind("schemas", (schema, plain(1)), args=("-schemas=one,two",),
             counted=has_no_schema_without_row),
        Kind("schemas, executeInTransaction=false", (Step(
            "V1__Plain.sql", OUTSIDE, unit("V1.1"), unit("V1.2")),), rows_vary=True,
             args=("-schemas=one,two", "-executeInTransaction=false")),
    ]


def all_kinds():
    return [*transactional(), *with_commits(), adoption(), *with_callbacks(), *undos(), *repairs(),
            *creations()]
