# SPDX-License-Identifier: Apache-2.0
"""Projects and databases on which dry runs that execute are tried, and their documents."""
import json
import os
import subprocess
import tempfile
import time

from lib import runner, server as pg

# Columns of pg_class that the server writes without a transaction.
UPKEEP = ", ".join("'%s'" % name for name in (
    "relpages", "reltuples", "relallvisible", "relallfrozen", "relfrozenxid", "relminmxid",
    "relhasindex"))


class Failure(Exception):
    pass


def equal(what, expected, found):
    if expected != found:
        raise Failure("%s: expected %s, found %s" % (what, expected, found))


def unchanged(what, before, after):
    """Two dumps; shows only the lines that differ."""
    equal(what, sorted(set(before) - set(after)), sorted(set(after) - set(before)))


def must(what, condition):
    if not condition:
        raise Failure(what)


class Project:
    """A folder with migrations, and a database."""

    def __init__(self, folder, arguments, locations=None):
        self.folder = folder
        self.sql = os.path.join(folder, "sql")
        os.makedirs(self.sql, exist_ok=True)
        self.arguments = arguments + ["-locations=" + (locations or "filesystem:" + self.sql)]

    def write(self, name, text):
        with open(os.path.join(self.sql, name), "w", encoding="utf-8") as file:
            file.write(text)

    def read(self, name):
        with open(os.path.join(self.folder, name), encoding="utf-8") as file:
            return file.read()

    def read_json(self, name):
        return json.loads(self.read(name))

    def start(self, *arguments):
        environment = {**pg.environment(), "HOME": self.folder}
        return subprocess.Popen([*runner.cflyway(), *self.arguments, *arguments], cwd=self.folder,
                                env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                stderr=subprocess.PIPE)

    def run(self, *arguments, limit_s=60):
        """(exit status, standard output, standard error)"""
        process = self.start(*arguments)
        out, err = process.communicate(timeout=limit_s)
        return process.returncode, out.decode(), err.decode()

    def ok(self, *arguments):
        status, out, err = self.run(*arguments)
        must("%s: %s%s" % (arguments, out, err), status == 0)
        return out

    def trial(self, *arguments, expected=0):
        """The document of a dry run."""
        status, out, err = self.run("-dryRun=execute", "-outputType=json", *arguments)
        equal("exit status of %s\n%s%s" % (arguments, out, err), expected, status)
        return json.loads(out)


class Database:
    def __init__(self, server, name):
        self.server, self.name = server, name
        server.drop_database(name)
        server.create_database(name)
        self.arguments = ["-url=" + server.jdbc_url(name), "-user=" + server.user]

    def psql(self, sql):
        return self.server.psql(sql, self.name, "-At")

    def session(self, sql, application, stays=False):
        """A psql that runs SQL in the background; stays: until it is told more, see tell()."""
        environment = {**pg.environment(), "PGAPPNAME": application}
        process = subprocess.Popen(self.server.psql_command(self.name), stdin=subprocess.PIPE,
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment)
        process.stdin.write(sql.encode() + b"\n")
        process.stdin.flush()
        if not stays:
            process.stdin.close()
        return process

    @staticmethod
    def tell(session, sql):
        """The last SQL of a session that stays; waits for its end."""
        out, err = session.communicate(sql.encode(), timeout=30)
        equal("a session ends\n%s%s" % (out.decode(), err.decode()), 0, session.returncode)

    def wait_for(self, condition):
        """Until a session of this database fits."""
        deadline = time.monotonic() + 30
        sql = ("select count(*) from pg_stat_activity where datname = '%s' and (%s)" %
               (self.name, condition))
        while self.psql(sql).strip() == "0":
            must("nobody does: " + condition, time.monotonic() < deadline)
            time.sleep(0.05)

    def wait_for_none(self, condition):
        """Until no session of this database fits."""
        deadline = time.monotonic() + 15
        sql = ("select string_agg(pid || ' ' || query, ', ') from pg_stat_activity"
               " where datname = '%s' and pid <> pg_backend_pid() and (%s)" % (self.name, condition))
        while True:
            found = self.psql(sql).strip()
            if found == "":
                return
            must("still there: " + found, time.monotonic() < deadline)
            time.sleep(0.05)

    def dump(self):
        """A sum of each table, also of the catalogue; what sequences have given out is not in it.

        pg_dump is not there for each version of the server, and shows less.
        """
        tables = self.psql("select format('%I.%I', n.nspname, c.relname) from pg_class c"
                           " join pg_namespace n on n.oid = c.relnamespace"
                           " where c.relkind in ('r', 'm') and not c.relisshared"
                           " and n.nspname !~ '^pg_(toast|temp)'"
                           " and c.relname !~ '^pg_statistic' order by 1").split()
        return self.psql(" union all ".join(
            "select '%s ' || md5(coalesce(string_agg(one, chr(10) order by one), '')) from"
            " (select (to_jsonb(t) - array[%s])::text as one from %s t) rows" %
            (table, UPKEEP, table) for table in tables)).splitlines()


def prepare_busy(server, folder, name, script):
    """A table with 1000 rows, and a migration that works on it."""
    database = Database(server, name)
    database.psql("create table busy (i int); insert into busy select generate_series(1, 1000)")
    project = Project(folder, database.arguments + ["-baselineOnMigrate=true",
                                                    "-baselineVersion=0"])
    project.write("V1__a.sql", script)
    return database, project


def statements(document):
    return [statement for script in document["dryRun"]["scripts"]
            for statement in script["statements"]]


def run_parts(parts, wanted):
    """Each part gets a server and a folder; returns the exit status of the test."""
    passed = failed = 0
    with pg.open_server() as server:
        for part in parts:
            if wanted and part.__name__ not in wanted:
                continue
            with tempfile.TemporaryDirectory(prefix="dry-run.") as folder:
                try:
                    part(server, folder)
                    passed += 1
                except (Failure, pg.ServerError) as failure:
                    failed += 1
                    print("FAIL %s: %s" % (part.__name__, failure))
    print("%d passed, %d failed" % (passed, failed))
    return 1 if failed else 0
