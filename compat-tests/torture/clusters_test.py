#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Migrates in a cluster of Patroni that loses its leader, and behind pgpool and HAProxy.

Patroni and etcd run two servers; the leader is killed, or hands over, in the middle of a migration.
Real Flyway migrates a database of its own at the same time. "Torn" counts databases in which a
script has taken effect and its history row is missing, or the other way round; for cflyway that
counts as lost. "Gone", where there were any, counts runs that had ended well, and whose last
migrations were not on the new leader, with their rows: without synchronous replication that is how
it works.

pgpool and HAProxy stand before a primary and a standby that shows nothing of what has happened
since. pgpool sends it what it takes for reading, HAProxy every other connection.

CFLYWAY names the program under test (default: build/cflyway of this checkout).  With FLYWAY, real
Flyway, it takes part in the long form.
"""
import contextlib
import os
import random
import re
import shlex
import shutil
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.dirname(HERE))
sys.dont_write_bytecode = True

from lib import failover, fronts, patroni  # noqa: E402
from lib import server as pg  # noqa: E402
from lib.faults.harness import Failure, Skip  # noqa: E402
from lib.injected import trials as injected  # noqa: E402
from lib.injected.stage import Lost, Untrue  # noqa: E402

CRASHES, SWITCHES, ROUNDS = 5, 5, 10
LIMIT_S = 120
SLOW = failover.plain(0.1)
SLOW_S = 1.0                        # about how long they take
STANDBY = "ERROR: The server is a standby"
# What an old configuration of pgpool names; all other functions then count as reading.
OLD_LIST = "write_function_list = 'currval,lastval,nextval,setval'"


def flyway():
    command = os.environ.get("FLYWAY")
    return shlex.split(command) if command else None


@contextlib.contextmanager
def own_folder(trials, name):
    """One that ordinary users can enter."""
    folder = trials.bench.folder(name)
    os.chmod(folder, 0o711)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


# --- Patroni --------------------------------------------------------------------------------------

class Migration:
    """A program and the database that it migrates, while the leader changes."""

    def __init__(self, trials, cluster, name, command=None):
        self.trials, self.cluster, self.name, self.command = trials, cluster, name, command
        self.folder = trials.bench.project("patroni", SLOW)
        self.is_gone = self.is_torn = False
        cluster.leader().server.create_database(name)

    def start(self, url):
        self.process = self.trials.bench.start(self.folder, url, "migrate", command=self.command)

    def must_be_asleep(self):
        """Until a script of it runs."""
        end = time.monotonic() + LIMIT_S
        while time.monotonic() < end and self.process.poll() is None:
            if self.cluster.leader().server.query(
                    "select count(*) from pg_stat_activity where wait_event = 'PgSleep' and "
                    "datname = '%s'" % self.name) != [["0"]]:
                return
            time.sleep(0.02)

    def finish(self):
        return self.trials.bench.finish(self.process, LIMIT_S)

    def state(self):
        return failover.state(self.cluster.leader().server, self.name)

    def check(self, outcome):
        found = self.state()
        failover.must_be_whole(found, SLOW)
        try:
            failover.must_be_true(outcome, found, SLOW)
        except Untrue:
            if self.cluster.is_synchronous or outcome.code != 0:
                raise
            self.is_gone = True
        second = self.trials.bench.run(self.folder, self.cluster.url(self.name), "migrate",
                                       limit_s=LIMIT_S)
        second.must(0, "the second run")
        failover.must_be_all(self.state(), SLOW)

    def look(self, _outcome):
        """At what real Flyway has left."""
        self.is_torn = bool(list(self.state().torn(SLOW)))


class LeaderChanges:
    """One row for cflyway and one for Flyway."""

    def __init__(self, trials, cluster, what, change, front=None):
        self.trials, self.cluster, self.change, self.front = trials, cluster, change, front
        self.row, self.flyway_row = injected.Row(what), injected.Row("Flyway: " + what)
        self.chance = random.Random("%d %s" % (trials.options.seed, what))
        self.name = "_".join(re.findall(r"\w+", what)).lower()
        self.gone = self.torn = 0

    def play(self, number):
        name = "%s_%d" % (self.name, number)
        ours = Migration(self.trials, self.cluster, name)
        theirs = Migration(self.trials, self.cluster, name + "_flyway", flyway()) \
            if flyway() else None
        pg_url = self.front.jdbc_url if self.front else self.cluster.url
        if theirs:
            theirs.start(pg_url(theirs.name))
            theirs.must_be_asleep()
        ours.start(pg_url(ours.name))
        moment_s = self.chance.uniform(0.02, SLOW_S)
        time.sleep(moment_s)
        self.change()
        what = "try %d, after %.2f s" % (number, moment_s)
        self.row.check(what, ours.finish, ours.check)
        if theirs:
            self.flyway_row.check(what, theirs.finish, theirs.look)
            self.torn += theirs.is_torn
        self.gone += ours.is_gone
        self.cluster.heal()

    def close(self):
        if not self.cluster.is_synchronous:
            self.row.numbers["gone"] = self.gone
        self.trials.add(self.row)
        if flyway():
            for name in ("crashed", "lost", "untrue", "wrong"):
                del self.flyway_row.numbers[name]
            self.flyway_row.numbers["torn"] = self.torn
            self.trials.add(self.flyway_row)


def change_leaders(trials):
    with own_folder(trials, "patroni") as folder, contextlib.ExitStack() as stack:
        cluster = stack.enter_context(patroni.open_cluster(folder))
        front = stack.enter_context(fronts.open_haproxy(cluster.haproxy_lines(), pg.SUPERUSER,
                                                        folder))
        for what, change, times, by, is_synchronous in (
                ("leader killed, synchronous, hosts in the URL", cluster.crash, CRASHES, None, True),
                ("leader killed, synchronous, behind HAProxy", cluster.crash, CRASHES, front, True),
                ("switchover, hosts in the URL", cluster.switch_over, SWITCHES, None, True),
                ("switchover, behind HAProxy", cluster.switch_over, SWITCHES, front, True),
                ("leader killed, asynchronous, hosts in the URL", cluster.crash, CRASHES, None,
                 False)):
            if cluster.is_synchronous != is_synchronous:
                cluster.set_synchronous(is_synchronous)
            changes = LeaderChanges(trials, cluster, what, change, by)
            for number in range(times):
                changes.play(number)
            changes.close()


# --- pgpool and HAProxy ---------------------------------------------------------------------------

class Late:
    """A pair whose standby has all databases, empty, and shows nothing that happens after that."""

    def __init__(self, stack, folder, rounds):
        self.pair = failover.Pair(stack)
        self.names = ["late_%d" % number for number in range(rounds)]
        for name in self.names:
            self.pair.primary.create_database(name)
        self.pair.pause()
        self.folder = folder


def must_add_up(outcomes, scripts):
    claimed = sum(int(failover.APPLIED.search(outcome.text).group(1)) for outcome in outcomes
                  if failover.APPLIED.search(outcome.text))
    if claimed != len(scripts):
        raise Untrue("together they have applied %d of %d" % (claimed, len(scripts)))


def behind_pgpool(trials, what, scripts, args, rounds, more=""):
    """Two at once, and then one more."""
    row = injected.Row("pgpool, " + what)
    with own_folder(trials, "pgpool") as folder, contextlib.ExitStack() as stack:
        late = Late(stack, folder, rounds)
        front = stack.enter_context(fronts.open_pgpool(late.pair.primary, late.pair.standby,
                                                       folder, more))
        project = trials.bench.project("pgpool", scripts)
        for name in late.names:
            outcomes = []

            def check(outcome):
                outcomes.append(outcome.must(0, "migrate"))
                if len(outcomes) > 1:
                    found = failover.state(late.pair.primary, name)
                    failover.must_be_whole(found, scripts)
                    failover.must_be_all(found, scripts)
                    must_add_up(outcomes, scripts)

            running = [trials.bench.start(project, front.jdbc_url(name), *args, "migrate")
                       for _ in range(2)]
            for process in running:
                row.check(name, lambda: trials.bench.finish(process, LIMIT_S), check)
            row.check(name, lambda: trials.bench.run(project, front.jdbc_url(name), *args,
                                                     "migrate"), check)
    trials.add(row)


def refused_behind_pgpool(trials, rounds):
    """By default, what needs a session: see doc/poolers.md."""
    row = injected.Row("pgpool, scripts that need a session, cflyway.pooler=auto")
    with own_folder(trials, "pgpool") as folder, contextlib.ExitStack() as stack:
        late = Late(stack, folder, rounds)
        front = stack.enter_context(fronts.open_pgpool(late.pair.primary, late.pair.standby,
                                                       folder))
        project = trials.bench.project("pgpool", failover.OUTSIDE)

        def check(outcome):
            outcome.must(1, "migrate").must_say("cannot run behind a connection pooler", "migrate")
            if failover.state(late.pair.primary, name).rows:
                raise Lost("something has been applied")

        for name in late.names:
            row.check(name, lambda: trials.bench.run(project, front.jdbc_url(name), "-mixed=true",
                                                     "migrate"), check)
    trials.add(row, "all refused")


def behind_haproxy(trials, rounds):
    """Every other connection goes to the standby: no set-up that anybody should have."""
    row = injected.Row("HAProxy, every other connection to the standby")
    with own_folder(trials, "haproxy") as folder, contextlib.ExitStack() as stack:
        late = Late(stack, folder, rounds)
        pair = late.pair
        front = stack.enter_context(fronts.open_haproxy(
            ["balance roundrobin", "server one 127.0.0.1:%d" % pair.primary.port,
             "server two 127.0.0.1:%d" % pair.standby.port], pg.SUPERUSER, folder))
        project = trials.bench.project("haproxy", failover.PLAIN)

        def check(outcome):
            found = failover.state(pair.primary, name)
            failover.must_be_whole(found, failover.PLAIN)
            failover.must_be_true(outcome, found, failover.PLAIN)
            if outcome.code != 0 and STANDBY not in outcome.text:
                raise Failure("it fails for another reason" + outcome.tail())

        for name in late.names:
            for _ in range(3):
                row.check(name, lambda: trials.bench.run(
                    project, front.jdbc_url(name), "-cflyway.networkTimeout=50ms", "migrate"), check)
            failover.must_be_all(failover.state(pair.primary, name), failover.PLAIN)
    trials.add(row, "refused by the standby")


def play(trials):
    long = trials.options.long
    missing = [name for name in ("haproxy", "pgpool", "etcd", "patroni")
               if fronts.program(name) is None]
    if missing:
        raise Skip("not installed: " + ", ".join(missing))
    if trials.options.patroni:
        change_leaders(trials)
        return
    behind_haproxy(trials, ROUNDS if long else 1)
    behind_pgpool(trials, "old list of functions, cflyway.pooler=session", failover.OUTSIDE, (
        "-mixed=true", "-cflyway.pooler=session"), ROUNDS if long else 1, OLD_LIST)
    if not long:
        return
    for what, more in (("", ""), (", old list of functions", OLD_LIST)):
        behind_pgpool(trials, "plain scripts" + what, failover.PLAIN, (), ROUNDS, more)
    behind_pgpool(trials, "scripts that commit on their own, cflyway.pooler=session",
                  failover.OUTSIDE, ("-mixed=true", "-cflyway.pooler=session"), ROUNDS)
    refused_behind_pgpool(trials, ROUNDS)
    change_leaders(trials)


if __name__ == "__main__":
    sys.exit(injected.main(__doc__, "clusters", "Patroni, pgpool and HAProxy", play,
                           needs_server=False, flags=(
                               ("--patroni", "changes of leaders, and nothing else"),)))
