# SPDX-License-Identifier: Apache-2.0
"""What a server that lies, or that is broken, may answer: changes of one message of PostgreSQL's
protocol, chosen by chance.

    mutator = Mutator(random.Random(seed))
    changed, name = mutator.change("D", raw)        # the bytes to send in its place
"""
import struct

HEAD = 5                        # type and length
LARGE = 300 * 1000
# No "t": libpq 15 itself leaks a result when a description of parameters comes unasked after "T".
TYPES = b"TDCZSRKENIGHWVAn123sdcv@\0\xff"
TAGS = (b"", b"INSERT 0 0", b"INSERT 0 2", b"INSERT 0 99999999999999999999", b"INSERT", b"COMMIT",
        b"ROLLBACK", b"BEGIN", b"SELECT", b"SELECT x", b"UPDATE -1", b"\xff\xfe", b"DELETE 1" * 40)
VALUES = (None, b"", b"x", b"-1", b"0", b"t", b"2147483647", b"99999999999999999999", b"1e400",
          b"\xff\xfe\xfd", b"\0", b"'; --", b"%s%n", b"9" * LARGE)
STATES = (b"23505", b"40001", b"55P03", b"57014", b"57P01", b"08006", b"42P01", b"XX000", b"00000",
          b"", b"\xff" * 20)


def message(kind, body):
    return kind + struct.pack(">i", len(body) + 4) + body


def row(values):
    return struct.pack(">h", len(values)) + b"".join(
        struct.pack(">i", -1) if value is None else struct.pack(">i", len(value)) + value
        for value in values)


def values_of(body):
    count, = struct.unpack_from(">h", body)
    values, at = [], 2
    for _ in range(count):
        size, = struct.unpack_from(">i", body, at)
        at += 4
        values.append(None if size < 0 else body[at:at + size])
        at += max(size, 0)
    return values


class Mutator:
    def __init__(self, chance):
        self.chance = chance
        self.held = b""             # a message that comes after the next one

    def change(self, kind, raw):
        """kind: the letter of the message, or "answer" for the byte that answers a request for TLS.
        Returns what is sent instead, and the name of the change."""
        if kind == "answer":
            return bytes([self.chance.randrange(256)]), "another answer about TLS"
        ways = [self.bits, self.cut, self.length, self.kind, self.twice, self.missing, self.later,
                self.error, self.stray, self.grown]
        ways += {"D": [self.value] * 6 + [self.columns] * 4, "C": [self.tag] * 8,
                 "T": [self.titles] * 4, "Z": [self.status] * 4}.get(kind, [])
        way = self.chance.choice(ways)
        return way(raw[:1], raw[HEAD:], raw), way.__doc__

    def bits(self, kind, body, raw):
        """bits flipped"""
        if not body:
            return self.kind(kind, body, raw)
        changed = bytearray(body)
        for _ in range(self.chance.randint(1, 3)):
            changed[self.chance.randrange(len(changed))] ^= 1 << self.chance.randrange(8)
        return message(kind, bytes(changed))

    def cut(self, kind, body, _raw):
        """cut, with the length that fits"""
        return message(kind, body[:self.chance.randint(0, len(body))])

    def length(self, kind, body, _raw):
        """another length"""
        wrong = self.chance.choice((0, 1, 3, -1, 2 ** 31 - 1, -2 ** 31, len(body), len(body) + 3,
                                    len(body) + 5, len(body) + 100, 2 ** 30))
        return kind + struct.pack(">i", wrong) + body

    def kind(self, _kind, body, _raw):
        """another type"""
        return message(bytes([self.chance.choice(TYPES)]), body)

    @staticmethod
    def twice(_kind, _body, raw):
        """twice"""
        return raw + raw

    @staticmethod
    def missing(_kind, _body, _raw):
        """missing"""
        return b""

    def later(self, _kind, _body, raw):
        """after the next one"""
        self.held += raw
        return b""

    def error(self, _kind, _body, raw):
        """an error in addition"""
        fields = {b"S": self.chance.choice((b"ERROR", b"FATAL", b"PANIC", b"")),
                  b"C": self.chance.choice(STATES), b"M": self.chance.choice((b"no", b"\xff", b"")),
                  b"P": self.chance.choice((b"1", b"-5", b"999999999", b"x"))}
        for name in self.chance.sample(sorted(fields), self.chance.randint(0, 2)):
            del fields[name]
        added = message(b"E", b"".join(name + text + b"\0" for name, text in fields.items()) + b"\0")
        return self.chance.choice((added, added + raw, raw + added))

    def stray(self, _kind, _body, raw):
        """a stray message"""
        copy = b"\0" + struct.pack(">h", 1) + struct.pack(">h", 0)
        added = self.chance.choice((
            message(b"G", copy), message(b"H", copy), message(b"W", copy), message(b"c", b""),
            message(b"d", b"1\n"), message(b"I", b""), message(b"s", b""), message(b"n", b""),
            message(b"N", b"SNOTICE\0C01000\0Mwhat\x1b[2J\0\0"), message(b"A", b"\0\0\0\1x\0y\0"),
            message(b"S", b"server_version\0" b"99\0"), message(b"S", b"client_encoding\0SJIS\0"),
            message(b"S", b"standard_conforming_strings\0off\0"), message(b"R", b"\0\0\0\3"),
            message(b"R", b"\0\0\0\5abcd"), message(b"R", b"\0\0\0\x0aSCRAM-SHA-256\0\0"),
            message(b"K", b"\0\0\0\1\0\0\0\2"), message(b"D", row([b"1"])), message(b"Z", b"I"),
            message(b"C", b"INSERT 0 1\0"), message(b"1", b""), message(b"2", b""),
            message(b"v", b"\0\0\0\0\0\0\0\1x\0")))
        return self.chance.choice((added, added + raw, raw + added))

    def grown(self, kind, body, _raw):
        """much longer"""
        return message(kind, body + bytes([self.chance.randrange(256)]) * LARGE)

    def value(self, kind, body, _raw):
        """another value"""
        values = values_of(body)
        if values:
            values[self.chance.randrange(len(values))] = self.chance.choice(VALUES)
        return message(kind, row(values))

    def columns(self, kind, body, _raw):
        """another number of columns"""
        values = values_of(body)
        return message(kind, row(self.chance.choice((
            [], values[:-1], values[1:], values + values[-1:], values * 2, values[:1],
            [None] * len(values), values + [b"x"] * 1000))))

    def tag(self, kind, _body, _raw):
        """another command tag"""
        return message(kind, self.chance.choice(TAGS) + b"\0")

    def titles(self, kind, body, _raw):
        """other columns"""
        count = self.chance.choice((0, 1, 2, 1000, struct.unpack_from(">h", body)[0] + 1))
        column = b"n\0" + struct.pack(">ihihih", 0, 0, self.chance.choice((25, 23, 16, 17, 0)), -1,
                                      -1, self.chance.choice((0, 1)))
        return message(kind, struct.pack(">h", count) + column * count)

    def status(self, kind, _body, _raw):
        """another status of the transaction"""
        return message(kind, self.chance.choice((b"I", b"T", b"E", b"x", b"\0", b"")))
