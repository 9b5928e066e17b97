#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""On a terminal, a script that takes long shows how far it is in a line that comes and goes.

Scripts that wait are run on a pseudo terminal, in a pipe, and with the options that want no such
line. What stands on the terminal in the end must be what the pipe got.

CFLYWAY names the program (default: build/cflyway).  With PGHOST set that server is used, see
lib/server.py.
"""
import concurrent.futures
import fcntl
import os
import pty
import re
import resource
import select
import struct
import subprocess
import sys
import tempfile
import termios
import time

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(HERE)
sys.path.insert(0, HERE)
sys.dont_write_bytecode = True

from lib import server as pg  # noqa: E402

PROGRAM = os.path.abspath(os.environ.get("CFLYWAY", os.path.join(ROOT, "build", "cflyway")))
COLUMNS = 100
LIMIT_S = 60
LINE = re.compile(r"^(V1__\w+\.sql): statement (\d+) of (\d+), [\d.]+ of ([\d.]+) MB, (\d\d):(\d\d)$")
WAIT = "select pg_sleep(2.3) is null as waited;\n"
NOTHING = "select 1 as one;\n"
# Waits before the row that ends the COPY, and while rows of the script are still sent.
COPY = """create table t (i int, text text);
create function wait() returns trigger language plpgsql as $$
begin perform pg_sleep(0.23); return new; end $$;
create trigger wait before insert on t for each row execute function wait();
copy t from stdin;
%s\\.
""" % "".join("%d\t%s\n" % (i, "x" * 20000) for i in range(10))
SQLITE = """create table long (i int);
with recursive c(i) as (select 1 union all select i + 1 from c where i < %d * 1000000)
insert into long select count(*) from c;
"""


class Failure(Exception):
    """What was seen is not what should be."""


class Screen:
    """What a terminal shows after the bytes, and the lines that were erased or written over."""

    def __init__(self, data):
        self.lines, self.gone, self.widest = [""], [], 0
        self.clean = False       # the cursor is at the start of a line that was left as it was
        text = data.decode("utf-8")
        for token in re.findall(r"\r\n|\r|\n|\x1b\[[\d;]*[A-Za-z]|[^\r\n\x1b]+", text):
            self.take(token)

    def take(self, token):
        if token in ("\r\n", "\n"):
            self.lines.append("")
        elif token == "\r":
            self.gone.append(self.lines[-1])
            self.lines[-1] = ""
        elif token == "\x1b[K":
            pass
        elif token[0] == "\x1b":
            return
        else:
            self.lines[-1] += token
            self.widest = max(self.widest, len(self.lines[-1]))

    def progress(self):
        return [line for line in self.gone if line]


def command(folder, url, *args):
    return [PROGRAM, "-url=" + url, "-user=postgres", "-locations=filesystem:sql", "-color=never",
            *args, "migrate"]


def environment(**more):
    kept = {key: value for key, value in os.environ.items()
            if not key.upper().startswith(("PG", "FLYWAY", "CFLYWAY", "LC_", "COLUMNS"))}
    return dict(kept, TZ="UTC", LC_ALL="C.UTF-8", **more)


def on_terminal(folder, url, *args, columns=COLUMNS, term="xterm", stdout=True):
    """Returns the exit status and the bytes that the terminal got; stdout=False: only stderr."""
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    process = subprocess.Popen(command(folder, url, *args), cwd=folder, stdin=subprocess.DEVNULL,
                               stdout=slave if stdout else subprocess.PIPE, stderr=slave,
                               env=environment(TERM=term))
    os.close(slave)
    data, end = b"", time.monotonic() + LIMIT_S
    while True:
        if not select.select([master], [], [], max(0, end - time.monotonic()))[0]:
            process.kill()
            raise Failure("no end: %r" % data)
        try:
            piece = os.read(master, 65536)
        except OSError:         # how Linux says that nobody has the other side open
            break
        if not piece:
            break
        data += piece
    os.close(master)
    out = process.communicate(timeout=LIMIT_S)[0] or b""
    return process.returncode, data + out


def in_pipe(folder, url, *args):
    done = subprocess.run(command(folder, url, *args), cwd=folder, stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=LIMIT_S,
                          env=environment(TERM="xterm"))
    return done.returncode, done.stdout


def plain(text):
    """Without what differs from run to run."""
    text = re.sub(r"\d\d:\d\d\.\d{3}s", "<T>", text)
    text = re.sub(r"\bprogress_\w+|x\d\.db", "<DB>", text)
    return re.sub(r"\s+\n", "\n", text).strip()


class Place:
    """A folder with a script, and databases in which nothing has happened."""

    def __init__(self, scratch, server, name):
        self.folder = os.path.join(scratch, name)
        self.server, self.name, self.count = server, name, 0
        os.makedirs(os.path.join(self.folder, "sql"))

    def script(self, content, name="V1__Slow.sql", conf=None):
        path = os.path.join(self.folder, "sql", name)
        with open(path, "w", encoding="utf-8") as file:
            file.write(content)
        if conf:
            with open(path + ".conf", "w", encoding="utf-8") as file:
                file.write(conf)

    def url(self, sqlite=False):
        self.count += 1
        if sqlite:
            return "jdbc:sqlite:" + os.path.join(self.folder, "x%d.db" % self.count)
        self.server.create_database(self.database())
        return self.server.jdbc_url(self.database())

    def database(self):
        return "progress_%d_%s_%d" % (os.getpid(), self.name, self.count)


def must(condition, what, seen):
    if not condition:
        raise Failure("%s: %r" % (what, seen))


def check_lines(screen, statements, at_statement, columns=COLUMNS):
    lines = screen.progress()
    must(len(lines) >= 3, "the line is renewed", lines)
    found = [LINE.match(line) for line in lines]
    must(all(found), "every line is of the form", lines)
    must(all(match.group(3) == str(statements) for match in found), "so many statements", lines)
    must(any(match.group(2) == str(at_statement) for match in found), "the one that waits", lines)
    times = [int(match.group(5)) * 60 + int(match.group(6)) for match in found]
    must(times == sorted(times) and times[0] == 1 and times[-1] >= 2, "time goes on", lines)
    must(screen.widest < columns or not lines, "it fits", screen.widest)


def compare(place, statements, at_statement, sqlite=False):
    status, data = on_terminal(place.folder, place.url(sqlite))
    screen = Screen(data)
    must(status == 0, "exit status", data)
    check_lines(screen, statements, at_statement)
    status, piped = in_pipe(place.folder, place.url(sqlite))
    must(status == 0 and b"\r" not in piped and b"\x1b" not in piped and b" MB, " not in piped,
         "nothing of it in a pipe", piped)
    shown, wanted = plain("\n".join(screen.lines)), plain(piped.decode())
    must(shown == wanted, "the terminal shows in the end", (shown, wanted))


def test_queued(place):
    place.script(NOTHING + WAIT + NOTHING)
    compare(place, 3, 2)


def test_alone(place):
    place.script(NOTHING + WAIT + NOTHING, conf="executeInTransaction=false\n")
    compare(place, 3, 2)


def test_copy(place):
    place.script(COPY)
    compare(place, 4, 4)


def cpu_seconds():
    """Of the programs that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def test_sqlite(place):
    """A statement of about four seconds, whatever the machine: measured with a shorter one."""
    place.script(SQLITE % 4)
    before = cpu_seconds()
    in_pipe(place.folder, place.url(sqlite=True))
    used_s = max(0.1, cpu_seconds() - before)
    place.script(SQLITE % max(4, round(4 * 4 / used_s)))
    compare(place, 2, 2, sqlite=True)


def test_many_short_statements(place):
    place.script("select pg_sleep(0.05) is null as waited;\n" * 60)
    status, data = on_terminal(place.folder, place.url(), "-outputQueryResults=false")
    screen = Screen(data)
    must(status == 0, "exit status", data)
    numbers = [int(LINE.match(line).group(2)) for line in screen.progress()]
    must(len(numbers) >= 3 and numbers == sorted(set(numbers)) and numbers[-1] <= 60,
         "the number grows", numbers)


def test_failure(place):
    """The line is gone before the error."""
    place.script(WAIT + "select 1 / 0;\n")
    status, data = on_terminal(place.folder, place.url())
    screen = Screen(data)
    must(status == 1 and len(screen.progress()) >= 3, "exit status and line", data)
    must(not any(" MB, " in line for line in screen.lines), "nothing is left", screen.lines)
    must(any(line.startswith("ERROR: ") for line in screen.lines), "the error", screen.lines)


def test_narrow_terminal(place):
    place.script(WAIT, name="V1__A_name_that_is_too_long_for_this_terminal.sql")
    status, data = on_terminal(place.folder, place.url(), "-outputQueryResults=false", columns=40)
    lines = Screen(data).progress()
    must(status == 0 and lines and max(map(len, lines)) == 39, "cut to the terminal", lines)


def nothing_of_it(place, what, *args, **options):
    status, data = on_terminal(place.folder, place.url(), *args, **options)
    must(status == 0 and b" of 1, " not in data and b"\x1b" not in data, what, data)


def test_quiet(place):
    place.script(WAIT)
    nothing_of_it(place, "nothing with -q", "-q")


def test_json(place):
    place.script(WAIT)
    nothing_of_it(place, "nothing with JSON", "-outputType=json")


def test_dumb_terminal(place):
    place.script(WAIT)
    nothing_of_it(place, "nothing on a dumb terminal", term="dumb")


def test_only_stderr(place):
    place.script(WAIT)
    nothing_of_it(place, "nothing when the output goes elsewhere", stdout=False)


def test_first_line(place):
    """It is there while the script runs, also where the row before it shares its flight."""
    for number in range(1, 4):
        place.script(NOTHING, name="V%d__Short.sql" % number)
    place.script(WAIT, name="V4__Slow.sql")
    with subprocess.Popen(command(place.folder, place.url()), cwd=place.folder,
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          env=environment()) as process:
        for line in process.stdout:
            if b'"4 - Slow"' in line:
                break
        seen = time.monotonic()
        rest = process.stdout.read()
    must(process.returncode == 0 and time.monotonic() - seen > 1.5, "long before the end", rest)


def test_time(place):
    """That of the script, without the COMMIT before it, which shares its flight."""
    place.script(NOTHING, name="V1__Short.sql")
    place.script("""create table t (i int);
create function wait() returns trigger language plpgsql as $$
begin perform pg_sleep(1.2); return new; end $$;
create constraint trigger wait after insert on t deferrable initially deferred
for each row execute function wait();
insert into t values (1);
""", name="V2__Slow_commit.sql")
    place.script(NOTHING, name="V3__Short.sql")
    place.script("do 'begin perform pg_sleep(0.3); end';\n", name="V4__Slow.sql")
    place.script(NOTHING, name="V5__Short.sql")
    status, data = in_pipe(place.folder, place.url())
    must(status == 0, "exit status", data)
    rows = place.server.psql("select execution_time from flyway_schema_history order by "
                             "installed_rank", place.database(), "-At").split()
    times = [int(row) for row in rows]
    must(max(times[0], times[1], times[2], times[4]) < 250 and 300 <= times[3] < 900,
         "execution times", times)


def test_short_script(place):
    place.script(NOTHING)
    nothing_of_it(place, "nothing in the first second")


TESTS = (test_queued, test_alone, test_copy, test_sqlite, test_many_short_statements, test_failure,
         test_first_line, test_time, test_narrow_terminal, test_quiet, test_json,
         test_dumb_terminal, test_only_stderr, test_short_script)


def attempt(test, scratch, server):
    name = test.__name__[len("test_"):]
    try:
        test(Place(scratch, server, name))
    except (Failure, pg.ServerError, OSError, subprocess.SubprocessError) as err:
        print("FAIL progress, %s: %s" % (name.replace("_", " "), err), flush=True)
        return False
    print("ok progress, " + name.replace("_", " "), flush=True)
    return True


def main():
    wanted = [test for test in TESTS if all(word in test.__name__ for word in sys.argv[1:])]
    with tempfile.TemporaryDirectory(prefix="progress.") as scratch, pg.open_server() as server, \
            concurrent.futures.ThreadPoolExecutor(4) as pool:
        folder = os.path.realpath(scratch)
        passed = sum(pool.map(lambda test: attempt(test, folder, server), wanted))
    print("%d passed, %d failed" % (passed, len(wanted) - passed))
    return passed < len(wanted)


if __name__ == "__main__":
    sys.exit(main())
