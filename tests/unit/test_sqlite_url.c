/* SPDX-License-Identifier: Apache-2.0 */
/* test_sqlite_url.c - what becomes of each parameter that sqlite-jdbc 3.49.1 knows */
#include "suites.h"

#include "cflyway/base/attr.h"
#include "cflyway/db/url.h"

static struct arena arena;

static void set_up(void)
{
	arena_init(&arena);
}

static void tear_down(void)
{
	arena_release(&arena);
}

static const char *const pragmas[] = {
	"application_id",
	"busy_timeout",
	"cache_size",
	"case_sensitive_like",
	"count_changes",
	"default_cache_size",
	"defer_foreign_keys",
	"empty_result_callback",
	"encoding",
	"foreign_keys",
	"full_column_names",
	"fullsync",
	"incremental_vacuum",
	"journal_mode",
	"journal_size_limit",
	"legacy_alter_table",
	"legacy_file_format",
	"locking_mode",
	"max_page_count",
	"mmap_size",
	"page_size",
	"read_uncommitted",
	"recursive_triggers",
	"reverse_unordered_selects",
	"secure_delete",
	"short_column_names",
	"synchronous",
	"temp_store",
	"temp_store_directory",
	"user_version",
};

static const char *const ignored[] = {
	"date_class", "date_precision",          "date_string_format", "hexkey_mode",
	"password",   "jdbc.get_generated_keys", "transaction_mode",
};

static const char *const refused[] = {
	"enable_load_extension",
	"jdbc.explicit_readonly",
	"limit_attached",
	"limit_column",
	"limit_compound_select",
	"limit_expr_depth",
	"limit_function_arg",
	"limit_length",
	"limit_like_pattern_length",
	"limit_page_count",
	"limit_sql_length",
	"limit_trigger_depth",
	"limit_variable_number",
	"limit_vdbe_op",
	"limit_worker_threads",
	"open_mode",
	"shared_cache",
};

static bool parse(const char *name, const char *value, struct sqlite_url *parts, struct error *err)
{
	error_init(err, &arena);
	return sqlite_url_parse(&arena, arena_printf(&arena, "x.db?%s=%s", name, value), parts,
	                        err);
}

START_TEST(runs_a_pragma)
{
	struct sqlite_url parts;
	struct error err;

	ck_assert(parse(pragmas[_i], "7", &parts, &err));
	ck_assert_str_eq(parts.file, "x.db");
	ck_assert_uint_eq(parts.pragmas.n, 1);
	ck_assert_str_eq(parts.pragmas.items[0].key, pragmas[_i]);
	ck_assert_str_eq(parts.pragmas.items[0].value, "7");
}
END_TEST

START_TEST(ignores_what_concerns_java)
{
	struct sqlite_url parts;
	struct error err;

	ck_assert(parse(ignored[_i], "7", &parts, &err));
	ck_assert_str_eq(parts.file, "x.db");
	ck_assert_uint_eq(parts.pragmas.n, 0);
}
END_TEST

START_TEST(refuses_what_it_cannot_do_unless_it_is_off)
{
	static const char *const off[] = {"0", "false", "False"};
	struct sqlite_url parts;
	struct error err;

	ck_assert(!parse(refused[_i], "7", &parts, &err));
	ck_assert_str_eq(
		err.message,
		arena_printf(&arena, "Parameter '%s' of an SQLite URL has no equivalent in cflyway",
	                     refused[_i]));
	for (size_t i = 0; i < COUNT(off); i++) {
		ck_assert(parse(refused[_i], off[i], &parts, &err));
		ck_assert_str_eq(parts.file, "x.db");
		ck_assert_uint_eq(parts.pragmas.n, 0);
	}
}
END_TEST

/* --- jdbcProperties ------------------------------------------------------------------------- */

static const struct {
	const char *key, *value;
	const char *pragmas, *error; /* of a URL with journal_mode=wal */
} properties[] = {
	{"journal_mode", "delete", "journal_mode=delete", NULL}, /* it wins over the URL */
	{"foreign_keys", "true", "journal_mode=wal foreign_keys=true", NULL},
	{"foreign_keys", "", "journal_mode=wal foreign_keys=", NULL},
	{"user", "me", "journal_mode=wal", NULL},
	{"password", "x", "journal_mode=wal", NULL},
	{"shared_cache", "false", "journal_mode=wal", NULL},
	{"shared_cache", "true", NULL, "JDBC property 'shared_cache' has no equivalent in cflyway"},
	{"JOURNAL_MODE", "wal", NULL,
         "Unknown JDBC property 'JOURNAL_MODE': did you mean 'journal_mode'?"},
	{"foreignkeys", "on", NULL,
         "Unknown JDBC property 'foreignkeys': did you mean 'foreign_keys'?"},
	{"nonsense", "1", NULL,
         "Unknown JDBC property 'nonsense': the JDBC driver would ignore it"},
};

START_TEST(takes_properties)
{
	struct sqlite_url parts;
	struct pairs given;
	struct error err;
	const char *pragmas_now = "", *separator = "";
	bool ok;

	pairs_init(&given, &arena);
	pairs_set(&given, str_of(properties[_i].key), str_of(properties[_i].value), "test");
	ck_assert(parse("journal_mode", "wal", &parts, &err));
	ok = sqlite_properties_take(&given, &parts, &err);
	ck_assert_int_eq(ok, properties[_i].error == NULL);
	if (!ok) {
		ck_assert_str_eq(err.message, properties[_i].error);
		return;
	}
	for (size_t i = 0; i < parts.pragmas.n; i++, separator = " ")
		pragmas_now =
			arena_printf(&arena, "%s%s%s=%s", pragmas_now, separator,
		                     parts.pragmas.items[i].key, parts.pragmas.items[i].value);
	ck_assert_str_eq(pragmas_now, properties[_i].pragmas);
}
END_TEST

Suite *sqlite_url_suite(void)
{
	Suite *suite = suite_create("sqlite_url");
	TCase *tc = tcase_create("parameters");

	tcase_add_checked_fixture(tc, set_up, tear_down);
	tcase_add_loop_test(tc, runs_a_pragma, 0, COUNT(pragmas));
	tcase_add_loop_test(tc, ignores_what_concerns_java, 0, COUNT(ignored));
	tcase_add_loop_test(tc, refuses_what_it_cannot_do_unless_it_is_off, 0, COUNT(refused));
	tcase_add_loop_test(tc, takes_properties, 0, COUNT(properties));
	suite_add_tcase(suite, tc);
	return suite;
}
