/* SPDX-License-Identifier: Apache-2.0 */
/*
 * flush_delay.h - whether a COMMIT waits for the disk or leaves that to a later one
 *
 * With cflyway.durability=run it waits only where it must. Without that option, or where waiting
 * is needed, every COMMIT waits as the server is set to.
 */
#ifndef CFLYWAY_CORE_FLUSH_DELAY_H
#define CFLYWAY_CORE_FLUSH_DELAY_H

#include "cflyway/base/attr.h"
#include "cflyway/core/run.h"
#include "cflyway/core/step.h"

#include <stdbool.h>
#include <stddef.h>

struct flush_delay {
	const struct run *run;
	bool flushes_later; /* COMMITs may be told DB_FLUSH_LATER */
	size_t unflushed;   /* steps that were committed without waiting for the disk */
};

/*
 * Finds out whether COMMITs of n steps may leave it. has_events: something runs between the steps.
 * Errors: those of asking the database.
 */
MUST_USE bool flush_delay_open(struct flush_delay *delay, size_t n, bool has_events,
                               struct error *err);

/* How the COMMIT of a step is to be; next (may be NULL) is known to follow. */
enum db_flush flush_delay_choose(struct flush_delay *delay, const struct step *step,
                                 const struct step *next);

/* A COMMIT has succeeded. */
void flush_delay_committed(struct flush_delay *delay, enum db_flush flush);

/*
 * After the last step, however it ended: waits for the disk if the last COMMIT has not. If that
 * fails, the error of the steps gets a note; without one (NULL) a line says so.
 */
void flush_delay_close(struct flush_delay *delay, struct error *err);

#endif
