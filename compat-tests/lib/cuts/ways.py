# SPDX-License-Identifier: Apache-2.0
"""What can happen after the k-th message of a run, as hooks of lib/proxy.py.

close, reset    the connection ends, with FIN or RST
deaf            what the client sends from then on reaches nobody; then the connection ends
mute            the client's messages reach the server, its answers reach nobody; then the same
refuse          the connection ends, and all further ones are refused
kill            cflyway is killed
terminate       pg_terminate_backend() of the session
crash           its process is killed, so the server ends all sessions and recovers
"""
import os
import signal

from ..proxy import CLOSE, RESET, Cut, Drop
from ..session import SqlError

WAYS = ("close", "mute", "reset", "deaf", "refuse", "kill", "terminate")
CRASH = "crash"
QUIET_S = 0.025                 # so long nothing must come before a deaf or mute connection ends


class Break:
    def __init__(self, way, number, world, proxy, process):
        self.way, self.number, self.world = way, number, world
        self.proxy, self.process = proxy, process
        self.connection = None      # once the message has come

    def before(self, message):
        if self.connection != message.connection or message.number <= self.number:
            return
        if self.way == ("deaf" if message.front else "mute"):
            raise Drop

    def after(self, message):
        if message.number != self.number:
            return
        self.connection = message.connection
        getattr(self, "do_" + self.way)()

    @staticmethod
    def do_close():
        raise Cut(CLOSE)

    @staticmethod
    def do_reset():
        raise Cut(RESET)

    def do_deaf(self):
        self.proxy.quiet_s = QUIET_S

    do_mute = do_deaf

    def do_refuse(self):
        self.proxy.refuse()
        raise Cut(CLOSE)

    def do_kill(self):
        self.world.bench.kill(self.process)

    def do_terminate(self):
        pid = self.proxy.pids.get(self.connection)
        if pid is None:             # there is no session yet
            raise Cut(CLOSE)
        try:
            self.world.ask("select pg_terminate_backend(%d)" % pid, "postgres")
        except (OSError, SqlError) as err:
            raise AssertionError("cannot terminate: %s" % err) from err

    def do_crash(self):
        pid = self.proxy.pids.get(self.connection)
        if pid is None:
            raise Cut(CLOSE)
        os.kill(pid, signal.SIGKILL)
