/* SPDX-License-Identifier: Apache-2.0 */
/*
 * migration_retry.h - runs a migration again that was in conflict with other sessions
 */
#ifndef CFLYWAY_CORE_MIGRATION_RETRY_H
#define CFLYWAY_CORE_MIGRATION_RETRY_H

#include "execution.h"

#include "cflyway/base/attr.h"

#include <stdbool.h>
#include <stdint.h>

/*
 * The pause before a retry, in milliseconds: first_ms for the first one (retry 0), twice as long
 * each time, up to a minute or first_ms, and shortened by up to a half, so that programs that have
 * met do not meet again. chance: any number.
 */
int64_t migration_retry_pause_ms(int first_ms, int retry, uint32_t chance);

/*
 * The current migration has failed and is rolled back. If it is to run again: says so in the log,
 * waits, and returns true with err cleared. Otherwise err stays, with a line about the tries, or
 * about why there is only one, if retries are asked for.
 */
bool migration_retry_wait(struct execution *execution, struct error *err);

/* A migration outside of a transaction has failed: the line about why there is only one try. */
void migration_retry_note_obstacle(const struct execution *execution, struct error *err);

#endif
