/* SPDX-License-Identifier: Apache-2.0 */
/*
 * error.h - one failure: code, message, and what the database said
 *
 * A function that can fail fills a struct error once, where the cause is known, and returns false.
 * Nobody prints on the way; main prints once (output/report_error.c), as text or as JSON.
 */
#ifndef CFLYWAY_BASE_ERROR_H
#define CFLYWAY_BASE_ERROR_H

#include "cflyway/base/arena.h"
#include "cflyway/base/attr.h"
#include "cflyway/base/str.h"

#include <stdbool.h>
#include <stddef.h>

/* Our name and the errorCode of Flyway's JSON. */
#define ERROR_CODES(X)                                                                             \
	X(GENERAL, "ERROR")                                                                        \
	X(FAULT, "FAULT")                                                                          \
	X(JDBC_DRIVER, "JDBC_DRIVER")                                                              \
	X(DB_CONNECTION, "DB_CONNECTION")                                                          \
	X(CONFIGURATION, "CONFIGURATION")                                                          \
	X(CONFIGURATION_RECOVERABLE, "CONFIGURATION_RECOVERABLE")                                  \
	X(DUPLICATE_VERSIONED_MIGRATION, "DUPLICATE_VERSIONED_MIGRATION")                          \
	X(DUPLICATE_REPEATABLE_MIGRATION, "DUPLICATE_REPEATABLE_MIGRATION")                        \
	X(DUPLICATE_UNDO_MIGRATION, "DUPLICATE_UNDO_MIGRATION")                                    \
	X(DUPLICATE_DELETED_MIGRATION, "DUPLICATE_DELETED_MIGRATION")                              \
	X(NON_EMPTY_SCHEMA_WITHOUT_SCHEMA_HISTORY_TABLE,                                           \
	  "NON_EMPTY_SCHEMA_WITHOUT_SCHEMA_HISTORY_TABLE")                                         \
	X(VALIDATE_ERROR, "VALIDATE_ERROR")                                                        \
	X(SCHEMA_DOES_NOT_EXIST, "SCHEMA_DOES_NOT_EXIST")                                          \
	X(FAILED_BASELINE_MIGRATION, "FAILED_BASELINE_MIGRATION")                                  \
	X(FAILED_REPEATABLE_MIGRATION, "FAILED_REPEATABLE_MIGRATION")                              \
	X(FAILED_VERSIONED_MIGRATION, "FAILED_VERSIONED_MIGRATION")                                \
	X(APPLIED_REPEATABLE_MIGRATION_NOT_RESOLVED, "APPLIED_REPEATABLE_MIGRATION_NOT_RESOLVED")  \
	X(APPLIED_VERSIONED_MIGRATION_NOT_RESOLVED, "APPLIED_VERSIONED_MIGRATION_NOT_RESOLVED")    \
	X(RESOLVED_REPEATABLE_MIGRATION_NOT_APPLIED, "RESOLVED_REPEATABLE_MIGRATION_NOT_APPLIED")  \
	X(RESOLVED_VERSIONED_MIGRATION_NOT_APPLIED, "RESOLVED_VERSIONED_MIGRATION_NOT_APPLIED")    \
	X(OUTDATED_REPEATABLE_MIGRATION, "OUTDATED_REPEATABLE_MIGRATION")                          \
	X(TYPE_MISMATCH, "TYPE_MISMATCH")                                                          \
	X(CHECKSUM_MISMATCH, "CHECKSUM_MISMATCH")                                                  \
	X(DESCRIPTION_MISMATCH, "DESCRIPTION_MISMATCH")                                            \
	X(ENVIRONMENT_RESOLVE, "ENVIRONMENT_RESOLVE")                                              \
	X(ENVIRONMENT_PROVISION, "ENVIRONMENT_PROVISION")

enum error_code {
#define ERROR_CODE_ENUM(name, json) ERROR_##name,
	ERROR_CODES(ERROR_CODE_ENUM)
#undef ERROR_CODE_ENUM
};

const char *error_code_name(enum error_code code);

enum {
	EXIT_FAILED = 1,   /* every ordinary error */
	EXIT_REFUSED = 35, /* a feature that this edition does not have */
};

/* What the database said. Strings live in the error's arena. */
struct sql_failure {
	const char *state;   /* SQLSTATE; NULL is printed as "null" (SQLite has none) */
	int code;            /* 0 on PostgreSQL, the result code on SQLite */
	const char *message; /* the driver's lines: "ERROR: …", "  Detail: …", … */

	/* The statement, when the failure came from a script; path is NULL otherwise. */
	const char *path;          /* as configured: "sql/V1__a.sql" */
	const char *absolute_path; /* the same from the root */
	size_t line;               /* line of the first word of the statement, from 1 */
	const char *statement;     /* its text without delimiter, NULL unless debug output is on */
};

struct error {
	struct arena *arena; /* where texts are made */
	bool is_set;
	enum error_code code;
	int exit_status; /* EXIT_FAILED unless said otherwise */
	/* What Flyway was doing when the error came: "Error while executing beforeMigrate callback: ".
	 * Stands before the message; NULL: nothing. */
	const char *prefix;
	const char *message;           /* may have several lines; no "ERROR: " in front */
	const char *cause;             /* of sql, if that is set; may be NULL: "Caused by: …" */
	const char *root_cause;        /* of the cause; may be NULL */
	bool is_cause_logged;          /* the cause is in the log already, at info level */
	const char *sub_code;          /* "CONNECTION_FAILURE"; NULL otherwise */
	const struct sql_failure *sql; /* may be NULL */
	struct str_list notes;         /* lines of our own: printed as "cflyway: …" at the end */
};

#define ERROR_INIT(memory)                                                                         \
	{                                                                                          \
		.arena = (memory), .exit_status = EXIT_FAILED                                      \
	}

void error_init(struct error *err, struct arena *arena);
void error_clear(struct error *err); /* ready to be set again; the arena stays */

/* Both always return false, so that a caller can write: return error_set(…); */
bool error_set(struct error *err, enum error_code code, const char *format, ...) PRINTF(3, 4);

/* Puts a new message in front; the old one becomes the cause (an older cause is dropped). */
bool error_wrap(struct error *err, const char *format, ...) PRINTF(2, 3);

/*
 * Sets an SQL failure. message is the title ("Failed to execute script V1__a.sql"); sql is copied
 * into the arena with its strings. Always returns false.
 */
bool error_set_sql(struct error *err, enum error_code code, const struct sql_failure *sql,
                   const char *format, ...) PRINTF(4, 5);

/* Says what was being done; replaces an older prefix. Always returns false. */
bool error_prefix(struct error *err, const char *format, ...) PRINTF(2, 3);

/* A feature that is refused: like error_set, with EXIT_REFUSED. Always returns false. */
bool error_refuse(struct error *err, const char *format, ...) PRINTF(2, 3);

/*
 * What Java's exception says: "java.io.IOException: gone" is "gone", "java.io.IOException" is NULL,
 * and other texts are themselves. Texts keep the class where some outputs of Flyway show it.
 */
const char *error_without_class(const char *text);

/* Adds a line of our own that follows the report. */
void error_note(struct error *err, const char *format, ...) PRINTF(2, 3);

#endif
