#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Each promise of SECURITY.md names a test that is there."""
import os
import re
import sys
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(HERE)
LINK = re.compile(r"\]\(([^)#]*)")


def promises():
    """The rows of the table: the promise, and the paths beside it."""
    with open(os.path.join(ROOT, "SECURITY.md"), encoding="utf-8") as file:
        text = file.read()
    for line in text.split("\n"):
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if line.startswith("|") and len(cells) == 2 and cells[0] not in ("Promise", "---"):
            yield cells[0], LINK.findall(cells[1])


class Promises(unittest.TestCase):
    def test_each_has_a_test(self):
        rows = dict(promises())
        self.assertGreater(len(rows), 5)
        for promise, paths in rows.items():
            self.assertTrue(paths, promise)
            for path in paths:
                self.assertTrue(os.path.exists(os.path.join(ROOT, path)), path)


def main():
    result = unittest.TextTestRunner(stream=sys.stderr).run(
        unittest.defaultTestLoader.loadTestsFromModule(sys.modules[__name__]))
    wrong = len(result.failures) + len(result.errors)
    print("%d passed, %d failed, 0 skipped" % (result.testsRun - wrong, wrong))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
