#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Checks doc/schema/ against every JSON document that is recorded, and against the program.

The documents are those of real Flyway and of cflyway in cases/*/expect*/, and those that
$CFLYWAY (default: build/cflyway) prints here. Each must fit its schema, and must no longer fit with
a key too many or, unless the schema says so, one too few.
"""
import copy
import glob
import json
import os
import re
import subprocess
import sys
import tempfile
import warnings

import jsonschema

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(HERE)
SCHEMAS = os.path.join(ROOT, "doc", "schema")
PROGRAM = os.path.abspath(os.environ.get("CFLYWAY", os.path.join(ROOT, "build", "cflyway")))
DOCUMENT = re.compile(r"(?ms)^\{\n.*?^\}$|^\{ .*\}$")
LINE = re.compile(r'(?m)^\{"(level|message)":.*\}$')
# Reports that were written by hand, to see what becomes of them.
BY_HAND = "report-old"
# Schema enumerations, and the tables of the program that they repeat.
TABLES = (("errorCode", "base/error.h", "ERROR_CODES", r'\w+,\s*(?:\\\s*)?"(\w+)"'),
          ("state", "core/migration_state.h", "MIGRATION_STATES", r'\w+, "([^"]*)"'),
          ("migrationType", "migration/type.h", "MIGRATION_TYPES", r"(\w+),"))
CALLS = (["info"], ["-dryRun=execute", "migrate"], ["migrate"], ["info"], ["validate"], ["repair"], ["migrate", "info"],
         ["undo"], ["migrate", "undo"], ["-cleanDisabled=false", "clean"],
         ["baseline"], ["version"], ["list-engines"], ["explain", "42P07"], ["explain"], ["explain", "42P99"],
         ["new", "b"], ["add", "-type=undo", "info"],
         ["init"], ["init", "-fileName=x.toml", "info"], ["auth"], ["auth", "info"],
         ["testConnection"], ["nonsense"], ["-url=jdbc:sqlite:/nonexistent/x", "info"],
         ["-reportEnabled=true", "info", "migrate"], ["info", "validate"])


class Schemas:
    """All files of doc/schema, by name without ending."""

    def __init__(self):
        self.files = {}
        for path in sorted(glob.glob(os.path.join(SCHEMAS, "*.schema.json"))):
            with open(path, encoding="utf-8") as file:
                self.files[os.path.basename(path)[:-len(".schema.json")]] = json.load(file)
        by_id = {schema["$id"]: schema for schema in self.files.values()}
        self.checkers = {name: self.checker(schema, by_id) for name, schema in self.files.items()}

    @staticmethod
    def checker(schema, by_id):
        with warnings.catch_warnings():     # the way of newer versions is missing in Debian's
            warnings.simplefilter("ignore", DeprecationWarning)
            resolver = jsonschema.RefResolver(schema["$id"], schema, store=by_id)
        return jsonschema.Draft202012Validator(schema, resolver=resolver)

    def fits(self, name, document):
        return self.checkers[name].is_valid(document)

    def why(self, name, document):
        best = jsonschema.exceptions.best_match(self.checkers[name].iter_errors(document))
        return "%s: %s" % ("/".join(map(str, best.absolute_path)), best.message)


def filled(text):
    """What is blanked in the recorded documents becomes a value again."""
    return json.loads(text.replace("<TIMESTAMP>", "2020-01-02T03:04:05.678Z"))


def without_zone(document):
    """Only the times of rows are in UTC."""
    if isinstance(document, dict):
        return {key: value[:-1] if key == "timestamp" and value else without_zone(value)
                for key, value in document.items()}
    if isinstance(document, list):
        return [without_zone(item) for item in document]
    return document


def documents(text, is_file):
    """(name of the schema, document) of all in a recorded text."""
    for match in DOCUMENT.finditer(text):
        try:
            document = without_zone(filled(match.group(0)))
        except ValueError:
            continue
        is_report = is_file and "individualResults" in document
        yield "report" if is_report else "result", document
    for match in LINE.finditer(text):
        name = "log" if match.group(1) == "level" else "progress"
        yield name, json.loads(match.group(0))


def recorded():
    for path in sorted(glob.glob(os.path.join(HERE, "cases", "*", "expect*", "*.txt"))):
        with open(path, encoding="utf-8") as file:
            text = file.read()
        is_file = text.startswith("< ")
        where = os.path.relpath(path, os.path.join(HERE, "cases"))
        if not (is_file and where.startswith(BY_HAND)):
            for name, document in documents(text, is_file):
                yield where, name, document


def printed():
    """What the program prints now, and the report that it writes."""
    with tempfile.TemporaryDirectory(prefix="schema-test.") as folder:
        os.mkdir(os.path.join(folder, "sql"))
        for name, text in (("V1__a.sql", "create table a(i int);\n"), ("R__r.sql", "select 1;\n"),
                           ("U1__a.sql", "drop table a;\n")):
            with open(os.path.join(folder, "sql", name), "w", encoding="utf-8") as file:
                file.write(text)
        environment = {"HOME": folder, "PATH": os.environ["PATH"], "FLYWAY_URL": "jdbc:sqlite:t.db",
                       "FLYWAY_LOCATIONS": "filesystem:sql"}
        for call in CALLS:
            done = subprocess.run([PROGRAM, "-outputType=json", *call], stdout=subprocess.PIPE,
                                  cwd=folder, env=environment, stdin=subprocess.DEVNULL,
                                  stderr=subprocess.PIPE, timeout=60, check=False)
            yield " ".join(call), "result", json.loads(done.stdout)
        with open(os.path.join(folder, "report.json"), encoding="utf-8") as file:
            yield "report.json", "report", json.load(file)


def objects(value, path=()):
    """The paths to all objects in a document."""
    if isinstance(value, dict):
        yield path
    for key, item in value.items() if isinstance(value, dict) else enumerate(value):
        if isinstance(item, (dict, list)):
            yield from objects(item, path + (key,))


def at(document, path):
    for key in path:
        document = document[key]
    return document


OPTIONAL = {"error", "cflyway", "jsonReport", "htmlReport", "subErrorCode", "sqlState",
            "sqlErrorCode", "stackTrace", "because", "result", "dryRun",
            "undoFilename", "undoReason"}
# Optional in notes of cflyway, which have a kind.
NOTE = {"path", "line", "column", "schema", "table", "tableColumn", "constraint", "dataType"}


def kind(document, path):
    """The kind of an object: where it is in its document, without numbers, and its keys."""
    operation = document.get("operation")
    return (operation, *(key for key in path if isinstance(key, str)), *at(document, path))


def spoilt(document, seen):
    """Documents with a key more or a key less in one object, once for each kind of object."""
    for path in objects(document):
        if kind(document, path) in seen:
            continue
        seen.add(kind(document, path))
        more = copy.deepcopy(document)
        at(more, path)["unknownKey"] = None
        yield "/".join(map(str, path)) + " with another key", more
        for key in at(document, path):
            is_of_note = key in NOTE and "kind" in at(document, path)
            if key not in OPTIONAL and not is_of_note:
                less = copy.deepcopy(document)
                del at(less, path)[key]
                yield "%s without %s" % ("/".join(map(str, path)), key), less


def check_documents(schemas):
    seen = {name: set() for name in schemas.files}
    for where, name, document in [*recorded(), *printed()]:
        fits = schemas.fits(name, document)
        yield where, fits or schemas.why(name, document)
        for what, other in spoilt(document, seen[name]) if fits else ():
            yield "%s: %s" % (where, what), not schemas.fits(name, other) or "still fits"


def table(header, macro, pattern):
    """The names in a table of the program."""
    with open(os.path.join(ROOT, "include", "cflyway", header), encoding="utf-8") as file:
        text = file.read()
    rows = re.search(r"#define %s\(X\)(.*?)\n\n" % macro, text, re.S).group(1)
    return re.findall(r"X\(" + pattern, rows)


def check_tables(schemas):
    for name, header, macro, pattern in TABLES:
        listed = schemas.files["common"]["$defs"][name]["enum"]
        wanted = table(header, macro, pattern)
        yield "names of " + name, sorted(listed) == sorted(wanted) or \
            "differ: %s" % sorted(set(listed) ^ set(wanted))


def check_schemas(schemas):
    for name, schema in schemas.files.items():
        try:
            jsonschema.Draft202012Validator.check_schema(schema)
            yield name, True
        except jsonschema.SchemaError as err:
            yield name, str(err)
        yield name + " is strict", all(one.get("additionalProperties") is False
                                       for one in of_objects(schema)) or "additionalProperties"


def of_objects(schema):
    if isinstance(schema, dict):
        if "properties" in schema and isinstance(schema["properties"], dict):
            yield schema
        for item in schema.values():
            yield from of_objects(item)
    elif isinstance(schema, list):
        for item in schema:
            yield from of_objects(item)


def main():
    if not hasattr(jsonschema, "Draft202012Validator"):
        print("skipped: jsonschema is older than version 4")
        print("0 passed, 0 failed, 1 skipped")
        return 0
    schemas = Schemas()
    passed = failed = 0
    for check in (check_schemas, check_tables, check_documents):
        for what, outcome in check(schemas):
            passed += outcome is True
            if outcome is not True:
                failed += 1
                print("FAIL %s: %s" % (what, outcome))
    print("%d passed, %d failed" % (passed, failed))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
