/* SPDX-License-Identifier: Apache-2.0 */
/*
 * environ.h - read settings from environment variables
 */
#ifndef CFLYWAY_CONFIG_ENVIRON_H
#define CFLYWAY_CONFIG_ENVIRON_H

#include "cflyway/base/log.h"
#include "cflyway/config/pairs.h"
#include "cflyway/config/properties.h"

#include <stdbool.h>

/*
 * FLYWAY_OUT_OF_ORDER sets flyway.outOfOrder, FLYWAY_PLACEHOLDERS_A sets flyway.placeholders.a;
 * unknown names of this kind are ignored, with a line in the log about those that are nearly known.
 * In modern mode flyway_outOfOrder does the same with every name, and environments_dev_url sets
 * environments.dev.url; these win. Warnings: deprecated names, and names in both spellings.
 */
void environ_read(const struct environment *environment, bool legacy, const struct log *log,
                  struct pairs *pairs);

#endif
