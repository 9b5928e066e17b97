/* SPDX-License-Identifier: Apache-2.0 */
/* test_type.c - the types of migrations */
#include "suites.h"

#include "cflyway/base/attr.h"
#include "cflyway/migration/type.h"

static const struct {
	const char *name;
	bool is_synthetic, is_undo, is_baseline;
} types[] = {
	{"SCHEMA", true, false, false},        {"BASELINE", true, false, true},
	{"DELETE", true, false, false},        {"SQL", false, false, false},
	{"SCRIPT", false, false, false},       {"SQL_BASELINE", false, false, true},
	{"UNDO_SCRIPT", false, true, false},   {"JDBC", false, false, false},
	{"UNDO_SQL", false, true, false},      {"CUSTOM", false, false, false},
	{"JDBC_BASELINE", false, false, true},
};

START_TEST(knows_types_by_name)
{
	enum migration_type type;

	ck_assert(migration_type_parse(types[_i].name, &type));
	ck_assert_str_eq(migration_type_name(type), types[_i].name);
	ck_assert_int_eq(migration_type_is_synthetic(type), types[_i].is_synthetic);
	ck_assert_int_eq(migration_type_is_undo(type), types[_i].is_undo);
	ck_assert_int_eq(migration_type_is_baseline(type), types[_i].is_baseline);
}
END_TEST

START_TEST(knows_no_other_types)
{
	enum migration_type type;

	ck_assert(!migration_type_parse("WEIRD", &type));
	ck_assert(!migration_type_parse("sql", &type));
	ck_assert(!migration_type_parse("UNDO", &type));
}
END_TEST

Suite *type_suite(void)
{
	Suite *suite = suite_create("type");
	TCase *tc = tcase_create("type");

	tcase_add_loop_test(tc, knows_types_by_name, 0, COUNT(types));
	tcase_add_test(tc, knows_no_other_types);
	suite_add_tcase(suite, tc);
	return suite;
}
