# SPDX-License-Identifier: Apache-2.0
"""Scenes are played again and again on a stage, each time with another failure injected."""
import collections
import contextlib
import difflib
import json
import os
import re
import shutil
import sqlite3

from ..faults.harness import LIMIT_S, Failure, write
from .scenes import FILE

HISTORY = "flyway_schema_history"
DATABASE_FILES = (FILE, FILE + "-journal", FILE + "-wal", FILE + "-cflyway.lock")
DRY_RUN_MARK = "-- Flyway Dry Run ("
# What a library does when the process ends, such as OpenSSL's clean-up, needs memory of threads:
# without it glibc ends the process with status 127, after cflyway has done and said all.
LIBC_CODE, LIBC_TEXT = 127, "cannot allocate memory for thread-local data: ABORT"
AGAIN = 20                      # of so many tries one is followed by another run in any case


class Crashed(Failure):
    """The program ended by a signal that nobody sent."""


class Lost(Failure):
    """The database is not what it may be."""


class Untrue(Failure):
    """The message or the exit status says what is not so."""


def is_ended_by_libc(outcome):
    return outcome.code == LIBC_CODE and LIBC_TEXT in outcome.text


class State(collections.namedtuple("State", "objects rows")):
    """The objects with their rows, and the rows of the history (None: there is none)."""

    def __str__(self):
        return "objects: %s; history: %s" % (
            ", ".join(str(item[0] if isinstance(item, tuple) else item) for item in self.objects)
            or "none",
            "none" if self.rows is None else ", ".join(
                "%s %s%s" % (row[1], row[3], "" if row[6] else " failed") for row in self.rows)
            or "empty")


EMPTY = State((), None)


def state_of(path):
    """Looks at a copy: whoever opens a file next finds the same journal as before."""
    copy = path + ".looked-at"
    for suffix in ("", "-journal", "-wal"):
        if os.path.exists(path + suffix):
            shutil.copyfile(path + suffix, copy + suffix)
    try:
        return read_state(copy) if os.path.exists(copy) else EMPTY
    finally:
        for suffix in ("", "-journal", "-wal", "-shm"):
            if os.path.exists(copy + suffix):
                os.unlink(copy + suffix)


def read_state(path):
    file = sqlite3.connect(path)
    try:
        if file.execute("pragma integrity_check").fetchall() != [("ok",)]:
            raise Lost("the database is damaged")
        objects, rows = [], None
        for kind, name, sql in file.execute("select type, name, sql from sqlite_master "
                                            "order by name").fetchall():
            content = ()
            if name == HISTORY:
                rows = tuple(file.execute(
                    "select installed_rank, version, description, type, script, checksum, success "
                    "from %s order by installed_rank" % HISTORY))
            elif kind in ("table", "view"):
                content = tuple(sorted(file.execute('select * from "%s"' % name)))
            objects.append((name, sql, content))
        return State(tuple(objects), rows)
    except sqlite3.DatabaseError as err:
        raise Lost("the database cannot be read: %s" % err) from err
    finally:
        file.close()


def normalised(text):
    """Without times. The guards of a dry run are where its history was read first."""
    text = re.sub(r"\d\d:\d\d\.\d{3}s", "TIME", text).replace(REPLACED, "")
    text = re.sub(r"(\"\w*[tT]ime\w*\" : )(\d+|\"[^\"]*\")", r"\1TIME", text)
    text = re.sub(r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d(\.\d+)?Z?", "MOMENT", text)
    return "\n".join(sorted(text.splitlines())) if DRY_RUN_MARK in text else text


REPORTED, UNREPORTED = "A Flyway report has been generated", "ERROR: Unable to create report files"
# What is said in addition: by clean, when it cannot read the history, which it need not; when a
# report cannot be written; when SQLite reports an error after a COMMIT; by GnuTLS, which comes with
# libpq, from its own constructor.
MORE = ("cflyway: Error while retrieving the list of applied migrations", "cflyway: [SQLITE_",
        "cflyway: out of memory for query result",
        "ERROR: Error while checking whether the schemas should be dropped.",
        UNREPORTED, "cflyway: Unable to create directory ",
        "cflyway: Unable to write file ", "cflyway: Unable to read file ",
        "Error in GnuTLS initialization: ", "cflyway: COMMIT reported an error, but it has succeeded: ")
REPLACED = ", in place of the file that was there"


def must_be_same(text, wanted, what):
    text, wanted = (normalised(some).splitlines() for some in (text, wanted))
    if UNREPORTED in text:
        wanted = [line for line in wanted if not line.startswith(REPORTED)]
    if [line for line in text if not line.startswith(MORE)] != wanted:
        raise Untrue("%s:\n    %s" % (what, "\n    ".join(
            list(difflib.unified_diff(wanted, text, "wanted", "said", lineterm="", n=0))[2:20])))


class Stage:
    """A scene that is put back before each try. Subclasses know the database."""

    def __init__(self, bench, scene):
        self.bench, self.scene = bench, scene
        self.folder = bench.folder("injected")
        for name, text in scene.files(self.database).items():
            os.makedirs(os.path.dirname(os.path.join(self.folder, name)), exist_ok=True)
            write(os.path.join(self.folder, name), text)
        os.makedirs(os.path.join(self.folder, "none"))
        self.proved = set()         # states from which another run has done the rest
        self.tried = 0

    def set_scene(self):
        """What is there before, what may be there after a failure, and what a whole run does."""
        for args in self.scene.before:
            self.run(*args).must(0, "before " + self.scene.name)
        self.execute(self.scene.sql)
        self.keep_files()
        self.before = self.state()
        self.allowed = [self.before]
        for args in self.scene.via:
            self.run(*args).must(0, "on the way to " + self.scene.name)
            self.allowed.append(self.state())
            self.put_back()
        self.whole = self.run(*self.scene.args).must(0, self.scene.name)
        self.after = self.state()
        self.new = {name: normalised(content.decode())
                    for name, content in self.present().items()}
        if (self.after == self.before) != self.scene.keeps:
            raise Failure("%s: %s becomes %s" % (self.scene.name, self.before, self.after))
        self.allowed.append(self.after)
        self.put_back()

    def run(self, *args, **options):
        return self.bench.run_raw(self.folder, [*self.own_args(), *args], **options)

    def try_run(self, variables, limit_s=LIMIT_S):
        """The command with something injected; put back if it hangs."""
        try:
            return self.run(*self.scene.args, env=variables, limit_s=limit_s)
        except Failure:
            self.state()
            self.put_back()
            raise

    def present(self):
        """Path -> content of all files but the database's."""
        found = {}
        for root, _, names in os.walk(self.folder):
            for name in names:
                path = os.path.join(root, name)
                if name not in DATABASE_FILES:
                    with open(path, "rb") as file:
                        found[os.path.relpath(path, self.folder)] = file.read()
        return found

    def keep_files(self):
        self.files = self.present()
        self.keep_database()

    def put_back(self):
        found = self.present()
        for name in set(found) - set(self.files):
            os.unlink(os.path.join(self.folder, name))
        for name, content in self.files.items():
            if found.get(name) != content:
                with open(os.path.join(self.folder, name), "wb") as file:
                    file.write(content)
        self.put_database_back()

    # --- what must be true afterwards -------------------------------------------------------------

    def check(self, outcome, unremoved=""):
        """After a try, in which the file `unremoved` could not be removed. Then the command must do
        the rest; that is tried from each state once, and now and then again."""
        state = self.state()
        try:
            if outcome.code == 0:
                self.check_success(outcome, state)
            else:
                self.check_failure(outcome, state)
            self.check_files(outcome, unremoved)
            self.tried += 1
            if state not in self.proved or self.tried % AGAIN == 0:
                self.check_again(state)
                self.proved.add(state)
        finally:
            self.put_back()

    def check_again(self, state):
        if state == self.after and not self.scene.repeats:
            return
        again = self.run(*self.scene.args)
        again.must(0, "the second run")
        if self.state() != self.after:
            raise Lost("after the second run: %s%s" % (self.state(), again.tail()))

    def check_success(self, outcome, state):
        """All is done, and said. Only what could not be looked up is said in addition."""
        if state != self.after:
            raise Lost("exit 0, but %s instead of %s%s" % (state, self.after, outcome.tail()))
        must_be_same(outcome.text, self.whole.text, "exit 0, but it says something else")
        if UNREPORTED in outcome.text:
            return
        found = self.present()
        for name, new in self.new.items():
            must_be_same(found.get(name, b"").decode(), new, "exit 0, but not in " + name)

    def check_failure(self, outcome, state):
        is_at_exit = is_ended_by_libc(outcome)
        if outcome.code not in (1, -9) and not is_at_exit:
            raise Crashed("exit %s%s" % (outcome.code, outcome.tail()))
        if state not in self.allowed:
            raise Lost("it leaves %s%s" % (state, outcome.tail()))
        if outcome.code == 1:
            self.check_text(outcome)
        if outcome.code == 1 or is_at_exit:
            self.check_claims(outcome, state)

    def check_claims(self, outcome, state):
        """What a failed run says of the database is true."""
        for claim in re.findall(r"^Successfully (?:applied|baselined|cleaned|repaired|undid)",
                                outcome.text, re.M):
            if state != self.after:
                raise Untrue("%r is not true: %s%s" % (claim, state, outcome.tail()))
        must_be_true(outcome, state)

    @staticmethod
    def check_text(outcome):
        if not re.search(r'^(ERROR: |cflyway: )|"error" :', outcome.text, re.M):
            raise Untrue("it does not say why it fails" + outcome.tail())

    def check_files(self, outcome, unremoved=""):
        """An output is the old one or the new one, and nothing else is left. A killed program can
        remove nothing."""
        found = self.present()
        more = sorted(name for name in set(found) - set(self.files) - set(self.new)
                      if not unremoved.endswith(name))
        if more and outcome.code != -9:
            raise Failure("it leaves %s%s" % (", ".join(more), outcome.tail()))
        for name in self.scene.outputs:
            now = found.get(name)
            if now != self.files.get(name) and not self.is_whole(name, now):
                raise Failure("%s is neither the old nor a new one: %s%s" % (
                    name, "missing" if now is None else repr(now[:200]), outcome.tail()))

    def is_whole(self, name, content):
        """A new dry run is that of a run without a fault; a report may be that of a failure."""
        if content is None:
            return False
        if name.endswith(".json"):
            with contextlib.suppress(ValueError):
                return bool(json.loads(content))
        if name.endswith(".html"):
            return content.rstrip().endswith(b"</html>")
        return normalised(content.decode()) == self.new[name]


def must_be_true(outcome, state):
    """What is said of the migration that was begun last."""
    begun = re.findall(r'^Migrating schema \S+ (?:to version "([\d.]+)|with repeatable)',
                       outcome.text, re.M)
    if not begun or "Executing SQL callback: afterMigrate" in outcome.text:
        return
    is_applied = (begun[-1] or None) in [row[1] for row in state.rows or () if row[6]]
    claims = {
        "has been applied: its row is in": is_applied,
        "has not been applied": not is_applied,
        "Changes successfully rolled back": not is_applied,
    }
    for claim, holds in claims.items():
        if claim in outcome.text and not holds:
            raise Untrue("%r is not true: %s%s" % (claim, state, outcome.tail()))


class SqliteStage(Stage):
    database, TITLE = "sqlite", "SQLite"

    def __init__(self, bench, scene):
        super().__init__(bench, scene)
        self.path = os.path.join(self.folder, FILE)
        self.set_scene()

    @staticmethod
    def own_args():
        return ()

    def state(self):
        return state_of(self.path)

    def execute(self, sql):
        if sql:
            file = sqlite3.connect(self.path)
            file.executescript(sql)
            file.close()

    def keep_database(self):
        self.content = None
        if os.path.exists(self.path):
            with open(self.path, "rb") as file:
                self.content = file.read()

    def put_database_back(self):
        for name in DATABASE_FILES:
            with contextlib.suppress(FileNotFoundError):
                os.unlink(os.path.join(self.folder, name))
        if self.content is not None:
            with open(self.path, "wb") as file:
                file.write(self.content)


class PostgresStage(Stage):
    """On an open harness.Database, which is emptied."""

    database, TITLE = "postgresql", "PostgreSQL"

    def __init__(self, bench, scene, database):
        super().__init__(bench, scene)
        self.server = database
        self.is_clean = False
        database.reset()
        self.set_scene()

    def own_args(self, port=None):
        return ("-url=" + self.server.url(port), "-user=" + self.server.server.user)

    def state(self):
        """Waits until no other session is left."""
        objects, rows = self.server.state()
        found = State(objects, None if rows is None else tuple(map(row_of, rows)))
        self.is_clean = found == getattr(self, "before", None)
        return found

    def execute(self, sql):
        if sql:
            self.server.session.run(sql)

    def keep_database(self):
        pass

    def put_database_back(self):
        """What was there before is made again."""
        if self.is_clean:
            return
        self.server.reset()
        for args in self.scene.before:
            self.run(*args).must(0, "before " + self.scene.name)
        self.execute(self.scene.sql)


def row_of(text):
    """A row as harness.ROWS shows it, as read_state() does."""
    rank, version, description, kind, script, *checksum, success = text.split("|")
    return (rank, None if version == "-" else version, description, kind, script,
            *(checksum or [None]), success == "true")
