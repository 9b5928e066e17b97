/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mismatch_reason.h - explains why files are not what was applied
 */
#ifndef CFLYWAY_CORE_MISMATCH_REASON_H
#define CFLYWAY_CORE_MISMATCH_REASON_H

#include "cflyway/core/run.h"
#include "cflyway/core/validate_rules.h"

/*
 * Adds lines about the checksum mismatches among errors: which small change of a file gives it the
 * stored checksum, which commit has the text that was applied, and what repair would do. Does
 * nothing if there are none. Explains ten files at most, for two seconds at most. What cannot be
 * read is left out.
 */
void mismatch_reason_note(const struct run *run, const struct validate_errors *errors,
                          struct error *err);

#endif
