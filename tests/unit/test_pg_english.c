/* SPDX-License-Identifier: Apache-2.0 */
/* test_pg_english.c - what is known of a message in another language than English */
#include "suites.h"

#include "../../src/db/postgres/english.h"

static struct arena memory;

static void set_up(void)
{
	arena_init(&memory);
}

static void tear_down(void)
{
	arena_release(&memory);
}

/* What the server says, the line of the script, and the message in English; NULL: not certain. */
static const struct {
	const char *state, *routine, *message, *line, *expected;
} messages[] = {
	{"42P01", "parserOpenTable", "Relation »a« existiert nicht\n  Position: 15", NULL,
         "relation \"a\" does not exist"},
	{"42P01", "parserOpenTable", "la relation «\u00a0s.a\u00a0» n'existe pas", NULL,
         "relation \"s.a\" does not exist"},
	{"42P01", "parserOpenTable", "no existe la relación «a»", NULL,
         "relation \"a\" does not exist"},
	{"42P01", "RangeVarGetRelidExtended", "リレーション\"größe\"は存在しません", NULL,
         "relation \"größe\" does not exist"},
	{"42P01", "parserOpenTable", "relace „a“ neexistuje", NULL,
         "relation \"a\" does not exist"},
	{"42P01", "parserOpenTable", "ურთიერთობა (a) არ არსებობს", NULL, NULL},
	{"42P01", "parserOpenTable", "Relation »a\" existiert nicht", NULL, NULL},
	{"42P01", "parserOpenTable", "Relation »a« von »b« existiert nicht", NULL, NULL},
	{"42P01", "somethingElse", "Relation »a« existiert nicht", NULL, NULL},
	{"42P01", NULL, "Relation »a« existiert nicht", NULL, NULL},
	{"42P01", "DropErrorMsgNonExistent", "Tabelle »a« existiert nicht", "x 1 | DROP TABLE a;",
         "table \"a\" does not exist"},
	{"42P01", "DropErrorMsgNonExistent", "Index »a« existiert nicht", "x 1 | DROP INDEX a;",
         NULL},
	{"42883", "ParseFuncOrColumn", "関数s.foo(integer, text)は存在しません",
         " 1 | select s.FOO(1, 'a')", "function s.foo(integer, text) does not exist"},
	{"42883", "ParseFuncOrColumn", "Funktion größe(integer) existiert nicht",
         " 1 | select größe (1)", "function größe(integer) does not exist"},
	{"42883", "ParseFuncOrColumn", "Funktion größe 2(integer) existiert nicht",
         " 1 | select \"größe 2\"(1)", NULL},
	{"42883", "ParseFuncOrColumn", "Prozedur foo(integer) existiert nicht", " 1 | call foo(1)",
         NULL},
	{"42883", "LookupFuncWithArgs", "procedure foo(integer) does not exist",
         " 1 | drop procedure foo(integer)", NULL},
	{"42883", "LookupFuncWithArgs", "Funktion foo(integer) existiert nicht",
         " 1 | drop function foo(integer)", "function foo(integer) does not exist"},
	{"42883", "ParseFuncOrColumn", "Funktion my_count(integer) existiert nicht",
         " 1 | select count(*) from f()", NULL},
	{"42883", "ParseFuncOrColumn", "Funktion foo(integer) existiert nicht", NULL, NULL},
	{"25001", "PreventInTransactionBlock",
         "ALTER TYPE ... ADD kann nicht in einem Transaktionsblock laufen", NULL,
         "ALTER TYPE ... ADD cannot run inside a transaction block"},
	{"25001", "PreventInTransactionBlock", "non è possibile eseguire VACUUM ora", NULL,
         "VACUUM cannot run inside a transaction block"},
	{"25006", "PreventCommandIfReadOnly", "в режиме \"только чтение\" нельзя CREATE TABLE",
         NULL, "cannot execute this in a read-only transaction"},
	{"42501", "createdb", "keine Berechtigung, um Datenbank zu erzeugen", NULL,
         "permission denied to create database"},
	{"42501", "createdb", "keine Berechtigung, um Datenbank »a« zu kopieren", NULL, NULL},
};

START_TEST(says_what_is_certain)
{
	const struct pg_report report = {
		.state = messages[_i].state,
		.routine = messages[_i].routine,
		.message = messages[_i].message,
		.line = messages[_i].line,
	};

	ck_assert_pstr_eq(pg_in_english(&memory, &report), messages[_i].expected);
}
END_TEST

/* Names in fields of their own count if the message has them, in any order. */
static const struct {
	const char *state, *routine, *message, *detail;
	struct sql_object object;
	const char *expected;
} named[] = {
	{"23505",
         "_bt_check_unique",
         "doppelter Schlüsselwert verletzt »u«",
         "Schlüssel »(a, b)=(1, 2)« existiert bereits.",
         {.table = "t", .constraint = "u"},
         "duplicate key value violates unique constraint \"u\"\n  Detail: Key (a, b)=(1, 2) already "
         "exists."},
	{"23503",
         "ri_ReportViolation",
         "Einfügen in »c« verletzt »f«",
         "Schlüssel (p)=(7) ist nicht in Tabelle »parent« vorhanden.",
         {.table = "c", .constraint = "f"},
         "insert or update on table \"c\" violates foreign key constraint \"f\"\n  Detail: Key "
         "(p)=(7) is not present in table \"parent\"."},
	{"23503",
         "ri_ReportViolation",
         "Entfernen der Partition »part« verletzt »f«",
         "Schlüssel (p)=(7) wird noch aus Tabelle »c« verwiesen.",
         {.table = "c", .constraint = "f"},
         NULL},
	{"23503",
         "ri_ReportViolation",
         "在 \"p\" 上的更新违反了在 \"c\" 上的外键约束 \"f\"",
         "键值对(i)=(1)仍然是从表\"c\"引用的.",
         {.table = "c", .constraint = "f"},
         "update or delete on table \"p\" violates foreign key constraint \"f\" on table \"c\"\n  "
         "Detail: Key (i)=(1) is still referenced from table \"c\"."},
	{"23503",
         "ri_ReportViolation",
         "\"p\" \"p\" \"f\"",
         "(i)=(1) \"p\"",
         {.table = "p", .constraint = "f"},
         "update or delete on table \"p\" violates foreign key constraint \"f\" on table \"p\"\n  "
         "Detail: Key (i)=(1) is still referenced from table \"p\"."},
	{"23502",
         "ATRewriteTable",
         "リレーション\"t\"の列\"n\"にNULL値があります",
         NULL,
         {.table = "t", .column = "n"},
         "column \"n\" of relation \"t\" contains null values"},
	{"23514",
         "ATRewriteTable",
         "Partitions-Constraint von »t« wird verletzt",
         NULL,
         {.table = "t"},
         NULL},
};

START_TEST(takes_names_from_fields)
{
	const struct pg_report report = {
		.state = named[_i].state,
		.routine = named[_i].routine,
		.message = named[_i].message,
		.detail = named[_i].detail,
		.object = &named[_i].object,
	};

	ck_assert_pstr_eq(pg_in_english(&memory, &report), named[_i].expected);
}
END_TEST

START_TEST(keeps_the_context)
{
	const struct pg_report report = {
		.state = "25001",
		.routine = "PreventInTransactionBlock",
		.message = "VACUUM kann das nicht",
		.context = "PL/pgSQL-Funktion f()",
	};

	ck_assert_str_eq(
		pg_in_english(&memory, &report),
		"VACUUM cannot run inside a transaction block\n  Where: PL/pgSQL-Funktion f()");
}
END_TEST

Suite *pg_english_suite(void)
{
	Suite *suite = suite_create("pg_english");
	TCase *tc = tcase_create("english");

	tcase_add_checked_fixture(tc, set_up, tear_down);
	tcase_add_loop_test(tc, says_what_is_certain, 0, COUNT(messages));
	tcase_add_loop_test(tc, takes_names_from_fields, 0, COUNT(named));
	tcase_add_test(tc, keeps_the_context);
	suite_add_tcase(suite, tc);
	return suite;
}
