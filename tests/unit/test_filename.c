/* SPDX-License-Identifier: Apache-2.0 */
/* test_filename.c - what names say; all recorded from Flyway 12.4.0 */
#include "suites.h"

#include "cflyway/migration/filename.h"

#define NOT_RECOGNISED(name) "Unrecognised migration name format: " name
#define NO_VERSION_ALLOWED(name, model)                                                            \
	"Invalid repeatable migration / callback name format: " name                               \
	" (It cannot contain a version and should look like this: " model ")"
#define VERSION_NEEDED(name, model)                                                                \
	"Invalid versioned migration name format: " name                                           \
	" (It must contain a version and should look like this: " model ")"
#define BAD_VERSION(name, version)                                                                 \
	"Invalid versioned migration name format: " name                                           \
	" (could not recognise version number " version ")"

static struct arena arena;

static void setup(void)
{
	arena_init(&arena);
}

static void teardown(void)
{
	arena_release(&arena);
}

/* "V R B U __ .sql,.other"; "-" is the empty text. */
static struct filename_rules rules_of(const char *text)
{
	struct str rest = str_of(text);
	const char *parts[6];
	struct filename_rules rules;

	for (size_t i = 0; i < COUNT(parts); i++) {
		parts[i] = str_dup(&arena, str_cut(&rest, ' '));
		if (strcmp(parts[i], "-") == 0)
			parts[i] = "";
	}
	rules = (struct filename_rules){parts[0], parts[1], parts[2], parts[3],
	                                parts[4], {0},      NULL};
	rest = str_of(parts[5]);
	while (rest.ptr != NULL)
		str_list_add(&arena, &rules.suffixes, str_dup(&arena, str_cut(&rest, ',')));
	return rules;
}

#define USUAL "V R B U __ .sql"

static const struct {
	const char *name, *rules;
	enum filename_kind kind;
	const char *version, *description, *placeholder;
} valid[] = {
	{"V1__a.sql", USUAL, FILENAME_VERSIONED, "1", "a", "V1__a.sql"},
	{"V01_2__x_y.SQL", USUAL, FILENAME_VERSIONED, "01.2", "x y", "V01_2__x_y.SQL"},
	{"V3__.sql", USUAL, FILENAME_VERSIONED, "3", "", "V3.sql"},
	{"V4.sql", USUAL, FILENAME_VERSIONED, "4", "", "V4.sql"},
	{"V5___triple_underscore.sql", USUAL, FILENAME_VERSIONED, "5", " triple underscore",
         "V5___triple_underscore.sql"},
	{"V6__two__seps.sql", USUAL, FILENAME_VERSIONED, "6", "two  seps", "V6__two__seps.sql"},
	{"V3__c.tar.sql", USUAL, FILENAME_VERSIONED, "3", "c.tar", "V3__c.tar.sql"},
	{"V-5__neg.sql", USUAL, FILENAME_VERSIONED, "-5", "neg", "V-5__neg.sql"},
	{"V+6.5__plus.sql", USUAL, FILENAME_VERSIONED, "+6.5", "plus", "V+6.5__plus.sql"},
	{"V１７__x.sql", USUAL, FILENAME_VERSIONED, "１７", "x", "V１７__x.sql"},
	{"V7__with space.sql", USUAL, FILENAME_VERSIONED, "7", "with space", "V7__with space.sql"},
	{"V18__ünï.sql", USUAL, FILENAME_VERSIONED, "18", "ünï", "V18__ünï.sql"},
	{"B3__b.sql", USUAL, FILENAME_BASELINE, "3", "b", "B3__b.sql"},
	{"R__a_b.sql", USUAL, FILENAME_REPEATABLE, NULL, "a b", "R__a_b.sql"},
	{"R__.sql", USUAL, FILENAME_REPEATABLE, NULL, "", "R.sql"},
	{"R.sql", USUAL, FILENAME_REPEATABLE, NULL, "", "R.sql"},
	{"beforeMigrate.sql", USUAL, FILENAME_CALLBACK, NULL, "", "beforeMigrate.sql"},
	{"afterMigrate__desc.sql", USUAL, FILENAME_CALLBACK, NULL, "desc",
         "afterMigrate__desc.sql"},
	{"beforeMigrate__1__x.sql", USUAL, FILENAME_CALLBACK, NULL, "1  x",
         "beforeMigrate__1__x.sql"},
	{"V2__b.tar.sql", "V R B U __ .tar.sql,.sql", FILENAME_VERSIONED, "2", "b",
         "V2__b.tar.sql"},
	{"V2__b.tar.sql", "V R B U __ .sql,.tar.sql", FILENAME_VERSIONED, "2", "b.tar",
         "V2__b.tar.sql"},
	{"1__x.sql", "- R B U __ .sql", FILENAME_VERSIONED, "1", "x", "1__x.sql"},
	{"R__y.sql", "- R B U __ .sql", FILENAME_REPEATABLE, NULL, "y", "R__y.sql"},
	{"V1__x.sql", "V - B U __ .sql", FILENAME_VERSIONED, "1", "x", "V1__x.sql"},
	{"__y.sql", "V - B U __ .sql", FILENAME_REPEATABLE, NULL, "y", "__y.sql"},
	{"V1--x.sql", "V R B U -- .sql", FILENAME_VERSIONED, "1", "x", "V1--x.sql"},
	{"V1_x_y.sql", "V R B U _ .sql", FILENAME_VERSIONED, "1", "x y", "V1_x_y.sql"},
	{"V1_2__a.sql", "V R B U _ .sql", FILENAME_VERSIONED, "1", "2  a", "V1_2__a.sql"},
	{"V1.2.x.sql", "V R B U . .sql", FILENAME_VERSIONED, "1", "2.x", "V1.2.x.sql"},
	{"V1__x.sql", "V VR VB U __ .sql", FILENAME_VERSIONED, "1", "x", "V1__x.sql"},
	{"VR__r.sql", "V VR VB U __ .sql", FILENAME_REPEATABLE, NULL, "r", "VR__r.sql"},
	{"VB2__r.sql", "V VR VB U __ .sql", FILENAME_BASELINE, "2", "r", "VB2__r.sql"},
	{"U1__x.sql", USUAL, FILENAME_UNDO, "1", "x", "U1__x.sql"},
	{"U2.sql", USUAL, FILENAME_UNDO, "2", "", "U2.sql"},
	{"U1__x.sql", "U R B U __ .sql", FILENAME_VERSIONED, "1", "x", "U1__x.sql"},
	{"UNDO1__x.sql", "V R B UNDO __ .sql", FILENAME_UNDO, "1", "x", "UNDO1__x.sql"},
	{"R__a.sql", "V R B U - .sql", FILENAME_REPEATABLE, NULL, "  a", "R__a.sql"},
	{"V1__x.sql", "V R B U __ -", FILENAME_VERSIONED, "1", "x.sql", "V1__x.sql"},
	{"R__.sqlSQL", "V R B U __ .sql,sql", FILENAME_REPEATABLE, NULL, ".sql", "R__.sqlSQL"},
};

START_TEST(splits_valid_names)
{
	struct filename_rules rules = rules_of(valid[_i].rules);
	struct filename got;

	filename_parse(&arena, valid[_i].name, &rules, &got);
	ck_assert_msg(got.kind == valid[_i].kind, "%s: kind %d, %s", valid[_i].name, (int)got.kind,
	              got.message);
	ck_assert_ptr_null(got.message);
	ck_assert_str_eq(got.description, valid[_i].description);
	ck_assert_str_eq(got.placeholder, valid[_i].placeholder);
	ck_assert_int_eq(version_is_set(&got.version), valid[_i].version != NULL);
	if (valid[_i].version != NULL)
		ck_assert_str_eq(got.version.text, valid[_i].version);
}
END_TEST

static const struct {
	const char *name, *rules, *message;
} invalid[] = {
	{".V16__hidden.sql", USUAL, NOT_RECOGNISED(".V16__hidden.sql")},
	{"notes.sql", USUAL, NOT_RECOGNISED("notes.sql")},
	{"X1__x.sql", USUAL, NOT_RECOGNISED("X1__x.sql")},
	{"v10__x.sql", USUAL, NOT_RECOGNISED("v10__x.sql")},
	{"r__x.sql", USUAL, NOT_RECOGNISED("r__x.sql")},
	{"U__x.sql", USUAL, NOT_RECOGNISED("U__x.sql")},
	{"Users.sql", USUAL, NOT_RECOGNISED("Users.sql")},
	{"U1__x.sql", "V R B - __ .sql", NOT_RECOGNISED("U1__x.sql")},
	{"before__x.sql", USUAL, NOT_RECOGNISED("before__x.sql")},
	{"beforemigrate.sql", USUAL, NOT_RECOGNISED("beforemigrate.sql")},
	{"undoX.sql", USUAL, NOT_RECOGNISED("undoX.sql")},
	{"V.sql", "V R B U __ V.sql,sql", NOT_RECOGNISED("V.sql")},
	{"beforeMigrate.sql", "V R B U __ Migrate.sql", NOT_RECOGNISED("beforeMigrate.sql")},
	{"R1__versioned_rep.sql", USUAL,
         NO_VERSION_ALLOWED("R1__versioned_rep.sql", "R__versioned_rep.sql")},
	{"R_x.sql", USUAL, NO_VERSION_ALLOWED("R_x.sql", "R__description.sql")},
	{"README", "V R B U __ -", NO_VERSION_ALLOWED("README", "R__description")},
	{"beforeMigrate1__x.sql", USUAL,
         NO_VERSION_ALLOWED("beforeMigrate1__x.sql", "beforeMigrate__x.sql")},
	{"beforeMigrate_x.sql", USUAL,
         NO_VERSION_ALLOWED("beforeMigrate_x.sql", "beforeMigrate__description.sql")},
	{"afterMigrateNotApplied1.sql", USUAL,
         NO_VERSION_ALLOWED("afterMigrateNotApplied1.sql", "afterMigrate__description.sql")},
	{"afterCleanOperationFinish1.sql", USUAL,
         NO_VERSION_ALLOWED("afterCleanOperationFinish1.sql", "afterClean__description.sql")},
	{"V__nover.sql", USUAL, VERSION_NEEDED("V__nover.sql", "V1.2__nover.sql")},
	{"V.sql", USUAL, VERSION_NEEDED("V.sql", "V1.2__description.sql")},
	{"B__x.sql", USUAL, VERSION_NEEDED("B__x.sql", "B1.2__x.sql")},
	{"V__y.sql", "V V B U __ .sql", VERSION_NEEDED("V__y.sql", "V1.2__y.sql")},
	{"__y.sql", "- - B U __ .sql", VERSION_NEEDED("__y.sql", "1.2__y.sql")},
	{"V1__x.sql", "V R B U - .sql", VERSION_NEEDED("V1__x.sql", "V1.21__x.sql")},
	{"Va", "V R B U __ .sql,sql,a", VERSION_NEEDED("Va", "V1.2__descriptiona")},
	{"V.1__lead.sql", USUAL, BAD_VERSION("V.1__lead.sql", ".1")},
	{"V1a__n.sql", USUAL, BAD_VERSION("V1a__n.sql", "1a")},
	{"V11 __n.sql", USUAL, BAD_VERSION("V11 __n.sql", "11 ")},
	{"V12_single.sql", USUAL, BAD_VERSION("V12_single.sql", "12_single")},
	{"V1.２__n33.sql", USUAL, BAD_VERSION("V1.２__n33.sql", "1.２")},
	{"Vlatest__l.sql", USUAL, BAD_VERSION("Vlatest__l.sql", "latest")},
	{"VneXt__l.sql", USUAL, BAD_VERSION("VneXt__l.sql", "neXt")},
	{"Bcurrent__l.sql", USUAL, BAD_VERSION("Bcurrent__l.sql", "current")},
	{"V9223372036854775807__l.sql", USUAL,
         BAD_VERSION("V9223372036854775807__l.sql", "9223372036854775807")},
	{"V2__y.sql", "V R B U -- .sql", BAD_VERSION("V2__y.sql", "2__y")},
	{"V2__z.sql", "- R B U __ .sql", BAD_VERSION("V2__z.sql", "V2")},
};

START_TEST(says_why_a_name_is_invalid)
{
	struct filename_rules rules = rules_of(invalid[_i].rules);
	struct filename got;

	filename_parse(&arena, invalid[_i].name, &rules, &got);
	ck_assert_msg(got.kind == FILENAME_INVALID, "%s", invalid[_i].name);
	ck_assert_str_eq(got.message, invalid[_i].message);
}
END_TEST

/* All events that have a name of their own; what is longer belongs to a shorter one. */
static const char *const events[] = {
	"beforeMigrate",
	"beforeRepeatables",
	"beforeEachMigrate",
	"beforeEachMigrateStatement",
	"afterEachMigrateStatement",
	"afterEachMigrateStatementError",
	"afterEachMigrate",
	"afterEachMigrateError",
	"afterMigrate",
	"afterMigrateApplied",
	"afterVersioned",
	"afterMigrateError",
	"afterMigrateOperationFinish",
	"beforeUndo",
	"beforeEachUndo",
	"beforeEachUndoStatement",
	"afterEachUndoStatement",
	"afterEachUndoStatementError",
	"afterEachUndo",
	"afterEachUndoError",
	"afterUndo",
	"afterUndoError",
	"beforeClean",
	"afterClean",
	"afterCleanError",
	"beforeInfo",
	"afterInfo",
	"afterInfoError",
	"beforeValidate",
	"afterValidate",
	"afterValidateError",
	"beforeBaseline",
	"afterBaseline",
	"afterBaselineError",
	"beforeRepair",
	"afterRepair",
	"afterRepairError",
	"createSchema",
	"beforeCreateSchema",
	"beforeConnect",
	"afterConnect",
	"afterInfoOperationFinish",
};

START_TEST(knows_the_names_of_events)
{
	struct filename_rules rules = rules_of(USUAL);
	struct filename got;

	filename_parse(&arena, arena_printf(&arena, "%s__x.sql", events[_i]), &rules, &got);
	ck_assert_int_eq(got.kind, FILENAME_CALLBACK);
	ck_assert_str_eq(got.prefix, events[_i]);
}
END_TEST

static const struct {
	const char *name, *rules;
	bool is_sql;
} endings[] = {
	{"V1__a.sql", USUAL, true},       {"V1__a.SqL", USUAL, true},
	{"V1__a.sql.conf", USUAL, false}, {".sql", USUAL, false},
	{"sql", "V R B U __ sql", false}, {"asql", "V R B U __ sql", true},
	{"README", "V R B U __ -", true},
};

START_TEST(checks_names_with_a_suffix_only)
{
	struct filename_rules rules = rules_of(endings[_i].rules);

	ck_assert_msg(filename_is_sql(endings[_i].name, &rules) == endings[_i].is_sql, "%s",
	              endings[_i].name);
}
END_TEST

Suite *filename_suite(void)
{
	Suite *suite = suite_create("filename");
	TCase *tc = tcase_create("filename");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(tc, splits_valid_names, 0, COUNT(valid));
	tcase_add_loop_test(tc, says_why_a_name_is_invalid, 0, COUNT(invalid));
	tcase_add_loop_test(tc, knows_the_names_of_events, 0, COUNT(events));
	tcase_add_loop_test(tc, checks_names_with_a_suffix_only, 0, COUNT(endings));
	suite_add_tcase(suite, tc);
	return suite;
}
