/* SPDX-License-Identifier: Apache-2.0 */
/* test_service.c - service files as the driver of Flyway 12.4.0 reads them */
#include "suites.h"

#include "cflyway/base/attr.h"
#include "cflyway/db/service.h"

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

Suite *service_suite(void)
{
	Suite *suite = suite_create("service");
	TCase *tc = tcase_create("service");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(tc, finds_the_path, 0, COUNT(paths));
	tcase_add_loop_test(tc, reads_sections, 0, COUNT(files));
	suite_add_tcase(suite, tc);
	return suite;
}
