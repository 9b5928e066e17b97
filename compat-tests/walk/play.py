# SPDX-License-Identifier: Apache-2.0
"""Plays a walk with both programs and compares after each command."""
import base64
import collections
import time

import compare
from filters import Context

# Both programs try for nine seconds, in each command, to create a history table that they cannot.
WALK_LIMIT_S = 15

# number: of the step; difference: compare.Difference
Found = collections.namedtuple("Found", "number difference flyway ours")


class Walk:
    """seed; kind: postgresql or sqlite; steps: as in steps.json of a case."""

    def __init__(self, seed, kind, steps):
        self.seed, self.kind, self.steps = seed, kind, steps

    def with_steps(self, steps):
        return Walk(self.seed, self.kind, steps)


class Count:
    """The closing table."""

    def __init__(self):
        self.commands = self.equal = self.filtered = 0
        self.by_filter = collections.Counter()
        self.by_weight = collections.Counter()

    def add(self, difference):
        self.commands += 1
        if difference is None:
            self.equal += 1
        elif difference.filters:
            self.filtered += 1
            self.by_filter.update(difference.filters)
        else:
            self.by_weight[compare.weight(difference)] += 1

    def failed(self, at_least=100):
        """The number of differences. Those in text alone do not count as long as so many percent
        of all commands are equal."""
        total = sum(self.by_weight.values())
        is_good = 100 * (self.commands - total) >= at_least * self.commands
        return 0 if is_good and total == self.by_weight["text"] else total

    def merge(self, other):
        self.commands += other.commands
        self.equal += other.equal
        self.filtered += other.filtered
        self.by_filter.update(other.by_filter)
        self.by_weight.update(other.by_weight)


def each(walk, sides):
    """Plays the steps; yields (number, step, results of the sides) for each run.

    What is left when the time is over is not played.
    """
    for side in sides:
        side.begin(walk.kind)
    end = time.monotonic() + WALK_LIMIT_S
    for number, step in enumerate(walk.steps):
        if time.monotonic() > end:
            return
        if step["op"] == "run":
            yield number, step, [side.run(step) for side in sides]
        else:
            for side in sides:
                side.do(step)


def play(walk, sides, count=None, filters=None):
    """Returns the differences that no filter explains, in order.

    The walk ends at a command that leaves the two in different states. filters: None for those
    of filters.py, or another list.
    """
    found, more = [], {} if filters is None else {"filters": filters}
    for number, _, results in each(walk, sides):
        difference = compare.compare(context(walk, number), *results, **more)
        if count:
            count.add(difference)
        if difference is None:
            continue
        if not difference.filters:
            found.append(Found(number, difference, *results))
        if difference.ends:
            break
    return found


def context(walk, number):
    """What filters may ask about a run."""
    texts, links = {}, {}
    for step in walk.steps[:number]:
        if step["op"] == "write":
            texts[step["path"]] = text_of(step)
        elif step["op"] == "rename" and step["from"] in links:
            links[step["to"]] = links.pop(step["from"])
        elif step["op"] == "rename" and step["from"] in texts:
            texts[step["to"]] = texts[step["from"]]
        elif step["op"] == "link":
            links[step["path"]] = step["to"]
        elif step["op"] == "delete":
            links.pop(step["path"], None)
    sql = [step["sql"] for step in walk.steps[:number] if step["op"] == "sql"]
    return Context(walk.steps[number], texts, walk.kind, links, sql)


def text_of(step):
    if "base64" in step:
        return base64.b64decode(step["base64"]).decode("utf-8", "replace")
    text = step["content"]
    return text if isinstance(text, str) else "\n".join(text)
