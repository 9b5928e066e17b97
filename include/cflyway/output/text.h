/* SPDX-License-Identifier: Apache-2.0 */
/*
 * text.h - prints results as text
 */
#ifndef CFLYWAY_OUTPUT_TEXT_H
#define CFLYWAY_OUTPUT_TEXT_H

#include "cflyway/base/arena.h"
#include "cflyway/base/log.h"
#include "cflyway/core/result.h"

/* Prints what the command did not log: the table of info, or the ids of -migrationIds. */
void text_print(struct arena *arena, const struct result *result, const struct log *log);

#endif
