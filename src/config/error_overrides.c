/* SPDX-License-Identifier: Apache-2.0 */
/* error_overrides.c - the rules of errorOverrides: "STATE:CODE:BEHAVIOUR", such as 42P07:0:W */
#include "cflyway/config/error_overrides.h"

#include "cflyway/config/option_value.h"

static const char behaviours[] = {
	[OVERRIDE_DEBUG] = 'D',
	[OVERRIDE_INFO] = 'I',
	[OVERRIDE_WARNING] = 'W',
	[OVERRIDE_ERROR] = 'E',
};

static bool parse_state(struct arena *arena, struct str text, const char **state)
{
	*state = str_eq(text, STR("*")) ? NULL : str_dup(arena, text);
	return *state == NULL || (text.len == 5 && str_find_char(text, '*') == text.len);
}

static bool parse_code(struct arena *arena, struct str text, struct error_override *override)
{
	override->any_code = str_eq(text, STR("*"));
	return override->any_code || option_parse_int(str_dup(arena, text), &override->code);
}

static bool parse_behaviour(struct str text, struct error_override *override)
{
	size_t i = 0;

	if (text.len == 0 || text.len > 2)
		return false;
	while (i < COUNT(behaviours) && behaviours[i] != text.ptr[0])
		i++;
	override->behaviour = (enum override_behaviour)i;
	override->form = OVERRIDE_WITH_CODES;
	if (text.len == 2)
		override->form = text.ptr[1] == '-' ? OVERRIDE_WITHOUT_CODES : OVERRIDE_ONLY_CODES;
	return i < COUNT(behaviours) && (text.len == 1 || text.ptr[1] == '-' || text.ptr[1] == '+');
}

static bool parse_rule(struct arena *arena, struct str text, struct error_override *override)
{
	struct str rest = text;
	struct str state = str_cut(&rest, ':');
	struct str code = str_cut(&rest, ':');

	*override = (struct error_override){0};
	return parse_state(arena, state, &override->state) && parse_code(arena, code, override) &&
	       parse_behaviour(rest, override);
}

bool error_overrides_parse(struct arena *arena, const struct str_list *texts,
                           struct error_overrides *overrides, struct error *err)
{
	*overrides = (struct error_overrides){0};
	for (size_t i = 0; i < texts->n; i++) {
		struct str text = str_trim(str_of(texts->items[i]));
		struct error_override override;

		if (text.len == 0)
			continue;
		if (!parse_rule(arena, text, &override))
			return error_set(err, ERROR_CONFIGURATION,
			                 "Invalid error override: %s (STATE:CODE:BEHAVIOUR, e.g. "
			                 "42P01:0:W)",
			                 texts->items[i]);
		overrides->items =
			arena_grow(arena, overrides->items, overrides->n, sizeof(override));
		overrides->items[overrides->n++] = override;
		overrides->can_downgrade |= override.behaviour != OVERRIDE_ERROR;
	}
	return true;
}

const struct error_override *error_overrides_find(const struct error_overrides *overrides,
                                                  const char *state, int code)
{
	for (size_t i = 0; i < overrides->n; i++) {
		const struct error_override *override = &overrides->items[i];

		if ((override->state == NULL || str_same(override->state, state)) &&
		    (override->any_code || override->code == code))
			return override;
	}
	return NULL;
}

const char *error_override_line(const struct error_override *override, struct arena *arena,
                                const char *state, int code, const char *message)
{
	const char *codes = arena_printf(arena, "(SQL state: %s, error code: %d)",
	                                 state != NULL ? state : "null", code);

	switch (override->form) {
	case OVERRIDE_WITHOUT_CODES:
		return message;
	case OVERRIDE_ONLY_CODES:
		return codes;
	case OVERRIDE_WITH_CODES:
		break;
	}
	return arena_printf(arena, "%s %s", message, codes);
}
