/* SPDX-License-Identifier: Apache-2.0 */
/* migration_state.c - the states of migrations, as one table */
#include "cflyway/core/migration_state.h"

#include "cflyway/base/attr.h"

static const struct state_spec states[] = {
#define MIGRATION_STATE_ROW(name, title, resolved, applied, failed, pattern)                       \
	[STATE_##name] = {#name, title, resolved, applied, failed, pattern},
	MIGRATION_STATES(MIGRATION_STATE_ROW)
#undef MIGRATION_STATE_ROW
};

const struct state_spec *state_spec(enum migration_state state)
{
	return &states[state];
}

bool state_is_taken_back(enum migration_state state)
{
	return state == STATE_DELETED || state == STATE_UNDONE;
}

bool state_parse(const char *name, enum migration_state *state)
{
	for (size_t i = 0; i < COUNT(states); i++) {
		if (str_eq_nocase(str_of(name), str_of(states[i].name))) {
			*state = (enum migration_state)i;
			return true;
		}
	}
	return false;
}
