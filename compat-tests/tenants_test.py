#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Many tenants in one run: schemas that a query names, several at the same time, eight of them broken.

    compat-tests/tenants_test.py                   40 tenants
    compat-tests/tenants_test.py --tenants 1000    as many as that

The commands of doc/targets.md are run as they stand there.  What is printed, the JSON document, the
exit status and the histories must agree with what is in the database.  Then processes of tenants
are killed, and the run is stopped by signals.

CFLYWAY names the program (default: build/cflyway).  With PGHOST set that server is used, see
lib/server.py.
"""
import argparse
import contextlib
import json
import os
import pty
import re
import select
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(HERE)
sys.path.insert(0, HERE)
sys.dont_write_bytecode = True

from lib import server as pg  # noqa: E402

PROGRAM = os.path.abspath(os.environ.get("CFLYWAY", os.path.join(ROOT, "build", "cflyway")))
DATABASE = "tenants"
QUERY = "select name from tenant order by id"
BROKEN = 8
LIMIT_S = 300
REASON = "V2__check.sql, line 1: ERROR: this tenant is broken"
SCRIPTS = {
    "V1__first.sql": "create table a (i int);\ninsert into a select generate_series(1, 10);\n",
    "V2__check.sql": "do $$ begin if current_schema() like 'broken%' then\n"
                     "raise exception 'this tenant is broken'; end if; end $$;\n"
                     "create table b (i int);\n",
    "R__view.sql": "create or replace view v as select count(*) from a;\n",
}
# A tenant whose script waits; the others end at once.
SLOW = {"V1__wait.sql": "create table w (i int);\ndo $$ begin if current_schema() like 'slow%' then\n"
                        "perform pg_sleep(60); end if; end $$;\n"}
passed = failed = 0


def check(holds, what, detail=""):
    global passed, failed
    passed, failed = passed + bool(holds), failed + (not holds)
    if not holds:
        print("FAIL %s\n%s" % (what, detail))


class Project:
    """A folder with scripts and a configuration, and a database with a table of tenants."""

    def __init__(self, server, folder, scripts, names):
        self.server, self.folder, self.names = server, folder, names
        server.create_database(DATABASE)
        server.psql("create table tenant (id int, name text); insert into tenant values " +
                    ", ".join("(%d, '%s')" % pair for pair in enumerate(names)), DATABASE)
        os.makedirs(os.path.join(folder, "sql"))
        for name, text in scripts.items():
            with open(os.path.join(folder, "sql", name), "w", encoding="utf-8") as file:
                file.write(text)
        with open(os.path.join(folder, "flyway.conf"), "w", encoding="utf-8") as file:
            file.write("flyway.url=%s\nflyway.user=%s\nflyway.locations=filesystem:sql\n" %
                       (server.jdbc_url(DATABASE), server.user))

    def command(self, *arguments):
        return [PROGRAM, "-tenantsQuery=" + QUERY, *arguments]

    def environment(self):
        return dict({key: value for key, value in pg.environment().items()
                     if not key.startswith("FLYWAY")}, HOME=self.folder, TERM="xterm",
                    NO_COLOR="1")

    def run(self, *arguments):
        return subprocess.run(self.command(*arguments), cwd=self.folder, env=self.environment(),
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                              stdin=subprocess.DEVNULL, timeout=LIMIT_S, check=False)

    def start(self, *arguments):
        return subprocess.Popen(self.command(*arguments), cwd=self.folder, env=self.environment(),
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                                stdin=subprocess.DEVNULL, start_new_session=True)

    def histories(self):
        """{schema: versions of the rows that have succeeded}; R: a repeatable one"""
        found = {}
        for name in self.names:
            there = self.server.value("select to_regclass('%s.flyway_schema_history')" % name,
                                      DATABASE)
            found[name] = self.server.value(
                "select coalesce(version, 'R') from %s.flyway_schema_history where success and "
                "type <> 'SCHEMA' order by installed_rank" % name, DATABASE).split("\n") \
                if there else None
        return found


def names_of(count):
    """Tenants, eight of them broken, spread over all."""
    broken = {i * count // BROKEN + count // (2 * BROKEN) for i in range(BROKEN)}
    return ["%s%04d" % ("broken" if i in broken else "t", i) for i in range(count)]


def is_broken(name):
    return name.startswith("broken")


# --- text ---------------------------------------------------------------------------------------

def blocks(out):
    """[(target, lines)] of the text; what comes after the last target is not in it"""
    parts = re.split(r"(?m)^cflyway: target (\S+)\n", out.split("\n\n+--")[0] + "\n")
    return list(zip(parts[1::2], (part.splitlines() for part in parts[2::2])))


def table(out):
    """{target: [state, version, migrations, reason]}"""
    rows = [[cell.strip() for cell in line.strip("|").split("|")]
            for line in out.splitlines() if line.startswith("| ")]
    return {row[0]: [row[1], row[2], row[3], row[5]] for row in rows if row[0] != "Target"}


def check_text(project, done):
    names, count = project.names, len(project.names)
    bad = [name for name in names if is_broken(name)]
    seen = blocks(done.stdout)
    check(done.returncode == 1, "text: the status", done)
    check(sorted(name for name, _ in seen) == sorted(names), "text: each target once", done.stdout)
    strange = [(name, line) for name, lines in seen for line in lines
               for schema in re.findall(r'schema "(\w+)"', line) if schema != name]
    check(not strange, "text: the lines of a target stay together", strange[:5])
    check(all(len(lines) > 3 for _, lines in seen), "text: each target has its lines", seen[:2])
    rows = table(done.stdout)
    shown = names if count <= 100 else bad
    check(list(rows) == shown, "text: the table", done.stdout[-3000:])
    for name in shown:
        wanted = ["failed", "1", "1 applied", REASON] if is_broken(name) else \
            ["succeeded", "2", "3 applied", ""]
        check(rows.get(name) == wanted, "text: the row of " + name, rows.get(name))
    last = done.stdout.rstrip("\n").splitlines()[-1]
    check(re.sub(r" succeeded \(.*?\)", " succeeded", last) ==
          "cflyway: targets: %d succeeded, %d failed (%s)" % (count - len(bad), len(bad),
                                                              ", ".join(bad)), "text: the end", last)
    check(done.stderr.count("Message    : ERROR: this tenant is broken") == len(bad), "text: errors",
          done.stderr[:2000])
    histories = project.histories()
    check(all(rows == (["1"] if is_broken(name) else ["1", "2", "R"])
              for name, rows in histories.items()), "text: the histories", histories)


# --- JSON ---------------------------------------------------------------------------------------

def check_json(project, done, what):
    names = project.names
    bad = sum(map(is_broken, names))
    check(done.returncode == 1, what + ": the status", done.stderr)
    document = json.loads(done.stdout)
    targets = document["targets"]
    check([target["target"] for target in targets] == names, what + ": the order")
    check((document["succeeded"], document["failed"], document["skipped"], document["notBegun"]) ==
          (len(names) - bad, bad, 0, 0), what + ": the counts", done.stdout[-300:])
    wrong = [target for target in targets if not fits(target)]
    check(not wrong, what + ": the targets", json.dumps(wrong[:1], indent=1))


def fits(target):
    """A second run: nothing is left to do but what is broken."""
    bad = is_broken(target["target"])
    result = target["result"]
    return (target["state"] == ("failed" if bad else "succeeded") and
            target["version"] == ("1" if bad else "2") and
            (target["error"] == REASON if bad else "error" not in target) and
            result["schemaName"] == target["target"] and result["success"] is not bad and
            ("error" in result) == bad and result["migrationsExecuted"] == 0)


def many(server, top, count):
    project = Project(server, os.path.join(top, "many"), SCRIPTS, names_of(count))
    try:
        check_text(project, project.run("-parallel=4", "migrate"))
        check_json(project, project.run("-parallel=4", "-outputType=json", "migrate"), "JSON")
        check_json(project, project.run("-outputType=json", "migrate"), "JSON, in turn")
        first = next(name for name in project.names if is_broken(name))
        at = project.names.index(first)
        done = project.run("-continueOnError=false", "-outputType=json", "migrate")
        states = [target["state"] for target in json.loads(done.stdout)["targets"]]
        check(states == ["succeeded"] * at + ["failed"] + ["notBegun"] * (len(states) - at - 1),
              "nothing begins after a failure", states)
        done = project.run("-targetNames=%s,%s" % (project.names[0], first), "-parallel=2", "info")
        check(done.returncode == 0 and done.stdout.count("\ncflyway: target ") == 2,
              "some of them", done.stdout)
        done = project.run("-parallel=2", "-targetNames=" + ",".join(project.names[:2]),
                           "-migrationIds", "info")
        check(done.stdout == 2 * "<< Flyway Schema Creation >>,1,2,view",
              "ids, which are no lines", done)
        check_terminal(project)
    finally:
        server.drop_database(DATABASE)


# --- a terminal ---------------------------------------------------------------------------------

def on_terminal(project, *arguments):
    """What the program writes to a terminal, and its status."""
    pid, fd = pty.fork()
    if pid == 0:
        os.chdir(project.folder)
        os.execve(PROGRAM, project.command(*arguments), project.environment())
    data, end = b"", time.monotonic() + LIMIT_S
    while time.monotonic() < end:
        if not select.select([fd], [], [], 1)[0]:
            continue
        try:
            piece = os.read(fd, 65536)
        except OSError:
            break
        if not piece:
            break
        data += piece
    os.close(fd)
    return data.decode("utf-8"), os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def check_terminal(project):
    text, status = on_terminal(project, "-parallel=3", "migrate")
    lines = [tuple(map(int, found)) for found in
             re.findall(r"targets: (\d+) of (\d+) done, (\d+) failed, (\d+) running\x1b\[K", text)]
    check(status == 1 and lines, "a terminal shows the progress", text[-2000:])
    check(all(total == len(project.names) and done <= total and bad <= BROKEN and running <= 3
              for done, total, bad, running in lines), "the progress is true", lines)
    check(lines == sorted(lines, key=lambda line: line[0]), "the progress goes on", lines)
    check("done," not in re.sub(r"\r[^\r\n]*\x1b\[K", "", text), "the progress line is erased",
          text[-2000:])


# --- processes that end ---------------------------------------------------------------------------

def wait_for(condition, limit_s=30):
    end = time.monotonic() + limit_s
    while time.monotonic() < end:
        found = condition()
        if found:
            return found
        time.sleep(0.05)
    return None


def children_of(pid):
    try:
        with open("/proc/%d/task/%d/children" % (pid, pid), encoding="ascii") as file:
            return [int(word) for word in file.read().split()]
    except FileNotFoundError:
        return []


def waiting(server):
    return int(server.value("select count(*) from pg_stat_activity where datname = '%s' and "
                            "query like '%%pg_sleep%%' and state = 'active'" % DATABASE))


def slow_run(server, project, slow, *arguments):
    """A run in which only the slow tenants are left."""
    process = project.start(*arguments)
    ready = wait_for(lambda: all(is_waiting(server, process, slow) for _ in range(5)))
    check(ready, "the slow tenants wait")
    return process


def is_waiting(server, process, slow):
    """Asked again and again: between the end of one process and the next there is one less."""
    time.sleep(0.05)
    return waiting(server) == slow and len(children_of(process.pid)) == slow


def states(out):
    return {name: row[0] for name, row in table(out).items()}


def none_is_left(server, project, slow):
    """The sessions are gone, and with them what they had not committed."""
    left = wait_for(lambda: server.value(
        "select count(*) from pg_stat_activity where datname = '%s'" % DATABASE) == "0")
    check(left, "no session is left")
    histories = project.histories()
    check(all(histories[name] in (None, [""]) for name in slow),
          "nothing of a slow tenant stays", histories)
    for name in slow:
        check(server.value("select to_regclass('%s.w') is null" % name, DATABASE) == "t",
              "the table of %s is rolled back" % name)


def lost(server, top):
    names = ["t1", "slow", "t2", "t3"]
    project = Project(server, os.path.join(top, "lost"), SLOW, names)
    try:
        process = slow_run(server, project, 1, "-parallel=2", "migrate")
        for child in children_of(process.pid):
            os.kill(child, signal.SIGKILL)
        out, errors = process.communicate(timeout=LIMIT_S)
        check(process.returncode == 1, "a killed process: the status", process.returncode)
        check(states(out) == {"t1": "succeeded", "slow": "failed", "t2": "succeeded",
                              "t3": "succeeded"}, "a killed process: the others go on", out)
        check("ERROR: The process of target slow was ended by SIGKILL." in errors,
              "a killed process is reported", errors)
        # The server notices that the other end is gone when the statement has ended.
        server.psql("select pg_terminate_backend(pid) from pg_stat_activity where datname = '%s'" %
                    DATABASE)
        none_is_left(server, project, ["slow"])
        process = slow_run(server, project, 1, "-parallel=2", "-outputType=json", "migrate")
        for child in children_of(process.pid):
            os.kill(child, signal.SIGQUIT)
        out, errors = process.communicate(timeout=LIMIT_S)
        document = json.loads(out)
        target = document["targets"][1]
        check(process.returncode == 1 and document["failed"] == 1 and document["succeeded"] == 3 and
              "SIGQUIT" in target["error"] and "SIGQUIT" in target["result"]["error"]["message"],
              "a killed process in JSON", out)
    finally:
        server.drop_database(DATABASE)


def stopped(server, top, number, to_group):
    """A signal for the program alone, and one for all of its processes, as a terminal sends it."""
    what = "%s to %s" % (signal.Signals(number).name, "all" if to_group else "one")
    names = ["t1", "slow1", "slow2", "t2"]
    project = Project(server, os.path.join(top, what.replace(" ", "-")), SLOW, names)
    try:
        process = project.start("-parallel=2", "migrate")
        ready = wait_for(lambda: waiting(server) == 2)
        check(ready, what + ": the slow tenants wait")
        (os.killpg if to_group else os.kill)(process.pid, number)
        out, errors = process.communicate(timeout=20)
        check(process.returncode == 128 + number, what + ": the status", process.returncode)
        check(states(out) == {"t1": "succeeded", "slow1": "failed", "slow2": "failed",
                              "t2": "not begun"}, what + ": the table", out)
        check("targets: 1 succeeded (t1), 2 failed (slow1, slow2), 1 not begun (t2)" in out,
              what + ": the end", out)
        check(errors.count("canceling statement due to user request") >= 2,
              what + ": each statement is cancelled", errors)
        none_is_left(server, project, ["slow1", "slow2"])
    finally:
        server.drop_database(DATABASE)


def second_signal(server, top):
    names = ["slow1", "slow2", "slow3"]
    scripts = {"V1__w.py": "import signal, time\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
                           "open('waits', 'a').write('x')\ntime.sleep(30)\n"}
    project = Project(server, os.path.join(top, "second"), scripts, names)
    try:
        process = project.start("-parallel=2", "migrate")
        path = os.path.join(project.folder, "waits")
        check(wait_for(lambda: os.path.exists(path) and os.path.getsize(path) == 2),
              "two scripts wait")
        os.kill(process.pid, signal.SIGTERM)
        time.sleep(0.5)
        check(process.poll() is None, "a script that ignores the signal is waited for")
        os.kill(process.pid, signal.SIGTERM)
        out, errors = process.communicate(timeout=20)
        check(process.returncode == 143 and errors.count("was ended by SIGKILL") == 2,
              "the second signal ends the processes", out + errors)
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)     # the scripts
        server.drop_database(DATABASE)


# --- doc/targets.md -------------------------------------------------------------------------------

PREPARED = {
    "flyway.toml": "[flyway]\nlocations = [\"filesystem:sql\"]\n"
                   "[environments.dev]\nurl = \"jdbc:sqlite:dev.db\"\n"
                   "[environments.test]\nurl = \"jdbc:sqlite:test.db\"\n",
    "sql/V1__a.sql": "create table a (i int);\n",
    "sql/U1__a.sql": "drop table a;\n",
    "shop/V1__b.sql": "create table b (i int);\n",
    "shop/U1__b.sql": "drop table b;\n",
}


def documented():
    """The blocks of doc/targets.md, without their indent."""
    with open(os.path.join(ROOT, "doc", "targets.md"), encoding="utf-8") as file:
        text = file.read()
    return [re.sub(r"(?m)^    ", "", block)
            for block in re.findall(r"(?m)(?:^    .*\n(?:\n(?=    ))?)+", text)]


def play_document(top):
    folder = os.path.join(top, "document")
    for name, text in PREPARED.items():
        os.makedirs(os.path.dirname(os.path.join(folder, name)), exist_ok=True)
        with open(os.path.join(folder, name), "w", encoding="utf-8") as file:
            file.write(text)
    with contextlib.closing(sqlite3.connect(os.path.join(folder, "directory.db"))) as directory:
        directory.executescript("create table tenant (name text, url text);"
                                "insert into tenant values ('acme', 'jdbc:sqlite:acme.db'),"
                                " ('zeta', 'jdbc:sqlite:zeta.db');")
    os.symlink(PROGRAM, os.path.join(folder, "cflyway"))
    played = 0
    for block in documented():
        if block.startswith("["):
            with open(os.path.join(folder, "targets.ini"), "w", encoding="utf-8") as file:
                file.write(block)
            continue
        done = subprocess.run(["sh", "-ec", block], cwd=folder, stdin=subprocess.DEVNULL, text=True,
                              env={"PATH": folder + ":" + os.environ["PATH"], "HOME": folder,
                                   "DATA": folder}, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, timeout=LIMIT_S, check=False)
        played += 1
        expected = "1 succeeded" if "down" in block else "2 succeeded"  # of both, one is left
        check(done.returncode == 0 and expected in done.stdout, "doc/targets.md: " + block,
              done.stdout)
    check(played == 5, "doc/targets.md: its commands are found", played)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--tenants", type=int, default=40, metavar="N")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as top, pg.open_server() as server:
        play_document(top)
        many(server, top, options.tenants)
        lost(server, top)
        stopped(server, top, signal.SIGTERM, False)
        stopped(server, top, signal.SIGINT, True)
        stopped(server, top, signal.SIGTERM, True)
        second_signal(server, top)
    print("%d passed, %d failed" % (passed, failed))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
