/*
 * unknown.h - what the user is told about keys that no option has
 */
#ifndef CFLYWAY_CONFIG_UNKNOWN_H
#define CFLYWAY_CONFIG_UNKNOWN_H

#include "cflyway/base/arena.h"
#include "cflyway/base/error.h"
#include "cflyway/base/str.h"

#include <stdbool.h>

/* keys are without "flyway.", at least one. Always returns false, with Flyway's text. */
bool unknown_keys(struct arena *arena, const struct str_list *keys, bool legacy, struct error *err);

#endif
