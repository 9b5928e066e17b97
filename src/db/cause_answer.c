/* SPDX-License-Identifier: Apache-2.0 */
/* cause_answer.c - makes facts about a failure of the rows of a query */
#include "cause_answer.h"

bool cause_answer_row(void *ctx, size_t columns, const char *const *values, struct error *err)
{
	struct cause_answer *answer = ctx;

	(void)err;
	if (answer->nearest != NULL && values[0] != NULL)
		nearest_consider(answer->nearest, str_of(values[0]),
		                 arena_strdup(answer->arena, values[columns - 1]));
	for (size_t i = 0; answer->letters != NULL && !answer->has_row && i < columns; i++)
		if (values[i] != NULL)
			answer->facts->of[(unsigned char)answer->letters[i]] =
				arena_strdup(answer->arena, values[i]);
	answer->has_row = true;
	return true;
}

/* "persons" of "app.persons". */
static const char *last_part(const char *name)
{
	const char *dot = strrchr(name, '.');

	return dot != NULL ? dot + 1 : name;
}

bool cause_answer_take_nearest(struct cause_answer *answer, const char *wrong)
{
	const char *name = answer->nearest->name;

	if (name == NULL || strcmp(last_part(name), last_part(wrong)) == 0)
		return false;
	answer->facts->of['n'] = name;
	return true;
}
