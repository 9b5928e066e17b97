# SPDX-License-Identifier: Apache-2.0
"""A small client of PostgreSQL: SQL in, rows of text out; no password, no TLS.

A psql for each query would cost more than the commands that are compared.
"""
import socket
import struct


class SqlError(Exception):
    """The server's message."""


class Session:
    def __init__(self, host, port, user, database):
        self.socket = socket.create_connection((host, port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.data, self.pid = b"", None
        parameters = "user\0%s\0database\0%s\0client_encoding\0UTF8\0\0" % (user, database)
        body = struct.pack(">i", 196608) + parameters.encode()
        self.socket.sendall(struct.pack(">i", len(body) + 4) + body)
        self.answer()

    def query(self, sql):
        """The rows of all statements of the text; NULL is None."""
        body = sql.encode() + b"\0"
        self.socket.sendall(b"Q" + struct.pack(">i", len(body) + 4) + body)
        return self.answer()

    def value(self, sql):
        rows = self.query(sql)
        return rows[0][0] if rows else None

    def answer(self):
        """Reads until the server is ready; the first error counts."""
        rows, error = [], None
        while True:
            kind, body = self.message()
            if kind == b"D":
                rows.append(row(body))
            elif kind == b"E":
                error = error or fields(body)
            elif kind == b"G":      # COPY FROM STDIN: we have nothing to say
                self.socket.sendall(b"f" + struct.pack(">i", 5) + b"\0")
            elif kind == b"R" and struct.unpack(">i", body[:4])[0] != 0:
                raise SqlError("the server wants a password")
            elif kind == b"K":
                self.pid, = struct.unpack(">i", body[:4])
            elif kind == b"Z":
                break
            if error and kind == b"E" and error.startswith("FATAL"):
                break
        if error:
            raise SqlError(error)
        return rows

    def message(self):
        head = self.read(5)
        return head[:1], self.read(struct.unpack(">i", head[1:])[0] - 4)

    def read(self, size):
        while len(self.data) < size:
            piece = self.socket.recv(1 << 16)
            if not piece:
                raise SqlError("FATAL: the connection is gone")
            self.data += piece
        taken, self.data = self.data[:size], self.data[size:]
        return taken

    def close(self):
        self.socket.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


def row(body):
    count, = struct.unpack(">h", body[:2])
    values, at = [], 2
    for _ in range(count):
        size, = struct.unpack(">i", body[at:at + 4])
        at += 4
        if size < 0:
            values.append(None)
        else:
            values.append(body[at:at + size].decode("utf-8", "replace"))
            at += size
    return values


def fields(body):
    parts = {part[:1]: part[1:].decode("utf-8", "replace") for part in body.split(b"\0") if part}
    return "%s: %s" % (parts.get(b"S"), parts.get(b"M"))
