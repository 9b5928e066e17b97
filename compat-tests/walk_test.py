#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Tests the parts of the random tester (walk/) that need neither Java nor a server."""
import os
import sys
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, "walk"), HERE]
sys.dont_write_bytecode = True

import compare      # noqa: E402
import differences_test  # noqa: E402
import filters      # noqa: E402
import flyway       # noqa: E402
import generate     # noqa: E402
import options      # noqa: E402
import player       # noqa: E402
import shrink       # noqa: E402
from play import Count, Found, Walk, context  # noqa: E402

EQUAL = player.Seen("0", "out", "", "", "", "")
CONTEXT = filters.Context({"op": "run", "args": ["info"]}, {}, "sqlite")


def found_at(number):
    return Found(number, compare.compare(CONTEXT, EQUAL, EQUAL._replace(out="other"), []), EQUAL,
                 EQUAL)


class Filters(unittest.TestCase):
    def test_each_is_named_after_a_section_of_differences(self):
        sections = differences_test.sections()
        for one in filters.FILTERS:
            self.assertIn(one.section, sections)

    def test_none_explains_another_difference(self):
        for kind in ("postgresql", "sqlite"):
            context = CONTEXT._replace(kind=kind)
            for other in (EQUAL._replace(exit="1"), EQUAL._replace(out="other"),
                          EQUAL._replace(err="ERROR: x"), EQUAL._replace(history="row"),
                          EQUAL._replace(database="table")):
                self.assertEqual(compare.compare(context, EQUAL, other).filters, [])
                self.assertEqual(compare.compare(context, other, EQUAL).filters, [])


def both(flyway, ours, **more):
    """The filters that explain the difference of two outputs."""
    context = CONTEXT._replace(**more)
    return compare.compare(context, EQUAL._replace(err=flyway), EQUAL._replace(err=ours)).filters


class Explained(unittest.TestCase):
    def test_files_of_a_duplicate_in_another_order(self):
        said = "ERROR: Found more than one migration with version %s\nOffenders:\n-> %s\n-> %s"
        self.assertEqual(both(said % ("2", "b (SQL)", "a (SQL)"),
                              said % ("2.0", "a (SQL)", "b (SQL)")), ["Wrong values"])
        self.assertEqual(both(said % ("2", "b (SQL)", "a (SQL)"),
                              said % ("20", "a (SQL)", "b (SQL)")), [])
        inner = '"message" : "%s"' % said.replace("\n", "\\n")
        self.assertEqual(both(inner % ("1", "b", "a"), inner % ("01", "a", "b")), ["Wrong values"])

    def test_duplicate_with_a_baseline_between_its_files(self):
        said = "ERROR: Found more than one migration with version 2\nOffenders:\n-> a\n-> b"
        near, far = {"sql/B2__a.sql": ""}, {"sql/B3__a.sql": ""}
        self.assertEqual(both("", said, files=near), ["Wrong values"])
        self.assertEqual(both("", said, files=far), [])

    def test_value_that_java_cannot_read(self):
        java = ('ERROR: tools.jackson.databind.exc.InvalidFormatException: Cannot deserialize '
                'value of type `java.lang.Boolean` from String "maybe": only "true" or "false" '
                'recognized\n'
                ' at [No location information] (through reference chain: a.B["flyway"]->C["mixed"])')
        ours = "ERROR: Invalid value for flyway.mixed (should be either true or false): maybe"
        self.assertEqual(both(java, ours), ["Wrong values"])
        self.assertEqual(both(java, ours.replace("mixed", "group")), [])
        java = java.replace('B["flyway"]->C["mixed"]', 'B["environments"]->C["x"]->D["retries"]')
        ours = ours.replace("flyway.mixed", "environments.x.retries")
        self.assertEqual(both(java, ours), ["Wrong values"])
        self.assertEqual(both(java, ours.replace("s.x.", "s.y.")), [])

    def test_one_of_two_wrong_values(self):
        one = "ERROR: Invalid value for environments.x.connectRetries (should be an integer): x"
        other = "ERROR: Invalid value for flyway.mixed (should be either true or false): maybe"
        step = {"op": "run", "args": ["-mixed=maybe", "-connectRetries=x", "info"]}
        self.assertEqual(both(one, other, step=step), ["Wrong values"])
        self.assertEqual(both(one, other), [])

    def test_two_of_three_duplicates(self):
        said = "ERROR: Found more than one migration with version %s\nOffenders:\n" \
            "-> {{CWD}}/sql/%s (SQL)\n-> {{CWD}}/sql/%s (SQL)"
        one, other = said % ("1", "V1__a.sql", "V1.0__b.sql"), said % ("01", "V01__.sql", "V1__a.sql")
        three = {"sql/V1__a.sql": "", "sql/V1.0__b.sql": "", "sql/V01__.sql": ""}
        self.assertEqual(both(one, other, files=three), ["Wrong values"])
        self.assertEqual(both(one, other), [])
        other = said % ("01", "V01__.sql", "V10__a.sql")
        self.assertEqual(both(one, other, files=dict(three, **{"sql/V10__a.sql": ""})), [])

    def test_unknown_keys_in_another_order(self):
        said = "ERROR: Failed to configure parameters:\n\t%s\n\t%s"
        keys = ["Unknown: 'flyway.a'. Possible values: flyway.b?", "Removed: 'flyway.b' has been removed"]
        self.assertEqual(both(said % tuple(keys), said % tuple(keys[::-1])), ["Wrong values"])
        self.assertEqual(both(said % tuple(keys), said % tuple(keys[:1] * 2)), [])

    def test_result_of_init_sql(self):
        table = "+------+\n| init |\n+------+\n| 1    |\n+------+\n\n"
        step = {"op": "run", "args": ["-initSql=select 1 as init", "info"]}
        self.assertEqual(both(table + table + "x", table + "x", step=step), ["Results of initSql"])
        self.assertEqual(both(table + table + "x", table + "x"), [])


FAILED = EQUAL._replace(exit="1", out="")
GROUP = {"op": "run", "args": ["-group=true", "-mixed=true", "migrate"]}
FILED = {"op": "run", "args": ["-outputFile=out.txt", "info"]}
REFUSED = "ERROR: Upgrade required: x is not supported by OSS."
ADVERTISED = REFUSED + (" Download Redgate Edition for free: https://rd.gt/3GGIXhh. Once you have "
                        "installed Redgate Edition, you can start a free Enterprise trial by "
                        "running auth -startEnterpriseTrial -IAgreeToTheEula.")
ROLLED_BACK = "ERROR: Migration of x failed! %s\nERROR: Migration failed !" % filters.ROLLED_BACK
STAYS = ROLLED_BACK.replace(filters.ROLLED_BACK, filters.NOT_ROLLED_BACK)
UNREADABLE = "ERROR: Unable to read file sql/V1__a.sql: No such file or directory"
NOT_SHARED = "Failed to execute operation in non-transactional context."

# A section; what Flyway and cflyway show; of the context, what the filter needs.
SECTIONS = (
    ("Output files", {"err": "ERROR: x", "out": "WARNING: y", "files": "file out.txt\n"},
     {"err": "ERROR: x", "out": "WARNING: y", "files": "file out.txt\nWARNING: y\nERROR: x"},
     {"step": FILED}),
    ("Java causes", {"files": "file out.txt\nERROR: x\n\nmore"},
     {"files": "file out.txt\nERROR: x\nmore"}, {"step": FILED}),
    ("COMMIT in a script on SQLite",
     {"err": "ERROR: Unable to rollback transaction", "history": "row"},
     {}, {"files": {"sql/V1__a.sql": "rollback;"}}),
    ("Features of other editions", {"err": ADVERTISED}, {"err": REFUSED}, {}),
    ("Output files", {"err": "ERROR: x", "files": "file out.txt\n"},
     {"err": "ERROR: x", "files": "file out.txt\nERROR: x"}, {"step": FILED}),
    ("Files and folders that cannot be read", {}, {"exit": "1", "err": UNREADABLE},
     {"links": {"sql/V1__a.sql": "nowhere"}}),
    ("Files and folders that cannot be read", {"exit": "0", "out": "1"}, {},
     {"links": {"sql/V1__a.sql": "nowhere"},
      "step": {"op": "run", "args": ["-migrationIds", "info"]}}),
    ("Statements that Flyway's parser cuts wrongly", {"exit": "0"},
     {"err": "ERROR: The statement holds a NUL character."}, {"files": {"sql/V1__a.sql": "\0"}}),
    ("Statements that Flyway's parser cuts wrongly", {"exit": "1", "history": "row"}, {"exit": "1"},
     {"step": {"op": "run", "args": ["-migrationIds", "migrate", "info"]},
      "files": {"sql/V1__a.sql": "\0"}}),
    ("Statements that Flyway's parser cuts wrongly", {"database": ""}, {"database": "table a"},
     {"files": {"sql/V1__a.sql": "/* a\n/* b */\ncreate table a(b);"}}),
    ("Statements that Flyway's parser cuts wrongly", {"exit": "timeout"}, {"exit": "0"},
     {"step": {"op": "run", "args": ["-encoding=UTF-16", "migrate"]},
      "files": {"sql/V1__a.sql": "\ni"}}),
    ("Follow-up errors", {"err": "ERROR: a\nERROR: Unable to rollback transaction"},
     {"err": "ERROR: a"}, {}),
    ("Scripts that are not SQL and fail", {"err": ROLLED_BACK}, {"err": STAYS},
     {"files": {"sql/V1__a.sh": "exit 3"}}),
    ("COMMIT in a script on SQLite", {"err": "(cannot commit - no transaction is active)"},
     {"exit": "0"}, {"files": {"sql/V1__a.sql": "commit;"}}),
    ("SQLite: callbacks between migrations",
     {"err": "[SQLITE_BUSY] The database file is locked (database is locked)"}, {"exit": "0"},
     {"files": {"sql/afterVersioned.sql": "delete from a;"}}),
    ("Scripts that drop the lock", {"err": "ERROR: Unable to release PostgreSQL advisory lock"},
     {"exit": "0"}, {"kind": "postgresql", "files": {"sql/V1__a.sql": "discard all;"}}),
    ("Groups that share no transaction", {"history": ""}, {"history": "1 a"},
     {"step": GROUP, "files": {"sql/V1__a.sql": "vacuum;"}}),
    ("executeInTransaction of a single script", {"err": NOT_SHARED}, {},
     {"files": {"sql/V1__a.sql.conf": "executeInTransaction=true\n"}}),
    ("Quotes in baselineDescription and installedBy", {"err": "(near \"s\": syntax error)"},
     {"exit": "0"},
     {"step": {"op": "run", "args": ["-baselineDescription=It's here", "baseline"]}}),
    ("Savepoints on SQLite outside of a transaction",
     {"err": "(cannot start a transaction within a transaction)"}, {"exit": "0"},
     {"files": {"sql/V1__a.sql": "savepoint a;", "sql/V1__a.sql.conf": "executeInTransaction=false"}}),
    ("Order of callbacks with the same name", {"out": "Executing script callback: afterInfo - b"},
     {"out": "Executing script callback: afterInfo - a"},
     {"files": {"sql/afterInfo.sh": "", "sql/a/afterInfo.sh": "exit 1"}}),
    ("Missing columns of the history table on SQLite", {"exit": "0"},
     {"err": "(no such column: h.checksum)"}, {"sql": ["alter table h drop column checksum"]}),
    ("History tables that cannot be created", {"exit": "timeout"},
     {"err": 'ERROR: tablespace "nope" does not exist'}, {}),
    ("History tables that cannot be created", {"exit": "0"},
     {"err": "(index flyway_schema_history_s_idx already exists)"},
     {"step": {"op": "run", "args": ["-executeInTransaction=false", "migrate"]}}),
    ("History tables that cannot be created",
     {"err": "ERROR: Unable to restore connection to its original state"},
     {"err": 'ERROR: tablespace "nope" does not exist'}, {}),
    ("Transactions that a script leaves open", {"database": ""}, {"database": "\ntable a"},
     {"step": {"op": "run", "args": ["-executeInTransaction=false", "migrate"]},
      "kind": "postgresql", "files": {"sql/V1__a.sql": "begin;\ncreate table a();"}}),
    ("Transactions that a script leaves open",
     {"exit": "1", "err": "ERROR: Unable to release PostgreSQL advisory lock", "history": ""},
     {"exit": "1", "err": "ERROR: syntax error", "history": "1 a"},
     {"kind": "postgresql", "files": {"sql/V1__a.sql": "begin;\nselect nope;"}}),
    ("One transaction for migration and history row", {"history": ""}, {"history": "1 a"},
     {"step": {"op": "run", "args": ["-group=true", "migrate"]}, "kind": "postgresql",
      "files": {"sql/V2__a.sql": "select 1;\ncommit;\n"}}),
    ("Undo migrations",
     {"err": "ERROR: Unknown migration type 'UNDO_SQL' found in schema history."}, {"exit": "0"},
     {"sql": ["insert into h values (9, '1', 'x', 'UNDO_SQL')"]}),
    ("Batches", {"err": "query returns results"}, {"exit": "0"},
     {"step": {"op": "run", "args": ["-batch=true", "migrate"]}}),
    ("CREATE INDEX CONCURRENTLY", {"exit": "timeout"}, {"exit": "0"},
     {"files": {"sql/V1__a.sql": "create index concurrently a on b(c);"}}),
)


class Narrow(unittest.TestCase):
    def test_each_explains_its_section_in_its_context_alone(self):
        for section, flyway_shows, ours_shows, needed in SECTIONS:
            pair = FAILED._replace(**flyway_shows), FAILED._replace(**ours_shows)
            found = compare.compare(CONTEXT._replace(**needed), *pair).filters
            self.assertIn(section, found)
            if needed:
                self.assertEqual(compare.compare(CONTEXT, *pair).filters, [], section)

    def test_none_is_untried(self):
        tried = {section for section, *_ in SECTIONS} | {"Wrong values", "Results of initSql"}
        self.assertEqual(tried, {one.section for one in filters.FILTERS})


class Limit(unittest.TestCase):
    def test_only_differences_in_text_are_let_through(self):
        count = Count()
        for _ in range(999):
            count.add(None)
        count.add(compare.compare(CONTEXT, EQUAL, EQUAL._replace(out="other"), []))
        self.assertEqual([count.failed(), count.failed(99.9), count.failed(99.91)], [1, 0, 1])
        count.add(compare.compare(CONTEXT, EQUAL, EQUAL._replace(exit="1"), []))
        self.assertEqual(count.failed(90), 2)


class Generator(unittest.TestCase):
    def test_a_seed_is_always_the_same_walk(self):
        for seed in range(50):
            one, other = generate.walk(seed), generate.walk(seed)
            self.assertEqual((one.kind, one.steps), (other.kind, other.steps))

    def test_no_walk_names_a_paid_feature(self):
        for seed in range(2000):
            walk = generate.walk(seed)
            self.assertTrue(shrink.is_safe(walk), seed)
            for step in walk.steps:
                if step["op"] == "write" and step["path"].startswith("flyway."):
                    self.assertIsNone(options.FORBIDDEN.search(step["content"]), seed)

    def test_steps_are_those_that_a_player_knows(self):
        for seed in range(200):
            for step in generate.walk(seed).steps:
                self.assertTrue(hasattr(player.Side, "step_" + step["op"]) or step["op"] == "run")


class Comparison(unittest.TestCase):
    def test_the_gravest_part_counts(self):
        worse = EQUAL._replace(exit="1", out="other")
        self.assertEqual(compare.weight(compare.compare(CONTEXT, EQUAL, worse, [])), "exit status")
        self.assertTrue(compare.compare(CONTEXT, EQUAL, worse, []).ends)

    def test_a_report_that_differs_ends_the_walk(self):
        for file, ends in (("report.json", True), ("out.txt", False)):
            other = EQUAL._replace(files="file %s\nx" % file)
            self.assertEqual(compare.compare(CONTEXT, EQUAL, other, []).ends, ends)

    def test_a_filter_counts_only_if_it_explains_all(self):
        drop = filters.Filter("x", lambda one, other: (one, other._replace(err=one.err)))
        part = compare.compare(CONTEXT, EQUAL, EQUAL._replace(err="e"), [drop])
        self.assertEqual(part.filters, ["x"])
        both = compare.compare(CONTEXT, EQUAL, EQUAL._replace(err="e", out="o"), [drop])
        self.assertEqual(both.filters, [])

    def test_names_and_numbers_do_not_make_a_new_kind(self):
        kinds = {compare.signature(compare.compare(CONTEXT, EQUAL, EQUAL._replace(out=text), []))
                 for text in ('table "a" has 1 row', 'table "b" has 22 row')}
        self.assertEqual(len(kinds), 1)


class Context(unittest.TestCase):
    def test_a_link_leads_to_nothing_under_its_new_name(self):
        walk = Walk(1, "sqlite", [{"op": "link", "path": "a", "to": "nowhere"},
                                  {"op": "rename", "from": "a", "to": "b"},
                                  {"op": "run", "args": ["info"]}])
        self.assertEqual(context(walk, 2).links, {"b": "nowhere"})


class Shrinker(unittest.TestCase):
    def test_leaves_only_what_makes_the_difference(self):
        steps = [{"op": "write", "path": "a", "content": "one\ntwo\nbad\nfour\n"},
                 {"op": "sql", "sql": "x"}, {"op": "run", "args": ["-a=1", "-b=2", "info"]},
                 {"op": "write", "path": "b", "content": "z"},
                 {"op": "run", "args": ["-a=1", "migrate"], "env": {"FLYWAY_X": "1"}},
                 {"op": "run", "args": ["info"]}]

        def play(walk, _sides):
            text = "".join(step.get("content", "") for step in walk.steps)
            return [found_at(i) for i, step in enumerate(walk.steps)
                    if "migrate" in step.get("args", ()) and "bad" in text][:1]

        shrinker = shrink.Shrinker(None, play, 10)
        walk, found = shrinker.shrink(Walk(1, "sqlite", steps), found_at(4))
        self.assertEqual(walk.steps, [{"op": "write", "path": "a", "content": "bad\n"},
                                      {"op": "run", "args": ["migrate"], "env": {}}])
        self.assertEqual(found.number, 1)


class Protocol(unittest.TestCase):
    def test_request_has_the_form_that_java_reads(self):
        self.assertEqual(flyway.request(["\u00e9"], {"A": "b"}),
                         b"\0\0\0\1\0\0\0\1A\0\0\0\1b\0\0\0\1\0\0\0\2\xc3\xa9")


def main():
    result = unittest.TextTestRunner(sys.stdout, verbosity=0).run(
        unittest.defaultTestLoader.loadTestsFromModule(sys.modules[__name__]))
    bad = len(result.failures) + len(result.errors)
    print("%d passed, %d failed" % (result.testsRun - bad, bad))
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
