/* SPDX-License-Identifier: Apache-2.0 */
/*
 * repair_output.h - shows the rows that repair would change (-dryRun)
 */
#ifndef CFLYWAY_OUTPUT_REPAIR_OUTPUT_H
#define CFLYWAY_OUTPUT_REPAIR_OUTPUT_H

#include "cflyway/base/log.h"
#include "cflyway/core/result.h"
#include "cflyway/output/json.h"

/* A table with each row before and after, and how many there are. */
void repair_text_print(struct arena *arena, const struct repair_result *result,
                       const struct log *log);

/* The key "dryRun" with its object. */
void repair_json(struct json *json, const struct repair_result *result);

#endif
