/* SPDX-License-Identifier: Apache-2.0 */
/* format.c - the table of the histories of other tools */
#include "cflyway/adopt/format.h"

#include "cflyway/base/attr.h"

#include <string.h>

/* goose writes a row with false when it takes a migration back; newer ones delete the row. */
static const struct adopt_state states_of_goose[] = {
	{"true", OLD_APPLIED},     {"t", OLD_APPLIED},    {"1", OLD_APPLIED},
	{"false", OLD_TAKEN_BACK}, {"f", OLD_TAKEN_BACK}, {"0", OLD_TAKEN_BACK},
	{NULL, OLD_APPLIED},
};

/* The column is called dirty. */
static const struct adopt_state states_of_golang_migrate[] = {
	{"false", OLD_APPLIED}, {"f", OLD_APPLIED}, {"0", OLD_APPLIED},  {"true", OLD_FAILED},
	{"t", OLD_FAILED},      {"1", OLD_FAILED},  {NULL, OLD_APPLIED},
};

static const struct adopt_state states_of_liquibase[] = {
	{"EXECUTED", OLD_APPLIED}, {"RERAN", OLD_APPLIED},   {"MARK_RAN", OLD_APPLIED},
	{"FAILED", OLD_FAILED},    {"SKIPPED", OLD_PENDING}, {NULL, OLD_APPLIED},
};

const struct adopt_state adopt_own_states[] = {
	{"applied", OLD_APPLIED},
	{"success", OLD_APPLIED},
	{"succeeded", OLD_APPLIED},
	{"successful", OLD_APPLIED},
	{"completed", OLD_APPLIED},
	{"complete", OLD_APPLIED},
	{"done", OLD_APPLIED},
	{"executed", OLD_APPLIED},
	{"ok", OLD_APPLIED},
	{"up", OLD_APPLIED},
	{"true", OLD_APPLIED},
	{"t", OLD_APPLIED},
	{"1", OLD_APPLIED},
	{"rolled_back", OLD_TAKEN_BACK},
	{"rolledback", OLD_TAKEN_BACK},
	{"rolled back", OLD_TAKEN_BACK},
	{"rollback", OLD_TAKEN_BACK},
	{"reverted", OLD_TAKEN_BACK},
	{"undone", OLD_TAKEN_BACK},
	{"down", OLD_TAKEN_BACK},
	{"failed", OLD_FAILED},
	{"failure", OLD_FAILED},
	{"error", OLD_FAILED},
	{"running", OLD_FAILED},
	{"dirty", OLD_FAILED},
	{"false", OLD_FAILED},
	{"f", OLD_FAILED},
	{"0", OLD_FAILED},
	{"pending", OLD_PENDING},
	{"skipped", OLD_PENDING},
	{NULL, OLD_APPLIED},
};

/* Columns of scripts made at home. */
static const char own_keys[] =
	"!migration_file|filename|file_name|file|script|script_name|migration_name|migration|"
	"version|name|migration_id";
static const char own_times[] =
	"!applied_at|applied_on|executed_at|executed_on|installed_at|installed_on|run_at|run_on|"
	"created_at|migration_time";
static const char own_checksums[] =
	"checksum|sha256|checksum_sha256|md5|hash|file_hash|content_hash";
static const char own_stores[] = "database_type|database_name|db_type|database|store";

/*
 * Sources of the rules: the tools' own sources and documents. The first row that fits a table wins,
 * so rows that ask for less come later.
 */
const struct adopt_format adopt_formats[] = {
	{
		.name = "goose",
		.title = "goose",
		.tables = {"goose_db_version"},
		.columns = {[ADOPT_KEY] = "!version_id",
                            [ADOPT_STATE] = "!is_applied",
                            [ADOPT_APPLIED_ON] = "tstamp",
                            [ADOPT_ORDER] = "id"},
		.last_state_decides = true,
		.start = "0",
		.states = states_of_goose,
	},
	{
		.name = "golang-migrate",
		.title = "golang-migrate",
		.tables = {"schema_migrations"},
		.columns = {[ADOPT_KEY] = "!version", [ADOPT_STATE] = "!dirty"},
		.is_narrow = true,
		.start = "-1",
		.states = states_of_golang_migrate,
		.keys = ADOPT_UP_TO_NUMBER,
	},
	{
		.name = "rails",
		.title = "Rails",
		.tables = {"schema_migrations"},
		.columns = {[ADOPT_KEY] = "!version"},
		.is_narrow = true,
		.companion = "ar_internal_metadata",
	},
	{
		.name = "dbmate",
		.title = "dbmate",
		.tables = {"schema_migrations"},
		.columns = {[ADOPT_KEY] = "!version"},
		.is_narrow = true,
	},
	{
		.name = "alembic",
		.title = "Alembic",
		.tables = {"alembic_version"},
		.columns = {[ADOPT_KEY] = "!version_num"},
		.is_narrow = true,
		.keys = ADOPT_UP_TO_REVISION,
	},
	{
		.name = "liquibase",
		.title = "Liquibase",
		.tables = {"databasechangelog"},
		.columns = {[ADOPT_KEY] = "!filename",
                            [ADOPT_STATE] = "!exectype",
                            [ADOPT_APPLIED_ON] = "dateexecuted",
                            [ADOPT_ORDER] = "!orderexecuted"},
		.states = states_of_liquibase,
		.keys = ADOPT_EACH_PART_OF_FILE,
	},
	{
		.name = "sqitch",
		.title = "Sqitch",
		.tables = {"sqitch.changes"},
		.columns = {[ADOPT_KEY] = "!change",
                            [ADOPT_APPLIED_ON] = "!committed_at",
                            [ADOPT_APPLIED_BY] = "committer_name",
                            [ADOPT_STORE] = "project"},
	},
	{
		.name = "yoyo",
		.title = "yoyo",
		.tables = {"_yoyo_migration"},
		.columns = {[ADOPT_KEY] = "!migration_id|id",
                            [ADOPT_APPLIED_ON] = "!applied_at_utc|ctime"},
		.has_utc_times = true,
	},
	{
		.name = "tern",
		.title = "tern",
		.tables = {"schema_version"},
		.columns = {[ADOPT_KEY] = "!version"},
		.is_narrow = true,
		.start = "0",
		.keys = ADOPT_UP_TO_NUMBER,
	},
	{
		.name = "flyway",
		.title = "Flyway",
		.tables = {"schema_version", "flyway_schema_history"},
		.columns = {[ADOPT_ORDER] = "!installed_rank",
                            [ADOPT_KEY] = "!script",
                            [ADOPT_STATE] = "!success",
                            [ADOPT_APPLIED_ON] = "!installed_on"},
		.keys = ADOPT_FLYWAY,
	},
	{
		/* of scripts made at home: a file name or a number, and when it was applied */
		.name = "own",
		.title = "a tool of your own",
		.tables = {"schema_migrations", "_schema_migrations", "schema_history",
                           "migration_history", "migrations", "_migrations"},
		.columns = {[ADOPT_KEY] = own_keys,
                            [ADOPT_APPLIED_ON] = own_times,
                            [ADOPT_APPLIED_BY] = "applied_by|installed_by|executed_by|run_by",
                            [ADOPT_CHECKSUM] = own_checksums,
                            [ADOPT_STATE] = "status|state|success",
                            [ADOPT_TAKEN_BACK_ON] = "rolled_back_at|reverted_at|undone_at",
                            [ADOPT_REASON] = "rollback_reason|reason",
                            [ADOPT_STORE] = own_stores},
		.last_state_decides = true,
		.states = adopt_own_states,
	},
};

const size_t adopt_format_count = COUNT(adopt_formats);

const struct adopt_format *adopt_format_find(const char *name)
{
	for (size_t i = 0; i < adopt_format_count; i++)
		if (strcmp(adopt_formats[i].name, name) == 0)
			return &adopt_formats[i];
	return NULL;
}

/* --- columns ------------------------------------------------------------------------------- */

/* Finds the first of the names "a|b" in the list. */
static const char *find_column(const struct str_list *columns, const char *names)
{
	struct str rest = str_of(names);

	while (rest.ptr != NULL) {
		struct str name = str_cut(&rest, '|');

		for (size_t i = 0; i < columns->n; i++)
			if (str_eq_nocase(str_of(columns->items[i]), name))
				return columns->items[i];
	}
	return NULL;
}

bool adopt_format_fits(const struct adopt_format *format, const struct str_list *columns,
                       struct adopt_columns *found)
{
	size_t n = 0;

	*found = (struct adopt_columns){0};
	for (size_t i = 0; i < ADOPT_COLUMN_COUNT; i++) {
		const char *names = format->columns[i];
		bool is_needed = names != NULL && names[0] == '!';

		if (names == NULL)
			continue;
		found->names[i] = find_column(columns, names + is_needed);
		if (is_needed && found->names[i] == NULL)
			return false;
		n += found->names[i] != NULL;
	}
	return !format->is_narrow || n == columns->n;
}

bool adopt_state_parse(const struct adopt_state *states, const char *word, enum old_state *state)
{
	*state = OLD_APPLIED;
	if (states == NULL || word == NULL)
		return true;
	for (; states->word != NULL; states++) {
		if (!str_eq_nocase(str_trim(str_of(word)), str_of(states->word)))
			continue;
		*state = states->state;
		return true;
	}
	return false;
}
