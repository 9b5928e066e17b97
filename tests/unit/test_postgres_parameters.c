/* SPDX-License-Identifier: Apache-2.0 */
/* test_postgres_parameters.c - the parameters of a connection to PostgreSQL */
#include "suites.h"

#include "cflyway/base/attr.h"
#include "cflyway/config/postgres_parameters.h"

static const struct postgres_parameter jdbc[] = {
#define JDBC(name, use, note) {name, POSTGRES_PARAMETER_##use, note},
#define LIBPQ(name, property, kind)
#include "cflyway/config/postgres_parameters.def"
#undef LIBPQ
#undef JDBC
};

static const struct libpq_parameter libpq[] = {
#define JDBC(name, use, note)
#define LIBPQ(name, property, kind) {name, property, LIBPQ_PARAMETER_##kind},
#include "cflyway/config/postgres_parameters.def"
#undef LIBPQ
#undef JDBC
};

START_TEST(finds_each_parameter_of_the_driver)
{
	const struct postgres_parameter *found = postgres_parameter_find(str_of(jdbc[_i].name));
	const bool has_note = jdbc[_i].use == POSTGRES_PARAMETER_IGNORED ||
	                      jdbc[_i].use == POSTGRES_PARAMETER_PLACE;

	ck_assert_ptr_nonnull(found);
	ck_assert_str_eq(found->name, jdbc[_i].name);
	ck_assert_int_eq(found->use, jdbc[_i].use);
	ck_assert_int_eq(found->note != NULL, has_note);
	/* no parameter of libpq has this name and means another one */
	ck_assert_str_eq(postgres_parameter_nearest(str_of(jdbc[_i].name)), jdbc[_i].name);
}
END_TEST

START_TEST(finds_each_parameter_of_libpq)
{
	const struct libpq_parameter *found = libpq_parameter_find(str_of(libpq[_i].name));
	const char *property = libpq[_i].property;

	ck_assert_ptr_nonnull(found);
	ck_assert_str_eq(found->name, libpq[_i].name);
	ck_assert_str_eq(libpq_parameter_nearest(str_of(libpq[_i].name)), libpq[_i].name);
	if (property == NULL)
		return;
	ck_assert_str_eq(postgres_parameter_nearest(str_of(libpq[_i].name)), property);
	ck_assert_int_eq(postgres_parameter_find(str_of(property))->use, POSTGRES_PARAMETER_USED);
}
END_TEST

static const struct {
	const char *name, *driver, *url;
} wrong[] = {
	{"sslMode", "sslmode", "sslmode"},
	{"ssl_mode", "sslmode", "sslmode"},
	{"prepareTreshold", "prepareThreshold", "prepareThreshold"},
	{"aplication_name", "ApplicationName", "application_name"},
	{"nonsense", NULL, NULL},
	{"", NULL, NULL},
};

START_TEST(knows_what_was_meant)
{
	ck_assert_ptr_null(postgres_parameter_find(str_of(wrong[_i].name)));
	ck_assert_ptr_null(libpq_parameter_find(str_of(wrong[_i].name)));
	ck_assert_pstr_eq(postgres_parameter_nearest(str_of(wrong[_i].name)), wrong[_i].driver);
	ck_assert_pstr_eq(libpq_parameter_nearest(str_of(wrong[_i].name)), wrong[_i].url);
}
END_TEST

Suite *postgres_parameters_suite(void)
{
	Suite *suite = suite_create("postgres_parameters");
	TCase *tc = tcase_create("parameters");

	tcase_add_loop_test(tc, finds_each_parameter_of_the_driver, 0, COUNT(jdbc));
	tcase_add_loop_test(tc, finds_each_parameter_of_libpq, 0, COUNT(libpq));
	tcase_add_loop_test(tc, knows_what_was_meant, 0, COUNT(wrong));
	suite_add_tcase(suite, tc);
	return suite;
}
