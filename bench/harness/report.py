# SPDX-License-Identifier: Apache-2.0
"""doc/performance.md: what was measured, for readers; it begins with bench/head.md."""
import os
import re

from . import cases, goals, peers

# The line below the picture in README.md stands between these.
BEGIN, END = "<!-- measured: made by make bench -->\n", "<!-- end of measured -->\n"
HEAD = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "head.md")
COLUMNS = ("| Tool | CPU ms | × | memory MB | × | round trips | wall ms | best | runs |",
           "|---|--:|--:|--:|--:|--:|--:|--:|--:|")


def figure(value):
    if value is None:
        return ""
    return "%.1f" % value if value < 100 else "{:,.0f}".format(value)


def times(value, base):
    """How many times as much as cflyway."""
    if value is None or not base:
        return ""
    return "%.2g" % (value / base) if value < 10 * base else "%.0f" % (value / base)


def row(results, key, name):
    failed = results.failed(key, name)
    if failed:
        return "| %s | failed: %s | | | | | | | |" % (name, failed.replace("|", "/"))
    cells = [name]
    for field in ("cpu_ms", "rss_mb"):
        value = results.median(key, name, field)
        cells += [figure(value), times(value, results.median(key, goals.OURS, field))]
    trips = results.round_trips(key, name)
    cells += ["{:,}".format(trips) if trips is not None else "",
              figure(results.median(key, name, "wall_ms")),
              figure(results.best(key, name, "wall_ms")),
              str(len(results.values(key, name, "wall_ms")))]
    return "| " + " | ".join(cells) + " |"


def notes(results, case):
    """What tools leave out, and whether the machine had other work."""
    left_out = ["%s %s" % (tool.name, tool.notes[case.verb]) for tool in peers.all_tools("cflyway")
                if case.verb in tool.notes and tool.name in results.names(case.key)]
    if results.was_busy(case.key):
        left_out.append("load average %s to %s" % tuple(results.cases[case.key]["load"]))
    return "; ".join(left_out)


def tables(results):
    """Markdown: a table for each case that was measured."""
    lines = []
    for case in cases.CASES:
        names = results.names(case.key)
        if not names:
            continue
        lines += ["### " + case.title, "", *COLUMNS]
        lines += [row(results, case.key, name) for name in names]
        said = notes(results, case)
        lines += ["", said[:1].upper() + said[1:] + ".", ""] if said else [""]
    return "\n".join(lines)


def when(results):
    """How far the numbers can be relied on: dates, rounds, sittings, load."""
    begun = sorted(case["begun"] for case in results.cases.values())
    fewest, most = results.rounds()
    rounds = "%d" % most if fewest == most else "%d to %d" % (fewest, most)
    text = "Begun %s; %s rounds." % (begun[0], rounds)
    sittings = results.about.get("sittings", 1)
    if sittings > 1:
        text += (" **Put together from %d runs**, the last case begun %s: tables may be of "
                 "different builds." % (sittings, begun[-1]))
    busy = [key for key in results.cases if results.was_busy(key)]
    if busy:
        text += (" **The machine was busy** during %d of %d cases: these numbers are provisional "
                 "and wall times say nothing." % (len(busy), len(results.cases)))
    return text


def document(results):
    about = results.about
    versions = ", ".join("%s %s" % pair for pair in about["versions"].items())
    with open(HEAD, encoding="utf-8") as file:
        head = file.read().format(goals=goals.table(results), when=when(results),
                                  **{**about, "versions": versions})
    return head + "\n" + tables(results).rstrip() + "\n"


def below_picture(readme, made):
    """README.md with the line that says what the picture shows, from the text of the document."""
    date = re.search(r"^- Begun (\S+) ", made, re.M)[1]
    versions = re.search(r"^(cflyway \d.*)\.$", made, re.M)[1]
    line = "Measured on %s: %s.\n" % (date, versions)
    return re.sub(re.escape(BEGIN) + ".*?" + re.escape(END), lambda _: BEGIN + line + END, readme,
                  flags=re.S)
