/* SPDX-License-Identifier: Apache-2.0 */
/*
 * trial_output.h - shows what a dry run that executes has found out
 */
#ifndef CFLYWAY_OUTPUT_TRIAL_OUTPUT_H
#define CFLYWAY_OUTPUT_TRIAL_OUTPUT_H

#include "cflyway/base/arena.h"
#include "cflyway/base/log.h"
#include "cflyway/core/trial_result.h"
#include "cflyway/output/json.h"

/* As text: a block for each script, a line for each statement, what it did below. */
void trial_text_print(struct arena *arena, const struct trial_result *trial, const struct log *log);

/* The key "dryRun" with its object (doc/schema/common.schema.json). */
void trial_json(struct json *json, const struct trial_result *trial);

#endif
