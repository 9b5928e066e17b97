/* SPDX-License-Identifier: Apache-2.0 */
/* report_previous.h - the results that a report has already */
#ifndef CFLYWAY_OUTPUT_REPORT_PREVIOUS_H
#define CFLYWAY_OUTPUT_REPORT_PREVIOUS_H

#include "cflyway/output/json_value.h"

/*
 * Reads the text of NAME.json and appends its results to the array, with all keys that Flyway knows
 * and no others. now is the timestamp of results without one. Errors: ERROR_GENERAL saying what is
 * wrong with the text.
 */
MUST_USE bool report_read_previous(struct arena *arena, struct str text, const char *now,
                                   struct json_value *results, struct error *err);

/* Of each operation the newest result; the operation that came up last is the first. */
void report_keep_newest(struct arena *arena, const struct json_value *all, struct json_value *kept);

#endif
