# SPDX-License-Identifier: Apache-2.0
"""Migrations while the primary is lost and a standby takes its place: what is there afterwards, and
whether what was said is true.

Each script notes in the table done that it has run, so that one that is applied twice, or without
its row, can be seen. Two kinds of scripts commit on their own.
"""
import collections
import contextlib
import re
import time

from . import server as pg
from .faults.harness import Failure, Script
from .injected.stage import Lost, Untrue
from .session import Session, SqlError

SLEEP_S = 0.03
NOTE = "insert into done values ('%s');\n"
FIRST = Script("V1__done.sql", "create table done (part text);\n" + NOTE % "V1__done.sql")


LAST = Script("R__one.sql", "create or replace view one as select 1 as n;\n" + NOTE % "R__one.sql")


def plain(sleep_s):
    """Scripts that each share a transaction with their row."""
    names = ["V%d__t%d.sql" % (number, number) for number in range(2, 10)]
    return (FIRST, *(Script(name, "create table t%d (id int);\n%sselect pg_sleep(%s);\n" % (
        number, NOTE % name, sleep_s)) for number, name in enumerate(names, 2)), LAST)


PLAIN = plain(SLEEP_S)
OWN_COMMIT = Script("V20__own.sql", NOTE % "V20__own.sql" + "commit;\nselect pg_sleep(%s);\n%s" % (
    SLEEP_S, NOTE % "V20__own.sql, 2"))
INDEX = Script("V21__index.sql", "drop index concurrently if exists t3_id;\n"
               "create index concurrently t3_id on t3 (id);\nselect pg_sleep(%s);\n%s" % (
                   SLEEP_S, NOTE % "V21__index.sql"))
OUTSIDE = (*PLAIN[:4], OWN_COMMIT, INDEX)
PARTS = {OWN_COMMIT.name: (OWN_COMMIT.name, OWN_COMMIT.name + ", 2")}


class State(collections.namedtuple("State", "rows done")):
    """Scripts with a row of success, in order, and how often each part of a script has run."""

    def __str__(self):
        return "rows: %s; done: %s" % (" ".join(self.rows) or "none", ", ".join(
            "%s%s" % (part, "" if count == 1 else " %d times" % count)
            for part, count in sorted(self.done.items())) or "nothing")

    def has_all(self, script):
        return all(self.done[part] == 1 for part in parts(script))

    def torn(self, scripts):
        """What contradicts itself, one sentence for each."""
        for script in scripts:
            there = [part for part in parts(script) if self.done[part]]
            if any(self.done[part] > 1 for part in there):
                yield "%s was applied twice" % script.name
            elif script.name in self.rows and not self.has_all(script):
                yield "%s has its row, but not what it does" % script.name
            elif there and script.name not in self.rows and script not in (OWN_COMMIT, INDEX):
                yield "%s has been applied without its row" % script.name


def parts(script):
    return PARTS.get(script.name, (script.name,))


def state(node, database):
    with Session(node.host, node.port, node.user, database) as session:
        def column(table, sql):
            there = session.value("select to_regclass('public.%s') is not null" % table) == "t"
            return [row[0] for row in session.query(sql)] if there else []

        return State(
            tuple(column("flyway_schema_history", "select script from flyway_schema_history where "
                         "success order by installed_rank")),
            collections.Counter(column("done", "select part from done")))


def take_back(node, database):
    """What a script that commits on its own has left without its row, as a person would do."""
    with Session(node.host, node.port, node.user, database) as session:
        if session.value("select to_regclass('public.done') is not null") == "t":
            session.query("delete from done where split_part(part, ',', 1) in ('%s', '%s') and "
                          "split_part(part, ',', 1) not in (select script from "
                          "flyway_schema_history where success)" % (OWN_COMMIT.name, INDEX.name))


BEGUN = re.compile(r'^Migrating schema \S+ (?:to version "([\d.]+)|with repeatable)', re.M)
APPLIED = re.compile(r"^Successfully applied (\d+) migrations? ", re.M)
UP_TO_DATE = "No migration necessary."


def must_be_whole(found, scripts):
    torn = list(found.torn(scripts))
    if torn:
        raise Lost("%s; %s" % ("; ".join(torn), found))


def must_be_all(found, scripts):
    if sorted(found.rows) != sorted(script.name for script in scripts) or \
            not all(found.has_all(script) for script in scripts):
        raise Lost("not everything is there: %s" % (found,))


def must_be_true(outcome, found, scripts):
    """Each sentence about what is there."""
    def must(condition, sentence):
        if not condition:
            raise Untrue("%r, but %s%s" % (sentence, found, outcome.tail()))

    if outcome.code not in (0, 1):
        raise Failure("exit %s%s" % (outcome.code, outcome.tail()))
    applied = APPLIED.search(outcome.text)
    if outcome.code == 0:
        must(applied or UP_TO_DATE in outcome.text, "(exit 0)")
    elif not re.search(r"^ERROR: ", outcome.text, re.M):
        raise Untrue("it does not say why it fails" + outcome.tail())
    if applied or UP_TO_DATE in outcome.text:
        must(len(found.rows) == len(scripts), applied.group(0) if applied else UP_TO_DATE)
    begun = BEGUN.findall(outcome.text)
    if not begun:
        return
    script = next(one for one in scripts if one.version == (begun[-1] or "-"))
    is_group = len(begun) > 1 and "rolled back" in outcome.text and not found.rows
    for sentence, holds in (
            ("has been applied: its row is in", script.name in found.rows),
            ("has not been applied: its row is not in", script.name not in found.rows),
            ("Changes successfully rolled back", script.name not in found.rows and (
                is_group or script in (OWN_COMMIT, INDEX) or not found.done[script.name]))):
        if sentence in outcome.text:
            must(holds, sentence)


class Pair:
    """A primary and its standby. is_synchronous: COMMIT waits until the standby has written it."""

    def __init__(self, stack, is_synchronous=False):
        self.stack = stack
        self.primary = stack.enter_context(pg.temporary_server(("synchronous_commit=on",)))
        self.standby = stack.enter_context(pg.standby_server(self.primary, (
            "synchronous_commit=on",)))
        if is_synchronous:
            self.primary.query("alter system set synchronous_standby_names = '*'",
                               "select pg_reload_conf()")

    def url(self, database, parameters="?targetServerType=primary", first=None):
        """With both hosts; first: the port of what stands before the primary."""
        return "jdbc:postgresql://127.0.0.1:%d,127.0.0.1:%d/%s%s" % (
            first or self.primary.port, self.standby.port, database, parameters)

    def create_database(self, name):
        """It is there on both."""
        self.primary.create_database(name)
        self.wait_for_standby()

    def wait_for_standby(self, limit_s=20):
        position = self.primary.value("select pg_current_wal_lsn()")
        end = time.monotonic() + limit_s
        while self.standby.query("select pg_last_wal_replay_lsn() >= '%s'" % position) != [["t"]]:
            if time.monotonic() > end:
                raise Failure("the standby does not follow")
            time.sleep(0.01)

    def pause(self):
        """The standby receives what happens, but shows nothing of it."""
        self.wait_for_standby()
        self.standby.query("select pg_wal_replay_pause()")

    def fail_over(self):
        """The primary ends at once, and the standby takes its place."""
        self.primary.stop()
        self.standby.query("select pg_wal_replay_resume()", "select pg_promote()")

    def must_be_asleep(self, limit_s=20):
        """Until a script sleeps on the primary."""
        end = time.monotonic() + limit_s
        while time.monotonic() < end:
            with contextlib.suppress(pg.ServerError, SqlError):
                if self.primary.query("select count(*) from pg_stat_activity where wait_event = "
                                      "'PgSleep'") != [["0"]]:
                    return
            time.sleep(0.005)
        raise Failure("no script sleeps")
