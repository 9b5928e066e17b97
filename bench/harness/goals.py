# SPDX-License-Identifier: Apache-2.0
"""What cflyway promises, and whether the measurements keep it."""
import collections

from .results import OURS

GO_TOOLS = ("goose", "golang-migrate", "dbmate")

# what; unit; measured, None if it was not; at most
Goal = collections.namedtuple("Goal", "text unit value limit")


def ratio(value, base):
    return value / base if value is not None and base else None


def to_psql(results, key):
    return ratio(results.median(key, OURS, "cpu_ms"), results.median(key, "psql", "cpu_ms"))


def to_best_go_tool(results, key):
    peers = [results.median(key, name, "cpu_ms") for name in GO_TOOLS]
    peers = [value for value in peers if value]
    return ratio(results.median(key, OURS, "cpu_ms"), min(peers) if peers else None)


def start_up(results):
    for key, what in (("startup", "`version`"), ("help", "`help`")):
        yield Goal("%s: CPU" % what, "ms", results.median(key, OURS, "cpu_ms"), 2)
    yield Goal("connect, nothing to do with 10: CPU", "ms",
               results.median("noop10", OURS, "cpu_ms"), 9)


def round_trips(results):
    for key, what, limit in (
            ("noop1000", "nothing to do", 4), ("info1000", "info", 4),
            ("validate1000", "validate", 4), ("apply1", "first run, 1 migration", 14),
            ("apply100", "first run, 100", 212), ("mixed100", "first run, 100 of five statements", 212),
            ("apply1000", "first run, 1000", 2012)):
        yield Goal("round trips after connecting: " + what, "",
                   results.round_trips(key, OURS), limit)


def applying(results):
    yield Goal("apply 1000: CPU to that of the best Go tool", "",
               to_best_go_tool(results, "apply1000"), 0.25)
    yield Goal("apply 1000 with 1 ms more: wall time to goose's, best of all rounds", "",
               ratio(results.best("latency1000", OURS, "wall_ms"),
                     results.best("latency1000", "goose", "wall_ms")), 0.7)


def dry_runs(results):
    for field, what in (("cpu_ms", "CPU"), ("wall_ms", "wall time")):
        yield Goal("dry run of 1000: %s to that of applying them" % what, "",
                   ratio(results.median("dry1000", OURS, field),
                         results.median("apply1000", OURS, field)), 1)


def many_files(results):
    for key, what in (("noop10000", "nothing to do"), ("validate10000", "validate")):
        yield Goal("10,000, %s: CPU" % what, "ms", results.median(key, OURS, "cpu_ms"), 80)
        yield Goal("10,000, %s: memory" % what, "MB", results.median(key, OURS, "rss_mb"), 16)


def large_scripts(results):
    for key, what, limit in (("inserts50", "50 MB of INSERTs", 0.6),
                             ("copy200", "200 MB of COPY", 1.2)):
        yield Goal("%s: CPU to psql's" % what, "", to_psql(results, key), limit)
        yield Goal("%s: memory" % what, "MB", results.median(key, OURS, "rss_mb"), 14)


def all_goals(results):
    """Those that were measured."""
    parts = (start_up, round_trips, applying, dry_runs, many_files, large_scripts)
    return [goal for part in parts for goal in part(results) if goal.value is not None]


def number(value):
    return "%d" % value if value == int(value) else "%.2f" % value if value < 10 else "%.1f" % value


def table(results):
    """Markdown."""
    lines = ["| Goal | at most | measured | |", "|---|--:|--:|---|"]
    for goal in all_goals(results):
        unit = " " + goal.unit if goal.unit else ""
        lines.append("| %s | %s%s | %s%s | %s |" % (
            goal.text, number(goal.limit), unit, number(goal.value), unit,
            "kept" if goal.value <= goal.limit else "**missed**"))
    return "\n".join(lines)
