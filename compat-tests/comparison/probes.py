# SPDX-License-Identifier: Apache-2.0
"""What is asked of each tool, and how its answer is read from the database and its output.

A probe gets a Stage: a tool, an empty database and an empty folder. It returns the cell of the
table. All settings are the defaults of the tool; nothing in the scripts helps it.
"""
import os
import re
import subprocess
import tempfile

from lib.proxy import CLOSE, Cut, Proxy
from lib.server import ServerError

MISTAKE = "texxt"


class Stage:
    def __init__(self, tool, server, database, folder):
        self.tool, self.server, self.folder = tool, server, folder
        self.database, self.name = database, database.name

    def write(self, number, up, down=None):
        path = self.tool.write(self.folder, number, up, down)
        self.tool.prepare(self.folder)
        return path

    def up(self, **limits):
        return self.tool.up(self.folder, self.database, **limits)

    def first(self):
        """Applies a first script, which makes the table a and the tool's history."""
        self.write(1, "create table a (id int);\n", "drop table a;\n")
        outcome = self.up()
        if not outcome.is_good or not self.has("a"):
            raise AssertionError("%s cannot apply a plain script: %s" % (
                self.tool.name, outcome.text))

    def query(self, sql):
        return self.server.psql(sql, self.name, "-At").strip()

    def has(self, table):
        return self.query("select to_regclass('%s') is not null" % table) == "t"

    def is_recorded(self, number):
        try:
            return self.query("select count(*) from %s where %s" % (
                self.tool.history, self.tool.applied % number)) != "0"
        except ServerError:
            return False

    def state(self, number, table):
        """Whether the script's table and its record are there."""
        return self.has(table), self.is_recorded(number)


def yes(condition):
    return "yes" if condition else "no"


def rolls_back(stage):
    stage.first()
    stage.write(2, "create table b (id int);\nselect * from missing;\n")
    return yes(not stage.up().is_good and not stage.has("b"))


class CutAt:
    """Ends all connections after message `number`, or notes what is a COMMIT (number is None)."""

    def __init__(self, proxy, number=None):
        self.number, self.commits, self.is_cut = number, [], False
        proxy.before, proxy.after = self.before, self.after

    def before(self, _message):
        if self.is_cut:
            raise Cut(CLOSE)

    def after(self, message):
        if message.text().strip("; \n").upper() == "COMMIT":
            self.commits.append(message.number)
        if message.number == self.number:
            self.is_cut = True
            raise Cut(CLOSE)


def run_cut(stage, number=None):
    with Proxy(stage.server.host, stage.server.port) as proxy:
        cut = CutAt(proxy, number)
        stage.database.port = proxy.port
        process = subprocess.Popen(stage.tool.arguments(stage.folder, stage.database),
                                   stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                   stderr=subprocess.DEVNULL)
        proxy.start()
        process.wait(timeout=60)
    stage.database.port = stage.server.port
    return cut.commits


def commits_together(stage):
    """All connections are lost right after a COMMIT was sent, or answered, for each of them."""
    stage.first()
    number = 2
    stage.write(number, "create table t2 (id int);\n")
    for at in run_cut(stage):
        number += 1
        stage.write(number, "create table t%d (id int);\n" % number)
        run_cut(stage, at)
        stage.query("select pg_sleep(0.3)")         # for the server to end what it has begun
        has, is_recorded = stage.state(number, "t%d" % number)
        if has and not is_recorded:
            return "no: applied, but not recorded"
        if is_recorded and not has:
            return "no: recorded, but not applied"
        stage.up()
    return "yes"


def index_concurrently(stage):
    stage.first()
    stage.write(2, "create index concurrently i on a (id);\n")
    outcome = stage.up()
    if outcome.is_good and stage.has("i"):
        return "works"
    return "hangs" if outcome.code is None else "fails"


def works(stage, up, table):
    stage.first()
    stage.write(2, up)
    return "works" if stage.up().is_good and stage.state(2, table) == (True, True) else "fails"


def inline_copy(stage):
    answer = works(stage, "create table b (id int, name text);\n"
                          "copy b from stdin;\n1\tone\n2\ttwo\n\\.\n"
                          "insert into b values (3, 'three');\n", "b")
    if answer == "works" and stage.query("select count(*) from b") != "3":
        return "loses rows"
    return answer


def function_body(stage):
    return works(stage, "create table b (id int);\n"
                        "create function f() returns int language plpgsql as $$\n"
                        "begin\n\tperform 1;\n\treturn 2;\nend;\n$$;\n", "b")


def change_is_seen(stage):
    stage.first()
    stage.write(2, "create table b (id int);\n")
    stage.up()
    stage.tool.write(stage.folder, 1, "create table a (id bigint);\n", "drop table a;\n")
    return yes(not stage.up().is_good)


def several_at_once(stage):
    """Four start at once, while a script takes half a second."""
    stage.first()
    stage.write(2, "select pg_sleep(0.5);\ncreate table b (id int);\n")
    stage.write(3, "select pg_sleep(0.5);\ncreate table c (id int);\n")
    running = [subprocess.Popen(stage.tool.arguments(stage.folder, stage.database),
                                stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                stderr=subprocess.DEVNULL) for _ in range(4)]
    failed = sum(process.wait(timeout=120) != 0 for process in running)
    if stage.state(2, "b") != (True, True) or stage.state(3, "c") != (True, True):
        return "not all is applied"
    return "one migrates, the others wait" if failed == 0 else "some of them fail"


def error_place(stage):
    """A mistake in the second script, in the third line of a statement."""
    stage.first()
    path = stage.write(2, "create table b (\n  id int\n);\n\ncreate table c (\n  id int,\n"
                          "  name %s\n);\n" % MISTAKE)
    with open(path, encoding="utf-8") as file:
        lines = file.read().split("\n")
    line = next(i for i, text in enumerate(lines, 1) if MISTAKE in text)
    column = lines[line - 1].index(MISTAKE) + 1
    said = stage.up().text
    found = ["file"] if os.path.basename(path) in said else []
    if has_line(said, line):
        found.append("line")
    if re.search(r":%d:%d\b|[Cc]olumn:? *%d\b" % (line, column, column), said):
        found.append("column")
    if "line" not in found and has_line(said, line - 2):
        found.append("where the statement begins")
    if "line" not in found and "name " + MISTAKE in said:
        found.append("the statement")
    return ", ".join(found) or "none of them"


def has_line(said, number):
    return re.search(r"\w:%d\b|\b[Ll]ine *:? *%d\b" % (number, number), said) is not None


def take_back(stage):
    stage.first()
    stage.write(2, "create table b (id int);\n", "drop table b;\n")
    stage.up()
    arguments = stage.tool.down_arguments(stage.folder, stage.database)
    if arguments is None:
        return None
    subprocess.run(arguments, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                   stderr=subprocess.DEVNULL, timeout=60, check=False)
    return yes(not stage.has("b") and stage.has("a"))


def dry_run(stage):
    stage.first()
    stage.write(2, "create table b (id int);\n")
    arguments = stage.tool.dry_run_arguments(stage.folder, stage.database)
    if arguments is None:
        return None
    done = subprocess.run(arguments, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, timeout=60, check=False)
    text = done.stdout.decode("utf-8", "replace")
    for name in os.listdir(stage.folder):
        if name.startswith("dry"):
            with open(os.path.join(stage.folder, name), encoding="utf-8") as file:
                text += file.read()
    return yes(done.returncode == 0 and not stage.has("b") and
               "create table b" in text.lower())


def repeatable(stage):
    """A script that runs again when it has changed."""
    if not hasattr(stage.tool, "write_repeatable"):
        return None
    stage.first()
    for number in (1, 2):
        stage.tool.write_repeatable(stage.folder,
                                    "create or replace view v as select %d as n;\n" % number)
        stage.up()
    return yes(stage.query("select n from v") == "2")


def late_script(stage):
    """Version 2 comes when version 3 has been applied, as when two branches meet."""
    stage.first()
    stage.write(3, "create table c (id int);\n")
    stage.up()
    stage.write(2, "create table b (id int);\n")
    outcome = stage.up()
    if stage.has("b"):
        return "applies it"
    return "says nothing" if outcome.is_good else "refuses, and says so"


# Title in the tables, probe, and the cell if a tool has nothing of the kind.
PROBES = (
    ("A script that fails in the middle is rolled back", rolls_back, None),
    ("A script and its record are committed together", commits_together, None),
    ("`CREATE INDEX CONCURRENTLY` in a plain script", index_concurrently, None),
    ("Rows after `COPY … FROM STDIN` in a script", inline_copy, None),
    ("A function body with `;` in a plain script", function_body, None),
    ("The next run notices that an applied script was changed", change_is_seen, None),
    ("Four runs at once", several_at_once, None),
    ("A script comes late, with a version in between", late_script, None),
    ("How an error names the place of a mistake", error_place, None),
    ("Takes a migration back", take_back, "no such command"),
    ("Shows the SQL of a run without running it", dry_run, "no such command"),
    ("Scripts that run again when they change", repeatable, "no such scripts"),
)


class Database:
    """port: of the server, or of a proxy before it."""

    def __init__(self, server, name):
        self.host, self.port, self.name = server.host, server.port, name

    @property
    def jdbc_url(self):
        return "jdbc:postgresql://%s:%d/%s" % (self.host, self.port, self.name)

    @property
    def url(self):
        return "postgres://postgres@%s:%d/%s?sslmode=disable" % (self.host, self.port, self.name)


def ask(tool, server):
    """The cells of a tool, by question."""
    cells = {}
    for index, (title, probe, missing) in enumerate(PROBES):
        name = "%s_%d" % (tool.name.lower(), index)
        server.create_database(name)
        with tempfile.TemporaryDirectory() as folder:
            cell = probe(Stage(tool, server, Database(server, name), folder))
        server.drop_database(name)
        cells[title] = missing if cell is None else cell
        print("%s: %s: %s" % (tool.name, title, cells[title]), flush=True)
    return cells
