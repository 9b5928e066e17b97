/* SPDX-License-Identifier: Apache-2.0 */
/*
 * result.h - what a command hands to the output
 *
 * Progress is logged as it happens. These structs hold what is printed at the end, and what the
 * JSON document of the command shows: they have the shape and the order of its keys.
 */
#ifndef CFLYWAY_CORE_RESULT_H
#define CFLYWAY_CORE_RESULT_H

#include "cflyway/base/attr.h"
#include "cflyway/base/exit_code.h"
#include "cflyway/core/validate_rules.h"
#include "cflyway/core/info.h"
#include "cflyway/core/locations.h"
#include "cflyway/core/run.h"
#include "cflyway/core/trial_result.h"
#include "cflyway/db/explanation.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

enum result_kind {
	RESULT_NOTHING, /* all has been logged */
	RESULT_HELP,
	RESULT_MIGRATE,
	RESULT_UNDO,
	RESULT_INFO,
	RESULT_VALIDATE,
	RESULT_REPAIR,
	RESULT_BASELINE,
	RESULT_CLEAN,
	RESULT_TEST_CONNECTION,
	RESULT_VERSION,
	RESULT_LIST_ENGINES,
	RESULT_ADD,
	RESULT_INIT,
	RESULT_AUTH,
	RESULT_ADOPT,
	RESULT_IMPORT,
	RESULT_EXPLAIN,
};

/* A migration that migrate or undo has run. */
struct migrated {
	const struct migration *file;
	int64_t elapsed_ms;
};

struct migrate_result {
	const char *database;               /* NULL on SQLite */
	const char *database_type;          /* "PostgreSQL" */
	const char *initial_schema_version; /* NULL: there was none */
	struct migrated *migrations;        /* in the order in which they ran */
	size_t n;
	size_t executed;                   /* of these, those that are there to stay */
	size_t skipped;                    /* files that were not to run */
	const char *schema_name;           /* the configured schemas, joined by ", " */
	const char *target_schema_version; /* the last version applied; NULL: none */
	struct timespec timestamp;
	struct str_list warnings;
	/* Of a run that failed: whose script is to blame; NULL when none has begun. */
	const struct migration *failed;
	/* A migration was or would have been next: what has been done is worth a document. */
	bool has_attempted;
};

struct undo_result {
	const char *database;               /* NULL on SQLite */
	const char *initial_schema_version; /* NULL: there was none */
	struct migrated *undone;            /* in the order in which they ran */
	size_t n;
	const char *schema_name;           /* the configured schemas, joined by ", " */
	const char *target_schema_version; /* after the last undo; NULL: none is left */
	struct timespec timestamp;         /* for the report alone */
	bool has_begun;                    /* the same: it is in the report even if it fails */
	struct str_list warnings;
};

struct info_result {
	bool all_schemas_empty;
	const char *database;              /* NULL on SQLite */
	const struct info_entry **entries; /* those of the documents */
	size_t n;
	const char *schema_name;    /* the configured schemas, joined by ", " */
	const char *schema_version; /* NULL: there is none */
	struct timespec timestamp;
	size_t pending; /* what migrate would apply, if -exitCode asks for it */

	/* For the text only. */
	const struct info_entry **lines; /* the entries without the undo rows */
	size_t lines_n;
	bool ids_only;        /* -migrationIds */
	bool nothing_on_disk; /* no entry has a file: settings are shown before the table */
	const struct locations *locations; /* of these settings */
};

struct validate_result {
	const char *database; /* NULL on SQLite */
	bool is_valid;
	enum error_code code; /* if not valid: the failure as a whole */
	const char *message;
	struct validate_errors errors;
	size_t count; /* migrations that were looked at; 0 if not valid */
	struct str_list warnings;
};

/* Rows of the history, with the file if there is one. */
struct repaired_row {
	const struct history_row *row;
	const struct migration *file; /* NULL: the row has none, or it does not matter */
};

struct repaired {
	struct repaired_row *items;
	size_t n;
};

/* What repair does to a row of the history. */
struct row_change {
	const struct history_row *before; /* NULL: the row is new */
	const struct history_row *after;  /* NULL: the row is deleted */
};

struct repair_result {
	const char *database; /* NULL on SQLite */
	struct repaired aligned, deleted, removed;
	bool is_dry;                /* nothing was changed: changes are what would be done */
	const char *history;        /* "public"."flyway_schema_history" */
	struct row_change *changes; /* in their order */
	size_t changes_n;
};

struct baseline_result {
	const char *version;
	const char *database; /* NULL on SQLite */
};

struct clean_result {
	const char *database; /* NULL on SQLite */
	struct str_list cleaned, dropped;
	struct str_list warnings;
};

/* A file that add has made, or a pair of them. */
struct add_result {
	const char *path;      /* as the location is written, and the name */
	const char *location;  /* "filesystem:sql" */
	const char *category;  /* "Versioned" */
	const char *version;   /* as in the name; "": it has none */
	bool is_created;       /* false: only the name was wanted */
	bool path_only;        /* for the text only: -q */
	const char *undo_path; /* of the other file of a pair; NULL: there is none */
};

/* A project that init has begun. */
struct init_result {
	const char *path;                      /* of flyway.toml */
	const char *project_id;                /* NULL for a converted file */
	struct str_list files;                 /* that are new, with path */
	struct str_list left_out;              /* "flyway.x (flyway.conf:3): reason" */
	struct str_list remarks;               /* what else the converted file says otherwise */
	const char *renamed_from, *renamed_to; /* the old file; NULL: it is where it was */
	const char *next;                      /* what to type now */
};

/* Scripts that import has made. */
struct import_result {
	size_t revisions;
	struct str_list files; /* that are new */
	size_t unchanged;      /* so many were there already */
	struct str_list remarks;
	const char *next; /* what to type now */
};

/* What adopt says of one migration, or of an entry that is none. Empty strings, never NULL. */
struct adopt_line {
	const char *version, *description;
	const char *installed_on, *installed_by;
	const char *file;  /* "sql/001_a.sql" */
	const char *state; /* "applied", "rolled back", "pending", "left out" */
	const char *remark;
};

struct adopt_result {
	const char *database; /* NULL on SQLite */
	const char *format;   /* "goose" */
	const char *table;    /* "public"."goose_db_version" */
	const char *history;  /* "public"."flyway_schema_history" */
	struct adopt_line *lines;
	size_t n;
	size_t rows;               /* of the history that are or would be written */
	bool is_written;           /* by this run */
	bool is_there;             /* the history has these rows already */
	struct str_list obstacles; /* why they cannot be written */
};

struct explain_result {
	const struct explanation *only; /* NULL: the list of all */
};

/* What cflyway is made of: the libraries that talk to databases. */
struct library {
	const char *name, *version;
};

struct version_result {
	struct library *libraries;
	size_t n;
};

/* What JSON shows of a command that failed, if it has left a result all the same. */
enum on_failure {
	ON_FAILURE_ERROR,           /* the error alone */
	ON_FAILURE_ERROR_IN_RESULT, /* the result with the error in it; the report has it too */
	ON_FAILURE_RESULT,          /* the result, which says what is wrong; exit status 0 */
};

struct result {
	enum result_kind kind;
	enum on_failure on_failure; /* of the command */
	enum exit_code exit_code;   /* of a success */
	struct migrate_result migrate;
	struct undo_result undo;
	struct info_result info;
	struct validate_result validate;
	struct repair_result repair;
	struct baseline_result baseline;
	struct clean_result clean;
	struct version_result version;
	struct str_list engines;
	struct add_result add;
	const struct trial_result *trial; /* of migrate and undo; NULL: it was no trial */
	/* Absolute path for the SQL of a dry run, "-" for standard output; NULL: it was none. */
	const char *dry_run_output;
	struct init_result init;
	struct adopt_result adopt;
	struct import_result import;
	struct explain_result explain;
};

/* The configured schemas as results show them. */
const char *result_schema_name(const struct run *run);

/* Logs a warning that the result lists as well. */
void result_warn(const struct run *run, struct str_list *warnings, const char *format, ...)
	PRINTF(3, 4);

/* "Versioned", "Repeatable", "Undo", "Baseline"; "" for what no file stands for. */
const char *result_category(enum migration_type type, bool is_versioned);

#endif
