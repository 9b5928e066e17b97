/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The expected documents are those of Flyway 12.4.0 for the same failures (cases json-* of the
 * compatibility tests), with a fixed time and folder.
 */
#include "json_fixture.h"
#include "suites.h"

#include "cflyway/output/json_results.h"

/* --- in the document of migrate -------------------------------------------------------------- */

static const struct migration first = {
	.type = MIGRATION_SQL,
	.version = {.kind = VERSION_NUMBER, .text = "1", .raw = "1"},
	.description = "lead",
	.script = "sub/V1__lead.sql",
	.absolute_path = "/w/sql/sub/V1__lead.sql",
};

#define BLOCK                                                                                      \
	"Failed to execute script V2__b.sql\\n----------------------------------\\n"               \
	"SQL State  : 42601\\nError Code : 0\\n"                                                   \
	"Message    : ERROR: syntax error\\n  Position: 1\\n"                                      \
	"Location   : sql/V2__b.sql (/w/sql/V2__b.sql)\\nLine       : 3\\n"                        \
	"Statement  : Run Flyway with -X option to see the actual statement causing the "          \
	"problem\\n"

/* An SQL error in a script; the caller chooses the title. */
static void fail_script(struct error *err, const char *title)
{
	const struct sql_failure sql = {
		.state = "42601",
		.message = "ERROR: syntax error\n  Position: 1",
		.path = "sql/V2__b.sql",
		.absolute_path = "/w/sql/V2__b.sql",
		.line = 3,
	};

	error_set_sql(err, ERROR_FAILED_VERSIONED_MIGRATION, &sql, "%s", title);
}

static void expect_migrate_error(const char *expected, const struct migration *failed,
                                 const struct error *err)
{
	struct result result = {
		.kind = RESULT_MIGRATE,
		.migrate = {.database_type = "SQLite",
	                    .initial_schema_version = "1",
	                    .schema_name = "",
	                    .target_schema_version = "2",
	                    .timestamp = NOW,
	                    .failed = failed},
	};

	json_open_object(&json);
	json_result(&json, &arena, &result, err);
	json_close_object(&json);
	ck_assert_str_eq(json.text.ptr, expected);
}

#define REST_OF_MIGRATE                                                                            \
	"  \"flywayVersion\" : \"12.4.0\",\n"                                                      \
	"  \"initialSchemaVersion\" : \"1\",\n"                                                    \
	"  \"licenseFailed\" : false,\n"                                                           \
	"  \"migrations\" : [ ],\n"                                                                \
	"  \"migrationsExecuted\" : 0,\n"                                                          \
	"  \"operation\" : \"migrate\",\n"                                                         \
	"  \"schemaName\" : \"\",\n"                                                               \
	"  \"success\" : false,\n"                                                                 \
	"  \"targetSchemaVersion\" : null,\n"                                                      \
	"  \"timestamp\" : \"" ISO_NOW "\",\n"                                                     \
	"  \"totalMigrationTime\" : 0,\n"                                                          \
	"  \"warnings\" : [ ]\n"                                                                   \
	"}"

START_TEST(writes_a_failed_migration)
{
	struct error err = ERROR_INIT(&arena);

	fail_script(&err, "Failed to execute script V2__b.sql");
	expect_migrate_error("{\n"
	                     "  \"database\" : null,\n"
	                     "  \"databaseType\" : \"SQLite\",\n"
	                     "  \"error\" : {\n"
	                     "    \"errorCode\" : \"FAILED_VERSIONED_MIGRATION\",\n"
	                     "    \"sqlState\" : \"42601\",\n"
	                     "    \"sqlErrorCode\" : 0,\n"
	                     "    \"message\" : \"" BLOCK "\",\n"
	                     "    \"lineNumber\" : 3,\n"
	                     "    \"path\" : \"/w/sql/V2__b.sql\",\n"
	                     "    \"cause\" : {\n"
	                     "      \"message\" : \"" BLOCK "\",\n"
	                     "      \"stackTrace\" : \"\",\n"
	                     "      \"cause\" : {\n"
	                     "        \"message\" : \"ERROR: syntax error\\n  Position: 1\",\n"
	                     "        \"stackTrace\" : \"\",\n"
	                     "        \"cause\" : null\n"
	                     "      }\n"
	                     "    }\n"
	                     "  },\n"
	                     "  \"exception\" : \"" BLOCK "\",\n" REST_OF_MIGRATE,
	                     &first, &err);
}
END_TEST

START_TEST(writes_a_script_that_failed_without_sql)
{
	struct error err = ERROR_INIT(&arena);

	error_set(&err, ERROR_FAILED_VERSIONED_MIGRATION, "out\nerr\n");
	error_wrap(&err, "Migration failed !");
	expect_migrate_error("{\n"
	                     "  \"database\" : null,\n"
	                     "  \"databaseType\" : \"SQLite\",\n"
	                     "  \"error\" : {\n"
	                     "    \"errorCode\" : \"FAILED_VERSIONED_MIGRATION\",\n"
	                     "    \"sqlState\" : null,\n"
	                     "    \"sqlErrorCode\" : 0,\n"
	                     "    \"message\" : \"Migration failed !\",\n"
	                     "    \"lineNumber\" : -1,\n"
	                     "    \"path\" : \"sub/V1__lead.sql\",\n"
	                     "    \"cause\" : {\n"
	                     "      \"message\" : \"Migration failed !\",\n"
	                     "      \"stackTrace\" : \"\",\n"
	                     "      \"cause\" : {\n"
	                     "        \"message\" : \"out\\nerr\\n\",\n"
	                     "        \"stackTrace\" : \"\",\n"
	                     "        \"cause\" : null\n"
	                     "      }\n"
	                     "    }\n"
	                     "  },\n"
	                     "  \"exception\" : \"Migration failed !\",\n" REST_OF_MIGRATE,
	                     &first, &err);
}
END_TEST

START_TEST(writes_a_migration_that_could_not_begin)
{
	struct error err = ERROR_INIT(&arena);

	error_set(&err, ERROR_FAILED_VERSIONED_MIGRATION, "Schema \"s\" is broken !");
	expect_migrate_error(
		"{\n"
		"  \"database\" : null,\n"
		"  \"databaseType\" : \"SQLite\",\n"
		"  \"error\" : {\n"
		"    \"errorCode\" : \"FAILED_VERSIONED_MIGRATION\",\n"
		"    \"sqlState\" : null,\n"
		"    \"sqlErrorCode\" : 0,\n"
		"    \"message\" : \"Schema \\\"s\\\" is broken !\",\n"
		"    \"lineNumber\" : null,\n"
		"    \"path\" : null,\n"
		"    \"cause\" : null\n"
		"  },\n"
		"  \"exception\" : \"Schema \\\"s\\\" is broken !\",\n" REST_OF_MIGRATE,
		NULL, &err);
}
END_TEST

/* --- alone ----------------------------------------------------------------------------------- */

static void expect_error(const struct error *err, const char *expected)
{
	json_open_object(&json);
	json_error(&json, err);
	json_close_object(&json);
	ck_assert_str_eq(json.text.ptr, expected);
}

START_TEST(writes_plain_errors)
{
	struct error err = ERROR_INIT(&arena);

	error_set(&err, ERROR_CONFIGURATION, "Unknown \"key\"\n");
	expect_error(&err, "{\n"
	                   "  \"error\" : {\n"
	                   "    \"errorCode\" : \"CONFIGURATION\",\n"
	                   "    \"message\" : \"Unknown \\\"key\\\"\\n\",\n"
	                   "    \"cause\" : null\n"
	                   "  }\n"
	                   "}");
}
END_TEST

START_TEST(writes_causes_without_their_class)
{
	struct error err = ERROR_INIT(&arena);

	error_set(&err, ERROR_GENERAL,
	          "java.nio.charset.MalformedInputException: Input length = 1");
	error_wrap(&err, "Unable to calculate checksum of V1__L.sql");
	expect_error(&err, "{\n"
	                   "  \"error\" : {\n"
	                   "    \"errorCode\" : \"ERROR\",\n"
	                   "    \"message\" : \"Unable to calculate checksum of V1__L.sql\",\n"
	                   "    \"cause\" : {\n"
	                   "      \"message\" : \"Input length = 1\",\n"
	                   "      \"stackTrace\" : \"\",\n"
	                   "      \"cause\" : null\n"
	                   "    }\n"
	                   "  }\n"
	                   "}");
}
END_TEST

START_TEST(writes_faults)
{
	struct error err = ERROR_INIT(&arena);

	error_set(&err, ERROR_FAULT, "java.lang.IllegalArgumentException: No enum constant a.B");
	expect_error(&err, "{\n"
	                   "  \"error\" : {\n"
	                   "    \"errorCode\" : \"FAULT\",\n"
	                   "    \"message\" : \"No enum constant a.B\",\n"
	                   "    \"stackTrace\" : \"\",\n"
	                   "    \"cause\" : null\n"
	                   "  }\n"
	                   "}");
}
END_TEST

START_TEST(writes_connection_errors)
{
	const struct sql_failure sql = {.state = "08001", .message = "Connection refused. Check."};
	struct error err = ERROR_INIT(&arena);

	error_set_sql(&err, ERROR_DB_CONNECTION, &sql, "Unable to connect");
	err.sub_code = "CONNECTION_FAILURE";
	err.cause = "Connection refused";
	expect_error(&err,
	             "{\n"
	             "  \"error\" : {\n"
	             "    \"errorCode\" : \"DB_CONNECTION\",\n"
	             "    \"subErrorCode\" : \"CONNECTION_FAILURE\",\n"
	             "    \"sqlState\" : \"08001\",\n"
	             "    \"sqlErrorCode\" : 0,\n"
	             "    \"message\" : \"Unable to connect\\n-----------------\\nSQL State  : "
	             "08001\\nError Code : 0\\nMessage    : Connection refused. Check.\\n\",\n"
	             "    \"cause\" : {\n"
	             "      \"message\" : \"Connection refused. Check.\",\n"
	             "      \"stackTrace\" : \"\",\n"
	             "      \"cause\" : {\n"
	             "        \"message\" : \"Connection refused\",\n"
	             "        \"stackTrace\" : \"\",\n"
	             "        \"cause\" : null\n"
	             "      }\n"
	             "    }\n"
	             "  }\n"
	             "}");
}
END_TEST

START_TEST(writes_what_the_driver_says_about_a_batch)
{
	const struct sql_failure sql = {.state = "23505", .message = "ERROR: x", .batch = "Batch"};
	struct error err = ERROR_INIT(&arena);

	error_set_sql(&err, ERROR_DB_CONNECTION, &sql, "Failed");
	expect_error(&err, "{\n"
	                   "  \"error\" : {\n"
	                   "    \"errorCode\" : \"DB_CONNECTION\",\n"
	                   "    \"subErrorCode\" : null,\n"
	                   "    \"sqlState\" : \"23505\",\n"
	                   "    \"sqlErrorCode\" : 0,\n"
	                   "    \"message\" : \"Failed\\n------\\nSQL State  : 23505\\n"
	                   "Error Code : 0\\nMessage    : ERROR: x\\n\",\n"
	                   "    \"cause\" : {\n"
	                   "      \"message\" : \"Batch\",\n"
	                   "      \"stackTrace\" : \"\",\n"
	                   "      \"cause\" : {\n"
	                   "        \"message\" : \"ERROR: x\",\n"
	                   "        \"stackTrace\" : \"\",\n"
	                   "        \"cause\" : null\n"
	                   "      }\n"
	                   "    }\n"
	                   "  }\n"
	                   "}");
}
END_TEST

START_TEST(writes_errors_of_callbacks)
{
	struct error err = ERROR_INIT(&arena);

	fail_script(&err, "Failed to execute script V2__b.sql");
	err.code = ERROR_DB_CONNECTION;
	error_prefix(&err, "Error while executing %s callback: ", "beforeMigrate");
	expect_error(&err,
	             "{\n"
	             "  \"error\" : {\n"
	             "    \"errorCode\" : \"DB_CONNECTION\",\n"
	             "    \"message\" : \"Error while executing beforeMigrate callback: " BLOCK
	             "\",\n"
	             "    \"cause\" : {\n"
	             "      \"message\" : \"" BLOCK "\",\n"
	             "      \"stackTrace\" : \"\",\n"
	             "      \"cause\" : {\n"
	             "        \"message\" : \"ERROR: syntax error\\n  Position: 1\",\n"
	             "        \"stackTrace\" : \"\",\n"
	             "        \"cause\" : null\n"
	             "      }\n"
	             "    }\n"
	             "  }\n"
	             "}");
}
END_TEST

START_TEST(writes_notes_by_their_kind)
{
	const struct note_place place = {"sql/V2__b.sql", 4, 3};
	const struct note_place line = {"sql/V2__b.sql", 4, 0};
	struct error err = ERROR_INIT(&arena);
	struct json notes;

	error_explain(&err, NOTE_NEXT, "run %s again", "migrate");
	error_note(&err, "a remark");
	error_locate(&err, NOTE_PLACE, &place, "sql/V2__b.sql:4:3\nselct");
	error_locate(&err, NOTE_PLACE, &line, "the row");
	error_note(&err, "another");
	json_init(&notes);
	json_open_object(&notes);
	json_notes(&notes, &err.notes);
	json_close_object(&notes);
	ck_assert_str_eq(buf_str(&notes.text).ptr,
	                 "{\n"
	                 "  \"cflyway\" : [ {\n"
	                 "    \"kind\" : \"place\",\n"
	                 "    \"message\" : \"sql/V2__b.sql:4:3\\nselct\",\n"
	                 "    \"path\" : \"sql/V2__b.sql\",\n"
	                 "    \"line\" : 4,\n"
	                 "    \"column\" : 3\n"
	                 "  }, {\n"
	                 "    \"kind\" : \"place\",\n"
	                 "    \"message\" : \"the row\",\n"
	                 "    \"path\" : \"sql/V2__b.sql\",\n"
	                 "    \"line\" : 4\n"
	                 "  }, {\n"
	                 "    \"kind\" : \"note\",\n"
	                 "    \"message\" : \"a remark\"\n"
	                 "  }, {\n"
	                 "    \"kind\" : \"note\",\n"
	                 "    \"message\" : \"another\"\n"
	                 "  }, {\n"
	                 "    \"kind\" : \"next\",\n"
	                 "    \"message\" : \"run migrate again\"\n"
	                 "  } ]\n"
	                 "}");
	json_release(&notes);
}
END_TEST

Suite *json_error_suite(void)
{
	Suite *suite = suite_create("json_error");
	TCase *tc = tcase_create("json_error");

	tcase_add_checked_fixture(tc, json_setup, json_teardown);
	tcase_add_test(tc, writes_a_failed_migration);
	tcase_add_test(tc, writes_a_script_that_failed_without_sql);
	tcase_add_test(tc, writes_a_migration_that_could_not_begin);
	tcase_add_test(tc, writes_plain_errors);
	tcase_add_test(tc, writes_causes_without_their_class);
	tcase_add_test(tc, writes_faults);
	tcase_add_test(tc, writes_connection_errors);
	tcase_add_test(tc, writes_what_the_driver_says_about_a_batch);
	tcase_add_test(tc, writes_errors_of_callbacks);
	tcase_add_test(tc, writes_notes_by_their_kind);
	suite_add_tcase(suite, tc);
	return suite;
}
