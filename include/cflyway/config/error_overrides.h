/* SPDX-License-Identifier: Apache-2.0 */
/*
 * error_overrides.h - the rules of errorOverrides: "STATE:CODE:BEHAVIOUR", such as 42P07:0:W
 *
 * A rule matches errors, warnings and notices of the database by their SQL state and their error
 * code; "*" matches all. The first rule that matches counts.
 */
#ifndef CFLYWAY_CONFIG_ERROR_OVERRIDES_H
#define CFLYWAY_CONFIG_ERROR_OVERRIDES_H

#include "cflyway/base/arena.h"
#include "cflyway/base/attr.h"
#include "cflyway/base/error.h"
#include "cflyway/base/str.h"

#include <stdbool.h>
#include <stddef.h>

enum override_behaviour {
	OVERRIDE_DEBUG,
	OVERRIDE_INFO,
	OVERRIDE_WARNING,
	OVERRIDE_ERROR,
};

/* What a line says besides the message. */
enum override_form {
	OVERRIDE_WITH_CODES,    /* W:  message (SQL state: …, error code: …) */
	OVERRIDE_WITHOUT_CODES, /* W-: message */
	OVERRIDE_ONLY_CODES,    /* W+: (SQL state: …, error code: …) */
};

struct error_override {
	const char *state; /* NULL: any */
	bool any_code;
	int code;
	enum override_behaviour behaviour;
	enum override_form form;
};

struct error_overrides {
	struct error_override *items;
	size_t n;
	bool can_downgrade; /* one of them makes something less of an error */
};

/*
 * Reads the list of the option; empty items do not count. Errors: ERROR_CONFIGURATION "Invalid error
 * override: …".
 */
MUST_USE bool error_overrides_parse(struct arena *arena, const struct str_list *texts,
                                    struct error_overrides *overrides, struct error *err);

/* The rule for a state (NULL: the database has none) and a code; NULL if no rule matches. */
const struct error_override *error_overrides_find(const struct error_overrides *overrides,
                                                  const char *state, int code);

/* The line for what was matched. */
const char *error_override_line(const struct error_override *override, struct arena *arena,
                                const char *state, int code, const char *message);

#endif
