/* SPDX-License-Identifier: Apache-2.0 */
/* errors.h - what the server or libpq said, as pgjdbc would say it */
#ifndef CFLYWAY_DB_POSTGRES_ERRORS_H
#define CFLYWAY_DB_POSTGRES_ERRORS_H

#include "postgres.h"

#include "cflyway/db/url.h"

/* The fields of a message of the server; NULL: it has none. */
struct pg_message {
	const char *severity, *sqlstate, *primary, *detail, *hint, *position, *context;
};

/* pgjdbc's text: "ERROR: …", then "  Detail: …", "  Hint: …", "  Position: …", "  Where: …". */
const char *pg_message_text(struct arena *arena, const struct pg_message *message);

/*
 * Can anything be sent? If not, sets err as after a lost connection. Whatever sends asks first:
 * libpq takes more, and calls the connection good, where it has been given up.
 */
MUST_USE bool pg_is_usable(struct postgres *pg, struct error *err);

/* With a FATAL error the session ends; a pooler may have made it up, and know nothing. */
bool pg_is_fatal(const struct postgres *pg, const PGresult *result);

/* Sets err from a failed result, or with NULL from the state of the connection. Returns false. */
bool pg_fail(struct postgres *pg, const PGresult *result, struct error *err);

/* Sets err with a sentence of the driver itself. Returns false. */
bool pg_fail_text(struct error *err, const char *sqlstate, const char *message);

/*
 * Sets err from what libpq says, with PQERRORS_VERBOSE, about an attempt to connect. last is the
 * last host that was tried, target_server the value of targetServerType or NULL. err->cause is what
 * Java's cause would say, NULL if there would be none. Returns false.
 */
bool pg_fail_connect(const char *text, bool needs_password, bool empty_password,
                     const struct db_host *last, const char *target_server, struct error *err);

/* See db_describe_batch. */
struct db_conflict pg_find_conflict(const struct sql_failure *failure);
void pg_describe_batch(struct arena *arena, const struct batch_entry *entry,
                       struct sql_failure *sql, const char **cause);

#endif
