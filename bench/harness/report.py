"""doc/performance.md: what was measured, for readers."""
from . import cases, goals, peers

HEAD = """# Performance

Written by `make bench`; do not edit. cflyway beside other migration tools, real Flyway and psql, on one machine and one server.

    make bench                      all of this; what is not installed is left out, and said
    make bench CASES=quick          less than a minute; CASES, TOOLS, ROUNDS choose, RESUME=1 goes on

![cflyway beside other tools](performance.svg)

## How it was measured

{machine}, {cores} cores, Linux {kernel}. PostgreSQL {server} on the same machine with `fsync={fsync}`, over TCP without TLS.
{versions}.

- Tools take turns: every tool once, then again in the other order, {rounds} rounds; one that has used 15 seconds of a case has fewer.
  What is given is the median. **Compare numbers of one table only**, and CPU rather than wall time: wall times depend on the
  disk and on what else the machine does. The load average is given where it was high.
- CPU is the user and system time of the client alone, memory its greatest resident size.
- A round trip is a wait with nothing left to send; those of making the connection are not in it.
- psql runs one file in which every migration is a transaction with a row of its own in a table: the plain way, without
  checksums. goose, golang-migrate and dbmate check none either. Flyway and cflyway verify all of them, always.
- After each `apply` the tables or rows in the database are counted. A tool that says success without them has failed.

## What is promised

{goals}

## Everything
"""
HIGH_LOAD = 1.5                 # for each core
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
    load = results.cases[case.key]["load"]
    if max(load) > HIGH_LOAD * (results.about.get("cores") or 1):
        left_out.append("load average %s to %s" % tuple(load))
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


def document(results):
    about = results.about
    versions = ", ".join("%s %s" % pair for pair in about["versions"].items())
    return HEAD.format(goals=goals.table(results), rounds=cases.ROUNDS,
                       **{**about, "versions": versions}) + "\n" + tables(results).rstrip() + "\n"
