/* SPDX-License-Identifier: Apache-2.0 */
/* trial_sessions.c - other sessions, as a trial sees them */
#include "trial_state.h"

#include "trial_modes.h"

#include "cflyway/db/answer_shape.h"

const struct answer_shape trial_session_shape = {"the other sessions", "vvnnnnnnn", false};

/* May be NULL. */
static const char *copy(struct arena *arena, const char *text)
{
	return text != NULL ? arena_strdup(arena, text) : NULL;
}

struct trial_session trial_make_session(const struct trial *trial, const char *const *values,
                                        bool is_granted)
{
	struct arena *arena = trial->run->arena;
	const struct trial_relation *relation =
		trial_find_relation(trial, answer_number(values[5]));

	return (struct trial_session){
		.pid = arena_strdup(arena, values[1]),
		.user = copy(arena, values[2]),
		.application = copy(arena, values[3]),
		.state = copy(arena, values[4]),
		.relation = relation != NULL ? relation->name : NULL,
		.mode = trial_mode_words(trial_mode_level(str_of(values[6]))),
		.is_granted = is_granted,
		.open_ms = answer_number(values[7]),
		.query = copy(arena, values[8]),
	};
}

static bool has_session(const struct trial_sessions *sessions, const char *pid)
{
	for (size_t i = 0; i < sessions->n; i++)
		if (strcmp(sessions->items[i].pid, pid) == 0)
			return true;
	return false;
}

void trial_add_session(struct arena *arena, struct trial_sessions *sessions,
                       const struct trial_session *session)
{
	if (has_session(sessions, session->pid))
		return;
	sessions->items = arena_grow(arena, sessions->items, sessions->n, sizeof(*sessions->items));
	sessions->items[sessions->n++] = *session;
}
