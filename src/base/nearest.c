/* SPDX-License-Identifier: Apache-2.0 */
/* nearest.c - finds the name that is closest to a misspelt one */
#include "cflyway/base/nearest.h"

#include "cflyway/base/ascii.h"

enum { LONGEST = 64 };

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
 * that are too long differ in every character. Stops counting at limit, and returns at least that.
 */
static size_t distance(struct str a, struct str b, size_t limit)
{
	size_t rows[3][LONGEST + 1] = {{0}};

	if (a.len > LONGEST || b.len > LONGEST)
		return a.len + b.len;
	for (size_t j = 0; j <= b.len; j++)
		rows[0][j] = j;
	for (size_t i = 1; i <= a.len; i++) {
		size_t *row = rows[i % 3];
		const size_t *above = rows[(i - 1) % 3], *two_above = rows[(i + 1) % 3];

		size_t least = i;

		row[0] = i;
		for (size_t j = 1; j <= b.len; j++) {
			size_t replaced = above[j - 1] + !is_same(a, i - 1, b, j - 1);

			row[j] = smaller(replaced, smaller(row[j - 1], above[j]) + 1);
			if (i > 1 && j > 1 && is_same(a, i - 1, b, j - 2) &&
			    is_same(a, i - 2, b, j - 1))
				row[j] = smaller(row[j], two_above[j - 2] + 1);
			least = smaller(least, row[j]);
		}
		/* No row below has less: a swap costs one, and the row above at most one less. */
		if (least >= limit)
			return least;
	}
	return rows[a.len % 3][b.len];
}

void nearest_init(struct nearest *nearest, struct str wrong)
{
	*nearest = (struct nearest){.wrong = wrong, .distance = wrong.len / 3 + 1};
}

void nearest_consider(struct nearest *nearest, struct str part, const char *name)
{
	size_t longer = nearest->wrong.len > part.len ? nearest->wrong.len - part.len
	                                              : part.len - nearest->wrong.len;

	/* So many characters at least are wrong; counting all of them takes much longer. */
	if (longer >= nearest->distance)
		return;
	size_t far = distance(nearest->wrong, part, nearest->distance);
	if (far >= nearest->distance)
		return;
	nearest->name = name;
	nearest->distance = far;
}

const char *nearest_question(struct arena *arena, const struct nearest *nearest)
{
	return nearest->name != NULL ? arena_printf(arena, "did you mean \"%s\"?", nearest->name)
	                             : NULL;
}

void nearest_note(const struct nearest *nearest, struct error *err)
{
	if (nearest->name != NULL)
		error_explain(err, NOTE_NEXT, "%s", nearest_question(err->arena, nearest));
}

void nearest_note_of(const char *const *names, size_t n, struct str wrong, struct error *err)
{
	struct nearest nearest;

	nearest_init(&nearest, str_trim(wrong));
	for (size_t i = 0; i < n; i++)
		nearest_consider(&nearest, str_of(names[i]), names[i]);
	nearest_note(&nearest, err);
}
