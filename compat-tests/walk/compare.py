# SPDX-License-Identifier: Apache-2.0
"""What differs between the two programs after a command, and how such differences are counted."""
import collections
import difflib
import re

from filters import FILTERS
from player import PARTS, Seen

# In the order of their weight.
WEIGHTS = ("exit status", "history", "database", "text")

# parts: the names of the fields of Seen that differ; filters: sections of doc/differences.md that
# explain the whole difference; ends: the two programs are no longer in the same state.
Difference = collections.namedtuple("Difference", "parts filters ends lines")


def compare(context, flyway, ours, filters=FILTERS):
    """Returns None if all is equal; context is a filters.Context."""
    parts = different(flyway, ours)
    if not parts:
        return None
    lines = unified(flyway, ours, parts)
    used, left = [], (flyway, ours)
    for candidate in filters:
        if not candidate.applies(context, *left):
            continue
        changed = candidate.change(*left)
        if changed != left:
            used.append(candidate)
            left = changed
        if not different(*left):
            break
    explained = not different(*left)
    ends = any(part in parts for part in ("exit", "history", "database")) or \
        "files" in parts and "file report.json" in flyway.files + ours.files
    sections = list(dict.fromkeys(one.section for one in used))
    return Difference(parts, sections if explained else [], ends, lines)


def different(one, other):
    return [name for name in Seen._fields if getattr(one, name) != getattr(other, name)]


def weight(difference):
    """The gravest kind of a difference."""
    kinds = {PARTS[part] for part in difference.parts}
    return next(kind for kind in WEIGHTS if kind in kinds)


def unified(one, other, parts):
    """Only what differs: a title for each part, then - lines of Flyway and + lines of cflyway."""
    lines = []
    for part in parts:
        before, after = getattr(one, part), getattr(other, part)
        lines.append("[%s]" % part)
        for line in difflib.unified_diff(before.split("\n"), after.split("\n"), lineterm="", n=0):
            if not line.startswith(("---", "+++", "@@")):
                lines.append(repr(line)[1:-1] if "\r" in line else line)
    return lines


MASKS = (
    (re.compile(r"'[^']*'"), "'x'"),
    (re.compile(r'"[^"]*"'), '"x"'),
    (re.compile(r"\{\{CWD\}\}[^\s)]*"), "FILE"),
    (re.compile(r"\S+\.(sql|sh|conf|toml)\b"), "FILE"),
    (re.compile(r"\d+"), "N"),
    (re.compile(r"[ -]{2,}"), " "),
)
SIGNED_LINES = 4


def signature(difference):
    """The kind of a difference, without names and numbers: equal for the same cause, mostly."""
    kept = []
    for line in difference.lines:
        for pattern, mask in MASKS:
            line = pattern.sub(mask, line)
        if line not in kept:
            kept.append(line)
    return " / ".join(kept[:SIGNED_LINES])
