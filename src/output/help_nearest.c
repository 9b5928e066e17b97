/* SPDX-License-Identifier: Apache-2.0 */
/* help_nearest.c - finds the command or option that is closest to a misspelt name */
#include "cflyway/base/ascii.h"
#include "cflyway/base/str.h"
#include "cflyway/output/help.h"

#include <string.h>

enum { LONGEST = 64 };

struct nearest {
	const char *name;
	size_t distance;
};

static size_t smaller(size_t a, size_t b)
{
	return a < b ? a : b;
}

static bool is_same(struct str a, size_t i, struct str b, size_t j)
{
	return ascii_upper(a.ptr[i]) == ascii_upper(b.ptr[j]);
}

/*
 * Counts the characters that must be added, removed, replaced or swapped with their neighbour to
 * turn one string into the other, ignoring case (the optimal string alignment distance). Strings
 * that are too long differ in every character.
 */
static size_t distance(struct str a, struct str b)
{
	size_t rows[3][LONGEST + 1] = {{0}};

	if (a.len > LONGEST || b.len > LONGEST)
		return a.len + b.len;
	for (size_t j = 0; j <= b.len; j++)
		rows[0][j] = j;
	for (size_t i = 1; i <= a.len; i++) {
		size_t *row = rows[i % 3];
		const size_t *above = rows[(i - 1) % 3], *two_above = rows[(i + 1) % 3];

		row[0] = i;
		for (size_t j = 1; j <= b.len; j++) {
			size_t replaced = above[j - 1] + !is_same(a, i - 1, b, j - 1);

			row[j] = smaller(replaced, smaller(row[j - 1], above[j]) + 1);
			if (i > 1 && j > 1 && is_same(a, i - 1, b, j - 2) &&
			    is_same(a, i - 2, b, j - 1))
				row[j] = smaller(row[j], two_above[j - 2] + 1);
		}
	}
	return rows[a.len % 3][b.len];
}

/* Keeps the first of several equally close names. */
static void consider(struct nearest *nearest, struct str wrong, struct str part, const char *name)
{
	size_t far = distance(wrong, part);

	if (far < nearest->distance)
		*nearest = (struct nearest){name, far};
}

const char *help_nearest(const char *name)
{
	struct str wrong = str_of(name);

	while (str_starts(wrong, STR("-")))
		wrong = str_sub(wrong, 1, wrong.len);
	/* At most one character in three may be wrong. */
	struct nearest nearest = {NULL, wrong.len / 3 + 1};
	for (size_t i = 0; i < command_count; i++)
		consider(&nearest, wrong, str_of(commands[i]->name), commands[i]->name);
	for (size_t i = 0; i < OPTION_COUNT; i++) {
		const char *key = option_specs[i].key, *last = strrchr(key, '.');

		consider(&nearest, wrong, str_of(key), key);
		/* "durability" is nearly cflyway.durability. */
		if (last != NULL)
			consider(&nearest, wrong, str_of(last + 1), key);
	}
	return nearest.name;
}
