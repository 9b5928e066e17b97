/* SPDX-License-Identifier: Apache-2.0 */
/* test_url.c - JDBC URLs as the drivers of Flyway 12.4.0 read them */
#include "suites.h"

#include "cflyway/base/attr.h"
#include "cflyway/config/secret.h"
#include "cflyway/db/url.h"

static struct arena arena;
static struct error err;

static void setup(void)
{
	arena_init(&arena);
	error_init(&err, &arena);
}

static void teardown(void)
{
	arena_release(&arena);
}

static const char *or_dash(const struct pairs *properties, const char *name)
{
	const struct pair *pair = pairs_find(properties, name);

	return pair == NULL ? "-" : pair->value;
}

static const char *default_of(const char *value, const char *missing)
{
	return strcmp(value, "-") == 0 ? missing : value;
}

/* "HOSTS PORTS 'DATABASE' key=value|", "-" for what the URL does not say. */
static const char *show_postgres(const char *url)
{
	struct pairs properties;
	struct db_host_list list;
	const char *why;

	if (!postgres_url_parse(&arena, url, &properties, &err))
		return err.message;
	const char *hosts = or_dash(&properties, "PGHOST"), *ports = or_dash(&properties, "PGPORT");
	const char *text =
		arena_printf(&arena, "%s %s '%s'", hosts, ports, or_dash(&properties, "PGDBNAME"));
	for (size_t i = 0; i < properties.n; i++)
		if (strncmp(properties.items[i].key, "PG", 2) != 0)
			text = arena_printf(&arena, "%s %s=%s|", text, properties.items[i].key,
			                    properties.items[i].value);
	if (postgres_hosts_parse(&arena, default_of(hosts, POSTGRES_HOST),
	                         default_of(ports, POSTGRES_PORT), &list, &why))
		return text;
	postgres_url_fail(&arena, url, &err);
	return err.message;
}

static const struct {
	const char *url, *parts;
} postgres[] = {
	{"//h:5433/db", "h 5433 'db'"},
	{"//h/db", "h 5432 'db'"},
	{"//h/", "h 5432 '-'"},
	{"//h/?user=u", "h 5432 '-' user=u|"},
	{"//", "- - '-'"},
	{"///", "- - '-'"},
	{"///db", " 5432 'db'"},
	{"db", "- - 'db'"},
	{"db/x", "- - 'db/x'"},
	{"", "- - ''"},
	{"db?user=u", "- - 'db' user=u|"},
	{"//h1:1,h2:2/db", "h1,h2 1,2 'db'"},
	{"//h1,h2:2/db", "h1,h2 5432,2 'db'"},
	{"//h1:1,/db", "h1 1 'db'"},
	{"//[::1]:5432/db", "[::1] 5432 'db'"},
	{"//[::1]/db", "[::1] 5432 'db'"},
	{"//::1/db", ": 1 'db'"},
	{"//h/my%20db", "h 5432 'my db'"},
	{"//h/my+db", "h 5432 'my db'"},
	{"//h/%2Fdb", "h 5432 '/db'"},
	{"//h/db;user=x", "h 5432 'db;user=x'"},
	{"//h/db#frag", "h 5432 'db#frag'"},
	{"//h/db?user=u&password=p%26q%23", "h 5432 'db' user=u| password=p&q#|"},
	{"//h/db?user", "h 5432 'db' user=|"},
	{"//h/db?user=", "h 5432 'db' user=|"},
	{"//h/db?&user=u&", "h 5432 'db' user=u|"},
	{"//h/db?", "h 5432 'db'"},
	{"//h/db?user=a=b", "h 5432 'db' user=a=b|"},
	{"//h/db?user=a+b", "h 5432 'db' user=a b|"},
	{"//h/db?user=a&user=b", "h 5432 'db' user=b|"},
	{"//h/db?User=a&foo=bar", "h 5432 'db' User=a| foo=bar|"},
	{"//h/db?a%20b=c", "h 5432 'db' a%20b=c|"},
	{"//h/db?PGHOST=x&PGPORT=7&PGDBNAME=x", "x 7 'x'"},
	{"//h/db?service=foo", "h 5432 'db' service=foo|"},
	{"//u:p@x@h:1/db", "u:p@x@h 1 'db'"},
	{"//h/db?host=x&Port=7&DBNAME=y", "x 7 'y'"},
	{"//h/db?PGHOST=x&host=y&PGPORT=1&port=2", "y 2 'db'"},
	{"//h/db?host&port&dbname", "h 5432 'db' host=| port=| dbname=|"},
	{"//h:abc/db?port=1", "h 1 'db'"},
	{"//:1/db", "localhost 1 'db'"},
	{"//,:1/db", ",localhost 5432,1 'db'"},
	{"///?PGPORT=+1", "Unable to parse URL jdbc:postgresql:///?PGPORT=+1"},
	{"//h:+1/db", "h +1 'db'"},
};

START_TEST(reads_postgres_urls)
{
	ck_assert_str_eq(show_postgres(postgres[_i].url), postgres[_i].parts);
}
END_TEST

static const char *const bad_postgres[] = {
	"/",
	"/db",
	"//h",
	"//h:5433",
	"//h?user=u",
	"//h/a/b",
	"//h:abc/db",
	"//h:0/db",
	"//h:70000/db",
	"//h:/db",
	"//u:p@h/db",
	"//h/%zz",
	"//,/db",
	"//a,b/db?PGPORT=1",
	"//a/db?PGPORT=1,2",
	"//a/db?port=",
	"//a/db?port=0",
	"//h/db?user=%",
	"//h/db?user=%4",
	"%zz",
};

START_TEST(rejects_postgres_urls)
{
	const char *url = bad_postgres[_i];

	ck_assert_str_eq(
		show_postgres(url),
		arena_printf(&arena, "Unable to parse URL %s",
	                     url_masked(&arena, arena_printf(&arena, "jdbc:postgresql:%s", url))));
}
END_TEST

/* "NAME SHOWN PORT," */
static const char *show_hosts(const char *hosts, const char *ports)
{
	struct db_host_list list;
	const char *text = "", *why;

	if (!postgres_hosts_parse(&arena, hosts, ports, &list, &why))
		return why;
	for (size_t i = 0; i < list.n; i++)
		text = arena_printf(&arena, "%s%s %s %s,", text, list.items[i].name,
		                    list.items[i].shown, list.items[i].port);
	return text;
}

START_TEST(names_hosts_for_libpq_and_for_messages)
{
	ck_assert_str_eq(show_hosts("h", "1"), "h h 1,");
	ck_assert_str_eq(show_hosts("[::1],::1", "+1,02"), "::1 [::1] 1,::1 ::1 2,");
	ck_assert_str_eq(show_hosts("", "65535"), "localhost  65535,");
	ck_assert_str_eq(show_hosts("a,,b,", "1,2,3"), "a a 1,localhost  2,b b 3,");
	ck_assert_str_eq(show_hosts(",", "1"), "there must be as many ports as hosts");
	ck_assert_str_eq(show_hosts("a", "1,2"), "there must be as many ports as hosts");
	ck_assert_str_eq(show_hosts("a", "65536"),
	                 "the port '65536' is not a number from 1 to 65535");
	ck_assert_str_eq(show_hosts("u,cret@h", "se,1"), POSTGRES_NO_LOGIN);
	ck_assert_str_eq(show_hosts("a", "-1"), "the port '-1' is not a number from 1 to 65535");
	ck_assert_str_eq(show_hosts("u:secret@h", "1"), "u:secret@h u:********@h 1,");
	ck_assert_str_eq(show_hosts("u", "secret@h"), POSTGRES_NO_LOGIN);
	ck_assert_str_eq(show_hosts("a", "+"), "the port '+' is not a number from 1 to 65535");
}
END_TEST

/* Flyway does not mask this text of the driver. */
START_TEST(rejects_without_showing_a_password)
{
	ck_assert_str_eq(show_postgres("//h/db?password=a%zz"),
	                 "Unable to parse URL jdbc:postgresql://h/db?password=********");
	ck_assert_str_eq(show_postgres("//u:secret@h/db"),
	                 "Unable to parse URL jdbc:postgresql://u:********@h/db");
}
END_TEST

/* "FILE key=value|", with "(uri) " in front of a URI. */
static const char *show_sqlite(const char *url)
{
	struct sqlite_url parts;
	const char *text;

	if (!sqlite_url_parse(&arena, url, &parts, &err))
		return err.message;
	text = arena_printf(&arena, "%s%s", parts.is_uri ? "(uri) " : "", parts.file);
	for (size_t i = 0; i < parts.pragmas.n; i++)
		text = arena_printf(&arena, "%s %s=%s|", text, parts.pragmas.items[i].key,
		                    parts.pragmas.items[i].value);
	return text;
}

#define UNKNOWN                                                                                    \
	"The URL has an unknown parameter, which would have no effect. A misspelt foreign_keys "   \
	"would have none, either."
#define MISSPELT(name, nearest)                                                                    \
	"Unknown parameter '" name "' in the URL: did you mean '" nearest "'?"

static const struct {
	const char *url, *parts;
} sqlite[] = {
	{"rel.db", "rel.db"},
	{"/abs/x.db", "/abs/x.db"},
	{"//x.db", "//x.db"},
	{"pc%20t.db", "pc%20t.db"},
	{"a b~.db", "a b~.db"},
	{":memory:", ":memory:"},
	{"", ""},
	{"resource:x.db", "resource:x.db"},
	{"file:uri.db?mode=ro", "(uri) file:uri.db?mode=ro"},
	{"file:t.db?mode=rwc&foreign_keys=on&cache=shared",
         "(uri) file:t.db?cache=shared&mode=rwc foreign_keys=on|"},
	{":memory:?foreign_keys=on", ":memory: foreign_keys=on|"},
	{"?foreign_keys=on", " foreign_keys=on|"},
	{"t.db?Foreign_Keys=true", "t.db foreign_keys=true|"},
	{"t.db? foreign_keys = on &b", "t.db?b foreign_keys=on|"},
	/* what is no pragma stays in the name, from the end */
	{"rel.db?bogus", "rel.db?bogus"},
	{"t.db?y&foreign_keys=true&x", "t.db?x&y foreign_keys=true|"},
	{"u.db? a b & c d &", "u.db?c d&a b"},
	{"t.db?", "t.db"},
	{"t.db?&", "t.db"},
	{"t.db?&a&", "t.db?a"},
	{"t.db?user_version=3&user_version=4", "t.db user_version=4|"},
	{"t.db?foreign_keys=on=off", "t.db foreign_keys=on|"},
	/* without effect */
	{"t.db?password=abc", "t.db"},
	{"t.db?hexkey_mode=sse", "t.db"},
	{"t.db?shared_cache=false", "t.db"},
	/* errors */
	{"t.db?foreign_keys",
         "Please specify a value for PRAGMA foreign_keys in URL jdbc:sqlite:t.db?foreign_keys"},
	{"t.db?foreign_keys=&password=a", "Please specify a value for PRAGMA foreign_keys in URL "
                                          "jdbc:sqlite:t.db?foreign_keys=&password=********"},
	/* ours */
	{":resource:x.db", ":resource:x.db is inside a Java archive, which cflyway cannot read"},
	{"t.db?open_mode=1", "Parameter 'open_mode' of an SQLite URL has no equivalent in cflyway"},
	{"rel.db?bogus=1", UNKNOWN},
	{"t.db?bogus=1&foreign_keys=true", UNKNOWN},
	{"w.db?=x", UNKNOWN},
	{"t.db?mode=ro", UNKNOWN}, /* no URI */
	{"file:t.db?bogus=1", UNKNOWN},
	{"t.db?foreign_keyz=1", MISSPELT("foreign_keyz", "foreign_keys")},
	{"t.db??foreign_keys=on", MISSPELT("?foreign_keys", "foreign_keys")},
	{"t.db?a&busytimeout=5", MISSPELT("busytimeout", "busy_timeout")},
	{"file:t.db?mod=ro", MISSPELT("mod", "mode")},
	{"file:t.db?Mode=ro", MISSPELT("Mode", "mode")}, /* SQLite knows it in lower case only */
};

START_TEST(reads_sqlite_urls)
{
	ck_assert_str_eq(show_sqlite(sqlite[_i].url), sqlite[_i].parts);
}
END_TEST

static const struct {
	const char *url, *masked;
} masks[] = {
	{"jdbc:postgresql://h/d", "jdbc:postgresql://h/d"},
	{"jdbc:postgresql://h/d?password=x&user=postgres",
         "jdbc:postgresql://h/d?password=********&user=postgres"},
	{"jdbc:postgresql://h:1/d?PassWord=x;y&user=b",
         "jdbc:postgresql://h:1/d?PassWord=********;********&user=b"},
	{"jdbc:postgresql://h:1/d;password=x?a=b", "jdbc:postgresql://h:1/d;password=********"},
	{"jdbc:postgresql://u:p/x@h:1/d?a=b", "jdbc:postgresql://u:********@h:1/d?a=b"},
	{"foo://u:p@h", "foo://u:********@h"},
	{"jdbc:sqlite:x?password=abc", "jdbc:sqlite:x?password=********"},
	{"jdbc:foo?a=1?password=abc?x=1", "jdbc:foo?a=1?password=********"},
	{"jdbc:foo:x@y:z@b", "jdbc:foo:x@y:********@b"},
	{"jdbc:sqlite:/a:b@c/d", "jdbc:sqlite:/a:b@c/d"},
	{"", ""},
	{"password=x", "password=x"},
	{"jdbc:postgresql://h:1/d?user=me@x", "jdbc:postgresql://h:********@x"},
	{"jdbc:postgresql://u@h:1/d?user=me@x&a=b", "jdbc:postgresql://u@h:********@x&a=b"},
	{"jdbc:postgresql://h:1/d?user=x@y&b=c@e", "jdbc:postgresql://h:********@y&b=c@e"},
	{"jdbc:postgresql://h:1/d?password=a:b@c", "jdbc:postgresql://h:1/d?password=********"},
	{"jdbc:postgresql://h:1/d?x=a@b&password=c:d@e&y=f",
         "jdbc:postgresql://h:********@b&password=********&y=f"},
	{"jdbc:postgresql://h/a@b?x=c:d@e", "jdbc:postgresql://h/a@b?x=c:********@e"},
	{"jdbc:postgresql://h:@h/d", "jdbc:postgresql://h:@h/d"},
	{"jdbc:postgresql://u:p?q@h/d", "jdbc:postgresql://u:********@h/d"},
	/* ours: Flyway shows these */
	{"jdbc:postgresql://u:p@x@h/d", "jdbc:postgresql://u:********@h/d"},
	{"jdbc:postgresql://h/d?sslpassword=abc&x=y",
         "jdbc:postgresql://h/d?sslpassword=********&x=y"},
	{"jdbc:postgresql:u:p@h:1/d?a=b", "jdbc:postgresql:u:********@h:1/d?a=b"},
	{"jdbc:postgresql:d", "jdbc:postgresql:d"},
	{"jdbc:postgresql:u@d:x", "jdbc:postgresql:u@d:x"},
	{"jdbc:postgresql://h/d?u=a@b&password=x:y@z",
         "jdbc:postgresql://h/d?u=a@b&password=********"},
	{"jdbc:postgresql://h/d?user=a:b@c&host=d:e@f",
         "jdbc:postgresql://h/d?user=a:********@c&host=d:********@f"},
	{"jdbc:postgresql://h/d?host=u:p@x@h&a=b", "jdbc:postgresql://h/d?host=u:********@h&a=b"},
	{"jdbc:postgresql://h/d?u:p@x", "jdbc:postgresql://h/d?u:********@x"},
	{"jdbc:postgresql://h/d?@:", "jdbc:postgresql://h/d?@:"},
};

START_TEST(masks_urls)
{
	ck_assert_str_eq(url_masked(&arena, masks[_i].url), masks[_i].masked);
}
END_TEST

static const struct {
	const char *key, *value, *shown;
} values[] = {
	{"flyway.password", "x", "********"},
	{"placeholders.DB_PASSWORD", "x", "********"},
	{"jdbcProperties.accessToken", "x", "********"},
	{"flyway.licenseKey", "x", "********"},
	{"flyway.passwords", "x", "********"},
	{"flyway.url", "jdbc:sqlite:x?password=a", "jdbc:sqlite:x?password=********"},
	{"flyway.other", "s3://u:p@h", "s3://u:********@h"},
	{"flyway.initSql", "select 1?password=a", "select 1?password=********"},
};

START_TEST(masks_values)
{
	ck_assert_str_eq(secret_mask(&arena, values[_i].key, values[_i].value), values[_i].shown);
}
END_TEST

Suite *url_suite(void)
{
	Suite *suite = suite_create("url");
	TCase *tc = tcase_create("url");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(tc, reads_postgres_urls, 0, COUNT(postgres));
	tcase_add_test(tc, names_hosts_for_libpq_and_for_messages);
	tcase_add_loop_test(tc, rejects_postgres_urls, 0, COUNT(bad_postgres));
	tcase_add_test(tc, rejects_without_showing_a_password);
	tcase_add_loop_test(tc, reads_sqlite_urls, 0, COUNT(sqlite));
	tcase_add_loop_test(tc, masks_urls, 0, COUNT(masks));
	tcase_add_loop_test(tc, masks_values, 0, COUNT(values));
	suite_add_tcase(suite, tc);
	return suite;
}
