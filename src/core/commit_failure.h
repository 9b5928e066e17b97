/* SPDX-License-Identifier: Apache-2.0 */
/*
 * commit_failure.h - which script, and which row of it, has made a COMMIT fail
 *
 * What is deferred until COMMIT fails there, after all statements have succeeded: constraints that
 * are INITIALLY DEFERRED, and constraint triggers.
 */
#ifndef CFLYWAY_CORE_COMMIT_FAILURE_H
#define CFLYWAY_CORE_COMMIT_FAILURE_H

#include "cflyway/base/error.h"
#include "cflyway/core/run.h"
#include "cflyway/core/step.h"

#include <stddef.h>

/*
 * Adds notes to err, a failure that the database reports of the COMMIT of n steps: whose COMMIT it
 * was, the row that has the key of the server's detail, and the function of a trigger, if they are
 * in the scripts. Returns the path of the script with the row; without a row that of the only
 * script, or NULL.
 */
const char *commit_failure_note(const struct run *run, const struct step *steps, size_t n,
                                struct error *err);

#endif
