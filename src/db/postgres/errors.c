/* SPDX-License-Identifier: Apache-2.0 */
/* errors.c - what the server or libpq said, as pgjdbc would say it */
#include "errors.h"

#include "cflyway/base/excerpt.h"
#include "cflyway/base/str.h"

#include <ctype.h>
#include <stdlib.h>

/*
 * DIFFERS: pgjdbc shows the whole of a long message. A syntax error quotes the token, which is the
 * rest of the script when a quote never closes; what PL/pgSQL raises is the script's own.
 */
static const char *primary_text(struct arena *arena, const struct pg_message *message)
{
	bool is_raised =
		message->sqlstate != NULL && str_starts(str_of(message->sqlstate), STR("P0"));

	if (message->primary == NULL)
		return "";
	return is_raised ? message->primary : excerpt(arena, str_of(message->primary));
}

const char *pg_message_text(struct arena *arena, const struct pg_message *message)
{
	const struct {
		const char *label, *value;
	} parts[] = {
		{"Detail", message->detail},
		{"Hint", message->hint},
		{"Position", message->position},
		{"Where", message->context},
	};
	char *text = arena_printf(arena, "%s: %s",
	                          message->severity != NULL ? message->severity : "ERROR",
	                          primary_text(arena, message));

	for (size_t i = 0; i < COUNT(parts); i++)
		if (parts[i].value != NULL)
			text = arena_printf(arena, "%s\n  %s: %s", text, parts[i].label,
			                    parts[i].value);
	return text;
}

bool pg_fail_text(struct error *err, const char *sqlstate, const char *message)
{
	const struct sql_failure failure = {.state = sqlstate, .message = message};

	return error_set_sql(err, ERROR_DB_CONNECTION, &failure, "%s", message);
}

struct db_conflict pg_find_conflict(const struct sql_failure *failure)
{
	static const struct db_conflict conflicts[] = {
		{"it could not get a lock in time", "55P03"},
		{"it was ended by a deadlock", "40P01"},
		{"it could not be serialized with others", "40001"},
	};
	const char *state = failure->hidden_state != NULL ? failure->hidden_state : failure->state;

	for (size_t i = 0; i < COUNT(conflicts); i++)
		if (str_same(state, conflicts[i].state))
			return conflicts[i];
	return (struct db_conflict){NULL, NULL};
}

/* DIFFERS: pgjdbc quotes the whole of a long statement. */
void pg_describe_batch(struct arena *arena, const struct batch_entry *entry,
                       struct sql_failure *sql, const char **cause)
{
	(void)cause;
	sql->batch = arena_printf(arena,
	                          "Batch entry %zu %s was aborted: %s  Call getNextException to "
	                          "see other errors in the batch.",
	                          entry->number, excerpt(arena, str_trim(str_of(entry->text))),
	                          sql->message);
}

/* What a connection pooler has made up, and not the server: what to do about it. */
static void explain_pooler(const char *message, struct error *err)
{
	if (strstr(message, "statement pooling") != NULL)
		error_note(err, "the connection pooler pools single statements "
		                "(pool_mode=statement), but each migration needs a transaction: "
		                "connect to the server directly, or use another pool_mode");
	if (strstr(message, "unsupported startup parameter: options") != NULL)
		error_note(err,
		           "the connection pooler takes no options, which currentSchema, readOnly "
		           "and options in the URL are sent as: use flyway.defaultSchema, or "
		           "connect to the server directly");
}

/* Why the connection is lost; NULL if nobody has said it. */
static const char *find_reason(const struct postgres *pg, struct arena *arena)
{
	struct str text = str_trim(str_of(pg->pq.error_message(pg->conn)));
	struct str line = str_cut(&text, '\n');

	if (pg->given_up != NULL)
		return pg->given_up;
	/* Of a connection that libpq calls good it says other things. */
	if (pg->last_fatal != NULL || pg->pq.status(pg->conn) != CONNECTION_BAD)
		return pg->last_fatal;
	return line.len > 0 ? str_dup(arena, line) : NULL;
}

static bool fail_lost(struct postgres *pg, struct error *err)
{
	const char *reason = find_reason(pg, err->arena);

	pg_fail_text(err, "08006", "An I/O error occurred while sending to the backend.");
	if (reason == NULL)
		return false;
	error_note(err, "%s", reason);
	if (pg->given_up == NULL)
		explain_pooler(reason, err);
	return false;
}

bool pg_is_usable(struct postgres *pg, struct error *err)
{
	return !pg->is_unusable || fail_lost(pg, err);
}

bool pg_is_fatal(const struct postgres *pg, const PGresult *result)
{
	const char *severity = pg->pq.result_error_field(result, PG_DIAG_SEVERITY_NONLOCALIZED);

	return str_same(severity, "FATAL") || str_same(severity, "PANIC");
}

static size_t number(const char *digits)
{
	return digits != NULL ? (size_t)strtoul(digits, NULL, 10) : 0;
}

static struct sql_place find_place(const struct libpq *pq, const PGresult *result,
                                   const struct pg_message *message)
{
	return (struct sql_place){
		.position = number(message->position),
		.internal_position =
			number(pq->result_error_field(result, PG_DIAG_INTERNAL_POSITION)),
		.internal_query = pq->result_error_field(result, PG_DIAG_INTERNAL_QUERY),
		.context = message->context,
		.detail = message->detail,
	};
}

static struct sql_object find_object(const struct libpq *pq, const PGresult *result)
{
	return (struct sql_object){
		.schema = pq->result_error_field(result, PG_DIAG_SCHEMA_NAME),
		.table = pq->result_error_field(result, PG_DIAG_TABLE_NAME),
		.column = pq->result_error_field(result, PG_DIAG_COLUMN_NAME),
		.constraint = pq->result_error_field(result, PG_DIAG_CONSTRAINT_NAME),
		.datatype = pq->result_error_field(result, PG_DIAG_DATATYPE_NAME),
	};
}

bool pg_fail(struct postgres *pg, const PGresult *result, struct error *err)
{
	const struct libpq *pq = &pg->pq;
	const char *sqlstate =
		result != NULL ? pq->result_error_field(result, PG_DIAG_SQLSTATE) : NULL;

	if (sqlstate == NULL && (pg->is_unusable || pq->status(pg->conn) == CONNECTION_BAD))
		return fail_lost(pg, err);
	if (sqlstate == NULL) {
		const char *text = result != NULL ? pq->result_error_message(result)
		                                  : pq->error_message(pg->conn);

		return pg_fail_text(err, NULL, str_dup(err->arena, str_trim(str_of(text))));
	}
	const struct pg_message message = {
		.severity = pq->result_error_field(result, PG_DIAG_SEVERITY),
		.sqlstate = sqlstate,
		.primary = pq->result_error_field(result, PG_DIAG_MESSAGE_PRIMARY),
		.detail = pq->result_error_field(result, PG_DIAG_MESSAGE_DETAIL),
		.hint = pq->result_error_field(result, PG_DIAG_MESSAGE_HINT),
		.position = pq->result_error_field(result, PG_DIAG_STATEMENT_POSITION),
		.context = pq->result_error_field(result, PG_DIAG_CONTEXT),
	};

	const struct sql_failure failure = {
		.state = sqlstate,
		.message = pg_message_text(err->arena, &message),
		.place = find_place(pq, result, &message),
		.object = find_object(pq, result),
		.routine = pq->result_error_field(result, PG_DIAG_SOURCE_FUNCTION),
	};

	error_set_sql(err, ERROR_DB_CONNECTION, &failure, "%s", failure.message);
	explain_pooler(err->sql->message, err);
	if (pg->lock_wait.explain != NULL)
		pg->lock_wait.explain(pg, sqlstate, message.detail, err);
	if (pg_is_fatal(pg, result))
		pg->last_fatal = arena_strdup(pg->db->arena, err->sql->message);
	/* As with pgjdbc, a transaction that has failed says of every command why it did. */
	if (strcmp(sqlstate, "25P02") == 0)
		err->cause = pg->last_failure;
	else
		pg->last_failure = arena_strdup(pg->db->arena, err->sql->message);
	return false;
}

/*
 * Finds "SEVERITY:  SQLSTATE: text" in what libpq says with verbose errors, after its own
 * "connection to server at … failed: ". The first one counts: a second attempt without SSL repeats
 * the failure.
 */
static bool parse_server_message(struct arena *arena, const char *text, struct pg_message *message)
{
	enum { STATE_LEN = 5 };

	for (const char *gap = strstr(text, ":  "); gap != NULL; gap = strstr(gap + 1, ":  ")) {
		const char *state = gap + 3, *start = gap;
		size_t n = 0;

		while (n < STATE_LEN &&
		       (isupper((unsigned char)state[n]) || isdigit((unsigned char)state[n])))
			n++;
		if (n < STATE_LEN || state[STATE_LEN] != ':' || state[STATE_LEN + 1] != ' ')
			continue;
		while (start > text && start[-1] != ' ' && start[-1] != '\n')
			start--;
		message->severity = arena_strndup(arena, start, (size_t)(gap - start));
		message->sqlstate = arena_strndup(arena, state, STATE_LEN);

		struct str rest = str_of(state + STATE_LEN + 2);

		message->primary = str_dup(arena, str_cut(&rest, '\n'));
		while (rest.len > 0) {
			struct str line = str_cut(&rest, '\n');
			const struct str detail = STR("DETAIL:  "), hint = STR("HINT:  ");

			if (str_starts(line, STR("connection to server")))
				break;
			if (str_starts(line, detail))
				message->detail =
					str_dup(arena, str_sub(line, detail.len, line.len));
			if (str_starts(line, hint))
				message->hint = str_dup(arena, str_sub(line, hint.len, line.len));
		}
		return true;
	}
	return false;
}

static bool fail_network(const char *text, const struct db_host *host, struct error *err)
{
	static const char *const refusals[] = {"Connection refused", "Network is unreachable"};

	for (size_t i = 0; i < COUNT(refusals); i++) {
		if (strstr(text, refusals[i]) == NULL)
			continue;
		pg_fail_text(err, "08001",
		             arena_printf(err->arena,
		                          "Connection to %s:%s refused. Check that the hostname "
		                          "and port are correct and that the postmaster is "
		                          "accepting TCP/IP connections.",
		                          host->shown, host->port));
		err->cause = refusals[i];
		return false;
	}
	pg_fail_text(err, "08001", "The connection attempt failed.");
	if (strstr(text, "could not translate host name") != NULL) {
		err->cause =
			arena_printf(err->arena, "java.net.UnknownHostException: %s", host->shown);
		return false;
	}
	err->cause = strstr(text, "imeout expired") != NULL ? "Connect timed out" : NULL;
	return false;
}

bool pg_fail_connect(const char *text, bool needs_password, bool empty_password,
                     const struct db_host *last, const char *target_server, struct error *err)
{
	static const struct {
		const char *libpq, *sqlstate, *pgjdbc;
	} known[] = {
		{"server does not support SSL", "08004", "The server does not support SSL."},
		{"GSSAPI encryption required", "08P01",
	         "An error occurred while setting up the GSS Encoded connection."},
		{"server did not complete authentication", "08004",
	         "Channel binding is required, but server skipped authentication. Channel binding "
	         "is only supported with SCRAM authentication over encrypted connections."},
	};
	static const char *const other_role[] = {
		"session is not read-only",
		"session is read-only",
		"server is in hot standby mode",
		"server is not in hot standby mode",
	};
	struct pg_message message = {0};

	if (parse_server_message(err->arena, text, &message)) {
		pg_fail_text(err, message.sqlstate, pg_message_text(err->arena, &message));
		explain_pooler(err->sql->message, err);
		return false;
	}
	if (needs_password)
		return pg_fail_text(
			err, "08004",
			empty_password
				? "The server requested SCRAM-based authentication, but the password "
				  "is an empty string."
				: "The server requested SCRAM-based authentication, but no password "
				  "was provided.");
	for (size_t i = 0; i < COUNT(known); i++)
		if (strstr(text, known[i].libpq) != NULL)
			return pg_fail_text(err, known[i].sqlstate, known[i].pgjdbc);
	for (size_t i = 0; target_server != NULL && i < COUNT(other_role); i++)
		if (strstr(text, other_role[i]) != NULL)
			return pg_fail_text(err, "08001",
			                    arena_printf(err->arena,
			                                 "Could not find a server with specified "
			                                 "targetServerType: %s",
			                                 target_server));
	return fail_network(text, last, err);
}
