# SPDX-License-Identifier: Apache-2.0
"""The tools that are compared: how each names its files, and what to type."""
import os
import shutil
import subprocess
import time

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
LIMIT_S = 20                    # of a run that may hang


class Outcome:
    """code: None if the run was ended because it took LIMIT_S."""

    def __init__(self, code, text, seconds):
        self.code, self.text, self.seconds = code, text, seconds

    @property
    def is_good(self):
        return self.code == 0


def call(arguments, limit_s=LIMIT_S, cwd=None):
    begun = time.monotonic()
    process = subprocess.Popen(arguments, cwd=cwd, stdin=subprocess.DEVNULL,
                               stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                               start_new_session=True)
    try:
        text = process.communicate(timeout=limit_s)[0]
        code = process.returncode
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, 9)
        text, code = process.communicate()[0], None
    return Outcome(code, text.decode("utf-8", "replace"), time.monotonic() - begun)


class Tool:
    """command: None if the tool is not there. applied: a condition on a row of the history."""
    name = history = applied = None
    begins_slowly_s = 0         # what a run may take before it does anything

    def __init__(self, command):
        self.command = command

    def write(self, folder, number, up, down=None):
        raise NotImplementedError

    def prepare(self, folder):
        """After the files of a folder were written."""

    def version(self):
        """A text with the number; without one, the pages show none."""
        return ""

    def arguments(self, folder, database):
        """Of the command that applies what is pending."""
        raise NotImplementedError

    def up(self, folder, database, limit_s=LIMIT_S):
        return call(self.arguments(folder, database), limit_s + self.begins_slowly_s)

    def down_arguments(self, folder, database):
        """None: there is no such command."""

    def dry_run_arguments(self, folder, database):
        """Of a command that shows the SQL and executes nothing; None: there is none."""


def put(folder, name, text):
    path = os.path.join(folder, name)
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
    return path


class FlywayLike(Tool):
    history = "flyway_schema_history"
    applied = "version = '%d' and success"

    def write(self, folder, number, up, down=None):
        if down is not None:
            put(folder, "U%d__m.sql" % number, down)
        return put(folder, "V%d__m.sql" % number, up)

    def write_repeatable(self, folder, text):
        return put(folder, "R__again.sql", text)

    def call(self, folder, database, *more):
        return self.command + ["-url=" + database.jdbc_url, "-user=postgres", "-password=x",
                               "-locations=filesystem:" + folder, *more]

    def arguments(self, folder, database):
        return self.call(folder, database, "migrate")


class Cflyway(FlywayLike):
    name = "cflyway"

    def down_arguments(self, folder, database):
        return self.call(folder, database, "undo")

    def dry_run_arguments(self, folder, database):
        return self.call(folder, database, "-dryRunOutput=" + os.path.join(folder, "dry.sql"),
                         "migrate")


class Flyway(FlywayLike):
    """Undo and dry runs belong to its paid editions, and this one would execute what a dry run is
    to show. So it is never asked for them."""
    name, begins_slowly_s = "Flyway", 10

    def version(self):
        return call(self.command + ["-v"], 60).text


class Goose(Tool):
    name, history, applied = "goose", "goose_db_version", "version_id = %d and is_applied"

    def write(self, folder, number, up, down=None):
        return put(folder, "%05d_m.sql" % number,
                   "-- +goose Up\n" + up + ("-- +goose Down\n" + down if down is not None else ""))

    def call(self, folder, database, verb):
        return self.command + ["-dir", folder, "postgres", database.url, verb]

    def arguments(self, folder, database):
        return self.call(folder, database, "up")

    def down_arguments(self, folder, database):
        return self.call(folder, database, "down")

    def version(self):
        return call(self.command + ["-version"]).text


class Dbmate(Tool):
    name, history, applied = "dbmate", "schema_migrations", "version = '%06d'"

    def write(self, folder, number, up, down=None):
        return put(folder, "%06d_m.sql" % number,
                   "-- migrate:up\n" + up + "\n-- migrate:down\n" + (down or ""))

    def call(self, folder, database, verb):
        return self.command + ["-d", folder, "-u", database.url, "--no-dump-schema", verb]

    def arguments(self, folder, database):
        return self.call(folder, database, "migrate")

    def down_arguments(self, folder, database):
        return self.call(folder, database, "rollback")

    def version(self):
        return call(self.command + ["--version"]).text


class Atlas(Tool):
    """The community edition, built from its public sources, which know no version."""
    name, history = "Atlas", "atlas_schema_revisions.atlas_schema_revisions"
    applied = "version = '%d' and applied = total and coalesce(error, '') = ''"

    def write(self, folder, number, up, down=None):
        return put(folder, "%d_m.sql" % number, up)

    def prepare(self, folder):
        call(self.command + ["migrate", "hash", "--dir", "file://" + folder])

    def call(self, folder, database, verb, *more):
        return self.command + ["migrate", verb, "--dir", "file://" + folder, "--url", database.url,
                               *more]

    def arguments(self, folder, database):
        return self.call(folder, database, "apply")

    def dry_run_arguments(self, folder, database):
        return self.call(folder, database, "apply", "--dry-run")


def find(variable, default):
    """A command from the environment or PATH; None if it is not there."""
    path = shutil.which(os.environ.get(variable) or default)
    return [os.path.abspath(path)] if path else None


def all_tools():
    """In the order of the columns."""
    return [Cflyway(find("CFLYWAY", os.path.join(ROOT, "build", "cflyway"))),
            Flyway(find("FLYWAY", "flyway")), Atlas(find("ATLAS", "atlas")),
            Goose(find("GOOSE", "goose")), Dbmate(find("DBMATE", "dbmate"))]
