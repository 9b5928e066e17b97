/* SPDX-License-Identifier: Apache-2.0 */
/* test_sqlite_lock.c - locks of a SQLite file, and other programs that get in the way */
#include "suites.h"

#include "sqlite_fixture.h"

#include "cflyway/base/attr.h"
#include "cflyway/base/fs.h"

#include <errno.h>
#include <sys/file.h>
#include <sys/syscall.h>
#include <unistd.h>

static const char file_url[] = "jdbc:sqlite:a.db";
static const char lock_file[] = "a.db-cflyway.lock";

/* --- flock, as the tests want it ----------------------------------------------------------- */

extern long syscall(long number, ...);

static void (*before_flock)(void); /* once */
static int flock_error;            /* 0: none */

/* Takes the place of the function of the C library in this program. */
int flock(int fd, int operation)
{
	void (*before)(void) = before_flock;

	before_flock = NULL;
	if (before != NULL)
		before();
	if (flock_error != 0) {
		errno = flock_error;
		return -1;
	}
	return (int)syscall(SYS_flock, fd, operation);
}

static void tear_down(void)
{
	flock_error = 0;
	before_flock = NULL;
	sqlite_fixture_leave();
}

static void remove_lock_file(void)
{
	unlink(lock_file);
}

/* As another program does that has waited for the lock. */
static void replace_lock_file(void)
{
	remove_lock_file();
	scratch_write(lock_file, "");
}

static bool try_session(struct db *db, bool *taken, struct error *err)
{
	return db_try_lock(db, LOCK_SESSION, "h", taken, err);
}

/* --- the lock of a session ----------------------------------------------------------------- */

START_TEST(needs_no_file_for_a_private_database)
{
	int64_t process;
	struct db *db = sqlite_fixture_open(NULL);
	struct error err = ERROR_INIT(&sqlite_scratch.arena);
	bool answer = false;

	ck_assert_ptr_null(sqlite_of(db)->lock_file);
	ck_assert(try_session(db, &answer, &err) && answer);
	ck_assert_int_lt(sqlite_of(db)->lock_fd, 0);
	answer = false;
	ck_assert(db_has_lock(db, "h", &answer, &err) && answer);
	answer = false;
	ck_assert(db_unlock(db, "h", &answer, &err) && answer);
	ck_assert_ptr_null(db_lock_holder(db, "h", &process));
	db_close(db);
}
END_TEST

START_TEST(has_no_lock_before_it_takes_one)
{
	struct db *db = sqlite_fixture_open(file_url);
	struct error err = ERROR_INIT(&sqlite_scratch.arena);
	bool held = true;

	ck_assert(db_has_lock(db, "h", &held, &err) && !held);
	held = true;
	ck_assert(db_unlock(db, "h", &held, &err) && !held);
	db_close(db);
}
END_TEST

START_TEST(takes_a_lock_that_it_has)
{
	struct db *db = sqlite_fixture_open(file_url);
	struct error err = ERROR_INIT(&sqlite_scratch.arena);
	bool taken = false;
	int fd, next_fd;

	ck_assert(try_session(db, &taken, &err) && taken);
	fd = sqlite_of(db)->lock_fd;
	next_fd = sqlite_fixture_next_fd();
	taken = false;
	ck_assert(try_session(db, &taken, &err) && taken);
	ck_assert_int_eq(sqlite_of(db)->lock_fd, fd);
	ck_assert_int_eq(sqlite_fixture_next_fd(), next_fd);
	db_close(db);
}
END_TEST

START_TEST(closes_the_file_of_a_lock_that_is_busy)
{
	struct db *db = sqlite_fixture_open(file_url), *other = sqlite_fixture_open(file_url);
	struct error err = ERROR_INIT(&sqlite_scratch.arena);
	bool taken = false;
	int next_fd;

	ck_assert(try_session(other, &taken, &err) && taken);
	next_fd = sqlite_fixture_next_fd();
	ck_assert(try_session(db, &taken, &err) && !taken);
	ck_assert(!err.is_set);
	ck_assert_int_eq(sqlite_fixture_next_fd(), next_fd);
	db_close(other); /* the lock ends with the connection */
	ck_assert(try_session(db, &taken, &err) && taken);
	db_close(db);
}
END_TEST

START_TEST(ends_with_its_connection)
{
	int next_fd = sqlite_fixture_next_fd();
	struct db *db = sqlite_fixture_open(file_url);
	struct error err = ERROR_INIT(&sqlite_scratch.arena);
	bool answer = false;

	ck_assert(try_session(db, &answer, &err) && answer);
	db_close(db);
	ck_assert_int_eq(sqlite_fixture_next_fd(), next_fd);
	db = sqlite_fixture_open(file_url);
	ck_assert(try_session(db, &answer, &err) && answer);
	ck_assert(db_unlock(db, "h", &answer, &err) && answer);
	db_close(db);
	ck_assert_int_eq(sqlite_fixture_next_fd(), next_fd);
}
END_TEST

static void (*const intrusions[])(void) = {remove_lock_file, replace_lock_file};

/* Between the open and the flock of this program another one has ended, and removed the file. */
START_TEST(opens_the_file_again_if_it_is_another_one_by_now)
{
	struct db *db = sqlite_fixture_open(file_url), *other = sqlite_fixture_open(file_url);
	struct error err = ERROR_INIT(&sqlite_scratch.arena);
	bool answer = false;
	int next_fd = sqlite_fixture_next_fd();

	before_flock = intrusions[_i];
	ck_assert(try_session(db, &answer, &err) && answer);
	ck_assert(db_has_lock(db, "h", &answer, &err) && answer);
	ck_assert_int_eq(sqlite_of(db)->lock_fd, next_fd); /* the first one is closed */
	ck_assert(try_session(other, &answer, &err) && !answer);
	db_close(other);
	db_close(db);
}
END_TEST

START_TEST(loses_the_lock_with_its_file)
{
	int next_fd = sqlite_fixture_next_fd();
	struct db *db = sqlite_fixture_open(file_url);
	struct error err = ERROR_INIT(&sqlite_scratch.arena);
	bool answer = false;

	ck_assert(try_session(db, &answer, &err) && answer);
	intrusions[_i]();
	ck_assert(db_has_lock(db, "h", &answer, &err) && !answer);
	answer = true;
	ck_assert(db_unlock(db, "h", &answer, &err) && !answer);
	ck_assert_int_lt(sqlite_of(db)->lock_fd, 0);
	/* the file of another program stays */
	ck_assert_int_eq(fs_kind(lock_file) == FS_FILE, intrusions[_i] == replace_lock_file);
	db_close(db);
	ck_assert_int_eq(sqlite_fixture_next_fd(), next_fd);
}
END_TEST

START_TEST(says_why_there_can_be_no_lock_file)
{
	struct db *db = sqlite_fixture_open(file_url);
	bool taken = false;

	scratch_write("a.db-cflyway.lock/file", "");
	ck_assert(!try_session(db, &taken, &sqlite_scratch.err));
	ck_assert_int_eq(sqlite_scratch.err.code, ERROR_GENERAL);
	ck_assert_str_eq(scratch_error(&sqlite_scratch),
	                 "Unable to lock @/a.db-cflyway.lock: Is a directory");
	db_close(db);
}
END_TEST

START_TEST(says_why_the_file_cannot_be_locked)
{
	struct db *db = sqlite_fixture_open(file_url);
	int next_fd = sqlite_fixture_next_fd();
	bool taken = false;

	flock_error = ENOLCK;
	ck_assert(!try_session(db, &taken, &sqlite_scratch.err));
	ck_assert_str_eq(scratch_error(&sqlite_scratch),
	                 "Unable to lock @/a.db-cflyway.lock: No locks available");
	ck_assert_int_eq(sqlite_fixture_next_fd(), next_fd);
	db_close(db);
}
END_TEST

/* --- the lock of a transaction ------------------------------------------------------------- */

START_TEST(keeps_a_transaction_that_has_written)
{
	struct db *db = sqlite_fixture_open(file_url);
	struct error err = ERROR_INIT(&sqlite_scratch.arena);
	bool taken = false;

	ck_assert(db_begin(db, &err));
	sqlite_fixture_run(db, "create table a(x)");
	ck_assert(db_try_lock(db, LOCK_TRANSACTION, "h", &taken, &err) && taken);
	ck_assert(db_commit(db, &err));
	ck_assert_str_eq(sqlite_fixture_value(db, "select count(*) from a"), "0");
	db_close(db);
}
END_TEST

START_TEST(needs_a_transaction)
{
	struct db *db = sqlite_fixture_open(file_url);
	bool taken = false;

	ck_assert(!db_try_lock(db, LOCK_TRANSACTION, "h", &taken, &sqlite_scratch.err));
	ck_assert_ptr_nonnull(strstr(sqlite_scratch.err.message, "no transaction is active"));
	ck_assert_int_eq(db_tx_status(db), TX_IDLE);
	db_close(db);
}
END_TEST

Suite *sqlite_lock_suite(void)
{
	Suite *suite = suite_create("sqlite_lock");
	TCase *tc = tcase_create("lock");

	tcase_add_checked_fixture(tc, sqlite_fixture_enter, tear_down);
	tcase_add_test(tc, needs_no_file_for_a_private_database);
	tcase_add_test(tc, has_no_lock_before_it_takes_one);
	tcase_add_test(tc, takes_a_lock_that_it_has);
	tcase_add_test(tc, closes_the_file_of_a_lock_that_is_busy);
	tcase_add_test(tc, ends_with_its_connection);
	tcase_add_loop_test(tc, opens_the_file_again_if_it_is_another_one_by_now, 0,
	                    COUNT(intrusions));
	tcase_add_loop_test(tc, loses_the_lock_with_its_file, 0, COUNT(intrusions));
	tcase_add_test(tc, says_why_there_can_be_no_lock_file);
	tcase_add_test(tc, says_why_the_file_cannot_be_locked);
	tcase_add_test(tc, keeps_a_transaction_that_has_written);
	tcase_add_test(tc, needs_a_transaction);
	suite_add_tcase(suite, tc);
	return suite;
}
