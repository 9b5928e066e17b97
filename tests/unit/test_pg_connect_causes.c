/* SPDX-License-Identifier: Apache-2.0 */
/* test_pg_connect_causes.c - what is said about a connection that fails, and what to do */
#include "suites.h"

#include "scratch.h"

#include "../../src/db/postgres/connect_causes.h"
#include "../../src/db/postgres/errors.h"

#include <sys/stat.h>

static struct arena memory;

static void set_up(void)
{
	arena_init(&memory);
	unsetenv("PGPASSFILE");
	unsetenv("HOME");
}

static void tear_down(void)
{
	arena_release(&memory);
}

#define TO_HOST "connection to server at \"h\" (10.0.0.1), port 5433 failed: "

/* libpq's text, the origin of the password or "" for none, and the notes. */
static const struct {
	const char *text, *password_origin, *expected;
} failures[] = {
	{TO_HOST "Connection refused\n\tIs the server running?\n", "",
         "nothing listens on h:5433: the server is stopped, or it listens elsewhere|next: start "
         "it, or correct host and port in the URL (FLYWAY_URL) (pg_isready -h h -p 5433 tells)|"},
	{"could not translate host name \"h\" to address: Name or service not known\n", "",
         "the host name h is unknown on this machine|next: correct the host in the URL "
         "(FLYWAY_URL); among containers it is the name of the service|"},
	{"could not translate host name \"h\" to address: Temporary failure in name resolution\n",
         "",
         "the name h cannot be looked up now: no name server answers|next: repair the network or "
         "its name server, or use an address in the URL (FLYWAY_URL)|"},
	{"could not translate host name \"h\" to address: Try again\n", "",
         "the name h cannot be looked up now: no name server answers|next: repair the network or "
         "its name server, or use an address in the URL (FLYWAY_URL)|"},
	{"gssencmode value \"require\" invalid when GSSAPI support is not compiled in\n", "",
         "this is the static program, and it has no Kerberos inside|next: take gssEncMode out of the "
         "URL (FLYWAY_URL), or use a cflyway that opens the libpq of the system|"},
	{"could not translate host name \"u:secret@h\" to address: x\n", "",
         POSTGRES_NO_LOGIN "|next: take them out of the URL (FLYWAY_URL)|"},
	{TO_HOST "received invalid response to SSL negotiation: H\n", "",
         "what listens on h:5433 is no PostgreSQL server: its answer begins with \"H\"|next: "
         "correct host and port in the URL (FLYWAY_URL)|"},
	{"connection to server on socket \"/run/.s.PGSQL.1\" failed: No such file or directory\n",
         "",
         "there is no socket /run/.s.PGSQL.1: the server is stopped, or has another port or "
         "folder|next: start it, or correct folder and port in the URL (FLYWAY_URL)|"},
	{TO_HOST "FATAL:  57P03: the database system is starting up\nLOCATION:  x\n", "",
         "the server is starting|next: run the command again, with -connectRetries=10 to wait for "
         "the server|"},
	{TO_HOST "FATAL:  57P03: das Datenbanksystem startet\n", "",
         "the server takes no connections now|next: run the command again, with "
         "-connectRetries=10 to wait for the server|"},
	{TO_HOST "FATAL:  53300: sorry, too many clients already\n", "",
         "all connections that max_connections allows are taken|next: end idle ones (SELECT pid, "
         "usename, state FROM pg_stat_activity), or wait with -connectRetries=10|"},
	{TO_HOST "FATAL:  53300: too many connections for role \"a b\"\n", "",
         "the role a b has as many connections as its limit allows|next: end some of them, or as a "
         "superuser: ALTER ROLE \"a b\" CONNECTION LIMIT 20;|"},
	{TO_HOST "FATAL:  3D000: database \"My base\" does not exist\n", "",
         "the server h:5433 has no database My base, which the URL (FLYWAY_URL) names|next: "
         "create it: createdb -h h -p 5433 -U joe 'My base'|"},
	{TO_HOST "FATAL:  28000: role \"joe\" does not exist\n", "",
         "the server h:5433 has no role joe, which comes from -user|next: as a superuser: CREATE "
         "ROLE joe LOGIN;|"},
	{TO_HOST "FATAL:  28P01: password authentication failed for user \"joe\"\n", "a.conf:3",
         "the server refuses the password of joe, which comes from a.conf:3 (or has no role joe: "
         "it does not say which)|next: correct it there, or as a superuser: ALTER ROLE joe "
         "PASSWORD '...';|"},
	{TO_HOST "FATAL:  28P01: password authentication failed for user \"joe\"\nLOCATION:  x\n"
                 "password retrieved from file \"/home/joe/.pgpass\"\n",
         "",
         "the server refuses the password of joe, which comes from /home/joe/.pgpass (or has no "
         "role joe: it does not say which)|next: correct it there, or as a superuser: ALTER ROLE "
         "joe PASSWORD '...';|"},
	{TO_HOST
         "FATAL:  28000: no pg_hba.conf entry for host \"10.1.2.3\", user \"joe\", database "
         "\"d\", SSL encryption\n" TO_HOST
         "FATAL:  28000: no pg_hba.conf entry for host \"10.1.2.3\", user \"joe\", "
         "database \"d\", no encryption\n",
         "",
         "pg_hba.conf of the server has no line for joe from 10.1.2.3 to the database d with "
         "TLS|next: add one there, then SELECT pg_reload_conf(): hostssl d joe 10.1.2.3/32 "
         "scram-sha-256|"},
	{TO_HOST "FATAL:  28000: no pg_hba.conf entry for host \"fe80::1\", user \"joe\", database "
                 "\"D\", no encryption\n",
         "",
         "pg_hba.conf of the server has no line for joe from fe80::1 to the database D without "
         "TLS|next: add one there, then SELECT pg_reload_conf(): host \"D\" joe fe80::1/128 "
         "scram-sha-256|"},
	{TO_HOST "FATAL:  42501: permission denied for database \"d\"\nDETAIL:  User does not have "
                 "CONNECT privilege.\n",
         "",
         "the role joe may not connect to the database d|next: as its owner: GRANT CONNECT ON "
         "DATABASE d TO joe;|"},
	{TO_HOST "SSL error: certificate verify failed\n", "",
         "the certificate of the server has expired, or is not signed by the authority in "
         "/ca.crt|next: see which: openssl s_client -starttls postgres -connect h:5433 -CAfile "
         "/ca.crt </dev/null | grep Verif|"},
	{TO_HOST
         "server certificate for \"db.example\" (and 1 other name) does not match host name "
         "\"h\"\n",
         "",
         "the certificate of the server is for the host db.example, and the URL says h|next: write "
         "db.example as the host in the URL (FLYWAY_URL), or have a certificate made for h|"},
	{TO_HOST "something else\n", "", TO_HOST "something else|more: \"cflyway explain 08001\"|"},
	{TO_HOST "FATAL:  XX000: broken\n", "", "more: \"cflyway explain XX000\"|"},
};

static struct db_host host = {.name = "h", .shown = "h", .port = "5433"};

static void explain_with(const char *root, const char *text, const char *password_origin,
                         struct error *err)
{
	const bool has_password = password_origin[0] != '\0';
	const struct pg_conninfo info = {
		.keys = {"user", "dbname", "sslrootcert", has_password ? "password" : NULL},
		.values = {"joe", "d", root, has_password ? "s3cret" : NULL},
		.n = has_password ? 4 : 3,
		.hosts = {&host, 1},
		.user_origin = "-user",
		.password_origin = password_origin,
	};

	pg_fail_connect(text, strstr(text, "no password") != NULL, false, &host, NULL, err);
	pg_explain_connect(&info, "FLYWAY_URL", text, err);
}

static void explain(const char *text, const char *password_origin, struct error *err)
{
	explain_with("/ca.crt", text, password_origin, err);
}

START_TEST(tells_the_cause_and_what_to_do)
{
	struct error err = ERROR_INIT(&memory);
	const char *told = "";

	explain(failures[_i].text, failures[_i].password_origin, &err);
	for (size_t i = 0; i < err.notes.n; i++)
		told = arena_printf(&memory, "%s%s|", told, err.notes.items[i].text);
	ck_assert_str_eq(told, failures[_i].expected);
	ck_assert(strstr(told, "s3cret") == NULL);
}
END_TEST

/* It is no file, but what OpenSSL takes by itself, and so does the program openssl. */
START_TEST(names_no_file_for_the_certificates_of_the_system)
{
	struct error err = ERROR_INIT(&memory);

	explain_with("system", TO_HOST "SSL error: certificate verify failed\n", "", &err);
	ck_assert_str_eq(
		err.notes.items[0].text,
		"the certificate of the server has expired, or is signed by an authority that "
		"is not known here");
	ck_assert_str_eq(err.notes.items[1].text,
	                 "next: see which: openssl s_client -starttls postgres -connect h:5433 "
	                 "</dev/null | grep Verif");
}
END_TEST

/* --- password files ------------------------------------------------------------------------ */

static const struct {
	int mode; /* 0: there is none */
	const char *expected;
} files[] = {
	{0, "the server wants a password, and none is configured"},
	{0600, "the server wants a password. None is configured, and pgpass has no line for "
               "h:5433:d:joe"},
	{0640, "the server wants a password, and the password file pgpass is ignored: others may "
               "read it"},
};

START_TEST(looks_for_a_password_file)
{
	struct error err = ERROR_INIT(&memory);
	struct scratch scratch;

	scratch_open(&scratch);
	if (files[_i].mode != 0) {
		scratch_write("pgpass", "x:1:d:u:p\n");
		ck_assert_int_eq(chmod("pgpass", (mode_t)files[_i].mode), 0);
	}
	setenv("PGPASSFILE", "pgpass", 1);
	explain("fe_sendauth: no password supplied\n", "", &err);
	ck_assert_str_eq(err.notes.items[0].text, files[_i].expected);
	scratch_close(&scratch);
}
END_TEST

Suite *pg_connect_causes_suite(void)
{
	Suite *suite = suite_create("pg_connect_causes");
	TCase *tc = tcase_create("causes");

	tcase_add_checked_fixture(tc, set_up, tear_down);
	tcase_add_loop_test(tc, tells_the_cause_and_what_to_do, 0, COUNT(failures));
	tcase_add_test(tc, names_no_file_for_the_certificates_of_the_system);
	tcase_add_loop_test(tc, looks_for_a_password_file, 0, COUNT(files));
	suite_add_tcase(suite, tc);
	return suite;
}
