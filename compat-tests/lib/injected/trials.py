# SPDX-License-Identifier: Apache-2.0
"""Counts tries and what went wrong in them, for the programs in torture/."""
import os
import shlex
import shutil
import sys
import tempfile
import time

from .. import figures
from .. import server as pg
from ..faults.harness import Bench, Failure, Skip
from .stage import Crashed, Lost, Untrue, is_ended_by_libc

SHOWN = 5                       # faults of a row that are printed
NAMES = ((Crashed, "crashed"), (Lost, "lost"), (Untrue, "untrue"), (Failure, "wrong"))


class Row:
    """What was tried of one thing. done: exit status 0; refused: an error with a message."""

    def __init__(self, what):
        self.what, self.begun, self.faults = what, time.monotonic(), 0
        self.numbers = dict(tried=0, done=0, refused=0, **{name: 0 for _, name in NAMES})

    def check(self, what, run, checks, is_known=lambda: False):
        """A try: run() gives its outcome, checks(outcome) raises a Failure if something is wrong.
        is_known() tells whether a program that hangs does so for the fault of a library."""
        self.numbers["tried"] += 1
        try:
            outcome = run()
        except Failure as err:
            if is_known():
                self.numbers["hung in libpq"] = self.numbers.get("hung in libpq", 0) + 1
            else:
                self.note(what, err)
            return
        try:
            if outcome.code in (0, 1):
                self.numbers["refused" if outcome.code else "done"] += 1
            elif is_ended_by_libc(outcome):
                self.numbers["ended by the C library"] = \
                    self.numbers.get("ended by the C library", 0) + 1
            checks(outcome)
        except Failure as err:
            self.note(what, err)

    def note(self, what, err):
        self.faults += 1
        self.numbers[next(name for kind, name in NAMES if isinstance(err, kind))] += 1
        if self.faults <= SHOWN:
            print("FAIL %s, %s: %s: %s" % (self.what, what, type(err).__name__, err), flush=True)

    def close(self):
        """Prints it and returns it as a row of figures."""
        shown = {name: number for name, number in self.numbers.items() if number or
                 name in ("tried", "crashed", "lost", "untrue")}
        print("%s %s: %s (%.1f s)" % ("FAIL" if self.faults else "ok", self.what, ", ".join(
            "%d %s" % (number, name) for name, number in shown.items()),
            time.monotonic() - self.begun), flush=True)
        return shown


class Kills(Row):
    """Tries whose program is killed. One that had ended well before is checked, but is no try."""

    def check(self, what, run, checks, is_known=lambda: False):
        def count_and_check(outcome):
            if outcome.code == 0:
                for name, number in (("tried", -1), ("done", -1), ("ended_before", 1)):
                    self.numbers[name] = self.numbers.get(name, 0) + number
            checks(outcome)

        super().check(what, run, count_and_check, is_known)


class Trials:
    """The rows of a program, and what it needs: options, a Bench, a server if it wants one."""

    def __init__(self, options, bench, server, found):
        self.options, self.bench, self.server, self.found = options, bench, server, found
        self.faults = 0

    def wants(self, what):
        """Whether the row is to be measured."""
        return self.options.k in what

    def add(self, row, note=""):
        self.faults += row.faults
        self.found.add(row.what, note=note, **row.close())


def program():
    default = os.path.join(os.path.dirname(figures.TESTS), "build", "cflyway")
    command = shlex.split(os.environ.get("CFLYWAY") or default)
    if "/" in command[0]:
        command[0] = os.path.abspath(command[0])
    return command


def main(description, part, title, play, needs_server, settings=(), flags=()):
    """play(trials) does it all. needs_server: in the short form, too. settings: of the server.
    flags: (option, help) of the program's own."""
    parser = figures.parser(description)
    parser.add_argument("--add", action="store_true", help="with --long: add what was tried to the "
                        "figures that are there")
    parser.add_argument("-k", default="", metavar="TEXT", help="only rows whose name contains it, "
                        "where rows can be chosen; with --long the others stay as they are")
    for flag, text in flags:
        parser.add_argument(flag, action="store_true", help=text)
    options = parser.parse_args()
    # All but the summary and the variables.
    texts = [" ".join(text.split()) for text in description.split("\n\n")[1:]]
    found = figures.Figures(part, title, [text for text in texts
                                          if not text.startswith("CFLYWAY names")])
    scratch = os.path.realpath(tempfile.mkdtemp(prefix="injected.", dir=pg.folder()))
    print("seed %d" % options.seed, flush=True)
    try:
        os.chmod(scratch, 0o711)
        if needs_server or options.long:
            with pg.open_server(settings) as server:
                trials = Trials(options, Bench(program(), server, scratch, options), server, found)
                play(trials)
        else:
            trials = Trials(options, Bench(program(), None, scratch, options), None, found)
            play(trials)
    except Skip as err:
        print("skipped: %s" % err)
        return 0
    except (Failure, pg.ServerError) as err:
        sys.exit("FAIL %s" % err)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    if options.long:
        if options.add:
            found.add_kept()
        elif options.k:
            found.keep_others()
        found.write()
    return 1 if trials.faults else 0
