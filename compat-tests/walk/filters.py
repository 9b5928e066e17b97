# SPDX-License-Identifier: Apache-2.0
"""The differences that are deliberate, each named after its section in doc/differences.md.

A filter applies to a command whose results differ. It changes what both programs have shown; if
all is equal afterwards, the difference counts under the names of the filters that changed
something. Each is as narrow as its section: what else differs in the same command stays.
"""
import collections
import re

class Context(collections.namedtuple("Context", "step files kind")):
    """What a filter may ask about a command: its step, the texts of all files, the database."""

    def has_option(self, key):
        """Whether it is set somewhere: in a file, a variable, an argument."""
        flat = key.replace(".", "").lower()
        said = [*self.step["args"], *self.step.get("env", ()),
                *(text for path, text in self.files.items() if path.startswith("flyway."))]
        return any(flat in text.replace("_", "").replace(".", "").lower() for text in said)


class Filter:
    """section: a heading of doc/differences.md; when(context, flyway, ours): whether it is asked;
    change(flyway, ours): both as they are compared."""

    def __init__(self, section, change, when=None):
        self.section, self.change, self.when = section, change, when

    def applies(self, context, flyway, ours):
        return self.when is None or self.when(context, flyway, ours)


def texts(function):
    """A change of standard output and error of both programs."""
    def change(flyway, ours):
        return tuple(seen._replace(out=function(seen.out), err=function(seen.err))
                     for seen in (flyway, ours))
    return change


def sorted_block(match):
    """The files of a duplicate, and its version in one form: 2 for 2.0 and 02."""
    end = match.group("end")
    files = sorted(match.group("files").split(end))
    version = ".".join(part.lstrip("0") or "0" for part in match.group("version").split("."))
    return "Found more than one migration with version %s%sOffenders:%s" % (
        re.sub(r"(\.0)+$", "", version), end, end.join(files))


DUPLICATES = re.compile(r"Found more than one migration with version (?P<version>[\d.]+)"
                        r"(?P<end>\n|\\n)Offenders:(?P<files>(?:(?P=end)-> [^\n\\\"]*)+)")


def duplicates(text):
    return DUPLICATES.sub(sorted_block, text)


def shown_without(table):
    """Takes the result tables with this one column out of a text."""
    pattern = re.compile(r"(?m)^\+-+\+\n\| %s +\|\n\+-+\+\n(\|.*\|\n)*\+-+\+(\n\n?|\Z)" %
                         re.escape(table))
    return texts(lambda text: pattern.sub("", text))


# What Java says about a value that is no boolean or number, and the key at the end of the chain.
JAVA_VALUE = re.compile(
    r'tools\.jackson\.databind\.exc\.InvalidFormatException: Cannot deserialize value of type '
    r'`java\.lang\.(?P<type>Boolean|Integer)` from String "(?P<value>[^"]*)": .*\n'
    r' at \[No location information\] \(through reference chain: .*\["(?P<key>[^"]+)"\]\)')
JAVA_VALUE_JSON = re.compile(
    r'"errorCode" : "FAULT",\n( *)"message" : "Cannot deserialize value of type '
    r'`java\.lang\.(?P<type>Boolean|Integer)` from String \\"(?P<value>[^"]*)\\": .*'
    r'\[\\"(?P<key>[^"]+)\\"\]\)",\n *"stackTrace" : "<STACK>",')
SHOULD_BE = {"Boolean": "either true or false", "Integer": "an integer"}


def wrong_value(match):
    return "Invalid value for flyway.%s (should be %s): %s" % (
        match.group("key"), SHOULD_BE[match.group("type")], match.group("value"))


def wrong_value_json(match):
    return '"errorCode" : "CONFIGURATION",\n%s"message" : "%s",' % (
        match.group(1), wrong_value(match))


def wrong_values(text):
    return JAVA_VALUE_JSON.sub(wrong_value_json, JAVA_VALUE.sub(wrong_value, text))


def flyway_hangs(context, flyway, _ours, words):
    return flyway.exit == "timeout" and any(words in text.lower() for text in context.files.values())


def same_all(flyway, _ours):
    return flyway, flyway


FILTERS = [
    Filter("Wrong values", texts(duplicates)),
    Filter("Wrong values", texts(wrong_values)),
    Filter("Results of initSql", shown_without("init"),
           lambda context, *_: context.has_option("initSql")),
    Filter("CREATE INDEX CONCURRENTLY", same_all,
           lambda context, flyway, ours: flyway_hangs(context, flyway, ours, "concurrently")),
]
