# SPDX-License-Identifier: Apache-2.0
"""What each sentence of cflyway claims about the database, and how that is checked.

CLAIMS is the whole list: a line of a broken run that fits none of it fails the test, so that a new
message needs its check here.  A check gets the Said of a run and the match, and returns what is not
true, or None.
"""
import glob
import os
import re

from .. import outcomes
from .kinds import COMMITS, PLAIN
from .world import done

TABLE = r'"\w+"\."flyway_schema_history"'


class Said:
    """One run that was broken: its outcome, and the database before and after it."""

    def __init__(self, kind, outcome, before, after):
        self.kind, self.outcome, self.before, self.after = kind, outcome, before, after
        self.lines = [line.strip() for line in outcome.text.splitlines()]
        self.begun = [step for step in map(self.announced, self.lines) if step]
        self.script_lines = kind.statement_lines()
        flushes = re.findall(r"(\d+) migrations? before may not have reached the disk", outcome.text)
        self.unflushed = int(flushes[0]) if flushes else 0      # these a crash may take
        self.is_unknown = self.tells_outcome = self.tells_rest = False

    def announced(self, line):
        match = re.match(r'(?:Migrating|Undoing migration of) schema "\w+" '
                         r'(?:to version "([\d.]+) - |with repeatable migration "())', line)
        return match and self.step(match.group(1))

    def step(self, version):
        """version: None for the repeatable one."""
        for step in self.kind.steps:
            if step.is_repeatable if version is None else \
                    step.version == version and not step.is_repeatable and step.content:
                return step
        raise AssertionError("%s has no step %s" % (self.kind.name, version))

    def current(self):
        """The steps that a sentence about the migration means: in a group, all of them."""
        return list(self.kind.steps) if self.kind.is_group else self.begun[-1:]

    def named(self, path):
        """The step whose script has this path, or None."""
        return next((step for step in self.kind.steps if path == "sql/" + step.name), None)

    def there(self, step):
        return {unit for unit in step.units if self.after.has(unit)}

    def is_done(self, step):
        return done(step, self.after)


# --- checks ---------------------------------------------------------------------------------------

def nothing(_said, _match):
    """It claims nothing about the database after the run."""


def ok(condition, text):
    return None if condition else text


def is_refused(said, _match):
    """The proxy has refused it, if the driver's message says so, too."""
    return ok(re.search(r"Connection to \S+ refused", said.outcome.text), "nobody refused it")


def begins(said, match):
    """What comes before is committed; in a group only together."""
    step = said.announced(match.string)
    before = said.kind.steps[:max(0, said.kind.steps.index(step) - said.unflushed)]
    return ok(said.kind.is_group or all(said.is_done(one) for one in before),
              "a migration before it has no row")


def has_version(said, match):
    return ok(any(row.version == match.group(1) for row in [*said.before.rows, *said.after.rows]),
              "no row has this version")


def all_done(said, _match):
    return ok(all(said.is_done(step) for step in said.kind.steps), "not everything is done")


def applied(said, match):
    """The number of a success."""
    new = [step for step in said.kind.steps
           if step.content and said.is_done(step) and not done(step, said.before)]
    return all_done(said, match) or ok(len(new) == int(match.group(1)), "%d are new" % len(new))


def rolled_back(said, _match):
    for step in said.current():
        if said.is_done(step) or said.there(step):
            return "of %s there is %s" % (step.name, sorted(said.there(step)) or "the row")
    return None


def has_row(said, _match):
    said.tells_outcome = True
    return ok(all(said.is_done(step) for step in said.current()), "there is no row")


def has_no_row(said, match):
    said.tells_outcome = True
    for step in said.current():
        if said.is_done(step):
            return "%s has its row" % step.name
    return rolled_back(said, match) if all(step.mode == PLAIN for step in said.current()) else None


def is_not_recorded(said, _match):
    said.tells_outcome = True
    return ok(not any(said.is_done(step) for step in said.current()), "there is a row")


def unknown(said, _match):
    said.is_unknown = said.tells_outcome = said.tells_rest = True


def created(said, _match):
    said.tells_outcome = True
    return ok(said.after.history, "there is no table")


def not_created(said, _match):
    said.tells_outcome = True
    return ok(not said.after.history, "there is a table")


def has_schema_row(said):
    return any(row.type == "SCHEMA" for row in said.after.rows)


def schemas_done(said, _match):
    said.tells_outcome = True
    return ok(has_schema_row(said), "there is no row")


def schemas_not_done(said, _match):
    said.tells_outcome = True
    return ok(not has_schema_row(said), "there is a row")


def repaired(said, match):
    said.tells_outcome = True
    return all_done(said, match)


def not_adopted(said, _match):
    said.tells_outcome = True
    return ok(said.after.history is None, "there is a history")


def repaired_in_part(said, _match):
    unknown(said, None)
    return ok("-executeInTransaction=false" in said.kind.args, "it was one transaction")


def statements_stay(said, match):
    """N of M statements of a script outside of a transaction."""
    said.tells_rest = True
    n, m, step = int(match.group(1)), int(match.group(2)), said.named(match.group(3))
    wanted = step.committed_after(n)
    if m != len(step.statements):
        return "it has %d statements" % len(step.statements)
    if match.group(4) == "are known to have":
        return ok(wanted <= said.there(step), "only %s" % sorted(said.there(step)))
    return ok(wanted == said.there(step), "there is %s" % sorted(said.there(step)))


def callback_commits(said, path, m, n):
    """What a callback has committed before its statement n + 1."""
    statements = [line for line in said.kind.files[path].splitlines() if line.strip()]
    ends = [at for at, sql in enumerate(statements[:n]) if sql == "commit;"]
    units = re.findall(r"'(~[^']*)'", "".join(statements[:ends[-1]] if ends else ()))
    if m != len(statements):
        return "it has %d statements" % len(statements)
    return ok(all(said.after.has(unit) for unit in units), "not all of %s is there" % units)


def commits_stay(said, match):
    """N of M statements of a script with COMMITs have been run."""
    said.tells_rest = True
    step, m, n = said.named(match.group(1)), int(match.group(2)), int(match.group(3))
    if step is None:                # a callback
        return callback_commits(said, match.group(1), m, n)
    wanted, there = step.committed_after(n), said.there(step)
    if m != len(step.statements):
        return "it has %d statements" % len(step.statements)
    if "It is not known whether" in said.outcome.text:
        return ok(wanted <= there, "only %s" % sorted(there))
    return ok(wanted == there or said.is_done(step), "there is %s" % sorted(there))


def callback_stays(said, _match):
    said.tells_rest = True


def unanswered(said, match):
    """At this line it is unknown; what comes before was committed, what comes after was not sent."""
    unknown(said, match)
    step = said.named(match.group(2))
    if step is None:                # a callback
        return ok(match.group(2) in said.kind.files, "there is no such script")
    lines = [step.first_line(number) for number in range(len(step.statements))]
    if int(match.group(1)) not in lines:
        return "no statement begins there"
    at = lines.index(int(match.group(1)))
    if step.mode == COMMITS and step.statements[at][0].lower() != "commit":
        return "it is no COMMIT"
    there = said.there(step)
    return ok(step.committed_after(at) <= there <= step.committed_after(at + 1),
              "there is %s" % sorted(there))


def is_invalid(said, _match):
    said.tells_rest = True
    return ok("i invalid" in said.after.objects.values(), "there is no invalid index")


def named_steps(said, match):
    named = outcomes.names(match.group(1))
    return [said.step(version) for version in named.versions] + [
        step for step in said.kind.steps if step.is_repeatable and step.description in
        named.repeatables]


def now_done(said, match):
    """This run has done exactly these, before one of them was in doubt."""
    named = named_steps(said, match)
    new = [step for step in said.kind.steps if step.content and said.is_done(step) and
           not done(step, said.before)]
    # One whose outcome is not known may be among the new ones.
    wrong = [step.name for step in named if step not in new] + [
        step.name for step in new if step not in named and not said.is_unknown]
    return ok(not wrong or said.unflushed, "this is wrong of %s" % wrong)


def not_done(said, match):
    for step in named_steps(said, match):
        if said.is_done(step) or said.there(step) and step.mode == PLAIN:
            return "%s is done" % step.name
    return None


def in_doubt(said, match):
    unknown(said, match)
    named_steps(said, match)


def has_failed_row(said, match):
    version = outcomes.names(match.group(1)).versions[0]
    return ok(any(row.version == version and not row.success for row in said.after.rows),
              "there is no such row")


def table_made(said, _match):
    return ok(said.after.history and not said.before.history, "there is no new table")


def schemas_made(said, match):
    return ok(all(name in said.after.schemas for name in re.findall(r'"(\w+)"', match.group(0))),
              "not all of them are there")


def callbacks_done(said, match):
    """Those that leave a unit have left it."""
    for path in re.findall(r"sql/(\w+)\.sql", match.group(0)):
        content = said.kind.files.get("sql/%s.sql" % path, "")
        units = re.findall(r"'(~[^']*)'", content)
        if not all(said.after.has(unit) for unit in units):
            return "%s has not run" % path
    return None


def nothing_changed(said, _match):
    same = (said.before.units, said.before.rows, said.before.schemas, said.before.history) == (
        said.after.units, said.after.rows, said.after.schemas, said.after.history)
    return ok(same, "it is not as it was")


def nothing_dropped(said, _match):
    gone = said.before.objects.keys() - said.after.objects.keys()
    return ok(not gone, "%s are gone" % sorted(map(str, gone))[:4])


def changes_made(said, match):
    return repaired(said, match) if "-executeInTransaction=false" not in said.kind.args else ok(
        said.before.rows != said.after.rows, "the rows are as they were")


def not_flushed(said, match):
    """Those before them are there: see begins."""
    return ok("-cflyway.durability=run" in said.kind.args and
              int(match.group(1)) < len(said.begun) + 1, "%d were begun" % len(said.begun))


def lock_lost(_said, _match):
    return "no script drops the lock"


LOST = "the connection was lost during COMMIT. "
NOT_KNOWN = "Its outcome is not known yet: "
CLAIMS = [(re.compile(pattern), check) for pattern, check in (
    # How it went
    (r'(?:Migrating|Undoing migration of) schema .*', begins),
    (r'Current version of schema "\w+": ([\d.]+)', has_version),
    (r'Successfully (?:applied|undid) (\d+) migrations? to schema .*', applied),
    (r'Successfully (?:repaired schema history table|baselined schema with version'
     r'|adopted the history of) ?.*', all_done),
    (r'(?:Migration|Undo of migration) of schema .* failed! Changes successfully rolled back\.',
     rolled_back),
    # The outcome of a COMMIT
    (LOST + r'The migration has been applied: its row is in %s\.' % TABLE, has_row),
    (LOST + r'The migration has been undone: the row that says so is in %s\.' % TABLE, has_row),
    (LOST + r'The migration has been undone: its row is no longer in %s\.' % TABLE, has_row),
    (LOST + r'The migration has not been applied: its row is not in %s\.' % TABLE, has_no_row),
    (LOST + r'The migration has not been undone: no row that says so is in %s\.' % TABLE,
     has_no_row),
    (LOST + r'The migration has not been undone: its row is still in %s\.' % TABLE, has_no_row),
    (LOST + r'The migration has not been recorded: its row is not in %s\.' % TABLE,
     is_not_recorded),
    (LOST + r'The server has created %s\.' % TABLE, created),
    (LOST + r'The server has not created %s\.' % TABLE, not_created),
    (LOST + r'The schemas have been created: their row is in %s\.' % TABLE, schemas_done),
    (LOST + r'The schemas have not been created: their row is not in %s\.' % TABLE,
     schemas_not_done),
    (LOST + r'The repair has been carried out: its changes are in %s\.' % TABLE, repaired),
    (LOST + r'The history has been adopted: its rows are in %s\.' % TABLE, repaired),
    (LOST + r'The history has not been adopted: its rows are not in %s\.' % TABLE, not_adopted),
    (LOST + NOT_KNOWN + r'(?:the row of the schemas is not in|the rows? (?:is|are) not in'
     r'|the row is still in|the changes are not in|the server has not created) %s\.' % TABLE,
     unknown),
    (LOST + r'Whether (?:the migration has been (?:applied|undone)'
     r'|the schema history table is there|the schemas have been created'
     r'|the repair has been carried out|the history has been adopted) is shown by info\.', unknown),
    (LOST + r'It is not known whether schema "\w+" has been created\.', unknown),
    (LOST + r'It is not known whether what \S+ has done is there to stay: look at the database '
     r'before the next run\.', unknown),
    # What stays
    (r'(\d+) of (\d+) statements of (\S+) (have|are known to have) been applied and stay\.',
     statements_stay),
    (r'(\S+) ends transactions itself: of its (\d+) statements (\d+) have been run, and what they '
     r'committed stays\.', commits_stay),
    (r'\S+ has ended the transaction: what it committed stays', callback_stays),
    (r'the connection was lost at line (\d+) of (\S+), before the server had answered\. It is not '
     r'known whether this has been committed: look at the database before the next run\.',
     unanswered),
    (r'the connection was lost\. What has been changed so far stays; whether the last change has '
     r'been made is shown by info\.', repaired_in_part),
    (r'kept: (versions? .*|the repeatable .*) \(applied in this run\)', now_done),
    (r'undone: (versions? .*) \(in this run\)', now_done),
    (r'rolled back: (?:the undo of )?(versions? .*|the repeatable .*)', not_done),
    (r'the server rolls back (?:the undo of )?(.*) when it notices that the connection is gone',
     not_done),
    (r'unknown: whether the history (?:still )?has (.*)', in_doubt),
    (r'the history lists (.*) as failed', has_failed_row),
    (r'kept: the new schema history table %s(?: with the baseline \S+)?' % TABLE, table_made),
    (r'kept: the new schemas? ".*', schemas_made),
    (r'kept: what (?:.*) did(?:, from .*)?', callbacks_done),
    (r'kept: \d+ changes? of the history', changes_made),
    (r'nothing was changed', nothing_changed),
    (r'interrupted during \w+(?:, which only reads)?', nothing),
    (r'interrupted during clean, while (?:cleaning|dropping) schema "\w+"', nothing),
    (r'interrupted during clean, while cleaning schema "\w+": nothing of it was dropped',
     nothing_dropped),
    (r'next: .*', nothing),
    (r'(\d+) migrations? before may not have reached the disk yet \(cflyway\.durability=run\): if '
     r'the server has crashed, they are gone together with their rows', not_flushed),
    (r'the lock on %s had been released before the end of the migration' % TABLE, lock_lost),
    (r'the index .* is INVALID: no query uses it, .*', is_invalid),
    # Nothing about what is there afterwards
    (r'more: "cflyway explain \w+"', nothing),
    (r'\S+:\d+ closed the connection without an answer: .*', nothing),
    (r'\S+\.sql:\d+(?::\d+)?|\s*\d+ \|.*|\s*\|\s*\^+', nothing),    # the place in a script
    (r'|-+|cflyway [\d.]+ \(compatible with .*\)|Database: .*', nothing),
    (r'Schema history table %s does not exist yet' % TABLE, nothing),
    (r'Successfully validated \d+ migrations? .*', nothing),
    (r'Creating (?:Schema History table|schema) .* \.\.\.', nothing),
    (r'Current version of schema "\w+": (?:<< Empty Schema >>|null)', nothing),
    (r'Executing SQL callback: .*', nothing),
    (r'Repairing Schema History table for version .* \.\.\.', nothing),
    (r'\+[-+]+\+|\|.*\|', nothing),
    (r'%s has the history of goose' % TABLE.replace("flyway_schema_history", "goose_db_version"),
     nothing),
    (r'Please ensure the previous contents of the deleted migrations .*', nothing),
    (r'(?:WARNING: )?The rows of type UNDO_SQL in .*', nothing),
    (r'(?:Migration|Undo of migration) of schema .* failed! Please restore backups and roll back '
     r'database and code!', nothing),
    (r'Failed to execute operation in non-transactional context\. Please restore backups and roll '
     r'back database and code!', nothing),
    (r'Unable to (?:check whether|look for the table|read the|obtain connection'
     r'|commit transaction|create schema|execute COPY|insert row|delete row'
     r'|repair Schema History|release).*', nothing),
    (r'Error while (?:retrieving the list of applied migrations|executing \w+ callback).*',
     nothing),
    (r'Failed to execute script ?.*', nothing),
    (r'(?:SQL State|Error Code|Message|Location|Line|Statement) *: .*', nothing),
    (r'(?:Caused by|Where|Detail|Hint|Position): .*', nothing),
    (r'(?:PL/pgSQL|SQL) function \w+(?:\(.*\))? .*', nothing),       # goes on after Where
    (r'An I/O error occurred while sending to the backend\.(?: \(SQL State: 08006\))?', nothing),
    (r'(?:connection to server .* failed: )?(?:FATAL: .*|server closed the connection unexpectedly'
     r'|Connection refused|no connection to (?:the )?server|could not (?:send|receive) .*'
     r'|SSL connection has been closed unexpectedly|timeout expired)', nothing),
    (r'nothing listens on \S+: the server is stopped, or it listens elsewhere', is_refused),
    (r'This probably means the server terminated abnormally|before or while processing the '
     r'request\.|Is the server running on that host and accepting TCP/IP connections\?', nothing),
    (r'waiting for the lock on %s, held by .*' % TABLE, nothing),
    (r'(?:WARNING: DB|warning of COPY): terminating connection (?:due to administrator command'
     r'|because of crash of another server process) .*', nothing),
)]
# After one of these somebody will ask what has become of the migration.
ASKS = re.compile(r"Unable to (?:commit transaction|insert row|delete row|repair)|failed!")


def untrue(said):
    """The sentences that do not fit the database, and what should have been said."""
    for raw in said.lines:
        line = re.sub(r"^(?:ERROR: |cflyway: )+", "", raw)
        checks = [(check, match) for pattern, check in CLAIMS
                  for match in [pattern.fullmatch(line)] if match]
        if not checks and line.rstrip(";") not in said.script_lines:
            yield "no check for the line %r" % raw
        for check, match in checks:
            wrong = check(said, match)
            if wrong:
                yield "%r, but %s" % (raw, wrong)
    code = said.outcome.code
    if code == 0:
        if not all(said.is_done(step) for step in said.kind.steps):
            yield "exit 0, but not everything is done"
        return
    if code != 1 or "ERROR: " not in said.outcome.text:
        yield "exit %s, and no error" % code
    if ASKS.search(said.outcome.text) and not said.tells_outcome:
        for step in said.current():
            if said.is_done(step) and not done(step, said.before):
                yield "it does not say that %s is done" % step.name
    for step in said.kind.steps:
        if not said.is_done(step) and said.there(step) and not said.tells_rest:
            yield "it does not say that of %s there is %s" % (
                step.name, sorted(said.there(step)))


# --- the sentences of the program -----------------------------------------------------------------

QUESTION = re.compile(r'\.(succeeded|failed|missing|unknown) = ((?:"[^"]*"\s*)+)')


def sentences(folder):
    """The sentences about the outcome of a COMMIT in the sources, as they are printed."""
    for path in sorted(glob.glob(os.path.join(folder, "*", "*.c"))):
        with open(path, encoding="utf-8") as file:
            for name, text in QUESTION.findall(file.read()):
                text = "".join(re.findall(r'"([^"]*)"', text))
                yield LOST + text + (
                    "" if name == "unknown" else ' "public"."flyway_schema_history".')


def unchecked(folder):
    """Those that have no check of their own."""
    return [text for text in sentences(folder)
            if not any(pattern.fullmatch(text) for pattern, check in CLAIMS if check != nothing)]
