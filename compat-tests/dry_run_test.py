#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Dry runs: they change nothing, and their file does what the command does.

For each run of a recorded case whose commands can be a dry run:

- the dry run leaves the database as it was: every row of its catalogs and all of its data;
- the file, run by psql or sqlite3 on a copy, gives what the command gives: a dump of everything,
  the rows of the history, and those that real Flyway has left in this run (times apart);
- a run that fails before it executes anything fails as a dry run too, and leaves no file;
- one that fails in a script gives a file that fails.

    compat-tests/dry_run_test.py            some of the cases
    compat-tests/dry_run_test.py --all      all of them (about 15 minutes)
    compat-tests/dry_run_test.py -k NAME

CFLYWAY names the program under test (default: build/cflyway of this checkout).
"""
import collections
import json
import os
import re
import shutil
import sqlite3
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
sys.dont_write_bytecode = True

from lib import runner, server as pg  # noqa: E402
from lib.case_player import HISTORY_COLUMNS, Player, Programs  # noqa: E402

WRITERS = {"migrate", "undo", "baseline", "repair", "clean"}
EVERY = 24              # one case of so many is played without --all
NOT_SQL = "-- This is not SQL"
CANNOT = "A dry run cannot "    # it says that it does not know what would be there
END = "-- End of the dry run\n"
# What the runs were.
EQUAL = "equal"
ELSEWHERE = "equal, without rows in the history that was looked at"
FILE_FAILS = "fail like their file"
FAILS = "fail like their dry run"
UNKNOWN = "refused by the dry run"
PROGRAM = "with scripts that are not SQL"
EXCEPTION = "exceptions"
KINDS = (EQUAL, ELSEWHERE, FILE_FAILS, FAILS, UNKNOWN, PROGRAM, EXCEPTION)
TIME = re.compile(r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d(\.\d+)?([+-]\d\d)?")

OVERRIDES = "errorOverrides: cflyway goes on after an error, or fails after a notice"

# Runs whose file cannot do the same, with the reason. They change nothing either; and one that
# does the same all the same must not be here.
EXCEPTIONS = {
    "clean-created-schema": {2: "an event trigger refuses to drop tables"},
    "error-overrides": dict.fromkeys((5, 7, 10, 12, 15, 16, 21, 22, 23), OVERRIDES),
    "error-overrides-sqlite": dict.fromkeys((3, 7), OVERRIDES),
    "sqlite-connection-urls": {1: "the file of the database is named by another tool's URL"},
    "sqlite-history-takes-no-row": dict.fromkeys(
        (2, 4), "a trigger ignores the row, and only the command looks"),
    "sqlite-schema-missing": {9: "initSql makes a file"},
    "sqlite-settings": {1: "initSql makes a table"},
    "tx-prepare": {1: "both prepare a transaction of one name on one server"},
    "output-full": dict.fromkeys((1, 2), "both succeed, and then cannot say so"),
}


class Difference(Exception):
    pass


# --- databases ------------------------------------------------------------------------------------


# A line for each table and sequence, those of the catalogs among them. Who writes a row changes its
# xmin, who moves it its ctid.
FINGERPRINT = """
select c.oid::regclass::text || ' ' || coalesce((xpath('/row/sum/text()', query_to_xml(format(
    case relkind when 'S' then 'select last_value || '' '' || is_called as sum from %s'
    else 'select md5(string_agg(ctid::text || xmin::text, '','' order by ctid)) as sum from only %s'
    end, c.oid::regclass), false, true, '')))[1]::text, '')
from pg_class c
where relkind in ('r', 'm', 'S') and not relisshared and relname <> 'pg_statistic'
    and relpersistence <> 't'
order by 1
"""


class Postgres:
    def __init__(self, server, name):
        self.server, self.name = server, name

    def fingerprint(self):
        """Changes with any change of the catalogs or the data."""
        return self.server.psql(FINGERPRINT, self.name, "-At").splitlines()

    def dump(self, *options):
        program = os.path.join(os.path.dirname(pg.binary("postgres")), "pg_dump")
        command = [program, "-h", self.server.host, "-p", str(self.server.port),
                   "-U", self.server.user, "-d", self.name, *options]
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              env=pg.environment())
        if done.returncode != 0:
            raise pg.ServerError(done.stderr.decode("utf-8", "replace"))
        return [line for line in done.stdout.decode("utf-8", "replace").splitlines()
                if not line.startswith(("--", "\\restrict", "\\unrestrict"))]

    def tables_of_history(self):
        return self.server.psql(
            "select format('%I.%I', nspname, relname) from pg_attribute join pg_class c on "
            "c.oid = attrelid join pg_namespace n on n.oid = relnamespace where attname = "
            "'installed_rank' and relkind = 'r'", self.name, "-At").split("\n")

    def contents(self, _history):
        """A dump; of history tables, the columns that do not vary."""
        tables = [name for name in self.tables_of_history() if name]
        lines = self.dump(*("--exclude-table-data=" + name for name in tables))
        for name in sorted(tables):
            lines += [name, *self.rows(name)]
        return lines

    def rows(self, table):
        query = "select json_build_array(%s) from %s order by installed_rank" % (
            HISTORY_COLUMNS, table)
        return self.server.psql(query, self.name, "-At").splitlines()

    def history(self, history):
        try:
            return self.rows('"%s"."%s"' % history)
        except pg.ServerError:
            return None

    def copy(self):
        copy = Postgres(self.server, self.name[:50] + "_dry")
        self.server.drop_database(copy.name)
        self.server.psql('create database "%s" template "%s"' % (copy.name, self.name))
        self.server.psql("insert into pg_db_role_setting select c.oid, setrole, setconfig from "
                         "pg_db_role_setting join pg_database d on d.oid = setdatabase, pg_database "
                         "c where d.datname = '%s' and c.datname = '%s'" % (self.name, copy.name))
        return copy

    def play(self, path, user):
        command = [pg.client(), "-X", "-q", "-v", "ON_ERROR_STOP=1", "-h", self.server.host,
                   "-p", str(self.server.port), "-U", user, "-d", self.name, "-f", path]
        return subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              env=pg.environment())

    def drop(self):
        self.server.drop_database(self.name)


class Sqlite:
    def __init__(self, path):
        self.path = path

    def fingerprint(self):
        """The bytes of the file, and what lies beside it."""
        beside = sorted(name for name in os.listdir(os.path.dirname(self.path))
                        if name.startswith(os.path.basename(self.path)))
        if not os.path.exists(self.path):
            return beside
        with open(self.path, "rb") as file:
            return [*beside, file.read().hex()]

    def contents(self, history):
        if not os.path.exists(self.path):
            return []
        dump = subprocess.run(["sqlite3", "-readonly", self.path, ".dump"], stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, check=False)
        own = tuple("INSERT INTO %s VALUES" % name for name in (history[1], '"%s"' % history[1]))
        return [line for line in dump.stdout.decode("utf-8", "backslashreplace").splitlines()
                if not line.startswith(own)]

    def history(self, history):
        query = "select %s from \"%s\" order by installed_rank" % (HISTORY_COLUMNS, history[1])
        connection = sqlite3.connect(self.path)
        try:
            return [json.dumps(row, ensure_ascii=False) for row in connection.execute(query)]
        except sqlite3.Error:
            return None
        finally:
            connection.close()

    def copy(self):
        copy = Sqlite(self.path + ".dry")
        if os.path.exists(self.path):
            shutil.copyfile(self.path, copy.path)
        return copy

    def play(self, path, _user):
        with open(path, "rb") as file:
            return subprocess.run(["sqlite3", "-bail", self.path], stdin=file,
                                  stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                  cwd=os.path.dirname(self.path))

    def drop(self):
        if os.path.exists(self.path):
            os.remove(self.path)


# --- one case -------------------------------------------------------------------------------------


def recorded_rows(text):
    """The rows below "--- history" of a recorded run, None without a table."""
    lines = text.splitlines()
    if "--- history" not in lines:
        return None
    return lines[lines.index("--- history") + 1:]


def same_json(rows):
    return None if rows is None else [json.loads(row) for row in rows]


def without_times(lines):
    return [TIME.sub("<T>", line) for line in lines]


class DryPlayer(Player):
    """Plays a case, with a dry run before each run that can be one."""

    def __init__(self, *args):
        super().__init__(*args)
        self.user = pg.SUPERUSER
        self.dry_runs = 0
        self.files_of_second = set()    # configuration files with the URL of the second database
        self.exceptions = dict(EXCEPTIONS.get(self.case.name, {}))
        self.differences = []
        self.counts = collections.Counter()

    def step_write(self, step):
        super().step_write(step)
        if "{{URL2}}" in json.dumps(step):
            self.files_of_second.add(step["path"])
        found = re.search(rb"^(?:flyway\.)?user *= *['\"]?([A-Za-z0-9_]+)", self.content(step), re.M)
        if found:
            self.user = found.group(1).decode()

    def step_run(self, step):
        if not self.can_be_dry(step):
            super().step_run(step)
            return
        original = self.original(step)
        file = os.path.join(self.folder, "dry.run.sql")
        before = original.fingerprint()
        code, out, err = self.run_dry(step, file)
        after = original.fingerprint()
        if after != before:
            changed = sorted(set(before) ^ set(after))
            raise Difference("the dry run has changed the database: %.2000r\n%s" % (changed, out))
        self.close_reader()     # a database in use cannot be copied
        copy = original.copy() if code == 0 else None
        try:
            super().step_run(step)
            self.dry_runs += 1
            self.counts[self.compare(step, code, out + err, file, original, copy)] += 1
        except Difference as err:
            if self.exceptions.pop(len(self.seen), None):
                self.counts[EXCEPTION] += 1
            else:
                self.differences.append("run %d: %s" % (len(self.seen), err))
        finally:
            if copy:
                copy.drop()
            if os.path.exists(file):
                os.remove(file)

    def can_be_dry(self, step):
        verbs = {arg for arg in step["args"] if not arg.startswith("-")}
        text = json.dumps(step)
        others = ("-dryRun", "{{URL2}}", ":memory:", '"limit_s"', "-targets", "-environments",
                  "-tenantsQuery")
        return (verbs and verbs <= WRITERS and not self.sessions and
                not any(other in text for other in others))

    def is_on_second(self, step):
        return any(arg[len("-configFiles="):] in self.files_of_second for arg in step["args"]
                   if arg.startswith("-configFiles="))

    def is_recorded(self, original):
        """The rows of the other databases are not."""
        return self.database == original.name if self.postgresql() else \
            original.path == os.path.join(self.folder, "test.db")

    def original(self, step):
        if self.postgresql():
            return Postgres(self.server, self.second if self.is_on_second(step) else self.database)
        return Sqlite(self.sqlite_file(step))

    def sqlite_file(self, step):
        urls = [arg[len("-url="):] for arg in step["args"] if arg.startswith("-url=")]
        url = self.fill((urls or ["{{URL}}"])[0])
        path = re.sub(r"^jdbc:sqlite:(file:)?|\?.*$", "", url)
        return os.path.join(self.folder, step.get("cwd", ""), path)

    def run_dry(self, step, file):
        args = [self.fill(arg) for arg in step["args"]] + ["-dryRunOutput=" + file]
        variables = {key: self.fill(value) for key, value in step.get("env", {}).items()}
        return self.programs.run(self.command() + args, 120,
                                 text=self.fill(step.get("stdin", "")).encode(),
                                 cwd=os.path.join(self.folder, step.get("cwd", "")),
                                 env=self.environment(variables))

    def compare(self, step, dry_code, said, file, original, copy):
        """Returns what the dry run is an example of."""
        number = str(len(self.seen))
        code = re.search(r"^exit (\S+)$", self.seen[number], re.M).group(1)
        said = said.decode("utf-8", "replace")
        if dry_code != 0:
            if code == "0" and CANNOT not in said:
                raise Difference("the dry run fails, the command does not:\n" + said)
            if os.path.exists(file):
                raise Difference("a dry run that failed has left a file")
            return UNKNOWN if code == "0" else FAILS
        with open(file, encoding="utf-8", errors="replace") as text:
            text = text.read()
        if not text.endswith(END):
            raise Difference("the file has no end")
        if NOT_SQL in text:
            return PROGRAM
        user = next((arg[len("-user="):] for arg in step["args"] if arg.startswith("-user=")),
                    self.user)
        played = copy.play(file, user)
        if (played.returncode == 0) != (code == "0"):
            raise Difference("the file ends with %d, the command with %s:\n%s\n%s" % (
                played.returncode, code, played.stdout.decode("utf-8", "replace")[-2000:], text))
        if code != "0":
            return FILE_FAILS
        self.compare_contents(step, original, copy, text)
        return EQUAL if original.history(self.case.history) else ELSEWHERE

    def compare_contents(self, step, original, copy, text):
        number = str(len(self.seen))
        history = self.case.history
        want, got = original.history(history), copy.history(history)
        if same_json(want) != same_json(got):
            raise Difference("other rows: %s\n%s\n%s" % (want, got, text))
        recorded = self.case.expected().get(number) if self.is_recorded(original) else None
        if recorded and "\nexit 0\n" in recorded and not self.case.differs:
            if same_json(recorded_rows(recorded)) != same_json(got):
                raise Difference("other rows than real Flyway's: %s\n%s" % (recorded, got))
        want, got = (without_times(each.contents(history)) for each in (original, copy))
        if want != got:
            diff = [line for line in runner.unified(number, "\n".join(want), "\n".join(got))]
            raise Difference("another database:\n%s\n%s" % ("\n".join(diff[:60]), text))


def check(case, server, scratch, programs, counted):
    needed = runner.missing(case, server)
    if needed:
        return runner.Result(case, "skipped", "needs " + needed)
    player = DryPlayer(case, [runner.cflyway()], server, scratch, programs)
    try:
        player.play()
    except Difference as err:
        player.differences.append("run %d: %s" % (len(player.seen) + 1, err))
    player.differences += ["run %d is no exception: %s" % pair
                           for pair in player.exceptions.items()]
    counted.append(player.counts)
    if player.differences:
        return runner.Result(case, "failed", "\n".join(player.differences))
    if not player.dry_runs:
        return runner.Result(case, "skipped", "no run can be dry")
    return runner.Result(case, "passed", summary(player.counts))


def summary(counts):
    return ", ".join("%d %s" % (counts[kind], kind) for kind in KINDS if counts[kind])


def main():
    parser = runner.parser(__doc__.split("\n")[0])
    parser.add_argument("--all", action="store_true", help="every case")
    options = parser.parse_args()
    chosen = [case for case in runner.chosen_cases(options.k) if case.database != "none"]
    if not options.all and not options.k:
        chosen = [case for i, case in enumerate(chosen) if i % EVERY == 0]
    programs, counted = Programs(), []
    with pg.open_server(("autovacuum=off",)) as server, \
            tempfile.TemporaryDirectory(prefix="compat.") as folder:
        scratch = os.path.realpath(folder)
        results = runner.run_all(lambda case: check(case, server, scratch, programs, counted),
                                 chosen, options, programs)
    counts = collections.Counter()
    for some in counted:
        counts += some
    print("runs: " + summary(counts))
    failed = sum(1 for result in results if result.status == "failed")
    passed = sum(1 for result in results if result.status == "passed")
    print("%d passed, %d failed, %d skipped" % (passed, failed, len(results) - passed - failed))
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main())
