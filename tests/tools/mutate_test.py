#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""tools/mutate on a project of one file: what it changes, what it leaves alone, what it reports."""
import json
import os
import subprocess
import sys
import tempfile
import unittest

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(ROOT, "tools"))

from mutation import operators  # noqa: E402

SOURCE = """\
#define LIMIT (1 + 1)
enum kind { KIND_ONE, KIND_TWO };
static const int table[] = {[KIND_ONE] = 7};
int tested(int a)           /* a + b, 1 + 1 */
{
	int sizes[3] = {0};
	assert(a != 1);
	if (a == 0)
		return table[0] + sizes[1];
	while (1)
		if (a++ > 10)
			break;
	puts("1 + 1");
	return a;
}
"""
# Everything in it is tested, but for the second function.
TINY = """\
int tested(int a)
{
	while (a > 9)
		a = a - 10;
	return a;
}
int untested(int a)
{
	return a + 1;
}
"""
TESTS = """\
#include <stdio.h>
int tested(int a);
int main(void)
{
	int bad = tested(25) != 5 || tested(10) != 0 || tested(9) != 9;
	printf("t.c:1:%c:Core:adds:0: text\\n", bad ? 'F' : 'P');
	printf("%d passed, %d failed\\n", !bad, bad);
	return bad;
}
"""
MAKEFILE = """\
build/unit-tests: build/tests/unit/t.o build/obj/core/tiny.o
	gcc -o $@ $^
build/cflyway: build/unit-tests
	cp $< $@
build/obj/%.o: src/%.c
	@mkdir -p $(@D)
	gcc $(CFLAGS) -c -o $@ $<
build/tests/%.o: tests/%.c
	@mkdir -p $(@D)
	gcc $(CFLAGS) -c -o $@ $<
"""


def changes(source):
    neighbours = operators.enum_neighbours([source])
    return {(mutant.before, mutant.after)
            for mutant in operators.mutants("t.c", source, neighbours)}


class Operators(unittest.TestCase):
    def test_changes_code_and_tables(self):
        for change in (("if (a == 0)", "if (a != 0)"), ("if (a == 0)", "if (a == 1)"),
                       ("break;", ";"), ("return a;", "return 0;"), ('puts("1 + 1");', ";"),
                       ("if (a++ > 10)", "if (a++ >= 10)"), ("if (a++ > 10)", "if (!(a++ > 10))"),
                       ("return table[0] + sizes[1];", "return table[0] - sizes[1];"),
                       ("static const int table[] = {[KIND_ONE] = 7};",
                        "static const int table[] = {[KIND_ONE] = 8};")):
            self.assertIn(change, changes(SOURCE))

    def test_leaves_the_rest_alone(self):
        for before, after in changes(SOURCE):
            self.assertNotIn("assert", before)
            self.assertNotIn("define", before)
            self.assertEqual("int sizes[3]" in before, "int sizes[3]" in after)
            self.assertEqual("[KIND_ONE]" in before, "[KIND_ONE]" in after)
            self.assertEqual('"1 + 1"' in before and after != ";", '"1 + 1"' in after)

    def test_pairs_of_labels_and_enumerators(self):
        source = """\
enum kind { KIND_ONE, KIND_TWO };
bool f(enum kind k)
{
	switch (k) {
	case KIND_ONE: return true;
	case KIND_TWO: return k == KIND_TWO;
	}
}
"""
        got = changes(source)
        self.assertIn(("case KIND_ONE: return true;", "case KIND_ONE: return false;"), got)
        self.assertIn(("case KIND_TWO: return k == KIND_TWO;",
                       "case KIND_TWO: return k == KIND_ONE;"), got)
        self.assertIn(("case KIND_ONE: return true; ... case KIND_TWO: return k == KIND_TWO;",
                       "case KIND_TWO: return true; ... case KIND_ONE: return k == KIND_TWO;"), got)


class Program(unittest.TestCase):
    def test_tries_mutants(self):
        with tempfile.TemporaryDirectory() as top:
            for path, text in (("src/core/tiny.c", TINY), ("tests/unit/t.c", TESTS),
                               ("tests/unit/suites.def", "SUITE(t)\n"), ("Makefile", MAKEFILE),
                               ("tests/mutants.txt", "src/core/tiny.c\nbefore: return a + 1;\n"
                                "after: return a - 1;\nreason: not tested on purpose\n")):
                os.makedirs(os.path.dirname(os.path.join(top, path)), exist_ok=True)
                with open(os.path.join(top, path), "w", encoding="utf-8") as file:
                    file.write(text)
            out, report = os.path.join(top, "out"), os.path.join(top, "report.md")
            done = subprocess.run(
                [sys.executable, os.path.join(ROOT, "tools", "mutate"), "--top", top, "--unit-only",
                 "--out", out, "--report", report, "--at", "src/core/tiny.c:9", "--at",
                 "src/core/tiny.c:5"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
            with open(out, encoding="utf-8") as file:
                results = [json.loads(line) for line in file]
            with open(report, encoding="utf-8") as file:
                report = file.read()
            with open(os.path.join(top, "src/core/tiny.c"), encoding="utf-8") as file:
                self.assertEqual(file.read(), TINY)
        got = {(result["after"], result["killer"], result["by"]) for result in results}
        self.assertEqual(got, {("return 0;", "unit", "adds"), ("return 0;", None, ""),
                               ("return a - 1;", None, ""), ("return a + 2;", None, ""),
                               ("return a + 0;", None, "")})
        self.assertEqual(done.returncode, 1, done.stdout)
        self.assertIn("| src/core | 5 | 0 | 1 | - | 4 | 20 % | - |", report)
        self.assertIn("`return a - 1;` | not tested on purpose |", report)
        self.assertIn("## Lines chosen by hand, unit tests alone", report)
        self.assertIn("| src/core/tiny.c:5 | `return a;` | `return 0;` | adds |", report)


if __name__ == "__main__":
    program = unittest.main(exit=False, verbosity=0)
    bad = len(program.result.failures) + len(program.result.errors)
    print("%d passed, %d failed" % (program.result.testsRun - bad, bad))
    sys.exit(1 if bad else 0)
