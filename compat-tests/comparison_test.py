#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Does cflyway still answer as doc/comparison.md says, and do the pages show what was recorded?

`make comparison` asks the other tools, too. CFLYWAY names the program.
"""
import os
import re
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
sys.dont_write_bytecode = True

from comparison import pages  # noqa: E402
from comparison.probes import ask  # noqa: E402
from comparison.tools import all_tools  # noqa: E402
from lib import server as pg  # noqa: E402

# What every system or compiler brings, and the libraries of sanitizers.
EVERYWHERE = re.compile(r"(ld-linux.*|lib(c|m|dl|rt|pthread|gcc_s|stdc\+\+|[alut]+b?san))\.so")


def libraries(program):
    """None, or what the row about the machine does not say of the libraries of the program."""
    said = dict(pages.FACTS)["What the machine must have"][0]
    dynamic = subprocess.run(["readelf", "-dW", program], check=True, stdout=subprocess.PIPE,
                             universal_newlines=True, env=dict(os.environ, LC_ALL="C")).stdout
    linked = {name.split(".so")[0] for name in re.findall(r"\(NEEDED\).*\[(.*)\]", dynamic)
              if not EVERYWHERE.match(name)}
    with open(program, "rb") as file:
        opened = pages.OPENED.encode() + b".so" in file.read()
    begun = " and ".join(pages.LINKED[name] for name in sorted(linked & set(pages.LINKED)))
    if linked == set(pages.LINKED) and opened and said.startswith("%s; %s for" % (
            begun, pages.OPENED)):
        return None
    return "linked: %s, %s opened: %s, said: %s" % (sorted(linked), pages.OPENED, opened, said)


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
    unsaid = libraries(cflyway.command[0])
    if unsaid:
        print("FAIL what the machine must have: " + unsaid)
    faults = len(wrong) + len(old) + (unsaid is not None)
    print("%d passed, %d failed" % (len(wanted) + len(pages.PAGES) + 1 - faults, faults))
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
