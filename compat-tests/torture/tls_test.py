#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""TLS is never weaker than asked for: servers of all kinds, and all that a URL can say.

    compat-tests/torture/tls_test.py               some trials, chosen by a seed
    compat-tests/torture/tls_test.py --long        all of them
    compat-tests/torture/tls_test.py --record      what real Flyway does; FLYWAY names it

A PostgreSQL server with certificates of an authority of our own (openssl) says of each connection
whether it was encrypted.  The outcome must keep the rules that the documentation of Flyway's driver
gives (lib/tls/trials.py), and be what was recorded from real Flyway, unless it is stricter and
listed in lib/tls/stricter.json with the reason.

CFLYWAY names the program under test (default: build/cflyway of this checkout).
"""
import collections
import json
import os
import random
import re
import shlex
import shutil
import signal
import socket
import ssl
import struct
import subprocess
import sys
import tempfile
import time
import urllib.parse

HERE = os.path.dirname(os.path.abspath(__file__))
TESTS = os.path.dirname(HERE)
sys.path.insert(0, TESTS)
sys.dont_write_bytecode = True

from lib import figures  # noqa: E402
from lib import server as pg  # noqa: E402
from lib.session import Session  # noqa: E402
from lib.tls import authority, trials  # noqa: E402

RECORDED = os.path.join(TESTS, "lib", "tls", "recorded.json")
STRICTER = os.path.join(TESTS, "lib", "tls", "stricter.json")
SHORT = 60
LIMIT_S = 30
PASSWORD = "tls"
RULES = """
hostssl all tls-only 127.0.0.1/32 trust
hostssl all certificate 127.0.0.1/32 cert
hostnossl all plain-only 127.0.0.1/32 trust
host all scram 127.0.0.1/32 scram-sha-256
host all md5 127.0.0.1/32 md5
host all any 127.0.0.1/32 trust
host all postgres 127.0.0.1/32 trust
"""
REMOVED_VARIABLES = ("PG", "FLYWAY", "REDGATE", "DB_", "DATABASE_URL", "NO_COLOR", "LC_")
TEXT = [
    "A server with certificates of our own authority, and what a URL can say about TLS; the server "
    "says of each connection whether it was encrypted. \"weaker\" counts outcomes against the "
    "documented meaning of the parameters, \"different\" those that are neither as recorded from "
    "real Flyway nor known to be stricter.",
]


class Bench:
    def __init__(self, server, scratch):
        self.server, self.scratch = server, scratch
        self.data = os.path.join(server.directory, "data")
        self.kind, self.log_at = None, 0
        self.home = os.path.join(scratch, "home")
        os.makedirs(self.home)
        self.servers, self.names = certificates(scratch)
        self.ca = os.path.join(scratch, "own", "ca.crt")

    def prepare(self):
        with self.session() as session:
            for user in ("any", "tls-only", "plain-only", "certificate"):
                session.query('create role "%s" login superuser' % user)
            for user, kind in (("scram", "scram-sha-256"), ("md5", "md5")):
                session.query("set password_encryption = '%s'" % kind,)
                session.query("create role %s login superuser password '%s'" % (user, PASSWORD))
        self.write("pg_hba.conf", RULES)
        with open(self.ca, encoding="ascii") as file:
            self.write("ca.crt", file.read())

    def session(self):
        return Session(self.server.host, self.server.port, "postgres", "postgres")

    def write(self, name, text):
        """A file that belongs to the server's user."""
        path = os.path.join(self.data, name)
        owner = os.stat(self.data)
        with open(path, "w", encoding="utf-8") as file:
            os.chmod(path, 0o600)
            file.write(text)
        os.chown(path, owner.st_uid, owner.st_gid)

    def become(self, kind):
        """Gives the server another certificate, or none."""
        if kind == self.kind:
            return
        settings = "ssl = off\n"
        if kind != "off":
            for part, name in zip(self.servers[kind], ("server.crt", "server.key")):
                with open(part, encoding="ascii") as file:
                    self.write(name, file.read())
            settings = "ssl = on\nssl_ca_file = 'ca.crt'\n"
        self.write("postgresql.auto.conf", settings)
        with self.session() as session:
            session.query("select pg_reload_conf()")
        end = time.monotonic() + 10
        while self.shown() != self.expected(kind):
            if time.monotonic() > end:
                sys.exit("the server does not become " + kind)
            time.sleep(0.01)
        self.kind = kind
        self.new_log()

    def expected(self, kind):
        if kind == "off":
            return None
        with open(self.servers[kind][0], encoding="ascii") as file:
            text = file.read()
        return ssl.PEM_cert_to_DER_cert(text[text.index("-----BEGIN"):])

    def shown(self):
        """The certificate that the server shows; None without TLS."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        with socket.create_connection((self.server.host, self.server.port), 5) as plain:
            plain.sendall(struct.pack(">ii", 8, 80877103))
            if plain.recv(1) != b"S":
                return None
            with context.wrap_socket(plain) as wrapped:
                return wrapped.getpeercert(binary_form=True)

    def new_log(self):
        with open(self.server.log, "rb") as file:
            file.seek(self.log_at)
            text = file.read()
        self.log_at += len(text)
        return text.decode("utf-8", "replace")

    def arguments(self, trial):
        parameters = dict(trial.parameters, user=trial.user)
        if trial.user in ("scram", "md5"):
            parameters["password"] = PASSWORD
        query = "&".join("%s=%s" % (name, urllib.parse.quote(self.fill(value), safe="/"))
                         for name, value in parameters.items())
        return ["-url=jdbc:postgresql://localhost:%d/postgres?%s" % (self.server.port, query),
                "-locations=filesystem:home", "info"]

    def fill(self, text):
        for name, value in self.names.items():
            text = text.replace("@%s@" % name, value)
        return text

    def play(self, trial, program):
        """tls, plain or refused, and what was printed."""
        self.become(trial.server)
        status, out, err = program.run(self.arguments(trial), {}, LIMIT_S)
        text = (out + err).decode("utf-8", "replace")
        authorized = [line for line in self.new_log().splitlines()
                      if "connection authorized" in line]
        if status == "timeout" or (status == 0 and not authorized):
            return "no end", text
        if status != 0:
            return "refused", text
        encrypted = {"SSL enabled" in line for line in authorized}
        return "plain" if False in encrypted else "tls", text


def certificates(scratch):
    """The certificates of the server by kind, and the files that URLs name."""
    own, other = (authority.Authority(scratch, name) for name in ("own", "other"))
    here = "DNS:localhost"
    servers = {
        "good": own.sign("good", "localhost", here),
        "wrong-host": own.sign("wrong-host", "db.invalid", "DNS:db.invalid"),
        "expired": own.sign("expired", "localhost", here, authority.PAST),
        "future": own.sign("future", "localhost", here, authority.FUTURE),
        "self-signed": own.self_signed("self", "CA:FALSE", "localhost", here),
        "unknown-ca": other.sign("unknown", "localhost", here),
    }
    for made, name, user, period in ((own, "client", "certificate", authority.NOW),
                                     (own, "stranger", "stranger", authority.NOW),
                                     (other, "foreign", "certificate", authority.NOW),
                                     (own, "old", "certificate", authority.PAST)):
        made.sign(name, user, period=period)
        made.der_key(name)
    own.locked_key("client", "open sesame")
    shutil.copy(own.path("client.pk8"), own.path("readable.pk8"))
    os.chmod(own.path("readable.pk8"), 0o644)
    text = os.path.join(scratch, "text")
    with open(text, "w", encoding="ascii") as file:
        file.write("no certificate\n")
    names = {"CA": own.crt, "OTHER": other.crt, "NONE": os.path.join(scratch, "none"),
             "TEXT": text, "FOREIGN": other.path("foreign")}
    names.update({name.upper(): own.path(name)
                  for name in ("client", "stranger", "old", "readable")})
    return servers, names


class Program:
    """cflyway, a process for each command."""

    def __init__(self, command, folder, environment):
        self.command, self.folder, self.environment = command, folder, environment

    def run(self, arguments, _variables, limit_s):
        try:
            done = subprocess.run(self.command + arguments, cwd=self.folder, check=False,
                                  env=self.environment, stdin=subprocess.DEVNULL, timeout=limit_s,
                                  stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        except subprocess.TimeoutExpired:
            return "timeout", b"", b""
        return done.returncode, done.stdout, done.stderr


def environment(home):
    kept = {key: value for key, value in os.environ.items()
            if not key.upper().startswith(REMOVED_VARIABLES)}
    kept.update(LC_ALL="C.UTF-8", TZ="UTC", HOME=home)
    return kept


def arguments():
    parser = figures.parser(__doc__)
    parser.add_argument("-k", default="", metavar="TEXT", help="trials with this in their names")
    parser.add_argument("-v", action="store_true", help="what is printed, too")
    parser.add_argument("--record", action="store_true", help="renew lib/tls/recorded.json")
    return parser.parse_args()


def chosen(options):
    every = [trial for trial in trials.all_trials() if options.k in trial.name]
    if options.long or options.record or options.k:
        return every
    some = random.Random(options.seed).sample(every, SHORT)
    return sorted(some, key=lambda trial: trials.SERVERS.index(trial.server))


def load(path):
    with open(path, encoding="utf-8") as file:
        return json.load(file)


def record(bench, every):
    """Asks real Flyway, in one Java process."""
    from walk import flyway         # pylint: disable=import-outside-toplevel
    classes = tempfile.mkdtemp(prefix="classes.", dir=bench.scratch)
    class_path = flyway.compiled(flyway.jars(os.environ["FLYWAY"]), classes)
    program = flyway.WarmFlyway(class_path, bench.scratch, environment(bench.home))
    outcomes = {}
    try:
        for trial in sorted(every, key=lambda one: trials.SERVERS.index(one.server)):
            outcomes[trial.name], text = bench.play(trial, program)
            rule = trials.broken(trial, outcomes[trial.name])
            print(trial.name, outcomes[trial.name], "BREAKS: " + rule if rule else "",
                  text if outcomes[trial.name] == "no end" else "", flush=True)
    finally:
        program.stop()
    with open(RECORDED, "w", encoding="utf-8") as file:
        json.dump(outcomes, file, indent=0, sort_keys=True)
        file.write("\n")
    return 0


def stricter_reason(trial, listed):
    """The reason why cflyway refuses what Flyway does, from the patterns in stricter.json."""
    for pattern, reason in listed.items():
        if re.fullmatch(pattern, trial.name):
            return reason
    return None


def check(bench, every, options):
    recorded, listed = load(RECORDED), load(STRICTER)
    default = os.path.join(os.path.dirname(TESTS), "build", "cflyway")
    command = shlex.split(os.environ.get("CFLYWAY") or default)
    command[0] = os.path.abspath(command[0]) if "/" in command[0] else command[0]
    program = Program(command, bench.scratch, environment(bench.home))
    counts, used = collections.Counter(), set()
    for trial in every:
        outcome, text = bench.play(trial, program)
        flyway = recorded.get(trial.name)
        reason = stricter_reason(trial, listed)
        rule = trials.broken(trial, outcome)
        counts["tried"] += 1
        wrong = "it breaks the rule that " + rule if rule else ""
        counts["weaker"] += bool(rule)
        if not wrong and outcome != flyway and not (reason and stricter(outcome, flyway)):
            wrong = "real Flyway: %s" % flyway
            counts["different"] += 1
        if outcome != flyway and not wrong:
            counts["stricter"] += 1
            used.add(reason)
        if wrong:
            counts["wrong"] += 1
            print("FAIL %s: %s; %s\n    %s" % (
                trial.name, outcome, wrong, text.strip().replace("\n", "\n    ")[-900:]))
        elif options.v:
            print("%s: %s (Flyway: %s)\n    %s" % (
                trial.name, outcome, flyway, text.strip().replace("\n", "\n    ")[-500:]))
    for reason in sorted(set(listed.values()) - used) if options.long else ():
        print("FAIL nothing is stricter because %s" % reason)
        counts["wrong"] += 1
    print("%d passed, %d failed, 0 skipped" % (counts["tried"] - counts["wrong"], counts["wrong"]))
    if options.long:
        report(counts)
    return 1 if counts["wrong"] else 0


def stricter(outcome, flyway):
    """Refusing is stricter than TLS, and TLS than plain text."""
    order = ("refused", "tls", "plain")
    return outcome in order and flyway in order and order.index(outcome) < order.index(flyway)


def report(counts):
    made = figures.Figures("tls", "TLS", TEXT)
    made.add("connections", tried=counts["tried"], weaker=counts["weaker"],
             different=counts["different"], stricter=counts["stricter"])
    made.write()


def interrupted(_signal, _frame):
    sys.exit(1)         # runs the finally clauses: the server ends with us


def main():
    options = arguments()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, interrupted)
    scratch = os.path.realpath(tempfile.mkdtemp(prefix="tls."))
    os.chmod(scratch, 0o755)
    print("seed %d" % options.seed, flush=True)
    try:
        with pg.temporary_server(("log_connections=on",)) as server:
            bench = Bench(server, scratch)
            bench.prepare()
            every = chosen(options)
            return record(bench, every) if options.record else check(bench, every, options)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
