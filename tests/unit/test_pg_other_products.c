/* SPDX-License-Identifier: Apache-2.0 */
/* test_pg_other_products.c - servers that speak PostgreSQL's protocol and are another product */
#include "suites.h"

#include "pg_fixture.h"

#include "../../src/db/postgres/handle.h"
#include "../../src/db/postgres/other_products.h"

#define REFUSED(product)                                                                           \
	product " is not PostgreSQL, although it speaks its protocol: cflyway does not run on "    \
		"it, because neither its lock nor its one transaction for a migration and its "    \
		"history row could be relied on."

static struct pg_fixture fixture;
static struct db *db;
static struct error *err;

static void set_up(void)
{
	pg_fixture_open(&fixture);
	db = &fixture.db;
	err = &fixture.err;
}

static void tear_down(void)
{
	pg_fixture_close(&fixture);
}

static void reply(struct fake_reply reply)
{
	fake_libpq_reply(&fixture.conn, reply);
}

/* As each of them has been seen to answer, and PostgreSQL and its close relatives. */
static const struct {
	const char *version, *product;
} versions[] = {
	{"PostgreSQL 15.20 (Debian 15.20-0+deb12u1) on x86_64-pc-linux-gnu, compiled by gcc "
         "(Debian 12.2.0-14+deb12u1) 12.2.0, 64-bit",
         NULL},
	{"PostgreSQL 9.6.24", NULL},
	{"EnterpriseDB Advanced Server 16.2.0 on x86_64-pc-linux-gnu", NULL},
	{"", NULL},
	{NULL, NULL},
	{"CockroachDB CCL v23.2.5 (x86_64-pc-linux-gnu, built 2024/05/07)", "CockroachDB"},
	{"CockroachDB OSS v1.1.0 (linux amd64)", "CockroachDB"},
	{"PostgreSQL 15.2-YB-2.25.1.0-b0 on x86_64-pc-linux-gnu, compiled by clang", "YugabyteDB"},
	{"PostgreSQL 11.2-YB-2.6.1.0-b0 on x86_64-pc-linux-gnu", "YugabyteDB"},
	{"PostgreSQL 8.0.2 on i686-pc-linux-gnu, compiled by GCC gcc (GCC) 3.4.2, Redshift 1.0.1",
         "Amazon Redshift"},
	{"PostgreSQL 9.4.24 (Greenplum Database 6.0.0 build commit:a2ff2fc) on x86_64",
         "Greenplum"},
	{"PostgreSQL 9.5.0 on x86_64-unknown-linux-gnu (Materialize v0.39.0)", "Materialize"},
	{"PostgreSQL 12.3, compiled by Visual C++ build 1914, 64-bit, QuestDB", "QuestDB"},
};

START_TEST(knows_products_by_their_version)
{
	ck_assert_pstr_eq(pg_product_of_version(versions[_i].version), versions[_i].product);
}
END_TEST

static const struct {
	const char *parameter, *value, *product;
} parameters[] = {
	{"crdb_version", "CockroachDB CCL v26.1.0", "CockroachDB"},
	{"server_version", "15.2-YB-2.25.1.0-b0", "YugabyteDB"},
	{"server_version", "15.20 (Debian 15.20-0+deb12u1)", NULL},
	{"padb_version", "1.0.12103", "Amazon Redshift"},
	{"mz_version", "v0.39.0 (73f6bed)", "Materialize"},
	{"application_name", "QuestDB", NULL}, /* that may be the name that it was given */
	{NULL, NULL, NULL},
};

START_TEST(knows_products_by_what_they_announce)
{
	const char *product = parameters[_i].product;

	fixture.conn.parameter = parameters[_i].parameter;
	fixture.conn.parameter_value = parameters[_i].value;
	fixture.settings.init_sql = product != NULL ? "create table t ()" : NULL;
	ck_assert(pg_start(fixture.pg, err));
	ck_assert_pstr_eq(pg_product_announced(fixture.pg), product);
	fake_libpq_calls(&fixture.conn);
	ck_assert_int_eq(db->driver->connection.check_version(db, err), product == NULL);
	if (product != NULL)
		ck_assert_str_eq(err->message,
		                 arena_printf(&fixture.arena, "%s%s", product, REFUSED("")));
	ck_assert_str_eq(fake_libpq_calls(&fixture.conn), ""); /* it costs no round trip */
}
END_TEST

/* Before initSql, which may change the database, its version is asked for. */
static const struct {
	const char *rows;
	bool ok;
} before_init_sql[] = {
	{"PostgreSQL 16.3", true},
	{"NULL", true},
	{"PostgreSQL 12.12 (Greenplum Database 7.0.0)", false},
};

START_TEST(asks_before_init_sql)
{
	fixture.settings.init_sql = "create table t ()";
	reply((struct fake_reply){
		.sql = "SELECT pg_catalog.version()",
		.columns = "version",
		.rows = before_init_sql[_i].rows,
	});
	ck_assert(pg_start(fixture.pg, err));
	fake_libpq_calls(&fixture.conn);
	ck_assert_int_eq(db->driver->connection.check_version(db, err), before_init_sql[_i].ok);
	ck_assert_str_eq(fake_libpq_calls(&fixture.conn), "send SELECT pg_catalog.version()");
	if (!before_init_sql[_i].ok)
		ck_assert_str_eq(err->message, REFUSED("Greenplum"));
}
END_TEST

/* A command that only connects asks by itself, unless that was done for initSql. */
START_TEST(asks_once_if_nothing_else_is_asked)
{
	const bool has_init_sql = _i == 1;
	const char *const asked = "send SELECT pg_catalog.version()";

	fixture.settings.init_sql = has_init_sql ? "create table t ()" : NULL;
	reply((struct fake_reply){
		.sql = "SELECT pg_catalog.version()",
		.columns = "version",
		.rows = has_init_sql ? "PostgreSQL 16.3" : "CockroachDB CCL v26.1.0",
	});
	ck_assert(pg_start(fixture.pg, err));
	fake_libpq_calls(&fixture.conn);
	ck_assert(db->driver->connection.check_version(db, err));
	ck_assert_str_eq(fake_libpq_calls(&fixture.conn), has_init_sql ? asked : "");
	ck_assert_int_eq(db_check_product(db, err), has_init_sql);
	ck_assert_str_eq(fake_libpq_calls(&fixture.conn), has_init_sql ? "" : asked);
	if (!has_init_sql)
		ck_assert_str_eq(err->message, REFUSED("CockroachDB"));
}
END_TEST

START_TEST(cannot_ask_before_init_sql)
{
	fixture.settings.init_sql = "select 1";
	reply((struct fake_reply){.sql = "SELECT pg_catalog", .state = "57014", .failure = "no"});
	ck_assert(pg_start(fixture.pg, err));
	ck_assert(!db->driver->connection.check_version(db, err));
	ck_assert_str_eq(pg_fixture_error(&fixture), "57014 ERROR: no");
}
END_TEST

START_TEST(does_not_ask_without_init_sql)
{
	fixture.settings.init_sql = _i == 0 ? NULL : "";
	ck_assert(pg_start(fixture.pg, err));
	fake_libpq_calls(&fixture.conn);
	ck_assert(db->driver->connection.check_version(db, err));
	ck_assert_str_eq(fake_libpq_calls(&fixture.conn), "");
}
END_TEST

START_TEST(refuses_what_describes_itself)
{
	struct db_description found;

	reply((struct fake_reply){
		.sql = "WITH current",
		.columns = "1,2,3,4,5,6,7,8,9,10,11,12",
		.rows = "me,me,d,public,public,t,t,f,CockroachDB CCL v23.2.5 (x86_64),7,f,NULL",
	});
	ck_assert(pg_start(fixture.pg, err));
	ck_assert(!db_describe(db, "public", "h", &found, err));
	ck_assert_str_eq(pg_fixture_error(&fixture), REFUSED("CockroachDB"));
}
END_TEST

/* A product that cannot answer the whole question is asked for its version alone. */
static const struct {
	const char *rows, *state, *error;
} failures[] = {
	{"PostgreSQL 12.3 QuestDB", NULL, REFUSED("QuestDB")},
	{"PostgreSQL 16.3", NULL, "42601 ERROR: what?"},
	{NULL, "57P01", "42601 ERROR: what?"},
};

START_TEST(refuses_what_cannot_describe_itself)
{
	struct db_description found;

	reply((struct fake_reply){.sql = "WITH current", .state = "42601", .failure = "what?"});
	reply((struct fake_reply){
		.sql = "SELECT pg_catalog.version()",
		.columns = "version",
		.rows = failures[_i].rows,
		.state = failures[_i].state,
		.failure = failures[_i].state,
	});
	ck_assert(pg_start(fixture.pg, err));
	ck_assert(!db_describe(db, "public", "h", &found, err));
	ck_assert_str_eq(pg_fixture_error(&fixture), failures[_i].error);
}
END_TEST

START_TEST(asks_nothing_on_a_lost_connection)
{
	struct db_description found;

	reply((struct fake_reply){.sql = "WITH current", .loses = true});
	ck_assert(pg_start(fixture.pg, err));
	fake_libpq_calls(&fixture.conn);
	ck_assert(!db_describe(db, "public", "h", &found, err));
	ck_assert(strstr(fake_libpq_calls(&fixture.conn), "send SELECT pg_catalog") == NULL);
	ck_assert_int_eq(db_tx_status(db), TX_LOST);
}
END_TEST

Suite *pg_other_products_suite(void)
{
	Suite *suite = suite_create("pg_other_products");
	TCase *tc = tcase_create("other products");

	tcase_add_checked_fixture(tc, set_up, tear_down);
	tcase_add_loop_test(tc, knows_products_by_their_version, 0, COUNT(versions));
	tcase_add_loop_test(tc, knows_products_by_what_they_announce, 0, COUNT(parameters));
	tcase_add_loop_test(tc, asks_before_init_sql, 0, COUNT(before_init_sql));
	tcase_add_loop_test(tc, asks_once_if_nothing_else_is_asked, 0, 2);
	tcase_add_test(tc, cannot_ask_before_init_sql);
	tcase_add_loop_test(tc, does_not_ask_without_init_sql, 0, 2);
	tcase_add_test(tc, refuses_what_describes_itself);
	tcase_add_loop_test(tc, refuses_what_cannot_describe_itself, 0, COUNT(failures));
	tcase_add_test(tc, asks_nothing_on_a_lost_connection);
	suite_add_tcase(suite, tc);
	return suite;
}
