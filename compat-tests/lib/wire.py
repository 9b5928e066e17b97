# SPDX-License-Identifier: Apache-2.0
"""A proxy in front of PostgreSQL that counts round trips and can make the way longer (no TLS).

    with Wire(server.host, server.port, delay_s=0.001) as wire:
        run_client(wire.port)
    print(wire.connections, wire.round_trips)

A round trip is a wait with nothing left to send: the client says something after everything that it
had said before was answered.  A pipeline of any length is one, and a COPY is one more, after the
server's "go on".  What belongs to making a connection is not counted.

What the server says is held back for delay_s, and counts as said when it is let go: a client that
sends more without waiting is then seen to do so.  The client's own words are passed on at once, so
delay_s is what is added to the time of a round trip.
"""
import collections
import contextlib
import queue
import socket
import threading
import time

PIECE = 1 << 17
HELD_PIECES = 64                # what a slow client may leave with us
FIRST_CODES = {80877102: "cancel", 80877103: "ssl", 80877104: "gss", 196608: "startup"}
# The answer that ends each message; it may be any of these.
ANSWERS = {"P": "1", "B": "2", "D": "Tn", "E": "CIs", "C": "3", "S": "Z", "Q": "Z", "F": "Z"}


class Headers:
    """Finds the messages in a stream without keeping their bodies."""

    def __init__(self, typed):
        self.typed, self.head, self.skip = typed, b"", 0

    def feed(self, data):
        """Yields the type of each message that begins in data, for the first ones its name."""
        at = 0
        while at < len(data):
            if self.skip:
                step = min(self.skip, len(data) - at)
                self.skip -= step
            else:
                step = min((5 if self.typed else 8) - len(self.head), len(data) - at)
                self.head += data[at:at + step]
                kind = self.begun()
                if kind:
                    yield kind
            at += step

    def begun(self):
        head = self.head
        if len(head) < (5 if self.typed else 8):
            return None
        self.head = b""
        if self.typed:
            self.skip = int.from_bytes(head[1:5], "big") - 4
            return chr(head[0])
        kind = FIRST_CODES.get(int.from_bytes(head[4:8], "big"), "?")
        self.skip = int.from_bytes(head[:4], "big") - 8
        self.typed = kind == "startup"
        return kind


class Count:
    """What of one connection is still unanswered, and how often nothing was."""

    def __init__(self):
        self.front, self.back = Headers(False), Headers(True)
        self.owed = collections.deque()     # of values of ANSWERS
        self.lock = threading.Lock()
        self.ready = self.plain_answer = self.go_on = False
        self.trips = []                     # the types of the messages of each round trip

    def sent(self, data):
        with self.lock:
            for kind in self.front.feed(data):
                if kind in ("ssl", "gss"):
                    self.plain_answer = True
                elif self.ready and kind != "X":
                    self.said(kind)

    def said(self, kind):
        in_copy = kind in "dcf"
        if self.go_on if in_copy else not self.owed:
            self.go_on = False
            self.trips.append("")
        if not in_copy:
            self.trips[-1] += kind
        if kind in ANSWERS:
            self.owed.append(ANSWERS[kind])

    def answered(self, data):
        with self.lock:
            if self.plain_answer:           # one byte without a header
                self.plain_answer, data = False, data[1:]
            for kind in self.back.feed(data):
                self.heard(kind)

    def heard(self, kind):
        if not self.ready:
            self.ready = kind == "Z"
        elif kind in "EZ":                  # nothing more is said of what came before a Sync
            while self.owed and self.owed[0] != "Z":
                self.owed.popleft()
            if kind == "Z" and self.owed:
                self.owed.popleft()
        elif kind == "G":
            self.go_on = True
        elif self.owed and kind in self.owed[0]:
            self.owed.popleft()


class Line:
    """A connection: the client's socket, ours to the server, and the threads between them."""

    def __init__(self, client, server, delay_s):
        self.client, self.server, self.delay_s = client, server, delay_s
        self.count = Count()
        self.held = queue.Queue(HELD_PIECES)
        for end in (client, server):
            end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.threads = [threading.Thread(target=target, daemon=True)
                        for target in (self.up, self.down, self.let_go)]
        for thread in self.threads:
            thread.start()

    def up(self):
        with contextlib.suppress(OSError):
            while data := self.client.recv(PIECE):
                self.count.sent(data)
                self.server.sendall(data)
        with contextlib.suppress(OSError):
            self.server.shutdown(socket.SHUT_WR)

    def down(self):
        with contextlib.suppress(OSError):
            while data := self.server.recv(PIECE):
                self.held.put((time.monotonic() + self.delay_s, data))
        self.held.put((0, b""))

    def let_go(self):
        data = b"-"
        while data:
            due, data = self.held.get()
            wait_s = due - time.monotonic()
            if wait_s > 0:
                time.sleep(wait_s)
            self.count.answered(data)
            with contextlib.suppress(OSError):
                self.client.sendall(data)
        with contextlib.suppress(OSError):
            self.client.shutdown(socket.SHUT_WR)

    def join(self):
        for thread in self.threads:
            thread.join()
        self.client.close()
        self.server.close()


class Wire:
    def __init__(self, host, port, delay_s=0.0):
        self.target, self.delay_s = (host, port), delay_s
        self.lines = []
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=16)
        self.port = self.listener.getsockname()[1]
        self.thread = threading.Thread(target=self.accept, daemon=True)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.thread.join()
        self.listener.close()
        for line in self.lines:
            line.join()

    def accept(self):
        with contextlib.suppress(OSError):
            while True:
                client = self.listener.accept()[0]
                try:
                    server = socket.create_connection(self.target)
                except OSError:
                    client.close()
                    continue
                self.lines.append(Line(client, server, self.delay_s))

    @property
    def connections(self):
        return len(self.lines)

    @property
    def trips(self):
        """The types of the messages of each round trip, for people."""
        return [trip for line in self.lines for trip in line.count.trips]

    @property
    def round_trips(self):
        return len(self.trips)
