/* SPDX-License-Identifier: Apache-2.0 */
/* test_sqlite_open.c - files that SQLite opens, and the messages for those that it cannot */
#include "suites.h"

#include "sqlite_fixture.h"

#include "cflyway/base/attr.h"
#include "cflyway/base/fs.h"

#include <unistd.h>

static const struct {
	const char *url, *file; /* "@" is the folder; NULL: private, without a lock file */
} opened[] = {
	{"jdbc:sqlite:a.db", "@/a.db"},           {"jdbc:sqlite:folder/a.db", "@/folder/a.db"},
	{"jdbc:sqlite:file:a.db", "@/a.db"},      {"jdbc:sqlite:file:a.db?mode=rwc", "@/a.db"},
	{"jdbc:sqlite:a.db?more", "@/a.db?more"}, /* no URI: a name */
	{"jdbc:sqlite::memory:", NULL},           {"jdbc:sqlite:", NULL},
};

START_TEST(opens)
{
	scratch_write("folder/x", "");

	struct db *db = sqlite_fixture_open(opened[_i].url);
	const char *lock = sqlite_of(db)->lock_file;

	if (opened[_i].file == NULL)
		ck_assert_ptr_null(lock);
	else
		ck_assert_str_eq(
			scratch_shorten(&sqlite_scratch, lock),
			arena_printf(&sqlite_scratch.arena, "%s-cflyway.lock", opened[_i].file));
	ck_assert_int_lt(sqlite_of(db)->lock_fd, 0);
	ck_assert_ptr_nonnull(
		strstr(arena_printf(&sqlite_scratch.arena, "SQLite %s", sqlite3_libversion()),
	               arena_printf(&sqlite_scratch.arena, "%s.", db->product)));
	db_close(db);
}
END_TEST

START_TEST(sets_up_the_connection)
{
	struct db *db = sqlite_fixture_open("jdbc:sqlite:a.db?foreign_keys=on&user_version=7");

	ck_assert_str_eq(sqlite_fixture_value(db, "pragma busy_timeout"), "3000");
	ck_assert_str_eq(sqlite_fixture_value(db, "pragma foreign_keys"), "1");
	ck_assert_str_eq(sqlite_fixture_value(db, "pragma user_version"), "7");
	db_close(db);
	db = sqlite_fixture_open("jdbc:sqlite:a.db?busy_timeout=5");
	ck_assert_str_eq(sqlite_fixture_value(db, "pragma busy_timeout"), "5");
	ck_assert_str_eq(sqlite_fixture_value(db, "pragma foreign_keys"), "0");
	db_close(db);
}
END_TEST

#define CANNOT_OPEN                                                                                \
	"[SQLITE_CANTOPEN] Unable to open the database file (unable to open database file)"

static const struct {
	const char *url, *message;
	int code;
} refused[] = {
	{"jdbc:sqlite:a/b/c/x.db", "path to 'a/b/c/x.db': '@/a' does not exist", 0},
	{"jdbc:sqlite:folder/b/c.db", "path to 'folder/b/c.db': '@/folder/b' does not exist", 0},
	{"jdbc:sqlite:/no-such-folder/x.db",
         "path to '/no-such-folder/x.db': '/no-such-folder' does not exist", 0},
	{"jdbc:sqlite:dangling", "opening db: 'dangling': No such file or directory", 0},
	{"jdbc:sqlite:file:a/x.db", CANNOT_OPEN, 14},
	{"jdbc:sqlite:folder", CANNOT_OPEN, 14},
	{"jdbc:sqlite:x.db?user_version=a%20b",
         "[SQLITE_ERROR] SQL error or missing database (near \"%\": syntax error)", 1},
	{"jdbc:sqlite:x.db?open_mode=1",
         "Parameter 'open_mode' of an SQLite URL has no equivalent in cflyway", 0},
};

START_TEST(says_why_it_cannot_open)
{
	struct error *err = &sqlite_scratch.err;
	const struct settings settings = {.url = refused[_i].url};
	struct db db;
	int next_fd;

	scratch_write("folder/x", "");
	ck_assert_int_eq(symlink("nowhere/x", "dangling"), 0);
	next_fd = sqlite_fixture_next_fd();
	ck_assert(!db_open(&db, &db_drivers, &sqlite_scratch.arena, &settings, &sqlite_scratch.log,
	                   err));
	ck_assert_str_eq(scratch_shorten(&sqlite_scratch, err->sql->message), refused[_i].message);
	ck_assert_int_eq(err->sql->code, refused[_i].code);
	ck_assert_str_eq(err->sub_code, "CONNECTION_FAILURE");
	ck_assert_ptr_null(db.handle);
	ck_assert_int_eq(sqlite_fixture_next_fd(), next_fd);
}
END_TEST

/* sqlite-jdbc looks whether it can be created, and leaves it behind. */
START_TEST(creates_the_file)
{
	struct db *db = sqlite_fixture_open("jdbc:sqlite:new.db");
	int next_fd = sqlite_fixture_next_fd();

	ck_assert_int_eq(fs_kind("new.db"), FS_FILE);
	db_close(db);
	db_close(db); /* a second time does nothing */
	ck_assert_int_lt(sqlite_fixture_next_fd(), next_fd);
}
END_TEST

Suite *sqlite_open_suite(void)
{
	Suite *suite = suite_create("sqlite_open");
	TCase *tc = tcase_create("open");

	tcase_add_checked_fixture(tc, sqlite_fixture_enter, sqlite_fixture_leave);
	tcase_add_loop_test(tc, opens, 0, COUNT(opened));
	tcase_add_test(tc, sets_up_the_connection);
	tcase_add_loop_test(tc, says_why_it_cannot_open, 0, COUNT(refused));
	tcase_add_test(tc, creates_the_file);
	suite_add_tcase(suite, tc);
	return suite;
}
