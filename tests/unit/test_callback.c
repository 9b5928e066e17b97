/* SPDX-License-Identifier: Apache-2.0 */
/* test_callback.c - from files to callbacks; recorded from Flyway 12.4.0 */
#include "scratch.h"
#include "suites.h"

#include "cflyway/migration/callback.h"

static struct scratch scratch;

static void setup(void)
{
	scratch_open(&scratch);
}

static void teardown(void)
{
	scratch_close(&scratch);
}

enum { SKIP_CALLBACKS = 1 };

static bool parse_locations(const char *texts, struct location_list *list)
{
	struct str rest = str_of(texts);
	struct str_list items = {0};

	while (rest.len > 0)
		str_list_add(&scratch.arena, &items, str_dup(&scratch.arena, str_cut(&rest, ',')));
	return location_list_parse(&scratch.arena, &items, list, &scratch.err);
}

/* callback_locations may be NULL. */
static bool resolve(const char *files, const char *callback_locations, unsigned flags,
                    struct callback_list *list)
{
	struct str rest = str_of(files);
	const char *suffixes[] = {".sql"};
	struct migration_files files_found;
	struct resolve_options options = {
		.names = {"V", "R", "B", "U", "__", {suffixes, 1}, NULL},
		.has_callback_locations = callback_locations != NULL,
		.skip_default_callbacks = (flags & SKIP_CALLBACKS) != 0,
		.encoding = "UTF-8",
	};

	while (rest.len > 0)
		scratch_write(str_dup(&scratch.arena, str_cut(&rest, ';')), "select 1");
	return parse_locations("filesystem:sql", &options.locations) &&
	       parse_locations(callback_locations != NULL ? callback_locations : "",
	                       &options.callback_locations) &&
	       scan_locations(&scratch.arena, &options, &scratch.log, &files_found, &scratch.err) &&
	       scan_callback_locations(&scratch.arena, &options, &scratch.log, &files_found,
	                               &scratch.err) &&
	       callbacks_resolve(&scratch.arena, &options, &files_found, list, &scratch.err);
}

/* "event|description|script" for each. */
static const char *show(const struct callback_list *list)
{
	struct str_list lines = {0};

	for (size_t i = 0; i < list->n; i++)
		str_list_add(&scratch.arena, &lines,
		             arena_printf(&scratch.arena, "%s|%s|%s",
		                          event_name(list->items[i].event),
		                          list->items[i].script.description,
		                          list->items[i].script.script));
	return str_list_join(&scratch.arena, &lines, " ");
}

static const struct {
	const char *files, *callback_locations;
	unsigned flags;
	const char *callbacks;
} found[] = {
	{"sql/V1__a.sql;sql/R__b.sql;sql/B2__c.sql;sql/README", NULL, 0, ""},
	{"sql/beforeMigrate.sql", NULL, 0, "beforeMigrate||beforeMigrate.sql"},
	{"sql/sub/afterMigrate__x_y.SQL", NULL, 0, "afterMigrate|x y|sub/afterMigrate__x_y.SQL"},
	/* those of one event by their descriptions, upper case first */
	{"sql/beforeMigrate__b.sql;sql/beforeMigrate__a.sql;sql/beforeMigrate__B.sql;"
         "sql/beforeMigrate.sql;sql/beforeMigrate__10.sql;sql/beforeMigrate__9.sql",
         NULL, 0,
         "beforeMigrate||beforeMigrate.sql beforeMigrate|10|beforeMigrate__10.sql "
         "beforeMigrate|9|beforeMigrate__9.sql beforeMigrate|B|beforeMigrate__B.sql "
         "beforeMigrate|a|beforeMigrate__a.sql beforeMigrate|b|beforeMigrate__b.sql"},
	/* programs before SQL */
	{"sql/beforeMigrate.sql;sql/beforeMigrate.sh;sql/beforeMigrate__b;sql/beforeMigrate__a.py",
         NULL, 0,
         "beforeMigrate||beforeMigrate.sh beforeMigrate||beforeMigrate.sql "
         "beforeMigrate|a|beforeMigrate__a.py beforeMigrate|b|beforeMigrate__b"},
	/* programs side by side */
	{"sql/a/afterMigrate.sh;sql/b/afterMigrate.sh", NULL, 0,
         "afterMigrate||a/afterMigrate.sh afterMigrate||b/afterMigrate.sh"},
	{"sql/afterInfo;sql/afterInfo.sql", NULL, SKIP_CALLBACKS, "afterInfo||afterInfo"},
	/* names that are none */
	{"sql/beforeMigrate1.sh;sql/beforeMigrateX;sql/beforemigrate.sh;sql/beforeMigrate.pl", NULL,
         0, ""},
	/* callbackLocations */
	{"sql/beforeMigrate.sql;cb/afterMigrate.sql;cb/V1__a.sql;cb/nonsense.sql", "filesystem:cb",
         0, "afterMigrate||afterMigrate.sql"},
	{"sql/beforeMigrate.sql;cb/afterMigrate.sql", "filesystem:cb,filesystem:sql", 0,
         "beforeMigrate||beforeMigrate.sql afterMigrate||afterMigrate.sql"},
	{"sql/beforeMigrate.sql", "", 0, ""},
};

START_TEST(finds_callbacks)
{
	struct callback_list list;

	ck_assert_msg(
		resolve(found[_i].files, found[_i].callback_locations, found[_i].flags, &list),
		"%s: %s", found[_i].files, scratch.err.message);
	ck_assert_str_eq(show(&list), found[_i].callbacks);
	ck_assert_str_eq(scratch_lines(&scratch), "");
	for (size_t i = 0; i < list.n; i++)
		ck_assert(!list.items[i].script.has_checksum);
}
END_TEST

static const struct {
	const char *files, *message;
} failing[] = {
	{"sql/a/beforeMigrate.sql;sql/b/beforeMigrate__.SQL",
         "Found more than 1 SQL callback script called beforeMigrate!\nOffenders:\n"
         "-> @/sql/a/beforeMigrate.sql\n-> @/sql/b/beforeMigrate__.SQL"},
	{"sql/beforeMigrate__a b.sql;sql/beforeMigrate__a_b.sql",
         "Found more than 1 SQL callback script called beforeMigrate__a b!\nOffenders:\n"
         "-> @/sql/beforeMigrate__a b.sql\n-> @/sql/beforeMigrate__a_b.sql"},
};

START_TEST(fails_as_flyway_does)
{
	struct callback_list list;

	ck_assert(!resolve(failing[_i].files, NULL, 0, &list));
	ck_assert_str_eq(scratch_error(&scratch), failing[_i].message);
	ck_assert_msg(resolve("sql/V1__a.sql", NULL, SKIP_CALLBACKS, &list),
	              "skipped all the same");
}
END_TEST

START_TEST(knows_its_events)
{
	ck_assert_int_eq(EVENT_COUNT, 42);
	for (size_t i = 0; i < EVENT_COUNT; i++)
		ck_assert_ptr_nonnull(event_name((enum event)i));
	ck_assert_str_eq(event_name(EVENT_AFTER_EACH_MIGRATE_STATEMENT_ERROR),
	                 "afterEachMigrateStatementError");
	ck_assert_int_eq(event_place(EVENT_BEFORE_CONNECT), EVENT_PLACE_NEVER);
	ck_assert_int_eq(event_place(EVENT_BEFORE_MIGRATE), EVENT_PLACE_OWN);
}
END_TEST

Suite *callback_suite(void)
{
	Suite *suite = suite_create("callback");
	TCase *tc = tcase_create("callback");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(tc, finds_callbacks, 0, COUNT(found));
	tcase_add_loop_test(tc, fails_as_flyway_does, 0, COUNT(failing));
	tcase_add_test(tc, knows_its_events);
	suite_add_tcase(suite, tc);
	return suite;
}
