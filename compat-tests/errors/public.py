# SPDX-License-Identifier: Apache-2.0
"""Scripts that were not written for cflyway, and what it says when they fail.

Each script of PostgreSQL's regression tests and of Flyway's old tests is played alone, as the
first migration of an empty database. Projects of projects.ini are played whole, with one thing
changed; CHANGES says what. Servers that projects name are in connections.py. Of each kind of
failure a few are kept in public.json: the place in the script, and the first line of each note. The
scripts themselves are not kept.
"""
import collections
import configparser
import contextlib
import glob
import json
import os
import re
import shutil
import subprocess
import tempfile

import connections

from lib import projects, server as pg
from lib.session import Session

HERE = os.path.dirname(os.path.abspath(__file__))
FIGURES = os.path.join(HERE, "public.json")
DATABASE = "public_script"
LIMIT_S = 120
ADDS_COLUMN = re.compile(r"(?im)^\s*alter\s+table\s+(?:only\s+)?([\w.\"]+)\s+add\s+column")
EACH = 5                # of a kind
OF_A_SOURCE = 3         # of these

Source = collections.namedtuple("Source", "name folder release patterns databases")
SOURCES = (
    Source("postgres/postgres", "postgres/postgres", "15.18",
           ("src/test/regress/sql/*.sql", "src/pl/plpgsql/src/sql/*.sql"),
           ("postgresql", "sqlite")),
    # Of a newer server, on the one that is here: what a team meets whose servers differ.
    Source("postgres/postgres", "postgres/postgres-18", "18.6",
           tuple("src/test/regress/sql/%s.sql" % name for name in (
               "aggregates", "foreign_key", "generated_virtual", "numerology", "random",
               "sqljson", "sqljson_jsontable", "uuid", "without_overlaps")), ("postgresql",)),
    Source("flyway/flyway", "flyway/flyway", "flyway-4.2.0",
           ("flyway-core/src/test/resources/migration/**/*.sql",), ("postgresql", "sqlite")),
)

Seen = collections.namedtuple("Seen", "project script how database state message notes")


def texts(seen, kind):
    return [note["message"] for note in seen.notes if note["kind"] == kind]


def state(*states):
    return lambda seen: seen.state in states


def says(kind, pattern):
    return lambda seen: any(re.search(pattern, text) for text in texts(seen, kind))


def reports(pattern):
    return lambda seen: re.search(pattern, seen.message)


def outside(seen):
    return seen.state in ("25001", "2D000") or "Detected both transactional" in seen.message


def on_sqlite(pattern):
    return lambda seen: seen.database == "sqlite" and re.search(pattern, seen.message)


# The first that fits; a failure that fits none is not shown.
KINDS = (
    ("A placeholder without a value", reports("No value provided for placeholder")),
    ("A checksum that does not match", reports("checksum mismatch")),
    ("Out of order", reports("Detected resolved migration not applied")),
    ("Two files of one version", reports("Found more than one migration")),
    ("A name that is not a migration's", reports("Invalid SQL filenames")),
    ("A server that is not there", says("cause", r"nothing listens on ")),
    ("A host that nobody knows", says("cause", r"^the (host )?name \S+ (is unknown|cannot be)")),
    ("A password that the server does not take", state("28P01")),
    ("A pg_hba.conf that lets nobody in", reports(r"pg_hba\.conf")),
    ("A role that the server does not have", state("28000")),
    ("A database that is missing", state("3D000")),
    ("A command of psql", says("cause", r"psql")),
    ("A lock that did not come", state("55P03")),
    ("Rows of a COPY", reports("COPY operation")),
    ("In a function or a DO block", says("place", r"(?i)function|DO block|inline_code_block")),
    ("A script that cannot be cut into statements", reports("Unable to parse statement")),
    ("A right that is missing", state("42501")),
    ("A statement that needs to be outside of a transaction", outside),
    ("Something that a newer server has", says("cause", r"needs? PostgreSQL \d+")),
    ("An extension that is missing", says("cause", r"(?i)extension")),
    ("A role that is missing", reports(r"role \S+ does not exist")),
    ("A constraint", state("23505", "23503", "23502", "23514", "23P01")),
    ("Something that exists already", state("42P07", "42710", "42723", "42701", "42P06")),
    ("A name that does not exist", state("42P01", "42703", "42883", "42704", "3F000")),
    ("A value that the type does not take", state("22P02", "22007", "22008", "22003", "22001")),
    ("A syntax error", state("42601")),
    ("SQLite: a syntax error", on_sqlite(r"syntax error|unrecognized token|incomplete input")),
    ("SQLite: a name that does not exist", on_sqlite(r"no such")),
    ("SQLite: a constraint", on_sqlite(r"constraint failed")),
)


class Bench:
    """A server, the program, and a folder for one project."""

    def __init__(self, server, cflyway):
        self.server, self.cflyway = server, cflyway
        self.extra = []         # arguments of a change

    def database(self, kind):
        if kind == "sqlite":
            return "jdbc:sqlite:public.db"
        self.server.drop_database(DATABASE)
        self.server.create_database(DATABASE)
        return self.server.jdbc_url(DATABASE)

    def try_url(self, url, *arguments):
        with tempfile.TemporaryDirectory(prefix="errors.") as folder:
            return self.run(folder, url, *arguments, "migrate")

    def try_configuration(self, text, variables):
        """A flyway.conf of its own, with variables of the environment."""
        with tempfile.TemporaryDirectory(prefix="errors.") as folder:
            with open(os.path.join(folder, "flyway.conf"), "w", encoding="utf-8") as file:
                file.write(text)
            return self.run(folder, None, "migrate", variables=variables)

    def run(self, folder, url, *arguments, variables=()):
        environment = projects.environment(folder)
        environment.update(variables)
        where = ["-url=" + url] if url else []
        done = subprocess.run([self.cflyway, "-outputType=json", *where, *arguments],
                              cwd=folder, env=environment, check=False,
                              stdin=subprocess.DEVNULL, capture_output=True, timeout=LIMIT_S)
        with contextlib.suppress(ValueError):
            return json.loads(done.stdout.decode("utf-8", "replace"))
        return {}


def failure(document, project, script, how, database):
    """What the document says, or None if nothing has failed."""
    error = document.get("error")
    if not error:
        return None
    return Seen(project, script, how, database, error.get("sqlState"), error["message"],
                document.get("cflyway", ()))


# --- scripts, each alone ------------------------------------------------------------------------

def unpacked(source, clones, folder):
    """The folder of a source: a plain one, or what git has."""
    clone = os.path.join(clones, source.folder)
    if not os.path.isdir(os.path.join(clone, "objects")):
        return clone
    paths = sorted({pattern.split("/*")[0] for pattern in source.patterns})
    archive = subprocess.run(["git", "--git-dir=" + clone, "archive", source.release, *paths],
                             stdout=subprocess.PIPE, check=True).stdout
    subprocess.run(["tar", "-x", "-C", folder], input=archive, check=True)
    return folder


def of_source(source, clones, bench):
    with tempfile.TemporaryDirectory(prefix="errors.") as folder:
        top = unpacked(source, clones, folder)
        scripts = sorted(path for pattern in source.patterns
                         for path in glob.glob(os.path.join(top, pattern), recursive=True))
        for path in scripts:
            for database in source.databases:
                seen = alone(bench, path, database, source, os.path.relpath(path, top))
                if seen:
                    yield seen


def alone(bench, path, database, source, shown):
    with tempfile.TemporaryDirectory(prefix="errors.") as folder:
        os.mkdir(os.path.join(folder, "sql"))
        name = re.sub(r"\W", "_", os.path.splitext(os.path.basename(path))[0])
        shutil.copy(path, os.path.join(folder, "sql", "V1__%s.sql" % name))
        with contextlib.suppress(subprocess.TimeoutExpired):
            limit = ["-cflyway.statementTimeout=10s"] if database == "postgresql" else []
            document = bench.run(folder, bench.database(database), "-user=postgres",
                                 "-locations=filesystem:sql", *limit, "migrate")
            return failure(document, "%s %s" % (source.name, source.release), shown, "", database)
    return None


# --- projects, with one thing changed -----------------------------------------------------------

class Play:
    """A project in a folder, and a database of its own."""

    def __init__(self, bench, project):
        self.bench, self.project = bench, project
        self.url = bench.database("postgresql")
        if project.setup:
            # Its roles are there already when another change has played the project.
            bench.server.psql(project.setup, DATABASE, "-v", "ON_ERROR_STOP=0")

    def run(self, *arguments, without=None, user="postgres"):
        kept = [text for text in self.project.arguments
                if not without or not text.startswith(without)]
        return self.bench.run(self.project.folder, self.url, "-user=" + user, *kept, *arguments)

    def scripts(self):
        """The paths of its migrations, the first version first."""
        return [row["filepath"] for row in self.run("info").get("migrations", ()) if row["version"]]

    def applied(self):
        return [(row["version"], row["filepath"]) for row in self.run("info").get("migrations", ())
                if row["version"] and row["state"] == "Success" and row["type"] == "SQL"]


def without_placeholders(play):
    return play.run("migrate", without="-placeholders.")


def with_blanks(play):
    play.run("migrate")
    with open(play.applied()[-1][1], "a", encoding="utf-8") as file:
        file.write("  \n-- and a remark\n")
    return play.run("migrate")


def with_another_column(play):
    play.run("migrate")
    with open(play.applied()[-1][1], "a", encoding="utf-8") as file:
        file.write("alter table nowhere add column more integer;\n")
    return play.run("migrate")


def one_late(play):
    play.run("migrate")
    version, path = play.applied()[-2]
    folder, name = os.path.split(path)
    written = re.escape(version.replace(".", "_")) + "|" + re.escape(version)
    late = re.sub(written, version + ".5", name, count=1)
    shutil.copy(path, os.path.join(folder, late))
    return play.run("migrate")


def one_twice(play):
    play.run("migrate")
    path = play.applied()[-1][1]
    shutil.copy(path, re.sub(r"__", "__another_", path, count=1))
    return play.run("migrate")


def one_underscore(play):
    play.run("migrate")
    path = play.applied()[-1][1]
    os.rename(path, path.replace("__", "_", 1))
    return play.run("migrate", "-validateMigrationNaming=true")


def weak_role(play):
    with contextlib.suppress(pg.ServerError):
        play.bench.server.query("create role weak login")
    return play.run("migrate", user="weak")


def without_extensions(play):
    for path in play.scripts():
        with open(path, encoding="utf-8") as file:
            text = file.read()
        with open(path, "w", encoding="utf-8") as file:
            file.write(re.sub(r"(?im)^\s*create extension[^;]*;", "", text))
    return play.run("migrate")


def one_table_there(play):
    for path in play.scripts():
        with open(path, encoding="utf-8") as file:
            found = re.search(r"(?im)^\s*create table\s+([a-z_]+)\s*\(", file.read())
        if found:
            play.bench.server.psql("create table %s (id integer)" % found[1], DATABASE)
            break
    return play.run("-baselineOnMigrate=true", "-baselineVersion=0", "migrate")


def vacuumed(play):
    with open(play.scripts()[-1], "a", encoding="utf-8") as file:
        file.write("\nvacuum;\n")
    return play.run("migrate")


def granted(play):
    """Its last script names a role that its makers have elsewhere."""
    with open(play.scripts()[-1], "a", encoding="utf-8") as file:
        file.write("\ngrant usage on schema public to readers_of_all;\n")
    return play.run("migrate")


def to_its_end(play):
    return play.run("migrate", without="-target=")


def locked(play):
    """Another session reads the table that a later script adds a column to."""
    before = None
    for row in play.run("info").get("migrations", ()):
        if not row["version"]:
            break
        with open(row["filepath"], encoding="utf-8", errors="replace") as file:
            found = ADDS_COLUMN.search(file.read())
        if found and before and not play.run("-target=" + before, "migrate").get("error"):
            break
        before = row["version"]
    server = play.bench.server
    with Session(server.host, server.port, server.user, DATABASE) as session:
        session.query("set application_name = 'report'; begin; "
                      "lock table %s in access share mode" % found[1])
        return play.run("-cflyway.lockTimeout=1500ms", "-target=" + row["version"], "migrate")


CHANGES = (
    ("without its placeholders", without_placeholders,
     ("CMS-Enterprise/easi-app", "navikt/familie-ef-sak",
      "ministryofjustice/hmpps-activities-management-api")),
    ("blanks and a comment added to its last script", with_blanks,
     ("guardian/newswires", "eclipse/openvsx", "OpenLMIS/openlmis-requisition")),
    ("a statement added to its last script", with_another_column,
     ("guardian/newswires", "eclipse/openvsx", "CMS-Enterprise/mint-app")),
    ("a script added behind its last but one", one_late,
     ("guardian/newswires", "eclipse/openvsx", "OpenLMIS/openlmis-requisition")),
    ("its last script copied under the same version", one_twice,
     ("guardian/newswires", "eclipse/openvsx", "navikt/familie-ba-sak")),
    ("an underscore of its last script lost", one_underscore,
     ("guardian/newswires", "eclipse/openvsx", "navikt/familie-ba-sak")),
    ("by a role without rights", weak_role,
     ("guardian/newswires", "eclipse/openvsx", "OpenLMIS/openlmis-requisition")),
    ("without its CREATE EXTENSION", without_extensions,
     ("guardian/newswires", "CMS-Enterprise/mint-app", "CMS-Enterprise/easi-app",
      "espoon-voltti/evaka")),
    ("when its first table is there already", one_table_there,
     ("guardian/newswires", "eclipse/openvsx", "navikt/familie-ba-sak")),
    ("a VACUUM added to its last script", vacuumed,
     ("CMS-Enterprise/mint-app", "eclipse/openvsx", "navikt/familie-ba-sak")),
    ("a GRANT to another role added to its last script", granted,
     ("CMS-Enterprise/mint-app", "eclipse/openvsx", "navikt/familie-ba-sak")),
    ("to its last version", to_its_end, ("espoon-voltti/evaka",)),
    ("while another session reads a table", locked,
     ("guardian/newswires", "eclipse/openvsx", "navikt/familie-ba-sak")),
)


def of_projects(clones, bench):
    listed = configparser.ConfigParser(interpolation=None)
    listed.read(os.path.join(os.path.dirname(HERE), "projects.ini"), encoding="utf-8")
    for how, change, names in CHANGES:
        for name in names:
            with tempfile.TemporaryDirectory(prefix="errors.") as folder:
                project = projects.Project(name, listed[name], clones)
                project.unpack(os.path.realpath(folder))
                document = change(Play(bench, project))
                version = "%s %s" % (name, project.commit[:8])
                seen = failure(document, version, "", how, "postgresql")
                if seen:
                    yield shortened(seen, project.folder)


def of_connections(clones, bench):
    for project, path, how, document in connections.play(clones, bench):
        seen = failure(document, project, path, how, "postgresql")
        if seen:
            yield usual(seen, bench.server)


def usual(seen, server):
    """Without what differs from run to run: the port of the server, and the folder."""
    own = re.compile(r"%s(:| -p )%d" % (re.escape(server.host), server.port))
    return changed(seen, lambda text: re.sub(r"/\S*/errors\.\w+/", "",
                                             own.sub(r"localhost\g<1>5432", text)))


def shortened(seen, folder):
    return changed(seen, lambda text: text.replace(folder + "/", ""))


def changed(seen, short):
    return seen._replace(message=short(seen.message),
                         notes=[dict(note, message=short(note["message"])) for note in seen.notes])


# --- what is kept -------------------------------------------------------------------------------

def kind_of(seen):
    for name, fits in KINDS:
        if fits(seen):
            return name
    return None


def play(clones, server, cflyway):
    bench, found = Bench(server, cflyway), collections.defaultdict(list)
    for seen in [*of_connections(clones, bench), *of_projects(clones, bench),
                 *(seen for source in SOURCES for seen in of_source(source, clones, bench))]:
        found[kind_of(seen)].append(seen)
    print("not shown, of no kind: %d" % len(found.pop(None, ())))
    return [{"kind": name, "tried": len(found[name]),
             "shown": [kept(seen) for seen in chosen(found[name])]}
            for name, _ in KINDS if name in found]


def chosen(seen):
    """A few, of every source in turn, as their scripts differ most."""
    counts, taken = collections.Counter(), []
    for one in seen:
        if counts[one.project] < OF_A_SOURCE and len(taken) < EACH:
            counts[one.project] += 1
            taken.append(one)
    return taken


def first_line(text):
    return text.splitlines()[0] if text else ""


def kept(seen):
    """Without the lines of the script that a note quotes."""
    entry = {"project": seen.project, "script": seen.script, "how": seen.how, "state": seen.state,
             "message": message_of(seen)}
    for kind in ("place", "cause", "outcome", "next"):
        lines = [first_line(text) for text in texts(seen, kind)]
        if lines:
            entry[kind] = lines
    return entry


def message_of(seen):
    found = re.search(r"(?m)^Message    : (.*)$", seen.message)
    return found[1] if found else first_line(seen.message)


def table():
    """The part of doc/errors.md about them, as lines."""
    if not os.path.exists(FIGURES):
        return []
    with open(FIGURES, encoding="utf-8") as file:
        found = json.load(file)
    lines = ["## Scripts of others", "",
             "Scripts that were not written for cflyway: PostgreSQL's regression tests and Flyway's "
             "old tests, each played alone on an empty database, where they fail sooner or later; "
             "public projects with one thing changed; and the servers that projects name, where they "
             "let nobody in. Of each kind a few are shown: the message of the server or of Flyway, "
             "and below it what cflyway adds, without the lines of the "
             "scripts.", ""]
    for kind in found:
        lines += ["### %s" % kind["kind"], "",
                  "Seen: %d." % kind["tried"], ""]
        for entry in kind["shown"]:
            lines += entry_lines(entry)
        lines += [""]
    return lines


def entry_lines(entry):
    title = " ".join(filter(None, (entry["project"], entry["script"])))
    lines = ["- " + ", ".join(filter(None, (title, entry["how"]))), "  ```",
             "  " + entry["message"]]
    for kind in ("place", "cause", "outcome", "next"):
        lines += ["  cflyway: " + line for line in entry.get(kind, ())]
    return lines + ["  ```"]
