/* SPDX-License-Identifier: Apache-2.0 */
/*
 * durability.h - cflyway.durability=run: a COMMIT waits for the disk only where it must
 *
 * Without that option, or where it would be wrong, every COMMIT waits as the server is set to.
 */
#ifndef CFLYWAY_CORE_DURABILITY_H
#define CFLYWAY_CORE_DURABILITY_H

#include "cflyway/base/attr.h"
#include "cflyway/core/execute.h"

/* Finds out whether a run of n migrations may do so. Errors: those of asking the database. */
MUST_USE bool durability_open(struct executor *executor, size_t n, struct error *err);

/* How the COMMIT of a step is to be; next (may be NULL) is known to follow. */
enum db_flush durability_of(struct executor *executor, const struct step *step,
                            const struct step *next);

/* A COMMIT is through. */
void durability_committed(struct executor *executor, enum db_flush flush);

/*
 * At the end of a run, however it ends: waits for the disk if the last COMMIT has not. If that
 * cannot be done, the error of the run gets a note; without one (NULL) a line says so.
 */
void durability_close(struct executor *executor, struct error *err);

#endif
