#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A PostgreSQL server whose answers are changed on their way: what does cflyway make of them?

A proxy changes messages by chance: flipped bits, other values, NULL, other numbers of columns,
wrong lengths and types, messages that are missing, come twice, late, or were never sent, errors in
odd places, values of 300 KB (lib/injected/mutations.py). Each process works on ten schemas (in
the short form: two), each through a connection of its own: one message of it is changed, and a
fifth of those after it.

No process may crash, hang, or fail without a message, and afterwards each migration is there with
its row, once, or not at all. The long form runs a build with the address, leak and undefined
behaviour sanitizers; the short form runs the usual one. From time to time the same command follows
on an honest server, and does the rest. The long form ends after about 10,000 changed answers, or
fifteen minutes.

CFLYWAY names the program under test (default: build/cflyway of this checkout).
"""
import collections
import os
import random
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.dirname(HERE))
sys.dont_write_bytecode = True

from lib import figures  # noqa: E402
from lib.faults.harness import Failure  # noqa: E402
from lib.injected import trials as injected  # noqa: E402
from lib.injected.mutations import Mutator  # noqa: E402
from lib.injected.shims import Shim  # noqa: E402
from lib.injected.stage import Crashed  # noqa: E402
from lib.injected.tenants import Tenants, must_end_well  # noqa: E402
from lib.proxy import Proxy  # noqa: E402
from lib.session import Session  # noqa: E402

SHORT, LONG = 40, 10000         # answers that are changed
SHORT_SCHEMAS, SCHEMAS = 2, 10
LIMIT_S, LONG_LIMIT_S = 60, 900
QUIET_S = 0.15                  # then a client that waits for what will not come is let go
LATER = 0.2                     # of the messages after the first changed one
AGAIN = 5                       # of so many processes one is followed by another run
ASAN = os.path.join(os.path.dirname(figures.TESTS), "build", "asan", "cflyway")
ASAN_NOTE, ASAN_MARK = "with AddressSanitizer", b"__asan_init"
OPTIONS = "detect_leaks=1:strict_string_checks=1:verify_asan_link_order=0:exitcode=23"

# libpq 15 itself leaks a result when the message that ends it is missing in a pipeline, and when a
# description of parameters comes unasked: twenty lines of C without cflyway show it. That cflyway
# clears each result which libpq hands over is checked by tests/unit/fake_libpq.c.
SUPPRESSED = "leak:libpq.so\n"

# last: the migrations that are there before; wanted: after another run (None: not looked at).
Command = collections.namedtuple("Command", "args last sql wanted")
DONE = ["111"] * 3
COMMANDS = (
    Command(("info",), 2, "", ["111", "111", "000"]),
    Command(("validate",), 3, "", DONE),
    Command(("migrate",), 1, "", DONE),
    Command(("-group=true", "migrate"), 0, "", DONE),
    Command(("-target=1", "undo"), 3, "", None),
    Command(("repair",), 3, "update %s.flyway_schema_history set checksum = 7", DONE),
    Command(("-baselineVersion=2", "baseline"), -1, "", ["000"] * 3),
    Command(("-cleanDisabled=false", "clean"), 3, "", ["000"] * 3),
)


class Liar:
    """Changes what passes a proxy. total: how many messages were changed."""

    def __init__(self, proxy, seed):
        self.proxy, self.chance = proxy, random.Random(seed)
        self.total, self.names = 0, collections.Counter()
        self.begin(None)

    def begin(self, messages):
        """messages: how many the server sends on a connection; None: nothing is changed."""
        self.messages, self.counts = messages, collections.Counter()
        self.firsts, self.mutators = {}, {}

    def change(self, message, raw):
        if message.front:
            return raw
        place = message.connection
        self.counts[place] += 1
        if self.messages is None:
            return raw
        if place not in self.firsts:
            self.firsts[place] = self.chance.randint(1, self.messages)
            self.mutators[place] = Mutator(self.chance)
        mutator = self.mutators[place]
        held, mutator.held = mutator.held, b""
        count = self.counts[place]
        if count < self.firsts[place] or \
                (count > self.firsts[place] and self.chance.random() > LATER):
            return raw + held
        self.proxy.quiet_s = QUIET_S
        self.total += 1
        changed, name = mutator.change(message.type, raw)
        self.names[name] += 1
        return changed + held


def check(tenants, command, outcome, is_followed):
    if "Sanitizer" in outcome.text or outcome.code < 0:
        raise Crashed("%s%s" % (outcome.code, outcome.tail()))
    must_end_well(outcome)
    tenants.wait_alone()
    tenants.check("afterwards")
    if not is_followed:
        return
    again = tenants.run(None, tenants.database.server.port, *command.args)
    if command.wanted is None:
        tenants.check("after another run")
    else:
        again.must(0, "another run")
        tenants.check_all("after another run", command.wanted)


def lie(trials, tenants, proxy, program, shim):
    liar = Liar(proxy, trials.options.seed)
    proxy.change = liar.change
    with open(os.path.join(tenants.folder, "suppressions"), "w") as file:
        file.write(SUPPRESSED)
    variables = {**shim.variables(0), "ASAN_OPTIONS": OPTIONS,
                 "LSAN_OPTIONS": "print_suppressions=0:suppressions=suppressions",
                 "UBSAN_OPTIONS": "halt_on_error=1:print_stacktrace=1:exitcode=23"}
    rows = [injected.Row(" ".join(command.args)) for command in COMMANDS]
    wanted, limit_s = (LONG, LONG_LIMIT_S) if trials.options.long else (SHORT, LIMIT_S)
    messages = {}
    end = time.monotonic() + limit_s
    for number in range(10 ** 6):
        if liar.total >= wanted or time.monotonic() > end:
            break
        command, row = COMMANDS[number % len(COMMANDS)], rows[number % len(COMMANDS)]
        tenants.make(command.last, command.sql)
        if command.args not in messages:
            liar.begin(None)
            tenants.run(None, proxy.port, *command.args).must(0, row.what)
            messages[command.args] = max(liar.counts.values())
            tenants.make(command.last, command.sql)
        liar.begin(messages[command.args])
        before = liar.total
        row.check("process %d" % number, lambda: tenants.run(
            program, proxy.port, *command.args, env=variables, limit_s=LIMIT_S), lambda outcome:
                  check(tenants, command, outcome, number // len(COMMANDS) % AGAIN == 0))
        row.numbers["answers"] = row.numbers.get("answers", 0) + liar.total - before
    for row in rows:
        row.numbers["processes"], row.numbers["tried"] = \
            row.numbers["tried"], row.numbers.pop("answers", 0)
        trials.add(row, ASAN_NOTE if program else "")
    print("%d answers changed: %s" % (liar.total, ", ".join(
        "%d %s" % (number, name) for name, number in liar.names.most_common())))


def sanitized():
    """The program of the long form."""
    if not os.access(ASAN, os.X_OK):
        raise Failure("there is no build/asan/cflyway: `.ci/sanitize programs` makes it")
    with open(ASAN, "rb") as file:
        if ASAN_MARK not in file.read():
            raise Failure("build/asan/cflyway is without AddressSanitizer: `rm -r build/asan`, "
                          "then `.ci/sanitize programs`")
    return [ASAN]


def play(trials):
    program = sanitized() if trials.options.long else None
    shim = Shim("pauses", trials.bench.scratch)
    with trials.bench.database("mutated") as database, \
            Session(database.server.host, database.server.port, database.server.user,
                    database.name) as session:
        tenants = Tenants(trials.bench, database, session,
                          SCHEMAS if trials.options.long else SHORT_SCHEMAS)
        with Proxy(database.server.host, database.server.port) as proxy:
            proxy.start()
            lie(trials, tenants, proxy, program, shim)


if __name__ == "__main__":
    sys.exit(injected.main(__doc__, "mutated_answers", "Changed answers of a server", play,
                           needs_server=True))
