/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The expected documents are those of Flyway 12.4.0 for the same results (cases json-* of the
 * compatibility tests), with fixed times, durations and folders.
 */
#include "json_fixture.h"
#include "suites.h"

#include "cflyway/output/json_results.h"

/* --- what the results are made of ----------------------------------------------------------- */

static const struct migration first = {
	.type = MIGRATION_SQL,
	.version = {.kind = VERSION_NUMBER, .text = "01.002", .raw = "01_002"},
	.description = "lead",
	.script = "V01_002__lead.sql",
	.absolute_path = "/w/sql/V01_002__lead.sql",
};

static const struct migration view = {
	.type = MIGRATION_SQL,
	.description = "My view",
	.script = "R__My_view.sql",
	.absolute_path = "/w/sql/R__My_view.sql",
};

static const struct history_row first_row = {
	.installed_rank = 1,
	.version = {.kind = VERSION_NUMBER, .text = "01.002", .raw = "01.002"},
	.description = "lead",
	.type = MIGRATION_SQL,
	.installed_by = "postgres",
	.installed_on = "2020-07-02 03:04:05.678",
	.execution_time = 17,
	.success = true,
};

static const struct history_row baseline_row = {
	.installed_rank = 2,
	.version = {.kind = VERSION_NUMBER, .text = "2", .raw = "2"},
	.description = "<< Flyway Baseline >>",
	.type = MIGRATION_BASELINE,
	.installed_by = "",
	.installed_on = "2020-07-02 03:04:05",
	.success = true,
};

static const struct info_entry applied = {
	.file = &first, .row = &first_row, .state = STATE_SUCCESS};
static const struct info_entry pending = {.file = &first, .state = STATE_PENDING};
static const struct info_entry deleted = {
	.row = &first_row, .is_deleted = true, .state = STATE_DELETED};
static const struct info_entry baseline = {.row = &baseline_row, .state = STATE_BASELINE};
static const struct info_entry repeatable = {.file = &view, .state = STATE_PENDING};

static void write_document(const struct result *result)
{
	ck_assert(json_has_result(result));
	json_open_object(&json);
	json_result(&json, &arena, result, NULL);
	json_close_object(&json);
}

/* --- migrate ------------------------------------------------------------------------------- */

START_TEST(writes_migrate)
{
	struct migrated migrations[] = {{&first, 12}, {&view, 30}};
	const char *warning = "careful";
	struct result result = {
		.kind = RESULT_MIGRATE,
		.migrate = {.database = "db",
	                    .database_type = "PostgreSQL",
	                    .migrations = migrations,
	                    .n = 2,
	                    .executed = 2,
	                    .schema_name = "s1, s2",
	                    .target_schema_version = "01.002",
	                    .timestamp = NOW,
	                    .warnings = {&warning, 1}},
	};

	write_document(&result);
	ck_assert_str_eq(json.text.ptr, "{\n"
	                                "  \"database\" : \"db\",\n"
	                                "  \"databaseType\" : \"PostgreSQL\",\n"
	                                "  \"exception\" : null,\n"
	                                "  \"flywayVersion\" : \"12.4.0\",\n"
	                                "  \"initialSchemaVersion\" : null,\n"
	                                "  \"licenseFailed\" : false,\n"
	                                "  \"migrations\" : [ {\n"
	                                "    \"category\" : \"Versioned\",\n"
	                                "    \"description\" : \"lead\",\n"
	                                "    \"executionTime\" : 12,\n"
	                                "    \"filepath\" : \"/w/sql/V01_002__lead.sql\",\n"
	                                "    \"type\" : \"SQL\",\n"
	                                "    \"version\" : \"01.002\"\n"
	                                "  }, {\n"
	                                "    \"category\" : \"Repeatable\",\n"
	                                "    \"description\" : \"My view\",\n"
	                                "    \"executionTime\" : 30,\n"
	                                "    \"filepath\" : \"/w/sql/R__My_view.sql\",\n"
	                                "    \"type\" : \"SQL\",\n"
	                                "    \"version\" : \"\"\n"
	                                "  } ],\n"
	                                "  \"migrationsExecuted\" : 2,\n"
	                                "  \"operation\" : \"migrate\",\n"
	                                "  \"schemaName\" : \"s1, s2\",\n"
	                                "  \"success\" : true,\n"
	                                "  \"targetSchemaVersion\" : \"01.002\",\n"
	                                "  \"timestamp\" : \"" ISO_NOW "\",\n"
	                                "  \"totalMigrationTime\" : 42,\n"
	                                "  \"warnings\" : [ \"careful\" ]\n"
	                                "}");
}
END_TEST

/* --- info ---------------------------------------------------------------------------------- */

#define ENTRY(category, description, time, path, by, on, raw, state, type, undoable, version)      \
	"{\n"                                                                                      \
	"    \"category\" : \"" category "\",\n"                                                   \
	"    \"description\" : \"" description "\",\n"                                             \
	"    \"executionTime\" : " time ",\n"                                                      \
	"    \"filepath\" : \"" path "\",\n"                                                       \
	"    \"installedBy\" : \"" by "\",\n"                                                      \
	"    \"installedOnUTC\" : \"" on "\",\n"                                                   \
	"    \"rawVersion\" : \"" raw "\",\n"                                                      \
	"    \"shouldExecuteExpression\" : null,\n"                                                \
	"    \"state\" : \"" state "\",\n"                                                         \
	"    \"type\" : \"" type "\",\n"                                                           \
	"    \"undoFilepath\" : \"\",\n"                                                           \
	"    \"undoable\" : \"" undoable "\",\n"                                                   \
	"    \"version\" : \"" version "\"\n"                                                      \
	"  }"

#define FIRST_PATH "/w/sql/V01_002__lead.sql"

static const struct {
	const char *name;
	const struct info_entry *entry;
	const char *expected;
} entries[] = {
	{"applied", &applied,
         ENTRY("Versioned", "lead", "17", FIRST_PATH, "postgres", "2020-07-02T03:04:05.678Z",
               "01.002", "Success", "SQL", "No", "01.002")},
	{"pending", &pending,
         ENTRY("Versioned", "lead", "0", FIRST_PATH, "", "", "01_002", "Pending", "SQL", "No",
               "01.002")},
	{"deleted", &deleted,
         ENTRY("Versioned", "lead", "17", "", "postgres", "2020-07-02T03:04:05.678Z", "01.002",
               "Deleted", "SQL", "No", "01.002")},
	{"baseline", &baseline,
         ENTRY("", "<< Flyway Baseline >>", "0", "", "", "2020-07-02T03:04:05Z", "2", "Baseline",
               "BASELINE", "No", "2")},
	{"repeatable", &repeatable,
         ENTRY("Repeatable", "My view", "0", "/w/sql/R__My_view.sql", "", "", "", "Pending", "SQL",
               "", "")},
};

START_TEST(writes_info)
{
	const struct info_entry *shown[] = {entries[_i].entry};
	struct result result = {
		.kind = RESULT_INFO,
		.info = {.all_schemas_empty = true,
	                 .entries = shown,
	                 .n = 1,
	                 .schema_name = "",
	                 .timestamp = NOW},
	};

	const char *expected = arena_printf(&arena,
	                                    "{\n"
	                                    "  \"allSchemasEmpty\" : true,\n"
	                                    "  \"database\" : \"\",\n"
	                                    "  \"exception\" : null,\n"
	                                    "  \"flywayVersion\" : \"12.4.0\",\n"
	                                    "  \"licenseFailed\" : false,\n"
	                                    "  \"migrations\" : [ %s ],\n"
	                                    "  \"operation\" : \"info\",\n"
	                                    "  \"schemaName\" : \"\",\n"
	                                    "  \"schemaVersion\" : null,\n"
	                                    "  \"timestamp\" : \"" ISO_NOW "\"\n"
	                                    "}",
	                                    entries[_i].expected);

	write_document(&result);
	ck_assert_msg(strcmp(json.text.ptr, expected) == 0, "%s:\n%s", entries[_i].name,
	              json.text.ptr);
}
END_TEST

/* --- the others ---------------------------------------------------------------------------- */

START_TEST(writes_validate)
{
	struct validate_error errors[] = {
		{ERROR_CHECKSUM_MISMATCH, "one\ntwo", &applied},
		{ERROR_OUTDATED_REPEATABLE_MIGRATION, "three", &repeatable},
	};
	struct result result = {
		.kind = RESULT_VALIDATE,
		.validate = {.database = "db",
	                     .code = ERROR_VALIDATE_ERROR,
	                     .message = "Migrations have failed validation",
	                     .errors = {errors, 2}},
	};

	write_document(&result);
	ck_assert_str_eq(json.text.ptr,
	                 "{\n"
	                 "  \"allErrorMessages\" : \"one\\ntwo\\nthree\",\n"
	                 "  \"database\" : \"db\",\n"
	                 "  \"errorDetails\" : {\n"
	                 "    \"errorCode\" : \"VALIDATE_ERROR\",\n"
	                 "    \"errorMessage\" : \"Migrations have failed validation\"\n"
	                 "  },\n"
	                 "  \"flywayVersion\" : \"12.4.0\",\n"
	                 "  \"invalidMigrations\" : [ {\n"
	                 "    \"description\" : \"lead\",\n"
	                 "    \"errorDetails\" : {\n"
	                 "      \"errorCode\" : \"CHECKSUM_MISMATCH\",\n"
	                 "      \"errorMessage\" : \"one\\ntwo\"\n"
	                 "    },\n"
	                 "    \"filepath\" : \"/w/sql/V01_002__lead.sql\",\n"
	                 "    \"version\" : \"01.002\"\n"
	                 "  }, {\n"
	                 "    \"description\" : \"My view\",\n"
	                 "    \"errorDetails\" : {\n"
	                 "      \"errorCode\" : \"OUTDATED_REPEATABLE_MIGRATION\",\n"
	                 "      \"errorMessage\" : \"three\"\n"
	                 "    },\n"
	                 "    \"filepath\" : \"/w/sql/R__My_view.sql\",\n"
	                 "    \"version\" : \"\"\n"
	                 "  } ],\n"
	                 "  \"operation\" : \"validate\",\n"
	                 "  \"validateCount\" : 0,\n"
	                 "  \"validationSuccessful\" : false,\n"
	                 "  \"warnings\" : [ ]\n"
	                 "}");
}
END_TEST

START_TEST(writes_repair)
{
	struct repaired_row aligned[] = {{applied.row, applied.file}};
	struct repaired_row removed[] = {{applied.row, NULL}, {deleted.row, NULL}};
	struct repaired_row gone[] = {{&baseline_row, NULL}};
	struct result result = {
		.kind = RESULT_REPAIR,
		.repair = {.aligned = {aligned, 1}, .removed = {removed, 2}, .deleted = {gone, 1}},
	};

	write_document(&result);
	ck_assert_str_eq(json.text.ptr, "{\n"
	                                "  \"database\" : null,\n"
	                                "  \"flywayVersion\" : \"12.4.0\",\n"
	                                "  \"migrationsAligned\" : [ {\n"
	                                "    \"description\" : \"lead\",\n"
	                                "    \"filepath\" : \"/w/sql/V01_002__lead.sql\",\n"
	                                "    \"version\" : \"01.002\"\n"
	                                "  } ],\n"
	                                "  \"migrationsDeleted\" : [ {\n"
	                                "    \"description\" : \"<< Flyway Baseline >>\",\n"
	                                "    \"filepath\" : \"\",\n"
	                                "    \"version\" : \"2\"\n"
	                                "  } ],\n"
	                                "  \"migrationsRemoved\" : [ {\n"
	                                "    \"description\" : \"lead\",\n"
	                                "    \"filepath\" : \"\",\n"
	                                "    \"version\" : \"01.002\"\n"
	                                "  }, {\n"
	                                "    \"description\" : \"lead\",\n"
	                                "    \"filepath\" : \"\",\n"
	                                "    \"version\" : \"01.002\"\n"
	                                "  } ],\n"
	                                "  \"operation\" : \"repair\",\n"
	                                "  \"repairActions\" : [ \"Removed failed migrations\", "
	                                "\"Marked missing migrations as deleted\", "
	                                "\"Aligned applied migration checksums\" ],\n"
	                                "  \"warnings\" : [ ]\n"
	                                "}");
}
END_TEST

static struct migrated undone[] = {{&first, 12}, {&view, 30}};
static const char *one[] = {"s1"}, *two[] = {"PostgreSQL", "SQLite"};
static struct adopt_line adopt_lines[] = {
	{"1", "a", "2026-01-02 03:04:05", "eve", "sql/1_a.sql", "applied", ""},
};

static const struct {
	const char *name;
	struct result result;
	const char *expected;
} others[] = {
	{"undo",
         {.kind = RESULT_UNDO,
          .undo = {.database = "db",
                   .schema_name = "s1",
                   .initial_schema_version = "3",
                   .target_schema_version = "1",
                   .undone = undone,
                   .n = 2,
                   .warnings = {one, 1}}},
         "{\n"
         "  \"database\" : \"db\",\n"
         "  \"flywayVersion\" : \"12.4.0\",\n"
         "  \"initialSchemaVersion\" : \"3\",\n"
         "  \"migrationsUndone\" : 2,\n"
         "  \"operation\" : \"undo\",\n"
         "  \"schemaName\" : \"s1\",\n"
         "  \"targetSchemaVersion\" : \"1\",\n"
         "  \"undoneMigrations\" : [ {\n"
         "    \"description\" : \"lead\",\n"
         "    \"executionTime\" : 12,\n"
         "    \"filepath\" : \"/w/sql/V01_002__lead.sql\",\n"
         "    \"version\" : \"01.002\"\n"
         "  }, {\n"
         "    \"description\" : \"My view\",\n"
         "    \"executionTime\" : 30,\n"
         "    \"filepath\" : \"/w/sql/R__My_view.sql\",\n"
         "    \"version\" : \"\"\n"
         "  } ],\n"
         "  \"warnings\" : [ \"s1\" ]\n"
         "}"},
	{"undo of nothing",
         {.kind = RESULT_UNDO, .undo = {.schema_name = ""}},
         "{\n"
         "  \"database\" : null,\n"
         "  \"flywayVersion\" : \"12.4.0\",\n"
         "  \"initialSchemaVersion\" : null,\n"
         "  \"migrationsUndone\" : 0,\n"
         "  \"operation\" : \"undo\",\n"
         "  \"schemaName\" : \"\",\n"
         "  \"targetSchemaVersion\" : null,\n"
         "  \"undoneMigrations\" : [ ],\n"
         "  \"warnings\" : [ ]\n"
         "}"},
	{"validate of what is right",
         {.kind = RESULT_VALIDATE,
          .validate = {.database = "db", .is_valid = true, .count = 3, .warnings = {one, 1}}},
         "{\n"
         "  \"allErrorMessages\" : \"\",\n"
         "  \"database\" : \"db\",\n"
         "  \"errorDetails\" : null,\n"
         "  \"flywayVersion\" : \"12.4.0\",\n"
         "  \"invalidMigrations\" : [ ],\n"
         "  \"operation\" : \"validate\",\n"
         "  \"validateCount\" : 3,\n"
         "  \"validationSuccessful\" : true,\n"
         "  \"warnings\" : [ \"s1\" ]\n"
         "}"},
	{"baseline",
         {.kind = RESULT_BASELINE, .baseline = {"1", "db"}},
         "{\n"
         "  \"baselineVersion\" : \"1\",\n"
         "  \"database\" : \"db\",\n"
         "  \"flywayVersion\" : \"12.4.0\",\n"
         "  \"operation\" : \"baseline\",\n"
         "  \"successfullyBaselined\" : true,\n"
         "  \"warnings\" : [ ]\n"
         "}"},
	{"clean",
         {.kind = RESULT_CLEAN, .clean = {NULL, {one, 1}, {0}, {0}}},
         "{\n"
         "  \"database\" : null,\n"
         "  \"flywayVersion\" : \"12.4.0\",\n"
         "  \"operation\" : \"clean\",\n"
         "  \"schemasCleaned\" : [ \"s1\" ],\n"
         "  \"schemasDropped\" : [ ],\n"
         "  \"warnings\" : [ ]\n"
         "}"},
	{"testConnection",
         {.kind = RESULT_TEST_CONNECTION},
         "{\n"
         "  \"successfulConnections\" : [ \"Flyway\" ]\n"
         "}"},
	{"version",
         {.kind = RESULT_VERSION},
         "{\n"
         "  \"command\" : \"version\",\n"
         "  \"edition\" : null,\n"
         "  \"pluginVersions\" : [ ],\n"
         "  \"version\" : \"12.4.0\"\n"
         "}"},
	{"add",
         {.kind = RESULT_ADD,
          .add = {"sql/V2__b.sql", "filesystem:sql", "Versioned", "2", true, false, NULL}},
         "{\n"
         "  \"category\" : \"Versioned\",\n"
         "  \"created\" : true,\n"
         "  \"filename\" : \"sql/V2__b.sql\",\n"
         "  \"flywayVersion\" : \"12.4.0\",\n"
         "  \"location\" : \"filesystem:sql\",\n"
         "  \"operation\" : \"add\",\n"
         "  \"version\" : \"2\"\n"
         "}"},
	{"init",
         {.kind = RESULT_INIT,
          .init = {.path = "flyway.toml",
                   .files = {one, 1},
                   .left_out = {two, 2},
                   .renamed_to = "flyway.conf.bak",
                   .next = "cflyway info"}},
         "{\n"
         "  \"files\" : [ \"s1\" ],\n"
         "  \"flywayVersion\" : \"12.4.0\",\n"
         "  \"leftOut\" : [ \"PostgreSQL\", \"SQLite\" ],\n"
         "  \"next\" : \"cflyway info\",\n"
         "  \"operation\" : \"init\",\n"
         "  \"path\" : \"flyway.toml\",\n"
         "  \"projectId\" : null,\n"
         "  \"renamedTo\" : \"flyway.conf.bak\",\n"
         "  \"warnings\" : [ ]\n"
         "}"},
	{"auth",
         {.kind = RESULT_AUTH},
         "{\n"
         "  \"flywayVersion\" : \"12.4.0\",\n"
         "  \"message\" : \"No licence is needed.\",\n"
         "  \"operation\" : \"auth\"\n"
         "}"},
	{"adopt",
         {.kind = RESULT_ADOPT,
          .adopt = {.format = "goose",
                    .table = "\"a\".\"b\"",
                    .lines = adopt_lines,
                    .n = 1,
                    .rows = 1,
                    .is_written = true,
                    .obstacles = {one, 1}}},
         "{\n"
         "  \"alreadyAdopted\" : false,\n"
         "  \"database\" : null,\n"
         "  \"flywayVersion\" : \"12.4.0\",\n"
         "  \"format\" : \"goose\",\n"
         "  \"migrations\" : [ {\n"
         "    \"description\" : \"a\",\n"
         "    \"filepath\" : \"sql/1_a.sql\",\n"
         "    \"installedBy\" : \"eve\",\n"
         "    \"installedOn\" : \"2026-01-02 03:04:05\",\n"
         "    \"remark\" : \"\",\n"
         "    \"state\" : \"applied\",\n"
         "    \"version\" : \"1\"\n"
         "  } ],\n"
         "  \"obstacles\" : [ \"s1\" ],\n"
         "  \"operation\" : \"adopt\",\n"
         "  \"rows\" : 1,\n"
         "  \"table\" : \"\\\"a\\\".\\\"b\\\"\",\n"
         "  \"written\" : true\n"
         "}"},
	{"list-engines",
         {.kind = RESULT_LIST_ENGINES, .engines = {two, 2}},
         "{\n"
         "  \"version\" : \"12.4.0\",\n"
         "  \"command\" : \"list-engines\",\n"
         "  \"edition\" : null,\n"
         "  \"dbInfoResults\" : [ {\n"
         "    \"name\" : \"PostgreSQL\"\n"
         "  }, {\n"
         "    \"name\" : \"SQLite\"\n"
         "  } ]\n"
         "}"},
};

START_TEST(writes_the_small_ones)
{
	write_document(&others[_i].result);
	ck_assert_msg(strcmp(json.text.ptr, others[_i].expected) == 0, "%s:\n%s", others[_i].name,
	              json.text.ptr);
}
END_TEST

START_TEST(has_nothing_for_help)
{
	const struct result help = {.kind = RESULT_HELP}, nothing = {.kind = RESULT_NOTHING};

	ck_assert(!json_has_result(&help));
	ck_assert(!json_has_result(&nothing));
}
END_TEST

Suite *json_results_suite(void)
{
	Suite *suite = suite_create("json_results");
	TCase *tc = tcase_create("json_results");

	tcase_add_checked_fixture(tc, json_setup, json_teardown);
	tcase_add_test(tc, writes_migrate);
	tcase_add_loop_test(tc, writes_info, 0, COUNT(entries));
	tcase_add_test(tc, writes_validate);
	tcase_add_test(tc, writes_repair);
	tcase_add_loop_test(tc, writes_the_small_ones, 0, COUNT(others));
	tcase_add_test(tc, has_nothing_for_help);
	suite_add_tcase(suite, tc);
	return suite;
}
