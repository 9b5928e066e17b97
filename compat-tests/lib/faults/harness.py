# SPDX-License-Identifier: Apache-2.0
"""What all fault tests share: running the program, databases, scripts and what these leave."""
import collections
import contextlib
import os
import re
import signal
import subprocess
import tempfile
import threading
import time
import zlib

from .. import server as pg

LIMIT_S = 20                    # a program that takes longer hangs
REMOVED_VARIABLES = ("PG", "FLYWAY", "REDGATE", "NO_COLOR", "LC_", "LANG")
HISTORY = "flyway_schema_history"
MARK = "-- the end --"

ALONE_S = 10
# Asked again and again, each time by a transaction of its own: what builds an index concurrently
# waits for the others.
OTHERS = "select count(*) from pg_stat_activity where datname = current_database() " \
    "and pid <> pg_backend_pid()"
OBJECTS = """
select 'history relations ' || count(*) from pg_class
where relnamespace = 'public'::regnamespace and relname like 'flyway_schema_history%'
having count(*) > 0;
select relkind::text || ' ' || relname || case when relkind in ('r', 'v') then ' ' || (xpath(
    '/row/m/text()', query_to_xml(format('select md5(coalesce(string_agg(t::text, chr(10) '
        'order by t::text), chr(32))) as m from %s as t', oid::regclass), false, true, '')))[1]
    else '' end
from pg_class
where relnamespace = 'public'::regnamespace and relname not like 'flyway_schema_history%'
union all
select 'f ' || proname from pg_proc where pronamespace = 'public'::regnamespace order by 1;
"""
ROWS = """
select to_regclass('public.flyway_schema_history') is not null as exists \\gset
\\if :exists
select concat_ws('|', installed_rank, coalesce(version, '-'), description, type, script, checksum,
    success::text) from public.flyway_schema_history order by installed_rank;
\\endif
"""
RESET = "drop schema public cascade; create schema public"


class Failure(Exception):
    """A check that did not hold."""


class Skip(Exception):
    """The test needs something that is not there."""


def java_hash(text):
    value = 0
    for char in text:
        value = (31 * value + ord(char)) & 0xffffffff
    return value - (1 << 32) if value >> 31 else value


# The key of Flyway's advisory lock.
LOCK_KEY = 77431708279161 + java_hash('"public"."%s"' % HISTORY)


class Outcome(collections.namedtuple("Outcome", "code out err elapsed_s")):
    """How a program ended; code is negative when a signal ended it."""

    @property
    def text(self):
        return self.out + self.err

    def must(self, code, what):
        if self.code != code:
            raise Failure("%s: exit %s instead of %s%s" % (what, self.code, code, self.tail()))
        return self

    def must_say(self, text, what):
        if text not in self.text:
            raise Failure("%s: says nothing of %r%s" % (what, text, self.tail()))
        return self

    def own_lines(self, start):
        """How many lines begin with `cflyway: ` and this."""
        return sum(line.startswith("cflyway: " + start) for line in self.text.splitlines())

    def tail(self):
        return "\n    " + "\n    ".join(self.text.splitlines()[-25:])


class Script:
    """A migration. partial: what of it may stay when it does not end, if it is not plain."""

    def __init__(self, name, content, partial=()):
        self.name, self.content, self.partial = name, content, partial
        kind, self.version, self.description = re.match(
            r"([VR])([\d.]*)__(.*)\.sql$", name).groups()
        self.version = self.version if kind == "V" else "-"
        self.description = self.description.replace("_", " ")

    def checksum(self):
        """As Flyway computes it."""
        value = 0
        for line in self.content.splitlines():
            value = zlib.crc32(line.encode(), value)
        return value - (1 << 32) if value >> 31 else value

    def row(self, rank):
        """As ROWS shows it."""
        return "%d|%s|%s|SQL|%s|%d|true" % (rank, self.version, self.description, self.name,
                                            self.checksum())


class State(collections.namedtuple("State", "objects rows")):
    """The objects in a database, and the rows of its history; rows is None without a history."""

    def __str__(self):
        return "no history" if self.rows is None else "rows of the history: %s" % (
            " ".join(row.split("|")[1] for row in self.rows) or "none")

    def difference(self, wanted):
        """What is too much here and what is missing."""
        mine, theirs = (set(state.objects) | set(state.rows or ()) for state in (self, wanted))
        return ["unexpected: " + item for item in sorted(mine - theirs)] \
            + ["missing: " + item for item in sorted(theirs - mine)]


class Session:
    """A psql that stays connected, so that a test can ask often and hold transactions open."""

    def __init__(self, server, database):
        self.process = subprocess.Popen(
            server.psql_command(database, "-At"), stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, env=pg.environment(), start_new_session=True, text=True)
        self.run("\\unset ON_ERROR_STOP\nset client_min_messages = warning")

    def run(self, sql):
        """The lines that psql prints; raises ServerError if one of them is an error."""
        try:
            self.process.stdin.write("%s\n;\\echo %s\n" % (sql, MARK))
            self.process.stdin.flush()
        except OSError:
            pass
        lines = []
        for line in self.process.stdout:
            if line.rstrip("\n") == MARK:
                if any(re.match(r"psql:|ERROR:", found) for found in lines):
                    raise pg.ServerError("\n".join(lines))
                return lines
            lines.append(line.rstrip("\n"))
        raise pg.ServerError("psql has ended: " + "\n".join(lines))

    def value(self, sql):
        return "\n".join(self.run(sql))

    def close(self):
        with contextlib.suppress(OSError):
            self.process.stdin.close()
        self.process.stdout.close()
        self.process.wait()


class Database:
    """An empty database of one test."""

    def __init__(self, server, name):
        self.server, self.name = server, name
        server.create_database(name)
        self.session = Session(server, name)
        self.others = []

    def url(self, port=None):
        return "jdbc:postgresql://%s:%d/%s" % (
            "127.0.0.1" if port else self.server.host, port or self.server.port, self.name)

    def another_session(self):
        self.others.append(Session(self.server, self.name))
        return self.others[-1]

    def hold_lock(self):
        """A session that holds Flyway's lock in a transaction, until it commits."""
        session = self.another_session()
        session.run("begin; select pg_advisory_xact_lock(%d)" % LOCK_KEY)
        return session

    def state(self, alone=True):
        """What is there; alone: after all other sessions have ended, as what a lost client had begun
        ends only when the server notices."""
        end = time.monotonic() + ALONE_S
        while alone and self.session.value(OTHERS) != "0" and time.monotonic() < end:
            time.sleep(0.002)
        lines = self.session.run(OBJECTS)
        rows = self.session.run(ROWS)
        if not any(line.startswith("history relations") for line in lines):
            rows = None
        return State(tuple(lines), rows if rows is None else tuple(rows))

    def reset(self):
        self.session.run(RESET)

    def close(self):
        for session in [self.session, *self.others]:
            session.close()
        self.server.drop_database(self.name)


class Bench:
    def __init__(self, command, server, scratch, options):
        self.command, self.server, self.scratch, self.options = command, server, scratch, options
        self.user = server.user if server else pg.SUPERUSER
        self.home = os.path.join(scratch, "home")
        os.makedirs(self.home)
        self.running = set()
        self.guard = threading.Lock()
        self.ended = False
        self.databases = 0

    # Databases

    @contextlib.contextmanager
    def database(self, name):
        with self.guard:
            self.databases += 1
            number = self.databases
        database = Database(self.server, "faults_%d_%d_%s" % (os.getpid(), number, name))
        try:
            yield database
        finally:
            database.close()

    # Folders

    def folder(self, name):
        return tempfile.mkdtemp(prefix=name + ".", dir=self.scratch)

    def project(self, name, scripts):
        """A folder with the scripts in its folder sql."""
        folder = self.folder(name)
        os.makedirs(os.path.join(folder, "sql"))
        for script in scripts:
            write(os.path.join(folder, "sql", script.name), script.content)
        return folder

    # Programs

    def environment(self, variables=()):
        kept = {key: value for key, value in os.environ.items()
                if not key.upper().startswith(REMOVED_VARIABLES)}
        kept.update(LC_ALL="C.UTF-8", TZ="UTC", HOME=self.home)
        kept.update(variables)
        return kept

    def start_raw(self, folder, args, command=None, env=(), **options):
        """Starts the program with these arguments alone."""
        options = dict(dict(stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                            stderr=subprocess.PIPE), **options)
        with self.guard:
            if self.ended:
                raise Failure("interrupted")
            process = subprocess.Popen((command or self.command) + list(args), cwd=folder,
                                       env=self.environment(env), start_new_session=True, **options)
            self.running.add(process)
        process.started = time.monotonic()
        return process

    def start(self, folder, url, *args, user=None, **options):
        return self.start_raw(folder, ["-url=" + url, "-user=" + (user or self.user),
                                       "-locations=filesystem:sql", *args], **options)

    def finish(self, process, limit_s=LIMIT_S):
        """Waits for the end; a program that hangs is killed and is a failure."""
        try:
            out, err = process.communicate(timeout=limit_s)
        except subprocess.TimeoutExpired as late:
            self.kill(process)
            out, err = process.communicate()
            outcome = Outcome("none", decode(out), decode(err), limit_s)
            raise Failure("no end after %d s%s" % (limit_s, outcome.tail())) from late
        finally:
            with self.guard:
                self.running.discard(process)
        return Outcome(process.returncode, decode(out), decode(err),
                       time.monotonic() - process.started)

    def run(self, folder, url, *args, limit_s=LIMIT_S, **options):
        return self.finish(self.start(folder, url, *args, **options), limit_s)

    def run_raw(self, folder, args, limit_s=LIMIT_S, **options):
        return self.finish(self.start_raw(folder, args, **options), limit_s)

    def migrate(self, folder, database, *args):
        """Must succeed, and so must a validate afterwards."""
        return self.run(folder, database.url(), *args, "migrate", "validate").must(
            0, "migrate and validate")

    @staticmethod
    def kill(process, number=signal.SIGKILL):
        if process.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, number)

    def end_all(self):
        """When the tests are interrupted."""
        with self.guard:
            self.ended = True
            for process in self.running:
                self.kill(process)

    # What scripts should leave

    def expected(self, scripts):
        """The states that a run may leave, by name; made with psql, not with the program."""
        history = "history relations 3"         # table, primary key, index on success
        states = {"nothing": State((), None), "history": State((history,), ())}
        rows = ()
        with self.database("expected") as database:
            def objects():
                return (history,) + database.state().objects

            for rank, script in enumerate(scripts, 1):
                for number, part in enumerate(script.partial, 1):
                    database.session.run(part)
                    states["%s, part %d" % (script.name, number)] = State(objects(), rows)
                if script.partial:
                    database.reset()
                for done in scripts[0 if script.partial else rank - 1:rank]:
                    database.session.run(done.content)
                rows += (script.row(rank),)
                states[script.name] = states["all"] = State(objects(), rows)
        return states


def must_be(state, wanted, what):
    """Compares a state with one wanted State, or with several by name."""
    allowed = wanted if isinstance(wanted, dict) else {"all": wanted}
    if state in allowed.values():
        return
    name = min(allowed, key=lambda known: len(state.difference(allowed[known])))
    raise Failure("%s: %s; nearest to what is right (%s, %s), but\n    %s" % (
        what, state, name, allowed[name],
        "\n    ".join(state.difference(allowed[name]) or ["in another order"])))


def decode(data):
    return (data or b"").decode("utf-8", "backslashreplace")


def write(path, content):
    with open(path, "w", encoding="utf-8") as file:
        file.write(content)


def wait_until(condition, what, limit_s=10):
    end = time.monotonic() + limit_s
    while not condition():
        if time.monotonic() > end:
            raise Failure("waited in vain for " + what)
        time.sleep(0.01)


def waits_for_lock(database):
    """Does a session in it wait for a lock?"""
    return database.session.value(
        "select count(*) from pg_stat_activity where datname = current_database() and "
        "wait_event_type = 'Lock'") != "0"


def shortened(number, what):
    return "%d %s%s" % (number, what, "" if number == 1 else "s")
