# SPDX-License-Identifier: Apache-2.0
"""What the long forms of torture/*_test.py have measured, and doc/reliability.md, which shows it.

    options = figures.parser(__doc__).parse_args()      # --long, --seed
    found = figures.Figures("cuts", "Cut connections", ["How it is done, in a sentence or two."])
    found.add("plain scripts, cut", tried=242, lost=0, twice=0, untrue=0)
    if options.long:
        found.write()                                   # torture/figures/cuts.json

A row has a name and the numbers that apply; `note` says what a reader should know.  A row that was
kept when others were measured says when and `by` which command it was.  FAULTS are what must not
happen; a figure of them that is not 0 is a fault of the program and is not shown as a success:
compat-tests/reliability_test.py fails.
"""
import argparse
import datetime
import glob
import json
import os
import random
import re
import shlex
import sys

TESTS = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
TORTURE = os.path.join(TESTS, "torture")
FOLDER = os.path.join(TORTURE, "figures")
HEAD = os.path.join(TORTURE, "head.md")
DOCUMENT = os.path.join(os.path.dirname(TESTS), "doc", "reliability.md")

FAULTS = ("lost", "twice", "untrue", "leaked")
KEYS = {"title", "measured", "rows", "text"}
OTHER_KEYS = {"by"}
TEXTS = ("what", "note", "measured", "by")      # of a row; all others are numbers
SIZES = ("possible", "messages")                # numbers that do not grow with each run
UNTIL = "until "
PART = re.compile(r"\{([a-z_]+)\}")


class FiguresError(Exception):
    """A file that does not hold figures as described above."""


def parser(description):
    """The options that every program of torture/ has."""
    made = argparse.ArgumentParser(description=description.split("\n")[0])
    made.add_argument("--long", action="store_true",
                      help="try everything, and keep the figures in torture/figures")
    made.add_argument("--seed", type=int, default=random.randrange(10 ** 6), metavar="N",
                      help="for what the short form chooses")
    return made


def own_command(part):
    """The command of this run; None if that is `make torture PARTS=part`.  Folders of this machine
    do not count, and a seed tells nobody anything."""
    path = os.path.relpath(os.path.abspath(sys.argv[0]), os.path.dirname(TESTS))
    words = " ".join("FOLDER" if os.path.isabs(word) else shlex.quote(word)
                     for word in sys.argv[1:])
    words = re.sub(r" ?--seed[= ]\d+", "", words).strip()
    return None if path.endswith("torture/%s_test.py" % part) and words == "--long" \
        else ("%s %s" % (path, words)).strip()


class Figures:
    """by: the command that measures, if it is not what was called."""

    def __init__(self, part, title, text=(), by=None):
        self.part, self.title, self.text, self.rows = part, title, list(text), []
        self.by = by or own_command(part)

    def add(self, what, note="", **numbers):
        self.rows.append(dict({"what": what}, **numbers, **({"note": note} if note else {})))

    def add_kept(self):
        """Adds the rows that were kept before."""
        self.rows = sums(self.kept(), [self.dated(row) for row in self.rows])

    def keep_others(self):
        """Keeps the rows that this run has not measured, in their order."""
        new = {row["what"]: self.dated(row) for row in self.rows}
        self.rows = [new.pop(row["what"], row) for row in self.kept()]
        self.rows += new.values()

    def kept(self):
        """The rows of before, each with its date and command."""
        made = parts().get(self.part)
        return [] if made is None else [
            dict({"measured": until(made["measured"]), "by": command(self.part, made)}, **row)
            for row in made["rows"]]

    def dated(self, row):
        return dict({"measured": str(datetime.date.today()),
                     "by": self.by or command(self.part, {})}, **row)

    def write(self):
        """Replaces the file of this part, and doc/reliability.md."""
        made = {"title": self.title, "measured": str(datetime.date.today()), "rows": self.rows,
                "text": self.text}
        if self.by:
            made["by"] = self.by
        check(self.part, made)
        path = os.path.join(FOLDER, self.part + ".json")
        with open(path + ".new", "w", encoding="utf-8") as file:
            json.dump(made, file, indent=1, ensure_ascii=False)
            file.write("\n")
        os.replace(path + ".new", path)
        renew()


def until(date):
    return date if date.startswith(UNTIL) else UNTIL + date


def sums(kept, rows):
    """Adds the numbers of rows with the same name; a row that is in one of the lists stays as it is.
    Of two notes and sizes the later one counts; the command is that of both."""
    found = {row["what"]: dict(row) for row in kept}
    for row in rows:
        into = found.setdefault(row["what"], {})
        both = {}
        if "measured" in row and "measured" in into:
            both["measured"] = until(row["measured"])
        if "by" in row and "by" in into:
            both["by"] = "; ".join(dict.fromkeys([*into["by"].split("; "), row["by"]]))
        for key, value in row.items():
            into[key] = value if key in (*TEXTS, *SIZES) else into.get(key, 0) + value
        into.update(both)
    return list(found.values())


def check(part, made):
    """Raises FiguresError unless these are figures."""
    def must(condition, what):
        if not condition:
            raise FiguresError("%s: %s" % (part, what))

    must(isinstance(made, dict) and KEYS <= set(made) <= KEYS | OTHER_KEYS,
         "the keys are not " + ", ".join(sorted(KEYS)))
    must(made["rows"], "there is no row")
    for row in made["rows"]:
        must(isinstance(row.get("what"), str) and row["what"], "a row without a name")
        must(row.get("tried", 1) != 0, "nothing was tried of %r" % row["what"])
        for key, value in row.items():
            if key in TEXTS:
                must(isinstance(value, str) and value, "%s of %r is no text" % (key, row["what"]))
            else:
                must(type(value) in (int, float), "%s of %r is not a number" % (key, row["what"]))
    for text in [made["title"], made["measured"], command(part, made), *made["text"]]:
        must(isinstance(text, str) and text, "a text that is none")


def parts():
    """Name -> figures of all parts that have been measured, by name."""
    found = {}
    for path in sorted(glob.glob(os.path.join(FOLDER, "*.json"))):
        part = os.path.splitext(os.path.basename(path))[0]
        with open(path, encoding="utf-8") as file:
            found[part] = json.load(file)
        check(part, found[part])
    return found


# --- doc/reliability.md ---------------------------------------------------------------------------

def cell(value):
    if isinstance(value, float):
        return "%.1f" % value
    return "" if value is None else str(value).replace("|", "\\|")


def table(columns, rows, numbers):
    """numbers: how many of the columns, after the first one, are right-aligned."""
    lines = [columns, ["---"] + ["---:"] * numbers + ["---"] * (len(columns) - 1 - numbers), *rows]
    return ["| %s |" % " | ".join(cell(value) for value in line) for line in lines]


def columns_of(rows):
    """The names of the numbers, in the order in which they come."""
    names = {}
    for row in rows:
        names.update(dict.fromkeys(key for key in row if key not in TEXTS))
    sizes = [name for name in SIZES if name in names and "tried" in names]
    others = [name for name in names if name not in sizes]
    after = others.index("tried") + 1 if sizes else 0
    return others[:after] + sizes + others[after:]


def anchor(title):
    """As GitHub makes it of a heading."""
    return "#" + re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-")


def linked(part, found):
    if part not in found:
        return "not measured yet"
    return "[%s](%s)" % (found[part]["title"], anchor(found[part]["title"]))


def summary(found):
    rows = []
    for part, made in found.items():
        if not any(name in row for row in made["rows"] for name in ("tried", *FAULTS)):
            continue
        ours = [row for row in made["rows"] if not row["what"].startswith("Flyway: ")]
        sums = [sum(row[name] for row in ours if name in row)
                if any(name in row for row in ours) else None
                for name in ("tried", *FAULTS)]
        rows.append([linked(part, found), *sums, measured(made)])
    return table(["Part", "Tried", *(name.capitalize() for name in FAULTS), "Measured"], rows,
                 1 + len(FAULTS))


def command(part, made):
    return made.get("by", "make torture PARTS=" + part)


def dates(made):
    return [row.get("measured", made["measured"]) for row in made["rows"]]


def measured(made):
    """When, for all rows."""
    found = set(dates(made))
    return found.pop() if len(found) == 1 else until(made["measured"])


def origin(part, made):
    """Lines that say which commands have measured, and when: that of most rows, then the others
    with their rows."""
    rows = {}
    for row in made["rows"]:
        rows.setdefault(row.get("by", command(part, made)), []).append(row["what"])
    first = max(rows, key=lambda by: len(rows[by]))
    lines = ["%s, measured %s." % (quoted(first), measured(made)), ""]
    for by, names in rows.items():
        if by != first:
            lines += ["%s: %s." % (quoted(by), "; ".join(names)), ""]
    return lines


def quoted(by):
    return " and ".join("`%s`" % one for one in by.split("; "))


def section(part, made):
    numbers = columns_of(made["rows"])
    texts = ["note"] if any(row.get("note") for row in made["rows"]) else []
    rows = [[row["what"], *(row.get(name) for name in numbers),
             *(row.get(name, "") for name in texts)] for row in made["rows"]]
    head = ["What", *(name.replace("_", " ").capitalize() for name in numbers),
            *("Remark" for _ in texts)]
    if len(set(dates(made))) > 1:
        head.append("Measured")
        rows = [[*row, date] for row, date in zip(rows, dates(made))]
    return ["## " + made["title"], "", *origin(part, made),
            *[line for text in made["text"] for line in (text, "")],
            *table(head, rows, len(numbers)), ""]


def document(head, found):
    """The text of doc/reliability.md: the head, in which {PART} becomes a link to its section, the
    sums, and a section for each part."""
    lines = [PART.sub(lambda match: linked(match.group(1), found), head).rstrip("\n"), ""]
    lines += ["## What was found", "", *summary(found), ""]
    for part, made in found.items():
        lines += section(part, made)
    return "\n".join(lines).rstrip("\n") + "\n"


def current():
    """What doc/reliability.md has to be."""
    with open(HEAD, encoding="utf-8") as file:
        return document(file.read(), parts())


def renew():
    """Writes doc/reliability.md."""
    text = current()
    with open(DOCUMENT, "w", encoding="utf-8") as file:
        file.write(text)
