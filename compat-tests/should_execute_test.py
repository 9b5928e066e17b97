#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Random conditions of scripts, evaluated by cflyway and by a second implementation.

The second implementation tries the alternatives of the grammar in their order and takes the first
that leads to the end, as the parser does that Flyway's editions use.

CFLYWAY names the program under test (default: build/cflyway of this checkout).
"""
import argparse
import json
import os
import random
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
sys.dont_write_bytecode = True

from lib import runner  # noqa: E402

SIGNS = ("==", "!=", "&&", "||", "(", ")")
COMPARE, LOGIC, WORD_RIGHT, WORD_END = 6, 5, 3, 2       # how tightly the alternatives bind


def compare(sign, left, right):
    return (left == right) == (sign == "==")


def as_word(value):
    return "true" if value else "false"


class Reader:
    """All ways to read tokens from a position, the preferred one first: (value, position)."""

    def __init__(self, tokens):
        self.tokens = tokens

    def at(self, position):
        return self.tokens[position] if position < len(self.tokens) else ""

    def is_word(self, position):
        token = self.at(position)
        return token not in SIGNS and token != "" and token.lower() not in ("true", "false")

    def is_compare(self, position):
        return self.at(position) in ("==", "!=")

    def operands(self, at):
        token = self.at(at)
        if token == "(":
            for value, end in self.expressions(at + 1, 0):
                if self.at(end) == ")":
                    yield value, end + 1
        elif self.is_word(at) and self.is_compare(at + 1):
            sign = self.at(at + 1)
            if self.is_word(at + 2):
                yield compare(sign, token, self.at(at + 2)), at + 3
            for value, end in self.expressions(at + 2, WORD_RIGHT):
                yield compare(sign, token.lower(), as_word(value)), end
        elif token.lower() in ("true", "false"):
            yield token.lower() == "true", at + 1

    def expressions(self, at, least):
        for value, end in self.operands(at):
            yield from self.rows(value, end, least)

    def rows(self, left, at, least):
        sign = self.at(at)
        if self.is_compare(at) and least <= COMPARE:
            for right, end in self.expressions(at + 1, COMPARE + 1):
                yield from self.rows(compare(sign, left, right), end, least)
        if sign in ("&&", "||") and least <= LOGIC:
            for right, end in self.expressions(at + 1, LOGIC + 1):
                value = left and right if sign == "&&" else left or right
                yield from self.rows(value, end, least)
        if self.is_compare(at) and least <= WORD_END and self.is_word(at + 1):
            value = compare(sign, as_word(left), self.at(at + 1).lower())
            yield from self.rows(value, at + 2, least)
        yield left, at


def evaluate(tokens):
    """True, False, or None where the condition cannot be read."""
    for value, end in Reader(tokens).expressions(0, 0):
        if end == len(tokens):
            return value
    return None


def generate(chooser, depth=0):
    kind = chooser.random()
    if depth > 2 or kind < 0.4:
        word = chooser.choice(("a", "b", "A", "1", "True", "false", "true"))
        if chooser.random() < 0.3:
            return [word]
        return [word, chooser.choice(("==", "!=")), chooser.choice(("a", "b", "A", "FALSE"))]
    if kind < 0.55:
        return ["("] + generate(chooser, depth + 1) + [")"]
    sign = chooser.choice(("==", "!=", "&&", "||"))
    return generate(chooser, depth + 1) + [sign] + generate(chooser, depth + 1)


def states(conditions, command):
    """What cflyway makes of each: True (Pending), False (Ignored); None if it cannot read one."""
    with tempfile.TemporaryDirectory() as folder:
        os.mkdir(os.path.join(folder, "sql"))
        for number, tokens in enumerate(conditions, 1):
            path = os.path.join(folder, "sql", "V%d__a.sql" % number)
            with open(path, "w", encoding="utf-8") as file:
                file.write("select 1;\n")
            with open(path + ".conf", "w", encoding="utf-8") as file:
                file.write("shouldExecute=%s\n" % " ".join(tokens))
        done = subprocess.run(
            command + ["-url=jdbc:sqlite:a.db", "-locations=filesystem:sql", "-outputType=json",
                       "info"], cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        if done.returncode != 0:
            return None
        found = {int(item["version"]): item["state"] == "Pending"
                 for item in json.loads(done.stdout)["migrations"]}
        return [found[number + 1] for number in range(len(conditions))]


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--count", type=int, default=1000, help="conditions (1000)")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    chooser, command = random.Random(options.seed), runner.cflyway()
    generated = [generate(chooser) for _ in range(options.count)]
    expected = [evaluate(tokens) for tokens in generated]
    readable = [(tokens, value) for tokens, value in zip(generated, expected) if value is not None]
    broken = [tokens for tokens, value in zip(generated, expected) if value is None][:50]
    failed = 0
    for (tokens, value), found in zip(readable, states([tokens for tokens, _ in readable], command)
                                      or [None] * len(readable)):
        if value != found:
            failed += 1
            print("FAIL %s: expected %s, found %s" % (" ".join(tokens), value, found))
    for tokens in broken:
        if states([tokens], command) is not None:
            failed += 1
            print("FAIL %s: cannot be read, and is" % " ".join(tokens))
    print("%d passed, %d failed" % (len(readable) + len(broken) - failed, failed))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
