/* SPDX-License-Identifier: Apache-2.0 */
/* test_drivers.c - every driver has every method, and what the defaults do */
#include "suites.h"

#include "fake_db.h"

#include "cflyway/db/driver.h"

/* A struct that holds nothing but pointers. */
#define NO_NULL(driver, methods) check_pointers(driver, #methods, &(methods), sizeof(methods))

static void check_pointers(const struct db_driver *driver, const char *name, const void *methods,
                           size_t size_bytes)
{
	for (size_t i = 0; i < size_bytes / sizeof(void *); i++) {
		const void *pointer;

		memcpy(&pointer, (const char *)methods + i * sizeof(pointer), sizeof(pointer));
		ck_assert_msg(pointer != NULL, "%s: number %zu of %s is NULL", driver->name, i + 1,
		              name);
	}
}

START_TEST(has_all_methods)
{
	const struct db_driver *driver = db_drivers.items[_i];

	NO_NULL(driver, driver->connection);
	NO_NULL(driver, driver->script);
	NO_NULL(driver, driver->transaction);
	NO_NULL(driver, driver->lock);
	NO_NULL(driver, *driver->catalog);
	ck_assert(driver->durability.commit_row != NULL);
	ck_assert(driver->durability.may_flush_later != NULL);
	ck_assert(driver->durability.flush != NULL);
	ck_assert(driver->trial.begin != NULL);
	ck_assert(driver->trial.end != NULL);
	ck_assert(driver->trial.savepoint != NULL);
	ck_assert(driver->trial.note != NULL);
	ck_assert(driver->trial.release != NULL);
	ck_assert(driver->trial.rollback_to != NULL);
}
END_TEST

START_TEST(says_what_it_is)
{
	const struct db_driver *driver = db_drivers.items[_i];

	ck_assert_int_gt((int)strlen(driver->name), 0);
	ck_assert(str_starts(str_of(driver->scheme), STR("jdbc:")));
	ck_assert(str_ends(str_of(driver->scheme), STR(":")));
	ck_assert_int_gt((int)strlen(driver->java_class), 0);
	ck_assert_int_gt((int)strlen(driver->library), 0);
	ck_assert_int_gt((int)strlen(driver->library_version()), 0);
	ck_assert(driver->dialect != NULL);
	for (size_t i = 0; i < db_drivers.n; i++)
		ck_assert((int)i == _i || strcmp(driver->scheme, db_drivers.items[i]->scheme) != 0);
}
END_TEST

/* --- the defaults, in a driver of their own ------------------------------------------------ */

static struct arena memory;
static struct settings settings;
static struct log silence;
static struct fake_db fake;
static struct db db;
static struct error err;

static void set_up(void)
{
	arena_init(&memory);
	err = (struct error)ERROR_INIT(&memory);
	settings = (struct settings){.url = "jdbc:fake:"};
	fake_db_init(&fake, &memory);
	fake.driver.connection.check_version = db_default_check_version;
	fake.driver.connection.check_product = db_default_check_product;
	fake.driver.script.copy = db_default_copy;
	fake.driver.script.find_leftovers = db_default_find_leftovers;
	fake.driver.transaction.ensure_writable = db_default_ensure_writable;
	fake.driver.lock.holder = db_default_lock_holder;
	fake.driver.durability.commit_row = db_default_commit_row;
	fake.driver.durability.may_flush_later = db_default_may_flush_later;
	fake.driver.durability.flush = db_default_flush;
	fake_db_connect(&fake, &db, &settings, &silence);
}

static void tear_down(void)
{
	db_close(&db);
	arena_release(&memory);
}

static const char *calls(void)
{
	return fake_db_calls(&fake);
}

START_TEST(do_nothing)
{
	int64_t process;
	struct str_list sentences = {0};
	bool committed = true, may = true;

	ck_assert(db_check_product(&db, &err));
	ck_assert(db_find_leftovers(&db, &sentences, &err));
	ck_assert_int_eq((int)sentences.n, 0);
	ck_assert(db_ensure_writable(&db, &committed, &err));
	ck_assert(!committed);
	ck_assert(db_default_restore_role(&db, &err));
	ck_assert(db_lock_holder(&db, "x", &process) == NULL);
	ck_assert(db_may_flush_later(&db, &may, &err));
	ck_assert(!may);
	ck_assert(db_flush(&db, &err));
	ck_assert_str_eq(calls(), "");
}
END_TEST

START_TEST(send_the_statement_of_a_copy)
{
	const struct statement statement = {.text = "COPY t", .len = 6};

	ck_assert_int_eq(db_copy(&db, &statement, NULL, &err), DB_OK);
	ck_assert_str_eq(calls(), "SEND COPY t");
}
END_TEST

static const struct {
	const char *name, *fails, *calls;
	int rank;
	bool ok;
	enum db_part part;
} commits[] = {
	{"all is well", NULL, "BEGIN\nROLE\nINSERT 4\nSELECT 3\nCOMMIT", 4, true, DB_PART_COMMIT},
	{"the role fails", "ROLE", "BEGIN\nROLE", 4, false, DB_PART_ROW},
	{"the row fails", "INSERT", "BEGIN\nROLE\nINSERT 4", 4, false, DB_PART_ROW},
	{"the look fails", "SELECT", "BEGIN\nROLE\nINSERT 4\nSELECT 3", 4, false, DB_PART_ROW},
	{"it is not there", NULL, "BEGIN\nROLE\nINSERT 4\nSELECT 4", 5, false, DB_PART_ROW},
	{"COMMIT fails", "COMMIT", "BEGIN\nROLE\nINSERT 4\nSELECT 3\nCOMMIT", 4, false,
         DB_PART_COMMIT},
};

START_TEST(commit_the_row)
{
	static const char table[] = "\"public\".\"h\"";
	const char *const args[] = {"4", "1", "a", "SQL", "V1__a.sql", "0", "me", "0", "1"};
	const struct db_commit commit = {
		.sql = "insert \"public\".\"h\"",
		.args = args,
		.n = COUNT(args),
		.rank = commits[_i].rank,
		.table = table,
	};

	ck_assert(db_query(&db, "create \"public\".\"h\"", NULL, 0, NULL, NULL, &err));
	calls();
	if (commits[_i].fails != NULL)
		fake_db_add_fault(&fake, FAKE_FAILS, commits[_i].fails, 1);
	ck_assert(db_begin(&db, &err));
	ck_assert_int_eq(db_commit_row(&db, &commit, &err), commits[_i].ok);
	ck_assert_msg(db.failed_part == commits[_i].part, "%s", commits[_i].name);
	ck_assert_str_eq(calls(), commits[_i].calls);
}
END_TEST

Suite *drivers_suite(void)
{
	Suite *suite = suite_create("drivers");
	TCase *tc = tcase_create("every driver"), *defaults = tcase_create("defaults");

	tcase_add_loop_test(tc, has_all_methods, 0, (int)db_drivers.n);
	tcase_add_loop_test(tc, says_what_it_is, 0, (int)db_drivers.n);
	suite_add_tcase(suite, tc);
	tcase_add_checked_fixture(defaults, set_up, tear_down);
	tcase_add_test(defaults, do_nothing);
	tcase_add_test(defaults, send_the_statement_of_a_copy);
	tcase_add_loop_test(defaults, commit_the_row, 0, COUNT(commits));
	suite_add_tcase(suite, defaults);
	return suite;
}
