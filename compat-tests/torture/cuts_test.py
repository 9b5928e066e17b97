#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Breaks connections, cflyway or the server after each message of a run, and sees what is true.

A proxy counts the messages of both sides; after the k-th one it does one of lib/cuts/ways.py, while
cflyway works on one of the projects of lib/cuts/kinds.py.  Then

- each script has taken effect once or not at all, and its history row says which;
- each sentence of the run fits the database (lib/cuts/claims.py);
- a second run brings the database to where an undisturbed one ends.

Without --long, a few messages that --seed chooses; with it every message, in one way or some; with
--all-ways every message in every way, or what --minutes let it try: first each message in one of
the ways, which take turns, then the rest in an order by chance.

    cuts_test.py --long --all-ways --minutes 40
    tools/with-postgres 18 compat-tests/torture/cuts_test.py --long --all-ways --version-row

CFLYWAY names the program under test (default: build/cflyway of this checkout).
"""
import argparse
import collections
import concurrent.futures
import math
import os
import random
import re
import shlex
import shutil
import signal
import sys
import tempfile
import threading
import time

HERE = os.path.dirname(os.path.abspath(__file__))
TESTS = os.path.dirname(HERE)
sys.path.insert(0, TESTS)
sys.dont_write_bytecode = True

from lib import figures, server as pg  # noqa: E402
from lib.cuts import claims, kinds, ways  # noqa: E402
from lib.cuts.world import World, faults  # noqa: E402
from lib.faults.harness import Bench, Failure  # noqa: E402
from lib.proxy import Proxy  # noqa: E402
from lib.session import SqlError  # noqa: E402

SETTINGS = ("autovacuum=off",)          # its sessions come and go
# A crash of the server must not take what it has called committed.
CRASH_SETTINGS = (*SETTINGS, "synchronous_commit=on")
SHORT, CRASHES = 2, 8                   # of each kind: messages of the short form; crashes
SHOWN = 5                               # failures of one kind that are printed
JOBS = 4                                # much of the time is spent waiting
TEXT = (
    "A proxy counts the messages between cflyway and the server, and after one of them it ends the "
    "connection (FIN or RST), passes nothing on from one of the sides and then ends it, ends it "
    "and refuses all further ones, kills cflyway, or has the server end the session. *Possible* "
    "are all messages times these seven ways, *tried* those that the time of the run allowed, chosen by "
    "chance: not each message was broken in each way. With `--all-ways` each message is first "
    "broken once, the ways in turn, and what follows is by chance; rows without *messages broken* are "
    "older, and by chance from the first. `make torture PARTS=cuts` breaks each message in one of "
    "the ways, in turn. The messages with which every run begins are broken in one row only. "
    "*Unknown* are the runs that say that the outcome could not be found out.",
    "After each: every script took effect once or not at all, as its history row says; each "
    "sentence of the run is compared with the database by a table of all sentences, and one that "
    "the table does not know is a failure; a second run does the rest. In the rows about crashes, "
    "the server's process is killed, and the server recovers.",
)


# What is said of a kind without a failure.
OK = "ok %s (%d breaks of %d, %d of them with an unknown outcome, at %d of %d messages; %.1f s)"
OK_LINE = re.compile(r"ok (.*) \((\d+) breaks of (\d+), (\d+) of them with an unknown outcome, "
                     r"at (\d+) of (\d+) messages; [\d.]+ s\)")
OK_NUMBERS = ("tried", "possible", "unknown", "messages_broken", "messages")
CRASH_PREFIX = "server crashed: "
ADDED = "all kinds on PostgreSQL "       # begins the rows of --version-row


class Count(collections.Counter):
    """OK_NUMBERS, lost, twice, untrue; and what failed."""

    def __init__(self, name):
        super().__init__()
        self.name, self.failures = name, []

    def add(self, fault, what):
        self[fault] += 1
        self.failures.append("%s: %s: %s" % (self.name, fault, what))

    def row(self, found):
        sizes = {name: self[name] for name in ("possible", "messages", "messages_broken")
                 if self[name]}
        found.add(self.name, tried=self["tried"], **sizes,
                  **{fault: self[fault] for fault in ("lost", "twice", "untrue")},
                  unknown=self["unknown"])


def run(world, prepare):
    """The command of the kind through a proxy; prepare(proxy, process) sets hooks."""
    with Proxy(world.server.host, world.server.port) as proxy:
        process = world.bench.start(world.folder, world.url(proxy.port), *world.kind.args,
                                    *world.kind.command)
        prepare(proxy, process)
        proxy.start()
        return world.bench.finish(process)


def undisturbed(world):
    """The messages of a run and the state that it leaves."""
    heard = []

    def listen(proxy, _process):
        proxy.after = heard.append

    world.reset()
    before = world.state()
    outcome = run(world, listen).must(0, world.kind.name)
    state = world.state()
    wrong = [text for _, text in faults(world.kind, before, state, 1)]
    wrong += claims.untrue(claims.Said(world.kind, outcome, before, state))
    if wrong:
        raise Failure("undisturbed: " + "; ".join(wrong) + outcome.tail())
    return heard, state


def attempt(world, message, way, wanted, count):
    """One break and what follows; wanted is the state of an undisturbed run."""
    kind = world.kind

    def hook(proxy, process):
        broken = ways.Break(way, message.number, world, proxy, process)
        proxy.before, proxy.after = broken.before, broken.after

    world.reset()
    before = world.state()
    outcome = run(world, hook)
    after = world.state()
    what = "%s after message %s\n    %s" % (way, message, after.short())
    said = claims.Said(kind, outcome, before, after)
    count["tried"] += 1
    for fault, text in faults(kind, before, after, 1):
        count.add(fault, "%s; %s%s" % (text, what, outcome.tail()))
    wrong = [] if way == "kill" else list(claims.untrue(said))
    for text in wrong:
        count.add("untrue", "%s; %s%s" % (text, what, outcome.tail()))
    count["unknown"] += said.is_unknown
    if way == "kill" or said.tells_rest:
        world.take_back(after)
    second = world.run(*kind.command)
    final = world.state()
    for fault, text in faults(kind, before, final, 2):
        count.add(fault, "after the second run: %s; %s%s" % (text, what, second.tail()))
    if second.code != 0 or not same(kind, final, wanted):
        count.add("lost", "the second run (exit %s) ends with %s; %s%s" % (
            second.code, final.short(), what, second.tail()))


def same(kind, state, wanted):
    """Callbacks may have run once more; what they do is counted elsewhere."""
    def units(one):
        return {unit: n for unit, n in one.units.items() if not unit.startswith("~")}

    return units(state) == units(wanted) and (kind.rows_vary or (
        state.rows == wanted.rows and state.objects == wanted.objects))


# --- which messages and ways ----------------------------------------------------------------------

def ends_something(message):
    """A message at which the client lets the server work or the server says that it has."""
    return message.type in ("QSc" if message.front else "CZ")


def own_part(kind, messages):
    """Without what the runs of other kinds begin with as well: to connect, to make the table."""
    if not kind.begins_alike:
        return messages
    texts = [message.text() for message in messages]
    first = next(at for at, text in enumerate(texts) if "advisory" in text)
    if "COMMIT" in texts and kind.command == ("migrate",) and not kind.setup:
        first = texts.index("COMMIT")
    return messages[first:]


def plan(kind, messages, options, number):
    """(message, way) of the trials of a kind."""
    chance = random.Random(options.seed * 100 + number)
    if options.all_ways:
        own = list(own_part(kind, messages))
        chance.shuffle(own)
        first = [(message, ways.WAYS[at % len(ways.WAYS)]) for at, message in enumerate(own)]
        rest = sorted({(message, way) for message in own for way in ways.WAYS} - set(first))
        chance.shuffle(rest)
        return first + rest
    if not options.long:
        late = [message for message in messages[len(messages) // 3:] if ends_something(message)]
        return [(chance.choice(late if at % 2 else messages), chance.choice(ways.WAYS))
                for at in range(SHORT)]
    trials = []
    for message in own_part(kind, messages):
        turn = message.number + number + options.seed
        trials.append((message, ways.WAYS[turn % len(ways.WAYS)]))
        if options.more and ends_something(message):
            others = {ways.WAYS[(turn + 3) % len(ways.WAYS)], "mute", "refuse"}
            trials += [(message, way) for way in sorted(others - {trials[-1][1]})]
    return trials


def crash_plan(_kind, messages, options, number):
    chance = random.Random(options.seed * 100 + number)
    late = [message for message in messages[len(messages) // 4:] if ends_something(message)]
    return [(message, ways.CRASH) for message in chance.sample(late, CRASHES)]


class Clock:
    """Shares the time that --minutes allows among the kinds that have not begun yet."""

    def __init__(self, options, jobs, kinds_left):
        self.end = time.monotonic() + options.minutes * 60 if options.minutes else None
        self.jobs, self.kinds_left = jobs, kinds_left
        self.lock = threading.Lock()

    def share(self):
        """When the kind that begins now has to end."""
        if self.end is None:
            return math.inf
        with self.lock:
            now = time.monotonic()
            turns = max(1, self.kinds_left / self.jobs)
            self.kinds_left -= 1
        return now + (self.end - now) / turns


def play_kind(bench, kind, number, options, make_plan, name, end):
    world = World(bench, kind, "cuts_%d_%d" % (os.getpid(), number))
    count = Count(name or kind.name)
    try:
        messages, wanted = undisturbed(world)
        if make_plan is plan:
            count["messages"] = len(own_part(kind, messages))
            count["possible"] = count["messages"] * len(ways.WAYS)
        broken = set()
        for message, way in make_plan(kind, messages, options, number):
            if time.monotonic() > end:
                break
            attempt(world, message, way, wanted, count)
            broken.add(message.number)
        if make_plan is plan:
            count["messages_broken"] = len(broken)
    except (Failure, pg.ServerError, SqlError, OSError, AssertionError) as err:
        count.add("broken", "%s: %s" % (type(err).__name__, err))
    finally:
        world.close()
    return count


def report(count, elapsed_s):
    """In one piece, since several threads report."""
    lines = ["FAIL " + failure for failure in count.failures[:SHOWN]]
    if len(count.failures) > SHOWN:
        lines.append("FAIL %s: %d more" % (count.name, len(count.failures) - SHOWN))
    if not count.failures:
        lines.append(OK % (count.name, *(count[name] for name in OK_NUMBERS), elapsed_s))
    sys.stdout.write("\n".join(lines) + "\n")
    sys.stdout.flush()


def play(bench, chosen, options, make_plan, jobs, prefix=""):
    """The counts of the kinds, in their order."""
    clock = Clock(options, jobs, len(chosen))

    def one(pair):
        begun = time.monotonic()
        count = play_kind(bench, pair[1], pair[0], options, make_plan,
                          prefix and prefix + pair[1].name, clock.share())
        report(count, time.monotonic() - begun)
        return count

    pool = concurrent.futures.ThreadPoolExecutor(jobs)
    waiting = [pool.submit(one, pair) for pair in enumerate(chosen)]
    try:
        return [future.result() for future in waiting]
    except BaseException:
        for future in waiting:
            future.cancel()
        bench.end_all()
        raise
    finally:
        pool.shutdown()


def all_sentences_have_checks():
    sources = os.path.join(os.path.dirname(TESTS), "src")
    count = Count("sentences about the outcome of a COMMIT")
    count["tried"] = count["possible"] = len(list(claims.sentences(sources)))
    for text in claims.unchecked(sources):
        count.add("unchecked", text)
    if not count["tried"]:
        count.add("unchecked", "none was found")
    report(count, 0)
    return count


def plan_breaks_each_message():
    """With --all-ways: before any of them is broken twice, and in the end in each way."""
    Message = collections.namedtuple("Message", "number")
    messages = [Message(number) for number in range(20)]
    kind = argparse.Namespace(begins_alike=False)
    count = Count("plan of --all-ways")
    count["tried"] = 1
    trials = plan(kind, messages, argparse.Namespace(all_ways=True, seed=1), 0)
    first = trials[:len(messages)]
    if {message for message, _ in first} != set(messages) or \
            {way for _, way in first} != set(ways.WAYS):
        count.add("unplanned", "not each message once, and each way: %s" % first)
    if len(trials) != len(messages) * len(ways.WAYS) or len(set(trials)) != len(trials):
        count.add("unplanned", "not each way of each message")
    report(count, 0)
    return count


def program():
    default = os.path.join(os.path.dirname(TESTS), "build", "cflyway")
    command = shlex.split(os.environ.get("CFLYWAY") or default)
    if "/" in command[0]:
        command[0] = os.path.abspath(command[0])
    return command


def arguments():
    parser = figures.parser(__doc__)
    parser.add_argument("-k", metavar="TEXT", default="", help="only kinds whose name contains it; "
                        "keeps no figures")
    parser.add_argument("--logs", nargs="+", metavar="FILE", help="keep the figures that long runs "
                        "of single kinds have printed, and do nothing else")
    parser.add_argument("--more", action="store_true", help="up to four ways where one side has "
                        "finished what it says")
    parser.add_argument("--all-ways", action="store_true", help="every way at every message")
    parser.add_argument("--minutes", type=float, metavar="N", help="end after about so long")
    parser.add_argument("--version-row", action="store_true", help="keep the figures in a row "
                        "named after the version of the server; breaks no server")
    parser.add_argument("-j", type=int, default=JOBS, metavar="N", help="kinds at a time")
    return parser.parse_args()


def counts_of(logs):
    """What long runs have said, kind by kind; the last one counts."""
    found = {}
    for path in logs:
        with open(path, encoding="utf-8") as file:
            for name, *numbers in map(re.Match.groups, filter(None, map(
                    OK_LINE.fullmatch, file.read().splitlines()))):
                found[name] = Count(name)
                found[name].update(dict(zip(OK_NUMBERS, map(int, numbers))))
    wanted = [kind.name for kind in kinds.all_kinds()] + [CRASH_PREFIX + kind.name for kind
              in kinds.all_kinds() if kind.name in CRASHED]
    missing = [name for name in wanted if name not in found]
    if missing:
        sys.exit("no success is told of: " + "; ".join(missing))
    return [found[name] for name in wanted]


def keep(counts, by=None):
    """Replaces all rows but those of --version-row."""
    found = figures.Figures("cuts", "Cut connections", TEXT, by=by)
    for count in counts:
        count.row(found)
    found.rows += [row for row in found.kept() if row["what"].startswith(ADDED)]
    found.write()


def keep_version(counts, major):
    """Replaces the row of this version."""
    total = Count(ADDED + str(major))
    for count in counts:
        total.update(count)
    beside = "tools/with-postgres %d " % major if os.environ.get("PGBIN") else ""
    found = figures.Figures("cuts", "Cut connections", TEXT,
                            by=beside + figures.own_command("cuts"))
    total.row(found)
    found.keep_others()
    found.write()


def interrupted(_signal, _frame):
    sys.exit(1)


CRASHED = ("transactional", "transactional, durability=run", "own COMMIT", "undo, delete",
           "executeInTransaction=false")


def main():
    options = arguments()
    if options.logs:
        keep(counts_of(options.logs), figures.own_command("cuts").replace(
            " ".join(["--logs"] + ["FOLDER"] * len(options.logs)), "--long"))
        return 0
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, interrupted)
    chosen = [kind for kind in kinds.all_kinds() if options.k in kind.name]
    scratch = os.path.realpath(tempfile.mkdtemp(prefix="cuts.", dir=pg.folder()))
    print("seed %d" % options.seed, flush=True)
    try:
        with pg.temporary_server(SETTINGS) as server:
            counts = play(Bench(program(), server, os.path.join(scratch, "cuts"), options), chosen,
                          options, plan, options.j)
            major = server.major
        if options.long and not options.version_row:
            with pg.temporary_server(CRASH_SETTINGS) as server:
                counts += play(Bench(program(), server, os.path.join(scratch, "crash"), options),
                               [kind for kind in chosen if kind.name in CRASHED], options,
                               crash_plan, 1, CRASH_PREFIX)
    except pg.ServerError as err:
        sys.exit(str(err))
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    rules = [all_sentences_have_checks(), plan_breaks_each_message()]
    failed = sum(bool(count.failures) for count in counts + rules)
    if options.long and not options.k and not failed:
        if options.version_row:
            keep_version(counts, major)
        else:
            keep(counts)
    print("%d passed, %d failed" % (len(counts + rules) - failed, failed))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
