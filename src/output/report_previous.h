/* SPDX-License-Identifier: Apache-2.0 */
/*
 * report_previous.h - reads the results that a report already contains
 *
 * Flyway refuses a report with the result of an operation that it does not know, and skips keys
 * that it does not know. So results of info and migrate are in the array "individualResults", and
 * that of undo in "cflywayResults".
 */
#ifndef CFLYWAY_OUTPUT_REPORT_PREVIOUS_H
#define CFLYWAY_OUTPUT_REPORT_PREVIOUS_H

#include "cflyway/output/json_value.h"

/*
 * Reads the contents of NAME.json and appends its results to the array, with the keys that Flyway
 * knows, those of a dry run and cflyway's notes. now is the timestamp of results without one.
 * Errors: ERROR_GENERAL saying what is wrong with the contents.
 */
MUST_USE bool report_read_previous(struct arena *arena, struct str text, const char *now,
                                   struct json_value *results, struct error *err);

/* Writes results as the contents of NAME.json. */
void report_write_results(const struct json_value *results, struct json *json);

/* Keeps the newest result of each operation; the operation that first appeared last comes first. */
void report_keep_newest(struct arena *arena, const struct json_value *all, struct json_value *kept);

#endif
