/* SPDX-License-Identifier: Apache-2.0 */
/* statement_override.c - a statement whose errors and notices errorOverrides may change */
#include "statement_override.h"

static bool command(const struct run *run, const char *sql, struct error *err)
{
	return db_query(run->db, sql, NULL, 0, NULL, NULL, err);
}

bool statement_override_is_on(const struct run *run)
{
	return run->settings->overrides.n > 0 && run->db->dry_run == NULL && run->trial == NULL;
}

/* A statement that may end the transaction would take the savepoint with it. */
static bool may_have_savepoint(const struct statement *statement)
{
	const unsigned without = STATEMENT_COPY_IN | STATEMENT_COPY_OUT | STATEMENT_SEVERAL |
	                         STATEMENT_TRANSACTION_CONTROL | STATEMENT_NON_TRANSACTIONAL;

	return (statement->flags & without) == 0;
}

bool statement_override_begin(struct statement_override *override, const struct run *run,
                              const struct statement *statement, struct error *err)
{
	*override = (struct statement_override){.run = run, .before = db_tx_status(run->db)};
	override->is_copy = (statement->flags & STATEMENT_COPY_IN) != 0;
	override->has_savepoint = run->settings->overrides.can_downgrade &&
	                          db_failure_ends_transaction(run->db) &&
	                          override->before == TX_ACTIVE && may_have_savepoint(statement);
	return !override->has_savepoint || command(run, "SAVEPOINT cflyway_override", err);
}

bool statement_override_end(struct statement_override *override, struct error *err)
{
	return !override->has_savepoint ||
	       command(override->run, "RELEASE SAVEPOINT cflyway_override", err);
}

void statement_override_log(const struct run *run, enum override_behaviour behaviour,
                            const char *line)
{
	static const enum log_level levels[] = {
		[OVERRIDE_DEBUG] = LOG_LEVEL_DEBUG,
		[OVERRIDE_INFO] = LOG_LEVEL_INFO,
		[OVERRIDE_WARNING] = LOG_LEVEL_WARN,
	};

	if (behaviour == OVERRIDE_DEBUG && !run->log->debug)
		return;
	log_text(run->log, levels[behaviour], str_of(line));
	if (behaviour == OVERRIDE_WARNING && run->override_warnings != NULL)
		str_list_add(run->arena, run->override_warnings, arena_strdup(run->arena, line));
}

/* Waits for the connection to be ready again, and goes back to where the statement began. */
static bool go_back(const struct statement_override *override)
{
	const struct run *run = override->run;
	struct error ignored = ERROR_INIT(run->arena);

	(void)!db_sync(run->db, &ignored);
	error_clear(&ignored);
	if (override->has_savepoint && db_tx_status(run->db) == TX_FAILED &&
	    (!command(run, "ROLLBACK TO SAVEPOINT cflyway_override", &ignored) ||
	     !command(run, "RELEASE SAVEPOINT cflyway_override", &ignored)))
		return false;
	return db_tx_status(run->db) == override->before;
}

bool statement_override_recover(struct statement_override *override, struct error *err)
{
	const struct run *run = override->run;
	const struct sql_failure *sql = err->sql;
	const struct error_override *rule = NULL;

	if (sql != NULL)
		rule = error_overrides_find(&run->settings->overrides, sql->state, sql->code);
	if (rule == NULL || rule->behaviour == OVERRIDE_ERROR || run->db->is_cancelled)
		return false;
	if (override->is_copy) {
		error_note(err, "errorOverrides cannot help here: the rows of a COPY follow in the "
		                "script");
		return false;
	}
	if (!go_back(override)) {
		error_note(err, "errorOverrides cannot help here: the statement has ended the "
		                "transaction");
		return false;
	}
	const char *line =
		error_override_line(rule, err->arena, sql->state, sql->code, sql->message);
	error_clear(err);
	statement_override_log(run, rule->behaviour, line);
	return true;
}
