#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Migrates as an owner without superuser, and on both sides of a logical replication.

The role owns its database and no more, as on servers that are rented. Each command must end well,
two programs at once must share the work, and what is refused must say why.

A publisher and a subscriber are migrated while rows flow: with the history in the publication, as
FOR ALL TABLES has it, and without.

CFLYWAY names the program under test (default: build/cflyway of this checkout).
"""
import contextlib
import os
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.dirname(HERE))
sys.dont_write_bytecode = True

from lib import failover  # noqa: E402
from lib import server as pg  # noqa: E402
from lib.faults.harness import Failure, Script, wait_until, write  # noqa: E402
from lib.injected import trials as injected  # noqa: E402
from lib.injected.stage import Lost, Untrue  # noqa: E402

ROUNDS = 5
OWNER = "app_owner"
SCRIPTS = (*failover.OUTSIDE, Script("V30__role.sql", "create table kept (id int);\n"))
UNDO = {"U30__role.sql": "drop table kept;\n"}
COMMANDS = (("info",), ("-dryRunOutput=out.sql", "-target=1", "migrate"),
            ("-dryRun=execute", "-target=1", "migrate"), ("-group=true", "-target=4", "migrate"),
            ("-mixed=true", "migrate"), ("validate",), ("undo",), ("migrate",), ("repair",),
            ("info",), ("-cleanDisabled=false", "clean"),
            ("-baselineVersion=20", "baseline"), ("-cleanDisabled=false", "clean"))


def as_owner(trials, folder, url, *args):
    return trials.bench.run(folder, url, *args, user=OWNER)


def without_superuser(trials, rounds):
    row = injected.Row("an owner without superuser")
    server = trials.server
    server.query("create role %s login nosuperuser nocreatedb nocreaterole" % OWNER)
    folder = trials.bench.project("owner", SCRIPTS)
    for name, text in UNDO.items():
        write(os.path.join(folder, "sql", name), text)
    for number in range(rounds):
        with trials.bench.database("owner") as database:
            server.query('alter database "%s" owner to %s' % (database.name, OWNER))
            url = database.url()
            for args in COMMANDS:
                row.check("%d, %s" % (number, " ".join(args)),
                          lambda: as_owner(trials, folder, url, *args),
                          lambda outcome: outcome.must(0, args[-1]))
            left = database.session.value("select count(*) from pg_class where relnamespace = "
                                          "'public'::regnamespace")
            if left != "0":
                row.note("clean", Lost("%s objects are left" % left))
            together(trials, row, folder, database)
    trials.add(row)
    server.query("drop role " + OWNER)


def together(trials, row, folder, database):
    """Two at once: one of them waits, and says for whom as far as it may see."""
    outcomes = []

    def check(outcome):
        outcomes.append(outcome.must(0, "migrate"))
        if len(outcomes) < 2:
            return
        found = failover.state(database.server, database.name)
        failover.must_be_whole(found, SCRIPTS[:-1])
        claimed = sum(int(failover.APPLIED.search(one.text).group(1)) for one in outcomes
                      if failover.APPLIED.search(one.text))
        if claimed != len(SCRIPTS):
            raise Untrue("together they have applied %d of %d" % (claimed, len(SCRIPTS)))

    running = [trials.bench.start(folder, database.url(), "-mixed=true",
                                  "-lockRetryCount=-1", "migrate", user=OWNER) for _ in range(2)]
    for process in running:
        row.check("two at once", lambda: trials.bench.finish(process, 60), check)


# --- logical replication --------------------------------------------------------------------------

DATA = Script("V1__data.sql", "create schema data;\ncreate table data.item (id int primary key);\n")
MORE = Script("V2__more.sql", "alter table data.item add column name text default 'none';\n")


class Replication:
    """A publisher and a subscriber; the history is in a schema of its own."""

    def __init__(self, trials, stack, publication):
        self.trials, self.publication = trials, publication
        self.publisher = stack.enter_context(pg.temporary_server(("wal_level=logical",)))
        self.subscriber = stack.enter_context(pg.temporary_server(("wal_level=logical",)))
        self.folder = trials.bench.project("logical", (DATA,))
        for node in (self.publisher, self.subscriber):
            node.create_database("data")

    def migrate(self, node):
        return self.trials.bench.run(self.folder, node.jdbc_url("data"), "-schemas=flyway",
                                     "migrate")

    def connect(self):
        self.publisher.query("create publication p " + self.publication, database="data")
        self.subscriber.query(
            "create subscription s connection 'host=%s port=%d user=%s dbname=data' publication p "
            "with (copy_data = false)" % (self.publisher.host, self.publisher.port,
                                          self.publisher.user), database="data")

    def end(self):
        with contextlib.suppress(pg.ServerError):
            self.subscriber.query("alter subscription s disable", database="data")
            self.subscriber.query("alter subscription s set (slot_name = none)", database="data")
            self.subscriber.query("drop subscription s", database="data")

    def insert(self, number):
        self.publisher.query("insert into data.item (id) values (%d)" % number, database="data")

    def has(self, number):
        return self.subscriber.query("select count(*) from data.item where id = %d" % number,
                                     database="data") == [["1"]]

    def conflicts(self):
        with open(self.subscriber.log, errors="replace") as file:
            return file.read().count("duplicate key value violates unique constraint "
                                     '"flyway_schema_history_pk"')


def replicate(trials, publication, is_history_published):
    """The subscriber first, so that what arrives fits; then the publisher."""
    row = injected.Row("logical replication, " + publication.lower())
    with contextlib.ExitStack() as stack:
        pair = Replication(trials, stack, publication)
        stack.callback(pair.end)
        for node in (pair.subscriber, pair.publisher):
            row.check("V1", lambda: pair.migrate(node), lambda outcome: outcome.must(0, "migrate"))
        pair.connect()
        pair.insert(1)
        wait_until(lambda: pair.has(1), "the first row", 30)
        write(os.path.join(pair.folder, "sql", MORE.name), MORE.content)
        for node in (pair.subscriber, pair.publisher):
            row.check("V2", lambda: pair.migrate(node), lambda outcome: outcome.must(0, "migrate"))
        pair.insert(2)
        if is_history_published:
            # What doc/deployments.md warns of.
            wait_until(lambda: pair.conflicts() > 0, "the conflict in the history", 30)
            time.sleep(1)
            if pair.has(2):
                raise Failure("the replication goes on")
        else:
            wait_until(lambda: pair.has(2), "the second row", 30)
            if pair.conflicts():
                raise Failure("there is a conflict")
        for node in (pair.subscriber, pair.publisher):
            rows = node.query("select count(*) from flyway.flyway_schema_history where version "
                              "is not null", database="data")
            if rows != [["2"]]:
                row.note("history", Lost("rows: %s" % rows))
    trials.add(row, "the replication stops at the history" if is_history_published else "")


def play(trials):
    long = trials.options.long
    without_superuser(trials, ROUNDS if long else 1)
    if long:
        replicate(trials, "FOR TABLES IN SCHEMA data", False)
        replicate(trials, "FOR ALL TABLES", True)


if __name__ == "__main__":
    sys.exit(injected.main(__doc__, "servers", "Rented servers and logical replication", play,
                           needs_server=True))
