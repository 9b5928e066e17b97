# SPDX-License-Identifier: Apache-2.0
"""The program is killed at random moments or gets signals, and its output goes nowhere."""
import os
import random
import shlex
import signal
import time

from .harness import Failure, Script, must_be, wait_until, waits_for_lock, write

MIGRATIONS = 200
SIGNAL_S = 2
# A migration without its table, a table without its row, a row or a migration twice: all 0.
TORN = """
select (select count(*) from many full join (select to_regclass('many_' || n) as found, n
        from generate_series(1, {0}) as n) as t on n = number
    where number is null and found is not null or number is not null and found is null)
    || ' ' || (select count(*) from many full join flyway_schema_history as h
        on h.version = number::text where number is null or version is null or not success)
    || ' ' || (select count(*) - count(distinct version) from flyway_schema_history)
    || ' ' || (select count(*) - count(distinct number) from many)
""".format(MIGRATIONS)


def many_scripts():
    return [Script("V%d__Many.sql" % number, (
        "create table %smany_{0} (id int, text text);\n"
        "insert into many_{0} values (1, 'one'), (2, 'two');\n"
        "insert into many values ({0});\n").format(number)
        % ("many (number int not null);\ncreate table " if number == 1 else ""))
        for number in range(1, MIGRATIONS + 1)]


def must_be_whole(database, count, what):
    """Migrations, their tables and their rows belong together; count: how many, None: any."""
    session = database.session
    if session.value("select to_regclass('many') is null") == "t":
        if count is None and session.value(
                "select to_regclass('flyway_schema_history') is null") == "t":
            return 0
        found = session.value("select count(*) from flyway_schema_history")
        if count is None and found == "0" and session.value("select to_regclass('many_1')") == "":
            return 0
    torn = session.value(TORN)
    for _ in range(5):
        if torn == "0 0 0 0":
            break
        # to_regclass() sees what was committed after the snapshot of the query: a COMMIT that the
        # server was just carrying out looks torn for a moment, what is torn stays so.
        time.sleep(0.5)
        torn = session.value(TORN)
    if torn != "0 0 0 0":
        raise Failure("%s: tables without migration, rows without migration, rows twice, "
                      "migrations twice: %s" % (what, torn))
    found = int(session.value("select count(*) from many"))
    if count is not None and found != count:
        raise Failure("%s: %d of %d migrations" % (what, found, count))
    return found


def test_kill_at_a_random_moment(bench):
    """Two hundred migrations, kill -9, run again at once."""
    folder = bench.project("many", many_scripts())
    chance = random.Random(bench.options.seed)
    with bench.database("many") as database:
        whole_s = bench.run(folder, database.url(), "migrate", limit_s=60).must(
            0, "migrate").elapsed_s
        must_be_whole(database, MIGRATIONS, "without a fault")
    reached = []
    for number in range(bench.options.repeat):
        delay_s = chance.uniform(0, whole_s)
        what = "seed %d, repetition %d, killed after %.3f s" % (
            bench.options.seed, number + 1, delay_s)
        with bench.database("many") as database:
            process = bench.start(folder, database.url(), "migrate")
            time.sleep(max(0, process.started + delay_s - time.monotonic()))
            bench.kill(process)
            bench.finish(process)
            reached.append(must_be_whole(database, None, what))
            bench.run(folder, database.url(), "migrate", limit_s=60).must(0, what + ": again")
            must_be_whole(database, MIGRATIONS, what + ": again")
            bench.run(folder, database.url(), "validate").must(0, what + ": validate")
    return "%.1f s undisturbed, killed after %s migrations" % (
        whole_s, " ".join(map(str, reached)))


# --- signals --------------------------------------------------------------------------------------

def must_end_by(bench, process, number, what):
    """Sends a signal; the program must end at once with the status that a shell shows."""
    begun = time.monotonic()
    os.kill(process.pid, number)
    outcome = bench.finish(process)
    took_s = time.monotonic() - begun
    if took_s > SIGNAL_S:
        raise Failure("%s: %.1f s until the end" % (what, took_s))
    return outcome.must(128 + number, what)


def sleeps(database):
    return database.session.value(
        "select count(*) from pg_stat_activity where datname = current_database() and "
        "pid <> pg_backend_pid() and state = 'active' and query like '%pg_sleep(30)%'") == "1"


def interrupt_sleep(bench, number, script, said, *arguments, config=None):
    """Interrupts V2, which sleeps; with its placeholder set to 0 it then runs through. What is said of
    the outcome has to be so."""
    scripts = (Script("V1__Before.sql", "create table before ();\n"), script)
    awake = [Script(s.name, s.content.replace("${seconds}", "0"), s.partial) for s in scripts]
    with bench.database("signal") as database:
        allowed = bench.expected(awake)
        folder = bench.project("signal", scripts)
        if config:
            write(os.path.join(folder, "sql", script.name + ".conf"), config)
        process = bench.start(folder, database.url(), "-placeholders.seconds=30", *arguments,
                              "migrate")
        wait_until(lambda: sleeps(database), "the sleep")
        what = "signal %d during a statement" % number
        must_end_by(bench, process, number, what).must_say("cflyway: interrupted " + said + "\n", what)
        state = database.state()
        wanted = allowed["%s, part %d" % (script.name, len(script.partial))] \
            if script.partial else allowed["history" if arguments else "V1__Before.sql"]
        if (state.objects, len(state.rows or ())) != (wanted.objects, len(wanted.rows)):
            raise Failure("afterwards: %s\n    instead of %s" % (state, wanted))
        bench.migrate(folder, database, "-placeholders.seconds=0")
        if database.state().objects != allowed["all"].objects:
            raise Failure("after the second run: %s" % (database.state(),))


PLAIN = Script("V2__Sleeps.sql", "create table after ();\nselect pg_sleep(${seconds});\n"
                                 "create table later ();\n")
COMMIT = Script("V2__Sleeps.sql", "create table if not exists after ();\ncommit;\n"
                                  "create table later ();\nselect pg_sleep(${seconds});\n",
                partial=("create table after ()",))


def test_interrupt_during_a_statement(bench):
    interrupt_sleep(bench, signal.SIGINT, PLAIN, "in V2, statement 2, line 2: rolled back")


def test_interrupt_during_a_group(bench):
    interrupt_sleep(bench, signal.SIGINT, PLAIN, "in V2, statement 2, line 2: all 2 migrations of the "
                    "group are rolled back", "-group=true")


def test_termination_during_a_statement(bench):
    interrupt_sleep(bench, signal.SIGTERM, PLAIN, "in V2, statement 2, line 2: rolled back")


def test_interrupt_after_a_commit_of_the_script(bench):
    interrupt_sleep(bench, signal.SIGINT, COMMIT, "in V2, statement 4, line 4: what had been committed "
                    "stays, the rest is rolled back")


def test_termination_outside_of_a_transaction(bench):
    interrupt_sleep(bench, signal.SIGTERM, Script(
        "V2__Sleeps.sql", "create table if not exists after ();\nselect pg_sleep(${seconds});\n",
        partial=("create table after ()",)), "in V2, statement 2, line 2: 1 of its 2 statements have "
                    "been applied and stay", config="executeInTransaction=false\n")


def test_termination_while_waiting_for_the_lock(bench):
    with bench.database("signal") as database:
        folder = bench.project("signal", (PLAIN,))
        database.hold_lock()
        process = bench.start(folder, database.url(), "-placeholders.seconds=0", "migrate")
        time.sleep(1.5)
        what = "SIGTERM while waiting for the lock"
        must_end_by(bench, process, signal.SIGTERM, what).must_say("held by process", what).must_say(
            "cflyway: interrupted while waiting for the lock: nothing that needs it has run\n", what)


def test_interrupt_while_waiting_for_a_table(bench):
    """The statement itself waits, for a lock of somebody else."""
    scripts = (Script("V1__Before.sql", "create table before ();\n"),
               Script("V2__Waits.sql", "create table after ();\nalter table before add c int;\n"))
    with bench.database("signal") as database:
        allowed = bench.expected(scripts)
        folder = bench.project("signal", scripts)
        bench.run(folder, database.url(), "-target=1", "migrate").must(0, "migrate")
        holder = database.another_session()
        holder.run("begin; lock table before")
        process = bench.start(folder, database.url(), "migrate")
        wait_until(lambda: waits_for_lock(database), "the lock")
        must_end_by(bench, process, signal.SIGINT, "SIGINT while the statement waits").must_say(
            "cflyway: interrupted in V2, statement 2, line 2: rolled back\n", "SIGINT")
        holder.run("commit")
        holder.close()
        must_be(database.state(), allowed["V1__Before.sql"], "afterwards")
        bench.migrate(folder, database)
        must_be(database.state(), allowed["all"], "after the second run")


# What waits for a lock on a table -> what is said of its end. EXCLUSIVE lets others read.
VERBS = (
    (("clean",), "flyway_schema_history in access exclusive mode", "during clean"),
    (("clean",), "before in access exclusive mode",
     'during clean, while cleaning schema "public": nothing of it was dropped'),
    (("info",), "flyway_schema_history in access exclusive mode", "during info, which only reads"),
    (("validate",), "flyway_schema_history in access exclusive mode",
     "during validate, which only reads"),
    (("baseline",), "flyway_schema_history in access exclusive mode", "during baseline"),
    (("repair",), "flyway_schema_history in exclusive mode", "during repair"),
    (("migrate",), "flyway_schema_history in access exclusive mode", "during migrate"),
)


def test_interrupt_of_each_verb(bench):
    """A signal while it waits; nothing of it stays."""
    for verb, lock, said in VERBS:
        with bench.database("signal") as database:
            folder = bench.project("signal", (
                Script("V1__Before.sql", "create table before ();\n"),))
            bench.run(folder, database.url(), "migrate").must(0, "migrate")
            write(os.path.join(folder, "sql", "V1__Before.sql"),
                  "create table before (); -- changed\n")
            before = database.state()
            holder = database.another_session()
            holder.run("begin; lock table " + lock)
            process = bench.start(folder, database.url(), "-cleanDisabled=false", *verb)
            wait_until(lambda: waits_for_lock(database), "the lock")
            what = "SIGINT during %s" % verb
            must_end_by(bench, process, signal.SIGINT, what).must_say(
                "cflyway: interrupted %s\n" % said, what).must_say(
                "cflyway: nothing was changed\n" if verb != ("info",) else "", what)
            holder.run("commit")
            holder.close()
            must_be(database.state(), before, what)


# --- the output goes nowhere ----------------------------------------------------------------------

def without_output(bench, exit_code, shell=None, stdout=None):
    """Migrates with such an output; all must be applied, and a second run has nothing to do."""
    scripts = [Script("V%d__Chatty.sql" % number, "create table t_%d ();\n"
                      "do $$ begin for i in 1..50 loop raise notice 'a longer line, number %%', i; "
                      "end loop; end $$;\n" % number) for number in range(1, 6)]
    with bench.database("output") as database:
        allowed = bench.expected(scripts)
        folder = bench.project("output", scripts)
        command = None
        if shell:
            command = ["sh", "-c", 'exec %s "$@" %s' % (shlex.join(bench.command), shell), "sh"]
        options = {"stdout": stdout} if stdout is not None else {}
        outcome = bench.run(folder, database.url(), "migrate", command=command, **options)
        must_be(database.state(), allowed["all"], "afterwards")
        outcome.must(exit_code, "migrate")
        bench.migrate(folder, database)
        must_be(database.state(), allowed["all"], "after the second run")
        return outcome


LOST = "cflyway: the output could not be written: "


def test_reader_is_gone(bench):
    """cflyway migrate | true"""
    reader, writer = os.pipe()
    os.close(reader)
    try:
        without_output(bench, 1, stdout=writer).must_say(LOST + "Broken pipe", "stderr")
    finally:
        os.close(writer)


def test_disk_is_full(bench):
    """cflyway migrate >/dev/full"""
    with open("/dev/full", "wb") as full:
        without_output(bench, 1, stdout=full).must_say(LOST + "No space left", "stderr")


def test_output_is_closed(bench):
    """The connection must not get descriptor 1: log lines would go to the server."""
    without_output(bench, 0, shell=">&-")


def test_error_output_is_closed(bench):
    without_output(bench, 0, shell="2>&-")


def test_all_descriptors_are_closed(bench):
    without_output(bench, 0, shell="<&- >&- 2>&-")


def test_output_file_is_full(bench):
    without_output(bench, 1, shell="-outputFile=/dev/full").must_say(LOST, "stderr")


def limited(bench, folder, kib, *args):
    """Runs the program where no file may be larger."""
    command = ["sh", "-c", 'ulimit -f %d; exec %s "$@"' % (2 * kib, shlex.join(bench.command)), "sh"]
    return bench.run(folder, "jdbc:sqlite:" + folder + "/x.db", *args, command=command)


def test_database_file_is_full(bench):
    """The limit fails the write, and so the migration; it does not kill the program."""
    scripts = (Script("V1__Small.sql", "create table t (text text);\n"),
               Script("V2__Large.sql", "insert into t values (hex(zeroblob(500000)));\n"))
    folder = bench.project("limited", scripts)
    outcome = limited(bench, folder, 100, "migrate").must(1, "migrate")
    outcome.must_say("ERROR: Unable to commit transaction", "migrate").must_say(
        "disk I/O error", "migrate")
    limited(bench, folder, 10000, "migrate", "validate").must(0, "migrate without the limit")


def files_of(folder):
    found = {}
    for name in os.listdir(folder):
        if os.path.isfile(os.path.join(folder, name)):
            with open(os.path.join(folder, name), "rb") as file:
                found[name] = file.read()
    return found


def test_report_on_a_full_disk(bench):
    """It is not written, and the old one stays as it is; nothing else is left."""
    folder = bench.project("report", (Script("V1__One.sql", "create table one (i int);\n"),))
    said = "Unable to create default report files.\ncflyway: Unable to write file "
    limited(bench, folder, 1000, "migrate").must(0, "migrate")
    before = files_of(folder)
    limited(bench, folder, 0, "-reportEnabled=true", "info").must(0, "info").must_say(said, "info")
    if files_of(folder) != before:
        raise Failure("a new report: %s" % sorted(files_of(folder)))
    limited(bench, folder, 1000, "-reportEnabled=true", "info").must(0, "info with its report")
    before = files_of(folder)
    limited(bench, folder, 0, "-reportEnabled=true", "info").must_say(said, "info")
    if files_of(folder) != before:
        raise Failure("an old report: %s" % sorted(files_of(folder)))
    # report.json fits, report.html does not
    limited(bench, folder, 2, "-reportEnabled=true", "info").must_say(said, "info")
    after = files_of(folder)
    if sorted(after) != sorted(before) or after["report.html"] != before["report.html"]:
        raise Failure("an old page: %s" % sorted(after))


TESTS = (test_kill_at_a_random_moment, test_interrupt_during_a_statement,
         test_interrupt_during_a_group,
         test_termination_during_a_statement, test_interrupt_after_a_commit_of_the_script,
         test_termination_outside_of_a_transaction, test_termination_while_waiting_for_the_lock,
         test_interrupt_while_waiting_for_a_table, test_interrupt_of_each_verb,
         test_reader_is_gone, test_disk_is_full,
         test_output_is_closed, test_error_output_is_closed, test_all_descriptors_are_closed,
         test_output_file_is_full, test_database_file_is_full, test_report_on_a_full_disk)
