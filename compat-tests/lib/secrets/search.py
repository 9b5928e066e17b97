# SPDX-License-Identifier: Apache-2.0
"""Looks for a planted secret, or for a piece of it, in whatever form."""
import base64
import html
import json
import urllib.parse

# A secret is these pieces with characters between them that mean something somewhere.
PIECES = ("qX7first", "zK4secnd", "wJ9third")
BETWEEN = ("+&", "@/", ":?", "#;", "%'", "\"\\", "<>", "==", ",|", "[}")


def secret(number):
    first, second, third = PIECES
    between = BETWEEN[number % len(BETWEEN)]
    return first + between[0] + second + between[1] + third


def forms(piece):
    """The piece as it is, backwards, in hexadecimal, escaped, and in base64 at any offset."""
    yield from (piece, piece[::-1], piece.encode().hex(), "".join(
        "%%%02X" % ord(char) for char in piece)[:18])
    yield "".join("\\u%04x" % ord(char) for char in piece)[:18]
    for offset in range(3):
        coded = base64.b64encode(b" " * offset + piece.encode()).decode().rstrip("=")
        yield coded[(0, 2, 3)[offset]:-1]


NEEDLES = [form.lower() for piece in PIECES for form in forms(piece)]


def found(text):
    """The first line of the text that has a piece of a secret; None if there is none."""
    lower = text.lower()
    if not any(needle in lower for needle in NEEDLES):
        return None
    for line in text.splitlines():
        if any(needle in line.lower() for needle in NEEDLES):
            return line[:300]
    return "over the end of a line"


def fill(text, value, names):
    """Replaces the @X@ of places.py."""
    quoted = urllib.parse.quote(value, safe="")
    tokens = dict(names, S=value, U=quoted, T=value.replace("\\", "\\\\").replace('"', '\\"'),
                  P=value, V=value.replace("\\", "\\\\"), Q=value.replace("'", "''"),
                  G=value.replace("\\", "\\\\").replace(":", "\\:"))
    parts = text.split("@")
    out = [parts[0]]
    at = 1
    while at < len(parts):
        if parts[at] in tokens and at + 1 < len(parts):
            out.append(tokens[parts[at]] + parts[at + 1])
            at += 2
        else:
            out.append("@" + parts[at])
            at += 1
    return "".join(out)


def self_check():
    """The search must find what it is meant to find."""
    for number in range(len(BETWEEN)):
        value = secret(number)
        for shown in (value, value[:8], value[-8:], html.escape(value), json.dumps(value),
                      urllib.parse.quote(value), value[::-1], value.encode().hex(),
                      *(base64.b64encode(b"u" * i + value.encode()).decode() for i in range(3))):
            assert found("one\nit is " + shown), shown
    assert not found("qX7 first, secnd, third")
