/* SPDX-License-Identifier: Apache-2.0 */
/* test_pg_catalog.c - schemas, the history table and clean on PostgreSQL */
#include "suites.h"

#include "pg_fixture.h"

#include "../../src/db/postgres/catalog.h"

static struct pg_fixture fixture;
static struct db *db;
static struct error *err;

static void set_up(void)
{
	pg_fixture_open(&fixture);
	pg_fixture_connect(&fixture);
	db = &fixture.db;
	err = &fixture.err;
	fixture.conn.replies_n = 0;
}

static void tear_down(void)
{
	pg_fixture_close(&fixture);
}

static void reply(struct fake_reply reply)
{
	fake_libpq_reply(&fixture.conn, reply);
}

static const char *calls(void)
{
	return fake_libpq_calls(&fixture.conn);
}

/* --- what a server may answer -------------------------------------------------------------- */

static const struct {
	const char *columns, *rows, *error;
} untrue[] = {
	{"1,2,3,4,5,6,7,8", "me,you,d,path,public,t,f,f", "8 columns instead of 12."},
	{"1", "me", "1 columns instead of 12."},
	{"1,2,3,4,5,6,7,8,9,10,11,12", "NULL,you,d,path,public,t,f,t,v,7,f,a", "NULL in column 1."},
	{"1,2,3,4,5,6,7,8,9,10,11,12", "me,you,d,NULL,public,t,f,t,v,7,f,a", "NULL in column 4."},
	{"1,2,3,4,5,6,7,8,9,10,11,12", "", "0 rows instead of 1."},
};

START_TEST(refuses_a_description_of_another_shape)
{
	struct db_description found;

	reply((struct fake_reply){
		.sql = "WITH", .columns = untrue[_i].columns, .rows = untrue[_i].rows});
	ck_assert(!db_describe(db, NULL, "h", &found, err));
	ck_assert_str_eq(pg_fixture_error(&fixture),
	                 arena_printf(&fixture.arena,
	                              "08P01 The database was asked for its user and schemas and "
	                              "has answered with %s",
	                              untrue[_i].error));
}
END_TEST

/* --- what is asked once -------------------------------------------------------------------- */

static const struct {
	const char *rows, *expected;
	bool history, schema, triggers, standby;
	const char *address;
} descriptions[] = {
	{"me,you,d,path,public,t,f,t,PostgreSQL 15.20,7,t,10.0.0.1 5432", "me d path public", true,
         false, true, true, "10.0.0.1 5432"},
	{"me,you,d,path,NULL,f,t,f,NULL,NULL,NULL,NULL", "me d path none", false, true, false,
         false, NULL},
};

START_TEST(describes_the_database)
{
	struct db_description found;
	const char *text;

	reply((struct fake_reply){.sql = "WITH",
	                          .columns = "1,2,3,4,5,6,7,8,9,10,11,12",
	                          .rows = descriptions[_i].rows});
	ck_assert(db_describe(db, NULL, "h", &found, err));
	text = arena_printf(&fixture.arena, "%s %s %s %s", found.user, found.database,
	                    found.search_path,
	                    found.current_schema != NULL ? found.current_schema : "none");
	ck_assert_str_eq(text, descriptions[_i].expected);
	ck_assert_int_eq(found.history_exists, descriptions[_i].history);
	ck_assert_int_eq(found.default_schema_exists, descriptions[_i].schema);
	ck_assert_int_eq(db->history_has_triggers, descriptions[_i].triggers);
	ck_assert_int_eq(db->is_standby, descriptions[_i].standby);
	ck_assert(str_same(fixture.pg->address, descriptions[_i].address));
	ck_assert(!found.schema_unknown);
	ck_assert_str_eq(fixture.pg->origin.role, "me");
	ck_assert_str_eq(fixture.pg->origin.session, "you");
	ck_assert_str_eq(fixture.pg->origin.search_path, "path");
	ck_assert(str_ends(str_of(calls()), STR("[NULL|h]")));
}
END_TEST

START_TEST(cannot_describe)
{
	struct db_description found;

	reply((struct fake_reply){.sql = "WITH", .state = "57014", .failure = "no"});
	ck_assert(!db_describe(db, NULL, "h", &found, err));
	ck_assert_str_eq(pg_fixture_error(&fixture), "57014 ERROR: no");
}
END_TEST

/* --- schemas ------------------------------------------------------------------------------- */

static bool schema_exists(bool *answer)
{
	return db_schema_exists(db, "a\"b", answer, err);
}

static bool schema_empty(bool *answer)
{
	return db_schema_empty(db, "a\"b", answer, err);
}

static bool table_exists(bool *answer)
{
	return db_table_exists(db, "a\"b", "t", answer, err);
}

static const struct {
	bool (*ask)(bool *answer);
	const char *args, *title;
	bool answer_to_true;
} questions[] = {
	{schema_exists, "[a\"b]", "Unable to check whether schema \"a\"\"b\" exists", true},
	{schema_empty, "[a\"b]", "Unable to check whether schema \"a\"\"b\" is empty", false},
	{table_exists, "[a\"b|t]", "Unable to check whether table \"a\"\"b\".\"t\" exists", true},
};

START_TEST(asks)
{
	const char *const said[] = {"t", "f"};

	for (size_t i = 0; i < COUNT(said); i++) {
		bool answer = i == 0 ? !questions[_i].answer_to_true : questions[_i].answer_to_true;

		fixture.conn.replies_n = 0;
		reply((struct fake_reply){.sql = "SELECT", .columns = "b", .rows = said[i]});
		ck_assert(questions[_i].ask(&answer));
		ck_assert_int_eq(answer, (i == 0) == questions[_i].answer_to_true);
		ck_assert(str_ends(str_trim(str_of(calls())), str_of(questions[_i].args)));
	}
}
END_TEST

START_TEST(says_what_it_could_not_ask)
{
	bool answer;

	reply((struct fake_reply){.sql = "SELECT", .state = "57014", .failure = "no"});
	ck_assert(!questions[_i].ask(&answer));
	ck_assert_int_eq(err->code, ERROR_DB_CONNECTION);
	ck_assert_str_eq(err->message, questions[_i].title);
	ck_assert_str_eq(err->sql->message, "ERROR: no");
}
END_TEST

static bool create_schema(void)
{
	return db_create_schema(db, "a\"b", err);
}

static bool drop_schema(void)
{
	return db_drop_schema(db, "a\"b", err);
}

static bool clean_schema(void)
{
	struct db_clean_part all = {.step = 0};

	return db_clean_schema(db, "a\"b", &all, err);
}

static const struct {
	bool (*run)(void);
	const char *calls, *title;
} commands[] = {
	{create_schema, "simple CREATE SCHEMA \"a\"\"b\"", "Unable to create schema \"a\"\"b\""},
	{drop_schema, "simple DROP SCHEMA \"a\"\"b\" CASCADE", "Unable to drop schema \"a\"\"b\""},
	{clean_schema, NULL, "Unable to clean schema \"a\"\"b\""},
};

START_TEST(changes_schemas)
{
	ck_assert(commands[_i].run());
	if (commands[_i].calls != NULL)
		ck_assert_str_eq(calls(), commands[_i].calls);
}
END_TEST

START_TEST(says_what_it_could_not_change)
{
	static const char *const starts[] = {"CREATE", "DROP", "SELECT"};

	reply((struct fake_reply){.sql = starts[_i], .state = "42501", .failure = "denied"});
	ck_assert(!commands[_i].run());
	ck_assert_str_eq(err->message, commands[_i].title);
	ck_assert_str_eq(err->sql->message, "ERROR: denied");
}
END_TEST

/* --- the history table --------------------------------------------------------------------- */

#define COLUMNS                                                                                    \
	" (\n    \"installed_rank\" INT NOT NULL,\n    \"version\" VARCHAR(50),\n"                 \
	"    \"description\" VARCHAR(200) NOT NULL,\n    \"type\" VARCHAR(20) NOT NULL,\n"         \
	"    \"script\" VARCHAR(1000) NOT NULL,\n    \"checksum\" INTEGER,\n"                      \
	"    \"installed_by\" VARCHAR(100) NOT NULL,\n"                                            \
	"    \"installed_on\" TIMESTAMP NOT NULL DEFAULT now(),\n"                                 \
	"    \"execution_time\" INTEGER NOT NULL,\n    \"success\" BOOLEAN NOT NULL\n)"

static const struct {
	const char *tablespace, *statements[3];
} tables[] = {
	{NULL,
         {"CREATE TABLE \"s\".\"h\"" COLUMNS,
          "ALTER TABLE \"s\".\"h\" ADD CONSTRAINT \"h_pk\" PRIMARY KEY (\"installed_rank\")",
          "CREATE INDEX \"h_s_idx\" ON \"s\".\"h\" (\"success\")"}},
	{"fast",
         {"CREATE TABLE \"s\".\"h\"" COLUMNS " TABLESPACE \"fast\"",
          "ALTER TABLE \"s\".\"h\" ADD CONSTRAINT \"h_pk\" PRIMARY KEY (\"installed_rank\") "
          "USING INDEX TABLESPACE \"fast\"",
          "CREATE INDEX \"h_s_idx\" ON \"s\".\"h\" (\"success\") TABLESPACE \"fast\""}},
};

START_TEST(makes_the_history_table)
{
	size_t n = 0;
	const char *const *statements =
		pg_catalog.history_ddl(&fixture.db, "s", "h", tables[_i].tablespace, &n);

	ck_assert_int_eq((int)n, 3);
	for (size_t i = 0; i < n; i++)
		ck_assert_str_eq(statements[i], tables[_i].statements[i]);
}
END_TEST

/* --- clean --------------------------------------------------------------------------------- */

/* One object of each kind: how its query begins, what it gives, what is done. */
static const struct {
	const char *name, *query, *columns, *rows, *commands;
	int version;
} kinds[] = {
	{"materialized views",
         "SELECT relname FROM pg_catalog.pg_class c\nJOIN pg_catalog."
         "pg_namespace n ON n.oid = c.relnamespace\nWHERE c.relkind = 'm'",
         "n", "m\"v", "simple DROP MATERIALIZED VIEW IF EXISTS \"s\".\"m\"\"v\" CASCADE", 15},
	{"views",
         "SELECT relname FROM pg_catalog.pg_class c\nJOIN pg_catalog."
         "pg_namespace n ON n.oid = c.relnamespace\nWHERE c.relkind = 'v'",
         "n", "v\nw",
         "simple DROP VIEW IF EXISTS \"s\".\"v\" CASCADE\n"
         "simple DROP VIEW IF EXISTS \"s\".\"w\" CASCADE",
         15},
	{"tables", "SELECT c.relname", "n", "t", "simple DROP TABLE \"s\".\"t\" CASCADE", 15},
	{"types", "SELECT typname", "n,c", "pseudo,P\nuser,U\nother,A",
         "simple DROP TYPE IF EXISTS \"s\".\"pseudo\" CASCADE\n"
         "simple DROP TYPE IF EXISTS \"s\".\"user\" CASCADE\n"
         "simple DROP TYPE IF EXISTS \"s\".\"other\" CASCADE\n"
         "simple CREATE TYPE \"s\".\"pseudo\"\nsimple CREATE TYPE \"s\".\"user\"\n"
         "simple DROP TYPE IF EXISTS \"s\".\"pseudo\" CASCADE\n"
         "simple DROP TYPE IF EXISTS \"s\".\"user\" CASCADE\n"
         "simple DROP TYPE IF EXISTS \"s\".\"other\" CASCADE",
         15},
	{"routines", "SELECT proname, oidvectortypes(proargtypes),\n  CASE pg_proc", "n,a,k",
         "f,integer,FUNCTION", "simple DROP FUNCTION IF EXISTS \"s\".\"f\"(integer) CASCADE", 11},
	{"routines of old servers", "SELECT proname, oidvectortypes(proargtypes),\n  CASE WHEN",
         "n,a,k", "f,integer,FUNCTION",
         "simple DROP FUNCTION IF EXISTS \"s\".\"f\"(integer) CASCADE", 10},
	{"enums",
         "SELECT t.typname FROM pg_catalog.pg_type t\nJOIN pg_catalog.pg_namespace n "
         "ON n.oid = t.typnamespace\nWHERE n.nspname",
         "n", "e", "simple DROP TYPE \"s\".\"e\"", 15},
	{"domains",
         "SELECT t.typname FROM pg_catalog.pg_type t\nJOIN pg_catalog.pg_namespace n "
         "ON n.oid = t.typnamespace\nWHERE t.typtype = 'd'",
         "n", "d", "simple DROP DOMAIN IF EXISTS \"s\".\"d\" CASCADE", 15},
	{"sequences", "SELECT sequence_name", "n", "q",
         "simple DROP SEQUENCE IF EXISTS \"s\".\"q\"", 15},
	{"collations", "SELECT c.collname", "n", "c",
         "simple DROP COLLATION IF EXISTS \"s\".\"c\" CASCADE", 15},
	{"extensions", "SELECT e.extname", "n", "x",
         "simple DROP EXTENSION IF EXISTS \"x\" CASCADE", 15},
};

/* What is executed, without the queries. */
static const char *executed(void)
{
	struct str_list list = {0};

	for (size_t i = 0; i < fixture.conn.calls.n; i++)
		if (str_starts(str_of(fixture.conn.calls.items[i]), STR("simple ")))
			str_list_add(&fixture.arena, &list, fixture.conn.calls.items[i]);
	return str_list_join(&fixture.arena, &list, "\n");
}

START_TEST(cleans)
{
	struct db_clean_part all = {.step = 0};

	db->server_version = kinds[_i].version;
	reply((struct fake_reply){
		.sql = kinds[_i].query, .columns = kinds[_i].columns, .rows = kinds[_i].rows});
	ck_assert(db_clean_schema(db, "s", &all, err));
	ck_assert(all.is_last);
	ck_assert_msg(strcmp(executed(), kinds[_i].commands) == 0, "%s: %s", kinds[_i].name,
	              executed());
}
END_TEST

static const char *const stops[] = {"DROP TYPE", "CREATE TYPE"};

START_TEST(stops_cleaning_where_it_cannot_go_on)
{
	struct db_clean_part all = {.step = 0};

	reply((struct fake_reply){.sql = "SELECT typname", .columns = "n,c", .rows = "u,U\nv,U"});
	reply((struct fake_reply){.sql = stops[_i], .state = "42501", .failure = "denied"});
	ck_assert(!db_clean_schema(db, "s", &all, err));
	ck_assert(!all.is_too_large);
	ck_assert_str_eq(executed(), _i == 0 ? "simple DROP TYPE IF EXISTS \"s\".\"u\" CASCADE"
	                                     : "simple DROP TYPE IF EXISTS \"s\".\"u\" CASCADE\n"
	                                       "simple DROP TYPE IF EXISTS \"s\".\"v\" CASCADE\n"
	                                       "simple CREATE TYPE \"s\".\"u\"");
}
END_TEST

/* --- clean in several transactions --------------------------------------------------------- */

static const struct {
	const char *rows;
	bool exists;
	int64_t locks, limit;
} sizes[] = {
	{"16001,6400", true, 16001, 6400},
	{NULL, false, 0, 0},
};

START_TEST(measures_a_schema)
{
	struct db_clean_size size;

	reply((struct fake_reply){
		.sql = "SELECT (\n", .columns = "locks,limit", .rows = sizes[_i].rows});
	ck_assert(db_measure_schema(db, "a\"b", &size, err));
	ck_assert_int_eq(size.exists, sizes[_i].exists);
	ck_assert_int_eq(size.locks, sizes[_i].locks);
	ck_assert_int_eq(size.limit, sizes[_i].limit);
	ck_assert(str_ends(str_of(calls()), STR("[a\"b]")));
}
END_TEST

START_TEST(says_that_it_could_not_measure)
{
	struct db_clean_size size;

	reply((struct fake_reply){.sql = "SELECT", .state = "57014", .failure = "no"});
	ck_assert(!db_measure_schema(db, "s", &size, err));
	ck_assert_str_eq(err->message, "Unable to check whether schema \"s\" exists");
}
END_TEST

static bool clean_part(struct db_clean_part *part)
{
	ck_assert(db_begin(db, err));
	fixture.conn.calls.n = 0;
	return db_clean_schema(db, "s", part, err);
}

#define COUNTS "SELECT count(*) FROM pg_catalog.pg_locks"

static void reply_tables(const char *rows)
{
	reply((struct fake_reply){.sql = "WITH RECURSIVE", .columns = "n,s,k", .rows = rows});
}

START_TEST(drops_in_the_order_of_parts)
{
	struct db_clean_part part = {.max_locks = 3200, .kept_table = "h"};

	reply((struct fake_reply){.sql = "SELECT con.conname", .columns = "n,t", .rows = "fk,s.t"});
	reply((struct fake_reply){
		.sql = "SELECT relname FROM pg_catalog.pg_class c\nJOIN pg_catalog.pg_namespace n "
		       "ON n.oid = c.relnamespace\nWHERE c.relkind = 'm'",
		.columns = "n",
		.rows = "m2\nm1"});
	reply((struct fake_reply){.sql = "SELECT relname", .columns = "n", .rows = "v2\nv1"});
	reply_tables("p,other,TABLE\nf,s,FOREIGN TABLE\nt,s,TABLE");
	reply((struct fake_reply){.sql = "SELECT typname", .columns = "n,c", .rows = "u,U"});
	ck_assert(clean_part(&part));
	ck_assert(part.is_last);
	ck_assert_str_eq(executed(),
	                 "simple ALTER TABLE s.t DROP CONSTRAINT IF EXISTS \"fk\"\n"
	                 "simple DROP MATERIALIZED VIEW IF EXISTS \"s\".\"m2\" CASCADE\n"
	                 "simple DROP MATERIALIZED VIEW IF EXISTS \"s\".\"m1\" CASCADE\n"
	                 "simple DROP VIEW IF EXISTS \"s\".\"v2\" CASCADE\n"
	                 "simple DROP VIEW IF EXISTS \"s\".\"v1\" CASCADE\n"
	                 "simple DROP TABLE IF EXISTS other.\"p\" CASCADE\n"
	                 "simple DROP FOREIGN TABLE IF EXISTS s.\"f\" CASCADE\n"
	                 "simple DROP TABLE IF EXISTS s.\"t\" CASCADE\n"
	                 "simple DROP TYPE IF EXISTS \"s\".\"u\" CASCADE");
	for (size_t i = 0; i < fixture.conn.calls.n; i++) {
		struct str call = str_of(fixture.conn.calls.items[i]);

		if (str_starts(call, STR("send "))) {
			bool is_tables = str_starts(call, STR("send WITH RECURSIVE"));

			ck_assert(str_ends(call, is_tables ? STR("[s|h]") : STR("[s]")));
			ck_assert_msg(strstr(call.ptr, "\nLIMIT 3200") != NULL, "%s", call.ptr);
		}
		if (str_starts(call, STR("send SELECT relname")))
			ck_assert_msg(strstr(call.ptr, "ORDER BY c.oid DESC") != NULL, "%s",
			              call.ptr);
	}
}
END_TEST

/*
 * Counts after 64 / (2 * 16) tables, then after half of what the locks so far leave room for, and
 * goes on in the same step.
 */
static const struct {
	const char *name, *counts[4];
	int64_t max_locks;
	size_t dropped;
} meters[] = {
	{"few locks for each table", {"7", "39", "60"}, 64, 11},
	{"many locks for each table", {"30", "60"}, 64, 3},
	{"one table is too many", {"90"}, 32, 1},
	{"there is hardly any room", {"17"}, 16, 1},
	{"exactly full", {"32"}, 32, 1},
};

START_TEST(stops_when_it_holds_enough_locks)
{
	struct db_clean_part part = {.max_locks = meters[_i].max_locks};
	size_t n = 0;

	for (size_t i = 0; i < COUNT(meters[_i].counts) && meters[_i].counts[i] != NULL; i++)
		reply((struct fake_reply){
			.sql = COUNTS, .at = 1, .columns = "n", .rows = meters[_i].counts[i]});
	reply_tables("a,s,TABLE\nb,s,TABLE\nc,s,TABLE\nd,s,TABLE\ne,s,TABLE\nf,s,TABLE\n"
	             "g,s,TABLE\nh,s,TABLE\ni,s,TABLE\nj,s,TABLE\nk,s,TABLE\nl,s,TABLE");
	ck_assert(clean_part(&part));
	for (size_t i = 0; i < fixture.conn.calls.n; i++)
		n += str_starts(str_of(fixture.conn.calls.items[i]), STR("simple DROP TABLE"));
	ck_assert_msg(n == meters[_i].dropped, "%s: %zu", meters[_i].name, n);
	ck_assert(!part.is_last);
	ck_assert_uint_eq(part.step, 3);
	ck_assert(str_starts(str_of(fixture.conn.calls.items[fixture.conn.calls.n - 1]),
	                     STR("send " COUNTS)));
}
END_TEST

/* Then there may be more of that kind. */
START_TEST(stops_at_the_limit_of_rows)
{
	struct db_clean_part part = {.max_locks = _i};

	reply((struct fake_reply){.sql = COUNTS, .columns = "n", .rows = "0"});
	reply_tables(_i == 1 ? "a,s,TABLE" : "a,s,TABLE\nb,s,TABLE");
	ck_assert(clean_part(&part));
	ck_assert_str_eq(executed(), _i == 1 ? "simple DROP TABLE IF EXISTS s.\"a\" CASCADE"
	                                     : "simple DROP TABLE IF EXISTS s.\"a\" CASCADE\n"
	                                       "simple DROP TABLE IF EXISTS s.\"b\" CASCADE");
	ck_assert(!part.is_last);
	ck_assert_uint_eq(part.step, 3);
}
END_TEST

START_TEST(begins_where_the_part_before_ended)
{
	struct db_clean_part part = {.max_locks = 64, .step = 3};

	reply((struct fake_reply){.sql = "SELECT con.conname", .columns = "n,t", .rows = "fk,s.t"});
	reply_tables("t,s,TABLE");
	ck_assert(clean_part(&part));
	ck_assert_str_eq(executed(), "simple DROP TABLE IF EXISTS s.\"t\" CASCADE");
	ck_assert(part.is_last);
}
END_TEST

START_TEST(cannot_count)
{
	struct db_clean_part part = {.max_locks = 32};

	reply_tables("t,s,TABLE\nu,s,TABLE");
	reply((struct fake_reply){.sql = COUNTS, .state = "57014", .failure = "no"});
	ck_assert(!clean_part(&part));
	ck_assert_str_eq(err->sql->message, "ERROR: no");
	ck_assert_str_eq(executed(), "simple DROP TABLE IF EXISTS s.\"t\" CASCADE");
}
END_TEST

START_TEST(says_that_a_part_is_too_large)
{
	struct db_clean_part part = {.max_locks = _i == 0 ? 0 : 32};

	reply((struct fake_reply){.sql = "SELECT c.relname", .columns = "n", .rows = "t"});
	reply_tables("t,s,TABLE");
	reply((struct fake_reply){
		.sql = "DROP", .state = "53200", .failure = "out of shared memory"});
	ck_assert(!clean_part(&part));
	ck_assert(part.is_too_large);
	ck_assert_str_eq(err->message, "Unable to clean schema \"s\"");
}
END_TEST

/* The server ignores a request to cancel between two statements. */
START_TEST(heeds_a_signal)
{
	struct db_clean_part part = {.step = 0};

	if (_i == 0)
		reply((struct fake_reply){.sql = "SELECT c.relname", .columns = "n", .rows = "t"});
	db->is_cancelled = 1;
	ck_assert(!clean_part(&part));
	ck_assert_str_eq(pg_fixture_error(&fixture),
	                 "57014 ERROR: canceling statement due to user request");
	ck_assert_str_eq(executed(), "");
}
END_TEST

Suite *pg_catalog_suite(void)
{
	Suite *suite = suite_create("pg_catalog");
	TCase *tc = tcase_create("catalog");

	tcase_add_checked_fixture(tc, set_up, tear_down);
	tcase_add_loop_test(tc, refuses_a_description_of_another_shape, 0, COUNT(untrue));
	tcase_add_loop_test(tc, describes_the_database, 0, COUNT(descriptions));
	tcase_add_test(tc, cannot_describe);
	tcase_add_loop_test(tc, asks, 0, COUNT(questions));
	tcase_add_loop_test(tc, says_what_it_could_not_ask, 0, COUNT(questions));
	tcase_add_loop_test(tc, changes_schemas, 0, COUNT(commands));
	tcase_add_loop_test(tc, says_what_it_could_not_change, 0, COUNT(commands));
	tcase_add_loop_test(tc, makes_the_history_table, 0, COUNT(tables));
	tcase_add_loop_test(tc, cleans, 0, COUNT(kinds));
	tcase_add_loop_test(tc, stops_cleaning_where_it_cannot_go_on, 0, COUNT(stops));
	tcase_add_loop_test(tc, measures_a_schema, 0, COUNT(sizes));
	tcase_add_test(tc, says_that_it_could_not_measure);
	tcase_add_test(tc, drops_in_the_order_of_parts);
	tcase_add_loop_test(tc, stops_when_it_holds_enough_locks, 0, COUNT(meters));
	tcase_add_loop_test(tc, stops_at_the_limit_of_rows, 1, 3);
	tcase_add_test(tc, begins_where_the_part_before_ended);
	tcase_add_test(tc, cannot_count);
	tcase_add_loop_test(tc, says_that_a_part_is_too_large, 0, 2);
	tcase_add_loop_test(tc, heeds_a_signal, 0, 2);
	suite_add_tcase(suite, tc);
	return suite;
}
