/* SPDX-License-Identifier: Apache-2.0 */
/*
 * session.h - what is known once a command has connected: schemas, table, placeholders, files
 */
#ifndef CFLYWAY_CORE_SESSION_H
#define CFLYWAY_CORE_SESSION_H

#include "cflyway/base/attr.h"
#include "cflyway/core/run.h"
#include "cflyway/db/history.h"
#include "cflyway/migration/resolve_options.h"
#include "cflyway/migration/scan.h"

#include <stdbool.h>

/* Read-only once made. */
struct session {
	struct db_description about;
	const char *default_schema;
	const char *quoted_schema; /* the same as an identifier */
	struct str_list
		schemas; /* the managed ones: the default schema first, if it is not among them */
	struct history history;
	const char *installed_by;
	struct placeholders placeholders;
	struct placeholders program_placeholders; /* the same, written FP__name__ */
	struct resolve_options resolve;
	struct migration_files files; /* what the scan of the locations found */
};

/*
 * Scans run->locations, runs initSql on run->db, which is open, and asks the database about itself;
 * sets run->session. Errors: encoding, locations and file names; those of the database; a search
 * path without a schema.
 */
MUST_USE bool session_open(struct run *run, struct error *err);

/*
 * Checks cherryPick by the names of the files alone. That decides where there is no database yet:
 * then it is not made. picks_rows: the command takes picks for what is applied (info_picks.h).
 * Errors: those of info_check_picks; all others are left to session_open.
 */
MUST_USE bool session_check_picks(const struct run *run, bool picks_rows, struct error *err);

/*
 * After callbacks: asks again what they may have changed (whether the default schema and the
 * history table exist). run->session is another one then.
 */
MUST_USE bool session_refresh(struct run *run, struct error *err);

/*
 * Is there a history table? Asks now if nothing could be asked when the session began (SQLite).
 * Errors: "Unable to check whether table … exists".
 */
MUST_USE bool session_find_history(const struct run *run, bool *exists, struct error *err);

/* The prefixes, separator and suffixes of the configuration; strings are borrowed. */
struct filename_rules session_name_rules(const struct settings *settings);

/* What the history table says, and whether it is there. */
struct applied {
	bool exists;
	struct history_rows rows;
};

/* Reads the history. Without a table: the line "Schema history table … does not exist yet". */
MUST_USE bool applied_read(const struct run *run, bool exists, struct applied *applied,
                           struct error *err);

/*
 * Logs what Flyway says about an operation that has failed and would be rolled back but for
 * executeInTransaction=false. Always returns false.
 */
bool session_operation_failed(const struct run *run);

#endif
