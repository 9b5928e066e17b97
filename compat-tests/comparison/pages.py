# SPDX-License-Identifier: Apache-2.0
"""The pages that show the comparison: doc/comparison.md, and a table in README.md."""
import json
import os
import re

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
FIGURES = os.path.join(HERE, "figures.json")
HEAD = os.path.join(HERE, "head.md")
BEGIN, END = "<!-- comparison: made by make comparison -->\n", "<!-- end of comparison -->\n"
DOCUMENT = os.path.join("doc", "comparison.md")
README = "README.md"
PAGES = (DOCUMENT, README)

# What no run can show. In the order of the tools; sources: head.md.
FACTS = (
    ("Databases", ("PostgreSQL, SQLite", "these and many more", "these and more",
                   "these and more", "these and more")),
    ("What the machine must have", (
        "SQLite's library and zlib; libpq for PostgreSQL; nothing for the static program",
        "Java (some of its archives bring it)", "nothing", "nothing", "nothing")),
)
# How that row calls the libraries with which cflyway is linked, and the one that it opens.
LINKED, OPENED = {"libsqlite3": "SQLite's library", "libz": "zlib"}, "libpq"
# These commands are in the documentation, not in the program that was asked.
PAID = {("Flyway", "no such command"), ("Atlas", "no such command")}


def cells(made, title):
    for name, tool in made["tools"].items():
        cell = tool["cells"][title]
        yield "in paid editions" if (name, cell) in PAID else cell


def table(made, titles, with_versions):
    names = ["%s %s" % (name, tool["version"]) if with_versions and tool["version"] else name
             for name, tool in made["tools"].items()]
    lines = ["| | %s |" % " | ".join(names), "|---|" + "---|" * len(names)]
    facts = dict(FACTS)
    for title in titles:
        row = facts[title] if title in facts else cells(made, title)
        lines.append("| %s | %s |" % (title, " | ".join(row)))
    return "\n".join(lines) + "\n"


def all_titles(made):
    return [title for title, _ in FACTS] + list(next(iter(made["tools"].values()))["cells"])


def document(made):
    with open(HEAD, encoding="utf-8") as file:
        head = file.read()
    return head.replace("{measured}", made["measured"]) \
        .replace("{table}\n", table(made, all_titles(made), with_versions=True))


def readme(made):
    """README.md with its table replaced."""
    with open(os.path.join(ROOT, README), encoding="utf-8") as file:
        text = file.read()
    new = BEGIN + table(made, all_titles(made), with_versions=False) + END
    return re.sub(re.escape(BEGIN) + ".*?" + re.escape(END), lambda _: new, text, flags=re.S)


MAKERS = {DOCUMENT: document, README: readme}


def recorded():
    with open(FIGURES, encoding="utf-8") as file:
        return json.load(file)


def keep(made):
    """Writes the figures and the pages."""
    with open(FIGURES, "w", encoding="utf-8") as file:
        json.dump(made, file, indent=1, ensure_ascii=False)
        file.write("\n")
    for path, maker in MAKERS.items():
        text = maker(made)
        with open(os.path.join(ROOT, path), "w", encoding="utf-8") as file:
            file.write(text)


def outdated(made):
    """The pages that show something else."""
    old = []
    for path, maker in MAKERS.items():
        with open(os.path.join(ROOT, path), encoding="utf-8") as file:
            if file.read() != maker(made):
                old.append(path)
    return old
