# SPDX-License-Identifier: Apache-2.0
"""Plays the steps of a case with a program and returns what was seen.

Every case has an empty folder and an empty database of its own.  In paths, contents, SQL,
arguments and variables these are replaced: {{URL}} {{DB}} {{URL2}} {{DB2}} {{HOST}} {{PORT}}
{{CWD}}.
"""
import csv
import itertools
import json
import os
import shutil
import signal
import sqlite3
import subprocess
import tempfile

from . import normalise, server as pg
from .cases import CaseError
from .file_steps import FileSteps
from .session import SqlError
from .terminal import Terminal

RUN_LIMIT_S = 120
HISTORY_COLUMNS = "installed_rank, version, description, type, script, checksum, installed_by, success"
# For root too, files without permission cannot be read then.
UNPRIVILEGED = ("setpriv", "--bounding-set=-dac_override,-dac_read_search")
REMOVED_VARIABLES = ("PG", "FLYWAY", "REDGATE", "GITHUB", "NO_COLOR", "LC_", "LANG")


class Programs:
    """The programs that run now, so that all of them can be ended when the tests are."""

    def __init__(self):
        self.running = set()
        self.ended = False

    def run(self, command, limit_s, text=b"", terminal=False, **options):
        """Returns (exit code or "timeout", stdout, stderr) of a program and its children.

        text is what it finds on its standard input.  With terminal, both outputs are terminals.
        """
        if self.ended:
            raise CaseError("interrupted")
        terminals = [Terminal(), Terminal()] if terminal else []
        stdout, stderr = [output.follower for output in terminals] or 2 * [subprocess.PIPE]
        with tempfile.TemporaryFile() as file:
            file.write(text)
            file.seek(0)
            process = subprocess.Popen(command, stdin=file, stdout=stdout, stderr=stderr,
                                       start_new_session=True, **options)
        for output in terminals:
            output.close()
        self.running.add(process)
        try:
            out, err = process.communicate(timeout=limit_s)
            code = process.returncode
        except subprocess.TimeoutExpired:
            end_group(process)
            out, err = process.communicate()
            code = "timeout"
        finally:
            self.running.discard(process)
        if terminals:
            out, err = (output.text() for output in terminals)
        return code, out, err

    def end_all(self):
        self.ended = True
        for process in list(self.running):
            end_group(process)


def end_group(process):
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)


class Player(FileSteps):
    """One case being played; play() may be called once."""

    def __init__(self, case, commands, server, scratch, programs, at_end=None):
        """commands: one or more, which take turns; at_end(player) is called before the end."""
        self.case, self.server, self.programs = case, server, programs
        self.turns, self.at_end = itertools.cycle(commands), at_end
        self.folder = os.path.join(scratch, case.name)
        self.home = os.path.join(scratch, case.name + ".home")
        name = "compat_%d_%s" % (os.getpid(), case.name.lower().replace("-", "_"))
        self.database, self.second = name[:60], name[:60] + "_2"
        self.has_second = False
        self.sessions = []
        self.reader = None      # of the history: a connection for each look would take longer
        self.seen = {}

    def play(self):
        """Returns number -> text, one for each run and query, in the order of the steps."""
        os.makedirs(self.folder)
        os.makedirs(self.home)
        try:
            if self.postgresql():
                self.server.create_database(self.database)
            for step in self.case.steps:
                action = getattr(self, "step_" + step["op"], None)
                if not action:
                    raise CaseError("unknown step " + step["op"])
                action(step)
            if self.at_end:
                self.step_release({})
                self.at_end(self)
            return self.seen
        except (KeyError, OSError, sqlite3.Error, pg.ServerError) as err:
            raise CaseError("%s: %s" % (type(err).__name__, err)) from err
        finally:
            self.clear()

    def clear(self):
        self.step_release({})
        self.close_reader()
        shutil.rmtree(self.folder, ignore_errors=True)
        shutil.rmtree(self.home, ignore_errors=True)
        if self.postgresql():
            self.server.drop_database(self.database)
            if self.has_second:
                self.server.drop_database(self.second)

    def close_reader(self):
        if self.reader:
            self.reader.close()
        self.reader = None

    def postgresql(self):
        return self.case.database == "postgresql"

    # What stands for {{...}}, and back

    def values(self):
        file = os.path.join(self.folder, "test.db")
        values = {"CWD": self.folder}
        if self.postgresql():
            values.update(URL=self.server.jdbc_url(self.database), DB=self.database,
                          URL2=self.server.jdbc_url(self.second), DB2=self.second,
                          HOST=self.server.host, PORT=str(self.server.port))
        elif self.case.database == "sqlite":
            values.update(URL="jdbc:sqlite:" + file, DB=file)
        return values

    def fill(self, text):
        for name, value in self.values().items():
            text = text.replace("{{%s}}" % name, value)
        return text

    def blank(self, data, keep=None):
        """The comparable form of output, see normalise.text(); host and port only where they stand together."""
        values = self.values()
        host, port = values.pop("HOST", None), values.pop("PORT", None)
        pairs = [(value, "{{%s}}" % name) for name, value in values.items()]
        if host:
            pairs += [("%s:%s" % (host, port), "{{HOST}}:{{PORT}}"),
                      ("-h %s -p %s" % (host, port), "-h {{HOST}} -p {{PORT}}"),
                      ("port " + port, "port {{PORT}}")]
        return normalise.text(data.decode("utf-8", "backslashreplace"), pairs, self.keeps_own(),
                              keep)

    def keeps_own(self):
        """Whether `cflyway: ` lines of the next run count: where the expectation is cflyway's."""
        return self.case.own or bool(self.case.differs) and self.number() in self.case.differs["runs"]

    def number(self):
        return str(len(self.seen) + 1)

    # Steps

    def step_create_second_database(self, _step):
        self.server.create_database(self.second)
        self.has_second = True

    def step_sql(self, step):
        sql = self.fill(step["sql"])
        if self.postgresql():
            self.server.psql(sql, self.step_database(step))
        else:
            with self.sqlite() as connection:
                connection.executescript(sql)
            connection.close()

    def step_hold(self, step):
        """Runs SQL in a session that stays open (in its transaction, if any) until release."""
        sql = self.fill(step["sql"])
        if self.postgresql():
            session = subprocess.Popen(self.server.psql_command(self.database, "-At"),
                                       stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                       stderr=subprocess.STDOUT, env=pg.environment())
            session.stdin.write((sql + ";\n\\echo held\n").encode())
            session.stdin.flush()
            self.sessions.append(session)
            said = b""
            for line in session.stdout:
                if line == b"held\n":
                    return
                said += line
            raise CaseError("the session that was to hold a lock has ended: " +
                            said.decode("utf-8", "replace"))
        connection = self.sqlite()
        connection.isolation_level = None
        connection.execute(sql)
        self.sessions.append(connection)

    def step_release(self, _step):
        for session in self.sessions:
            if isinstance(session, sqlite3.Connection):
                session.close()
            else:
                session.stdin.close()
                session.stdout.close()
                session.wait()
        self.sessions = []

    def step_query(self, step):
        rows = self.rows(self.fill(step["sql"]), self.step_database(step))
        lines = ["? " + step["sql"]] + [json.dumps(row, ensure_ascii=False) for row in rows]
        self.saw("\n".join(lines) + "\n")

    def step_read(self, step):
        """What a file holds; "missing" is as good an answer as any."""
        path = self.path(step["path"])
        text = "missing"
        if os.path.exists(path):
            with open(path, "rb") as file:
                text = self.blank(file.read())
        self.saw("< %s\n%s\n" % (step["path"], text))

    def step_run(self, step):
        args = [self.fill(arg) for arg in step["args"]]
        variables = {key: self.fill(value) for key, value in step.get("env", {}).items()}
        code, out, err = self.programs.run(
            self.command() + args, step.get("limit_s", RUN_LIMIT_S),
            text=self.fill(step.get("stdin", "")).encode(), terminal=step.get("terminal", False),
            cwd=os.path.join(self.folder, step.get("cwd", "")), env=self.environment(variables))
        keep = step.get("keep")
        out = b"".join(out.splitlines(keepends=True)[:step.get("first_lines")])
        self.saw(render(step, code, self.blank(out, keep), self.blank(err, keep), self.history()))

    # Helpers of the steps

    def command(self):
        """The program whose turn it is."""
        needs_wrapper = self.case.unprivileged and os.geteuid() == 0
        return [*(UNPRIVILEGED if needs_wrapper else ()), *next(self.turns)]

    def saw(self, text):
        self.seen[self.number()] = text

    def environment(self, variables):
        kept = {key: value for key, value in os.environ.items()
                if not key.upper().startswith(REMOVED_VARIABLES)}
        kept.update(LC_ALL="C.UTF-8", TZ="UTC", HOME=self.home)
        kept.update(variables)
        return kept

    def step_database(self, step):
        return self.second if step.get("database") == "second" else self.database

    def sqlite(self):
        return sqlite3.connect(os.path.join(self.folder, "test.db"))

    def rows(self, sql, database):
        if not self.postgresql():
            connection = self.sqlite()
            try:
                return [list(row) for row in connection.execute(sql)]
            finally:
                connection.close()
        out = self.server.psql(sql, database, "--csv", "-t", "-P", "null=\\N")
        return [[None if field == "\\N" else field for field in row]
                for row in csv.reader(out.splitlines(keepends=True))]

    def history(self):
        """The rows of the history table as JSON lines, or None when there is no such table."""
        if self.case.database == "none":
            return None
        schema, table = ('"%s"' % name.replace('"', '""') for name in self.case.history)
        if not self.postgresql():
            return self.sqlite_history(table)
        query = "select json_build_array(%s) from %s.%s order by installed_rank"
        self.reader = self.reader or self.server.session(self.database)
        try:
            rows = self.reader.query(query % (HISTORY_COLUMNS, schema, table))
        except SqlError as err:
            if "does not exist" in str(err):
                return None
            raise CaseError(str(err)) from err
        return [line for row in rows for line in row[0].splitlines()]

    def sqlite_history(self, table):
        query = "select %s from %s order by installed_rank" % (HISTORY_COLUMNS, table)
        if not os.path.exists(os.path.join(self.folder, "test.db")):
            return None
        try:
            return [json.dumps(row, ensure_ascii=False) for row in self.rows(query, None)]
        except sqlite3.Error:
            return None


def render(step, code, out, err, history):
    """The text of one run, as it is stored; sections without content are left out."""
    parts = ["$ flyway " + " ".join(step["args"]), "exit %s" % code]
    if out:
        parts += ["--- stdout", out]
    if err:
        parts += ["--- stderr", err]
    if history is None:
        parts += ["--- no history table"]
    else:
        parts += ["--- history"] + history
    return "\n".join(parts) + "\n"
