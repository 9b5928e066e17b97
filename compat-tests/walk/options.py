# SPDX-License-Identifier: Apache-2.0
"""Chooses options, and where they are set: a file, the environment, arguments.

Never those of the paid features: real Flyway ignores some of them and does the work for real.
"""
import re

FORBIDDEN = re.compile(r"dry_?run|undo|cherry_?pick|error_?overrides|licen[sc]e|kerberos", re.I)

BOOLEANS = ("group", "mixed", "outOfOrder", "baselineOnMigrate", "validateOnMigrate",
            "validateMigrationNaming", "createSchemas", "executeInTransaction",
            "skipExecutingMigrations", "placeholderReplacement", "outputQueryResults", "batch",
            "stream", "detectEncoding", "skipDefaultCallbacks", "skipDefaultResolvers",
            "failOnMissingLocations", "cleanDisabled", "postgresql.transactional.lock",
            "reportEnabled", "communityDBSupportEnabled")
# How often, where one is not enough.
HEAVY = {"group": 5, "mixed": 4, "outOfOrder": 4, "executeInTransaction": 4, "validateOnMigrate": 3,
         "baselineOnMigrate": 3, "skipExecutingMigrations": 3, "cleanDisabled": 3,
         "postgresql.transactional.lock": 3, "target": 5, "ignoreMigrationPatterns": 4,
         "schemas": 3, "defaultSchema": 3, "table": 2, "placeholderReplacement": 2}
VALUES = {
    "target": ("1", "2", "1.1", "3", "99", "latest", "current", "next", "2?", "99?", "abc", "1.0"),
    "baselineVersion": ("1", "2", "0", "1.5", "abc", "1_1"),
    "baselineDescription": ("start", "", "It's here", "<< Flyway Baseline >>"),
    "ignoreMigrationPatterns": ("*:missing", "*:pending", "*:future", "repeatable:missing",
                                "versioned:ignored", "*:outdated", "*:missing,*:future", "",
                                "*:*", "*:failed", "versioned:pending", "bad", "*:ignored"),
    "placeholders.who": ("me", "", "O''Brien", "two words", "${x}", "a;b"),
    "placeholders.nope": ("now", "1"),
    "placeholderPrefix": ("$[", "@{", "${"),
    "placeholderSuffix": ("]", "}"),
    "placeholderSeparator": (":", "_"),
    "defaultSchema": ("app", "public", "other", "Upper", "main", "a b"),
    "schemas": ("app", "app,other", "public", "public,app", "other", "Upper,app", "main"),
    "installedBy": ("somebody", "", "O Brien"),
    "table": ("history", "Flyway History", "flyway_schema_history", "schema_version"),
    "tablespace": ("pg_default", "nope"),
    "encoding": ("ISO-8859-1", "UTF-8", "UTF-16", "nope", "windows-1252"),
    "callbackLocations": ("filesystem:callbacks", "filesystem:sql", "filesystem:nope"),
    "locations": ("filesystem:sql", "filesystem:sql,filesystem:more", "filesystem:nope",
                  "filesystem:more", "filesystem:sql/sub", "filesystem:sql,filesystem:sql/sub",
                  "filesystem:s*", "sql", ""),
    "sqlMigrationPrefix": ("V", "v", "X"),
    "repeatableSqlMigrationPrefix": ("R", "rep"),
    "baselineMigrationPrefix": ("B", "BASE"),
    "sqlMigrationSeparator": ("__", "-", "_"),
    "sqlMigrationSuffixes": (".sql", ".sql,.ddl", ".SQL", ".ddl", ""),
    "initSql": ("select 1 as init", "set statement_timeout = 20000", "selec"),
    "reportFilename": ("r", "out/report"),
    "lockRetryCount": ("1", "3"),
    "loggers": ("console", "auto"),
    "failOnMissingTarget": ("true",),
}
WRONG = (("mixed", "maybe"), ("group", ""), ("nonsense", "1"), ("cleanOnValidationError", "true"),
         ("ignoreMissingMigrations", "true"), ("locatons", "x"), ("plugins.clean.mode", "x"),
         ("connectRetries", "x"), ("outOfOrder", "TRUE"), ("environment", "nope"))
CLI = ("-outputType=json", "-outputType=json", "-outputType=json", "-q", "-outputProgress=true",
       "-outputLogsInJson=true", "-migrationIds", "-color=never", "-outputFile=out.txt")
INFO = ("-infoSinceVersion=1", "-infoUntilVersion=2", "-infoOfState=pending",
        "-infoOfState=success,failed", "-infoSinceDate=01/01/2020 10:00", "-infoOfState=nope",
        "-infoUntilDate=01/01/2020 10:00", "-migrationIds", "-infoUntilVersion=abc")
BOTH = ("url", "user", "password", "schemas", "initSql", "connectRetries")    # of an environment

KEYS = [key for key in (*BOOLEANS, *VALUES) for _ in range(HEAVY.get(key, 1))]


def pick(random):
    """A key and its value."""
    if random.random() < 0.03:
        return random.choice(WRONG)
    key = random.choice(KEYS)
    if key in BOOLEANS:
        return key, random.choice(("true", "true", "false"))
    return key, random.choice(VALUES[key])


def variable(key):
    """FLYWAY_OUT_OF_ORDER for outOfOrder."""
    if key.startswith("placeholders."):
        return "FLYWAY_PLACEHOLDERS_" + key[len("placeholders."):].upper()
    return "FLYWAY_" + re.sub(r"([A-Z]+)", r"_\1", key).replace(".", "_").upper()


def conf(pairs):
    """The text of a flyway.conf."""
    return "".join("flyway.%s=%s\n" % pair for pair in pairs)


LISTS = ("locations", "callbackLocations", "schemas", "ignoreMigrationPatterns",
         "sqlMigrationSuffixes", "loggers")


def toml(pairs):
    """The text of a flyway.toml."""
    environment, flyway = ["[environments.default]"], ["[flyway]"]
    for key, value in pairs:
        (environment if key in BOTH else flyway).append("%s = %s" % (key, toml_value(key, value)))
    return "\n".join(environment + flyway) + "\n"


def toml_value(key, value):
    if key in LISTS:
        return "[%s]" % ", ".join(quoted(item) for item in value.split(",")) if value else "[]"
    if value in ("true", "false") or value.isdigit() and key in ("connectRetries", "lockRetryCount"):
        return value
    return quoted(value)


def quoted(text):
    return '"%s"' % text.replace("\\", "\\\\").replace('"', '\\"')


class Chooser:
    """The options of one walk: some for all its commands, others for one."""

    def __init__(self, random, kind):
        self.random, self.kind = random, kind
        self.mode = random.choice(("conf", "conf", "toml", "none", "environment"))
        self.fixed = [("url", "{{URL}}")]
        if kind == "postgresql":
            self.fixed += [("user", "postgres"), ("password", "")]
        self.locations = random.choice(("filesystem:sql",) * 6 + VALUES["locations"])
        self.fixed.append(("locations", self.locations))
        for _ in range(random.choice((0, 0, 1, 1, 2, 3, 5))):
            key, value = pick(random)
            if key not in dict(self.fixed):
                self.fixed.append((key, value))
        # What a walk varies from command to command is little, so that it meets itself.
        self.varied = [pick(random) for _ in range(random.choice((0, 1, 2, 4)))]

    def steps(self):
        """The configuration file, if there is one."""
        if self.mode == "conf":
            return [{"op": "write", "path": "flyway.conf", "content": conf(self.fixed)}]
        if self.mode == "toml":
            return [{"op": "write", "path": "flyway.toml", "content": toml(self.fixed)}]
        return []

    def run(self, words):
        """The step of a command, with options of its own."""
        arguments, variables = [], {}
        if self.mode == "none":
            arguments += ["-%s=%s" % pair for pair in self.fixed]
        elif self.mode == "environment":
            variables = {variable(key): value for key, value in self.fixed}
        for key, value in self.chosen():
            if self.random.random() < 0.12:
                variables[variable(key)] = value
            else:
                arguments.append("-%s=%s" % (key, value))
        if self.random.random() < 0.15:
            arguments.append(self.random.choice(CLI))
        if words == ["info"] and self.random.random() < 0.08:
            arguments.append(self.random.choice(INFO))
        if "clean" in words and self.random.random() < 0.9:
            arguments.append("-cleanDisabled=false")
        step = {"op": "run", "args": arguments + words}
        if variables:
            step["env"] = variables
        return step

    def chosen(self):
        pairs = [pair for pair in self.varied if self.random.random() < 0.4]
        if self.random.random() < 0.2:
            pairs.append(pick(self.random))
        return pairs


def harmless(step):
    """Whether real Flyway may run it: nothing names a paid feature."""
    texts = [word for word in step["args"]] + list(step.get("env", ()))
    return not any(FORBIDDEN.search(text) for text in texts) and "undo" not in step["args"]
