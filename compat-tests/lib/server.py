# SPDX-License-Identifier: Apache-2.0
"""A PostgreSQL server of our own for the time of a test run.

    with open_server() as server:
        server.create_database("one")
        server.psql("create table t(id int)", "one")

The server lives in a temporary directory, in memory where there is room (a database is created
there in a tenth of the time), listens on a free port of 127.0.0.1 (JDBC URLs know no sockets) and
is gone when the block is left, however it is left: a small shell watches a pipe to
us and stops the server as soon as that pipe closes, even after kill -9 of the tests.

If PGHOST is set, open_server() gives that server instead; it must let the superuser `postgres`
in without a password.
"""
import contextlib
import functools
import glob
import os
import pwd
import re
import shutil
import socket
import subprocess
import tempfile
import time

from .session import Session, SqlError

SUPERUSER = "postgres"

# Speed before safety: the data lives for one run.  Prepared transactions are off by default.
SETTINGS = (
    "fsync=off", "synchronous_commit=off", "full_page_writes=off",
    "shared_buffers=16MB", "max_connections=100", "max_prepared_transactions=10",
)

# Ends the server when its standard input ends, which is when the test process has ended.
WATCHDOG = 'exec 3<&0; "$@" </dev/null 3<&- & pid=$!; read _ <&3; kill -QUIT $pid; wait $pid'


class ServerError(Exception):
    """The server or a command sent to it failed; the text is what it said."""


class Server:
    """Where a server listens, and what tests ask of it."""

    def __init__(self, host, port, user=SUPERUSER, directory=None):
        self.host, self.port, self.user = host, int(port), user
        self.directory = directory
        self.log = os.path.join(directory, "log") if directory else None

    def jdbc_url(self, database):
        return "jdbc:postgresql://%s:%d/%s" % (self.host, self.port, database)

    def psql_command(self, database="postgres", *options):
        return [client(), "-X", "-q", "-v", "ON_ERROR_STOP=1", "-h", self.host, "-p", str(self.port),
                "-U", self.user, "-d", database, *options]

    def psql(self, sql, database="postgres", *options):
        """Runs SQL and returns what psql prints; raises ServerError with the server's text."""
        done = subprocess.run(self.psql_command(database, "-f", "-", *options),
                              input=sql.encode(), stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              env=environment())
        if done.returncode != 0:
            raise ServerError(done.stderr.decode("utf-8", "replace").strip())
        return done.stdout.decode("utf-8", "replace")

    def query(self, *statements, database="postgres"):
        """The rows of the last statement, as text; a hundred of them cost less than one psql."""
        rows = []
        try:
            with self.session(database) as session:
                for sql in statements:
                    rows = session.query(sql)
        except (SqlError, OSError) as err:
            raise ServerError(str(err)) from err
        return rows

    def session(self, database="postgres"):
        """For many questions; the caller closes it."""
        return Session(self.host, self.port, self.user, database)

    def value(self, sql, database="postgres"):
        return self.psql(sql, database, "-At").strip()

    @functools.cached_property
    def major(self):
        """15 for 15.20"""
        return int(self.value("show server_version_num")) // 10000

    def create_database(self, name):
        # The default since version 15 writes each page to the log, for three times the time.
        how = " strategy file_copy" if self.major >= 15 else ""
        self.query('create database "%s" template template0%s' % (name, how))

    def drop_database(self, name):
        """Ends its sessions first: "with (force)" came with PostgreSQL 13."""
        self.query("select pg_terminate_backend(pid) from pg_stat_activity where datname = '%s'" % name,
                   'drop database if exists "%s"' % name)


def environment():
    """Our environment without PG* variables, so that none of them changes a test."""
    return {key: value for key, value in os.environ.items() if not key.startswith("PG")}


def binary(name):
    """The path of a server program: $PGBIN, then PATH, then the newest Debian package."""
    def version(path):
        return [int(part) for part in re.findall(r"\d+", path)]

    packages = sorted(glob.glob("/usr/lib/postgresql/*/bin"), key=version, reverse=True)
    where = [os.environ.get("PGBIN"), os.environ.get("PATH")] + packages
    for path in filter(None, where):
        found = shutil.which(name, path=path)
        if found:
            return os.path.realpath(found)
    raise ServerError("%s not found: install PostgreSQL or set PGBIN" % name)


@functools.lru_cache(maxsize=None)
def beside_postgres(name):
    """A client itself where it can be found: Debian's in /usr/bin are a Perl script before it."""
    path = os.path.join(os.path.dirname(binary("postgres")), name)
    return path if os.access(path, os.X_OK) else name


def client():
    return beside_postgres("psql")


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def owner():
    """Arguments of Popen that run the server as an ordinary user: initdb refuses root."""
    if os.getuid() != 0:
        return {}
    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            entry = pwd.getpwnam(name)
            return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}
    raise ServerError("initdb refuses root and there is neither a user postgres nor nobody")


def folder():
    """Where temporary servers live: $TMPDIR, else the file system in memory, if it has room."""
    memory, needed_bytes = "/dev/shm", 2 << 30
    if "TMPDIR" in os.environ or not os.access(memory, os.W_OK):
        return None
    return memory if shutil.disk_usage(memory).free >= needed_bytes else None


def init_data(data, user):
    command = [binary("initdb"), "--no-sync", "-D", data, "-U", SUPERUSER, "-A", "trust",
               "-E", "UTF8", "--locale=C"]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          env=dict(environment(), TZ="UTC"), cwd="/", **user)
    if done.returncode != 0:
        raise ServerError("initdb failed: " + done.stdout.decode("utf-8", "replace"))


def start(directory, settings, user):
    """Starts a server on the data in directory/data; returns its watchdog and its port."""
    port = free_port()
    command = [binary("postgres"), "-D", os.path.join(directory, "data")]
    for setting in (*SETTINGS, "listen_addresses=127.0.0.1", "port=%d" % port,
                    "unix_socket_directories=" + directory, *settings):
        command += ["-c", setting]
    with open(os.path.join(directory, "log"), "ab") as log:
        watchdog = subprocess.Popen(["sh", "-c", WATCHDOG, "sh", *command], stdin=subprocess.PIPE,
                                    stdout=log, stderr=log, cwd="/", start_new_session=True,
                                    env=dict(environment(), TZ="UTC"), **user)
    return watchdog, port


def wait_ready(directory, port, limit_s=60):
    """True when the server says ready, False when it has given up."""
    end = time.monotonic() + limit_s
    state = os.path.join(directory, "data", "postmaster.pid")
    seen = False
    while time.monotonic() < end:
        try:
            with open(state) as file:
                lines = [line.strip() for line in file]
            seen = True
            if len(lines) > 7 and lines[3] == str(port) and lines[7] in ("ready", "standby"):
                return True
        except FileNotFoundError:
            if seen or says(directory, "FATAL"):
                return False
        time.sleep(0.02)
    return False


def says(directory, word):
    with open(os.path.join(directory, "log"), errors="replace") as file:
        return word in file.read()


def stop(watchdog):
    """Closes the pipe; the watchdog then stops the server at once, without a checkpoint."""
    watchdog.stdin.close()
    watchdog.wait()


@contextlib.contextmanager
def data_folder():
    """A new folder for a server and its data: its path, and the arguments of Popen of its owner."""
    user = owner()
    directory = os.path.realpath(tempfile.mkdtemp(prefix="compat-pg.", dir=folder()))
    try:
        os.chmod(directory, 0o711)
        if user:
            os.chown(directory, user["user"], user["group"])
        yield directory, user
    finally:
        shutil.rmtree(directory, ignore_errors=True)


@contextlib.contextmanager
def running(directory, settings, user):
    """The server of the data in directory/data. server.stop() ends it at once, as a crash does."""
    for _ in range(3):                      # another process may take the free port first
        watchdog, port = start(directory, settings, user)
        try:
            if wait_ready(directory, port):
                server = Server("127.0.0.1", port, directory=directory)
                server.stop = lambda: stop(watchdog)
                yield server
                return
        finally:
            stop(watchdog)
    with open(os.path.join(directory, "log"), errors="replace") as log:
        raise ServerError("the server does not start: " + log.read())


@contextlib.contextmanager
def temporary_server(settings=()):
    """A server of our own; settings are further NAME=VALUE, e.g. shared_preload_libraries."""
    with data_folder() as (directory, user):
        init_data(os.path.join(directory, "data"), user)
        with running(directory, settings, user) as server:
            yield server


@contextlib.contextmanager
def standby_server(primary, settings=()):
    """A standby that follows a temporary server. It is a primary after `select pg_promote()`."""
    with data_folder() as (directory, user):
        command = [beside_postgres("pg_basebackup"), "--no-sync", "-c", "fast", "-X", "stream", "-R", "-D",
                   os.path.join(directory, "data"), "-d", "host=%s port=%d user=%s application_name="
                   "standby" % (primary.host, primary.port, primary.user)]
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, cwd="/",
                              env=environment(), **user)
        if done.returncode != 0:
            raise ServerError("pg_basebackup failed: " + done.stdout.decode("utf-8", "replace"))
        with running(directory, settings, user) as server:
            yield server


def open_server(settings=()):
    """The server of PGHOST and PGPORT if PGHOST is set, else a temporary one."""
    if os.environ.get("PGHOST"):
        server = Server(os.environ["PGHOST"], os.environ.get("PGPORT", "5432"))
        return contextlib.nullcontext(server)
    return temporary_server(settings)
