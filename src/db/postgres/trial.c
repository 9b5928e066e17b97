/* SPDX-License-Identifier: Apache-2.0 */
/* trial.c - the transaction of a trial: savepoints, limits, what COMMIT would check */
#include "trial.h"

#include "listener.h"
#include "pipeline.h"
#include "query.h"

static const char survey_sql[] =
#include "db/postgres/sql/trial_survey.sql.h"
	;

static const char changes_sql[] =
#include "db/postgres/sql/trial_changes.sql.h"
	;

/* CREATE EXTENSION starts TimescaleDB's scheduler, which waits for that transaction: it is not
 * counted. */
static const char waits_sql[] =
#include "db/postgres/sql/trial_waits.sql.h"
	;

static const char others_sql[] =
#include "db/postgres/sql/trial_others.sql.h"
	;

static const char rates_sql[] =
#include "db/postgres/sql/trial_rates.sql.h"
	;

static const char sequences_sql[] =
#include "db/postgres/sql/trial_sequences.sql.h"
	;

static const char deferred_sql[] =
#include "db/postgres/sql/trial_deferred.sql.h"
	;

const struct db_trial_sql pg_trial_sql = {
	.session = "SELECT pg_catalog.pg_backend_pid()",
	.watching = "SELECT pg_catalog.set_config('lock_timeout', '100ms', false), "
		    "(SELECT pg_catalog.set_config(name, 'off', false) "
		    "FROM pg_catalog.pg_settings WHERE name = 'jit')",
	.survey = survey_sql,
	.changes = changes_sql,
	.waits = waits_sql,
	.others = others_sql,
	.rates = rates_sql,
	.sequences = sequences_sql,
};

/* What the COMMIT of a migration takes back, and the release of a savepoint does not. */
struct pg_trial {
	struct str_list settings;  /* SET LOCAL: name, value before, name, … */
	struct str_list temporary; /* names of tables with ON COMMIT DROP */
};

/* --- the transaction ----------------------------------------------------------------------- */

static bool check_writable(struct db *db, struct error *err)
{
	enum { OLDEST = 10 }; /* with pg_current_wal_insert_lsn */
	bool is_read_only = false;

	if (db->server_version < OLDEST)
		return error_set(err, ERROR_GENERAL, "dryRun=execute needs PostgreSQL %d or newer",
		                 OLDEST);
	if (!db_query_bool(db, "SELECT current_setting('transaction_read_only')::bool", NULL, 0,
	                   &is_read_only, err))
		return false;
	return !is_read_only ||
	       error_set(err, ERROR_GENERAL,
	                 "dryRun=execute runs the migrations and rolls them back, but this "
	                 "connection can only read: it is a standby, or "
	                 "default_transaction_read_only is on");
}

/*
 * A session that is stopped in the middle would hold its locks. One that is gone does so until its
 * statement ends, unless the server looks, which it can from 14 on, and on Linux in each version.
 */
#define IDLE_LIMIT "'10s'"
#define LOOKS_FOR_CLIENT                                                                           \
	"(SELECT pg_catalog.set_config(name, '1s', true) FROM pg_catalog.pg_settings "             \
	"WHERE name = 'client_connection_check_interval' AND pg_catalog.version() ~ 'linux')"

bool pg_trial_begin(struct db *db, const struct db_trial_limits *limits, struct error *err)
{
	static const char sql[] =
		"SELECT pg_catalog.set_config('lock_timeout', $1, true), "
		"pg_catalog.set_config('cflyway.lock_timeout', $1, true), "
		"pg_catalog.set_config('cflyway.statement_timeout', "
		"pg_catalog.current_setting('statement_timeout'), true), "
		"pg_catalog.set_config('idle_in_transaction_session_timeout', " IDLE_LIMIT
		", true), " LOOKS_FOR_CLIENT;
	struct postgres *pg = postgres_of(db);
	char lock_timeout[16];
	const char *args[] = {lock_timeout};

	snprintf(lock_timeout, sizeof(lock_timeout), "%d", limits->lock_timeout_ms);
	if (db->pools_transactions)
		return error_set(err, ERROR_GENERAL,
		                 "dryRun=execute needs a session of its own, which a connection "
		                 "pooler that lends a server for one transaction at a time does "
		                 "not give: connect to the server directly");
	pg->trial = arena_alloc(db->arena, sizeof(*pg->trial));
	*pg->trial = (struct pg_trial){0};
	return pg_command(pg, "BEGIN", err) && check_writable(db, err) &&
	       pg_query(db, sql, args, COUNT(args), NULL, NULL, err);
}

/* Its own reads and writes are counted at once, not while those of others are (trial_rates.c). */
void pg_trial_end(struct db *db)
{
	enum { OLDEST = 15 };
	struct postgres *pg = postgres_of(db);

	pg->trial = NULL;
	db_rollback(db);
	if (db->server_version >= OLDEST)
		pg->pq.clear(pg_exec(pg, "SELECT pg_catalog.pg_stat_force_next_flush()"));
}

bool pg_trial_savepoint(struct db *db, struct error *err)
{
	*postgres_of(db)->trial = (struct pg_trial){0};
	return pg_command(postgres_of(db), "SAVEPOINT cflyway_trial", err);
}

void pg_trial_rollback_to(struct db *db)
{
	struct postgres *pg = postgres_of(db);
	struct error ignored = ERROR_INIT(db->arena);

	(void)!pg_pipeline_finish(pg, &ignored);
	pg->pq.clear(pg_exec(pg, "ROLLBACK TO cflyway_trial"));
	pg->pq.clear(pg_exec(pg, "RELEASE cflyway_trial"));
}

/* --- what COMMIT would check --------------------------------------------------------------- */

static const struct answer_shape value_shape = {"a setting", "n", false};

static bool read_names(void *ctx, size_t columns, const char *const *values, struct error *err)
{
	const char **names = ctx;

	(void)columns;
	*names = values[0] != NULL ? arena_strdup(err->arena, values[0]) : NULL;
	return true;
}

/* Each migration has its own COMMIT, after which constraints wait for the next one again. */
static bool defer_again(struct db *db, struct error *err)
{
	const char *names = NULL;

	if (!pg_query_shaped(db, deferred_sql, NULL, 0, &value_shape, read_names, &names, err))
		return false;
	return names == NULL ||
	       pg_command(postgres_of(db),
	                  arena_printf(db->arena, "SET CONSTRAINTS %s DEFERRED", names), err);
}

/* --- what COMMIT takes back ---------------------------------------------------------------- */

/* Without blanks and comments in front of it: up to the next blank. */
static struct str next_word(struct str *text)
{
	struct str word;

	for (*text = str_trim(*text); text->len > 0; *text = str_trim(*text)) {
		if (str_starts(*text, STR("--")))
			*text = str_sub(*text, str_find_char(*text, '\n'), text->len);
		else if (str_starts(*text, STR("/*")))
			*text = str_sub(*text, str_find(*text, STR("*/")) + 2, text->len);
		else
			break;
	}
	word = str_sub(*text, 0, 0);
	while (word.len < text->len && strchr(" \t\r\n\f\v", word.ptr[word.len]) == NULL)
		word.len++;
	*text = str_sub(*text, word.len, text->len);
	return word;
}

static bool is_word(struct str word, const char *text)
{
	return str_eq_nocase(word, str_of(text));
}

static bool read_value(void *ctx, size_t columns, const char *const *values, struct error *err)
{
	const char **value = ctx;

	(void)columns;
	*value = values[0] != NULL ? arena_strdup(err->arena, values[0]) : NULL;
	return true;
}

/* SET LOCAL NAME = …; those without "=" or TO (ROLE, TIME ZONE) are left out. */
static bool note_setting(struct db *db, struct str name, struct error *err)
{
	struct str_list *settings = &postgres_of(db)->trial->settings;
	const char *args[] = {str_dup(db->arena, name)}, *value = NULL;

	for (size_t i = 0; i < settings->n; i += 2)
		if (strcmp(settings->items[i], args[0]) == 0)
			return true;
	if (!pg_query_shaped(db, "SELECT pg_catalog.current_setting($1, true)", args, 1,
	                     &value_shape, read_value, &value, err))
		return false;
	if (value == NULL)
		return true;
	str_list_add(db->arena, settings, args[0]);
	str_list_add(db->arena, settings, arena_strdup(db->arena, value));
	return true;
}

/* CREATE TEMP TABLE [IF NOT EXISTS] NAME … ON COMMIT DROP. */
static void note_table(struct db *db, struct str rest)
{
	struct str name = next_word(&rest);

	if (is_word(name, "if")) {
		(void)next_word(&rest);
		(void)next_word(&rest);
		name = next_word(&rest);
	}
	if (str_find_char(name, '(') < name.len)
		name = str_sub(name, 0, str_find_char(name, '('));
	for (struct str word = next_word(&rest); word.len > 0; word = next_word(&rest)) {
		if (!is_word(word, "commit"))
			continue;
		if (str_starts_nocase(str_trim(rest), STR("drop")))
			str_list_add(db->arena, &postgres_of(db)->trial->temporary,
			             str_dup(db->arena, name));
	}
}

bool pg_trial_note(struct db *db, const struct statement *statement, struct error *err)
{
	struct str rest = {statement->text, statement->len};
	struct str first = next_word(&rest), second = next_word(&rest), third = next_word(&rest);

	if (is_word(first, "set") && is_word(second, "local")) {
		size_t end = str_find_char(third, '=');
		struct str next = next_word(&rest);

		if (end < third.len || is_word(next, "to") || str_starts(next, STR("=")))
			return note_setting(db, str_sub(third, 0, end), err);
	}
	if (is_word(first, "create") && (is_word(second, "temp") || is_word(second, "temporary")) &&
	    is_word(third, "table"))
		note_table(db, rest);
	return true;
}

static bool take_back(struct db *db, struct error *err)
{
	const struct pg_trial *trial = postgres_of(db)->trial;

	for (size_t i = 0; i < trial->settings.n; i += 2)
		if (!pg_query(db, "SELECT pg_catalog.set_config($1, $2, true)",
		              (const char *const *)&trial->settings.items[i], 2, NULL, NULL, err))
			return false;
	for (size_t i = 0; i < trial->temporary.n; i++)
		if (!pg_command(postgres_of(db),
		                arena_printf(db->arena, "DROP TABLE IF EXISTS pg_temp.%s",
		                             trial->temporary.items[i]),
		                err))
			return false;
	return true;
}

bool pg_trial_release(struct db *db, struct error *err)
{
	struct postgres *pg = postgres_of(db);

	return pg_command(pg, "SET CONSTRAINTS ALL IMMEDIATE", err) && defer_again(db, err) &&
	       take_back(db, err) && pg_command(pg, "RELEASE cflyway_trial", err);
}
