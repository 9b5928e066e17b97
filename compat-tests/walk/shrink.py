# SPDX-License-Identifier: Apache-2.0
"""Makes a failing walk small: fewer steps, lines and options, while the same difference stays."""
import base64
import time

import compare
import options


class Shrinker:
    """sides: the two programs; limit_s: after which the smallest walk so far is taken."""

    def __init__(self, sides, play, limit_s):
        self.sides, self.play, self.limit_s = sides, play, limit_s
        self.wanted, self.end, self.tries = None, 0, 0

    def shrink(self, walk, found):
        """Returns (walk, found) where found is the last step of the walk."""
        self.wanted = compare.signature(found.difference)
        self.end = time.monotonic() + self.limit_s
        best = walk.with_steps(walk.steps[:found.number + 1]), found
        before = None
        while before != best[0].steps and time.monotonic() < self.end:
            before = best[0].steps
            best = self.fewer_steps(best)
            best = self.smaller_steps(best)
        return best

    def attempt(self, walk, steps):
        """The shorter walk and its difference if that is still the same one, else None."""
        if time.monotonic() > self.end:
            return None
        self.tries += 1
        shorter = walk.with_steps(steps)
        for found in self.play(shorter, self.sides):
            if compare.signature(found.difference) == self.wanted:
                return walk.with_steps(steps[:found.number + 1]), found
        return None

    def fewer_steps(self, best):
        """Takes out halves, quarters, …, single steps; from the end, which matters least."""
        size = max(1, len(best[0].steps) // 2)
        while size:
            at = len(best[0].steps) - 1 - size
            while at >= 0:
                steps = best[0].steps
                smaller = self.attempt(best[0], steps[:at] + steps[at + size:])
                best = smaller or best
                at = min(at, len(best[0].steps) - 1) - (size if smaller is None else 0)
                if smaller:
                    at -= size
            size //= 2
        return best

    def smaller_steps(self, best):
        index = len(best[0].steps) - 1
        while index >= 0:
            best = self.smaller_step(best, index)
            index = min(index, len(best[0].steps)) - 1
        return best

    def smaller_step(self, best, index):
        """Tries the simpler forms of one step until none is left that keeps the difference."""
        again = True
        while again and index < len(best[0].steps):
            again = False
            for simpler in forms(best[0].steps[index]):
                steps = list(best[0].steps)
                steps[index] = simpler
                smaller = self.attempt(best[0], steps)
                if smaller:
                    best, again = smaller, True
                    break
        return best


def forms(step):
    """Simpler forms of a step, the simplest first."""
    if step["op"] == "run":
        yield from run_forms(step)
    elif step["op"] == "write" and "base64" in step:
        yield from plain_forms(step)
    elif step["op"] == "write":
        for text in text_forms(step["content"]):
            yield dict(step, content=text)


def run_forms(step):
    for i in range(len(step["args"])):
        if len(step["args"]) > 1:
            yield dict(step, args=step["args"][:i] + step["args"][i + 1:])
    variables = step.get("env", {})
    for name in variables:
        yield dict(step, env={key: value for key, value in variables.items() if key != name})


def plain_forms(step):
    data = base64.b64decode(step["base64"])
    try:
        yield {"op": "write", "path": step["path"], "content": data.decode()}
    except UnicodeDecodeError:
        pass
    for text in (b"-- \xff\n", b"select 1;\n-- \xff\n"):
        if len(text) < len(data):
            yield dict(step, base64=base64.b64encode(text).decode())


def text_forms(text):
    """Without halves, quarters, … of its lines, then with a simpler text."""
    for simple in ("", "select 1;\n"):
        if len(simple) < len(text):
            yield simple
    lines = text.splitlines(keepends=True)
    size = len(lines)
    while size > 1:
        size = (size + 1) // 2
        for at in range(0, len(lines), size):
            yield "".join(lines[:at] + lines[at + size:])
        if size == 1:
            break
    if "\r\n" in text:
        yield text.replace("\r\n", "\n")


def readable(walk, found):
    """A walk as lines that a person can repeat, and what differed at its end."""
    lines = ["seed %s, %s" % (walk.seed, walk.kind)]
    for step in walk.steps:
        lines += readable_step(step)
    return lines + ["    " + line for line in found.difference.lines]


def readable_step(step):
    if step["op"] == "run":
        words = ["%s=%s" % pair for pair in step.get("env", {}).items()]
        return ["$ " + " ".join([*words, "flyway", *step["args"]])]
    if step["op"] == "write":
        shown = step.get("content", "base64 " + step.get("base64", ""))
        return ["= %s: %r" % (step["path"], shown)]
    return ["%s %s" % (step["op"], " ".join(
        str(value) for key, value in step.items() if key != "op"))]


def is_safe(walk):
    return all(options.harmless(step) for step in walk.steps if step["op"] == "run")
