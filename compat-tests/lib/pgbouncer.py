# SPDX-License-Identifier: Apache-2.0
"""pgbouncer between the tests and a server.

    with open_pooler(server, "transaction", folder) as pooler:
        pooler.jdbc_url("database")
        pooler.leaks("database")

A pool lends the connection that was given back last, so what a client leaves in it meets the next
client.
"""
import contextlib
import os
import shutil
import socket
import subprocess
import time

from . import server as pg
from .session import Session

MODES = ("session", "transaction", "statement")

# PostgreSQL's JDBC driver asks for extra_float_digits.
CONFIGURATION = """\
[databases]
* = host=%(server)s port=%(server_port)d
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = %(port)d
unix_socket_dir =
auth_type = trust
auth_file = %(folder)s/users
admin_users = %(user)s
pool_mode = %(mode)s
default_pool_size = %(size)d
max_client_conn = 500
server_fast_close = 1
ignore_startup_parameters = %(ignored)s
logfile = %(folder)s/log
"""

# What may stay in the connection of a pool: one row for each thing that a client has left.
LEAKS = (
    "select 'lock ' || coalesce(objid::text, '') from pg_locks "
    "where pid = pg_backend_pid() and locktype = 'advisory'",
    "select 'temporary ' || relname from pg_class where relnamespace = pg_my_temp_schema()",
    "select 'prepared ' || name from pg_prepared_statements",
    "select 'cursor ' || name from pg_cursors where is_holdable",
    "select 'listens to ' || channel from pg_listening_channels() channel",
    "select 'role ' || current_user || ' of ' || session_user "
    "where current_user <> session_user or current_setting('role') <> 'none'",
    "select name || ' = ' || setting from pg_settings where source = 'session' and name not in "
    "('application_name', 'client_encoding', 'DateStyle', 'TimeZone', 'transaction_isolation', "
    "'transaction_read_only', 'transaction_deferrable', 'standard_conforming_strings')",
)


# It takes no notice of the signal with which a server of PostgreSQL is stopped.
WATCHDOG = pg.WATCHDOG.replace("-QUIT", "-TERM")


def program():
    """The path of pgbouncer, None if it is not there."""
    return shutil.which("pgbouncer", path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin")


class Pooler:
    def __init__(self, server, mode, port, folder):
        self.server, self.mode, self.port = server, mode, port
        self.host, self.user, self.folder = "127.0.0.1", server.user, folder

    def jdbc_url(self, database):
        return "jdbc:postgresql://%s:%d/%s" % (self.host, self.port, database)

    def session(self, database):
        return Session(self.host, self.port, self.user, database)

    def admin(self, command):
        """The rows of a command of pgbouncer's console."""
        with self.session("pgbouncer") as session:
            return session.query(command)

    def connections(self, database):
        """How many connections to the server the pools of the database hold."""
        return sum(row[2] == database for row in self.admin("show servers"))

    def leaks(self, database):
        """What clients have left in the connections of the pool, in words."""
        found = []
        with contextlib.ExitStack() as stack:
            # Open transactions: each holds a connection of its own.
            for _ in range(max(1, self.connections(database))):
                session = stack.enter_context(self.session(database))
                if self.mode != "statement":
                    session.query("begin")
                for sql in LEAKS:
                    found += [row[0] for row in session.query(sql)]
        return sorted(found)

    def close_connections(self, database):
        """Drops what the pool holds, so that the next client gets new connections."""
        self.admin("reconnect " + database)
        self.admin("wait_close " + database)


def _wait(process, port, limit_s=20):
    end = time.monotonic() + limit_s
    while time.monotonic() < end:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        if process.poll() is not None:
            break
        time.sleep(0.02)
    raise pg.ServerError("pgbouncer does not start: " + process.communicate()[0].decode())


@contextlib.contextmanager
def open_pooler(server, mode, folder, size=20, ignored="extra_float_digits", users=()):
    """Lends up to size connections for each database and user; its files are in a new folder."""
    owner = pg.owner()
    folder = os.path.join(folder, "pgbouncer." + mode)
    os.makedirs(folder)
    port = pg.free_port()
    with open(os.path.join(folder, "users"), "w", encoding="utf-8") as file:
        file.writelines('"%s" ""\n' % user for user in (server.user, *users))
    path = os.path.join(folder, "pgbouncer.ini")
    with open(path, "w", encoding="utf-8") as file:
        file.write(CONFIGURATION % {"server": server.host, "server_port": server.port, "port": port,
                                    "user": server.user, "mode": mode, "size": size,
                                    "folder": folder, "ignored": ignored})
    if owner:
        os.chown(folder, owner["user"], owner["group"])
    process = subprocess.Popen(["sh", "-c", WATCHDOG, "sh", program(), "-q", path],
                               stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                               stderr=subprocess.STDOUT, cwd="/", start_new_session=True,
                               env=pg.environment(), **owner)
    try:
        _wait(process, port)
        yield Pooler(server, mode, port, folder)
    finally:
        process.stdin.close()
        process.wait()
        process.stdout.close()
