/* SPDX-License-Identifier: Apache-2.0 */
/* test_connection_url.c - URLs and variables of other tools, as JDBC URLs */
#include "suites.h"

#include "scratch.h"

#include "cflyway/config/connection_url.h"
#include "cflyway/config/connection_variables.h"

static struct scratch scratch;

static void setup(void)
{
	scratch_open(&scratch);
	scratch_write("app.db", "");
	scratch_write("data/there.db", "");
}

static void teardown(void)
{
	scratch_close(&scratch);
}

/* "JDBC user=USER password=PASSWORD", or the error with its note. */
static const char *show(const char *text)
{
	struct connection_url url;
	struct arena *arena = &scratch.arena;
	struct error *err = &scratch.err;

	if (!connection_url_read(arena, text, &url, err))
		return arena_printf(arena, "%s%s%s", err->message, err->notes.n > 0 ? "|" : "",
		                    err->notes.n > 0 ? err->notes.items[0].text : "");
	return arena_printf(arena, "%s%s%s%s%s", url.jdbc, url.user != NULL ? " user=" : "",
	                    url.user != NULL ? url.user : "",
	                    url.password != NULL ? " password=" : "",
	                    url.password != NULL ? url.password : "");
}

#define PG "jdbc:postgresql://"
#define NO_FILE(path)                                                                              \
	"Unable to parse URL sqlite://" path "|it can mean " path ", which does not exist, or "

static const struct {
	const char *text, *shown;
} urls[] = {
	/* JDBC URLs, and what is none of ours */
	{"jdbc:postgresql://h/d?user=a", "jdbc:postgresql://h/d?user=a"},
	{"jdbc:sqlite:x", "jdbc:sqlite:x"},
	{"", ""},
	{"postgres:h", "postgres:h"},
	{"postgresq://h/d", "postgresq://h/d"},
	{"mysql://h/d", "mysql://h/d"},
	{"sqliteful:x", "sqliteful:x"},
	/* hosts and databases */
	{"postgres://u:pw@h:1234/db", PG "h:1234/db user=u password=pw"},
	{"postgresql://h/db", PG "h/db"},
	{"POSTGRES://h/db", PG "h/db"},
	{"postgresql+psycopg2://u@h/db", PG "h/db user=u"},
	{"postgresql+a-b://h/db", "postgresql+a-b://h/db"},
	{"postgres://", PG "localhost/"},
	{"postgres://h", PG "h/"},
	{"postgres:///db", PG "localhost/db"},
	{"postgres://:5433/db", PG "localhost:5433/db"},
	{"postgres://@h/db", PG "h/db"},
	{"postgres://:pw@h/db", PG "h/db password=pw"},
	{"postgres://u:@h/db", PG "h/db user=u password="},
	{"postgres://u:p@ss@h/db", PG "h/db user=u password=p@ss"},
	{"postgres://u%40x:p%2F%3A%3F%25@h/my%20db%2F1",
         PG "h/my%20db%2F1 user=u@x password=p/:?%"},
	{"postgres://a,b:1,[::1]:2/db", PG "a,b:1,[::1]:2/db"},
	{"postgres://[2001:db8::1]/db", PG "[2001:db8::1]/db"},
	{"postgres://%2Fvar%2Frun:5433/db", PG "/db?host=/var/run&port=5433"},
	{"postgres:///db?host=/var/run", PG "/db?host=/var/run"},
	{"postgres:///db?host=a,b&port=1,2", PG "a:1,b:2/db"},
	{"postgres:///db?host=a,b&port=1", PG "a:1,b:1/db"},
	{"postgres:///?dbname=a%26b&user=u&password=p%3D", PG "localhost/a%26b user=u password=p="},
	/* parameters */
	{"postgres://h/d?sslmode=disable", PG "h/d?sslmode=disable"},
	{"postgres://h/d?sslmode=verify-full&sslrootcert=/a b&connect_timeout=5",
         PG "h/d?sslmode=verify-full&sslrootcert=/a%20b&connectTimeout=5"},
	{"postgres://h/d?application_name=a%20b%26c+d", PG "h/d?ApplicationName=a%20b%26c%2Bd"},
	{"postgres://h/d?search_path=a,b", PG "h/d?currentSchema=a,b"},
	{"postgres://h/d?keepalives=0", PG "h/d?tcpKeepAlive=false"},
	{"postgres://h/d?target_session_attrs=read-write", PG "h/d?targetServerType=primary"},
	{"postgres://h/d?client_encoding=UTF8&", PG "h/d"},
	{"postgres://h/d?", PG "h/d"},
	{"postgres://h/d?currentSchema=s", PG "h/d?currentSchema=s"},
	/* what is wrong; a password is never shown */
	{"postgres://u:5ecr3t@h/d?sslmod=disable",
         "Unknown parameter 'sslmod' in URL postgres://u:********@h/d?...|did you mean \"sslmode\"?"},
	{"postgres://h/d?pasword=5ecr3t",
         "Unknown parameter 'pasword' in URL postgres://h/d?...|did you mean \"password\"?"},
	{"postgres://h/d?x-migrations-table=t",
         "Unknown parameter 'x-migrations-table' in URL postgres://h/d?..."},
	{"postgres://h/d?hostaddr=1",
         "Parameter 'hostaddr' in URL postgres://h/d?... has no equivalent in cflyway"},
	{"postgres://u:5ec/r3t@h/d",
         "Unable to parse URL postgres://u:********@h/d|a port is a number; in user:password@ the "
         "characters / ? # % are written as %2F %3F %23 %25"},
	{"postgres://u:5ecr3t%@h/d",
         "Unable to parse URL postgres://u:********@h/d|a % is followed by two hexadecimal digits, "
         "other than 00: %25 is a %"},
	{"postgres://h/d?user=%00",
         "Unable to parse URL postgres://h/d?...|a % is followed by two hexadecimal digits, other "
         "than 00: %25 is a %"},
	{"postgres://[::1/d", "Unable to parse URL postgres://[::1/d|an IPv6 address ends with ]"},
	{"postgres://h/a/b",
         "Unable to parse URL postgres://h/a/b|the name of the database has a /; it is written as "
         "%2F, also in user:password@"},
	{"postgres://h/d?sslmode",
         "Unable to parse URL postgres://h/d?...|a parameter has the form name=value"},
	{"postgres://h/d?keepalives=on",
         "Unable to parse URL postgres://h/d?...|keepalives is 0 or 1, not 'on'"},
	{"postgres://h/d?target_session_attrs=x",
         "Unable to parse URL postgres://h/d?...|target_session_attrs cannot be 'x'"},
	{"postgres://h/d?client_encoding=latin1",
         "Unable to parse URL postgres://h/d?...|client_encoding is UTF8 here, whatever the scripts "
         "are written in"},
	{"postgres://a,b/d?port=1,2,3",
         "Unable to parse URL postgres://a,b/d?...|there must be as many ports as hosts"},
	{"postgres:///d?host=a&port=x", "Unable to parse URL postgres:///d?...|a port is a number"},
	{"postgres://a%2Fb/d",
         "Unable to parse URL postgres://a%2Fb/d|a host has a character that no host has"},
	/* SQLite */
	{"sqlite:app.db", "jdbc:sqlite:app.db"},
	{"sqlite:/tmp/x.db", "jdbc:sqlite:/tmp/x.db"},
	{"sqlite3:app.db", "jdbc:sqlite:app.db"},
	{"sqlite+aiosqlite:///:memory:", "jdbc:sqlite::memory:"},
	{"sqlite://", "jdbc:sqlite::memory:"},
	{"sqlite::memory:", "jdbc:sqlite::memory:"},
	{"sqlite://new.db", "jdbc:sqlite:new.db"},
	{"sqlite:////tmp/x.db", "jdbc:sqlite:/tmp/x.db"},
	{"sqlite:///tmp/no-such-file.db", "jdbc:sqlite:/tmp/no-such-file.db"},
	{"sqlite:///app.db", NO_FILE("/app.db") "app.db: write sqlite:////app.db or sqlite:app.db"},
	{"sqlite:///data/there.db",
         NO_FILE("/data/there.db") "data/there.db: write sqlite:////data/there.db or "
                                   "sqlite:data/there.db"},
	{"sqlite:///other.db",
         "Unable to parse URL sqlite:///other.db|it can mean /other.db or other.db: write "
         "sqlite:////other.db or sqlite:other.db"},
	{"sqlite:a.db?foreign_keys=on&_fk=off&busy_timeout=5",
         "jdbc:sqlite:a.db?foreign_keys=off&busy_timeout=5"},
	{"sqlite:a.db?_journal_mode=WAL", "jdbc:sqlite:a.db?journal_mode=WAL"},
	{"sqlite:a.db?foreign_key=on",
         "Unknown parameter 'foreign_key' in URL sqlite:a.db?...|did you mean \"foreign_keys\"?"},
	{"sqlite:a.db?mode=ro", "Unknown parameter 'mode' in URL sqlite:a.db?..."},
	{"sqlite:a.db?synchronous=",
         "Unable to parse URL sqlite:a.db?...|a parameter has the form name=value"},
	{"sqlite:", "Unable to parse URL sqlite:|it names no file"},
};

START_TEST(reads_urls)
{
	const char *shown = show(urls[_i].text);

	ck_assert_str_eq(shown, urls[_i].shown);
	if (scratch.err.is_set)
		ck_assert_int_eq(scratch.err.code, ERROR_CONFIGURATION);
}
END_TEST

/* --- variables ----------------------------------------------------------------------------- */

static const char *get(const void *ctx, const char *name)
{
	const char *const *variables = ctx;
	const size_t len = strlen(name);

	for (size_t i = 0; variables[i] != NULL; i++)
		if (strncmp(variables[i], name, len) == 0 && variables[i][len] == '=')
			return variables[i] + len + 1;
	return NULL;
}

static const char *or_dash(const char *text)
{
	return text != NULL ? text : "-";
}

static const struct {
	const char *variables[6];
	const char *found; /* source, URL, user, password */
} environments[] = {
	{{NULL}, "- - - -"},
	{{"DATABASE_URL=postgres://u:p@h/d"}, "DATABASE_URL postgres://u:p@h/d - -"},
	{{"DATABASE_URL=x", "DB_HOST=h", "DB_NAME=d"}, "DATABASE_URL x - -"},
	{{"DATABASE_URL=", "DB_HOST=h", "DB_NAME=d"},
         "DB_HOST and DB_NAME postgres://h:5432/d postgres -"},
	{{"DB_HOST=h", "DB_NAME=a/b?c", "DB_PORT=1", "DB_USER=u@x", "DB_PASSWORD=p:%"},
         "DB_HOST and DB_NAME postgres://h:1/a%2Fb%3Fc u@x p:%"},
	{{"DB_HOST=::1", "DB_NAME=d"}, "DB_HOST and DB_NAME postgres://[::1]:5432/d postgres -"},
	{{"DB_HOST=/run", "DB_NAME=d"}, "DB_HOST and DB_NAME postgres://%2Frun:5432/d postgres -"},
	{{"DB_HOST=h"},
         "- - - - DB_HOST is set, but DB_NAME is not: DB_HOST and DB_NAME name a database together"},
	{{"DB_NAME=d", "DB_USER=u"},
         "- - - - DB_NAME is set, but DB_HOST is not: DB_HOST and DB_NAME name a database together"},
	{{"DB_USER=u", "DB_PASSWORD=p"}, "- - - -"},
};

START_TEST(reads_variables)
{
	const struct environment environment = {.get = get, .ctx = environments[_i].variables};
	struct connection_variables found;

	connection_variables_read(&scratch.arena, &environment, &found);
	ck_assert_str_eq(arena_printf(&scratch.arena, "%s %s %s %s%s%s", or_dash(found.source),
	                              or_dash(found.url), or_dash(found.user),
	                              or_dash(found.password), found.hint != NULL ? " " : "",
	                              found.hint != NULL ? found.hint : ""),
	                 environments[_i].found);
}
END_TEST

Suite *connection_url_suite(void)
{
	Suite *suite = suite_create("connection_url");
	TCase *tc = tcase_create("connection_url");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(tc, reads_urls, 0, COUNT(urls));
	tcase_add_loop_test(tc, reads_variables, 0, COUNT(environments));
	suite_add_tcase(suite, tc);
	return suite;
}
