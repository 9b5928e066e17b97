#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A planted secret comes in at every place there is, and must not come out anywhere.

    compat-tests/torture/secrets_test.py           some places, one situation for each, by a seed
    compat-tests/torture/secrets_test.py --long    20 situations for each
    compat-tests/torture/secrets_test.py --each 99 every place in every situation, with --long, too

After each run the secret and its pieces, in several encodings, are looked for in what was printed,
in every file that was left, in the history, in the log of the server, and, while the program waits,
in its command line.  It is then ended by SIGABRT and must leave no core.  Once, an ordinary user
starts it, and other programs of this user must not be able to attach to it.

CFLYWAY names the program under test (default: build/cflyway of this checkout).
"""
import collections
import contextlib
import os
import random
import resource
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.dirname(HERE))
sys.dont_write_bytecode = True

from lib import figures  # noqa: E402
from lib import server as pg  # noqa: E402
from lib.secrets import attach, places, search, situations  # noqa: E402
from lib.session import Session  # noqa: E402

SITUATIONS = list(situations.all_situations())
TEXT = [
    "A secret with characters that mean something in URLs, files or SQL comes in at each place, each "
    "time in %s situations: commands, output formats, and what goes wrong with the connection, the "
    "scripts and the configuration.",
    "After each run it is looked for, in pieces and in several encodings, in what was printed, in "
    "every file that was left, in the history, in the log of the server and in the command line of "
    "the program, which leaves no core when it is ended by SIGABRT.",
]
LIMIT_S = 20
LONG = 20                       # situations for each place in the long form
SHORT = 120                     # places in the short form
USER = "planted"
WRONG = 3                       # added to the number of a secret
SETTINGS = ("log_statement=all", "log_connections=on", "log_disconnections=on",
            "log_line_prefix=%m %a %u %d ")
REMOVED_VARIABLES = ("PG", "FLYWAY", "REDGATE", "DB_", "DATABASE_URL", "CFLYWAY", "NO_COLOR", "LC_")


class Bench:
    """The server, the program, and a folder for each run."""

    def __init__(self, command, server, scratch):
        self.command, self.server, self.scratch = command, server, scratch
        self.runs = 0
        self.log_at = 0
        self.closed = pg.free_port()
        self.silent = socket.create_server(("127.0.0.1", 0))
        self.silent.settimeout(0.02)

    def prepare(self):
        """Roles with a password, and a database in which V1 is applied."""
        with self.session("postgres") as session:
            session.query("set log_statement = 'none'; set password_encryption = 'scram-sha-256'")
            for number in range(len(search.BETWEEN)):
                session.query("create role %s%d login superuser password '%s'" % (
                    USER, number, search.secret(number).replace("'", "''")))
            session.query("create database old")
            session.query("create database new")
        path = os.path.join(self.server.directory, "data", "pg_hba.conf")
        with open(path, encoding="utf-8") as file:
            rules = file.read()
        with open(path, "w", encoding="utf-8") as file:     # the same file: its owner stays
            file.write("host all /^%s 127.0.0.1/32 scram-sha-256\n" % USER + rules
                       if self.server.major >= 16 else "".join(
                           "host all %s%d 127.0.0.1/32 scram-sha-256\n" % (USER, number)
                           for number in range(len(search.BETWEEN))) + rules)
        with self.session("postgres") as session:
            session.query("select pg_reload_conf()")
        folder = self.folder(situations.V1)
        done = self.execute(folder, ["-url=" + self.server.jdbc_url("old"), "-locations=filesystem:sql",
                                     "-user=" + self.server.user, "migrate"], {}, None)
        if done.code != 0:
            sys.exit("the first migration fails: " + done.text)
        self.new_log()

    def session(self, database):
        return Session(self.server.host, self.server.port, self.server.user, database)

    def folder(self, files):
        """A new folder with these files; "name#644" says the rights."""
        self.runs += 1
        folder = os.path.join(self.scratch, str(self.runs))
        for name in ("home", "tmp"):
            os.makedirs(os.path.join(folder, name))
        for name, content in files.items():
            name, _, mode = name.partition("#")
            path = os.path.join(folder, name)
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "w", encoding="utf-8", errors="surrogateescape") as file:
                file.write(content)
            os.chmod(path, int(mode or "600", 8))
        return folder

    def environment(self, folder, variables):
        kept = {key: value for key, value in os.environ.items()
                if not key.upper().startswith(REMOVED_VARIABLES)}
        kept.update(LC_ALL="C.UTF-8", TZ="UTC", HOME=os.path.join(folder, "home"),
                    TMPDIR=os.path.join(folder, "tmp"), GITHUB_ACTIONS="true")
        kept.update(variables)
        return kept

    def start(self, folder, args, variables, stdin):
        return subprocess.Popen(
            self.command + args, cwd=folder, env=self.environment(folder, variables),
            stdin=subprocess.PIPE if stdin is not None else subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True,
            preexec_fn=allow_core)

    def execute(self, folder, args, variables, stdin):
        process = self.start(folder, args, variables, stdin)
        try:
            out, err = process.communicate(stdin and stdin.encode(), timeout=LIMIT_S)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.communicate()
            return Outcome("no end", "")
        return Outcome(process.returncode, decode(out + err))

    def wait_and_abort(self, folder, args, variables, stdin):
        """Looks at the program while a server does not answer, then makes it crash."""
        process = self.start(folder, args, variables, stdin)
        if stdin is not None:
            process.stdin.write(stdin.encode())
            process.stdin.close()
            process.stdin = None
        shown, peer, end = "", None, time.monotonic() + LIMIT_S
        while peer is None and process.poll() is None and time.monotonic() < end:
            with contextlib.suppress(socket.timeout):
                peer = self.silent.accept()[0]
        if peer is not None:
            for name in ("cmdline", "comm"):
                with open("/proc/%d/%s" % (process.pid, name), "rb") as file:
                    shown += decode(file.read().replace(b"\0", b"\n")) + "\n"
            os.kill(process.pid, signal.SIGABRT)
            _, status = os.waitpid(process.pid, 0)
            process.returncode = -os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0
            if os.WIFSIGNALED(status) and os.WCOREDUMP(status):
                shown += "a core was left, with the secret %s\n" % search.PIECES[0]
            peer.close()
        out, err = process.communicate()
        return Outcome(process.returncode, shown + decode(out + err))

    def new_log(self):
        """What the server has logged since the last call."""
        with open(self.server.log, "rb") as file:
            file.seek(self.log_at)
            text = file.read()
        self.log_at += len(text)
        return decode(text)

    def history(self):
        """The rows in the database new."""
        with self.session("new") as session:
            if session.value("select to_regclass('flyway_schema_history')") is None:
                return ""
            return "\n".join(row[0] for row in session.query("select t::text from "
                                                             "flyway_schema_history as t"))

    def empty(self):
        with self.session("new") as session:
            session.query("drop schema public cascade; create schema public")

    def play(self, place, situation, number):
        """Returns what is wrong, as lines."""
        names = self.names(situation, number)
        value = search.secret(number if situation.right else number + WRONG)

        def fill(text):
            return search.fill(text, value, names)

        if situation.database == "new":
            self.empty()
        files = {**situation.files, **{name: fill(text) for name, text in place.files.items()}}
        if not situation.files:
            files = {**situations.V1, **files}
        folder = self.folder(files)
        args = [fill(arg) for arg in place.args]
        if not any(arg.startswith(("-locations", "-targets=")) for arg in (*args, *situation.args)):
            args.insert(0, "-locations=filesystem:sql")
        run = self.wait_and_abort if situation.host == "silent" else self.execute
        outcome = run(folder, args + list(situation.args),
                      {name: fill(text) for name, text in place.env.items()},
                      place.stdin and fill(place.stdin))
        wrong = ["%s: %s" % (where, line) for where, line in self.leaks(
            folder, files, outcome, place, situation) if line]
        if outcome.code == "no end" or (outcome.code < 0 and situation.host != "silent"):
            wrong.append("it ended with %s" % outcome.code)
        if place.works and situation.exit is not None and (
                outcome.code != situation.exit or situation.says not in outcome.text):
            wrong.append("exit %s instead of %s, or it does not say %r:\n%s" % (
                outcome.code, situation.exit, situation.says, outcome.text[-1500:]))
        shutil.rmtree(folder)
        return wrong

    def names(self, situation, number):
        port = {"closed": self.closed, "silent": self.silent.getsockname()[1]}.get(
            situation.host, self.server.port)
        host = "no-such-host.invalid" if situation.host == "unknown" else self.server.host
        return {"URL": "jdbc:postgresql://%s:%d/%s" % (host, port, situation.database),
                "HOST": "%s:%d" % (host, port), "HOSTNAME": host, "PORT": str(port), "DB": situation.database,
                "USER": USER + str(number)}

    def leaks(self, folder, files, outcome, place, situation):
        """Where a piece of the secret is, and the line; None if it is not there."""
        shows_sql = place.sql and situation.name.startswith("dry run")
        yield "printed", not shows_sql and search.found(outcome.text)
        inputs = {os.path.join(folder, name.partition("#")[0]) for name in files}
        for at, _, names in os.walk(folder):
            for name in names:
                path = os.path.join(at, name)
                if path not in inputs and not (shows_sql and name == "dry.sql"):
                    with open(path, "rb") as file:
                        yield os.path.relpath(path, folder), search.found(
                            decode(file.read()) + "\n" + name)
        if not place.sql:
            yield "log of the server", search.found(self.new_log())
        else:
            self.new_log()
        if situation.database == "new":
            yield "history", search.found(self.history())
            self.new_log()


Outcome = collections.namedtuple("Outcome", "code text")


def allow_core():
    _, most = resource.getrlimit(resource.RLIMIT_CORE)
    with contextlib.suppress(ValueError):
        resource.setrlimit(resource.RLIMIT_CORE, (most, most))


def decode(data):
    return data.decode("utf-8", "backslashreplace")


def chosen(options):
    """What is played: (place, situation, number of the secret)."""
    draw = random.Random(options.seed)
    known = [place for place in places.PLACES if options.k in place.name]
    each = options.each or (LONG if options.long else 1)
    known_situations = [one for one in SITUATIONS if options.s in one.name]
    if not (options.long or options.each or options.s):
        known = draw.sample(known, min(SHORT, len(known)))
    for place in known:
        if options.s:
            for situation in known_situations:
                yield place, situation, draw.randrange(len(search.BETWEEN))
        else:
            for situation in draw.sample(known_situations, min(each, len(known_situations))):
                yield place, situation, draw.randrange(len(search.BETWEEN))


def arguments():
    parser = figures.parser(__doc__)
    parser.add_argument("--each", type=int, metavar="N",
                        help="N situations for every place (with --long: %d)" % LONG)
    parser.add_argument("-k", default="", metavar="TEXT", help="places with this in their names")
    parser.add_argument("-s", default="", metavar="TEXT", help="every situation with this name")
    return parser.parse_args()


def program():
    default = os.path.join(os.path.dirname(os.path.dirname(HERE)), "build", "cflyway")
    command = shlex.split(os.environ.get("CFLYWAY") or default)
    command[0] = os.path.abspath(command[0]) if "/" in command[0] else command[0]
    return command


def interrupted(_signal, _frame):
    sys.exit(1)         # runs the finally clauses: the server ends with us


def main():
    options = arguments()
    search.self_check()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, interrupted)
    scratch = os.path.realpath(tempfile.mkdtemp(prefix="secrets."))
    tried, failed = collections.Counter(), collections.Counter()
    print("seed %d" % options.seed, flush=True)
    attached = list(attach.faults(program())) if sys.platform == "linux" else []
    for line in attached:
        print("FAIL attach: " + line, flush=True)
    try:
        with pg.temporary_server(SETTINGS) as server:
            bench = Bench(program(), server, scratch)
            bench.prepare()
            for place, situation, number in chosen(options):
                wrong = bench.play(place, situation, number)
                tried[place.group] += 1
                failed[place.group] += bool(wrong)
                for line in wrong:
                    print("FAIL %s / %s / %d: %s" % (place.name, situation.name, number, line),
                          flush=True)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    bad = sum(failed.values()) + bool(attached)
    print("%d passed, %d failed, 0 skipped" % (sum(tried.values()) + 1 - bad, bad))
    if options.long:
        report(tried, failed, options.each or LONG)
    return 1 if bad else 0


def report(tried, failed, each):
    count = len(SITUATIONS)
    shown = "%d of %d" % (each, count) if each < count else "all %d" % count
    made = figures.Figures("secrets", "Planted secrets", [TEXT[0] % shown, *TEXT[1:]])
    for group, count in tried.items():
        places_of_group = sum(place.group == group for place in places.PLACES)
        made.add("%d places in %s" % (places_of_group, group), tried=count, leaked=failed[group])
    made.write()


if __name__ == "__main__":
    sys.exit(main())
