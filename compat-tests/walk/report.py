# SPDX-License-Identifier: Apache-2.0
"""The closing table, for people and as doc/walk.md."""
import datetime

import compare


def rows(findings):
    """(what, number) of all that was counted."""
    count = findings.count
    table = [("walks", findings.walks), ("commands", count.commands), ("equal", count.equal),
             ("equal after filters", count.filtered)]
    if findings.broken:
        table.insert(1, ("broken off, as the server was gone", findings.broken))
    table += [("filtered: " + name, number) for name, number in count.by_filter.most_common()]
    return table + [("different in " + kind, count.by_weight[kind]) for kind in compare.WEIGHTS]


def lines(findings):
    table = rows(findings)
    width = max(len(what) for what, _ in table)
    out = ["%-*s %8d" % (width, what, number) for what, number in table]
    if findings.kinds:
        out += ["", "kinds of differences, the most frequent first:"]
        out += ["%6d  %s" % (number, key) for key, number in findings.kinds.most_common()]
    return out


def result(seen):
    """What a command has shown, without the database."""
    out = ["exit " + seen.exit]
    for name in ("out", "err", "history"):
        text = getattr(seen, name)
        if text:
            out += ["--- " + name, text]
    return out


def difference(found):
    if found is None:
        return ["=== equal"]
    if found.filters:
        return ["=== " + ", ".join(found.filters)]
    return ["=== different"] + ["    " + line for line in found.lines]


def write(path, findings, options, elapsed_s):
    count = findings.count
    good = count.equal + count.filtered
    first = "the time" if options.seed is None else str(options.seed)
    text = ["# Random walks beside Flyway 12.4.0", "",
            "Written by `compat-tests/walk/run --report`. Each walk is a random project on which "
            "both programs run the", "same random commands, with edits and faults between them; "
            "after each command exit status, output, history", "and database are compared "
            "([compat-tests/README.md](../compat-tests/README.md)).", "",
            "%s: first seed %s, %.0f minutes." % (datetime.date.today(), first, elapsed_s / 60), "",
            "| What | Number | Share |", "|---|---:|---:|"]
    for what, number in rows(findings):
        share = "" if what == "walks" or not count.commands else \
            "%.2f %%" % (100.0 * number / count.commands)
        text.append("| %s | %d | %s |" % (what, number, share))
    text += ["", "Equal, or different as [differences.md](differences.md) says: %.2f %%." %
             (100.0 * good / max(1, count.commands))]
    if findings.kinds:
        text += ["", "## What differed", ""]
        for key, number in findings.kinds.most_common():
            text += ["%d times, for example:" % number, "", *example(findings.small.get(key)), ""]
    with open(path, "w", encoding="utf-8") as file:
        file.write("\n".join(text).rstrip("\n") + "\n")


def example(small):
    if not small:
        return []
    import shrink       # pylint: disable=import-outside-toplevel
    return ["    " + line for line in shrink.readable(*small)]
