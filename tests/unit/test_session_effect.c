/* SPDX-License-Identifier: Apache-2.0 */
/* test_session_effect.c - what statements leave in the session */
#include "suites.h"

#include "cflyway/base/attr.h"
#include "cflyway/sql/session_effect.h"

#define SETS "sets a parameter for the session (SET LOCAL is possible)"
#define TEMPORARY "makes a temporary object that outlives the transaction"
#define LOCKS "takes a lock of the session"
#define UNLOCKS "releases a lock of the session"

static const struct {
	const char *sql, *effect;
} statements[] = {
	{"create table a (i int)", NULL},
	{"", NULL},
	{"-- only a comment", NULL},
	{"/* /* nested */ set x = 1", NULL},

	{"set work_mem = '1MB'", SETS},
	{"SET SESSION work_mem TO 1", SETS},
	{"set role x", SETS},
	{"set time zone 'UTC'", SETS},
	{"-- why\n/* because /* of */ it */ set\"work_mem\" = 1", SETS},
	{"set local work_mem = '1MB'", NULL},
	{"set\nlocal role x", NULL},
	{"set constraints all deferred", NULL},
	{"set transaction read only", "sets the characteristics of its transaction"},
	{"set session characteristics as transaction read only", SETS},
	{"update t set a = 1", NULL},
	{"alter role x set work_mem = 1", NULL},
	{"reset all", "resets a parameter of the session"},
	{"discard plans", "discards what the session holds"},
	{"listen x", "listens for the session"},
	{"unlisten *", "listens for the session"},
	{"load 'x'", "loads a library into the session"},
	{"prepare p as select 1", "prepares a statement for the session"},
	{"execute p", "executes what was prepared for the session"},
	{"deallocate p", "drops what was prepared for the session"},
	{"notify x", NULL},
	{"declare c cursor with hold for select 1",
         "declares a cursor that outlives the transaction"},
	{"declare c cursor for select 1", NULL},

	{"create temp table a (i int)", TEMPORARY},
	{"create local temporary table a (i int)", TEMPORARY},
	{"CREATE TEMP TABLE a (i int) ON COMMIT DELETE ROWS", TEMPORARY},
	{"create temp table a (i int) on commit drop", NULL},
	{"create temp table a on commit drop as select 1", NULL},
	{"create or replace temp view v as select 1", TEMPORARY},
	{"create temp sequence s", TEMPORARY},
	{"create or replace view v as select 1", NULL},
	{"create table pg_temp.a (i int)", TEMPORARY},
	{"create table \"pg_temp\".a (i int)", TEMPORARY},
	{"create function pg_temp.f() returns int language sql as 'select 1'", TEMPORARY},
	{"select 1 as i into temp a", TEMPORARY},
	{"insert into temp values (1)", TEMPORARY},
	{"insert into temp (i) values (1)", NULL},
	{"select 'into temp x'", NULL},

	{"select pg_advisory_lock(1)", LOCKS},
	{"select pg_catalog.pg_try_advisory_lock_shared (1)", LOCKS},
	{"select PG_ADVISORY_UNLOCK_ALL()", UNLOCKS},
	{"select pg_advisory_xact_lock(1), pg_try_advisory_xact_lock(2)", NULL},
	{"select 'pg_advisory_lock(1)'", NULL},
	{"select E'it\\'s pg_advisory_lock(1)'", NULL},
	{"select 'a''pg_advisory_lock(1)'", NULL},
	{"select $a$ pg_advisory_lock(1) $$ $a$", NULL},
	{"select $a$ $a$, pg_advisory_lock(1)", LOCKS},
	{"select $1, pg_advisory_lock(1)", LOCKS},
	{"comment on table a is 'x' -- pg_advisory_lock(1)", NULL},
	{"select pg_advisory_lock from t", NULL},
	{"select dblink_connect('c', 'x')", "opens a connection that belongs to the session"},
	{"select set_config('search_path', '', false)", SETS},
	{"select pg_catalog.set_config('a', f(b, true), true)", NULL},
	{"select set_config('a', 'b', false), true", SETS},
	{"select set_config('a', 'b', 't'", SETS},

	{"create function f() returns void language sql as $$ select pg_advisory_lock(1) $$", NULL},
	{"create or replace procedure p() language sql as $$ set x = 1 $$", NULL},
	{"create or replace function f() returns void language sql as 'x' set work_mem = 1", NULL},

	{"do $$ begin perform pg_advisory_lock(1); end $$", LOCKS},
	{"do $$begin set work_mem = 1; end$$", SETS},
	{"do $$ begin set local work_mem = 1; update t set a = 1; end $$", NULL},
	{"do $$ begin if a then set role x; end if; end $$", SETS},
	{"do $$ begin x := 1; reset role; end $$", "resets a parameter of the session"},
	{"do $$ begin create temp table a (i int); end $$", TEMPORARY},
	{"do $$ begin create temp table a (i int) on commit drop; end $$", NULL},
	{"do $$ begin create temp table a (i int); set local x = '/* on commit drop'; end $$",
         TEMPORARY},
	{"do $$ begin execute 'set work_mem = 1'; end $$", SETS},
	{"do $$ begin execute 'update t set a = 1'; end $$", NULL},
	{"do $$ declare load int; begin load := 1; end $$", NULL},
	{"do 'begin listen x; end'", "listens for the session"},
};

START_TEST(finds_what_stays)
{
	const char *found = session_effect_find(str_of(statements[_i].sql));

	ck_assert_msg(str_same(found, statements[_i].effect), "%s: %s", statements[_i].sql,
	              found != NULL ? found : "nothing");
}
END_TEST

static const struct {
	const char *sql, *local;
} settings[] = {
	{"set work_mem = '1MB'", "SET LOCAL work_mem = '1MB'"},
	{"-- a\nSET SESSION role to x", "SET LOCAL role to x"},
	{"set session authorization x", "SET LOCAL session authorization x"},
	{"set time zone 'UTC' ", "SET LOCAL time zone 'UTC'"},
	{"set \"a b\".c = 1", "SET LOCAL \"a b\".c = 1"},
	{"set local a = 1", "set local a = 1"},
	{"set session characteristics as transaction read only", NULL},
	{"set transaction read only", NULL},
	{"set constraints all deferred", NULL},
	{"select 1", NULL},
	{"reset role", NULL},
	{"", NULL},
};

START_TEST(makes_settings_local)
{
	struct arena arena = ARENA_EMPTY;
	const char *local = session_set_locally(&arena, str_of(settings[_i].sql));

	ck_assert_msg(str_same(local, settings[_i].local), "%s: %s", settings[_i].sql,
	              local != NULL ? local : "nothing");
	arena_release(&arena);
}
END_TEST

Suite *session_effect_suite(void)
{
	Suite *suite = suite_create("session_effect");
	TCase *tc = tcase_create("all");

	tcase_add_loop_test(tc, finds_what_stays, 0, COUNT(statements));
	tcase_add_loop_test(tc, makes_settings_local, 0, COUNT(settings));
	suite_add_tcase(suite, tc);
	return suite;
}
