# SPDX-License-Identifier: Apache-2.0
"""The differences that are deliberate, each named after its section in doc/differences.md.

A filter applies to a command whose results differ. It changes what both programs have shown; if
all is equal afterwards, the difference counts under the names of the filters that changed
something. Each is as narrow as its section: what else differs in the same command stays.
"""
import collections
import os
import re
import unicodedata

class Context(collections.namedtuple("Context", "step files kind links sql", defaults=({}, ()))):
    """What a filter may ask about a command: its step, the texts of all files, the database, where
    links lead to, and what other programs have done in the database."""

    def configuration(self):
        """The texts that set options: files, variables, arguments."""
        variables = ["%s=%s" % pair for pair in self.step.get("env", {}).items()]
        return [*self.step["args"], *variables,
                *(text for path, text in self.files.items() if path.startswith("flyway."))]

    def has_option(self, key):
        flat = key.replace(".", "").lower()
        return any(flat in text.replace("_", "").replace(".", "").lower()
                   for text in self.configuration())

    def mentions(self, value):
        """Whether an option has it."""
        return any(value in text for text in self.configuration())


class Filter:
    """section: a heading of doc/differences.md; when(context, flyway, ours): whether it is asked;
    change(flyway, ours): both as they are compared."""

    def __init__(self, section, change, when=None):
        self.section, self.change, self.when = section, change, when

    def applies(self, context, flyway, ours):
        return self.when is None or self.when(context, flyway, ours)


def texts(function):
    """A change of standard output and error of both programs, and of the files that they write."""
    def change(flyway, ours):
        return tuple(seen._replace(out=function(seen.out), err=function(seen.err),
                                   files=function(seen.files))
                     for seen in (flyway, ours))
    return change


def sorted_block(match):
    """The files of a duplicate, and its version in one form: 2 for 2.0 and 02."""
    end = match.group("end")
    files = sorted(match.group("files").split(end))
    return "Found more than one migration with version %s%sOffenders:%s" % (
        plain_version(match.group("version")), end, end.join(files))


DUPLICATES = re.compile(r"Found more than one migration with version (?P<version>[\d.]+)"
                        r"(?P<end>\n|\\n)Offenders:(?P<files>(?:(?P=end)-> [^\n\\\"]*)+)")


def duplicates(text):
    return DUPLICATES.sub(sorted_block, text)


def names_the_version(context, text):
    """The duplicated version and its files, if all of these are there and have the version."""
    found = DUPLICATES.search(text)
    if not found:
        return None
    version = plain_version(found.group("version"))
    for name in re.findall(r"-> (?:\{\{CWD\}\}/)?([^\n\\]*) \(\w+\)", found.group("files")):
        if name not in context.files or version != version_of(name):
            return None
    return version


def plain_version(text):
    parts = [part.lstrip("0") or "0" for part in re.split("[._]", text)]
    return re.sub(r"(\.0)+$", "", ".".join(parts))


def version_of(path):
    found = re.match(r"[A-Za-z]+(\d+(?:[._]\d+)*)(?=_|-|\.[a-z])", os.path.basename(path))
    return plain_version(found.group(1)) if found else None


def duplicates_of_more(context, flyway, ours):
    """Whether three files or more have one version; each program names two of them."""
    versions = {names_the_version(context, seen.err + seen.out) for seen in (flyway, ours)}
    return len(versions) == 1 and None not in versions and \
        sum(version_of(path) in versions for path in context.files) > 2


def without_files(text):
    return DUPLICATES.sub("Found more than one migration with a version", text)


def shown_without(table):
    """Takes the result tables with this one column out of a text."""
    pattern = re.compile(r"(?m)^\+-+\+\n\| %s +\|\n\+-+\+\n(\|.*\|\n)*\+-+\+(\n\n?|\Z)" %
                         re.escape(table))
    return texts(lambda text: pattern.sub("", text))


# What Java says about a value that is no boolean or number, and the key at the end of the chain.
JAVA_VALUE = re.compile(
    r'tools\.jackson\.databind\.exc\.InvalidFormatException: Cannot deserialize value of type '
    r'`java\.lang\.(?P<type>Boolean|Integer)` from String "(?P<value>[^"]*)": .*\n'
    r' at \[No location information\] \(through reference chain: '
    r'(?:[^"]*\["environments"\]->[^"]*\["(?P<environment>[^"]+)"\]->)?.*\["(?P<key>[^"]+)"\]\)')
JAVA_VALUE_JSON = re.compile(
    r'"errorCode" : "FAULT",\n( *)"message" : "Cannot deserialize value of type '
    r'`java\.lang\.(?P<type>Boolean|Integer)` from String \\"(?P<value>[^"]*)\\": .*'
    r'\[\\"(?P<key>[^"]+)\\"\]\)",\n *"stackTrace" : "<STACK>",')
SHOULD_BE = {"Boolean": "either true or false", "Integer": "an integer"}


def wrong_value(match):
    environment = match.groupdict().get("environment")
    place = "environments." + environment if environment else "flyway"
    return "Invalid value for %s.%s (should be %s): %s" % (
        place, match.group("key"), SHOULD_BE[match.group("type")], match.group("value"))


def wrong_value_json(match):
    return '"errorCode" : "CONFIGURATION",\n%s"message" : "%s",' % (
        match.group(1), wrong_value(match))


def wrong_values(text):
    return JAVA_VALUE_JSON.sub(wrong_value_json, JAVA_VALUE.sub(wrong_value, text))


INVALID_VALUE = re.compile(r"Invalid value for [\w.]*?(?P<key>\w+) \(should be (either true or "
                           r"false|an integer)\): (?P<value>[^\n\"]*)")


def names_a_wrong_value(context, text):
    found = INVALID_VALUE.search(text)
    return bool(found) and context.has_option(found.group("key")) and \
        context.mentions(found.group("value"))


def several_wrong_values(context, flyway, ours):
    """Whether each program names another one of the wrong values."""
    return all(names_a_wrong_value(context, seen.err + "\n" + seen.out)
               for seen in (flyway, ours))


def without_value(text):
    return INVALID_VALUE.sub("Invalid value", text)


def baseline_between(context, _flyway, ours):
    """Whether Flyway may miss a duplicate for a baseline migration of the same version."""
    found = DUPLICATES.search(ours.err + ours.out)
    if not found:
        return False
    version = re.sub(r"^0+(?=\d)|(\.0)+$", "", found.group("version"))
    return any(re.match(r"(B|BASE)0*%s(\.0)*__" % re.escape(version), os.path.basename(path))
               for path in context.files)


UNKNOWN_KEYS = re.compile(r"(?<=Unknown configuration properties: )[^\s]+(?=\. Please check)")


KEY_LINES = re.compile(r"(?P<end>\n|\\n)(\t|\\t)(Unknown|Removed|Renamed|Deprecated): '[^\n\\\"]*"
                       r"(?:(?P=end)(\t|\\t)(Unknown|Removed|Renamed|Deprecated): '[^\n\\\"]*)+")


def sorted_lines(match):
    end = match.group("end")
    return end + end.join(sorted(match.group(0)[len(end):].split(end)))


def unknown_keys(text):
    text = UNKNOWN_KEYS.sub(lambda keys: ",".join(sorted(keys.group(0).split(","))), text)
    return KEY_LINES.sub(sorted_lines, text)


ADVERTISEMENT = re.compile(
    r"(?<= is not supported by OSS\.) Download Redgate Edition for free: https://rd\.gt/\w+\. Once "
    r"you have installed Redgate Edition, you can start a free \w+ trial by running "
    r"auth -start\w+Trial -IAgreeToTheEula\.")


def without_advertisement(text):
    return ADVERTISEMENT.sub("", text)


def end_of_stack_in_file(flyway, ours):
    """Takes the empty line after a stack trace (which is no longer there) out of -outputFile."""
    return tuple(seen._replace(files=re.sub("\n+", "\n", seen.files)) for seen in (flyway, ours))


def error_in_file(flyway, ours):
    """Takes an error before the banner out of the file that -outputFile names."""
    empty_file = "file out.txt\n"
    shown = "\n".join(text for text in (ours.out, ours.err) if text)
    if empty_file in flyway.files and empty_file + shown in ours.files and \
            "<BANNER>" not in ours.out:
        ours = ours._replace(files=ours.files.replace(empty_file + shown, empty_file))
    return flyway, ours


UNREADABLE = re.compile(r"Unable to read file (\S.*?): No such file or directory")


def names_dangling_link(context, flyway, ours):
    """Whether cflyway has stopped at a link that leads to nothing."""
    if "-migrationIds" in context.step["args"] and ours == flyway._replace(exit="1", out=""):
        return ours.err == "" and any(path.endswith(".sql") for path in context.links)
    found = UNREADABLE.search(ours.err + ours.out)
    return bool(found) and any(path.endswith(found.group(1)) or found.group(1).endswith(path)
                               for path in context.links)


FOLLOW_UPS = re.compile(r"(?m)^ERROR: Unable to (rollback transaction|restore autocommit to "
                        r"original value for connection|release PostgreSQL advisory lock)(\n|\Z)\n?")


def without_follow_ups(text):
    return FOLLOW_UPS.sub("", text).rstrip("\n")


# A program that failed: what it did stays.
ROLLED_BACK = "Changes successfully rolled back."
NOT_ROLLED_BACK = "Please restore backups and roll back database and code!"


def failed_program(flyway, ours):
    if "Migration failed !" in flyway.err + flyway.out:
        flyway, ours = texts(lambda text: text.replace(ROLLED_BACK, NOT_ROLLED_BACK))(flyway, ours)
    return flyway, ours


def has_program(context, *_):
    return any(path.endswith((".sh", ".bash")) for path in context.files)


def says(context, kind, flyway, words, files):
    """Whether Flyway says one of the words, and a file of the project has another."""
    return context.kind == kind and any(word in flyway.err + flyway.out for word in words) and \
        any(word in text.lower() or word in path for path, text in context.files.items()
            for word in files)


def commits_in_script(context, flyway, _ours):
    return says(context, "sqlite", flyway, ("cannot commit - no transaction is active",
                                            "cannot rollback - no transaction is active",
                                            "Unable to rollback transaction"),
                ("commit", "end;", "rollback"))


def callback_between(context, flyway, _ours):
    return says(context, "sqlite", flyway, ("The database file is locked (database is locked)",),
                ("afterVersioned", "beforeRepeatables"))


def drops_lock(context, flyway, _ours):
    return says(context, "postgresql", flyway, ("Unable to release PostgreSQL advisory lock",),
                ("discard all",))


NOT_TRANSACTIONAL = ("vacuum", "concurrently", "discard all")
SETS_TRANSACTION = re.compile(r"(?m)^executeInTransaction *= *(true|false)$")


def script_configs(context):
    """What the configurations of scripts say about transactions."""
    return [value for path, text in context.files.items() if path.endswith(".conf")
            for value in SETS_TRANSACTION.findall(text)]


def shares_no_transaction(context, flyway, ours):
    """Whether a group has failed in which a script may be outside of a transaction."""
    mixes = context.has_option("mixed") and any(
        word in text.lower() for text in context.files.values() for word in NOT_TRANSACTIONAL)
    in_transaction = "must be called before any query" in ours.err + ours.out
    return ours.exit == "1" and (flyway.exit == "1" or in_transaction) and \
        context.has_option("group") and (
        mixes or context.has_option("executeInTransaction") or "false" in script_configs(context))


def transaction_of_one(context, flyway, ours):
    """Whether a script with a transaction of its own has failed."""
    said = "Failed to execute operation in non-transactional context"
    return flyway.exit == ours.exit == "1" and said in flyway.err + flyway.out and \
        "true" in script_configs(context)


def quotes_badly(context, flyway, _ours):
    return context.has_option("baselineDescription") and context.mentions("It's here") and \
        'syntax error' in flyway.err + flyway.out


BEGINS = re.compile(r"(?im)(^|;)\W*(begin|start\s+transaction)\b[^;]*;")


def leaves_savepoint(context, flyway, _ours):
    return says(context, "sqlite", flyway, ("cannot start a transaction within a transaction",
                                            "Unable to rollback transaction"), ("savepoint",)) and \
        (context.has_option("executeInTransaction") or "false" in script_configs(context))


def has_namesakes(context, flyway, ours):
    """Whether callbacks that are programs have one name."""
    names = [os.path.basename(path).rsplit(".", 1)[0] for path in context.files
             if path.endswith((".sh", ".bash"))]
    twice = {name for name in names if names.count(name) > 1}
    return flyway.exit == ours.exit and any(
        "script callback: " + name.split("__")[0] in ours.out for name in twice)


def lost_a_column(context, _flyway, ours):
    said = ("(no such column: h.", "Error while checking whether the schemas should be dropped")
    return context.kind == "sqlite" and any("drop column" in sql for sql in context.sql) and \
        any(words in ours.err + ours.out for words in said)


def begins_and_leaves_open(context, flyway, ours):
    """Whether only objects and rows are missing in Flyway that a transaction of a script made."""
    missing = set(flyway.database.split("\n")) - set(ours.database.split("\n"))
    return context.kind == "postgresql" and context.has_option("executeInTransaction") and \
        not missing and flyway._replace(database=ours.database) == ours and \
        any(path.endswith(".sql") and BEGINS.search(text) for path, text in context.files.items())


def fails_in_own_transaction(context, flyway, ours):
    """Whether Flyway could not unlock in a transaction that a script has begun, and had no row."""
    missing = set(flyway.history.splitlines()) - set(ours.history.splitlines())
    return context.kind == "postgresql" and flyway.exit == ours.exit == "1" and not missing and \
        "Unable to release PostgreSQL advisory lock" in flyway.err + flyway.out and \
        any(path.endswith(".sql") and BEGINS.search(text) for path, text in context.files.items())


COMMITS = re.compile(r"(?im)(^|;)\W*(commit|end)\b[^;]*;")


def commits_rows_of_group(context, flyway, ours):
    """Whether only rows are missing in Flyway, of a group in which a script commits."""
    missing = set(flyway.history.splitlines()) - set(ours.history.splitlines())
    return context.kind == "postgresql" and context.has_option("group") and flyway.exit == "1" and \
        not missing and flyway._replace(history=ours.history) == ours and \
        any(path.endswith(".sql") and COMMITS.search(text) for path, text in context.files.items())


def returns_in_batch(context, flyway, _ours):
    return context.has_option("batch") and "query returns results" in flyway.err + flyway.out


def stops_at_nul(context, flyway, ours):
    """With -migrationIds, or if a callback fails then, neither says at what it stops."""
    says_nothing = flyway.exit == ours.exit == "1" and (
        "-migrationIds" in context.step["args"] and flyway.err == ours.err == "" or
        any("afterMigrateError" in path for path in context.files))
    return ("holds a NUL character" in ours.err + ours.out or says_nothing) and \
        any("\0" in text for text in context.files.values())


NESTED_COMMENT = re.compile(r"/\*(?:(?!\*/).)*/\*", re.DOTALL)


def seems_to_nest(context, *_):
    """SQLite's comments do not nest."""
    return context.kind == "sqlite" and any(NESTED_COMMENT.search(text)
                                            for text in context.files.values())


def flyway_hangs(context, flyway, _ours, words):
    return flyway.exit == "timeout" and \
        any(words in text.lower() for text in context.files.values())


def never_ends_at_digit(context, flyway, _ours):
    """Read as UTF-16, what was written as UTF-8 holds digits of other scripts."""
    return flyway.exit == "timeout" and context.mentions("UTF-16") and any(
        unicodedata.category(c) == "Nd" for text in context.files.values()
        for c in text.encode("utf-8", "replace").decode("utf-16-be", "replace"))


def gives_up_late(_context, flyway, ours):
    """Flyway takes longer than a walk waits."""
    return flyway.exit == "timeout" and 'tablespace "nope" does not exist' in \
        (ours.err + ours.out).replace('\\"', '"')


def hides_tablespace(_context, flyway, ours):
    """Flyway fails once more, before it can say so."""
    return flyway.exit == ours.exit and 'tablespace "nope" does not exist' in ours.err + ours.out \
        and "Unable to restore connection to its original state" in flyway.err + flyway.out


def lacks_index(context, _flyway, ours):
    return context.kind == "sqlite" and context.has_option("executeInTransaction") and \
        "_s_idx already exists" in ours.err + ours.out


def reads_undo_rows(context, flyway, _ours):
    said = ("Unknown migration type 'UNDO_SQL' found in schema history.",
            "Error while checking whether the schemas should be dropped.")
    return any("'UNDO_SQL'" in sql for sql in context.sql) and \
        any(words in flyway.err + flyway.out for words in said)


def same_all(flyway, _ours):
    return flyway, flyway


FILTERS = [
    Filter("Wrong values", texts(duplicates)),
    Filter("Wrong values", texts(without_files), duplicates_of_more),
    Filter("Wrong values", same_all, baseline_between),
    Filter("Wrong values", texts(wrong_values)),
    Filter("Wrong values", texts(without_value), several_wrong_values),
    Filter("Wrong values", texts(unknown_keys)),
    Filter("Features of other editions", texts(without_advertisement)),
    Filter("Java causes", end_of_stack_in_file,
           lambda context, *_: "-outputFile=out.txt" in context.step["args"]),
    Filter("Output files", error_in_file,
           lambda context, *_: "-outputFile=out.txt" in context.step["args"]),
    Filter("Files and folders that cannot be read", same_all, names_dangling_link),
    Filter("Statements that Flyway's parser cuts wrongly", same_all, stops_at_nul),
    Filter("Results of initSql", shown_without("init"),
           lambda context, *_: context.has_option("initSql")),
    Filter("Scripts that are not SQL and fail", failed_program, has_program),
    Filter("COMMIT in a script on SQLite", same_all, commits_in_script),
    Filter("SQLite: callbacks between migrations", same_all, callback_between),
    Filter("Groups that share no transaction", same_all, shares_no_transaction),
    Filter("executeInTransaction of a single script", same_all, transaction_of_one),
    Filter("Quotes in baselineDescription and installedBy", same_all, quotes_badly),
    Filter("Savepoints on SQLite outside of a transaction", same_all, leaves_savepoint),
    Filter("Order of callbacks with the same name", same_all, has_namesakes),
    Filter("Missing columns of the history table on SQLite", same_all, lost_a_column),
    Filter("Batches", same_all, returns_in_batch),
    Filter("Undo migrations", same_all, reads_undo_rows),
    Filter("Scripts that drop the lock", same_all, drops_lock),
    Filter("Statements that Flyway's parser cuts wrongly", same_all, seems_to_nest),
    Filter("Statements that Flyway's parser cuts wrongly", same_all, never_ends_at_digit),
    Filter("History tables that cannot be created", same_all, gives_up_late),
    Filter("History tables that cannot be created", same_all, lacks_index),
    Filter("History tables that cannot be created", same_all, hides_tablespace),
    Filter("Transactions that a script leaves open", same_all, begins_and_leaves_open),
    Filter("Transactions that a script leaves open", same_all, fails_in_own_transaction),
    Filter("One transaction for migration and history row", same_all, commits_rows_of_group),
    # after those that look for what it takes away
    Filter("Follow-up errors", texts(without_follow_ups)),
    Filter("CREATE INDEX CONCURRENTLY", same_all,
           lambda context, flyway, ours: flyway_hangs(context, flyway, ours, "concurrently")),
]
