/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The server writes its log in order, so a COMMIT that waits for the disk makes all before it safe
 * as well. Only the last one of a run needs to wait, and each one before something that a crash
 * would not take back: a script that is not SQL, that commits by itself, or that speaks of what
 * leaves the database. From there on nothing is put off any more.
 */
#include "durability.h"

#include "cflyway/core/callbacks.h"

bool durability_open(struct executor *executor, size_t n, struct error *err)
{
	const struct run *run = executor->run;
	struct db *db = run->db;

	executor->flushes_later = false;
	if (n < 2 || run->settings->durability != DURABILITY_RUN || executor->before != NULL ||
	    callbacks_in_migrations(run))
		return true;
	return db_may_flush_later(db, &executor->flushes_later, err);
}

static bool is_harmless(const struct step *step)
{
	const struct script_traits *traits = &step->traits;

	return step->migration->program == NULL && traits->runs_in_transaction &&
	       !traits->controls_transaction && !traits->reaches_out;
}

enum db_flush durability_of(struct executor *executor, const struct step *step,
                            const struct step *next)
{
	if (!executor->flushes_later)
		return DB_FLUSH_AS_SET;
	if (step->traits.reaches_out)
		executor->flushes_later = false;
	if (!executor->flushes_later || next == NULL || !is_harmless(step) || !is_harmless(next))
		return DB_FLUSH_NOW;
	return DB_FLUSH_LATER;
}

void durability_committed(struct executor *executor, enum db_flush flush)
{
	if (flush == DB_FLUSH_LATER)
		executor->unflushed++;
	else
		executor->unflushed = 0;
}

void durability_close(struct executor *executor, struct error *err)
{
	const struct run *run = executor->run;
	struct db *db = run->db;
	struct error second = ERROR_INIT(run->arena);
	size_t n = executor->unflushed;

	executor->unflushed = 0;
	if (n == 0 || (db_tx_status(db) == TX_IDLE && db_flush(db, &second)))
		return;
	const char *text = arena_printf(
		run->arena,
		"%zu migration%s before may not have reached the disk yet "
		"(cflyway.durability=run): if the server has crashed, they are gone together with "
		"their rows",
		n, n == 1 ? "" : "s");
	if (err != NULL)
		error_note(err, "%s", text);
	else
		log_cflyway(run->log, "%s", text);
}
