/* SPDX-License-Identifier: Apache-2.0 */
/* test_pg_causes.c - what is said about a statement that PostgreSQL refuses, and what it costs */
#include "suites.h"

#include "pg_fixture.h"

#include "../../src/db/postgres/errors.h"

static struct pg_fixture fixture;

static void set_up(void)
{
	pg_fixture_open(&fixture);
	pg_fixture_connect(&fixture);
}

static void tear_down(void)
{
	pg_fixture_close(&fixture);
}

/* The failure, the answer to the one query, and the notes. */
static const struct {
	const char *state, *message;
	int version;
	const char *query, *columns, *rows;
	const char *expected;
} failures[] = {
	{"42501", "permission denied for schema public", 15, "SELECT CASE r.rolname", "o,g",
         "boss,CREATE",
         "the role me may not create objects in the schema public: since PostgreSQL 15 only the "
         "owner of the database may|next: as boss: GRANT CREATE ON SCHEMA public TO me;"},
	{"42501", "permission denied for schema public", 14, "SELECT CASE r.rolname", "o,g",
         "boss,CREATE",
         "the role me may not use the schema public, or not create objects there|next: as its "
         "owner, boss: GRANT CREATE ON SCHEMA public TO me;"},
	{"42501", "permission denied for schema My one", 15, "SELECT CASE r.rolname", "o,g",
         "boss,USAGE",
         "the role me may not use the schema My one, or not create objects there|next: as its "
         "owner, boss: GRANT USAGE ON SCHEMA \"My one\" TO me;"},
	{"42501", "permission denied for schema public", 15, NULL, NULL, NULL,
         "more: \"cflyway explain 42501\""},
	{"42501", "permission denied for table t", 15,
         "SELECT pg_catalog.quote_ident(n.nspname) ||", "n,o,g", "a.t,boss,SELECT",
         "the table a.t belongs to boss, and the role me lacks rights on it|next: as boss: GRANT "
         "SELECT ON TABLE a.t TO me;"},
	{"42P01", "relation \"prsons\" does not exist\n  Position: 9", 15, "SELECT c.relname",
         "n,s", "cats,cats\npersons,app.persons",
         "there is no prsons in the search path: public|did you mean \"app.persons\"?"},
	{"42P01", "relation \"persons\" does not exist", 15,
         "SELECT pg_catalog.quote_ident(n.nspname) FROM pg_catalog.pg_class", "n", "app",
         "persons is in the schema app, which is not in the search path: public|write "
         "app.persons"},
	{"42P01", "relation \"persons\" does not exist", 15, NULL, NULL, NULL,
         "there is no persons in the search path: public|more: \"cflyway explain 42P01\""},
	{"42601", "syntax error at or near \"merge\"\n  Position: 1", 14, NULL, NULL, NULL,
         "MERGE needs PostgreSQL 15, and this server has 14|write it for PostgreSQL 14, or "
         "upgrade the server"},
	{"42601", "syntax error at or near \"merge\"", 15, NULL, NULL, NULL,
         "more: \"cflyway explain 42601\""},
	{"42883", "function gen_random_uuid() does not exist", 12, NULL, NULL, NULL,
         "gen_random_uuid() without the extension pgcrypto needs PostgreSQL 13, and this server "
         "has 12|write it for PostgreSQL 12, or upgrade the server"},
	{"42704", "type \"int4multirange\" does not exist", 13, NULL, NULL, NULL,
         "the type int4multirange needs PostgreSQL 14, and this server has 13|write it for "
         "PostgreSQL 13, or upgrade the server"},
	{"42704", "unrecognized configuration parameter \"transaction_timeout\"", 16, NULL, NULL,
         NULL,
         "the setting transaction_timeout needs PostgreSQL 17, and this server has 16|write "
         "it for PostgreSQL 16, or upgrade the server"},
	{"42704", "type \"citext\" does not exist", 15,
         "SELECT pg_catalog.quote_ident(n.nspname) FROM pg_catalog.pg_extension", "n", "ext",
         "this is in the extension citext, whose schema ext is not in the search path: "
         "public|write ext. before the name, or add the schema to the search path"},
	{"42704", "type \"citext\" does not exist", 15, "SELECT 'yes' FROM pg_catalog.pg_available",
         "r", "yes",
         "this is in the extension citext, which was not created in this database|CREATE "
         "EXTENSION IF NOT EXISTS citext; before that, as a superuser if it is not trusted"},
	{"42704", "type \"vector\" does not exist", 15, NULL, NULL, NULL,
         "this is in the extension vector, whose files are not installed on the machine of the "
         "server|next: there: apt-get install postgresql-15-pgvector (Debian, Ubuntu), then CREATE "
         "EXTENSION vector;"},
	{"42883", "function ext.uuid_generate_v1mc() does not exist\n  Hint: No function…", 15,
         "SELECT 'yes' FROM pg_catalog.pg_available", "r", "yes",
         "the extension uuid-ossp has this, and was not created in this database|CREATE EXTENSION "
         "IF NOT EXISTS \"uuid-ossp\" SCHEMA ext; before that, as a superuser if it is not "
         "trusted"},
	{"42883", "function ext.uuid_generate_v1mc() does not exist", 15,
         "SELECT pg_catalog.quote_ident(n.nspname) FROM pg_catalog.pg_extension", "n", "public",
         "the extension uuid-ossp has this, but in the schema public, not in ext|write public. in "
         "place of ext."},
	{"42883", "function ext.uuid_generate_v9() does not exist", 15,
         "SELECT pg_catalog.quote_ident(n.nspname) FROM pg_catalog.pg_extension", "n", "ext",
         "more: \"cflyway explain 42883\""},
	{"42704", "type \"Ext.citext\" does not exist", 15, NULL, NULL, NULL,
         "the extension citext has this, and its files are not installed on the machine of the "
         "server|next: there: apt-get install postgresql-contrib (Debian, Ubuntu), then CREATE "
         "EXTENSION citext SCHEMA \"Ext\";"},
	{"42704", "operator class \"ext.gin_trgm_ops\" does not exist for access method \"gin\"",
         15, "SELECT 'yes' FROM pg_catalog.pg_available", "r", "yes",
         "the extension pg_trgm has this, and was not created in this database|CREATE EXTENSION IF "
         "NOT EXISTS pg_trgm SCHEMA ext; before that, as a superuser if it is not trusted"},
	{"XX000", "extension \"timescaledb\" must be preloaded\n  Hint: Please preload it.", 15,
         NULL, NULL, NULL,
         "the extension timescaledb works only if the server loads it when it starts|next: add it "
         "to shared_preload_libraries in postgresql.conf and restart the server"},
	{"XX000", "Citus can only be loaded via shared_preload_libraries", 15, NULL, NULL, NULL,
         "the extension citus works only if the server loads it when it starts|next: put citus "
         "first in shared_preload_libraries in postgresql.conf and restart the server"},
	{"0A000",
         "cannot drop continuous aggregate using DROP VIEW\n  Hint: Use DROP MATERIALIZED VIEW.",
         15, NULL, NULL, NULL,
         "TimescaleDB drops a continuous aggregate only with DROP MATERIALIZED VIEW|write DROP "
         "MATERIALIZED VIEW; if clean failed, put DROP MATERIALIZED VIEW IF EXISTS NAME CASCADE; "
         "into beforeClean.sql"},
	{"22023", "unrecognized parameter namespace \"tsdb\"", 15,
         "SELECT 'yes' FROM "
         "pg_catalog.pg_available",
         "r", "yes",
         "this is in the extension timescaledb, which was not created in this database|CREATE "
         "EXTENSION IF NOT EXISTS timescaledb; before that, as a superuser if it is not trusted"},
	{"0A000", "extension \"postgis\" is not available", 17, NULL, NULL, NULL,
         "the files of the extension postgis are not installed on the machine of the server|next: "
         "there: apt-get install postgresql-17-postgis-3 (Debian, Ubuntu); no restart is needed"},
	{"58P01",
         "could not open extension control file \"/usr/share/postgresql/12/extension/rum.control\": "
         "No such file or directory",
         12, NULL, NULL, NULL,
         "the files of the extension rum are not installed on the machine of the server|next: "
         "there: apt-get install postgresql-12-rum (Debian, Ubuntu); no restart is needed"},
	{"2D000",
         "invalid transaction termination\n  Where: PL/pgSQL function p() line 3 at COMMIT", 15,
         NULL, NULL, NULL,
         "a procedure or DO block ends the transaction (COMMIT or ROLLBACK), which works only "
         "outside of the transaction of the migration|next: write executeInTransaction=false into "
         "sql/V1__a.sql.conf; if it fails later, what it has done until then stays"},
	{"25001", "VACUUM cannot run inside a transaction block", 15, NULL, NULL, NULL,
         "VACUUM works only outside of a transaction|next: write executeInTransaction=false into "
         "sql/V1__a.sql.conf; best with this statement alone in the script, as nothing can be "
         "rolled back then"},
	{"25006", "cannot execute CREATE TABLE in a read-only transaction", 15,
         "SELECT 'yes' WHERE pg_catalog.pg_is_in_recovery", "r", "yes",
         "the server is a standby, which follows another one and takes no changes|next: connect to "
         "the primary server; with several hosts in the URL add targetServerType=primary"},
	{"25006", "cannot execute CREATE TABLE in a read-only transaction", 15, NULL, NULL, NULL,
         "the script has made its transaction read-only|take SET TRANSACTION READ ONLY out "
         "of it"},
	{"23505",
         "duplicate key value violates unique constraint \"t_pkey\"\n  Detail: Key (a, b)=(1, 2) "
         "already exists.",
         15, NULL, NULL, NULL,
         "there is a row with (a, b) = (1, 2) already, and t_pkey allows one|leave the row "
         "out, or add ON CONFLICT (a, b) DO NOTHING if it may be there"},
	{"23505", "doppelter Schlüsselwert", 15, NULL, NULL, NULL,
         "more: \"cflyway explain 23505\""},
	{"42703", "column \"installed_rank\" does not exist", 15,
         "SELECT pg_catalog.quote_ident(n.nspname) ||", "n,c", "public.h,id",
         "the table public.h is no history of Flyway: its columns are id|next: choose another name "
         "for the history with -table=NAME, or rename that table"},
	{"99999", "anything", 15, NULL, NULL, NULL, ""},
};

static const char *explain(const char *state, const char *message)
{
	struct arena *arena = &fixture.arena;
	const struct sql_failure failure = {
		.state = state,
		.message = arena_printf(arena, "ERROR: %s", message),
		.path = "sql/V1__a.sql",
	};
	const char *told = "";

	fixture.settings.table = "h";
	error_set_sql(&fixture.err, ERROR_DB_CONNECTION, &failure, "failed");
	db_explain(&fixture.db, &fixture.err);
	for (size_t i = 0; i < fixture.err.notes.n; i++)
		told = arena_printf(arena, "%s%s%s", told, i > 0 ? "|" : "",
		                    fixture.err.notes.items[i].text);
	return told;
}

START_TEST(tells_the_cause_and_what_to_do)
{
	fixture.db.server_version = failures[_i].version;
	if (failures[_i].query != NULL)
		fake_libpq_reply(&fixture.conn, (struct fake_reply){.sql = failures[_i].query,
		                                                    .columns = failures[_i].columns,
		                                                    .rows = failures[_i].rows});
	ck_assert_str_eq(explain(failures[_i].state, failures[_i].message), failures[_i].expected);
}
END_TEST

/* Whatever the words of the server are. */
static const struct {
	const char *state, *message, *detail;
	struct sql_object object;
	const char *expected;
} named[] = {
	{"23505",
         "doppelter Schlüsselwert verletzt Unique-Constraint »t_pkey«",
         "Schlüssel »(a, b)=(1, 2)« existiert bereits.",
         {.schema = "My", .table = "t", .constraint = "t_pkey"},
         "t_pkey on \"My\".t allows (a, b) = (1, 2) once, and there is a second row|leave one of them "
         "out, or mend them in a migration before"},
	{"23503",
         "外部キー",
         "テーブル\"p\"にキー(p)=(33)がありません。",
         {.schema = "public", .table = "c", .constraint = "c_p_fkey"},
         "the foreign key c_p_fkey of public.c does not allow (p) = (33)|insert the row that is named "
         "first, or take those that name it away before"},
	{"23502",
         "valeur NULL",
         NULL,
         {.schema = "public", .table = "t", .column = "n"},
         "a row of public.t has no value for n|give it a value, or the column a DEFAULT; rows that are "
         "there already need an UPDATE before"},
	{"23502",
         "column \"N\" of relation \"t\" contains null values",
         NULL,
         {.schema = "a", .table = "t", .column = "N"},
         "rows of t that are there already have no value in N|UPDATE a.t SET \"N\" = VALUE WHERE "
         "\"N\" IS NULL; before, or add a DEFAULT"},
	{"23514",
         "value for domain d violates check constraint \"d_check\"",
         NULL,
         {.schema = "public", .constraint = "d_check", .datatype = "d"},
         "a value breaks the rule d_check of the type d|more: \"cflyway explain 23514\""},
};

START_TEST(tells_what_the_server_names)
{
	const struct sql_failure failure = {
		.state = named[_i].state,
		.message = arena_printf(&fixture.arena, "FEHLER: %s", named[_i].message),
		.place = {.detail = named[_i].detail},
		.object = named[_i].object,
	};
	const struct note *cause;
	const char *told = "";

	error_set_sql(&fixture.err, ERROR_DB_CONNECTION, &failure, "failed");
	db_explain(&fixture.db, &fixture.err);
	for (size_t i = 0; i < fixture.err.notes.n; i++)
		told = arena_printf(&fixture.arena, "%s%s%s", told, i > 0 ? "|" : "",
		                    fixture.err.notes.items[i].text);
	ck_assert_str_eq(told, named[_i].expected);
	cause = note_list_find(&fixture.err.notes, NOTE_CAUSE);
	ck_assert_ptr_nonnull(cause->object);
	ck_assert_pstr_eq(cause->object->table, named[_i].object.table);
	ck_assert_pstr_eq(cause->object->datatype, named[_i].object.datatype);
}
END_TEST

START_TEST(names_the_time_limit)
{
	static const struct {
		int own_ms;
		const char *expected;
	} limits[] = {
		{500, "the statement ran longer than cflyway.statementTimeout (500 ms) allows"},
		{0, "the statement ran longer than statement_timeout (900 ms), set by ALTER ROLE, "
	            "allows"},
	};

	fake_libpq_reply(&fixture.conn, (struct fake_reply){.sql = "SELECT s.reset_val",
	                                                    .columns = "n,o",
	                                                    .rows = "900 ms,ALTER ROLE"});
	for (size_t i = 0; i < COUNT(limits); i++) {
		error_init(&fixture.err, &fixture.arena);
		fixture.settings.statement_timeout = limits[i].own_ms;
		explain("57014", "canceling statement due to statement timeout");
		ck_assert_str_eq(fixture.err.notes.items[0].text, limits[i].expected);
		ck_assert_str_eq(fixture.err.notes.items[1].text,
		                 "next: raise it for this script: statementTimeout=0 in "
		                 "sql/V1__a.sql.cflyway.conf");
	}
}
END_TEST

/* The line of the script decides what "WITHOUT" was meant to be. */
START_TEST(reads_the_line_of_the_script)
{
	static const struct {
		const char *line, *expected;
	} lines[] = {
		{"a.sql:1:2\n 1 | unique (a without Overlaps)",
	         "WITHOUT OVERLAPS needs PostgreSQL 18, and this server has 15"},
		{"a.sql:1:2\n 1 | select without", "more: \"cflyway explain 42601\""},
	};

	for (size_t i = 0; i < COUNT(lines); i++) {
		error_init(&fixture.err, &fixture.arena);
		fixture.db.server_version = 15;
		error_explain(&fixture.err, NOTE_PLACE, "%s", lines[i].line);
		explain("42601", "syntax error at or near \"without\"");
		ck_assert_str_eq(fixture.err.notes.items[1].text, lines[i].expected);
	}
}
END_TEST

static const struct {
	const char *path, *shown;
} paths[] = {
	{"\"public\",\"$user\", public", "public, \"$user\""},
	{"\"My one\", b ,b,\"a\"\"b\"", "\"My one\", b, \"a\"\"b\""},
	{"\"a,b\", \"a\"", "\"a,b\", a"},
	{"a", "a"},
	{"", ""},
};

START_TEST(shows_the_search_path_as_a_person_writes_it)
{
	const char *expected =
		arena_printf(&fixture.arena, "none of the schemas in the search path exists: %s",
	                     paths[_i].shown);

	postgres_of(&fixture.db)->origin.search_path = paths[_i].path;
	explain("3F000", "no schema has been selected to create in");
	ck_assert_str_eq(fixture.err.notes.items[0].text, expected);
}
END_TEST

START_TEST(asks_in_a_short_transaction_that_only_reads)
{
	ck_assert_str_eq(explain("3F000", "schema \"s\" does not exist"),
	                 "there is no schema s|CREATE SCHEMA s; in a migration before, or name "
	                 "it in flyway.schemas");
	const char *calls = fake_libpq_calls(&fixture.conn);

	ck_assert(strstr(calls, "BEGIN READ ONLY; SET LOCAL statement_timeout = 2000; "
	                        "SET LOCAL lock_timeout = 1000") != NULL);
	ck_assert(str_ends(str_of(calls), STR("ROLLBACK")));
	ck_assert_int_eq(db_tx_status(&fixture.db), TX_IDLE);
}
END_TEST

START_TEST(ends_the_transaction_of_the_migration_first)
{
	ck_assert(db_begin(&fixture.db, &fixture.err));
	explain("42601", "syntax error");
	ck_assert(str_ends(str_of(fake_libpq_calls(&fixture.conn)), STR("ROLLBACK")));
	ck_assert_int_eq(db_tx_status(&fixture.db), TX_IDLE);
}
END_TEST

START_TEST(keeps_silent_when_the_question_fails)
{
	fake_libpq_reply(
		&fixture.conn,
		(struct fake_reply){.sql = "SELECT CASE", .state = "57014", .failure = "too slow"});
	ck_assert_str_eq(explain("42501", "permission denied for schema s"),
	                 "more: \"cflyway explain 42501\"");
	ck_assert_int_eq(db_tx_status(&fixture.db), TX_IDLE);
}
END_TEST

START_TEST(asks_nothing_without_a_connection)
{
	fixture.conn.is_lost = true;
	fake_libpq_calls(&fixture.conn);
	ck_assert_str_eq(explain("3F000", "schema \"s\" does not exist"), "");
	ck_assert_str_eq(fake_libpq_calls(&fixture.conn), "");
}
END_TEST

START_TEST(tells_why_the_server_has_ended_the_session)
{
	fixture.conn.is_lost = true;
	fake_libpq_calls(&fixture.conn);
	ck_assert_str_eq(explain("XX000", "extension \"timescaledb\" must be preloaded"),
	                 "the extension timescaledb works only if the server loads it when it "
	                 "starts|next: add it to shared_preload_libraries in postgresql.conf and "
	                 "restart the server");
	ck_assert_str_eq(fake_libpq_calls(&fixture.conn), "");
}
END_TEST

START_TEST(asks_nothing_after_a_signal)
{
	fixture.db.is_cancelled = 1;
	ck_assert_str_eq(explain("3F000", "schema \"s\" does not exist"), "");
	ck_assert_str_eq(fake_libpq_calls(&fixture.conn), "");
}
END_TEST

Suite *pg_causes_suite(void)
{
	Suite *suite = suite_create("pg_causes");
	TCase *tc = tcase_create("causes");

	tcase_add_checked_fixture(tc, set_up, tear_down);
	tcase_add_loop_test(tc, tells_the_cause_and_what_to_do, 0, COUNT(failures));
	tcase_add_loop_test(tc, tells_what_the_server_names, 0, COUNT(named));
	tcase_add_test(tc, names_the_time_limit);
	tcase_add_test(tc, reads_the_line_of_the_script);
	tcase_add_loop_test(tc, shows_the_search_path_as_a_person_writes_it, 0, COUNT(paths));
	tcase_add_test(tc, asks_in_a_short_transaction_that_only_reads);
	tcase_add_test(tc, ends_the_transaction_of_the_migration_first);
	tcase_add_test(tc, keeps_silent_when_the_question_fails);
	tcase_add_test(tc, asks_nothing_without_a_connection);
	tcase_add_test(tc, tells_why_the_server_has_ended_the_session);
	tcase_add_test(tc, asks_nothing_after_a_signal);
	suite_add_tcase(suite, tc);
	return suite;
}
