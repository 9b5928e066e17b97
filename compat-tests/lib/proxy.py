# SPDX-License-Identifier: Apache-2.0
"""A proxy in front of PostgreSQL that knows where each message begins and ends (no TLS).

    with Proxy(server.host, server.port) as proxy:
        proxy.after = lambda message: ...       # or before
        process = start_client(proxy.port)
        proxy.start()

One thread forwards everything, message by message, and numbers the messages of both directions and
of all connections together from 1.  `before` and `after` are called with each message right before
and right after it is forwarded; as long as they take, nothing moves.  They may raise Cut, and
`before` may raise Drop.  `change` gives the bytes that are forwarded in its place.
"""
import collections
import contextlib
import selectors
import socket
import struct
import threading
import time

PIECE = 1 << 16
DRAIN_S = 5                     # for what an ended client had still sent
PROTOCOL_3 = 196608
REQUESTS = {80877102: "cancel", 80877103: "ssl", 80877104: "gss"}
CLOSE, RESET = "close", "reset"


class Cut(Exception):
    """Ends the connection on both sides, CLOSE or RESET; what is under way is lost."""


class Drop(Exception):
    """The message is not forwarded."""


class Message(collections.namedtuple("Message", "number front type body connection")):
    """front: from the client. type: one letter, or startup, cancel, ssl, gss, answer.
    connection: a number from 1."""

    def text(self):
        """What a reader knows the message by: its SQL, command tag, status or SQLSTATE."""
        if self.front and self.type == "Q":
            return string(self.body, 0)
        if self.front and self.type == "P":
            return string(self.body, self.body.index(0) + 1)
        if not self.front and self.type in "CZ":
            return self.body.rstrip(b"\0").decode()
        if not self.front and self.type == "E":
            fields = dict((field[:1], field[1:]) for field in self.body.split(b"\0") if field)
            return fields.get(b"C", b"").decode()
        return ""

    def __str__(self):
        text = " ".join(self.text().split())
        return "%d (%s %s%s)" % (self.number, "client" if self.front else "server", self.type,
                                 " " + text[:60] if text else "")


def string(body, start):
    return body[start:body.index(0, start)].decode("utf-8", "replace")


class Side:
    """One of the two sockets of a connection, and what has come from it."""

    def __init__(self, pair, sock, front):
        self.pair, self.sock, self.front = pair, sock, front
        self.data = bytearray()
        self.begun = not front      # the first messages of a client have no type

    def take(self):
        """The next whole message as (type, body, raw), or None."""
        if not self.front and self.pair.awaits_answer and self.data:
            self.pair.awaits_answer = False
            return self.cut_off("answer", 1, 0)
        if not self.begun:
            return self.take_first()
        if len(self.data) < 5:
            return None
        size = 1 + struct.unpack_from("!I", self.data, 1)[0]
        return self.cut_off(chr(self.data[0]), size, 5) if len(self.data) >= size else None

    def take_first(self):
        if len(self.data) < 8:
            return None
        size, code = struct.unpack_from("!II", self.data)
        if len(self.data) < size:
            return None
        self.begun = code == PROTOCOL_3
        self.pair.awaits_answer = REQUESTS.get(code) in ("ssl", "gss")
        return self.cut_off(REQUESTS.get(code, "startup"), size, 8)

    def cut_off(self, kind, size, header):
        raw = bytes(self.data[:size])
        del self.data[:size]
        return kind, raw[header:], raw


class Pair:
    """A connection: the client's socket and ours to the server."""

    def __init__(self, number, client, server):
        self.number = number
        self.awaits_answer = False
        self.client, self.server = Side(self, client, True), Side(self, server, False)

    def sides(self):
        return self.client, self.server

    def other(self, side):
        return self.server if side is self.client else self.client


class Proxy:
    def __init__(self, host, port):
        self.target = (host, port)
        self.before = self.after = lambda message: None
        self.change = lambda message, raw: raw
        self.messages = self.connections = self.open = 0
        self.pids = {}              # number of a connection -> process of the server
        self.error = None           # what a hook raised, for the test to see
        self.quiet_s = None         # set by a hook: after such a silence all connections end
        self.lasting = set()        # numbers of connections: the client is not told of their end
        self.stopping = False
        self.selector = selectors.DefaultSelector()
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=8)
        self.port = self.listener.getsockname()[1]
        self.waker, self.woken = socket.socketpair()
        self.thread = threading.Thread(target=self.loop, daemon=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        """Forwards what is left, closes all connections and raises what a hook has raised."""
        end = time.monotonic() + DRAIN_S
        while self.open and self.thread.is_alive() and time.monotonic() < end:
            time.sleep(0.005)
        self.stopping = True
        self.waker.send(b"x")
        if self.thread.ident:
            self.thread.join()
        for closing in (self.listener, self.waker, self.woken, self.selector):
            closing.close()
        if self.error:
            raise self.error

    def start(self):
        """Until now clients are kept waiting, so that hooks may know their process."""
        self.thread.start()

    def refuse(self):
        """For hooks: from now on connections are refused."""
        self.selector.unregister(self.listener)
        self.listener.close()

    def loop(self):
        self.selector.register(self.listener, selectors.EVENT_READ)
        self.selector.register(self.woken, selectors.EVENT_READ)
        while not self.stopping:
            ready = self.selector.select(self.quiet_s)
            for key, _ in ready:
                if key.fileobj is self.listener:
                    self.accept()
                elif key.data and key.data.sock.fileno() >= 0:
                    self.serve(key.data)
            if not ready:
                self.quiet_s = None
                self.end_all()
        self.end_all()

    def end_all(self):
        for pair in {key.data.pair for key in self.selector.get_map().values() if key.data}:
            self.end(pair, CLOSE)

    def accept(self):
        try:
            client = self.listener.accept()[0]
        except OSError:             # refuse() has just been called
            return
        try:
            server = socket.create_connection(self.target)
        except OSError:
            client.close()
            return
        self.open += 1
        self.connections += 1
        for side in Pair(self.connections, client, server).sides():
            side.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.selector.register(side.sock, selectors.EVENT_READ, side)

    def serve(self, side):
        try:
            self.forward(side)
        except Cut as cut:
            self.end(side.pair, cut.args[0])
        except OSError:             # one of them is gone
            if side.pair.number in self.lasting:
                self.leave_server(side.pair)
            else:
                self.end(side.pair, CLOSE)
        except Exception as err:    # pylint: disable=broad-except
            self.error = err
            self.end(side.pair, CLOSE)

    def forward(self, side):
        data = side.sock.recv(PIECE)
        if not data and not side.front and side.pair.number in self.lasting:
            self.leave_server(side.pair)
            return
        if not data:
            raise Cut(CLOSE)
        side.data += data
        while True:
            taken = side.take()
            if not taken:
                return
            self.messages += 1
            message = Message(self.messages, side.front, taken[0], taken[1], side.pair.number)
            if not side.front and message.type == "K":
                self.pids[message.connection] = struct.unpack_from("!I", message.body)[0]
            try:
                self.before(message)
            except Drop:
                continue
            side.pair.other(side).sock.sendall(self.change(message, taken[2]))
            self.after(message)

    def leave_server(self, pair):
        """Its end is not passed on to the client."""
        for side in pair.sides():
            if not side.front:
                with contextlib.suppress(KeyError):
                    self.selector.unregister(side.sock)

    def end(self, pair, how):
        self.open -= 1
        for side in pair.sides():
            if how == RESET:
                side.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            with contextlib.suppress(KeyError):
                self.selector.unregister(side.sock)
            side.sock.close()
