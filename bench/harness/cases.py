# SPDX-License-Identifier: Apache-2.0
"""What is measured.

A case is played in rounds, in each of which every tool runs once; see rounds.py.
"""
import collections

ROUNDS = 7
MB = 1_000_000

# key; what a reader calls it; verb of a tool; number of migrations; what is in them: table, mixed,
# inserts or copy; size of one that is large; delay that is added to every round trip
Case = collections.namedtuple("Case", "key title verb n content size_bytes delay_s",
                              defaults=(0, "table", 0, 0.0))

CASES = (
    Case("startup", "Start-up: the version", "version"),
    Case("help", "Start-up: help", "help"),
    Case("apply1", "Apply 1 migration to an empty database", "apply", 1),
    Case("apply100", "Apply 100 (a table each)", "apply", 100),
    Case("mixed100", "Apply 100 (five statements each: table, rows, index, update, function)",
         "apply", 100, "mixed"),
    Case("apply1000", "Apply 1000 (a table each)", "apply", 1000),
    Case("dry1000", "Dry run of 1000 (a table each): their SQL in a file", "dry", 1000),
    Case("latency1000", "Apply 1000 where a round trip takes 1 ms more", "apply", 1000,
         delay_s=0.001),
    Case("noop10", "Nothing to do, 10 applied", "noop", 10),
    Case("noop1000", "Nothing to do, 1000 applied", "noop", 1000),
    Case("info1000", "List 1000", "info", 1000),
    Case("validate1000", "Validate 1000", "validate", 1000),
    Case("noop10000", "Nothing to do, 10,000 applied", "noop", 10_000),
    Case("info10000", "List 10,000", "info", 10_000),
    Case("validate10000", "Validate 10,000", "validate", 10_000),
    Case("inserts50", "One script of 50 MB: INSERTs of 20 rows", "apply", 1, "inserts", 50 * MB),
    Case("copy200", "One script of 200 MB: COPY … FROM stdin", "apply", 1, "copy", 200 * MB),
)
GROUPS = {
    "quick": ("startup", "apply100", "noop10", "noop1000", "info1000"),
    "large": ("inserts50", "copy200"),
    "many": ("noop10000", "info10000", "validate10000"),
}


def choose(names):
    """The cases with these keys, a group counting for its own; ValueError names what is none."""
    keys = {key for name in names for key in GROUPS.get(name, (name,))}
    unknown = keys - {case.key for case in CASES}
    if unknown:
        raise ValueError("no such case: %s (there are %s)" % (
            ", ".join(sorted(unknown)), ", ".join([case.key for case in CASES] + list(GROUPS))))
    return [case for case in CASES if case.key in keys]
