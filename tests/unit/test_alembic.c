/* SPDX-License-Identifier: Apache-2.0 */
/* test_alembic.c - revisions and their SQL in what Alembic 1.20 prints */
#include "suites.h"

#include "cflyway/adopt/alembic.h"
#include "cflyway/adopt/match.h"

static struct arena arena;

static void setup(void)
{
	arena_init(&arena);
}

static void teardown(void)
{
	arena_release(&arena);
}

static const struct {
	const char *output, *revisions, *message;
} histories[] = {
	{"a1 -> b2 (head), Add a column: 'x', y\n<base> -> a1, create account table\n",
         "a1 after  (create account table); b2 after a1 (Add a column: 'x', y)", NULL},
	{"INFO something\n<base> -> a1 (head),\n", "a1 after  ()", NULL},
	{"<base> -> a1 (effective head), x -> y\r\n", "a1 after  (x -> y)", NULL},
	{"", NULL, "Alembic lists no revisions"},
	{"a -> c (head), z\na -> b (head), y\n<base> -> a (branchpoint), x\n", NULL,
         "The revisions are not one after the other: 2 of them come after a. Scripts of Flyway "
         "have one order; import a history without branches."},
	{"b, c -> d (head) (mergepoint), m\n<base> -> b, x\n", NULL,
         "The revisions are not one after the other: d comes after b, c. Scripts of Flyway have "
         "one order; import a history without merges and dependencies."},
	{"<base> (x) -> b (head), m\n", NULL,
         "The revisions are not one after the other: b comes after <base> (x). Scripts of "
         "Flyway have one order; import a history without merges and dependencies."},
	{"<base> -> b (head), m\n<base> -> a (head), m\n", NULL,
         "The revisions are not one after the other: 2 of them come after <base>. Scripts of "
         "Flyway have one order; import a history without branches."},
	{"z -> b (head), m\n<base> -> a, m\n", NULL,
         "The revisions are not one after the other: none comes after a"},
};

START_TEST(reads_the_history)
{
	struct error err = ERROR_INIT(&arena);
	struct alembic_revisions got;
	struct str_list list = {0};
	bool ok = alembic_read_history(&arena, str_of(histories[_i].output), &got, &err);

	ck_assert_msg(ok == (histories[_i].message == NULL), "%s", histories[_i].output);
	if (!ok) {
		ck_assert_str_eq(err.message, histories[_i].message);
		return;
	}
	for (size_t i = 0; i < got.n; i++)
		str_list_add(&arena, &list,
		             arena_printf(&arena, "%s after %s (%s)", got.items[i].id,
		                          got.items[i].parent, got.items[i].message));
	ck_assert_str_eq(str_list_join(&arena, &list, "; "), histories[_i].revisions);
}
END_TEST

static const char upgrade[] =
	"BEGIN;\n\nCREATE TABLE alembic_version (\n    version_num VARCHAR(32) NOT NULL\n);\n\n"
	"-- Running upgrade  -> a1\n\nCREATE TABLE t (\n    id INTEGER\n);\n\n"
	"update t set version_num = 1;\n\n"
	"INSERT INTO alembic_version (version_num) VALUES ('a1') RETURNING "
	"alembic_version.version_num;\n\n"
	"-- Running upgrade a1 -> b2, with a message\n\nCOMMIT;\n\n"
	"create index concurrently i on t(id);\n\nBEGIN;\n\nselect '${x}';\n\n"
	"UPDATE alembic_version SET version_num='b2' WHERE alembic_version.version_num = 'a1';\n\n"
	"-- Running upgrade b2 -> c3\n\n-- nothing\n\n"
	"UPDATE alembic_version SET version_num='c3' WHERE alembic_version.version_num = 'b2';\n\n"
	"COMMIT;\n\n";

static const char downgrade[] =
	"BEGIN;\n\n-- Running downgrade b2 -> a1\n\ndrop index i;\n\n"
	"UPDATE alembic_version SET version_num='a1' WHERE alembic_version.version_num = 'b2';\n\n"
	"-- Running downgrade a1 -> \n\nDROP TABLE t;\n\n"
	"DELETE FROM alembic_version WHERE alembic_version.version_num = 'a1';\n\nCOMMIT;\n";

static struct alembic_revisions make_revisions(void)
{
	struct alembic_revisions revisions = {arena_array(&arena, 3, sizeof(*revisions.items)), 3};

	revisions.items[0] = (struct alembic_revision){.id = "a1", .parent = "", .message = ""};
	revisions.items[1] = (struct alembic_revision){.id = "b2", .parent = "a1", .message = ""};
	revisions.items[2] = (struct alembic_revision){.id = "c3", .parent = "b2", .message = ""};
	return revisions;
}

START_TEST(divides_the_sql_among_revisions)
{
	struct alembic_revisions revisions = make_revisions();
	const struct alembic_revision *items = revisions.items;

	alembic_divide_upgrade(&arena, str_of(upgrade), &revisions);
	ck_assert_str_eq(items[0].up.sql,
	                 "CREATE TABLE t (\n    id INTEGER\n);\n\nupdate t set version_num = 1;");
	ck_assert(!items[0].up.no_transaction && !items[0].up.has_placeholder &&
	          !items[0].up.is_empty);
	ck_assert_str_eq(items[1].up.sql,
	                 "create index concurrently i on t(id);\n\n\nselect '${x}';");
	ck_assert(items[1].up.no_transaction && items[1].up.has_placeholder);
	ck_assert_str_eq(items[2].up.sql, "-- nothing");
	ck_assert(items[2].up.is_empty);
	alembic_divide_downgrade(&arena, str_of(downgrade), &revisions);
	ck_assert_str_eq(items[0].down.sql, "DROP TABLE t;");
	ck_assert_str_eq(items[1].down.sql, "drop index i;");
	ck_assert_ptr_null(items[2].down.sql);
}
END_TEST

/* BEGIN and COMMIT of a procedure are no gap in the transaction. */
START_TEST(keeps_the_bodies_of_procedures)
{
	static const char procedure[] = "create procedure p() as $$\nbegin\nCOMMIT;\nend $$;";
	struct alembic_revisions revisions = make_revisions();

	alembic_divide_upgrade(
		&arena,
		str_of(arena_printf(&arena, "-- Running upgrade  -> a1\n\n%s\n\n", procedure)),
		&revisions);
	ck_assert_str_eq(revisions.items[0].up.sql, procedure);
	ck_assert(!revisions.items[0].up.no_transaction);
}
END_TEST

static const struct {
	const char *message;
	size_t place, n;
	const char *name;
} names[] = {
	{"create account table", 0, 2, "V001__create_account_table.sql"},
	{"Add a column: 'x', y", 11, 999, "V012__add_a_column_x_y.sql"},
	{"x", 9, 1000, "V0010__x.sql"},
	{"__ -", 0, 1, "V001__ae10.sql"},
	{"", 0, 1, "V001__ae10.sql"},
	{"Größe", 0, 1, "V001__gr_e.sql"},
	{"1234567890 1234567890 1234567890 1234567890 1234567890 1234567890", 0, 1,
         "V001__1234567890_1234567890_1234567890_1234567890_1234567890_12345.sql"},
};

START_TEST(names_scripts)
{
	const struct alembic_revision revision = {.id = "ae10", .message = names[_i].message};

	ck_assert_str_eq(alembic_file_name(&arena, "V", &revision, names[_i].place, names[_i].n),
	                 names[_i].name);
}
END_TEST

Suite *alembic_suite(void)
{
	Suite *suite = suite_create("alembic");
	TCase *tc = tcase_create("alembic");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(tc, reads_the_history, 0, COUNT(histories));
	tcase_add_test(tc, divides_the_sql_among_revisions);
	tcase_add_test(tc, keeps_the_bodies_of_procedures);
	tcase_add_loop_test(tc, names_scripts, 0, COUNT(names));
	suite_add_tcase(suite, tc);
	return suite;
}
