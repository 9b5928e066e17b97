#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Replays the recorded cases that have a failed run, and compares what its closing notes claim
with the history and the catalogue before and after it.

Without --long every 25th of these cases, beginning with one that --seed chooses; with it all.

CFLYWAY names the program under test (default: build/cflyway of this checkout).
"""
import collections
import concurrent.futures
import os
import random
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.dirname(HERE))
sys.dont_write_bytecode = True

from lib import case_player, cases, claimed, figures, runner  # noqa: E402

EVERY = 25
VERBS = {"migrate", "undo", "repair", "baseline", "clean", "validate"}
ALIASES = {"up": "migrate", "down": "undo", "fresh": "migrate"}
TEXT = (
    "Each failed run of the recorded cases (migrate, undo, repair, baseline, clean, validate; both "
    "databases) is played once more. What its closing notes claim (kept, rolled back, undone, a "
    "failed row, statements that stay, an invalid index, nothing) is read from their words and "
    "compared with the rows of the history, the objects and the contents of all tables before and after it. "
    "A run that claims nothing, because of its arguments or settings, must have changed nothing. Of runs on "
    "several targets, the notes are compared with the database of the one that has failed; if "
    "several have, what they claim to be there is looked for in all databases.",
)


class Recorder:
    """Keeps what a program has printed last."""

    def __init__(self):
        self.programs, self.last = case_player.Programs(), None

    def run(self, *args, **options):
        self.last = self.programs.run(*args, **options)
        return self.last


class Watched(case_player.Player):
    """Plays a case and looks at its databases around each run."""

    def __init__(self, case, server, scratch):
        super().__init__(case, [runner.cflyway()], server, scratch, Recorder())
        self.runs = []

    def look(self):
        """None while it cannot be read."""
        try:
            if self.postgresql():
                return claimed.of_postgresql(
                    self.server, [self.database] + [self.second] * self.has_second)
            return claimed.of_sqlite(self.folder)
        except claimed.UNREADABLE:
            return None

    def step_run(self, step):
        verbs = {ALIASES.get(arg, arg) for arg in step["args"]} & VERBS
        before = self.look() if verbs else None
        super().step_run(step)
        if not verbs:
            return
        code, out, err = self.programs.last
        text = (out + b"\n" + err).decode("utf-8", "replace").replace("\r\n", "\n")
        self.runs.append((verbs, claimed.Run(
            step["args"], os.path.join(self.folder, step.get("cwd", "")), code, text, before,
            self.look(), "undo" in verbs)))
        self.check(verbs, self.runs[-1][1])

    def check(self, verbs, run):
        """While the files are there."""
        raise NotImplementedError


class Count(collections.Counter):
    """tried: failed runs; claims; untrue; and what was wrong."""

    def __init__(self):
        super().__init__()
        self.failures = []


def has_failed_run(case):
    texts = case.expected()
    texts.update(case.overlay())
    return any("\nexit 1\n" in text for text in texts.values())


def play(case, server, scratch):
    count = Count()

    class Checked(Watched):
        def check(self, verbs, run):
            if run.code == 0 or not run.has_failed():
                return
            if run.before is None or run.after is None:
                count["left out"] += 1
                return
            count["tried"] += 1
            count["claims"] += len(run.notes())
            count["silent"] += not run.notes()
            for wrong in claimed.untrue(run):
                count["untrue"] += 1
                count.failures.append("%s: flyway %s: %s\n%s" % (
                    case.name, " ".join(run.args), wrong, run.text[-1200:]))

    try:
        Checked(case, server, scratch).play()
    except cases.CaseError as err:
        count["untrue"] += 1
        count.failures.append("%s: %s" % (case.name, err))
    return case, count


def main():
    parser = figures.parser(__doc__)
    parser.add_argument("-k", action="append", default=[], help="only these cases; all of them")
    options = parser.parse_args()
    chosen = [case for case in runner.chosen_cases(options.k) if has_failed_run(case)]
    if not options.long and not options.k:
        chosen = chosen[random.Random(options.seed).randrange(EVERY)::EVERY]
    totals = collections.defaultdict(Count)
    with runner.prepared(chosen) as (server, scratch), \
            concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        chosen = [case for case in chosen if not runner.missing(case, server)]
        for case, count in pool.map(lambda case: play(case, server, scratch), chosen):
            for failure in count.failures:
                print("FAIL " + failure)
            name = "sqlite" if case.database == "none" else case.database   # files of its own
            totals[name].update(count)
    found = figures.Figures("claims", "Closing notes of failed runs", TEXT)
    for database, count in sorted(totals.items()):
        print("%s: %d failed runs, %d claims, %d untrue, %d runs without a claim, %d left out" % (
            database, count["tried"], count["claims"], count["untrue"], count["silent"],
            count["left out"]))
        found.add("failed runs, " + database, tried=count["tried"], claims=count["claims"],
                  untrue=count["untrue"])
    failed = sum(count["untrue"] for count in totals.values())
    tried = sum(count["tried"] for count in totals.values())
    if options.long and not failed:
        found.write()
    print("%d passed, %d failed" % (tried - min(tried, failed), failed))
    return 1 if failed or not tried else 0


if __name__ == "__main__":
    sys.exit(main())
