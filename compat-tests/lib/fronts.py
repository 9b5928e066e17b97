# SPDX-License-Identifier: Apache-2.0
"""Programs that stand before several servers: HAProxy passes bytes on, pgpool reads the SQL.

    with open_pgpool(primary, standby, folder) as front:
        front.jdbc_url("database")
"""
import contextlib
import os
import shutil
import socket
import subprocess
import time

from . import server as pg
from .session import Session

WATCHDOG = pg.WATCHDOG.replace("-QUIT", "-TERM")

# Statements that only read go to one of both servers, by the weights.
PGPOOL = """\
listen_addresses = '127.0.0.1'
port = %(port)d
socket_dir = '%(folder)s'
pcp_listen_addresses = ''
pcp_socket_dir = '%(folder)s'
pcp_port = %(pcp_port)d
pid_file_name = '%(folder)s/pid'
logdir = '%(folder)s'
num_init_children = 32
max_pool = 2
backend_clustering_mode = 'streaming_replication'
backend_hostname0 = '127.0.0.1'
backend_port0 = %(primary)d
backend_weight0 = 0
backend_flag0 = 'ALWAYS_PRIMARY|DISALLOW_TO_FAILOVER'
backend_hostname1 = '127.0.0.1'
backend_port1 = %(standby)d
backend_weight1 = 1
backend_flag1 = 'DISALLOW_TO_FAILOVER'
load_balance_mode = on
statement_level_load_balance = on
sr_check_user = '%(user)s'
sr_check_period = 0
enable_pool_hba = off
use_watchdog = off
log_per_node_statement = on
%(more)s
"""

HAPROXY = """\
global
    maxconn 500
defaults
    mode tcp
    timeout connect 5s
    timeout client 1h
    timeout server 1h
frontend in
    bind 127.0.0.1:%(port)d
    default_backend servers
backend servers
%(lines)s
"""


def program(name):
    """Its path, None if it is not there. Debian has it where not everyone looks."""
    return shutil.which(name, path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin")


class Front:
    """Where the program listens."""

    def __init__(self, port, user, log):
        self.host, self.port, self.user, self.log = "127.0.0.1", port, user, log

    def jdbc_url(self, database):
        return "jdbc:postgresql://%s:%d/%s" % (self.host, self.port, database)

    def session(self, database):
        return Session(self.host, self.port, self.user, database)

    def log_text(self):
        with open(self.log, encoding="utf-8", errors="replace") as file:
            return file.read()


def wait_for_port(process, port, log, limit_s=20):
    end = time.monotonic() + limit_s
    while time.monotonic() < end and process.poll() is None:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.05)
    with open(log, encoding="utf-8", errors="replace") as file:
        raise pg.ServerError("nothing listens on port %d: %s" % (port, file.read()))


@contextlib.contextmanager
def watched(command, log, port, env=None):
    """Runs a program as an ordinary user until the block is left; it ends with the tests."""
    with open(log, "ab") as out:
        process = subprocess.Popen(["sh", "-c", WATCHDOG, "sh", *command], stdin=subprocess.PIPE,
                                   stdout=out, stderr=out, cwd="/", start_new_session=True,
                                   env=env or pg.environment(), **pg.owner())
    try:
        if port:
            wait_for_port(process, port, log)
        yield process
    finally:
        process.stdin.close()
        process.wait()


def own_folder(parent, name):
    path = os.path.join(parent, name)
    os.makedirs(path)
    owner = pg.owner()
    if owner:
        os.chown(path, owner["user"], owner["group"])
    return path


def write(path, text):
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
    return path


@contextlib.contextmanager
def open_pgpool(primary, standby, parent, more=""):
    """All that only reads goes to the standby, if pgpool thinks that it may."""
    folder, port = own_folder(parent, "pgpool"), pg.free_port()
    path = write(os.path.join(folder, "pgpool.conf"), PGPOOL % {
        "port": port, "pcp_port": pg.free_port(), "folder": folder, "primary": primary.port,
        "standby": standby.port, "user": primary.user, "more": more})
    empty, log = write(os.path.join(folder, "empty"), ""), os.path.join(folder, "log")
    command = [program("pgpool"), "-n", "-f", path, "-a", empty, "-F", empty, "-k", empty]
    with watched(command, log, port):
        yield Front(port, primary.user, log)


@contextlib.contextmanager
def open_haproxy(lines, user, parent):
    """lines: the directives of its one backend."""
    folder, port = own_folder(parent, "haproxy"), pg.free_port()
    path = write(os.path.join(folder, "haproxy.cfg"), HAPROXY % {
        "port": port, "lines": "\n".join("    " + line for line in lines)})
    log = os.path.join(folder, "log")
    with watched([program("haproxy"), "-db", "-f", path], log, port):
        yield Front(port, user, log)
