# SPDX-License-Identifier: Apache-2.0
"""The connection is cut or the program killed after each message of a run, and run again; another
program or an editor changes something before each message."""
import contextlib
import os
import random
import re
import time

from .. import server as pg
from ..proxy import CLOSE, RESET, Cut, Proxy
from .harness import LOCK_KEY, Failure, Script, must_be, shortened, wait_until, write

KILL = "kill"
SHOWN = 3                       # failures of one sweep that are reported; then it ends

TABLES = Script("V1__Tables.sql", """\
create table applied (script text not null);
create table city (id int primary key, name text not null);
create index city_name on city (name);
insert into applied values ('V1');
""")
STATEMENTS = Script("V2__Statements.sql", """\
insert into city values (1, 'Berlin');
create function shout(word text) returns text language sql as $$ select upper(word); $$;
do $$ begin update city set name = shout(name); end $$;
insert into city select n, 'city ' || n from generate_series(2, 9) as n;
alter table city add column country text default 'DE';
insert into applied values ('V2');
""")
ROWS = Script("V3__Rows.sql", """\
create table river (name text, length_km int);
copy river (name, length_km) from stdin;
Elbe\t1094
Spree\t382
Havel\t325
\\.
insert into applied values ('V3');
""")
COMMITS = Script("V4__Commits.sql", """\
create table if not exists step_one (id int primary key);
insert into step_one values (1) on conflict do nothing;
commit;
create table if not exists step_two (id int primary key);
insert into step_two values (1) on conflict do nothing;
commit;
create table step_three (id int primary key);
insert into applied values ('V4');
""", partial=(
    "create table step_one (id int primary key); insert into step_one values (1)",
    "create table step_two (id int primary key); insert into step_two values (1)",
))
CONCURRENTLY = Script("V5__Concurrently.sql", """\
drop index concurrently if exists city_name;
create index concurrently city_name on city (name, country);
""", partial=(
    "drop index concurrently city_name",
    "create index concurrently city_name on city (name, country)",
))
VIEW = Script("R__View.sql", """\
create or replace view overview as select name, length_km from river where length_km > 330;
insert into applied values ('R');
""")
ALL = (TABLES, STATEMENTS, ROWS, COMMITS, CONCURRENTLY, VIEW)
PLAIN = (TABLES, STATEMENTS, ROWS, VIEW)
VERSIONED = (TABLES, STATEMENTS, ROWS)


class Sweep:
    """One project that is migrated again and again, each time with something else going wrong."""

    def __init__(self, bench, database, scripts, *args):
        self.bench, self.database, self.args = bench, database, args
        self.folder = bench.project("sweep", scripts)
        self.allowed = bench.expected(scripts)
        if "-group=true" in args:
            self.allowed = {name: self.allowed[name] for name in ("nothing", "history", "all")}
        self.failures = []
        self.command = ("migrate",)

    def run(self, before=None, after=None):
        """Migrates through a proxy; the hooks get the message and the running program."""
        server = self.bench.server
        with Proxy(server.host, server.port) as proxy:
            process = self.bench.start(self.folder, self.database.url(proxy.port), *self.args,
                                       *self.command)
            if before:
                proxy.before = lambda message: before(message, process)
            if after:
                proxy.after = lambda message: after(message, process)
            proxy.start()
            return self.bench.finish(process)

    def messages(self):
        """What is said in a run without a fault."""
        heard = []
        self.run(after=lambda message, _: heard.append(message)).must(0, self.command[-1])
        must_be(self.database.state(), self.allowed["all"], "without a fault")
        return heard

    def check(self, what):
        """Collects what fails inside, up to a few, and leaves an empty database."""
        return _Check(self, what)

    def again(self):
        """After a fault: the rest is done."""
        self.bench.migrate(self.folder, self.database, *self.args)
        must_be(self.database.state(), self.allowed["all"], "after the second run")

    def reset(self):
        self.database.reset()

    def finish(self):
        if self.failures:
            raise Failure("\n  ".join(self.failures))


class _Check(contextlib.AbstractContextManager):
    def __init__(self, sweep, what):
        self.sweep, self.what = sweep, what

    def __exit__(self, kind, err, _traceback):
        if kind and not issubclass(kind, (Failure, pg.ServerError)):
            return False
        if err:
            self.sweep.failures.append("%s: %s" % (self.what, err))
            if len(self.sweep.failures) >= SHOWN:
                self.sweep.finish()
        self.sweep.reset()
        return True


def writes_history(message):
    text = message.text().lower()
    return message.front and "insert into" in text and "flyway_schema_history" in text


def chosen(messages, bound, seed):
    """All messages, or about `bound`: of each kind the first, and by chance others, two of three of
    them near the borders of transactions."""
    if bound == 0 or len(messages) <= bound:
        return messages
    kinds, borders = {}, set()
    for number, message in enumerate(messages):
        word = "".join(message.text().lower().split()[:1])
        kinds.setdefault((message.front, message.type, word), number)
        if word in ("commit", "rollback") or writes_history(message):
            borders.update((number - 1, number, number + 1))
    chance = random.Random(seed)
    picked = set(kinds.values())
    room = max(bound // 2, bound - len(picked))
    borders = sorted(borders.intersection(range(len(messages))) - picked)
    picked.update(chance.sample(borders, min(len(borders), room * 2 // 3)))
    rest = [number for number in range(len(messages)) if number not in picked]
    picked.update(chance.sample(rest, min(len(rest), room // 3)))
    return [messages[number] for number in sorted(picked)]


# --- the connection is cut, the program is killed -------------------------------------------------

UNKNOWN = ("not known", "shown by info")


def must_be_true(sweep, outcome, state):
    """Compares what a failed run says about its last migration with what the database holds."""
    begun = re.findall(r'Migrating schema "public" (?:to version "([\d.]+)|with repeatable)',
                       outcome.text)
    if outcome.code == 0 or not begun:
        return
    version = begun[-1] or "-"
    is_applied = any(row.split("|")[1] == version for row in state.rows or ())
    said = outcome.text
    claims = {
        "has been applied: its row is in": is_applied,
        "has not been applied": not is_applied,
        "Unable to insert row": not is_applied or any(text in said for text in UNKNOWN),
        "Changes successfully rolled back": not is_applied and is_clean(sweep, state),
    }
    for claim, holds in claims.items():
        if claim in said and not holds:
            raise Failure("%r is not true: version %s, %s%s" % (
                claim, version, state, outcome.tail()))
    if is_applied and "Unable to commit" in said and \
            not any(text in said for text in UNKNOWN + ("has been applied: its row is in",)):
        raise Failure("it does not say that version %s has been applied%s" % (
            version, outcome.tail()))


def is_clean(sweep, state):
    """Nothing of a migration without a row is there."""
    return state in [known for name, known in sweep.allowed.items() if ", part " not in name]


def break_after(sweep, number, how):
    def after(seen, process):
        if seen.number == number:
            if how == KILL:
                sweep.bench.kill(process)
            else:
                raise Cut(how)

    outcome = sweep.run(after=after)
    state = sweep.database.state()
    must_be(state, sweep.allowed, "afterwards")
    if how != KILL:
        must_be_true(sweep, outcome, state)
    if how != KILL and outcome.code == 0 and state != sweep.allowed["all"]:
        raise Failure("exit 0, but not everything has been done: %s%s" % (state, outcome.tail()))
    if how != KILL and outcome.code != 0:
        outcome.must(1, sweep.command[-1]).must_say("ERROR: ", sweep.command[-1])
    sweep.again()


def break_everywhere(bench, bound, ways, scripts, *args):
    with bench.database("broken") as database:
        sweep = Sweep(bench, database, scripts, *args)
        messages = sweep.messages()
        database.reset()
        picked = chosen(messages, bound, bench.options.seed)
        for message in picked:
            how = ways[message.number % len(ways)]
            with sweep.check("%s after message %s" % (how, message)):
                break_after(sweep, message.number, how)
        sweep.finish()
        return "after %d of %s" % (len(picked), shortened(len(messages), "message"))


def test_cut(bench):
    return break_everywhere(bench, bench.options.bound, (CLOSE, RESET), ALL)


def test_killed(bench):
    return break_everywhere(bench, bench.options.bound, (KILL,), ALL)


def test_cut_or_killed_in_a_group(bench):
    return break_everywhere(bench, bench.options.bound // 2, (CLOSE, KILL, RESET), PLAIN,
                            "-group=true")


# --- another program is faster --------------------------------------------------------------------

def asks(messages, bound):
    """Messages of the client that begin something: all where the lock may be free, that is up to
    the first try to get it, at each beginning of a transaction and within each try; and some of
    the others."""
    free, held, trying = [], [], False
    tried = False
    for message in messages:
        if not message.front or message.type not in "QPBE":
            continue
        text = message.text().lower()
        if message.type in "QP":
            trying = "advisory" in text
        if trying or message.type in "QP" and (not tried or text.startswith("begin")):
            free.append(message)
        elif message.type in "QP":
            held.append(message)
        tried = tried or trying
    return sorted(free + thinned(held, max(1, bound - len(free))))


def thinned(messages, bound):
    return messages[::max(1, -(-len(messages) // bound))] if bound else messages


def lock_is_free(session):
    """Begins a transaction and has the lock in it if it was free; else nothing."""
    session.run("begin")
    if session.value("select pg_try_advisory_xact_lock(%d)" % LOCK_KEY) == "t":
        return True
    session.run("rollback")
    return False


def test_overtaken_by_another_run(bench):
    """Before some message another cflyway applies everything, unless the lock is held just then."""
    with bench.database("overtaken") as database:
        # Not ALL: an index made concurrently waits for the transaction that is stopped here.
        sweep = Sweep(bench, database, (TABLES, STATEMENTS, ROWS, COMMITS, VIEW))
        picked = asks(sweep.messages(), bench.options.bound // 2)
        database.reset()
        session, overtaken = database.another_session(), []

        def overtake(seen, number):
            if seen.number == number and lock_is_free(session):
                session.run("rollback")
                # The program may get the lock now, by what it had sent before.
                other = bench.run(sweep.folder, database.url(), "-lockRetryCount=0", "migrate")
                if "Number of retries exceeded" not in other.text:
                    other.must(0, "the other run")
                    overtaken.append(number)

        for message in picked:
            with sweep.check("overtaken before message %s" % (message,)):
                sweep.run(before=lambda seen, _: overtake(seen, message.number)).must(0, "migrate")
                must_be(state_beside(sweep), sweep.allowed["all"], "afterwards")
        sweep.finish()
        return "before %d of %s" % (len(overtaken), shortened(len(picked), "message"))


def state_beside(sweep):
    """The state of the database although a session of ours is connected."""
    return sweep.database.state(alone=False)


def apply_by_hand(session, script, rank):
    """What Flyway would do, if the lock is free and nobody else has done it."""
    if not lock_is_free(session):
        return False
    if session.value("select count(*) from flyway_schema_history where version = '%s'"
                     % script.version) != "0":
        session.run("rollback")
        return False
    session.run(script.content)
    session.run("insert into flyway_schema_history (installed_rank, version, description, type, "
                "script, checksum, installed_by, execution_time, success) values "
                "(%d, '%s', '%s', 'SQL', '%s', %d, 'somebody', 1, true); commit" % (
                    rank, script.version, script.description, script.name, script.checksum()))
    return True


def apply_one_everywhere(bench, *settings):
    """V1 is there; before some message V2 is applied by hand: the rest must still be done."""
    with bench.database("inserted") as database:
        sweep = Sweep(bench, database, VERSIONED)
        session = database.another_session()
        for setting in settings:
            session.run("alter database %s set %s" % (database.name, setting))
        first = ("-target=1", "migrate")
        bench.run(sweep.folder, database.url(), *first).must(0, "migrate to version 1")
        heard = []
        sweep.run(after=lambda message, _: heard.append(message)).must(0, "migrate")
        picked = asks(heard, bench.options.bound // 2)
        database.reset()
        done, refused = [], []

        for message in picked:
            def apply(seen, _):
                if seen.number == message.number and apply_by_hand(session, STATEMENTS, 2):
                    done.append(message)
                if seen.type == "E" and not seen.front:
                    refused.append(seen.text())

            with sweep.check("V2 applied by hand before message %s" % (message,)):
                bench.run(sweep.folder, database.url(), *first).must(0, "migrate to version 1")
                sweep.run(before=apply).must(0, "migrate")
                must_be(state_beside(sweep), sweep.allowed["all"], "afterwards")
        sweep.finish()
        if not refused:
            raise Failure("no message met a changed history: %s" % [str(m) for m in picked])
        return "before %d of %s, planned again after %s" % (
            len(done), shortened(len(picked), "message"),
            ", ".join(sorted(set(refused))))


def test_row_inserted_meanwhile(bench):
    return apply_one_everywhere(bench)


def test_row_inserted_meanwhile_under_repeatable_read(bench):
    return apply_one_everywhere(bench, "default_transaction_isolation = 'repeatable read'")


# --- a file changes -------------------------------------------------------------------------------

def change_everywhere(bench, script, more, undo, prepare=lambda folder: replace):
    """After some message the file of V2 (of three scripts) is replaced by one with more in it."""
    scripts = (TABLES, script, ROWS)
    changed = Script(script.name, script.content + more, script.partial)
    with bench.database("changed") as database:
        sweep = Sweep(bench, database, scripts)
        replace_by = prepare(sweep.folder)
        # Read before anything has been planned, the new text is simply the migration.
        read_early = bench.expected((TABLES, changed, ROWS))["all"]
        heard = sweep.messages()
        picked = thinned(heard, bench.options.bound // 2)
        database.reset()
        path = os.path.join(sweep.folder, "sql", script.name)
        replace_by(path, script.content)
        refused = []

        for message in picked:
            def change(seen, _):
                if seen.number == message.number:
                    replace_by(path, changed.content)

            with sweep.check("%s changed after message %s" % (script.name, message)):
                outcome = sweep.run(after=change)
                replace_by(path, script.content)
                state = database.state()
                if outcome.code == 0:
                    must_be(state, {"as planned": sweep.allowed["all"], "early": read_early},
                            "exit 0")
                else:
                    must_be_refused(sweep, script, outcome, state)
                    refused.append(message)
                    database.session.run(undo)
                    bench.migrate(sweep.folder, database)
                    must_be(database.state(), sweep.allowed["all"], "after the second run")
        sweep.finish()
        if not refused:
            raise Failure("the change was never noticed: %s" % [str(m) for m in picked])
        return "after %s, refused %d times" % (shortened(len(picked), "message"), len(refused))


def must_be_refused(sweep, script, outcome, state):
    """Nothing of the script is left; if something had been committed already, that is said."""
    outcome.must(1, "migrate").must_say("ERROR: ", "migrate").must_say(script.name, "migrate")
    before = sweep.allowed[TABLES.name]
    if script.partial and state.rows == before.rows and state.objects != before.objects:
        if "nothing of it was kept" in outcome.text or " stay" not in outcome.text:
            raise Failure("it does not say that something stays: %s%s" % (
                "; ".join(state.difference(before)), outcome.tail()))
        return
    must_be(state, {name: sweep.allowed[name] for name in ("nothing", "history", TABLES.name)},
            "after the refusal" + outcome.tail())


def replace(path, content):
    write(path + ".new", content)
    os.replace(path + ".new", path)


SURPRISE = "create table surprise ();\n", "drop table if exists surprise"


def test_changed_file(bench):
    return change_everywhere(bench, STATEMENTS, *SURPRISE)


def test_changed_file_with_commits(bench):
    return change_everywhere(bench, Script("V2__Commits.sql", COMMITS.content.replace("V4", "V2"),
                                           COMMITS.partial), *SURPRISE)


def test_changed_file_outside_of_a_transaction(bench):
    script = Script("V2__Concurrently.sql", CONCURRENTLY.content.replace(", country", ""),
                    tuple(part.replace(", country", "") for part in CONCURRENTLY.partial))
    return change_everywhere(bench, script, "create index concurrently surprise on city (id);\n",
                             "drop index if exists surprise")


# More than is kept in memory between the check and the run.
LARGE = Script("V2__Large.sql", STATEMENTS.content + "-- %s\n" % ("x" * 76) * 1000)
SETTLED_S = 3.5                 # a file that is older proves by its times that it is the same


def test_changed_large_file(bench):
    return change_everywhere(bench, LARGE, *SURPRISE)


def test_changed_settled_large_file(bench):
    """What is replaced is the link, so that the files stay as old as they are."""
    def prepare(folder):
        files = {}
        for content in (LARGE.content, LARGE.content + SURPRISE[0]):
            files[content] = os.path.join(folder, "settled%d" % len(files))
            write(files[content], content)
        time.sleep(SETTLED_S)

        def replace_link(path, content):
            os.symlink(files[content], path + ".new")
            os.replace(path + ".new", path)

        return replace_link

    return change_everywhere(bench, LARGE, *SURPRISE, prepare)


def wait_for_sleep(database):
    wait_until(lambda: database.session.value(
        "select count(*) from pg_stat_activity where datname = current_database() "
        "and wait_event = 'PgSleep'") == "1", "pg_sleep")


def test_large_file_that_grows_while_it_runs(bench):
    """It is not the text that was checked, though all that was read of it is the same."""
    with bench.database("grows") as database:
        folder = bench.project("grows", (TABLES, LARGE))
        path = os.path.join(folder, "sql", LARGE.name)
        write(path, LARGE.content + "select pg_sleep(1.5);\n")
        time.sleep(SETTLED_S)
        process = bench.start(folder, database.url(), "migrate")
        wait_for_sleep(database)
        with open(path, "a", encoding="utf-8") as file:
            file.write(SURPRISE[0])
        outcome = bench.finish(process).must(1, "migrate")
        outcome.must_say("%s has changed since its checksum was computed" % LARGE.name, "migrate")
        kept = database.session.value("select string_agg(script, ' ') from applied")
        if kept != "V1":
            raise Failure("%s instead of V1 alone" % kept)


def test_large_file_that_is_cut_off_while_it_runs(bench):
    """What is left ends within a statement; the error says that the file has changed."""
    cut_off = Script("V1__Cut.sql", "create table cut_off (text text);\nselect pg_sleep(1.5);\n" +
                     "insert into cut_off values ('%s');\n" % ("x" * 4000) * 1000)
    with bench.database("cut_off") as database:
        for settle_s in (0, SETTLED_S):
            folder = bench.project("cut_off", (cut_off,))
            time.sleep(settle_s)
            process = bench.start(folder, database.url(), "migrate")
            wait_for_sleep(database)
            os.truncate(os.path.join(folder, "sql", cut_off.name), len(cut_off.content) - 50)
            outcome = bench.finish(process).must(1, "migrate")
            outcome.must_say("unterminated quoted string", "migrate")
            if outcome.own_lines("sql/%s has changed since its checksum" % cut_off.name) != 1:
                raise Failure("it does not say that the file has changed" + outcome.tail())


INDEXES = "FROM pg_catalog.pg_index i"  # in the query for those that are INVALID
END_SESSIONS = ("select count(pg_terminate_backend(pid)) from pg_stat_activity "
                "where datname = current_database() and pid <> pg_backend_pid()")


def test_session_ended_between_migrations(bench):
    """The server ends the session while it waits for the rest of a batch of cflyway's own. libpq
    then calls the connection good, and takes what is sent."""
    script = Script("V4__Concurrently.sql", CONCURRENTLY.content, CONCURRENTLY.partial)
    with bench.database("ended") as database:
        sweep = Sweep(bench, database, (TABLES, STATEMENTS, ROWS, script, VIEW))
        asked = []

        def end(message, _process):
            if message.front and message.type == "P" and INDEXES in message.text():
                asked.append(message)
            elif message.front and message.type == "E" and len(asked) == 1:
                asked.append(message)
                must_be(database.session.value(END_SESSIONS), "1", "sessions ended")

        outcome = sweep.run(after=end)
        if len(asked) < 2:
            raise Failure("nothing has been asked about indexes")
        outcome.must(1, "migrate")
        outcome.must_say("terminating connection due to administrator command", "migrate")
        if "Successfully applied" in outcome.text:
            raise Failure("it says that all was applied" + outcome.tail())
        sweep.again()


TESTS = (test_cut, test_killed, test_cut_or_killed_in_a_group, test_overtaken_by_another_run,
         test_session_ended_between_migrations,
         test_row_inserted_meanwhile, test_row_inserted_meanwhile_under_repeatable_read,
         test_changed_file, test_changed_file_with_commits,
         test_changed_file_outside_of_a_transaction, test_changed_large_file,
         test_changed_settled_large_file, test_large_file_that_grows_while_it_runs,
         test_large_file_that_is_cut_off_while_it_runs)
