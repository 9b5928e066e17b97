#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A server that says nothing any more: cflyway.networkTimeout ends the wait, and only then.

A proxy loses messages without a trace, as a network does that has forgotten a connection.  What is
said afterwards is compared with the database; a server that works is waited for.

CFLYWAY names the program under test (default: build/cflyway of this checkout).  With PGHOST set
that server is used, see lib/server.py.
"""
import os
import sys
import threading
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
sys.dont_write_bytecode = True

from lib import server as pg  # noqa: E402
from lib.proxy import Drop, Proxy  # noqa: E402
from lib.timeouts import must, play  # noqa: E402

LIMIT_MS = 400
LIMIT = "-cflyway.networkTimeout=%dms" % LIMIT_MS
BUSY = "cflyway: the server has said nothing for %d ms (cflyway.networkTimeout), but it works" \
    % LIMIT_MS
GONE = "cflyway: the server has said nothing for %d ms, and could not be reached by a new " \
    "connection for as long (cflyway.networkTimeout). A statement may still be running there." \
    % LIMIT_MS
LOST = "cflyway: the server has said nothing for %d ms (cflyway.networkTimeout), and its session " \
    "waits for a command: the network has lost what was sent, or the answer." % (2 * LIMIT_MS)
NO_SESSION = LOST.replace("its session waits for a command", "has no such session any more")
NOTHING_COMMITTED = "failed! Nothing was committed: the server rolls the changes back when it " \
    "notices that the connection is gone."


class Hole:
    """Loses messages from a certain one on; then of all connections, or only of the first."""

    def __init__(self, is_first_lost, all_connections):
        self.is_first_lost, self.all_connections = is_first_lost, all_connections
        self.is_open = False

    def __call__(self, message):
        self.is_open = self.is_open or self.is_first_lost(message)
        if self.is_open and (self.all_connections or message.connection == 1):
            raise Drop


def lose(bench, is_first_lost, *arguments, all_connections=True):
    """migrate, until the wait has ended: what it said."""
    with Proxy(bench.server.host, bench.server.port) as proxy:
        proxy.before = Hole(is_first_lost, all_connections)
        proxy.start()
        began = time.monotonic()
        text = bench.through(proxy.port).run(1, LIMIT, *arguments)
        must(time.monotonic() - began < 25, "it took too long", text)
    return text


def sends(word):
    return lambda message: message.front and word in message.text()


def answers(tag):
    return lambda message: not message.front and message.type == "C" and message.text() == tag


def settled(bench, sql):
    """The value, when what a lost client had begun has ended."""
    while bench.query("select count(*) from pg_stat_activity where datname = current_database() "
                      "and pid <> pg_backend_pid() and backend_type = 'client backend'") != [("0",)]:
        time.sleep(0.02)
    return bench.query(sql)


def test_a_server_that_works_is_waited_for(bench):
    """Each way to wait: in a batch, alone, in a transaction of the script, in our own SQL."""
    bench.write(V1__a="select pg_sleep(1.1);\n",
                V2__b="commit;\nselect pg_sleep(0.6);\n",
                V3__c="vacuum;\nselect pg_sleep(0.6);\n",
                V4__d="create table t (x int);\ncreate function slow() returns trigger language plpgsql "
                "as $$ begin perform pg_sleep(0.9); return new; end $$;\n"
                "create trigger slow before insert on t for each row execute function slow();\n"
                "copy t from stdin;\n1\n\\.\n")
    text = bench.run(0, LIMIT, "-mixed=true")
    must(text.count(BUSY) == 1, "said %d times that it works" % text.count(BUSY), text)
    must(bench.rows() == [(version, "t") for version in "1234"], "rows: %s" % bench.rows())
    bench.write(R__e="-- nothing\nselect 1;\n")
    must(BUSY not in bench.run(0, LIMIT), "it said so of a quick one", text)


def test_a_session_that_waits_for_a_lock_works(bench):
    bench.query("create table t (id int)")
    bench.write(V1__a="lock table t;\n")
    with bench.holding("lock table t"):
        run = bench.start(LIMIT).wait_for(BUSY)
        time.sleep(3 * LIMIT_MS / 1000)
    run.end(0)


def test_the_server_is_gone(bench):
    bench.write(V1__a="create table a ();\nselect 1 as gone;\n")
    text = lose(bench, lambda message: not message.front and message.type == "T"
                and b"gone" in message.body)
    must(text.count(GONE) == 1, "no reason", text)
    must(NOTHING_COMMITTED in text, "no word about the changes", text)
    must("rolled back" not in text, "it says what nobody knows", text)
    must(settled(bench, "select to_regclass('a') is null") == [("t",)], "a is there")
    must(bench.rows() == [], "rows: %s" % bench.rows())


def test_the_server_is_gone_after_a_commit_in_the_same_batch(bench):
    bench.write(V1__a="create table a ();\n", V2__b="create table b ();\nselect 'gone';\n")
    bench.url += "?connectTimeout=1"
    text = lose(bench, sends("'gone'"))
    must(text.count(GONE) == 1, "no reason", text)
    must("Whether the migration has been applied is shown by info." in text, "no advice", text)
    must("rolled back" not in text, "a guess", text)


def test_the_server_is_gone_before_the_first_migration(bench):
    bench.write(V1__a="create table a ();\n")
    text = lose(bench, sends("flyway_schema_history"))
    must(text.count(GONE) == 1, "no reason", text)
    must(settled(bench, "select to_regclass('a') is null") == [("t",)], "a is there")


def test_the_answer_is_lost(bench):
    bench.write(V1__a="create table a ();\nselect 1 as lost;\n")
    text = lose(bench, lambda message: not message.front and message.type == "T"
                and b"lost" in message.body, all_connections=False)
    must(text.count(LOST) == 1, "no reason", text)
    must(NOTHING_COMMITTED in text, "no word about the changes", text)
    must(settled(bench, "select to_regclass('a') is null") == [("t",)], "a is there")


def test_the_rest_of_a_batch_is_lost(bench):
    """The server is "active" then: it waits for the end of what it has begun."""
    bench.write(V1__a="create table a ();\nselect 1 as lost;\n")
    text = lose(bench, lambda message: message.front and b"as lost" in message.body,
                all_connections=False)
    must(text.count(LOST) == 1, "no reason", text)
    must(settled(bench, "select to_regclass('a') is null") == [("t",)], "a is there")


def test_the_session_has_ended_unnoticed(bench):
    """The server has ended it, and the network has lost the news."""
    bench.write(V1__a="create table a ();\nselect pg_sleep(30), 'ended';\n")
    with Proxy(bench.server.host, bench.server.port) as proxy:
        proxy.lasting.add(1)

        def end_sleeping(pid):
            awake = "select wait_event is distinct from 'PgSleep' from pg_stat_activity " \
                "where pid = %d" % pid
            while bench.query(awake) == [("t",)]:
                time.sleep(0.01)
            bench.query("select pg_terminate_backend(%d)" % pid)

        def after(message):
            if sends("'ended'")(message):
                threading.Thread(target=end_sleeping,
                                 args=(proxy.pids[message.connection],)).start()

        def before(message):
            if message.connection == 1 and not message.front and message.type in "EN":
                raise Drop
        proxy.before, proxy.after = before, after
        proxy.start()
        text = bench.through(proxy.port).run(1, LIMIT)
    must(text.count(NO_SESSION) == 1, "no reason", text)
    must(NOTHING_COMMITTED in text, "no word about the changes", text)
    must(settled(bench, "select to_regclass('a') is null") == [("t",)], "a is there")


def test_the_look_meets_another_server(bench):
    """What distributes connections has given it one that knows nothing of the session."""
    bench.write(V1__a="select pg_sleep(%s), 'slow';\n" % (LIMIT_MS * 5 / 1000))
    with pg.temporary_server() as other:
        other.create_database(bench.database)
        with Proxy(bench.server.host, bench.server.port) as proxy:
            def before(message):
                if sends("'slow'")(message):
                    proxy.target = (other.host, other.port)
            proxy.before = before
            proxy.start()
            text = bench.through(proxy.port).run(0, LIMIT)
            must(proxy.connections > 1, "it did not look", text)
    must("networkTimeout" not in text, "it says what it cannot know", text)
    must(bench.rows() == [("1", "t")], "rows: %s" % bench.rows())


def test_the_answer_to_commit_is_lost(bench):
    """It can be looked up: the migration is there."""
    bench.write(V1__a="create table a ();\n")
    bench.run(0, "-target=0", verb="baseline")
    text = lose(bench, answers("COMMIT"), all_connections=False)
    must(LOST in text, "no reason", text)
    must("The migration has been applied: its row is in" in text, "not looked up", text)
    must(settled(bench, "select to_regclass('a') is null") == [("f",)] and
         bench.rows() == [("1", "t")], "it is not there")


def test_the_server_is_gone_at_commit(bench):
    """Nobody can tell, and so nobody says more."""
    bench.write(V1__a="create table a ();\n")
    bench.run(0, "-target=0", verb="baseline")
    bench.url += "?connectTimeout=1"
    text = lose(bench, answers("COMMIT"))
    must(GONE in text, "no reason", text)
    must("Whether the migration has been applied is shown by info." in text, "no advice", text)
    must("rolled back" not in text and "has been applied:" not in text, "a guess", text)


def test_the_server_is_gone_in_mid_copy(bench):
    """More rows than all buffers hold: it waits to send, too."""
    bench.query("create table t (x text)")
    bench.write(V1__a="copy t from stdin;\n" + ("x" * 999 + "\n") * 12000 + "\\.\n")
    text = lose(bench, lambda message: message.front and message.type == "d")
    must(text.count(GONE) == 1, "no reason", text)
    must(settled(bench, "select count(*) from t") == [("0",)], "there are rows")


def test_outside_of_a_transaction(bench):
    """What has run may be there to stay: it says that it does not know."""
    bench.query("create table t (x int)")
    bench.write(V1__a="vacuum t;\ninsert into t values (1);\nselect 1;\n")
    text = lose(bench, sends("insert into t"), "-mixed=true")
    must(GONE in text, "no reason", text)
    must("at line 2 of sql/V1__a.sql, before the server had answered. It is not known whether"
         in text, "no word about line 2", text)


def test_no_limit(bench):
    """By default it waits: the proxy gives the messages back after a while."""
    bench.write(V1__a="select 'held';\n")
    held = []

    def hold(message):
        if sends("'held'")(message) and not held:
            held.append(message)
            time.sleep(1.5)
    with Proxy(bench.server.host, bench.server.port) as proxy:
        proxy.before = hold
        proxy.start()
        text = bench.through(proxy.port).run(0)
    must("networkTimeout" not in text, "it looked", text)


def test_a_silence_that_ends(bench):
    """Nothing is forwarded for a time, to no connection; then it goes on."""
    bench.write(V1__a="select 'held';\n")
    held = []

    def hold(message):
        if sends("'held'")(message) and not held:
            held.append(message)
            time.sleep(1.5 * LIMIT_MS / 1000)
    with Proxy(bench.server.host, bench.server.port) as proxy:
        proxy.before = hold
        proxy.start()
        bench.through(proxy.port).run(0, LIMIT)
    must(bench.rows() == [("1", "t")], "rows: %s" % bench.rows())


TESTS = [test for name, test in sorted(globals().items()) if name.startswith("test_")]


def main():
    with pg.open_server() as server:
        return play(TESTS, server, os.path.join(HERE, "..", "build", "cflyway"))


if __name__ == "__main__":
    sys.exit(main())
