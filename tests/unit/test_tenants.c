/* SPDX-License-Identifier: Apache-2.0 */
/* test_tenants.c - targets from the rows of a query and from environments */
#include "scratch.h"
#include "suites.h"

#include "cflyway/base/attr.h"
#include "cflyway/config/environment_targets.h"
#include "cflyway/config/option_value.h"
#include "cflyway/config/tenants.h"

static struct scratch scratch;

static void setup(void)
{
	scratch_open(&scratch);
}

static void teardown(void)
{
	scratch_close(&scratch);
}

static const char *show(const struct target *target)
{
	struct arena *arena = &scratch.arena;
	const char *text = target->name;

	if (target->values[TARGET_URL] != NULL)
		text = arena_printf(arena, "%s url=%s", text, target->values[TARGET_URL]);
	if (target->values[TARGET_SCHEMAS] != NULL)
		text = arena_printf(arena, "%s schema=%s/%s", text, target->values[TARGET_SCHEMAS],
		                    target->values[TARGET_DEFAULT_SCHEMA]);
	if (target->values[TARGET_ENVIRONMENT] != NULL)
		text = arena_printf(arena, "%s environment=%s", text,
		                    target->values[TARGET_ENVIRONMENT]);
	return text;
}

static const char *show_all(const struct targets *targets)
{
	struct str_list lines = {0};

	for (size_t i = 0; i < targets->n; i++)
		str_list_add(&scratch.arena, &lines, show(&targets->items[i]));
	return str_list_join(&scratch.arena, &lines, ", ");
}

/* --- rows ---------------------------------------------------------------------------------- */

/* Rows with their values; "-" is NULL. */
static const struct {
	const char *what, *rows, *expected;
} rows[] = {
	{"schemas", "t1;t2", "t1 schema=t1/t1, t2 schema=t2/t2"},
	{"names and schemas", "acme|t1;zeta|t2", "acme schema=t1/t1, zeta schema=t2/t2"},
	{"URLs", "jdbc:sqlite:a.db;postgres://h/d;postgresql://h/e;sqlite:b.db",
         "jdbc:sqlite:a.db url=jdbc:sqlite:a.db, postgres://h/d url=postgres://h/d, "
         "postgresql://h/e url=postgresql://h/e, sqlite:b.db url=sqlite:b.db"},
	{"names and URLs", "acme|jdbc:sqlite:a.db", "acme url=jdbc:sqlite:a.db"},
	{"both kinds", "a|jdbc:sqlite:a.db;b|t", "a url=jdbc:sqlite:a.db, b schema=t/t"},
	{"schemas that begin like URLs", "postgres_x;sqlite;jdbc;JDBC:x",
         "postgres_x schema=postgres_x/postgres_x, sqlite schema=sqlite/sqlite, "
         "jdbc schema=jdbc/jdbc, JDBC:x schema=JDBC:x/JDBC:x"},
	{"a password", "jdbc:postgresql://h/d?password=secret",
         "jdbc:postgresql://h/d?password=******** "
         "url=jdbc:postgresql://h/d?password=secret"},
	{"no name", "|x", "-tenantsQuery: row 1 has an empty value"},
	{"a blank name", "a;  ", "-tenantsQuery: row 2 has an empty value"},
	{"NULL", "a|b;c|-", "-tenantsQuery: row 2 has a NULL"},
	{"a line end", "a\nb", "-tenantsQuery: row 1 has a control character"},
	{"DEL", "a\x7F|b", "-tenantsQuery: row 1 has a control character"},
	{"a name twice", "a|x;b|y;a|z", "-tenantsQuery: row 3 has the name of an earlier one: a"},
	{"URLs that differ in the password",
         "jdbc:postgresql://h/d?password=a;jdbc:postgresql://h/d?password=b",
         "-tenantsQuery: row 2 has the name of an earlier one: "
         "jdbc:postgresql://h/d?password=********"},
	{"a comma", "a,b", "-tenantsQuery: row 1 has a schema with a comma"},
	{"a comma in a name and in a URL", "a,b|jdbc:postgresql://g,h/d",
         "a,b url=jdbc:postgresql://g,h/d"},
	{"three columns", "a|b|c",
         "-tenantsQuery: there are 3 columns; one is a schema or a URL, two are a name and one of "
         "these"},
};

static bool add_row(struct targets *targets, struct str row)
{
	const char *values[3];
	size_t columns = 0;

	while (row.ptr != NULL) {
		const char *value = str_dup(&scratch.arena, str_cut(&row, '|'));

		values[columns++] = strcmp(value, "-") == 0 ? NULL : value;
	}
	return tenants_add(&scratch.arena, targets, columns, values, &scratch.err);
}

START_TEST(makes_targets_of_rows)
{
	struct str rest = str_of(rows[_i].rows);
	struct targets targets;
	bool ok = true;

	tenants_init(&targets);
	while (ok && rest.ptr != NULL)
		ok = add_row(&targets, str_cut(&rest, ';'));
	const char *got = ok ? show_all(&targets) : scratch.err.message;
	ck_assert_msg(strcmp(got, rows[_i].expected) == 0, "%s: %s", rows[_i].what, got);
}
END_TEST

/* --- environments -------------------------------------------------------------------------- */

static const char *get(const void *ctx, const char *name)
{
	(void)ctx;
	return strcmp(name, "HOME") == 0 || strcmp(name, "CFLYWAY_HOME") == 0 ? "/nonexistent"
	                                                                      : NULL;
}

static const char *at(const void *ctx, size_t i)
{
	(void)ctx;
	return i == 0 ? "environments_late_url=x" : NULL;
}

static const struct environment variables = {get, at, NULL};

static const struct {
	const char *names, *toml, *conf, *expected;
} environments[] = {
	{"b,a", "", NULL, "b environment=b, a environment=a"},
	{"all", "[environments.z]\nurl=\"x\"\n[environments.\"a.b\"]\nuser=\"x\"\nurl=\"y\"\n",
         NULL, "a.b environment=a.b, late environment=late, z environment=z"},
	{"all,a", "[environments.z]\nurl=\"x\"\n", NULL, "all environment=all, a environment=a"},
	{"a,a", "", NULL, "-environments: a is named twice"},
	{"a,,b", "", NULL, "-environments: an item is empty"},
	{"a", NULL, "",
         "-environments: only flyway.toml has environments, but here .conf files are read"},
	{"a", "[", NULL, "Error parsing config file at [line 1, column 2]"},
};

START_TEST(makes_targets_of_environments)
{
	struct arena *arena = &scratch.arena;
	struct str_list names = option_parse_list(arena, environments[_i].names);
	struct invocation invocation = {0};
	struct targets targets;

	pairs_init(&invocation.options, arena);
	if (environments[_i].toml != NULL)
		scratch_write("flyway.toml", environments[_i].toml);
	if (environments[_i].conf != NULL)
		scratch_write("flyway.conf", environments[_i].conf);
	bool ok =
		environment_targets(arena, &names, &invocation, &variables, &targets, &scratch.err);
	const char *got = ok ? show_all(&targets) : scratch.err.message;
	ck_assert_msg(str_starts(str_of(got), str_of(environments[_i].expected)), "%s: %s",
	              environments[_i].names, got);
}
END_TEST

Suite *tenants_suite(void)
{
	Suite *suite = suite_create("tenants");
	TCase *tc = tcase_create("tenants");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(tc, makes_targets_of_rows, 0, COUNT(rows));
	tcase_add_loop_test(tc, makes_targets_of_environments, 0, COUNT(environments));
	suite_add_tcase(suite, tc);
	return suite;
}
