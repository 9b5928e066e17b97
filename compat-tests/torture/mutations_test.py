#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Scripts with one mistake each: does cflyway point at the character that psql points at?

    compat-tests/torture/mutations_test.py                 10 mistakes, in the project's own scripts
    compat-tests/torture/mutations_test.py --long --clones FOLDER [--scripts FOLDER]

A mistake is a character, a letter's place or a parenthesis that is lost, or a comma too many, in a
statement of a script that others have written.  What precedes the statement in its file becomes
harmless, line by line, so that the lines keep their numbers.  The script is played by
psql -v ON_ERROR_STOP=1 and by cflyway; line and column have to be equal.

psql names the last line of the statement, and line and column in it; so the text of the statement,
which it shows with ECHO=errors, is looked for in the file.  Where psql has nothing to point at, the
place is that of the first word.

--clones: clones OWNER/NAME of the projects of projects.ini, as compare-projects takes them.
--scripts: a folder of other scripts, such as src/test/regress/sql of PostgreSQL.

CFLYWAY names the program under test (default: build/cflyway of this checkout).
"""
import configparser
import glob
import json
import os
import random
import re
import shlex
import subprocess
import sys
import tempfile
import unicodedata

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(os.path.dirname(HERE))
sys.path.insert(0, os.path.dirname(HERE))
sys.dont_write_bytecode = True

from lib import figures, server as pg  # noqa: E402

COMMAND = "compat-tests/torture/mutations_test.py --long --clones FOLDER --scripts FOLDER"
SHORT, LONG = 10, 300
LIMIT_S = 30
MAX_BYTES = 200_000             # of a script
TEXT = [
    "One mistake for each try: a character is lost, two letters of a word are exchanged, a parenthesis "
    "is lost, or a comma doubled, in a statement of a public script. psql and cflyway play it; the "
    "line and the column that cflyway names have to be those of psql's caret.",
    "Left out by rule: statements in which psql sees commands or variables of its own (a backslash, "
    ":name) or rows of COPY. A mistake that the server does not mind is no try.",
]
# What psql would not send as it is written, or would read rows for.
OF_PSQL = re.compile(r"\\|(?<![:\w]):[A-Za-z_'\"{]|\bfrom\s+std(in|out)|\bto\s+stdout", re.I)
KEPT_LINES = ("", "select 1;", "-- Zeile 日本", "\tselect 2; -- x", "/* y */ select 3;")
HEADER = re.compile(r"^psql:[^\n]*?:(\d+): (?:ERROR|FATAL):", re.M)
PLACE = re.compile(r"^LINE (\d+): (.*)\n( *)\^$", re.M)
STATEMENT = re.compile(r"^psql:[^\n]*?:\d+: STATEMENT:  ", re.M)
SKIPPED = re.compile(r"(?:\s+|--[^\n]*|/\*.*?\*/)*", re.S)


def program():
    command = shlex.split(os.environ.get("CFLYWAY") or os.path.join(TOP, "build", "cflyway"))
    return [os.path.abspath(command[0]) if "/" in command[0] else command[0], *command[1:]]


# --- scripts --------------------------------------------------------------------------------------

def own_scripts():
    patterns = ("examples/*/**/*.sql", "migrations/**/*.sql")
    return {os.path.relpath(path, TOP): open(path, encoding="utf-8").read()
            for pattern in patterns for path in sorted(glob.glob(os.path.join(TOP, pattern),
                                                                 recursive=True))}


def files_of_clone(clone, commit, paths):
    """The SQL files of a clone, bare or not, as name -> text."""
    listed = subprocess.run(["git", "-C", clone, "ls-tree", "-r", "--name-only", commit, *paths],
                            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False)
    found = {}
    for name in listed.stdout.decode("utf-8", "replace").splitlines():
        if name.endswith(".sql"):
            shown = subprocess.run(["git", "-C", clone, "show", "%s:%s" % (commit, name)],
                                   stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False)
            found[name] = shown.stdout
    return found


def decoded(content):
    """Text without what is no script here; None: it is not used."""
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        return None
    return text if len(content) < MAX_BYTES and ";" in text else None


def public_scripts(options, chance):
    """Project -> {name: text}."""
    sources = {}
    parser = configparser.ConfigParser(interpolation=None)
    parser.read(os.path.join(os.path.dirname(HERE), "projects.ini"), encoding="utf-8")
    for name in parser.sections():
        clone = os.path.join(options.clones or "", name)
        if options.clones and os.path.isdir(clone):
            files = files_of_clone(clone, parser[name]["commit"], parser[name]["paths"].split())
            sources[name] = {file: decoded(content) for file, content in files.items()}
    if options.scripts:
        paths = sorted(glob.glob(os.path.join(options.scripts, "**", "*.sql"), recursive=True))
        sources["other scripts"] = {}
        for path in chance.sample(paths, min(len(paths), 150)):
            with open(path, "rb") as file:
                sources["other scripts"][os.path.basename(path)] = decoded(file.read())
    return {name: {file: text for file, text in files.items() if text}
            for name, files in sources.items() if any(files.values())}


def statements(text):
    """Offsets where statements may begin and end: after a line that ends with a semicolon."""
    ends = [match.end() for match in re.finditer(r";[ \t]*\r?\n", text)] + [len(text)]
    return [(begin, end) for begin, end in zip([0] + ends, ends)
            if len(text[begin:end].strip()) > 20]


# --- mistakes -------------------------------------------------------------------------------------

def lose_character(chance, text):
    at = chance.choice([match.start() for match in re.finditer(r"\S", text)] or [0])
    return text[:at] + text[at + 1:]


def exchange_letters(chance, text):
    words = list(re.finditer(r"\b[A-Za-z]{3,}\b", text))
    if not words:
        return text
    word = chance.choice(words)
    at = word.start() + chance.randrange(len(word.group()) - 1)
    return text[:at] + text[at + 1] + text[at] + text[at + 2:]


def lose_parenthesis(chance, text):
    places = [match.start() for match in re.finditer(r"[()]", text)]
    if not places:
        return text
    at = chance.choice(places)
    return text[:at] + text[at + 1:]


def double_comma(chance, text):
    places = [match.start() for match in re.finditer(",", text)]
    if not places:
        return text
    at = chance.choice(places)
    return text[:at] + "," + text[at:]


MISTAKES = {"a character lost": lose_character, "two letters exchanged": exchange_letters,
            "a parenthesis lost": lose_parenthesis, "a comma doubled": double_comma}


def mutant(chance, text, kind):
    """The script with a mistake, or None: this choice does not fit."""
    cuts = statements(text)
    if not cuts:
        return None
    begin, end = chance.choice(cuts)
    changed = MISTAKES[kind](chance, text[begin:end])
    after = text[end:end + 5000]
    if changed == text[begin:end] or OF_PSQL.search(changed + after):
        return None
    lines = text[:begin].count("\n")
    before = "".join(chance.choice(KEPT_LINES) + "\n" for _ in range(lines))
    return before + changed + after


# --- psql -----------------------------------------------------------------------------------------

def width(character):
    if unicodedata.combining(character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def index_of(shown, column):
    """Which character of a text is shown at that column."""
    at = 0
    for index, character in enumerate(shown):
        if at >= column:
            return index
        at += width(character)
    return len(shown)


def places_in_line(line, shown, column):
    """Where in the line the caret may be: more than one if what is shown occurs more than once."""
    index = index_of(shown, column)
    body, begin = shown, 0
    if body.startswith("..."):
        body, begin = body[3:], 3
    if body.endswith("..."):
        body = body[:-3]
    plain = line.replace("\t", " ")
    found = {match.start() + index - begin
             for match in re.finditer("(?=%s)" % re.escape(body), plain)} if body else {index}
    return found if begin else {index} & found or {index}


class Verdict:
    """What psql says: lines and columns that are right; or why there is nothing to compare."""

    def __init__(self, script, stderr):
        self.places, self.reason, self.span = set(), None, None
        header, statement = HEADER.search(stderr), STATEMENT.search(stderr)
        if not header or not statement:
            self.reason = "psql runs it"
            return
        sent = stderr[statement.end():].rstrip("\n")
        last = int(header.group(1))
        begin = self.find(script, sent, last)
        if begin is None:
            self.reason = "psql sends another text"
            return
        self.span = (script[:begin].count("\n") + 1, last)
        place = PLACE.search(stderr[:statement.start()])
        inner = "\nQUERY:  " in stderr or (not place and re.search(
            r"^(CONTEXT:  )?(PL/pgSQL|SQL) function", stderr, re.M))
        if inner:
            self.reason = "inside a function"
        elif place:
            line = int(place.group(1))
            prefix = len("LINE %d: " % line)
            start = begin
            for _ in range(line - 1):
                start = script.index("\n", start) + 1
            text = script[start:].split("\n")[0]
            for at in places_in_line(text, place.group(2), len(place.group(3)) - prefix):
                self.places.add(self.position(script, start + at))
        else:
            self.places.add(self.position(script, begin + SKIPPED.match(sent).end()))

    @staticmethod
    def position(script, offset):
        return script[:offset].count("\n") + 1, offset - script.rfind("\n", 0, offset)

    @staticmethod
    def find(script, sent, last):
        """Where the statement begins that ends in that line."""
        at = -1
        best = None
        while (at := script.find(sent, at + 1)) >= 0:
            end = script[:at + len(sent)].count("\n") + 1
            if end <= last:
                best = at
        return best


def ask_psql(server, path, script):
    done = subprocess.run(
        server.psql_command("mutants", "-v", "ECHO=errors", "-o", "/dev/null", "-c", "begin", "-f", path),
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
        env=dict(pg.environment(), PGCLIENTENCODING="UTF8"), timeout=LIMIT_S, check=False)
    return Verdict(script, done.stderr.decode("utf-8", "replace"))


# --- cflyway --------------------------------------------------------------------------------------

def ask_cflyway(server, folder, number):
    """Line and column of the first place, and whether the database has refused it."""
    done = subprocess.run(
        [*program(), "-url=" + server.jdbc_url("mutants"), "-user=" + server.user,
         "-locations=filesystem:sql", "-table=h%d" % number, "-baselineOnMigrate=true",
         "-baselineVersion=0", "-placeholderReplacement=false", "-mixed=true",
         "-outputType=json", "migrate"],
        cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        timeout=LIMIT_S, check=False)
    shown = json.loads(done.stdout)
    for note in shown.get("cflyway", []):
        if note["kind"] == "place":
            return (note["line"], note.get("column", 0)), "sqlState" in (shown.get("error") or {})
    return None, True


def play(server, folder, script, number):
    """A sentence about what differs, "" if nothing does; None: there is nothing to compare."""
    path = os.path.join(folder, "sql", "V1__mutant.sql")
    with open(path, "w", encoding="utf-8", newline="") as file:
        file.write(script)
    verdict = ask_psql(server, path, script)
    if verdict.span is None:
        return None, verdict.reason
    place, is_sql = ask_cflyway(server, folder, number)
    if place is None:
        return "cflyway names no place", verdict.reason
    if verdict.reason or not is_sql:
        first, last = verdict.span
        if first <= place[0] <= last:
            return "", verdict.reason or "not sent"
        return "psql: in lines %d to %d; cflyway: %d:%d" % (first, last, *place), verdict.reason
    if place in verdict.places:
        return "", None
    return "psql: %s; cflyway: %d:%d" % (
        " or ".join("%d:%d" % place for place in sorted(verdict.places)), *place), None


def sources_of(options, chance):
    if not options.long:
        return {"own examples": own_scripts()}
    return public_scripts(options, chance)


def run(options, sources, chance, server, folder):
    counts = {kind: {"tried": 0, "untrue": 0, "inside": 0} for kind in MISTAKES}
    wanted, number, failures, used = LONG if options.long else SHORT, 0, [], set()
    server.query("create database mutants")
    while sum(count["tried"] + count["inside"] for count in counts.values()) < wanted:
        number += 1
        if number > 40 * wanted:
            sys.exit("too few mistakes can be made in these scripts")
        project = chance.choice(sorted(sources))
        name = chance.choice(sorted(sources[project]))
        kind = chance.choice(sorted(MISTAKES))
        script = mutant(chance, sources[project][name], kind)
        if script is None:
            continue
        says, rule = play(server, folder, script, number)
        if says is None:
            continue
        used.add((project, name))
        counts[kind]["inside" if rule and not says else "tried"] += 1
        if says:
            counts[kind]["untrue"] += 1
            failures.append("%s of %s, %s: %s" % (name, project, kind, says))
            print("FAIL", failures[-1])
            if os.environ.get("KEEP"):
                with open(os.path.join(os.environ["KEEP"], "%d.sql" % number), "w",
                          encoding="utf-8", newline="") as file:
                    file.write(script)
    return counts, failures, used


def main():
    parser = figures.parser(__doc__)
    parser.add_argument("--clones", metavar="FOLDER", help="clones OWNER/NAME of public projects")
    parser.add_argument("--scripts", metavar="FOLDER", help="a folder of other scripts")
    options = parser.parse_args()
    chance = random.Random(options.seed)
    sources = sources_of(options, chance)
    if not sources:
        print("skipped: --long needs scripts, by --clones or --scripts")
        return 0
    with pg.open_server() as server, tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        os.mkdir(os.path.join(folder, "sql"))
        counts, failures, used = run(options, sources, chance, server, folder)
    found = figures.Figures("mutations", "Places of mistakes", TEXT, by=COMMAND)
    for kind, count in counts.items():
        found.add(kind, tried=count["tried"], untrue=count["untrue"])
    inside = sum(count["inside"] for count in counts.values())
    if inside:
        found.add("in a function, or not sent by Flyway's rules", tried=inside, untrue=0,
                  note="psql shows no place in the file: cflyway's lies in the statement")
    tried = sum(count["tried"] + count["inside"] for count in counts.values())
    if options.long:
        found.text.append("The scripts: %d files of %s." % (
            len(used), ", ".join(sorted({project for project, _ in used}))))
        found.write()
    print("seed %d: %d mistakes in %d scripts, %d failed" % (
        options.seed, tried, len(used), len(failures)))
    print("%d passed, %d failed" % (tried - len(failures), len(failures)))
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
