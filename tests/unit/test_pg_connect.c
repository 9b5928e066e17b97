/* SPDX-License-Identifier: Apache-2.0 */
/* test_pg_connect.c - connections to PostgreSQL: hosts, environment, time zone */
#include "suites.h"

#include "pg_fixture.h"

#include "../../src/db/postgres/connect.h"
#include "../../src/db/postgres/libpq.h"

#include "cflyway/db/driver.h"

#include <stdlib.h>
#include <unistd.h>

static struct pg_fixture fixture;
static struct error *err;

static void set_up(void)
{
	pg_fixture_open(&fixture);
	err = &fixture.err;
}

static void tear_down(void)
{
	setenv("TZ", UNIT_TIME_ZONE, 1);
	pg_fixture_close(&fixture);
}

static bool connect_to(const char *url)
{
	fixture.db.url = url;
	return pg_connect(fixture.pg, err);
}

static const char *calls(void)
{
	return fake_libpq_calls(&fixture.conn);
}

static void attempt(struct fake_attempt attempt)
{
	ck_assert_int_lt((int)fixture.conn.attempts_n, FAKE_ATTEMPTS_MAX);
	fixture.conn.attempts[fixture.conn.attempts_n++] = attempt;
}

START_TEST(connects)
{
	ck_assert(connect_to("jdbc:postgresql://h/d"));
	ck_assert_str_eq(calls(), "connect host=h port=5432 dbname=d user=me "
	                          "client_encoding=UTF8 application_name=cflyway "
	                          "keepalives_idle=60 keepalives_interval=10 keepalives_count=6 "
	                          "gssencmode=disable sslmode=prefer sslrootcert=/dev/null/none\n"
	                          "verbosity verbose\nverbosity default");
}
END_TEST

START_TEST(says_what_is_wrong_with_the_properties)
{
	ck_assert(!connect_to("jdbc:postgresql://h/d?sslmode=maybe"));
	ck_assert_str_eq(pg_fixture_error(&fixture), "08001 Invalid sslmode value: maybe");
	ck_assert_str_eq(calls(), "");
}
END_TEST

#define EXPLAINED "more: \"cflyway explain 08001\""

/* --- attempts that fail -------------------------------------------------------------------- */

START_TEST(says_why_it_cannot_connect)
{
	attempt((struct fake_attempt){.failure = "connection to server at \"h\" (::1), port 5432 "
	                                         "failed: FATAL:  3D000: database \"d\" does not "
	                                         "exist\n"});
	ck_assert(!connect_to("jdbc:postgresql://h/d"));
	ck_assert_str_eq(
		pg_fixture_error(&fixture),
		"3D000 FATAL: database \"d\" does not exist | the server h:5432 has no database "
		"d, which the URL names | next: create it: createdb -h h -p 5432 -U me d");
	ck_assert(fixture.pg->conn == NULL);
	ck_assert(str_ends(str_of(calls()), STR("verbosity verbose\nfinish")));
}
END_TEST

#define NO_SLASHES                                                                                 \
	" | without // after jdbc:postgresql:, all of it is the name of a database | next: write jdbc:postgresql://HOST:PORT/DATABASE in the URL"

/* Without slashes, all of it is the name of a database. */
static const struct {
	const char *url, *failure, *expected;
} logins[] = {
	{"jdbc:postgresql:u:secret@h", "FATAL:  3D000: database \"u:secret@h\" does not exist\n",
         "3D000 FATAL: database \"u:********@h\" does not exist" NO_SLASHES},
	{"jdbc:postgresql:u@h", "FATAL:  3D000: database \"u@h\" does not exist\n",
         "3D000 FATAL: database \"u@h\" does not exist" NO_SLASHES},
};

START_TEST(shows_no_password_in_the_name_of_a_database)
{
	attempt((struct fake_attempt){.failure = logins[_i].failure});
	ck_assert(!connect_to(logins[_i].url));
	ck_assert_str_eq(pg_fixture_error(&fixture), logins[_i].expected);
}
END_TEST

static const struct {
	const char *url, *expected;
} passwords[] = {
	{"jdbc:postgresql://h/d",
         "08004 The server requested SCRAM-based authentication, but no "
         "password was provided. | the server wants a password, and none is configured | next: set FLYWAY_PASSWORD or cflyway.passwordFile"},
	{"jdbc:postgresql://h/d?password=",
         "08004 The server requested SCRAM-based authentication, but the password is an empty "
         "string. | the server wants a password, but the one that comes from the URL is empty | next: set it there; an unset variable of a shell is empty as well"},
};

START_TEST(says_that_a_password_is_needed)
{
	unsetenv("PGPASSFILE");
	unsetenv("HOME");
	attempt((struct fake_attempt){.failure = "fe_sendauth: no password supplied\n",
	                              .needs_password = true});
	ck_assert(!connect_to(passwords[_i].url));
	ck_assert_str_eq(pg_fixture_error(&fixture), passwords[_i].expected);
}
END_TEST

START_TEST(names_the_last_host)
{
	attempt((struct fake_attempt){.failure =
	                                      "connection to server failed: Connection refused\n"});
	ck_assert(!connect_to("jdbc:postgresql://one:1,two:2/d"));
	ck_assert_str_eq(
		pg_fixture_error(&fixture),
		"08001 Connection to two:2 refused. Check that the hostname and port are "
		"correct and that the postmaster is accepting TCP/IP connections. | nothing listens on two:2: the server is stopped, or it listens elsewhere | next: start it, or correct host and port in the URL (pg_isready -h two -p 2 tells)");
	ck_assert_str_eq(err->cause, "Connection refused");
}
END_TEST

START_TEST(cannot_even_start)
{
	fake_libpq_fail(&fixture.conn, "connect_start", 1, false);
	ck_assert(!connect_to("jdbc:postgresql://h/d"));
	ck_assert_str_eq(pg_fixture_error(&fixture),
	                 "08001 The connection attempt failed. | out of memory | " EXPLAINED);
}
END_TEST

/* libpq knows at once, before there is a socket. */
START_TEST(does_not_wait_for_what_has_failed_at_once)
{
	attempt((struct fake_attempt){.failure = "could not create socket\n"});
	fixture.conn.is_lost = true;
	ck_assert(!connect_to("jdbc:postgresql://h/d"));
	ck_assert(strstr(calls(), "verbosity") == NULL);
	ck_assert_str_eq(
		pg_fixture_error(&fixture),
		"08001 The connection attempt failed. | could not create socket | " EXPLAINED);
}
END_TEST

#define OTHER_ROLE "connection to server failed: session is read-only\n"

START_TEST(takes_any_server_if_there_is_no_primary)
{
	const char *line;

	attempt((struct fake_attempt){.failure = OTHER_ROLE});
	ck_assert(connect_to("jdbc:postgresql://h/d?targetServerType=preferPrimary"));
	line = calls();
	ck_assert(strstr(line, "target_session_attrs=primary\n") != NULL);
	ck_assert(strstr(line, "\nfinish\nconnect host=h") != NULL);
	ck_assert(strstr(line, "target_session_attrs=any\n") != NULL);
}
END_TEST

START_TEST(tries_once_more_at_most)
{
	attempt((struct fake_attempt){.failure = OTHER_ROLE});
	attempt((struct fake_attempt){.failure = OTHER_ROLE});
	ck_assert(!connect_to("jdbc:postgresql://h/d?targetServerType=preferPrimary"));
	ck_assert_int_eq((int)fixture.conn.attempt, 2);
	/* it is no longer a question of the role */
	ck_assert(str_starts(str_of(pg_fixture_error(&fixture)),
	                     STR("08001 The connection attempt failed.")));
}
END_TEST

START_TEST(says_that_no_server_has_the_role)
{
	attempt((struct fake_attempt){.failure = OTHER_ROLE});
	ck_assert(!connect_to("jdbc:postgresql://h/d?targetServerType=primary"));
	ck_assert_str_eq(
		pg_fixture_error(&fixture),
		"08001 Could not find a server with specified "
		"targetServerType: primary | h:5432 is a standby or read-only, and targetServerType wants a server that can write | next: name the primary server in the URL");
}
END_TEST

/* --- hosts that do not answer -------------------------------------------------------------- */

START_TEST(goes_on_with_the_next_host)
{
	const char *line;

	attempt((struct fake_attempt){.is_silent = true, .host = "two", .port = "2"});
	ck_assert(connect_to("jdbc:postgresql://one:1,two:2,three:3,four/d?connectTimeout=1"));
	line = calls();
	ck_assert(strstr(line, "connect host=one,two,three,four port=1,2,3,5432 ") != NULL);
	ck_assert(strstr(line, "\nfinish\nconnect host=three,four port=3,5432 ") != NULL);
}
END_TEST

static const struct {
	const char *name, *port;
} silent[] = {{"two", "2"}, {"one", "2"}};

/* Neither is the last host, or one that is known, followed by another. */
START_TEST(gives_up_after_the_last_host)
{
	attempt((struct fake_attempt){
		.is_silent = true, .host = silent[_i].name, .port = silent[_i].port});
	ck_assert(!connect_to("jdbc:postgresql://one:1,two:2/d?connectTimeout=1"));
	ck_assert_str_eq(
		pg_fixture_error(&fixture),
		"08001 The connection attempt failed. | two:2 did not answer in time: the host is down, or a firewall drops the packets | next: pg_isready -h two -p 2 tells when it answers; connectTimeout in the URL is the limit");
	ck_assert_str_eq(err->cause, "Connect timed out");
	ck_assert_int_eq((int)fixture.conn.attempt, 1);
}
END_TEST

/* --- the environment ----------------------------------------------------------------------- */

static const char *hidden_host, *hidden_user, *seen_zone, *seen_style;
static const char *kept_file, *kept_service, *kept_folder;
static PGconn *(*real_start)(const char *const *, const char *const *, int);

static PGconn *look_at_environment(const char *const *keys, const char *const *values, int expand)
{
	hidden_host = getenv("PGHOST");
	hidden_user = getenv("PGUSER");
	kept_file = getenv("PGPASSFILE");
	kept_service = getenv("PGSERVICEFILE");
	kept_folder = getenv("PGSYSCONFDIR");
	seen_zone = arena_strdup(&fixture.arena, getenv("PGTZ"));
	seen_style = arena_strdup(&fixture.arena, getenv("PGDATESTYLE"));
	return real_start(keys, values, expand);
}

/* A stray PGHOST never redirects a migration; the files that pgjdbc reads too are kept. */
START_TEST(hides_variables_while_it_connects)
{
	setenv("PGHOST", "elsewhere=there", 1);
	setenv("PGUSER", "", 1);
	setenv("PGPASSFILE", "passwords", 1);
	setenv("PGSERVICEFILE", "services", 1);
	setenv("PGSYSCONFDIR", "folder", 1);
	setenv("PGTZ", "before", 1);
	setenv("TZ", "UTC", 1);
	unsetenv("PGDATESTYLE");
	real_start = fixture.pg->pq.connect_start;
	fixture.pg->pq.connect_start = look_at_environment;
	ck_assert(connect_to("jdbc:postgresql://h/d"));
	ck_assert(hidden_host == NULL);
	ck_assert(hidden_user == NULL);
	ck_assert_str_eq(kept_file, "passwords");
	ck_assert_str_eq(kept_service, "services");
	ck_assert_str_eq(kept_folder, "folder");
	ck_assert_str_eq(seen_zone, "UTC");
	ck_assert_str_eq(seen_style, "ISO");
	ck_assert_str_eq(getenv("PGHOST"), "elsewhere=there");
	ck_assert_str_eq(getenv("PGUSER"), "");
	unsetenv("PGHOST");
	unsetenv("PGUSER");
	unsetenv("PGPASSFILE");
	unsetenv("PGSERVICEFILE");
	unsetenv("PGSYSCONFDIR");
	ck_assert_str_eq(getenv("PGTZ"), "before");
	ck_assert(getenv("PGDATESTYLE") == NULL);
}
END_TEST

static const struct {
	const char *set, *expected;
} zones[] = {
	{"Europe/Berlin", "Europe/Berlin"},
	{":Europe/Berlin", "Europe/Berlin"},
	{"/usr/share/zoneinfo/Etc/UTC", "Etc/UTC"},
	{"Nowhere/Atall", "GMT"},
};

START_TEST(finds_the_time_zone)
{
	setenv("TZ", zones[_i].set, 1);
	ck_assert_str_eq(pg_client_time_zone(&fixture.arena), zones[_i].expected);
}
END_TEST

/* It is not unknown: a session in GMT would be another one. */
START_TEST(keeps_a_time_zone_whose_file_cannot_be_read)
{
	char loop[] = "/tmp/zone-XXXXXX", name[64];

	ck_assert_int_ge(mkstemp(loop), 0);
	unlink(loop);
	ck_assert_int_eq(symlink(loop, loop), 0);
	snprintf(name, sizeof(name), "../../..%s", loop);
	setenv("TZ", name, 1);
	ck_assert_str_eq(pg_client_time_zone(&fixture.arena), name);
	unlink(loop);
}
END_TEST

/* Without TZ it is that of the machine, whatever that is. */
START_TEST(finds_the_time_zone_of_the_machine)
{
	const char *zone;

	unsetenv("TZ");
	zone = pg_client_time_zone(&fixture.arena);
	setenv("TZ", "", 1);
	ck_assert_str_eq(pg_client_time_zone(&fixture.arena), zone);
	ck_assert_int_gt((int)strlen(zone), 0);
}
END_TEST

/* On most machines a link has the name. */
START_TEST(finds_the_time_zone_in_the_link)
{
	char target[4096] = "";
	const char *name;

	unsetenv("TZ");
	if (readlink("/etc/localtime", target, sizeof(target) - 1) <= 0)
		return;
	name = strstr(target, "zoneinfo/");
	if (name != NULL)
		ck_assert_str_eq(pg_client_time_zone(&fixture.arena), name + strlen("zoneinfo/"));
}
END_TEST

/* --- the library --------------------------------------------------------------------------- */

START_TEST(opens_the_library)
{
	struct libpq libpq = {0};

	libpq_close(&libpq);
	ck_assert(libpq_open(&libpq, err));
	ck_assert_int_ge(libpq.lib_version(), 140000);
	libpq_close(&libpq);
	ck_assert(libpq.library == NULL);
}
END_TEST

/* With the real library. */
START_TEST(refuses_a_port_where_nobody_listens)
{
	const struct settings settings = {.url = "jdbc:postgresql://127.0.0.1:1/d", .user = "me"};
	struct db db;

	ck_assert(!db_open(&db, &db_drivers, &fixture.arena, &settings, &fixture.log, err));
	ck_assert_str_eq(err->sql->message,
	                 "Connection to 127.0.0.1:1 refused. Check that the hostname and port are "
	                 "correct and that the postmaster is accepting TCP/IP connections.");
	ck_assert_str_eq(err->cause, "Connection refused");
	ck_assert(db.handle == NULL);
}
END_TEST

Suite *pg_connect_suite(void)
{
	Suite *suite = suite_create("pg_connect");
	TCase *tc = tcase_create("connect");

	tcase_add_checked_fixture(tc, set_up, tear_down);
	tcase_add_test(tc, connects);
	tcase_add_test(tc, says_what_is_wrong_with_the_properties);
	tcase_add_test(tc, says_why_it_cannot_connect);
	tcase_add_loop_test(tc, shows_no_password_in_the_name_of_a_database, 0, COUNT(logins));
	tcase_add_loop_test(tc, says_that_a_password_is_needed, 0, COUNT(passwords));
	tcase_add_test(tc, names_the_last_host);
	tcase_add_test(tc, cannot_even_start);
	tcase_add_test(tc, does_not_wait_for_what_has_failed_at_once);
	tcase_add_test(tc, takes_any_server_if_there_is_no_primary);
	tcase_add_test(tc, tries_once_more_at_most);
	tcase_add_test(tc, says_that_no_server_has_the_role);
	tcase_add_test(tc, goes_on_with_the_next_host);
	tcase_add_loop_test(tc, gives_up_after_the_last_host, 0, COUNT(silent));
	tcase_add_test(tc, hides_variables_while_it_connects);
	tcase_add_loop_test(tc, finds_the_time_zone, 0, COUNT(zones));
	tcase_add_test(tc, keeps_a_time_zone_whose_file_cannot_be_read);
	tcase_add_test(tc, finds_the_time_zone_of_the_machine);
	tcase_add_test(tc, finds_the_time_zone_in_the_link);
	tcase_add_test(tc, refuses_a_port_where_nobody_listens);
	tcase_add_test(tc, opens_the_library);
	suite_add_tcase(suite, tc);
	return suite;
}
