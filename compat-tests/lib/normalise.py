# SPDX-License-Identifier: Apache-2.0
"""Blanks what must differ between two runs of the same case, and nothing else.

README.md lists every rule.  text() is applied to all output, of real Flyway and of cflyway alike,
before it is stored or compared.
"""
import datetime
import re

FLYWAY_BANNER = re.compile(r"Flyway OSS Edition \S+ by Redgate\r?\n\r?\nSee release notes here: \S+")
CFLYWAY_BANNER = re.compile(r"(?m)^cflyway \d+(\.\d+)+\S* \(compatible with Flyway 12\.4\.0\)$")
# The same as objects of -outputLogsInJson.
FLYWAY_LOGGED_BANNER = re.compile(r'\{"level":"INFO","message":"Flyway OSS Edition \S+ by Redgate"\}\n'
                                  r'\{"level":"INFO","message":""\}\n'
                                  r'\{"level":"INFO","message":"See release notes here: [^"]*"\}')
CFLYWAY_LOGGED_BANNER = re.compile(r'(?m)^\{"level":"INFO","message":'
                                   r'"cflyway \d+(\.\d+)+\S* \(compatible with Flyway 12\.4\.0\)"\}$')
NEWER_VERSION = re.compile(r"-{20,}\r?\nA more recent version of Flyway[^\n]*\n-{20,}\r?\n")

# The chain of Java exceptions ends an error; CR LF stands before each of its parts.
# What cflyway adds follows the chain.
CAUSES = re.compile(r"(?<=(.))\r\nCaused by: .*?(?:\Z|\n(?=cflyway: ))", re.DOTALL)
FRAMES = r"(?:[ \t]+(?:at [\w.$/<>]+\([^)\n]*\)|\.\.\. \d+ more)(?:\r?\n|\Z))+"
STACK_FRAMES = re.compile("(?m)^" + FRAMES)
# The message of an exception of Flyway's may have several lines.
STACK_TRACE = re.compile(r"(?m)^(?:(?:Caused by: )?[\w.$]+(?:Exception|Error)\b.*\r?\n"
                         r"(?:(?![A-Z]+: |cflyway: |Caused by: |[ \t]+at ).*\r?\n)*?)?" + FRAMES)
JAVA_LOGGER = re.compile(r"(?m)^(SLF4J.*|[A-Z][a-z]{2} \d\d?, \d{4} .* org\.postgresql\..*\n(WARNING|SEVERE): .*)\n")

TABLE = re.compile(r"(?m)(?:^[|+].*[|+]\r?\n)+")
OFFENDERS = re.compile(r"(?m)(^-> .*\n?)+")
OWN_LINES = re.compile(r"(?m)^cflyway: .*(\n|\Z)")
# The same as objects of -outputLogsInJson.
OWN_OBJECTS = re.compile(r'(?m)^\{"level":"INFO","message":"(?:[^"\\]|\\.)*","cflyway":\{.*\}\}(\n|\Z)')
OWN_KEY = re.compile(r',\n *"cflyway" : \[(?:"(?:[^"\\]|\\.)*"|[^]"])*\]')

SIMPLE = (
    (re.compile(r"\b\d{2,}:\d\d\.\d{3}s"), "<T>"),
    (re.compile(r"\(PostgreSQL \d+(\.\d+)*\)"), "(PostgreSQL <VERSION>)"),
    (re.compile(r"\(SQLite \d+(\.\d+)*\)"), "(SQLite <VERSION>)"),
    (re.compile(r'("(?:executionTime|totalMigrationTime)" ?: ?)\d+'), r"\g<1>0"),
    (re.compile(r'("stackTrace" ?: ?)"(?:[^"\\]|\\.)*"'), r'\1"<STACK>"'),
    (re.compile(r"\bcflyway \d+(\.\d+)+\S* \(compatible"), "cflyway <VERSION> (compatible"),
    (re.compile(r"\bheld by process \d+"), "held by process <PID>"),
    (re.compile(r"(?m)^(cflyway: (?:.*\bwaiting for a lock on \S+: )?)process \d+ \([^)\n]*\) "),
     r"\1process <PID> (<NAME>) "),
    (re.compile(r"\bopen for \d+ s, since \d\d:\d\d:\d\d\b"), "open for <T>, since <TIME>"),
    (re.compile(r'("cflywayVersion" ?: ?)"[^"]*"'), r'\1"<VERSION>"'),
)


def text(raw, values, own=False, keep=None):
    """The comparable form of what a program printed.

    values: list of (real value, placeholder), e.g. a path and "{{CWD}}"; own: keep `cflyway: `
    lines, which real Flyway cannot print; keep: "banner" or "causes", which stay as they are
    but for the frames of a stack.
    """
    out = raw if keep == "banner" else without_banner(raw)
    out = underlines(out, values)
    out = TABLE.sub(lambda table: squeezed_table(table.group(0), values), out)
    out = replace_values(out, values)
    out = JAVA_LOGGER.sub("", out)
    if keep == "causes":
        out = STACK_FRAMES.sub("", out)
    else:
        out = CAUSES.sub(line_end_before_own, STACK_TRACE.sub("", out))
    out = times(out)
    for pattern, replacement in SIMPLE:
        out = pattern.sub(replacement, out)
    out = OFFENDERS.sub(sorted_offenders, out)
    if not own:
        out = without_own_lines(out)
    return out.strip("\n")


def line_end_before_own(causes):
    """What stays of the chain: the end of the line before it, if there is none and lines follow."""
    follows = causes.end() < len(causes.string)
    return "\n" if follows and causes.group(1) != "\n" else ""


def without_banner(out):
    out = NEWER_VERSION.sub("", out)
    out = FLYWAY_BANNER.sub("<BANNER>", out)
    out = FLYWAY_LOGGED_BANNER.sub("<BANNER>", out)
    out = CFLYWAY_LOGGED_BANNER.sub("<BANNER>", out)
    return CFLYWAY_BANNER.sub("<BANNER>", out)


def without_own_lines(out):
    return OWN_KEY.sub("", OWN_OBJECTS.sub("", OWN_LINES.sub("", out)))


def replace_values(out, values):
    """Longer values first, so that a URL wins over the name of the database in it."""
    for value, placeholder in sorted(values, key=lambda pair: -len(pair[0])):
        pattern = r"(?<![A-Za-z0-9_])%s(?![A-Za-z0-9_])" % re.escape(value)
        out = re.sub(pattern, lambda _: placeholder, out)
    return out


def underlines(out, values):
    """A line of dashes is as long as its title; if that holds a value, its length must vary.

    The same within the strings of JSON, where a line ends with a backslash and n.
    """
    for end in ("\n", "\\n"):
        lines = out.split(end)
        for i in range(1, len(lines)):
            title = lines[i - 1].rsplit("\n", 1)[-1]
            if re.fullmatch(r"-{5,}\r?", lines[i]) and replace_values(title, values) != title:
                lines[i] = "<RULE>"
        out = end.join(lines)
    return out


def squeezed_table(table, values):
    """A table that holds a value is as wide as this value: one blank or dash stands for many."""
    if replace_values(table, values) == table:
        return table
    return re.sub(r"-+", "-", re.sub(r" +", " ", table))


def times(out):
    """Blanks the time of this run only: a date that a case has put somewhere is compared."""
    today = datetime.datetime.now(datetime.timezone.utc).date()
    days = "|".join(str(today + datetime.timedelta(days=n)) for n in (-1, 0, 1))
    out = re.sub(r"\b(%s) \d\d:\d\d:\d\d\b" % days, "YYYY-MM-DD hh:mm:ss", out)
    return re.sub(r"\b(%s)T\d\d:\d\d:\d\d(\.\d+)?Z?" % days, "<TIMESTAMP>", out)


def sorted_offenders(match):
    """Flyway lists the files of a duplicate version in the order of a hash table."""
    block = match.group(0)
    end = "\n" if block.endswith("\n") else ""
    return "\n".join(sorted(block.rstrip("\n").split("\n"))) + end
