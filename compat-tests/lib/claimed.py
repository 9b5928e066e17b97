# SPDX-License-Identifier: Apache-2.0
"""Whether the closing notes of a failed run are true: see outcomes.py for what they claim.

A Snapshot is all that can be seen of the databases of a case; a Run is one call of cflyway with the
snapshots around it.  untrue(run) yields what is wrong.
"""
import collections
import glob
import hashlib
import json
import os
import re
import sqlite3

from . import outcomes
from .session import Session, SqlError

# Tables of histories are known by these columns.
COLUMNS = ("installed_rank", "version", "description", "type", "script", "checksum",
           "installed_on", "success")
OBJECTS = """
select nspname, relname, relkind::text || coalesce((select case when indisvalid then '' else
    ' invalid' end from pg_index where indexrelid = pg_class.oid), '')
from pg_class join pg_namespace on pg_namespace.oid = relnamespace
where nspname !~ '^pg_|^information_schema$' and relkind <> 't'
union all
select nspname, proname || '()', 'function' from pg_proc
join pg_namespace on pg_namespace.oid = pronamespace where nspname !~ '^pg_|^information_schema$'
union all
select nspname, '', 'schema' from pg_namespace where nspname !~ '^pg_|^information_schema$'
"""
DIGESTS = """
select nspname, relname, (xpath('/row/c/text()', query_to_xml(format(
    'select md5(coalesce(string_agg(t::text, '','' order by t::text), '''')) as c from %I.%I t',
    nspname, relname), false, true, '')))[1]::text
from pg_class join pg_namespace on pg_namespace.oid = relnamespace
where nspname !~ '^pg_|^information_schema$' and relkind = 'r'
"""
HISTORIES = """
select table_schema, table_name from information_schema.columns
where column_name in ('installed_rank', 'success', 'script')
group by 1, 2 having count(*) = 3
"""
TABLE = re.compile(r'create\s+table\s+(?:if\s+not\s+exists\s+)?"?(\w+)"?\s*(?:\(|as\b)', re.I)

Row = collections.namedtuple("Row", COLUMNS)


class Snapshot(collections.namedtuple("Snapshot", "objects digests rows")):
    """objects: (database, schema, name) -> kind. digests: of the tables. rows: of each history."""

    def names(self):
        return {name for _, _, name in self.objects}

    def schemas(self):
        return {schema for _, schema, _ in self.objects}

    def all_rows(self):
        return [row for rows in self.rows.values() for row in rows]

    def of_one(self, database):
        return Snapshot(*({key: value for key, value in part.items() if key[0] == database}
                          for part in self))


def quoted(*names):
    return ".".join('"%s"' % name.replace('"', '""') for name in names)


def of_postgresql(server, databases):
    made = Snapshot({}, {}, {})
    for database in databases:
        with Session(server.host, server.port, server.user, database) as session:
            session.query("set lock_timeout = '300ms'")
            for schema, name, kind in session.query(OBJECTS):
                made.objects[database, schema, name] = kind
            for schema, name, digest in session.query(DIGESTS):
                made.digests[database, schema, name] = digest
            for schema, name in session.query(HISTORIES):
                rows = session.query("select %s from %s order by 1" % (
                    ", ".join(COLUMNS), quoted(schema, name)))
                made.rows[database, schema, name] = [
                    Row(*row[:-1], row[-1] == "t") for row in rows]
    return made


def is_sqlite(path):
    try:
        with open(path, "rb") as file:
            return file.read(15) == b"SQLite format 3"
    except OSError:
        return False


def of_sqlite(folder):
    """All database files below a folder."""
    made = Snapshot({}, {}, {})
    paths = [path for path in glob.glob(os.path.join(folder, "**", "*"), recursive=True)
             if os.path.isfile(path) and is_sqlite(path)]
    for path in paths:
        connection = sqlite3.connect("file:%s?mode=ro" % path, uri=True, timeout=0.2)
        connection.text_factory = bytes
        try:
            for kind, name in connection.execute("select type, name from sqlite_master").fetchall():
                kind, name = kind.decode(), name.decode(errors="replace")
                made.objects[path, "main", name] = kind
                if kind != "table":
                    continue
                columns = [row[1].decode(errors="replace") for row in connection.execute(
                    "pragma table_info(%s)" % quoted(name))]
                content = connection.execute("select * from %s" % quoted(name)).fetchall()
                made.digests[path, "main", name] = hashlib.md5(
                    repr(sorted(map(repr, content))).encode()).hexdigest()
                if {"installed_rank", "success", "script"} <= set(columns):
                    made.rows[path, "main", name] = [
                        Row(*(value.decode(errors="replace") if isinstance(value, bytes) else value
                              for value in row[:-1]), bool(row[-1]))
                        for row in connection.execute("select %s from %s order by 1" % (
                            ", ".join(COLUMNS), quoted(name)))]
        finally:
            connection.close()
    return made


TARGETS = ("-targets", "-environments", "-tenants")
UNREADABLE = (OSError, SqlError, sqlite3.Error, UnicodeDecodeError)


# --- what a run has said --------------------------------------------------------------------------

class Run(collections.namedtuple("Run", "args folder code text before after is_undo")):
    """text: all that it printed."""

    def notes(self):
        """The closing notes: (what, text), and lines that no sentence fits."""
        found = []
        for line in self.lines():
            known = outcomes.read(line)
            if known:
                found.append(known)
        return found

    def lines(self):
        for line in self.text.splitlines():
            if line.startswith("cflyway: "):
                yield line[len("cflyway: "):]
        for text in re.findall(r'"kind" : "(?:outcome|next)",\s*"message" : ("(?:[^"\\]|\\.)*")',
                               self.text):
            yield from json.loads(text).splitlines()

    def has_failed(self):
        return '"error" : {' in self.text or "ERROR: " in self.text

    def is_on_targets(self):
        return "cflyway: target " in self.text or '"target" :' in self.text or any(
            arg.startswith(TARGETS) for arg in self.args)

    def of_failed_target(self):
        """The run on the one target that has failed, alone; None if it is not known which."""
        failed = re.findall(r"(?m)^cflyway: targets: .*\b1 failed \((\S+)\)", self.text)
        sections = dict(re.findall(
            r"(?m)^cflyway: target (\S+)\nDatabase: jdbc:(?:sqlite:|postgresql://[^/]*/)(\S+)",
            self.text))
        used = [os.path.realpath(os.path.join(self.folder, name)) for name in sections.values()]
        if len(failed) != 1 or failed[0] not in sections:
            return None
        name = sections[failed[0]]
        path = os.path.realpath(os.path.join(self.folder, name))
        found = {key[0] for snapshot in (self.before, self.after) for key in snapshot.objects
                 if key[0] == name or os.path.realpath(key[0]) == path}
        if len(found) != 1 or used.count(path) != 1:
            return None
        database = found.pop()
        return self._replace(
            args=[arg for arg in self.args if not arg.startswith(TARGETS)],
            text=re.sub(r"(?m)^cflyway: targets?:? .*\n", "", self.text),
            before=self.before.of_one(database), after=self.after.of_one(database))

    def new_rows(self):
        before = set(self.before.all_rows())
        return [row for row in self.after.all_rows() if row not in before]

    def scripts(self):
        return [path for path in glob.glob(os.path.join(self.folder, "**", "*.sql"), recursive=True)
                if os.path.isfile(path)]

    def made_by(self, version):
        """The tables that the script of a version makes; none if that is not plain."""
        found = []
        for path in self.scripts():
            match = re.match(r"V([\d._]+)__", os.path.basename(path))
            if match and numbers(match.group(1)) == numbers(version):
                found.append(read(path))
        if len(found) != 1 or re.search(r"\brollback\b", found[0], re.I):
            return set()
        return set(TABLE.findall(found[0]))

    def is_dropped(self, table):
        pattern = re.compile(r"(?:drop|alter)\s+table[^;]*\b%s\b" % re.escape(table), re.I)
        return any(pattern.search(read(path)) for path in self.scripts())


def read(path):
    with open(path, encoding="utf-8", errors="replace") as file:
        return file.read()


def numbers(version):
    parts = [int(part) for part in re.split(r"[._]", version) if part]
    while parts and parts[-1] == 0:
        parts.pop()
    return parts


# --- checks ---------------------------------------------------------------------------------------

def kept(run, text, has_run=True):
    named, new = outcomes.names(text), [row for row in run.new_rows() if row.success]
    for version in named.versions:
        if not any(row.version and numbers(row.version) == numbers(version) for row in new):
            yield "version %s has no new row" % version
        for table in run.made_by(version) if has_run else ():
            if table not in run.after.names() and not run.is_dropped(table):
                yield "version %s has made no table %s" % (version, table)
    for description in named.repeatables:
        if not any(not row.version and row.description == description for row in new):
            yield "%r has no new row" % description
    if not run.is_on_targets() and not named.more and \
            len({(row.version, row.description) for row in new
                               if row.type not in ("SCHEMA", "BASELINE")}) > (
            len(named.versions) + len(named.repeatables)):
        yield "more than that was applied: %s" % [row.script for row in new]


def recorded(run, text):
    return kept(run, text, has_run=False)


def rolled_back(run, text):
    named = outcomes.names(text)
    for version in named.versions:
        for row in run.new_rows():
            if row.version and numbers(row.version) == numbers(version) and row.success and \
                    row.type not in ("DELETE", "BASELINE"):
                yield "version %s has a new row" % version
        for table in run.made_by(version):
            if table in run.after.names() - run.before.names():
                yield "table %s of version %s is there" % (table, version)
    for description in named.repeatables:
        if any(not row.version and row.description == description and row.success
               for row in run.new_rows()):
            yield "%r has a new row" % description


def is_applied(snapshot, version):
    """By its last row that counts."""
    rows = [row for row in snapshot.all_rows()
            if row.version and numbers(row.version) == numbers(version) and row.success]
    if not rows:
        return False
    last = max(rows, key=lambda row: int(row.installed_rank))
    return last.type != "DELETE" and not last.type.startswith("UNDO")


def undone(run, text):
    for version in outcomes.names(text).versions:
        if is_applied(run.after, version) or not is_applied(run.before, version):
            yield "version %s is not undone" % version


def undo_rolled_back(run, text):
    for version in outcomes.names(text).versions:
        if not is_applied(run.after, version):
            yield "version %s is undone" % version


def failed_row(run, text):
    named = outcomes.names(text)
    if not any(not row.success and (
            row.version in named.versions or not row.version and
            row.description in named.repeatables) for row in run.new_rows()):
        yield "there is no such row"


def table_made(run, text):
    if text.rpartition('."')[2].rstrip('"').replace('""', '"') not in run.after.names():
        yield "there is no such table"


def schemas_made(run, text):
    for name in re.findall(r'"((?:[^"]|"")+)"', text):
        if name.replace('""', '"') not in run.after.schemas():
            yield "there is no schema %s" % name


def nothing(run, _text):
    before, after = run.before, run.after
    for what, one, other in (("objects", before.objects, after.objects),
                             ("rows of tables", before.digests, after.digests)):
        if one != other:
            yield "%s are not as they were: %s" % (
                what, sorted(map(str, set(one.items()) ^ set(other.items())))[:4])


def statements(run, text):
    n, total, path = re.match(r"(\d+) of (\d+) statements of (.*) (?:have|are)", text).groups()
    path = os.path.join(run.folder, path)
    if not os.path.exists(path):
        return
    content = re.sub(r"--[^\n]*", "", read(path))
    parts = [part for part in content.split(";") if part.strip()]
    if len(parts) != int(total) or "$" in content:
        return          # not cut that simply
    for at, part in enumerate(parts):
        for table in TABLE.findall(part):
            if run.is_dropped(table) or table in run.before.names():
                continue
            if sum(table in TABLE.findall(read(one)) for one in run.scripts()) > 1:
                continue
            if (table in run.after.names()) != (at < int(n)):
                yield "table %s is %sthere" % (table, "" if at >= int(n) else "not ")


def invalid(run, text):
    schema, name = (part.replace('""', '"') for part in re.findall(r'"((?:[^"]|"")+)"', text))
    if not any(kind.endswith(" invalid") for (_, one, other), kind in run.after.objects.items()
               if (one, other) == (schema, name)):
        yield "there is no such index"


def callbacks(run, text):
    for path in re.split(r", | and ", text):
        if not glob.glob(os.path.join(run.folder, path)):
            yield "there is no %s" % path


def what_next(run, text):
    has_failed = any(not row.success for row in run.after.all_rows())
    if "which takes the failed row" in text and not has_failed:
        yield "there is nothing to repair"
    match = re.match(r"mend (\S+), then", text)
    if match and not re.search(r"\\x|\{", match.group(1)) and not os.path.exists(
            os.path.join(run.folder, match.group(1))):
        yield "there is no %s" % match.group(1)


CHECKS = {
    "kept": kept, "recorded": recorded, "rolled back": rolled_back, "will roll back": rolled_back,
    "undone": undone,
    "undo rolled back": undo_rolled_back, "undo will roll back": undo_rolled_back,
    "failed row": failed_row, "table made": table_made, "schemas made": schemas_made,
    "nothing": nothing, "dry": nothing, "statements": statements, "invalid": invalid,
    "callback": callbacks, "next": what_next,
}


# Where more than one target has failed, only these are true of all databases together.
OF_ONE = {"kept", "recorded", "failed row", "table made", "schemas made", "invalid", "callback",
          "next"}


def untrue_on_targets(run):
    for what, text in run.notes():
        if what in OF_ONE:
            for wrong in CHECKS[what](run, text):
                yield "%s %r, but %s" % (what, text, wrong)


def untrue(run):
    """The notes that the database contradicts, and what cannot be read."""
    if run.is_dropped("flyway_schema_history"):
        return          # by a script, after it was committed
    if run.is_on_targets():
        alone = run.of_failed_target()
        yield from untrue(alone) if alone else untrue_on_targets(run)
        return
    notes = run.notes()
    if not notes:       # as before the database is opened
        for wrong in nothing(run, ""):
            yield "it claims nothing, but %s" % wrong
    whats = {what for what, _ in notes}
    if "before" in whats:       # the snapshot is older than what this command found
        notes = [note for note in notes if note[0] not in ("nothing", "table made")]
    for what, text in notes:
        for wrong in CHECKS.get(what, lambda run, text: ())(run, text):
            yield "%s %r, but %s" % (what, text, wrong)
    failed = [row for row in run.new_rows() if not row.success]
    if failed and whats and "failed row" not in whats:
        yield "it does not say that %s has a failed row" % failed[0].script
    new = [row for row in run.new_rows() if row.success and row.type in ("SQL", "SCRIPT")]
    if new and whats & {"next", "nothing", "rolled back"} and not whats & {
            "kept", "recorded", "before", "undone", "undo rolled back"}:
        yield "it does not say that %s is applied" % new[0].script
