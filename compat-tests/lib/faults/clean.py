# SPDX-License-Identifier: Apache-2.0
"""clean where a server has room for few locks, and what is left when it is interrupted."""
import contextlib
import re
import signal

from .. import server as pg
from .harness import Database, Failure, Script, must_be, wait_until
from .processes import must_end_by

# 10 * 10 locks by its settings; its own processes bring room for about 150 more.
SMALL = ("max_locks_per_transaction=10", "max_connections=10", "max_prepared_transactions=0",
         "max_wal_senders=0")
TABLES = 30
MIDDLE = "past_10"             # a partition; the foreign keys and the views are gone before
SPLITS = "clean takes several transactions. If it is interrupted, run it again."
GONE = re.compile(r"^cflyway: what the first (\d+ transactions|transaction) dropped is gone$", re.M)
AGAIN = ("cflyway: run clean again before any other command: the schema history table still lists "
         "what is gone")

MANY_TABLES = Script("V1__Many.sql", "create table city (id int unique);\ncommit;\n" + "".join(
    "create table t%d (id int default 1 unique, name text, city int references city (id));\n"
    "create view v%d as select * from t%d;\ncommit;\n" % (n, n, n) for n in range(1, TABLES + 1))
    + "create table past (id int) partition by range (id);\ncommit;\n" + "".join(
        "create table past_%d partition of past for values from (%d) to (%d);\ncommit;\n"
        % (n, n, n + 1) for n in range(1, TABLES + 1)))


class Small:
    """A database on the small server, whose schema app cflyway has created and filled."""

    def __init__(self, bench, server, script):
        self.bench, self.server = bench, server
        self.database = Database(server, "clean")
        self.folder = bench.project("clean", (script,))
        self.run("-mixed=true", "migrate").must(0, "migrate")

    def start(self, *args):
        return self.bench.start(self.folder, self.database.url(), "-schemas=app",
                                "-cleanDisabled=false", *args)

    def run(self, *args):
        return self.bench.finish(self.start(*args), 60)

    def count(self, condition):
        return int(self.database.session.value(
            "select count(*) from pg_class where relnamespace = to_regnamespace('app') and "
            + condition))

    def must_be_half_cleaned(self, outcome):
        """Something is gone, MIDDLE and the history are not, and the program says so."""
        if not GONE.search(outcome.text):
            raise Failure("does not say what is gone" + outcome.tail())
        outcome.must_say(AGAIN, "clean")
        left = self.count("relname like 'past_%'")
        if not 0 < left < TABLES or not self.count("relname = '%s'" % MIDDLE):
            raise Failure("%d partitions are left of %d" % (left, TABLES))
        if not self.count("relname = 'flyway_schema_history'"):
            raise Failure("the history is gone")

    def must_clean_all(self):
        """And drop the schema, as the history says that it was created."""
        outcome = self.run("clean").must(0, "clean").must_say(SPLITS, "clean").must_say(
            'Successfully dropped schema "app"', "clean")
        must_be(self.database.session.value("select to_regnamespace('app') is null"), "t", "schema")
        return re.search(r"clean took (\d+) transactions", outcome.text).group(1)

    def has_overflown(self):
        with open(self.server.log, encoding="utf-8", errors="replace") as log:
            return "out of shared memory" in log.read()


@contextlib.contextmanager
def small(bench, script=MANY_TABLES):
    with pg.temporary_server(SMALL) as server:
        made = Small(bench, server, script)
        try:
            yield made
        finally:
            made.database.close()


def test_clean_of_many_tables(bench):
    with small(bench) as made:
        transactions = made.must_clean_all()
        if made.has_overflown():
            raise Failure("the lock table has overflown")
        return transactions + " transactions"


def test_clean_fails_between_its_transactions(bench):
    with small(bench) as made:
        made.database.session.run("""
            create function refuse() returns event_trigger language plpgsql as $$ begin
                if exists (select from pg_event_trigger_dropped_objects()
                    where object_name = '%s') then raise 'it stays'; end if; end $$;
            create event trigger refuse on sql_drop execute procedure refuse()""" % MIDDLE)
        # The schema is not one that cflyway has created: the error is not put off.
        made.database.session.run("create table kept as table app.flyway_schema_history;"
                                  "delete from app.flyway_schema_history where type = 'SCHEMA'")
        outcome = made.run("clean").must(1, "clean").must_say("it stays", "clean")
        made.must_be_half_cleaned(outcome)
        made.database.session.run("""drop event trigger refuse; insert into
            app.flyway_schema_history select * from kept where type = 'SCHEMA'""")
        made.must_clean_all()


def waits(made):
    return made.database.session.value("select count(*) from pg_locks where not granted") == "1"


def stop_in_the_middle(made):
    """Starts a clean that waits for a table."""
    holder = made.database.another_session()
    holder.run("begin; lock table app." + MIDDLE)
    process = made.start("clean")
    wait_until(lambda: waits(made), MIDDLE, 30)
    return holder, process


def test_clean_is_interrupted_between_its_transactions(bench):
    with small(bench) as made:
        holder, process = stop_in_the_middle(made)
        outcome = must_end_by(bench, process, signal.SIGINT, "SIGINT while clean waits")
        holder.run("commit")
        made.must_be_half_cleaned(outcome)
        made.must_clean_all()


def test_clean_loses_its_connection(bench):
    with small(bench) as made:
        holder, process = stop_in_the_middle(made)
        holder.run("select pg_terminate_backend(pid) from pg_locks where not granted; commit")
        outcome = bench.finish(process).must(1, "clean")
        made.must_be_half_cleaned(outcome)
        made.must_clean_all()


def fill_lock_table(session, free):
    """Takes locks until there is room for about so many."""
    for size in range(1, 1000):
        try:
            session.run("select pg_advisory_lock(%d)" % size)
        except pg.ServerError:
            session.run("select pg_advisory_unlock(n) from generate_series(%d, %d) as n"
                        % (max(1, size - free), size - 1))
            return
    raise Failure("the lock table has no end")


def test_clean_while_others_hold_the_locks(bench):
    """It seems to fit into one transaction, but does not."""
    script = Script("V1__Few.sql", "".join("create table t%d (n int);\n" % n for n in range(12)))
    with small(bench, script) as made:
        holder = made.database.another_session()
        fill_lock_table(holder, 35)
        outcome = made.run("clean").must(0, "clean").must_say(
            'schema "app" cannot be cleaned at once (ERROR: out of shared memory): ' + SPLITS,
            "clean").must_say('Successfully dropped schema "app"', "clean")
        return "%s transactions" % re.search(r"clean took (\d+)", outcome.text).group(1)


TESTS = (test_clean_of_many_tables, test_clean_fails_between_its_transactions,
         test_clean_is_interrupted_between_its_transactions, test_clean_loses_its_connection,
         test_clean_while_others_hold_the_locks)
