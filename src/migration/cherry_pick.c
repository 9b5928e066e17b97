/* SPDX-License-Identifier: Apache-2.0 */
/* cherry_pick.c - the migrations that cherryPick names, in its order */
#include "cflyway/migration/cherry_pick.h"

#include "cflyway/base/ascii.h"
#include "cflyway/base/error.h"

static size_t skip_digits(struct str text, size_t at)
{
	while (at < text.len && ascii_is_digit(text.ptr[at]))
		at++;
	return at;
}

/* Digits, separated by dots, perhaps with a minus in front. */
static bool reads_as_version(struct str text)
{
	size_t at = text.len > 0 && text.ptr[0] == '-' ? 1 : 0;

	for (;;) {
		size_t end = skip_digits(text, at);

		if (end == at)
			return false;
		if (end == text.len)
			return true;
		if (text.ptr[end] != '.')
			return false;
		at = end + 1;
	}
}

static struct pick parse_pick(struct arena *arena, struct str text)
{
	const char *version = str_replace(arena, text, STR("_"), STR("."));
	struct error ignored = ERROR_INIT(arena);
	struct pick pick = {
		.text = str_dup(arena, text),
		.description = str_replace(arena, text, STR("_"), STR(" ")),
	};

	pick.is_version = reads_as_version(str_of(version)) &&
	                  version_parse(arena, version, &pick.version, &ignored);
	return pick;
}

struct cherry_pick cherry_pick_parse(struct arena *arena, const struct str_list *texts)
{
	struct cherry_pick picks = {.items = arena_array(arena, texts->n, sizeof(*picks.items))};

	for (size_t i = 0; i < texts->n; i++) {
		struct str text = str_trim(str_of(texts->items[i]));

		if (text.len > 0)
			picks.items[picks.n++] = parse_pick(arena, text);
	}
	return picks;
}

bool pick_matches(const struct pick *pick, const struct version *version, const char *description)
{
	if (version_is_set(version) && pick->is_version)
		return version_compare(version, &pick->version) == 0;
	return strcmp(pick->description, description) == 0;
}

size_t cherry_pick_find(const struct cherry_pick *picks, const struct version *version,
                        const char *description)
{
	size_t i = 0;

	while (i < picks->n && !pick_matches(&picks->items[i], version, description))
		i++;
	return i;
}
