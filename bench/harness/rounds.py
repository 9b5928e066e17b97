# SPDX-License-Identifier: Apache-2.0
"""Plays cases in rounds: in each round every tool has its turn, in the next in the other order.

So what disturbs the machine for a while disturbs all tools alike.  Every run of `apply` is looked
at: a tool that says success without the tables being there has failed.  Round trips are counted in
a run of their own, which is not timed.
"""
import os
import shutil
import time

from lib import server as pg
from lib.wire import Wire

from .meter import RunFailed
from .tools import Target

# A tool that has used this much of a case is left out of its further rounds, if it had three
# rounds or used twice as much.
SHARE_S, ENOUGH = 15, 3
# How long answers are held back for a tool that sends ahead, so that it is seen to do so.
SEEN_AHEAD_S = 0.0005
TABLES = r"select count(*) from pg_tables where tablename ~ '^bt_\d+$'"
ROWS = "select count(*) from bt_big"


class Rounds:
    """server: of compat-tests/lib/server.py; folder: for scripts, readable for all."""

    def __init__(self, server, meter, results, folder, say):
        self.server, self.meter, self.results = server, meter, results
        self.folder, self.say = folder, say
        self.made = {}                      # (kind, case) -> folder and rows of a large script
        self.seeded = set()                 # databases

    def play(self, case, tools, rounds):
        begun = time.monotonic()
        tools = [tool for tool in tools if tool.can(case)]
        for number in range(rounds):
            for tool in tools if number % 2 == 0 else tools[::-1]:
                if self.wants_round(case, tool, number):
                    self.attempt(case, tool, self.measure)
        for tool in tools:
            part = self.results.tool(case.key, tool.name)
            if case.verb not in ("version", "help") and "round_trips" not in part:
                self.attempt(case, tool, self.count)
        self.say("%-14s %5.1f s" % (case.key, time.monotonic() - begun))
        if case.size_bytes:
            self.forget()

    def wants_round(self, case, tool, number):
        runs = self.results.tool(case.key, tool.name)["runs"]
        used_s = sum(run[0] for run in runs) / 1000
        left_out = used_s > 2 * SHARE_S or used_s > SHARE_S and len(runs) >= ENOUGH
        return len(runs) == number and not left_out

    def attempt(self, case, tool, what):
        part = self.results.tool(case.key, tool.name)
        if "failed" in part:
            return
        try:
            what(case, tool)
        except RunFailed as err:
            part["failed"] = str(err)
            self.results.save()
            self.say("%s: %s failed: %s" % (case.key, tool.name, err))

    def measure(self, case, tool):
        """One run that is timed."""
        if case.delay_s:
            with Wire(self.server.host, self.server.port, case.delay_s) as wire:
                run = self.run(case, tool, wire.port)
            self.note_trips(case, tool, wire)
        else:
            run = self.run(case, tool, self.server.port)
        self.results.add(case.key, tool.name, run)

    def count(self, case, tool):
        """One run whose round trips are counted."""
        with Wire(self.server.host, self.server.port,
                  SEEN_AHEAD_S if tool.sends_ahead else 0) as wire:
            self.run(case, tool, wire.port)
        self.note_trips(case, tool, wire)

    def note_trips(self, case, tool, wire):
        part = self.results.tool(case.key, tool.name)
        part["round_trips"], part["connections"] = wire.round_trips, wire.connections
        self.results.save()

    def run(self, case, tool, port):
        """Calls the tool once and returns what it took; raises RunFailed."""
        if case.verb in ("version", "help"):
            return self.meter.run(getattr(tool, case.verb)(), tool.env(), self.folder)
        folder, rows = self.scripts(case, tool)
        database = self.empty(tool) if case.verb in ("apply", "dry") else self.applied(case, tool)
        target = Target(self.server.host, port, self.server.user, database)
        run = self.meter.run(getattr(tool, case.verb)(folder, target), tool.env(), folder)
        if case.verb in ("apply", "dry"):
            self.check(case, database, rows)
        return run

    def check(self, case, database, rows):
        wanted = 0 if case.verb == "dry" else rows if case.size_bytes else case.n
        found = int(self.server.value(ROWS if case.size_bytes else TABLES, database))
        if found != wanted:
            raise RunFailed("says success, but made %d of %d" % (found, wanted))

    def scripts(self, case, tool):
        """The folder with the migrations of a case, and the rows that a large script makes."""
        key = (tool.kind, case.n, case.content, case.size_bytes)
        if key not in self.made:
            folder = os.path.join(self.folder, "-".join(map(str, key)))
            os.mkdir(folder)
            rows = 0
            if case.size_bytes:
                rows = tool.layout_large(folder, case.content, case.size_bytes)
            else:
                tool.layout(folder, case.n, case.content)
            self.made[key] = folder, rows
        return self.made[key]

    def forget(self):
        """Deletes the large scripts."""
        for key in [key for key in self.made if key[3]]:
            shutil.rmtree(self.made.pop(key)[0])

    def empty(self, tool):
        """A new database; what the server had still to write is written."""
        name = "empty_" + tool.name.replace("-", "_")
        self.server.drop_database(name)
        self.server.create_database(name)
        self.server.psql("checkpoint")
        return name

    def applied(self, case, tool):
        """The database in which all migrations of a case are said to be applied."""
        name = "applied_%s_%d" % (tool.kind.replace("-", "_"), case.n)
        if name not in self.seeded:
            self.server.drop_database(name)
            self.server.create_database(name)
            self.server.psql(tool.seed(case.n, case.content) + "\nanalyze;\n", name)
            self.seeded.add(name)
        return name


def about(server, tools):
    """What a reader of the results wants to know of the machine, the server and the tools."""
    return {
        "machine": processor(), "cores": os.cpu_count(), "kernel": os.uname().release,
        "server": server.value("show server_version"), "fsync": server.value("show fsync"),
        "versions": {tool.name: tool.version_text() for tool in tools},
    }


def processor():
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as file:
            for line in file:
                if line.startswith("model name"):
                    return line.split(":", 1)[1].strip()
    except OSError:
        pass
    return os.uname().machine


SETTINGS = ("fsync=on", "synchronous_commit=on", "full_page_writes=on", "shared_buffers=128MB")


def open_server():
    """A server of our own with what is default for a server that keeps data."""
    return pg.temporary_server(SETTINGS)
