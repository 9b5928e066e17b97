/* SPDX-License-Identifier: Apache-2.0 */
/*
 * program_run.h - runs scripts that are not SQL: migrations and callbacks
 */
#ifndef CFLYWAY_CORE_PROGRAM_RUN_H
#define CFLYWAY_CORE_PROGRAM_RUN_H

#include "cflyway/base/attr.h"
#include "cflyway/core/run.h"
#include "cflyway/migration/migration.h"

#include <stdbool.h>

/*
 * Before anything runs: has everything a value that the command lines of cflyway.executor name, for
 * the files of run->session? Errors: ERROR_CONFIGURATION, with the names that have none.
 */
MUST_USE bool program_check_all(const struct run *run, struct error *err);

/*
 * Logs the command line, runs the program with the placeholders and the access to the database in
 * its environment, and logs what it has printed as one message. *has_run (may be NULL) tells
 * whether it was started: what it did then stays. Errors: "Migration failed !" with the reason as
 * its cause; a file that changed since its checksum was computed.
 */
MUST_USE bool program_run(const struct run *run, const struct migration *script, bool *has_run,
                          struct error *err);

/* After its failure: a note of its outcome. */
void program_note_stays(const struct migration *script, struct error *err);

#endif
