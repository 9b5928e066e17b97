# SPDX-License-Identifier: Apache-2.0
"""Two servers that Patroni makes one cluster of, with etcd.

    with open_cluster(folder) as cluster:
        cluster.leader().server         # a lib.server.Server
        cluster.crash()                 # the leader; returns when the other one leads
        cluster.heal()                  # the lost one comes back as a standby
        cluster.switch_over()
"""
import contextlib
import json
import os
import shutil
import signal
import time
import urllib.error
import urllib.request

from . import server as pg
from .fronts import own_folder, program, watched, write

# The leader counts as lost after so long; a real cluster takes longer.
TTL_S, LOOP_S, RETRY_S = 6, 1, 2
LIMIT_S = 90
NAMES = ("one", "two")


class Node:
    """A server, and the Patroni that runs it."""

    def __init__(self, name, parent, etcd_port):
        self.name, self.stack = name, contextlib.ExitStack()
        self.folder = own_folder(parent, name)
        self.data, self.log = os.path.join(self.folder, "data"), os.path.join(self.folder, "log")
        self.server = pg.Server("127.0.0.1", pg.free_port())
        self.rest_port, self.etcd_port = pg.free_port(), etcd_port
        self.path = write(os.path.join(self.folder, "patroni.json"), json.dumps(self.settings()))

    def settings(self):
        address = "127.0.0.1:%d" % self.server.port
        rest = "127.0.0.1:%d" % self.rest_port
        hosts = ["host all all 127.0.0.1/32 trust", "host replication all 127.0.0.1/32 trust"]
        return {
            "scope": "cflyway", "name": self.name,
            "restapi": {"listen": rest, "connect_address": rest},
            "etcd3": {"host": "127.0.0.1:%d" % self.etcd_port},
            "bootstrap": {
                "dcs": {"ttl": TTL_S, "loop_wait": LOOP_S, "retry_timeout": RETRY_S,
                        "synchronous_mode": True, "postgresql": {
                            "use_pg_rewind": True, "parameters": {"wal_log_hints": "on"}}},
                "initdb": [{"encoding": "UTF8"}, {"locale": "C"}, {"auth": "trust"}],
                "pg_hba": hosts},
            "postgresql": {
                "listen": address, "connect_address": address, "data_dir": self.data,
                "bin_dir": os.path.dirname(pg.binary("postgres")),
                "pgpass": os.path.join(self.folder, "pgpass"), "pg_hba": hosts,
                "authentication": {who: {"username": pg.SUPERUSER, "password": "unused"}
                                   for who in ("superuser", "replication", "rewind")},
                "parameters": {"unix_socket_directories": self.folder, "fsync": "off",
                               "shared_buffers": "16MB"}},
        }

    def start(self):
        self.process = self.stack.enter_context(
            watched([program("patroni"), self.path], self.log, self.rest_port))

    def ask(self, path, method="GET", body=None):
        """The status of an answer, and its text."""
        request = urllib.request.Request(
            "http://127.0.0.1:%d%s" % (self.rest_port, path), method=method,
            data=json.dumps(body).encode() if body else None)
        try:
            with urllib.request.urlopen(request, timeout=5) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as err:
            return err.code, err.read().decode()
        except OSError as err:
            return None, str(err)

    def leads(self):
        """Patroni says so a little earlier than its server."""
        if self.ask("/primary")[0] == 200:
            with contextlib.suppress(pg.ServerError):
                return self.server.query("select pg_is_in_recovery()") == [["f"]]
        return False

    def follows(self, is_synchronous):
        return self.ask("/synchronous" if is_synchronous else "/replica")[0] == 200

    def crash(self):
        """Patroni first, so that it does not start the server again."""
        with open("/proc/%d/task/%d/children" % ((self.process.pid,) * 2)) as file:
            for pid in file.read().split():
                with contextlib.suppress(ProcessLookupError):
                    os.kill(int(pid), signal.SIGKILL)
        self.end_server()
        self.stack.close()

    def end_server(self):
        with contextlib.suppress(OSError, ValueError):
            with open(os.path.join(self.data, "postmaster.pid")) as file:
                os.kill(int(file.readline()), signal.SIGQUIT)

    def close(self):
        self.stack.close()          # Patroni stops its server
        self.end_server()


class Cluster:
    def __init__(self, nodes):
        self.nodes, self.lost = nodes, None

    def wait(self, condition, what):
        end = time.monotonic() + LIMIT_S
        while not condition():
            if time.monotonic() > end:
                raise pg.ServerError("waited in vain for %s: %s" % (what, [
                    node.ask("/patroni") for node in self.nodes]))
            time.sleep(0.1)

    def leader(self):
        return next((node for node in self.nodes if node.leads()), None)

    def other(self, node):
        return next(one for one in self.nodes if one is not node)

    def must_be_whole(self):
        """A leader, and a standby that is synchronous, if one is wanted."""
        def is_whole():
            leader = self.leader()
            if leader is None or not self.other(leader).follows(self.is_synchronous):
                return False
            with contextlib.suppress(pg.ServerError):
                return leader.server.query("select count(*) from pg_stat_replication where "
                                           "state = 'streaming' and (sync_state = 'sync') = %s"
                                           % self.is_synchronous) == [["1"]]
            return False

        self.wait(is_whole, "a leader and a standby")

    is_synchronous = True

    def set_synchronous(self, is_wanted):
        self.leader().ask("/config", "PATCH", {"synchronous_mode": is_wanted})
        self.is_synchronous = is_wanted
        time.sleep(3 * LOOP_S)
        self.must_be_whole()

    def crash(self):
        self.lost = self.leader()
        other = self.other(self.lost)
        self.lost.crash()
        self.wait(other.leads, "another leader")

    def heal(self):
        if self.lost:
            self.lost.start()
            self.lost = None
        self.must_be_whole()

    def switch_over(self):
        old = self.leader()
        new = self.other(old)
        status, text = old.ask("/switchover", "POST", {"leader": old.name, "candidate": new.name})
        if status not in (200, 202):
            raise pg.ServerError("no switchover: %s %s" % (status, text))
        self.wait(new.leads, "another leader")

    def url(self, database):
        return "jdbc:postgresql://%s/%s?targetServerType=primary" % (",".join(
            "127.0.0.1:%d" % node.server.port for node in self.nodes), database)

    def haproxy_lines(self):
        """It asks Patroni who leads, and ends the connections to whom does not."""
        return ["option httpchk OPTIONS /primary", "http-check expect status 200",
                "default-server inter 300ms fall 1 rise 1 on-marked-down shutdown-sessions",
                *("server %s 127.0.0.1:%d check port %d" % (
                    node.name, node.server.port, node.rest_port) for node in self.nodes)]


def etcd_command(folder, port):
    here, peers = "http://127.0.0.1:%d" % port, "http://127.0.0.1:%d" % pg.free_port()
    return [program("etcd"), "--name", "etcd", "--data-dir", os.path.join(folder, "data"),
            "--listen-client-urls", here, "--advertise-client-urls", here,
            "--listen-peer-urls", peers, "--initial-advertise-peer-urls", peers,
            "--initial-cluster", "etcd=" + peers]


@contextlib.contextmanager
def open_cluster(parent):
    with contextlib.ExitStack() as stack:
        folder, port = own_folder(parent, "etcd"), pg.free_port()
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        stack.enter_context(watched(etcd_command(folder, port), os.path.join(folder, "log"), port))
        nodes = []
        for name in NAMES:
            nodes.append(Node(name, parent, port))
            stack.callback(nodes[-1].close)
            nodes[-1].start()
        cluster = Cluster(nodes)
        cluster.wait(cluster.leader, "a leader")
        cluster.must_be_whole()
        yield cluster
