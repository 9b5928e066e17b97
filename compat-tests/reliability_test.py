#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""doc/reliability.md is what the figures in torture/figures give, and these are without fault."""
import os
import sys
import unittest
import unittest.mock

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
sys.dont_write_bytecode = True

from lib import figures  # noqa: E402
from lib.faults.harness import Outcome  # noqa: E402
from lib.injected import trials  # noqa: E402

MADE = {"title": "Cut connections", "measured": "2026-01-02", "text": ["How."],
        "rows": [{"what": "plain | simple", "tried": 7, "lost": 0},
                 {"what": "own COMMIT", "tried": 5, "untrue": 0, "cpu_s": 1.25, "note": "a sample"}]}


class Document(unittest.TestCase):
    def test_is_what_the_figures_give(self):
        with open(figures.DOCUMENT, encoding="utf-8") as file:
            self.assertEqual(file.read(), figures.current(),
                             "compat-tests/torture/run --report renews it")

    def test_shows_every_row_and_number(self):
        text = figures.document("{cuts} and {other}", {"cuts": MADE})
        for line in ("[Cut connections](#cut-connections) and not measured yet",
                     "| [Cut connections](#cut-connections) | 12 | 0 |  | 0 |  | 2026-01-02 |",
                     "## Cut connections", "How.",
                     "| What | Tried | Lost | Untrue | Cpu s | Remark |",
                     "| plain \\| simple | 7 | 0 |  |  |  |",
                     "| own COMMIT | 5 |  | 0 | 1.2 | a sample |"):
            self.assertIn(line, text.split("\n"))


    def test_says_when_and_how_rows_were_measured(self):
        rows = [dict(row, possible=9) for row in MADE["rows"]]
        rows += [dict(rows[0], what="kept", measured="until 2026-01-01", by="a_test.py --x; b --y")]
        text = figures.document("", {"cuts": dict(MADE, rows=rows)})
        for line in ("| [Cut connections](#cut-connections) | 19 | 0 |  | 0 |  | until 2026-01-02 |",
                     "`make torture PARTS=cuts`, measured until 2026-01-02.",
                     "`a_test.py --x` and `b --y`: kept.",
                     "| What | Tried | Possible | Lost | Untrue | Cpu s | Remark | Measured |",
                     "| plain \\| simple | 7 | 9 | 0 |  |  |  | 2026-01-02 |",
                     "| kept | 7 | 9 | 0 |  |  |  | until 2026-01-01 |"):
            self.assertIn(line, text.split("\n"))


class Command(unittest.TestCase):
    def test_is_that_of_the_run(self):
        program = os.path.join(figures.TORTURE, "cuts_test.py")
        for args, wanted in (
                (["--long"], None), (["--long", "--seed", "7"], None),
                (["--long", "--logs", "/tmp/a"],
                 "compat-tests/torture/cuts_test.py --long --logs FOLDER"),
                (["--seed=7", "--long", "-k", "a b"],
                 "compat-tests/torture/cuts_test.py --long -k 'a b'")):
            with unittest.mock.patch.object(sys, "argv", [program, *args]):
                self.assertEqual(figures.own_command("cuts"), wanted)


class Sums(unittest.TestCase):
    def test_are_of_rows_with_the_same_name(self):
        kept = [{"what": "a", "tried": 1, "lost": 0}, {"what": "b", "tried": 2, "note": "old"}]
        rows = [{"what": "b", "tried": 3, "hung": 1, "note": "new"}, {"what": "c", "tried": 4}]
        self.assertEqual(figures.sums(kept, rows), [
            {"what": "a", "tried": 1, "lost": 0}, {"what": "b", "tried": 5, "note": "new", "hung": 1},
            {"what": "c", "tried": 4}])

    def test_say_when_and_by_which_commands(self):
        kept = [{"what": "a", "tried": 1, "possible": 5, "measured": "until 2026-01-01", "by": "x"}]
        rows = [{"what": "a", "tried": 2, "possible": 6, "measured": "2026-01-02", "by": "y"}]
        wanted = [{"what": "a", "tried": 3, "possible": 6, "measured": "until 2026-01-02",
                   "by": "x; y"}]
        self.assertEqual(figures.sums(kept, rows), wanted)
        self.assertEqual(figures.sums(wanted, [dict(rows[0], tried=0)]), wanted)


class Killed(unittest.TestCase):
    def test_counts_only_what_was_killed(self):
        row, seen = trials.Kills("x"), []
        for code in (0, -9, -9):
            row.check("a try", lambda: Outcome(code, "", "", 0), seen.append)
        self.assertEqual([outcome.code for outcome in seen], [0, -9, -9])
        self.assertEqual({name: row.numbers[name] for name in ("tried", "done", "ended_before")},
                         {"tried": 2, "done": 0, "ended_before": 1})


class Kept(unittest.TestCase):
    def test_belongs_to_a_program(self):
        with open(os.path.join(os.path.dirname(figures.TESTS), "Makefile"), encoding="utf-8") as file:
            makefile = file.read()
        for part, made in figures.parts().items():
            program = os.path.join(figures.TORTURE, part + "_test.py")
            commands = [row["by"] for row in made["rows"] if "by" in row]
            for by in "; ".join([figures.command(part, made), *commands]).split("; "):
                command, target = by.split()[:2]
                if command != "make":
                    self.assertTrue(os.path.exists(os.path.join(os.path.dirname(figures.TESTS),
                                                                command)), part)
                    continue
                self.assertIn("\n%s:" % target, makefile)
                self.assertTrue(target != "torture" or os.path.exists(program), part)

    def test_is_without_fault(self):
        for part, made in figures.parts().items():
            for row in made["rows"]:
                for fault in figures.FAULTS:
                    self.assertEqual(row.get(fault, 0), 0, "%s: %s" % (part, row["what"]))

    def test_must_have_the_right_form(self):
        figures.check("x", MADE)
        for bad in (dict(MADE, rows=[]), dict(MADE, more=1), dict(MADE, title=""),
                    dict(MADE, rows=[{"tried": 1}]), dict(MADE, rows=[{"what": "x", "lost": "0"}]),
                    dict(MADE, rows=[{"what": "x", "lost": True}]), dict(MADE, text=[""]),
                    dict(MADE, rows=[{"what": "x", "tried": 0}]),
                    dict(MADE, rows=[{"what": "x", "measured": 7}])):
            with self.assertRaises(figures.FiguresError):
                figures.check("x", bad)


if __name__ == "__main__":
    program = unittest.main(exit=False, verbosity=0)
    bad = len(program.result.failures) + len(program.result.errors)
    print("%d passed, %d failed" % (program.result.testsRun - bad, bad))
    sys.exit(1 if bad else 0)
