/* SPDX-License-Identifier: Apache-2.0 */
/*
 * report_trial.h - shows a dry run that executes in the page of a report
 */
#ifndef CFLYWAY_OUTPUT_REPORT_TRIAL_H
#define CFLYWAY_OUTPUT_REPORT_TRIAL_H

#include "report_page.h"

#include "cflyway/output/json_value.h"

/* The key "dryRun" of a result; NULL: it was no dry run. */
const struct json_value *report_trial_of(const struct json_value *result);

/* A table for each script, a row for each statement. */
void report_trial_put(const struct page *page, const struct json_value *trial);

#endif
