#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Does cflyway still answer as doc/comparison.md says, and do the pages show what was recorded?

`make comparison` asks the other tools, too. CFLYWAY names the program.
"""
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
sys.dont_write_bytecode = True

from comparison import pages  # noqa: E402
from comparison.probes import ask  # noqa: E402
from comparison.tools import all_tools  # noqa: E402
from lib import server as pg  # noqa: E402


def main():
    made, cflyway = pages.recorded(), all_tools()[0]
    with pg.open_server() as server:
        found = ask(cflyway, server)
    wanted = made["tools"][cflyway.name]["cells"]
    wrong = [title for title in wanted if wanted[title] != found.get(title)]
    for title in wrong:
        print("FAIL %s: %s, not as recorded: %s" % (title, found.get(title), wanted[title]))
    old = pages.outdated(made)
    for path in old:
        print("FAIL %s does not show what was recorded: make comparison" % path)
    faults = len(wrong) + len(old)
    print("%d passed, %d failed" % (len(wanted) + len(pages.PAGES) - faults, faults))
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
