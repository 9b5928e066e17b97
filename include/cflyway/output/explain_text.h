/* SPDX-License-Identifier: Apache-2.0 */
/*
 * explain_text.h - prints what explain has found: one explanation, or the list of all
 */
#ifndef CFLYWAY_OUTPUT_EXPLAIN_TEXT_H
#define CFLYWAY_OUTPUT_EXPLAIN_TEXT_H

#include "cflyway/base/log.h"
#include "cflyway/core/result.h"

void explain_text_print(const struct explain_result *result, const struct log *log);

#endif
