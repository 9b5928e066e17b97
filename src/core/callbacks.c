/* SPDX-License-Identifier: Apache-2.0 */
/*
 * callbacks.c - fires events on the connections that Flyway uses for them
 *
 * Flyway keeps three kinds of connections, and what a callback does to its session reaches what
 * shares it: the command's first one, one for the migrations, and a new one for each of the events
 * around them. cflyway has one for command and migrations; only callbacks make it open others.
 */
#include "cflyway/core/callbacks.h"

#include "callback_script.h"

#include "cflyway/core/outcome.h"
#include "cflyway/core/script_check.h"
#include "cflyway/core/session.h"
#include "cflyway/db/dry_run.h"

struct callbacks {
	struct callback_list list;
	struct db command; /* of migrate: stands for Flyway's first connection */
	bool has_command;
	bool have_run;
	bool has_traits; /* of all callbacks inside of migrations together: */
	struct script_traits traits;
};

/* --- which there are ----------------------------------------------------------------------- */

bool callbacks_open(struct run *run, struct error *err)
{
	const struct session *session = run->session;
	struct callbacks *callbacks = arena_alloc(run->arena, sizeof(*callbacks));

	if (!callbacks_resolve(run->arena, &session->resolve, &session->files, &callbacks->list,
	                       err))
		return false;
	run->callbacks = callbacks;
	if (callbacks_has(run, EVENT_CREATE_SCHEMA))
		log_warn(run->log,
		         "'createSchema' callback is deprecated and will be removed in a future "
		         "release.Please use beforeCreateSchema instead");
	return true;
}

void callbacks_close(struct run *run)
{
	if (run->callbacks != NULL && run->callbacks->has_command)
		db_close(&run->callbacks->command);
	run->callbacks = NULL;
}

struct callback_list callbacks_of(const struct run *run, enum event event)
{
	struct callback_list found = {0};

	for (size_t i = 0; run->callbacks != NULL && i < run->callbacks->list.n; i++) {
		const struct callback *callback = &run->callbacks->list.items[i];

		if (callback->event == event && found.n++ == 0)
			found.items = callback;
	}
	return found;
}

bool callbacks_has(const struct run *run, enum event event)
{
	return callbacks_of(run, event).n > 0;
}

/* Does the callback share connection and transaction of what this run runs? */
static bool is_in_migrations(const struct run *run, const struct callback *callback)
{
	return event_place(callback->event) ==
	       (run->is_undo ? EVENT_PLACE_UNDO : EVENT_PLACE_MIGRATION);
}

bool callbacks_in_migrations(const struct run *run)
{
	for (size_t i = 0; run->callbacks != NULL && i < run->callbacks->list.n; i++)
		if (is_in_migrations(run, &run->callbacks->list.items[i]))
			return true;
	return false;
}

bool callbacks_have_run(const struct run *run)
{
	return run->callbacks != NULL && run->callbacks->have_run;
}

static void add_traits(struct script_traits *traits, const struct script_traits *more)
{
	traits->controls_transaction |= more->controls_transaction;
	traits->may_unlock |= more->may_unlock;
	traits->changes_session |= more->changes_session;
	traits->shares_transaction |= more->shares_transaction;
}

static void take_traits(const struct run *run, const struct callback *callback)
{
	struct script_traits *traits = &run->callbacks->traits;
	const struct log silence = {0};
	struct run quiet = *run;
	struct error ignored = ERROR_INIT(run->arena);
	struct script_traits own;

	quiet.log = &silence;
	if (!is_in_migrations(run, callback) || callback->script.program != NULL)
		return;
	traits->shares_transaction = true;
	/* An error is reported when the callback runs. */
	if (script_check(&quiet, &callback->script, &own, NULL, &ignored))
		add_traits(traits, &own);
}

void callbacks_add_traits(const struct run *run, struct script_traits *traits)
{
	struct callbacks *callbacks = run->callbacks;

	if (callbacks == NULL || callbacks->list.n == 0)
		return;
	for (size_t i = 0; !callbacks->has_traits && i < callbacks->list.n; i++)
		take_traits(run, &callbacks->list.items[i]);
	callbacks->has_traits = true;
	add_traits(traits, &callbacks->traits);
}

/* --- connections --------------------------------------------------------------------------- */

/* Does Flyway use a connection for migrations alone? */
static bool has_migration_connection(const struct run *run)
{
	return db_has_transactional_lock(run->db) && run->settings->postgresql_transactional_lock;
}

static bool needs_own(const struct run *run, enum event_place place)
{
	if (run->trial != NULL)
		return false; /* another connection would not see what the trial has done */
	if (place == EVENT_PLACE_FINISH)
		return has_migration_connection(run) && !run->is_migrate;
	return place == EVENT_PLACE_OWN;
}

/* A connection whose session the migrations do not share. */
static struct db *command_connection(const struct run *run, struct error *err)
{
	struct callbacks *callbacks = run->callbacks;

	if (!run->is_migrate || !has_migration_connection(run) || run->trial != NULL)
		return run->db;
	if (!callbacks->has_command)
		callbacks->has_command = db_open_second(&callbacks->command, run->db, err);
	return callbacks->has_command ? &callbacks->command : NULL;
}

/* --- running ------------------------------------------------------------------------------- */

static bool execute_on(const struct run *run, struct db *db, const struct callback_list *list,
                       enum event_place place, struct error *err)
{
	struct run other = *run;
	enum callback_transaction transaction =
		place == EVENT_PLACE_FINISH && run->trial == NULL ? CALLBACK_NONE : CALLBACK_OWN;
	bool ok = true;

	other.db = db;
	if (db != run->db)
		run->db->second = db;
	for (size_t i = 0; ok && i < list->n; i++)
		ok = callback_execute(&other, &list->items[i], transaction, NULL, err);
	run->db->second = NULL;
	run->callbacks->have_run = true;
	err->is_of_callback = !ok;
	return ok;
}

static bool execute_on_own(const struct run *run, const struct callback_list *list,
                           enum event_place place, struct error *err)
{
	struct db own;

	if (!db_open_second(&own, run->db, err))
		return false;
	bool ok = execute_on(run, &own, list, place, err);
	db_close(&own);
	return ok;
}

/* What could not be asked when the session began need not be askable now. */
static bool refresh(struct run *run, struct error *err)
{
	const struct session *before = run->session;

	if (session_refresh(run, err))
		return true;
	if (!before->about.schema_unknown || err->sql == NULL)
		return false;
	run->session = before;
	error_clear(err);
	return true;
}

/* In the file of a dry run, a part of the command begins with its first event. */
static void begin_section(const struct run *run, enum event event)
{
	switch (event) {
	case EVENT_BEFORE_VALIDATE:
		dry_run_section(run->db, "validate");
		break;
	case EVENT_BEFORE_MIGRATE:
		dry_run_section(run->db, "migrate");
		break;
	case EVENT_BEFORE_UNDO:
		dry_run_section(run->db, "undo");
		break;
	case EVENT_BEFORE_BASELINE:
		dry_run_section(run->db, "baseline");
		break;
	case EVENT_BEFORE_REPAIR:
		dry_run_section(run->db, "repair");
		break;
	case EVENT_BEFORE_CLEAN:
		dry_run_section(run->db, "clean");
		break;
	default:
		break;
	}
}

bool callbacks_run(struct run *run, enum event event, struct error *err)
{
	const struct callback_list list = callbacks_of(run, event);
	enum event_place place = event_place(event);
	struct db *db = run->db;

	begin_section(run, event);
	if (list.n == 0)
		return true;
	if (needs_own(run, place))
		return execute_on_own(run, &list, place, err);
	if (place == EVENT_PLACE_COMMAND)
		db = command_connection(run, err);
	if (db == NULL || !execute_on(run, db, &list, place, err))
		return false;
	if (place != EVENT_PLACE_COMMAND)
		return true;
	return (db != run->db || db_restore_role(db, err)) && refresh(run, err);
}

bool callbacks_after_failure(struct run *run, enum event event, struct error *err)
{
	struct error second = ERROR_INIT(err->arena);
	const char *blamed = run->outcome != NULL ? run->outcome->blamed : NULL;

	if (run->db->is_cancelled || callbacks_run(run, event, &second))
		return false;
	if (blamed != NULL)
		outcome_blame(run, blamed);
	callback_note_first(&second, err);
	*err = second;
	return false;
}
