#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Runs cflyway behind pgbouncer: session, transaction and statement mode, several clients at once.

After most runs the connections of the pool are looked at: nothing of a run may have stayed there.
What cannot run there must be refused with its reason, and must not have changed anything.

CFLYWAY names the program under test (default: build/cflyway of this checkout).  With FLYWAY, real
Flyway, it takes part in the long form.
"""
import concurrent.futures
import contextlib
import itertools
import os
import re
import shlex
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.dirname(HERE))
sys.dont_write_bytecode = True

from lib import figures, pgbouncer, runner  # noqa: E402
from lib import server as pg  # noqa: E402

LIMIT_S = 120
POOL_SIZE = 4           # fewer connections than clients: they take turns
REFUSAL = ("cannot run behind a connection pooler that lends a server for one transaction at a "
           "time: ")

# What other clients may have left: cflyway must not be misled by it.
DIRT = ("set search_path = evil", "set role stranger", "set work_mem = '77MB'")
DIRT_LEAKS = ("search_path = evil", "role stranger of postgres", "work_mem = 78848")

COUNTED = """\
create table if not exists done (script text);
insert into done values ('%(name)s');
create table %(name)s (id int primary key, zone text);
insert into %(name)s select n, current_setting('TimeZone') from generate_series(1, 50) n;
set local work_mem = '9MB';
create temp table scratch_%(name)s (i int) on commit drop;
"""
PLAIN = {"V%d__plain_%d.sql" % (i, i): COUNTED % {"name": "plain_%d" % i} for i in range(1, 7)}
OUTSIDE = {
    "V1__table.sql": "create table done (script text);\ncreate table city (name text);\n",
    "V2__index.sql": "create index concurrently city_name on city (name);\n",
    "V3__vacuum.sql": "vacuum city;\n",
    "V4__more.sql": "insert into done values ('more');\n",
    "V4__more.sql.conf": "executeInTransaction=false\n",
}
OWN_COMMIT = {"V1__commit.sql": "create table done (script text);\ncommit;\n"
                                "insert into done values ('commit');\n"}

# Script or callback, and the end of the sentence that refuses it.
REFUSED = (
    ("V1__x.sql", "vacuum;", "line 1 runs outside of a transaction, "),
    ("V1__x.sql", "\ncreate index concurrently i on first ((1));", "line 2 runs outside "),
    ("V1__x.sql", "create table a ();\n\ncommit;", "line 3 begins or ends a transaction, "),
    ("V1__x.sql", "savepoint a;", "line 1 begins or ends a transaction, "),
    ("V1__x.sql", "set search_path = x;", "line 1 sets a parameter for the session (SET LOCAL "),
    ("V1__x.sql", "select pg_catalog.set_config('search_path', '', false);", "line 1 sets a param"),
    ("V1__x.sql", "do $$ begin set work_mem = '3MB'; end $$;", "line 1 sets a parameter for the "),
    ("V1__x.sql", "create temp table a ();", "line 1 makes a temporary object that outlives "),
    ("V1__x.sql", "select pg_advisory_lock(1);", "line 1 takes a lock of the session"),
    ("V1__x.sql", "listen a;", "line 1 listens for the session"),
    ("V1__x.sql", "prepare a as select 1;", "line 1 prepares a statement for the session"),
    ("V1__x.sh", "true\n", "it is run while the session holds the lock"),
    ("afterMigrate.sql", "vacuum;", "line 1 runs outside of a transaction, "),
    ("beforeEachMigrate.sql", "set work_mem = 1;", "line 1 sets a parameter for the session"),
    ("afterMigrateOperationFinish.sql", "select 1;", "it runs outside of a transaction"),
)


class Failure(Exception):
    """A check that did not hold."""


class Bench:
    """Servers, poolers and programs of one run of the tests."""

    def __init__(self, stack, scratch, long):
        self.stack, self.scratch, self.long = stack, scratch, long
        self.server = stack.enter_context(pg.temporary_server())
        self.server.query("create role stranger", "create role owner login",
                          "create role login login in role owner")
        self.poolers = {
            mode: stack.enter_context(pgbouncer.open_pooler(
                self.server, mode, scratch, POOL_SIZE, "extra_float_digits", ("login",)))
            for mode in pgbouncer.MODES}
        self.cflyway, self.numbers = runner.cflyway(), itertools.count(1)
        self.flyway = shlex.split(os.environ["FLYWAY"]) if os.environ.get("FLYWAY") else None

    @contextlib.contextmanager
    def database(self, mode):
        name = "%s_%d" % (mode, next(self.numbers))
        self.server.create_database(name)
        try:
            yield name
        finally:
            self.poolers[mode].admin("kill " + name)
            self.poolers[mode].admin("resume " + name)
            self.server.drop_database(name)

    def project(self, files):
        folder = tempfile.mkdtemp(dir=self.scratch)
        for name, text in files.items():
            path = os.path.join(folder, "sql", name)
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "w", encoding="utf-8") as file:
                file.write(text)
        return folder

    def start(self, url, folder, *args, command=None, user="postgres"):
        return subprocess.Popen(
            [*(command or self.cflyway), "-url=" + url, "-user=" + user,
             "-locations=filesystem:sql", *args],
            cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            text=True, env=dict(pg.environment(), TZ="Asia/Tokyo"))

    @staticmethod
    def finish(process):
        try:
            out = process.communicate(timeout=LIMIT_S)[0]
        except subprocess.TimeoutExpired as late:
            process.kill()
            raise Failure("no end after %d s:\n%s" % (LIMIT_S, process.communicate()[0])) from late
        return process.returncode, out

    def run(self, url, folder, *args, **options):
        return self.finish(self.start(url, folder, *args, **options))


def must(condition, what, out=""):
    if not condition:
        raise Failure(what + ("\n    " + "\n    ".join(out.splitlines()[-25:]) if out else ""))


def must_be_clean(bench, mode, database, out=""):
    leaks = bench.poolers[mode].leaks(database)
    must(not leaks, "left in the pool: %s" % ", ".join(leaks), out)


def history(bench, database):
    return [row[0] for row in bench.server.query(
        "select script from flyway_schema_history where success order by installed_rank",
        database=database)]


def objects(bench, database):
    """How many relations are there, those of a history included."""
    return int(bench.server.query("select count(*) from pg_class where relnamespace in "
                                  "('public'::regnamespace)", database=database)[0][0])


def soil(bench, mode, database):
    """Leaves settings in all connections of the pool, as a careless client does."""
    bench.server.query("create schema if not exists evil", database=database)
    with contextlib.ExitStack() as stack:
        for _ in range(POOL_SIZE):
            session = stack.enter_context(bench.poolers[mode].session(database))
            for sql in ("begin", *DIRT):
                session.query(sql)
            session.query("commit; begin")
            stack.callback(session.query, "commit")


# --- one client -----------------------------------------------------------------------------------

def check_plain(bench, mode, args, pooler):
    """Plain scripts, twice; nothing stays in the pool."""
    with bench.database(mode) as database:
        url, folder = bench.poolers[mode].jdbc_url(database), bench.project(PLAIN)
        for verbs in (["info", "migrate", "validate", "info"], ["migrate", "repair"]):
            code, out = bench.run(url, folder, *args, "-cflyway.pooler=" + pooler, *verbs)
            must(code == 0, "exit %d" % code, out)
            must_be_clean(bench, mode, database, out)
        must(history(bench, database) == sorted(PLAIN), "rows: %s" % history(bench, database))
        done = bench.server.query("select script from done order by 1", database=database)
        must([row[0] for row in done] == ["plain_%d" % n for n in range(1, 7)], "done: %s" % done)
        zones = bench.server.query("select distinct zone from plain_1", database=database)
        must(zones == [["Asia/Tokyo"]] or zones == [("Asia/Tokyo",)], "time zone: %s" % (zones,))
        code, out = bench.run(url, folder, "-cleanDisabled=false", "clean")
        must(code == 0 and objects(bench, database) == 0, "clean: exit %d" % code, out)
        must_be_clean(bench, mode, database, out)


def check_dirt(bench):
    """Other clients have set search path and role: what is made is where it belongs."""
    with bench.database("transaction") as database:
        pooler = bench.poolers["transaction"]
        url, folder = pooler.jdbc_url(database), bench.project(PLAIN)
        for target in ("1", "3", "latest"):
            soil(bench, "transaction", database)
            code, out = bench.run(url, folder, "-target=" + target, "migrate")
            must(code == 0, "exit %d" % code, out)
        must(history(bench, database) == sorted(PLAIN), "rows: %s" % history(bench, database))
        found = bench.server.query("select count(*) from pg_class where relnamespace = "
                                   "'evil'::regnamespace", database=database)
        must(str(found[0][0]) == "0", "made in the schema of another client", out)
        owners = bench.server.query("select distinct relowner::regrole::text from pg_class where "
                                    "relnamespace = 'public'::regnamespace", database=database)
        must([row[0] for row in owners] == ["postgres"], "owners: %s" % (owners,))


def check_init_sql(bench):
    """SET ROLE in initSql holds in each transaction, and in no other client's."""
    with bench.database("transaction") as database:
        pooler = bench.poolers["transaction"]
        bench.server.query("grant all on schema public to owner", database=database)
        url, folder = pooler.jdbc_url(database), bench.project(PLAIN)
        for _ in range(2):
            code, out = bench.run(url, folder, "-initSql=set role owner; set work_mem = '5MB'",
                                  "migrate", "info", user="login")
            must(code == 0, "exit %d" % code, out)
        owners = bench.server.query("select distinct relowner::regrole::text from pg_class where "
                                    "relnamespace = 'public'::regnamespace", database=database)
        must([row[0] for row in owners] == ["owner"], "owners: %s" % (owners,))
        with pgbouncer.Session(pooler.host, pooler.port, "login", database) as session:
            left = session.query("select current_user, current_setting('work_mem')")
        must(list(left[0]) == ["login", "4MB"], "left in the pool: %s" % (left,))


def check_refused(bench):
    """Refused with its reason; nothing is there, nothing stays in the pool."""
    with bench.database("transaction") as database:
        for name, text, reason in REFUSED:
            folder = bench.project({"V0__first.sql": "create table first ();\n", name: text})
            code, out = bench.run(bench.poolers["transaction"].jdbc_url(database), folder,
                                  "migrate")
            must(code == 1 and ("ERROR: sql/" + name + " " + REFUSAL + reason) in out,
                 "%s: %s: exit %d" % (name, text, code), out)
            must(objects(bench, database) == 0, "%s: something has been made" % name, out)
        must_be_clean(bench, "transaction", database, out)


def check_commands(bench):
    """Each command, with callbacks and a schema that leads the path; nothing stays in the pool."""
    with bench.database("transaction") as database:
        url = bench.poolers["transaction"].jdbc_url(database)
        events = ("beforeMigrate", "beforeEachMigrate", "afterEachMigrateStatement",
                  "afterMigrate", "afterUndo", "beforeInfo")
        files = {name + ".sql": "create table if not exists seen (event text);\n"
                                "insert into seen values ('%s');\n" % name for name in events}
        files.update(PLAIN, **{"U6__plain_6.sql": "drop table plain_6;\n"})
        folder = bench.project(files)
        for verbs in (["-baselineVersion=1", "baseline"], ["-cflyway.durability=run", "migrate"],
                      ["undo"], ["repair", "info"], ["-dryRunOutput=file.sql", "migrate"],
                      ["-skipExecutingMigrations=true", "migrate"], ["-outputType=json", "info"],
                      ["-cleanDisabled=false", "clean"]):
            soil(bench, "transaction", database)
            code, out = bench.run(url, folder, "-schemas=app", *verbs)
            must(code == 0, "%s: exit %d" % (" ".join(verbs), code), out)
            left = [leak for leak in bench.poolers["transaction"].leaks(database)
                    if leak not in DIRT_LEAKS]
            must(not left, "%s: left in the pool: %s" % (" ".join(verbs), ", ".join(left)), out)
            if verbs[-1] == "undo":
                strange = bench.server.query(
                    "select relname from pg_class where relnamespace in ('public'::regnamespace, "
                    "'evil'::regnamespace)", database=database)
                must(not strange, "made in another schema: %s" % (strange,), out)
        code, out = bench.run(url, folder, "-schemas=app", "-dryRun=execute", "migrate")
        must(code == 1 and "dryRun=execute needs a session of its own" in out, "a trial", out)


def check_fresh(bench):
    """What clean would drop is not lost because migrate is refused afterwards."""
    with bench.database("transaction") as database:
        url = bench.poolers["transaction"].jdbc_url(database)
        folder = bench.project(PLAIN)
        code, out = bench.run(url, folder, "migrate")
        must(code == 0, "migrate: exit %d" % code, out)
        before = objects(bench, database)
        for name, text, reason in (("V9__x.sql", "vacuum;", "line 1 runs outside "),
                                   ("afterClean.sql", "vacuum;", "line 1 runs outside ")):
            folder = bench.project(dict(PLAIN, **{name: text}))
            code, out = bench.run(url, folder, "-confirm=DELETE ALL DATA", "fresh")
            must(code == 1 and ("ERROR: sql/" + name + " " + REFUSAL + reason) in out,
                 "fresh: exit %d" % code, out)
            must(objects(bench, database) == before, "something has been dropped", out)


def check_options(bench):
    """Options that the pooler refuses, and that it is told to ignore."""
    with contextlib.ExitStack() as stack:
        folder = bench.project(PLAIN)
        database = stack.enter_context(bench.database("transaction"))
        os.chmod(folder, 0o711)
        ignoring = stack.enter_context(pgbouncer.open_pooler(
            bench.server, "transaction", folder, ignored="options"))
        for url, expected in (
                (bench.poolers["transaction"].jdbc_url(database), "takes no options"),
                (ignoring.jdbc_url(database), "do not get through a connection pooler")):
            code, out = bench.run(url + "?currentSchema=evil", folder, "migrate")
            must(code == 1 and expected in out, "exit %d" % code, out)
            must(objects(bench, database) == 0, "something has been made", out)


def check_statement_mode(bench, files):
    """No migration, no message that blames something else; nothing is there."""
    with bench.database("statement") as database:
        url, folder = bench.poolers["statement"].jdbc_url(database), bench.project(files)
        code, out = bench.run(url, folder, "info")
        must(code == 0, "info: exit %d" % code, out)
        code, out = bench.run(url, folder, "migrate")
        must(code == 1 and ("pool_mode=statement" in out or REFUSAL in out), "migrate", out)
        must(objects(bench, database) == 0, "something has been made", out)
        must_be_clean(bench, "statement", database, out)


def check_wrong_setting(bench):
    """cflyway.pooler=session, but transactions are pooled: found out, if the server changes."""
    with bench.database("transaction") as database:
        pooler = bench.poolers["transaction"]
        folder = bench.project({"beforeMigrate.sql": "select pg_sleep(0.1);\n", **OUTSIDE})
        code, out = bench.run(pooler.jdbc_url(database), folder, "-target=1", "migrate")
        must(code == 0 or REFUSAL in out, "exit %d" % code, out)
        with contextlib.ExitStack() as stack:
            # Others take and give back connections all the time: ours are not the same for long.
            stop = []
            stack.callback(stop.append, True)
            pool = stack.enter_context(concurrent.futures.ThreadPoolExecutor(6))
            stack.callback(stop.append, True)

            def disturb():
                with pooler.session(database) as session:
                    while not stop:
                        session.query("select pg_sleep(0.001)")

            waiting = [pool.submit(disturb) for _ in range(6)]
            time.sleep(0.1)
            code, out = bench.run(pooler.jdbc_url(database), folder, "-cflyway.pooler=session",
                                  "migrate")
            stop.append(True)
            for future in waiting:
                future.result()
        return code != 0 and "has lent this connection another server" in out


# --- several at once ------------------------------------------------------------------------------

def check_together(bench, mode, files, count, args, flyways=0):
    """So many clients; each script is applied once, by one of them. Returns who applied what."""
    with bench.database(mode) as database:
        url, folder = bench.poolers[mode].jdbc_url(database), bench.project(files)
        running = [bench.start(url + "?prepareThreshold=0", folder, "migrate",
                               command=bench.flyway) for _ in range(flyways)]
        running += [bench.start(url, folder, *args, "migrate") for _ in range(count)]
        outcomes = [bench.finish(process) for process in running]
        for code, out in outcomes:
            must(code == 0, "exit %d" % code, out)
        scripts = sorted(name for name in files if name.endswith(".sql"))
        must(history(bench, database) == scripts, "rows: %s" % history(bench, database))
        said = sum(int(n) for _, out in outcomes
                   for n in re.findall(r"Successfully applied (\d+) migration", out))
        must(said == len(scripts), "together they say to have applied %d" % said)
        twice = bench.server.query("select script from done group by 1 having count(*) > 1",
                                   database=database)
        must(not twice, "applied twice: %s" % (twice,))
        if not flyways:
            must_be_clean(bench, mode, database, outcomes[0][1])


def check_together_refused(bench, files, count):
    """So many clients with scripts that cannot run there: all of them are refused."""
    with bench.database("transaction") as database:
        url, folder = bench.poolers["transaction"].jdbc_url(database), bench.project(files)
        running = [bench.start(url, folder, "migrate") for _ in range(count)]
        for code, out in map(bench.finish, running):
            must(code == 1 and REFUSAL in out, "exit %d" % code, out)
        must(objects(bench, database) == 0, "something has been made", out)
        must_be_clean(bench, "transaction", database, out)


# --- all of them ----------------------------------------------------------------------------------

# What the checks look for.
APPLIED, REFUSED_ONLY = ("lost", "leaked"), ("leaked",)
TOGETHER, TOGETHER_REFUSED = ("lost", "twice", "untrue", "leaked"), ("twice", "leaked")


def rounds(found, what, number, check, measured, note=""):
    """Runs a check so many times; a failure ends the tests. measured: what it would have found."""
    started = time.monotonic()
    for _ in range(number):
        check()
    found.add(what, note, tried=number, **{name: 0 for name in measured})
    print("ok %s (%d times; %.1f s)" % (what, number, time.monotonic() - started), flush=True)


def play(bench, found):
    times = 15 if bench.long else 1
    for mode, pooler in (("session", "auto"), ("session", "session"), ("transaction", "auto"),
                         ("transaction", "transaction")):
        rounds(found, "plain scripts, pool_mode=%s, cflyway.pooler=%s" % (mode, pooler), times,
               lambda: check_plain(bench, mode, [], pooler), APPLIED)
    rounds(found, "plain scripts as a group", times,
           lambda: check_plain(bench, "transaction", ["-group=true"], "auto"), APPLIED)
    rounds(found, "plain scripts after clients that set role and search path", times,
           lambda: check_dirt(bench), ("lost",))
    rounds(found, "each command, with callbacks, after such clients", times,
           lambda: check_commands(bench), ("leaked",))
    rounds(found, "SET ROLE in initSql", times, lambda: check_init_sql(bench), ("leaked",))
    rounds(found, "%d kinds of scripts and callbacks that need a session" % len(REFUSED), times,
           lambda: check_refused(bench), REFUSED_ONLY, "all refused")
    rounds(found, "fresh, with such scripts", times, lambda: check_fresh(bench), ("lost",),
           "all refused")
    rounds(found, "currentSchema in the URL", times, lambda: check_options(bench), (),
           "all refused")
    for what, files in (("plain scripts", PLAIN), ("scripts outside of a transaction", OUTSIDE)):
        rounds(found, "%s, pool_mode=statement" % what, times,
               lambda: check_statement_mode(bench, files), REFUSED_ONLY, "all refused")
    play_together(bench, found)


def play_together(bench, found):
    times, many = (15, 12) if bench.long else (2, 3)
    for count in (2, many):
        rounds(found, "%d clients, plain scripts" % count, times,
               lambda: check_together(bench, "transaction", PLAIN, count, []), TOGETHER)
        rounds(found, "%d clients, scripts outside of a transaction" % count, times,
               lambda: check_together_refused(bench, OUTSIDE, count), TOGETHER_REFUSED,
               "all refused")
        rounds(found, "%d clients, scripts with their own COMMIT" % count, times,
               lambda: check_together_refused(bench, OWN_COMMIT, count), TOGETHER_REFUSED,
               "all refused")
        rounds(found, "%d clients, scripts outside of a transaction, pool_mode=session" % min(
            count, POOL_SIZE), times,
               lambda: check_together(bench, "session", OUTSIDE, min(count, POOL_SIZE),
                                      ["-cflyway.pooler=session"]), TOGETHER)
    if bench.long and bench.flyway:
        for mode, args in (("transaction", []), ("session", ["-cflyway.pooler=session"])):
            rounds(found, "real Flyway and cflyway, plain scripts, pool_mode=%s" % mode, 6,
                   lambda: check_together(bench, mode, PLAIN, 2, args, flyways=1),
                   ("lost", "twice", "untrue"), "two cflyway, one Flyway; leaks are not looked for")
    if bench.long:
        noticed = sum(check_wrong_setting(bench) for _ in range(10))
        found.add("cflyway.pooler=session where transactions are pooled",
                  "a wrong setting; noticed in %d" % noticed, tried=10)


def main():
    options = figures.parser(__doc__).parse_args()
    if pgbouncer.program() is None:
        print("skip pgbouncer: it is not installed\n0 passed, 0 failed, 1 skipped")
        return 0
    found = figures.Figures("pgbouncer", "Behind pgbouncer", [
        "pgbouncer with pools of %d connections between cflyway and PostgreSQL. After a run whose "
        "row has a figure for *leaked*, what the connections hold that the pool has then is looked "
        "at: advisory locks, temporary tables, prepared statements, cursors WITH HOLD, LISTEN, "
        "role, and parameters that were set. *Leaked* counts what stayed there." % POOL_SIZE])
    with contextlib.ExitStack() as stack:
        scratch = os.path.realpath(stack.enter_context(tempfile.TemporaryDirectory(
            prefix="pgbouncer.", dir=pg.folder())))
        os.chmod(scratch, 0o711)
        bench = Bench(stack, scratch, options.long)
        try:
            play(bench, found)
        except (Failure, pg.ServerError, OSError) as err:
            print("FAIL %s\n%d passed, 1 failed" % (err, len(found.rows)))
            return 1
    if options.long:
        found.write()
    print("%d passed, 0 failed" % len(found.rows))
    return 0


if __name__ == "__main__":
    sys.exit(main())
