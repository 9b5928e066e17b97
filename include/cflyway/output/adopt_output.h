/* SPDX-License-Identifier: Apache-2.0 */
/*
 * adopt_output.h - shows what adopt has found, and what it would write or has written
 */
#ifndef CFLYWAY_OUTPUT_ADOPT_OUTPUT_H
#define CFLYWAY_OUTPUT_ADOPT_OUTPUT_H

#include "cflyway/base/log.h"
#include "cflyway/core/result.h"
#include "cflyway/output/json.h"

/* The table, and what comes next. */
void adopt_text_print(const struct adopt_result *result, const struct log *log);

/* The keys of the document. */
void adopt_json(struct json *json, const struct adopt_result *result);

#endif
