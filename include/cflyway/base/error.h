/* SPDX-License-Identifier: Apache-2.0 */
/*
 * error.h - records one failure: its code, its message, and the report of the database
 *
 * A function that can fail fills a struct error once, where the cause is known, and returns false.
 * Callers pass the error up without printing it; main prints it once (output/report_error.c), as
 * text or as JSON.
 *
 * Example: the function that knows the cause sets the error, its caller adds context.
 *
 *	if (port > 65535)
 *		return error_set(err, ERROR_CONFIGURATION, "Invalid port: %d", port);
 *	...
 *	if (!read_port(text, &port, err))
 *		return error_wrap(err, "Unable to read %s", path);
 *
 * The report is then "Unable to read …" with "Caused by: Invalid port: …". A new struct is made
 * with: struct error err = ERROR_INIT(&arena);
 */
#ifndef CFLYWAY_BASE_ERROR_H
#define CFLYWAY_BASE_ERROR_H

#include "cflyway/base/arena.h"
#include "cflyway/base/attr.h"
#include "cflyway/base/exit_code.h"
#include "cflyway/base/note.h"
#include "cflyway/base/sql_object.h"

#include <stdbool.h>
#include <stddef.h>

/* The name in this code, and the errorCode in Flyway's JSON. */
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
	X(VERSIONED_MIGRATION_WITHOUT_UNDO, "VERSIONED_MIGRATION_WITHOUT_UNDO")                    \
	X(UNDO_WITHOUT_VERSIONED_MIGRATION, "UNDO_WITHOUT_VERSIONED_MIGRATION")                    \
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

/* What the database says about the place of a failure. Strings may be NULL: it says nothing. */
struct sql_place {
	size_t position;            /* character of the statement as sent, from 1; 0: unknown */
	size_t internal_position;   /* the same of internal_query */
	const char *internal_query; /* what a function, or EXECUTE in it, was running */
	const char *context;        /* the stack, innermost first, one line each */
	const char *detail;
};

/* The report of the database. Strings live in the error's arena. */
struct sql_failure {
	const char *state;        /* SQLSTATE; NULL is printed as "null" (SQLite has none) */
	int code;                 /* 0 on PostgreSQL, the result code on SQLite */
	const char *message;      /* the driver's lines: "ERROR: …", "  Detail: …", … */
	const char *hidden_state; /* of a failed COPY, whose state Flyway does not show; or NULL */
	const char *batch; /* the driver's error for a batch, which message has caused; or NULL */
	struct sql_place place;
	struct sql_object object;
	const char *routine; /* the function of its source that reports it; or NULL */

	/* The statement, when the failure came from a script; path is NULL otherwise. */
	const char *path;          /* as configured: "sql/V1__a.sql" */
	const char *absolute_path; /* the same path from the root */
	size_t line;               /* line of the first word of the statement, from 1 */
	const char *statement;     /* without delimiter; NULL unless debug output is on */
};

/* One of several things that the message of an error lists. */
struct error_item {
	const char *path; /* of the file that it is about; NULL: there is none */
	const char *text; /* of one or more lines */
};

struct error_item_list {
	struct error_item *items;
	size_t n;
};

struct error {
	struct arena *arena; /* holds the strings */
	bool is_set;
	enum error_code code;
	int exit_status; /* EXIT_FAILED unless error_refuse set it */
	/* Printed before the message: "Error while executing beforeMigrate callback: ".
	 * NULL if there is nothing to print. */
	const char *prefix;
	const char *message;           /* may have several lines; does not begin with "ERROR: " */
	const char *cause;             /* printed as "Caused by: …"; of sql if set; may be NULL */
	const char *root_cause;        /* the cause of the cause; may be NULL */
	bool is_cause_logged;          /* the cause is in the log already, at info level */
	bool is_of_callback;           /* a callback failed, around what the command does */
	bool names_target;             /* a note says already which of several targets it was */
	const char *sub_code;          /* "CONNECTION_FAILURE"; NULL otherwise */
	const struct sql_failure *sql; /* may be NULL */
	struct note_list notes;        /* of cflyway: printed as "cflyway: …" at the end */
	struct error_item_list items;  /* for those who show each of them at its file */
};

#define ERROR_INIT(memory)                                                                         \
	{                                                                                          \
		.arena = (memory), .exit_status = EXIT_FAILED                                      \
	}

void error_init(struct error *err, struct arena *arena);
void error_clear(struct error *err); /* the error can be set again; the arena stays */

/* Sets code and message. Always returns false, so that a caller can write: return error_set(…); */
bool error_set(struct error *err, enum error_code code, const char *format, ...) PRINTF(3, 4);

/*
 * Puts a new message in front; the old message becomes the cause, and an older cause is dropped.
 * Always returns false.
 */
bool error_wrap(struct error *err, const char *format, ...) PRINTF(2, 3);

/*
 * Sets an SQL failure. format makes the title ("Failed to execute script V1__a.sql"). Copies sql
 * and its strings into the arena. Always returns false.
 */
bool error_set_sql(struct error *err, enum error_code code, const struct sql_failure *sql,
                   const char *format, ...) PRINTF(4, 5);

/* Sets the prefix, which says what was being done; replaces an older one. Always returns false. */
bool error_prefix(struct error *err, const char *format, ...) PRINTF(2, 3);

/* Refuses a feature: like error_set, with EXIT_REFUSED. Always returns false. */
bool error_refuse(struct error *err, const char *format, ...) PRINTF(2, 3);

/*
 * Returns the message of a Java exception without its class: "gone" for
 * "java.io.IOException: gone", NULL for "java.io.IOException", and any other message unchanged.
 * Messages keep the class because some of Flyway's outputs show it.
 */
const char *error_without_class(const char *text);

/* Adds an item, whose strings live as long as the error. path may be NULL. */
void error_add_item(struct error *err, const char *path, const char *text);

/* The object of the SQL failure becomes that of the first cause, or else of the last remark. */
void error_name_object(struct error *err);

/* Adds a remark of cflyway's own, which is printed after the report. */
void error_note(struct error *err, const char *format, ...) PRINTF(2, 3);

/* The same for a note of any kind. */
void error_explain(struct error *err, enum note_kind kind, const char *format, ...) PRINTF(3, 4);

/* The same for a note of a place: of NOTE_PLACE, or of a cause that lies elsewhere. */
void error_locate(struct error *err, enum note_kind kind, const struct note_place *place,
                  const char *format, ...) PRINTF(4, 5);

#endif
