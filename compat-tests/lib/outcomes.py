# SPDX-License-Identifier: Apache-2.0
"""What the closing notes of a failure claim, read back from their words.

    kept: versions 1 to 3 and the repeatable migration "a view" (applied in this run)

is ("kept", Names(versions=["1", "2", "3"], repeatables=["a view"], more=0)).
"""
import collections
import re

TABLE = r'"(?:[^"]|"")+"\."(?:[^"]|"")+"'


class Names(collections.namedtuple("Names", "versions repeatables more")):
    """more: so many versions are not named."""


# What a sentence is about -> pattern; the group is what it names.
SENTENCES = [(what, re.compile(pattern)) for what, pattern in (
    ("kept", r"kept: (versions? .*|the repeatable migrations? .*) \(applied in this run\)"),
    ("recorded", r"kept: (versions? .*|the repeatable migrations? .*) \(recorded in this run\)"),
    ("undone", r"undone: (versions? .*) \(in this run\)"),
    ("undo rolled back", r"rolled back: the undo of (versions? .*)"),
    ("rolled back", r"rolled back: (versions? .*|the repeatable migrations? .*)"),
    ("undo will roll back", r"the server rolls back the undo of (versions? .*) when it notices "
                            r"that the connection is gone"),
    ("will roll back", r"the server rolls back (.*) when it notices that the connection is gone"),
    ("unknown", r"unknown: whether the history (?:still )?has (.*)"),
    ("failed row", r"the history lists (.*) as failed"),
    ("table made",
     r"kept: the new schema history table (%s)(?: with the baseline (?:\S+))?" % TABLE),
    ("schemas made", r"kept: the new schemas? (\".*)"),
    ("callbacks", r"kept: what (\d+) callbacks did, from \S+ to \S+"),
    ("before", r"kept: what (\w+(?:, \w+)*(?: and \w+)?) did before"),
    ("callback", r"kept: what (\S+(?:, \S+)*(?: and \S+)?) did"),
    ("changes", r"kept: (\d+) changes? of the history"),
    ("cleaned", r"cleaned: schema (.*)"),
    ("dropped", r"dropped: schema (.*)"),
    ("nothing", r"(nothing was changed)"),
    ("dry", r"(nothing was changed: this was a dry run)"),
    ("statements",
     r"(\d+ of \d+ statements of .* (?:have|are known to have) been applied and stay\.)"),
    ("invalid", r'the index (%s) is INVALID: .*' % TABLE),
    ("next", r"next: (.*)"),
)]


def range_of(first, last):
    """The versions from "1.2" to "1.5", in either direction."""
    head, start = re.fullmatch(r"(.*?)(\d+)", first).groups()
    tail, end = re.fullmatch(r"(.*?)(\d+)", last).groups()
    if head != tail:
        raise ValueError("no range: %s to %s" % (first, last))
    step = 1 if int(start) <= int(end) else -1
    width = len(start) if start.startswith("0") else 0
    return [head + str(number).zfill(width) for number in range(int(start), int(end) + step, step)]


def versions_of(text):
    found, more = [], 0
    for item in re.split(r", | and ", text):
        if item.endswith(" more"):
            more = int(item.split()[0])
        elif " to " in item:
            found += range_of(*item.split(" to "))
        else:
            found.append(item)
    return found, more


def names(text):
    """Of 'versions 1 to 3, 5 and 7 more and the repeatable migrations "a" and "b"'."""
    match = re.fullmatch(
        r'(?:versions? (.*?))?(?: and )?(?:the repeatable migrations? (".*"))?', text)
    if not match or not any(match.groups()):
        raise ValueError("no names of migrations: %r" % text)
    versions, more = versions_of(match.group(1)) if match.group(1) else ([], 0)
    return Names(versions, re.findall(r'"([^"]*)"', match.group(2) or ""), more)


def read(line):
    """(what, the text of the group) of a note, or None."""
    for what, pattern in SENTENCES:
        match = pattern.fullmatch(line)
        if match:
            return what, match.group(1)
    return None
