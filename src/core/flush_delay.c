/* SPDX-License-Identifier: Apache-2.0 */
/*
 * flush_delay.c - decides which COMMITs of a run wait for the disk (cflyway.durability)
 *
 * The server writes its log in order, so a COMMIT that waits for the disk makes everything before
 * it safe as well. Only the last one of a run needs to wait, and each one before something that a
 * crash would not undo: a program, a script that commits by itself, or one that mentions what
 * leaves the database. From there on every COMMIT waits.
 */
#include "flush_delay.h"

#include "cflyway/core/callbacks.h"

bool flush_delay_open(struct flush_delay *delay, size_t n, bool has_events, struct error *err)
{
	const struct run *run = delay->run;

	delay->flushes_later = false;
	if (n < 2 || run->settings->durability != DURABILITY_RUN || has_events ||
	    callbacks_in_migrations(run))
		return true;
	return db_may_flush_later(run->db, &delay->flushes_later, err);
}

static bool is_harmless(const struct step *step)
{
	const struct script_traits *traits = &step->traits;

	return step->migration->program == NULL && traits->runs_in_transaction &&
	       !traits->controls_transaction && !traits->reaches_out;
}

enum db_flush flush_delay_choose(struct flush_delay *delay, const struct step *step,
                                 const struct step *next)
{
	if (!delay->flushes_later)
		return DB_FLUSH_AS_SET;
	if (step->traits.reaches_out)
		delay->flushes_later = false;
	if (!delay->flushes_later || next == NULL || !is_harmless(step) || !is_harmless(next))
		return DB_FLUSH_NOW;
	return DB_FLUSH_LATER;
}

void flush_delay_committed(struct flush_delay *delay, enum db_flush flush)
{
	if (flush == DB_FLUSH_LATER)
		delay->unflushed++;
	else
		delay->unflushed = 0;
}

void flush_delay_close(struct flush_delay *delay, struct error *err)
{
	const struct run *run = delay->run;
	struct db *db = run->db;
	struct error second = ERROR_INIT(run->arena);
	size_t n = delay->unflushed;

	delay->unflushed = 0;
	if (n == 0 || (db_tx_status(db) == TX_IDLE && db_flush(db, &second)))
		return;
	const char *text = arena_printf(
		run->arena,
		"%zu migration%s before may not have reached the disk yet "
		"(cflyway.durability=run): if the server has crashed, they are gone together with "
		"their rows",
		n, n == 1 ? "" : "s");
	if (err != NULL)
		error_explain(err, NOTE_OUTCOME, "%s", text);
	else
		log_cflyway(run->log, "%s", text);
}
