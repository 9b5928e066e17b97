# SPDX-License-Identifier: Apache-2.0
"""What a run of mutants is summed up to: a table per folder, and the survivors with a reason.

Reasons are written by hand in tests/mutants.txt, in blocks of four lines:

    src/core/lock.c
    before: if (lock->taken)
    after: if (!(lock->taken))
    reason: equivalent: a lock that was not taken has no name

A reason that begins with "equivalent:" takes the mutant out of the percentages.
"""
import collections
import os
import re

REASONS = os.path.join("tests", "mutants.txt")
TITLES = ("Folder", "Mutants", "Equivalent", "Unit tests", "Cases", "Survived", "Killed by units",
          "Killed by all")


class Reasons:
    """The reasons that people wrote."""

    def __init__(self, path):
        self.found = {}
        if not os.path.exists(path):
            return
        with open(path, encoding="utf-8") as file:
            text = "\n".join(line for line in file.read().split("\n") if not line.startswith("#"))
        for block in re.split(r"\n\s*\n", text.strip()):
            lines = [line.strip() for line in block.split("\n") if line.strip()]
            if not lines:
                continue
            fields = dict(line.split(": ", 1) for line in lines[1:])
            if set(fields) != {"before", "after", "reason"}:
                raise ValueError("%s: not a block of path, before, after, reason: %s" %
                                 (path, lines[0]))
            self.found[lines[0], fields["before"], fields["after"]] = fields["reason"]

    def of(self, result):
        return self.found.get((result["file"], result["before"], result["after"]), "")


def is_equivalent(result, reasons):
    return not result["killer"] and reasons.of(result).startswith("equivalent:")


def percent(part, whole):
    return "%d %%" % (100 * part // whole) if whole else "-"


def table(results, reasons, unit_only):
    """Rows of text, one per folder, the sum last."""
    folders = collections.defaultdict(list)
    for result in results:
        folders[os.path.dirname(result["file"])].append(result)
    rows = [row(folder, folders[folder], reasons, unit_only) for folder in sorted(folders)]
    if len(rows) > 1:
        rows.append(row("all", results, reasons, unit_only))
    return rows


def row(name, results, reasons, unit_only):
    equivalent = sum(is_equivalent(result, reasons) for result in results)
    unit = sum(result["killer"] in ("unit", "hang") and not result["late"] for result in results)
    cases = sum(bool(result["killer"]) for result in results) - unit
    counted = len(results) - equivalent
    return (name, str(len(results)), str(equivalent), str(unit), "-" if unit_only else str(cases),
            str(counted - unit - cases), percent(unit, counted),
            "-" if unit_only else percent(unit + cases, counted))


def aligned(rows):
    """For a terminal: the first column to the left, the others to the right."""
    rows = [TITLES, *rows]
    widths = [max(len(line[i]) for line in rows) for i in range(len(TITLES))]
    for line in rows:
        yield "  ".join([line[0].ljust(widths[0])] +
                        [cell.rjust(width) for cell, width in zip(line[1:], widths[1:])])


def code(text):
    mark = "``" if "`" in text else "`"
    return mark + text.replace("|", "\\|") + mark


INTRO = """\
# Mutants

Written by `tools/mutate --report`: small random changes of the sources, and what notices them. Each
is tried with the unit tests first, then, unless these are to stand alone, with the unit tests under
sanitizers, which count as a case, and with the recorded cases that fit the file. An equivalent
mutant changes nothing that a test could see; it does not count in the percentages. Reasons:
`%s`. The same seed and the same sources give the same mutants.
""" % REASONS


def samples(results):
    """The results of one command each, in order: (command, results)."""
    found = collections.defaultdict(list)
    for result in results:
        found[result["command"], result["unit_only"], result["seed"]].append(result)
    for (command, unit_only, _), some in found.items():
        yield command, unit_only, some


def markdown(results, reasons):
    """The lines of a document: a section for each command."""
    yield from INTRO.split("\n")[:-1]
    for command, unit_only, some in samples(results):
        named = all(result["named"] for result in some)
        yield ""
        yield "## %s, %s" % ("Lines chosen by hand" if named else "%d mutants of %s" % (
            len(some), " and ".join(sorted({result["sample"] for result in some}))),
            "unit tests alone" if unit_only else "unit tests and cases")
        yield ""
        yield "    " + command
        yield ""
        yield "| " + " | ".join(TITLES) + " |"
        yield "|---|" + "---:|" * (len(TITLES) - 1)
        for line in table(some, reasons, unit_only):
            yield "| " + " | ".join(line) + " |"
        yield from killers(some) if named else ()
        yield from survivors(some, reasons)


def killers(results):
    """What kills the mutants of lines that somebody has asked for."""
    yield ""
    yield "| Line | Before | After | Killed by |"
    yield "|---|---|---|---|"
    for result in results:
        if result["killer"]:
            yield "| %s:%d | %s | %s | %s |" % (result["file"], result["line"],
                                                code(result["before"]), code(result["after"]),
                                                result["by"])


def survivors(results, reasons):
    """What no test notices, and why."""
    found = [result for result in results if not result["killer"]]
    yield ""
    if not found:
        yield "No mutant survived."
        return
    yield "| Survivor | Before | After | Reason |"
    yield "|---|---|---|---|"
    for result in found:
        cells = ("%s:%d" % (result["file"], result["line"]), code(result["before"]),
                 code(result["after"]), reasons.of(result) or "**none yet**")
        yield "| %s |" % " | ".join(cells)
