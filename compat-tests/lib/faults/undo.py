# SPDX-License-Identifier: Apache-2.0
"""An undo whose connection is cut or that is killed: a migration is undone with its row in the
history, or not at all, whatever cflyway.undoHistory says; and a second undo does the rest."""
import itertools
import os
import random
import sqlite3
import time

from .connection import CLOSE, KILL, RESET, Sweep, break_after, chosen
from .harness import Failure, Script, State, must_be, shortened, write

HISTORIES = ("marker", "undo", "delete")

# All tables have rows: what is left of one shows in its hash.
TABLES = Script("V1__Tables.sql", """\
create table city (id int primary key, name text not null);
insert into city values (1, 'Berlin'), (2, 'Kiel');
""")
COLUMN = Script("V2__Column.sql", """\
alter table city add column country text default 'DE';
create table river (name text, length_km int);
insert into river values ('Elbe', 1094), ('Spree', 382);
""")
VIEW = Script("V3__View.sql", """\
create view long_river as select name from river where length_km > 500;
insert into river values ('Havel', 325);
update city set name = 'Potsdam' where id = 1;
""")
MIGRATIONS = (TABLES, COLUMN, VIEW)
UNDOS = (
    Script("V1__Not_tables.sql", "drop table city;\n"),
    Script("V2__Not_column.sql", "drop table river;\nalter table city drop column country;\n"),
    Script("V3__Not_view.sql", "update city set name = 'Berlin' where id = 1;\n"
                               "delete from river where name = 'Havel';\n"
                               "drop view long_river;\n"),
)


def undo_name(script):
    return "U" + script.name[1:]


def undo_row(history, rank, migration, script):
    """As harness.ROWS shows it; None if there is none."""
    if history == "marker":
        return "%d|%s|%s|DELETE|%s|%d|true" % (rank, migration.version, migration.description,
                                               migration.name, migration.checksum())
    if history == "undo":
        return "%d|%s|%s|UNDO_SQL|%s|%d|true" % (rank, script.version, script.description,
                                                 undo_name(script), script.checksum())
    return None


def states_of(applied, history, is_group):
    """The states that an undo of all may leave, by name; applied: those of the migrations."""
    rows = applied["all"].rows
    states = {}
    for undone in range(len(MIGRATIONS) + 1):
        left = len(MIGRATIONS) - undone
        before = applied[MIGRATIONS[left - 1].name] if left else applied["history"]
        added = [undo_row(history, len(rows) + number + 1, MIGRATIONS[-number - 1],
                          UNDOS[-number - 1]) for number in range(undone)]
        kept = rows[:left] if history == "delete" else rows
        states["%d undone" % undone] = State(
            before.objects, kept + tuple(row for row in added if row))
    states["all"] = states["%d undone" % len(MIGRATIONS)]
    if is_group:
        states = {name: states[name] for name in ("0 undone", "all")}
    return states


class UndoSweep(Sweep):
    """Everything is migrated, and then undone with something going wrong."""

    def __init__(self, bench, database, history, is_group):
        super().__init__(bench, database, MIGRATIONS)
        for script in UNDOS:
            write(os.path.join(self.folder, "sql", undo_name(script)), script.content)
        self.allowed = states_of(self.allowed, history, is_group)
        self.args = ("-cflyway.undoHistory=" + history, "-group=%s" % str(is_group).lower())
        self.command = ("-target=1", "undo")
        self.must_migrate()

    def must_migrate(self):
        self.bench.run(self.folder, self.database.url(), "migrate").must(0, "migrate")

    def again(self):
        """What is left to be undone is undone; then all can be migrated as before."""
        self.bench.run(self.folder, self.database.url(), *self.args, "-target=1", "undo").must(
            0, "the second undo")
        must_be(self.database.state(), self.allowed["all"], "after the second undo")
        self.bench.run(self.folder, self.database.url(), *self.args, "migrate", "validate").must(
            0, "migrate afterwards")

    def reset(self):
        super().reset()
        self.must_migrate()


def break_undo(bench, history, is_group):
    ways = (CLOSE, KILL, RESET, KILL)
    # Without a bound each message sees its connection cut and its program killed.
    all_ways = (KILL, CLOSE) if bench.options.bound == 0 else ()
    with bench.database("undo") as database:
        sweep = UndoSweep(bench, database, history, is_group)
        messages = sweep.messages()
        sweep.reset()
        picked = chosen(messages, bench.options.bound // 4, bench.options.seed)
        if bench.options.bound:
            picked = picked[bench.options.seed % 2::2]
        for message in picked:
            for how in all_ways or (ways[message.number % len(ways)],):
                with sweep.check("%s after message %s" % (how, message)):
                    break_after(sweep, message.number, how)
        sweep.finish()
        return "after %d of %s" % (len(picked), shortened(len(messages), "message"))


def test_undo_with_markers_cut_or_killed(bench):
    return break_undo(bench, "marker", False)


def test_undo_with_undo_rows_cut_or_killed(bench):
    return break_undo(bench, "undo", False)


def test_undo_that_deletes_rows_cut_or_killed(bench):
    return break_undo(bench, "delete", False)


def test_undo_of_a_group_with_markers_cut_or_killed(bench):
    return break_undo(bench, "marker", True)


def test_undo_of_a_group_with_undo_rows_cut_or_killed(bench):
    return break_undo(bench, "undo", True)


def test_undo_of_a_group_that_deletes_rows_cut_or_killed(bench):
    return break_undo(bench, "delete", True)


# --- SQLite ---------------------------------------------------------------------------------------

EVENTS = ("beforeUndo", "beforeEachUndo", "beforeEachUndoStatement", "afterEachUndoStatement",
          "afterEachUndo", "afterUndo")
# Ends the program that has called it at the event of this number.
KILLER = """#!/bin/sh
echo . >>%(folder)s/events
[ "$(wc -l <%(folder)s/events)" -ne "$(cat %(folder)s/wanted)" ] || kill -9 $PPID
"""
SQLITE_ROWS = ("select installed_rank || '|' || version || '|' || description || '|' || type || "
               "'|' || script || '|' || checksum || '|' || 'true' from flyway_schema_history "
               "where success order by installed_rank")
SQLITE_OBJECTS = "select type || ' ' || name from sqlite_master where name not like 'flyway_%' " \
                 "and name not like 'sqlite_%' order by 1"


def sqlite_state(path):
    """Objects with their columns and rows, and the rows of the history."""
    file = sqlite3.connect(path)
    try:
        objects = []
        for (title,) in file.execute(SQLITE_OBJECTS).fetchall():
            cursor = file.execute("select * from " + title.split(" ", 1)[1])
            objects.append("%s %s %s" % (title, [column[0] for column in cursor.description],
                                         sorted(cursor.fetchall())))
        failed = file.execute("select count(*) from flyway_schema_history where not success")
        if failed.fetchone()[0]:
            raise Failure("a failed row in the history")
        rows = tuple(row for (row,) in file.execute(SQLITE_ROWS))
        return State(tuple(objects), rows)
    finally:
        file.close()


class SqliteSweep:
    """The same on a file, which is killed at an event or at some moment."""

    def __init__(self, bench, history, is_group):
        self.bench, self.history, self.is_group = bench, history, is_group
        self.args = ("-cflyway.undoHistory=" + history, "-group=%s" % str(is_group).lower())
        self.folder = bench.project("sqlite", MIGRATIONS)
        for script in UNDOS:
            write(os.path.join(self.folder, "sql", undo_name(script)), script.content)
        self.path = os.path.join(self.folder, "t.db")
        self.allowed = states_of(self.applied(), history, is_group)

    def run(self, *args):
        return self.bench.run(self.folder, "jdbc:sqlite:t.db", *self.args, *args)

    def applied(self):
        """The states after each migration, made with sqlite3 but for the rows."""
        self.fresh()
        rows = sqlite_state(self.path).rows
        states = {}
        for number, script in enumerate(MIGRATIONS):
            path = os.path.join(self.folder, "plain.db")
            file = sqlite3.connect(path)
            file.executescript(script.content)
            file.execute("create table if not exists flyway_schema_history (installed_rank, "
                         "version, description, type, script, checksum, success)")
            file.commit()
            file.close()
            states[script.name] = State(sqlite_state(path).objects, rows[:number + 1])
        os.unlink(path)
        states["history"] = State((), ())
        states["all"] = State(states[VIEW.name].objects, rows)
        if rows != tuple(script.row(number) for number, script in enumerate(MIGRATIONS, 1)):
            raise Failure("rows after migrate: %s" % (rows,))
        return states

    def fresh(self):
        for name in os.listdir(self.folder):
            if name.startswith("t.db"):
                os.unlink(os.path.join(self.folder, name))
        self.run("migrate").must(0, "migrate")

    def start_undo(self):
        return self.bench.start(self.folder, "jdbc:sqlite:t.db", *self.args, "-target=1", "undo")

    def check_killed(self, what):
        must_be(sqlite_state(self.path), self.allowed, what)
        self.run("-target=1", "undo").must(0, what + ": the second undo")
        must_be(sqlite_state(self.path), self.allowed["all"], what + ": after the second undo")
        self.run("migrate", "validate").must(0, what + ": migrate afterwards")


def killed_at_events(sweep, first, step):
    """At the events of these numbers, until an undo has no event of such a number."""
    events = os.path.join(sweep.folder, "events")
    for event in EVENTS:
        path = os.path.join(sweep.folder, "sql", event + ".sh")
        write(path, KILLER % {"folder": sweep.folder})
        os.chmod(path, 0o755)
    killed = 0
    for number in itertools.count(first, step):
        write(os.path.join(sweep.folder, "wanted"), "0\n")
        sweep.fresh()
        write(os.path.join(sweep.folder, "wanted"), "%d\n" % number)
        write(events, "")
        outcome = sweep.bench.finish(sweep.start_undo())
        write(os.path.join(sweep.folder, "wanted"), "0\n")
        if outcome.code == 0:
            break
        outcome.must(-9, "undo, killed at event %d" % number)
        sweep.check_killed("killed at event %d" % number)
        killed += 1
    must_be(sqlite_state(sweep.path), sweep.allowed["all"], "without a fault")
    for event in EVENTS:
        os.unlink(os.path.join(sweep.folder, "sql", event + ".sh"))
    return killed


def killed_at_moments(sweep, times, chance):
    sweep.fresh()
    whole_s = sweep.bench.finish(sweep.start_undo()).must(0, "undo").elapsed_s
    for number in range(times):
        delay_s = chance.uniform(0, whole_s)
        sweep.fresh()
        process = sweep.start_undo()
        time.sleep(max(0, process.started + delay_s - time.monotonic()))
        sweep.bench.kill(process)
        sweep.bench.finish(process)
        sweep.check_killed("repetition %d, killed after %.4f s" % (number + 1, delay_s))


def test_undo_on_sqlite_killed(bench):
    """Every way to write the history, as a group and not."""
    chance = random.Random(bench.options.seed)
    times = bench.options.repeat // 5 if bench.options.bound else bench.options.repeat * 5
    step = 6 if bench.options.bound else 1
    events = 0
    for number, (history, is_group) in enumerate(itertools.product(HISTORIES, (False, True))):
        sweep = SqliteSweep(bench, history, is_group)
        events += killed_at_events(sweep, number % step + 1, step)
        killed_at_moments(sweep, times, chance)
    return "at %d events and %d moments" % (events, 2 * len(HISTORIES) * times)


TESTS = (test_undo_with_markers_cut_or_killed, test_undo_with_undo_rows_cut_or_killed,
         test_undo_that_deletes_rows_cut_or_killed,
         test_undo_of_a_group_with_markers_cut_or_killed,
         test_undo_of_a_group_with_undo_rows_cut_or_killed,
         test_undo_of_a_group_that_deletes_rows_cut_or_killed, test_undo_on_sqlite_killed)
