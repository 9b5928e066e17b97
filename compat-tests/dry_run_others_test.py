#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""-dryRun=execute among others: it stops for nobody else's harm, and ends when it is told to.

- A session that blocks the dry run is named, and the dry run does not hang; it ends when somebody
  waits for it, and when it keeps others from writing for too long.
- Sessions are named whose locks conflict with those that a statement takes later.
- SIGINT, SIGTERM and kill -9: what is left is nothing, the end is that of a migrate.

CFLYWAY names the program under test (default: build/cflyway of this checkout).
"""
import json
import os
import re
import signal
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
sys.dont_write_bytecode = True

from lib.trial_project import (  # noqa: E402
    equal, must, prepare_busy, run_parts, statements, unchanged)

# --- others ---------------------------------------------------------------------------------------


def names_who_blocks_it(server, folder):
    database, project = prepare_busy(server, folder, "blocked",
                                     "alter table busy add column x int;\n")
    holder = database.session("begin; select count(*) from busy; select pg_sleep(60); commit;",
                              "the holder")
    try:
        database.wait_for("application_name = 'the holder' and query like '%pg_sleep%'")
        started = time.monotonic()
        document = project.trial("migrate", expected=1)
        must("it hung", time.monotonic() - started < 20)
        statement = statements(document)[-1]
        equal("who blocks", ["the holder"],
              [session["application"] for session in statement["blockedBy"]])
        equal("the lock", {"public.busy": "ACCESS EXCLUSIVE"},
              {lock["relation"]: lock["mode"] for lock in statement["locks"]})
        must("no 55P03", "55P03" in json.dumps(document))
    finally:
        holder.kill()
        holder.wait()
        database.psql("select pg_terminate_backend(pid) from pg_stat_activity "
                      "where application_name = 'the holder'")


def names_who_uses_what_it_locks(server, folder):
    """Sessions that hold a lock which conflicts, and have let go before the statement runs."""
    database, project = prepare_busy(
        server, folder, "used", "select pg_sleep(4);\ninsert into other values (1);\n"
        "create index on busy (i);\nalter table free add column x int;\n")
    database.psql("create table other (i int); create table free (i int)")
    uses = {"the writer": "update busy set i = i", "the reader": "select * from busy, other"}
    sessions = [database.session("begin;\n%s where false;" % sql, application, stays=True)
                for application, sql in uses.items()]
    for application in uses:
        database.wait_for("state = 'idle in transaction' and query like '%% where false%%'"
                          " and application_name = '%s'" % application)
    process = project.start("-dryRun=execute", "-outputType=json", "migrate")
    database.wait_for("query like 'select pg_sleep(4)%'")
    for session in sessions:
        database.tell(session, "commit;")
    out, err = process.communicate(timeout=60)
    equal("exit status\n%s%s" % (out.decode(), err.decode()), 0, process.returncode)
    document = json.loads(out)
    conflicts = {lock["relation"]: [(session["application"], session["mode"], session["granted"],
                                     session["relation"]) for session in lock["conflicts"]]
                 for statement in statements(document) for lock in statement["locks"]}
    equal("conflicts", {
        "public.busy": [("the writer", "ROW EXCLUSIVE", True, "public.busy")],
        "public.other": [], "public.free": []}, conflicts)
    equal("who was in the way", [], [statement["blockedBy"] for statement in statements(document)
                                     if statement["blockedBy"]])


def counts_who_would_wait(server, folder):
    database, project = prepare_busy(
        server, folder, "rates", "create index on other (i);\n"
        "alter table busy add column x int;\nselect pg_sleep(0.3);\n")
    database.psql("create table other (i int)")
    readers = [database.session("select count(*) from busy;\nselect pg_sleep(0.005);\n" * 1000,
                                "a reader") for _ in range(3)]
    try:
        database.wait_for("application_name = 'a reader'")
        document = project.trial("migrate")
    finally:
        for reader in readers:
            reader.kill()
            reader.wait()
            reader.stdout.close()
            reader.stderr.close()
    locks = {lock["relation"]: lock["wouldWait"]
             for one in statements(document) for lock in one["locks"]}
    must("none of %s" % locks, locks["public.busy"]["reads"] > 0)
    equal("writes", 0, locks["public.busy"]["writes"])
    equal("of a table that nobody uses", {"reads": 0, "writes": 0}, locks["public.other"])


def knows_the_locks_of_what_it_cannot_try(server, folder):
    """By rule; a writer delays CREATE INDEX CONCURRENTLY, although their locks do not conflict."""
    database, project = prepare_busy(
        server, folder, "rules", "create index concurrently i on Busy (i);\n"
        "create index concurrently on nobody_has_it (i);\n")
    project.write("V2__b.sql", "drop index concurrently \"The Index\";\n")
    project.write("V3__c.sql", "vacuum full public.Busy, other.busy;\n")
    project.write("V4__d.sql", "create table d (i int);\n")
    database.psql("create schema other; create table other.busy (i int);"
                  "create index \"The Index\" on busy (i)")
    writer = database.session("begin;\nupdate busy set i = i where false;", "the writer",
                              stays=True)
    reader = database.session("begin;\nselect * from other.busy where false;", "the reader",
                              stays=True)
    database.wait_for("state = 'idle in transaction' and application_name = 'the writer'")
    database.wait_for("state = 'idle in transaction' and application_name = 'the reader'")
    document = project.trial("migrate")
    database.tell(writer, "commit;")
    database.tell(reader, "commit;")
    equal("by rule", [True] * 4 + [False], [one["byRule"] for one in statements(document)])
    equal("held", {None}, {lock["heldTime"] for one in statements(document)
                           for lock in one["locks"]})
    locks = [[(lock["relation"], lock["mode"],
               [session["application"] for session in lock["conflicts"]])
              for lock in one["locks"]] for one in statements(document)]
    equal("locks", [
        [("public.busy", "SHARE UPDATE EXCLUSIVE", ["the writer"])], [],
        [("public.busy", "SHARE UPDATE EXCLUSIVE", ["the writer"])],
        [("public.busy", "ACCESS EXCLUSIVE", ["the writer"]),
         ("other.busy", "ACCESS EXCLUSIVE", ["the reader"])], []], locks)


def ends_when_somebody_waits(server, folder):
    database, project = prepare_busy(
        server, folder, "waited_for",
        "alter table busy add column x int;\nselect pg_sleep(30);\n")
    process = project.start("-dryRun=execute", "-outputType=json", "-cflyway.dryRunMaxHold=0",
                            "migrate")
    database.wait_for("query like 'select pg_sleep(30)%'")
    started = time.monotonic()
    reader = database.session("select count(*) from busy;", "the reader")
    document = json.loads(process.communicate(timeout=60)[0])
    must("the reader waited for long", time.monotonic() - started < 15)
    equal("what the reader got", 0, reader.wait(timeout=30))
    equal("exit status", 1, process.returncode)
    must("not stopped", "had to wait" in document["dryRun"]["stopped"])
    equal("who waited", ["the reader"],
          [session["application"] for session in statements(document)[-1]["blocks"]])
    reader.stdout.close()
    reader.stderr.close()


def ends_after_the_longest_hold(server, folder):
    _, project = prepare_busy(server, folder, "held",
                              "alter table busy add column x int;\nselect pg_sleep(30);\n")
    started = time.monotonic()
    document = project.trial("-cflyway.dryRunMaxHold=300", "migrate", expected=1)
    must("it went on", time.monotonic() - started < 15)
    must("not stopped", "300 ms" in document["dryRun"]["stopped"])


# --- signals --------------------------------------------------------------------------------------


def interrupt(server, folder, number, *arguments):
    """Stops a migrate in its second statement; returns the database, and how it ended."""
    name = "signal_%d_%d" % (number, len(arguments))
    database, project = prepare_busy(server, os.path.join(folder, name), name,
                                     "alter table busy add column x int;\nselect pg_sleep(60);\n")
    before = database.dump()
    process = project.start("-cflyway.dryRunMaxHold=0", *arguments, "migrate")
    database.wait_for("query like 'select pg_sleep(60)%' and wait_event = 'PgSleep'")
    process.send_signal(number)
    out, err = process.communicate(timeout=15)
    return (database, before, process.returncode, out.decode(),
            err.decode().replace(project.folder, "FOLDER"))


def without_outcome(text):
    """Without what stays in the database, and what to do next: a dry run keeps nothing."""
    return re.sub(r"(?m)^cflyway: (?:kept|rolled back|nothing was changed|next): ?.*\n", "", text)


def ends_with_a_signal(server, folder):
    """As a migrate would; nothing stays, not even a session."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGKILL):
        _, _, expected, _, message = interrupt(server, folder, number)
        database, before, status, out, err = interrupt(server, folder, number, "-dryRun=execute")
        equal("exit status of %s" % number.name, expected, status)
        equal("message of %s" % number.name, without_outcome(message), without_outcome(err))
        if number != signal.SIGKILL:
            must("no outcome:\n" + err, "cflyway: nothing was changed: this was a dry run" in err)
            must("no table of statements:\n" + out, "ACCESS EXCLUSIVE on table public.busy" in out)
        elif server.major < 14:
            continue  # the server notices at the end of the statement: it does not look before
        database.wait_for_none("application_name = 'cflyway'")
        unchanged(number.name, before, database.dump())
        database.psql("set lock_timeout = '1s'; alter table busy add column y int")


# --- all ------------------------------------------------------------------------------------------


PARTS = (names_who_blocks_it, names_who_uses_what_it_locks, counts_who_would_wait,
         knows_the_locks_of_what_it_cannot_try, ends_when_somebody_waits,
         ends_after_the_longest_hold, ends_with_a_signal)

if __name__ == "__main__":
    sys.exit(run_parts(PARTS, sys.argv[1:]))
