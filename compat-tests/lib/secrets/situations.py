# SPDX-License-Identifier: Apache-2.0
"""What the program is asked to do with a secret, and what goes wrong then, as data."""
import collections

# exit: the exit status where the secret is right and the place works; None: any.
# host: good, closed (nobody listens), unknown, silent (nobody answers).
# database: new (empty) or old (V1 is applied).  right: whether the secret is the password.
Situation = collections.namedtuple(
    "Situation", "name args exit host database right files says",
    defaults=(0, "good", "old", True, {}, ""))

V1 = {"sql/V1__First.sql": "create table first (i int);\n"}
CHANGED = {"sql/V1__First.sql": "create table first (j int);\n"}
BAD = {"sql/V1__First.sql": "create table first (i int);\n",
       "sql/V2__Bad.sql": "insert into first values (1);\nselekt 2;\n"}
BAD_CALLBACK = {**V1, "sql/beforeMigrate.sql": "select 1/0;\n"}
SHOWN = {"sql/V1__First.sql": "-- ${flyway:user} ${flyway:database}\nselect 1;\n"}
SHELL = {**V1, "sql/V2__Run.sh": "#!/bin/sh\nexit 3\n"}
SYNTAX = {**V1, "broken.conf": "flyway.noSuchKey=1\n"}
JSON = ("-outputType=json",)


def all_situations():
    yield Situation("info", ("info",), says="Schema version: 1")
    yield Situation("info -X", ("-X", "info"), says="DEBUG")
    yield Situation("info, JSON", JSON + ("info",), says='"version"')
    yield Situation("info -X, JSON", JSON + ("-X", "info"))
    yield Situation("info, logs in JSON", JSON + ("-outputLogsInJson=true", "-X", "info"))
    yield Situation("info, report", ("-reportEnabled=true", "info"))
    yield Situation("info, output file", ("-X", "-outputFile=log.txt", "info"))
    yield Situation("migrate", ("migrate",), database="new", says="Successfully applied 1 migration")
    yield Situation("migrate -X", ("-X", "migrate"), database="new")
    yield Situation("migrate, JSON, report", JSON + ("-reportEnabled=true", "migrate"),
                    database="new")
    yield Situation("migrate, progress", JSON + ("-outputProgress=true", "migrate"), database="new")
    yield Situation("dry run", ("-dryRunOutput=dry.sql", "migrate"), database="new")
    yield Situation("dry run, printed", ("--dry-run", "-X", "migrate"), database="new")
    yield Situation("dry run, executed", ("-dryRun=execute", "migrate"), database="new")
    yield Situation("validate", ("validate",))
    yield Situation("repair", ("repair",))
    yield Situation("baseline", ("baseline",), database="new")
    yield Situation("baseline -X, report", ("-X", "-reportEnabled=true", "baseline"), exit=None)
    yield Situation("clean", ("-cleanDisabled=false", "clean"), database="new")
    yield Situation("clean, disabled", ("clean",), 1)
    yield Situation("undo", ("undo",), None)
    yield Situation("testConnection", ("-X", "testConnection"))
    yield Situation("adopt", ("adopt",), None)
    yield Situation("import", ("import", "alembic", "a"), None)
    yield Situation("init", ("init",), None)
    yield Situation("add", ("-add.description=x", "add"), None)
    yield Situation("version", ("version",), None)
    yield Situation("help", ("help",), None)
    yield Situation("no command", (), None)
    yield Situation("auth", ("auth",), None)
    yield Situation("list-engines", ("list-engines",), None)
    yield Situation("wrong password", ("info",), 1, right=False, says="password authentication")
    yield Situation("wrong password, JSON", JSON + ("-X", "migrate"), 1, right=False)
    yield Situation("refused", ("-X", "info"), 1, "closed")
    yield Situation("refused, JSON", JSON + ("migrate",), 1, "closed")
    yield Situation("unknown host", ("-X", "info"), 1, "unknown")
    yield Situation("no such database", ("-X", "info"), 1, database="none")
    yield Situation("bad SQL", ("-X", "migrate"), 1, files=BAD)
    yield Situation("bad SQL, JSON, report", JSON + ("-reportEnabled=true", "migrate"), 1,
                    files=BAD, says='"error"')
    yield Situation("bad callback", ("migrate",), 1, database="new", files=BAD_CALLBACK)
    yield Situation("bad script", ("-X", "migrate"), 1, files=SHELL)
    yield Situation("placeholders of Flyway", ("-X", "migrate"), database="new", files=SHOWN)
    yield Situation("failed validation", ("-X", "validate"), 1, files=CHANGED)
    yield Situation("failed validation, JSON", JSON + ("-X", "migrate"), 1, files=CHANGED)
    yield Situation("missing location", ("-failOnMissingLocations=true", "-locations=filesystem:no",
                                         "info"), 1)
    yield Situation("unknown option", ("-noSuchThing=1", "info"), 1)
    yield Situation("unknown flag", ("-z", "info"), 1)
    yield Situation("unknown command", ("inf",), 1)
    yield Situation("unknown command, JSON", JSON + ("inf",), 1)
    yield Situation("bad value", ("-connectRetries=x", "info"), 1)
    yield Situation("bad format", ("-outputType=yaml", "info"), 1)
    yield Situation("bad key in a file", ("-configFiles=broken.conf", "info"), None, files=SYNTAX)
    yield Situation("missing file", ("-X", "-configFiles=none.conf", "info"), None)
    yield Situation("unknown environment", ("-environment=none", "info"), None)
    yield Situation("bad schema", ("-schemas=\"", "-X", "migrate"), None)
    yield Situation("output that cannot be written", ("-outputFile=no/log.txt", "info"), None)
    yield Situation("report that cannot be written", ("-reportEnabled=true",
                                                      "-reportFilename=no/report", "info"), None)
    yield Situation("while it waits", ("-X", "info"), None, "silent")
