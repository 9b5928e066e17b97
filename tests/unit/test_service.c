/* SPDX-License-Identifier: Apache-2.0 */
/* test_service.c - service files as the driver of Flyway 12.4.0 reads them */
#include "suites.h"

#include "scratch.h"

#include "cflyway/base/attr.h"
#include "cflyway/db/service.h"

#include <stdlib.h>

static struct arena arena;

static void setup(void)
{
	arena_init(&arena);
}

static void teardown(void)
{
	arena_release(&arena);
}

/* "key=value|", "missing", or "bad line N". */
static const char *show(const char *text)
{
	struct pairs properties;
	size_t line;
	const char *shown = "";

	pairs_init(&properties, &arena);
	switch (service_parse(str_of(text), "s", &properties, &line)) {
	case SERVICE_MISSING:
		return "missing";
	case SERVICE_BAD_LINE:
		return arena_printf(&arena, "bad line %zu", line);
	case SERVICE_FOUND:
		break;
	}
	for (size_t i = 0; i < properties.n; i++)
		shown = arena_printf(&arena, "%s%s=%s|", shown, properties.items[i].key,
		                     properties.items[i].value);
	return shown;
}

/* NULL: none. */
static const struct {
	const char *name, *path;
} paths[] = {
	{"/etc/pg.conf", "/etc/pg.conf"},
	{" /etc/a%20b", " /etc/a%20b"},
	{"http:/etc/pg.conf", "http:/etc/pg.conf"},
	{"file:/etc/a%20b+c d", "/etc/a b+c d"},
	{" URL:File:pg.conf#x?y ", "pg.conf"},
	{"file:pg.conf?x#y", "pg.conf"},
	{"file:///etc/pg.conf", "/etc/pg.conf"},
	{"file://LocalHost/etc/pg.conf", "/etc/pg.conf"},
	{"file://~/pg.conf", "/pg.conf"},
	{"file://db.example.com/pg.conf", NULL},
	{"file:%2", NULL},
	{"file:%00", NULL},
	{"file:", ""},
	{"file://", ""},
};

START_TEST(finds_the_path)
{
	ck_assert_pstr_eq(service_path(&arena, paths[_i].name), paths[_i].path);
}
END_TEST

static const struct {
	const char *text, *shown;
} files[] = {
	{"[s]\nhost=h\nport=1\ndbname=d\nuser=u\n", "PGHOST=h|PGPORT=1|PGDBNAME=d|user=u|"},
	{"# x\n\n[t]\nrubbish\n[s]\n  # y\n\thost=h \r\nport=1\rdbname=d",
         "PGHOST=h|PGPORT=1|PGDBNAME=d|"},
	{"[s]\nhost=a\nhost=b\n[s]\nport=1\n", "PGHOST=a|"},
	{"[s]\nhost=a\n[t]\nrubbish\n", "PGHOST=a|"},
	{"[s]\nhost=\nuser= a=b\n", "user= a=b|"},
	{"[s]", ""},
	{"[s]\n", ""},
	{"", "missing"},
	{"host=a", "missing"},
	{"[S]\n[ s]\n[s\n[]\n[\n", "missing"},
	{"[s]\nhost\n", "bad line 2"},
	{"[s]\n\nhost =a\n", "bad line 3"},
	{"[s]\nHOST=a\n", "bad line 2"},
	{"[s]\n=a\n", "bad line 2"},
	{"[s]\nx=a\n", "bad line 2"},
	{"[s]\nPGHOST=a\n", "bad line 2"},
	{"[s]\napplication_name=a\n", "bad line 2"},
	{"[s]\nservice=t\nApplicationName=a\n", "service=t|ApplicationName=a|"},
};

START_TEST(reads_sections)
{
	ck_assert_str_eq(show(files[_i].text), files[_i].shown);
}
END_TEST

/* --- where the file is --------------------------------------------------------------------- */

static struct scratch scratch;

static const char *const variables[] = {"PGSERVICEFILE", "HOME", "PGSYSCONFDIR"};
static const char *variables_before[COUNT(variables)];

static void set_variable(size_t i, const char *value)
{
	if (value != NULL)
		setenv(variables[i], value, 1);
	else
		unsetenv(variables[i]);
}

static void enter(void)
{
	arena_init(&arena);
	scratch_open(&scratch);
	scratch_write("own.conf", "[s]\nuser=own\n");
	scratch_write("home/.pg_service.conf", "[s]\nuser=home\n");
	scratch_write("etc/pg_service.conf", "[s]\nuser=etc\n");
	scratch_write("bad.conf", "[s]\nuser=bad\nrubbish\n");
	scratch_write("empty/x", "");
	for (size_t i = 0; i < COUNT(variables); i++) {
		const char *value = getenv(variables[i]);

		variables_before[i] = value != NULL ? arena_strdup(&arena, value) : NULL;
		unsetenv(variables[i]);
	}
}

static void leave(void)
{
	for (size_t i = 0; i < COUNT(variables); i++)
		set_variable(i, variables_before[i]);
	scratch_close(&scratch);
	arena_release(&arena);
}

#define NO_FILE                                                                                    \
	"there is no service file: neither PGSERVICEFILE nor ~/.pg_service.conf nor PGSYSCONFDIR"

static const struct {
	const char *file, *home, *directory; /* the variables */
	const char *service, *user, *why;
} places[] = {
	{"own.conf", "home", "etc", "s", "own", NULL},
	{"file:own.conf", NULL, NULL, "s", "own", NULL},
	{NULL, "home", "etc", "s", "home", NULL},
	{" ", "home", "etc", "s", "home", NULL},
	{"", "empty", "etc", "s", "etc", NULL},
	{NULL, NULL, "etc", "s", "etc", NULL},
	{NULL, " ", "etc", "s", "etc", NULL},
	{NULL, "empty", NULL, "s", NULL, NO_FILE},
	{NULL, NULL, " ", "s", NULL, NO_FILE},
	{"file://db.example.com/x", "home", "etc", "s", NULL,
         "file://db.example.com/x is no file of this machine"},
	{"own.conf", NULL, NULL, "t", NULL, "own.conf has no section [t]"},
	{"own.conf", NULL, NULL, "u:secret@h", NULL, "own.conf has no section [u:********@h]"},
	{"bad.conf", NULL, NULL, "s", "bad",
         "line 3 of bad.conf is no parameter=value of the driver"},
};

START_TEST(takes_the_first_file_that_there_is)
{
	struct pairs properties;
	const char *why = "unset";

	pairs_init(&properties, &arena);
	set_variable(0, places[_i].file);
	set_variable(1, places[_i].home);
	set_variable(2, places[_i].directory);
	ck_assert_int_eq(service_load(&arena, places[_i].service, &properties, &why),
	                 places[_i].why == NULL);
	ck_assert_pstr_eq(why, places[_i].why);

	const struct pair *user = pairs_find(&properties, "user");

	ck_assert_pstr_eq(user != NULL ? user->value : NULL, places[_i].user);
}
END_TEST

START_TEST(says_why_a_file_cannot_be_read)
{
	struct pairs properties;
	const char *why = NULL;

	pairs_init(&properties, &arena);
	set_variable(0, "missing.conf");
	ck_assert(!service_load(&arena, "s", &properties, &why));
	ck_assert_ptr_nonnull(strstr(why, "missing.conf"));
	ck_assert_ptr_null(strstr(why, "section"));
}
END_TEST

Suite *service_suite(void)
{
	Suite *suite = suite_create("service");
	TCase *tc = tcase_create("service");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(tc, finds_the_path, 0, COUNT(paths));
	tcase_add_loop_test(tc, reads_sections, 0, COUNT(files));
	suite_add_tcase(suite, tc);
	tc = tcase_create("files");
	tcase_add_checked_fixture(tc, enter, leave);
	tcase_add_loop_test(tc, takes_the_first_file_that_there_is, 0, COUNT(places));
	tcase_add_test(tc, says_why_a_file_cannot_be_read);
	suite_add_tcase(suite, tc);
	return suite;
}
