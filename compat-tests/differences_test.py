#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Keeps doc/differences.md honest: what stands there is recorded, and is a difference indeed.

Each section ends with the names of its cases; the differs.json of these cases name the section, and
no others do.  For every run that differs.json lists there is a result of real Flyway and one of
cflyway, on every version of PostgreSQL that has results of its own, and the two differ.  That each
program still shows what is recorded is what `run` and `live` check.
"""
import os
import re
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
sys.dont_write_bytecode = True

from lib import cases  # noqa: E402

NAMED = re.compile(r"Cases?: ((?:`[a-z0-9-]+`(?:, )?)+)\.")


def sections():
    """Heading -> lines below it."""
    found = {}
    with open(cases.DIFFERENCES, encoding="utf-8") as file:
        for line in file.read().split("\n"):
            if line.startswith("## "):
                lines = found.setdefault(line[3:].strip(), [])
            elif found and line:
                lines.append(line)
    return found


def named_cases(lines):
    """The cases that a section names in its last line."""
    match = NAMED.fullmatch(lines[-1]) if lines else None
    return sorted(re.findall(r"`(.*?)`", match.group(1))) if match else []


def section_faults(heading, lines, recorded):
    named = named_cases(lines)
    there = sorted(case.name for case in recorded if case.differs["section"] == heading)
    if not named:
        yield "it has no last line 'Cases: `NAME`, `NAME`.'"
    for name in sorted(set(named) - set(there)):
        yield "it names %s, which has no differs.json about it" % name
    for name in sorted(set(there) - set(named)):
        yield "it does not name %s, which is about it" % name


def case_faults(case):
    try:
        case.check_differs()
        case.check_versions()
    except cases.CaseError as err:
        yield str(err)
        return
    for major in case.recorded_majors():
        flyway, cflyway = case.expected(major), case.overlay(major)
        for number in case.differs["runs"]:
            if number not in flyway or number not in cflyway:
                yield "run %s is not recorded" % number
            elif not case.still_differs(flyway[number], cflyway[number]):
                yield "run %s differs no more on PostgreSQL %d" % (number, major)


def main():
    recorded = [case for case in cases.all_cases() if case.differs is not None]
    checked = [("section '%s'" % heading, list(section_faults(heading, lines, recorded)))
               for heading, lines in sections().items()]
    checked += [("case " + case.name, list(case_faults(case))) for case in recorded]
    for what, faults in checked:
        for fault in faults:
            print("FAIL %s: %s" % (what, fault))
    failed = sum(1 for _, faults in checked if faults)
    print("%d passed, %d failed" % (len(checked) - failed, failed))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
