/* SPDX-License-Identifier: Apache-2.0 */
/* options.c - the one list of parameters, and what Flyway proposes for a misspelt one */
#include "cflyway/config/options.h"

#include "cflyway/base/attr.h"

const struct option_spec option_specs[] = {
#define OPTION(name, key_, variable, type_, status_, place_, default_, sentence)                   \
	{.key = key_,                                                                              \
	 .environment = variable,                                                                  \
	 .fallback = default_,                                                                     \
	 .help = sentence,                                                                         \
	 .type = OPTION_##type_,                                                                   \
	 .status = OPTION_##status_,                                                               \
	 .place = OPTION_##place_},
#include "cflyway/config/options.def"
#undef OPTION
};

const size_t option_count = COUNT(option_specs);

const struct option_spec *option_find(const char *key)
{
	struct str wanted = str_of(key);

	for (size_t i = 0; i < option_count; i++) {
		const struct option_spec *spec = &option_specs[i];
		struct str name = str_of(spec->key);

		if (spec->type != OPTION_MAP && str_eq(wanted, name))
			return spec;
		/* "placeholders.x", but neither "placeholders" nor "placeholders.". */
		if (spec->type == OPTION_MAP && wanted.len > name.len + 1 &&
		    str_starts(wanted, name) && wanted.ptr[name.len] == '.')
			return spec;
	}
	return NULL;
}

bool option_is_allowed(const struct option_spec *spec, bool legacy)
{
	switch (spec->place) {
	case OPTION_ANYWHERE:
	case OPTION_UNSUGGESTED:
	case OPTION_CONNECTION:
		return true;
	case OPTION_COMMAND_LINE:
		/* A variable is translated to a key, which a .conf file may therefore have too. */
		return legacy && spec->environment != NULL;
	case OPTION_LEGACY:
		return legacy;
	case OPTION_MODERN:
	case OPTION_MODERN_UNSUGGESTED:
		return !legacy;
	}
	return false;
}

bool option_is_overridable(const struct option_spec *spec)
{
	static const char *const of_the_run[] = {"environment",    "provisionMode",
	                                         "color",          "outputType",
	                                         "outputProgress", "outputLogsInJson"};

	if (spec->place != OPTION_ANYWHERE && spec->place != OPTION_MODERN)
		return false;
	for (size_t i = 0; i < COUNT(of_the_run); i++)
		if (strcmp(spec->key, of_the_run[i]) == 0)
			return false;
	return true;
}

/*
 * How well a known name fits a wrong one: its characters are looked up in the wrong name one after
 * the other; a hit counts 1, a hit right behind the one before counts 3. The first miss ends it.
 */
static size_t fuzzy_score(struct str wrong, struct str known)
{
	size_t score = 0, from = 0;

	for (size_t i = 0; i < known.len; i++) {
		size_t at = from + str_find_char(str_sub(wrong, from, wrong.len), known.ptr[i]);

		if (at == wrong.len)
			break;
		score += i > 0 && at == from ? 3 : 1;
		from = at + 1;
	}
	return score;
}

static bool is_suggested(const struct option_spec *spec, bool overrides)
{
	if (overrides)
		return option_is_overridable(spec);
	return spec->place == OPTION_ANYWHERE || spec->place == OPTION_MODERN;
}

/* An option that Flyway has in a plug-in; those of other editions it does not know. */
static bool is_of_a_plugin(const struct option_spec *spec)
{
	return (spec->place == OPTION_UNSUGGESTED || spec->place == OPTION_MODERN_UNSUGGESTED) &&
	       spec->status != OPTION_LATER;
}

/*
 * "postgresql.transactional" for "transactional": a name in a section of its own. The section of
 * some plug-ins has no name, so that ".token" is proposed for "vault.token".
 */
static bool find_in_sections(struct arena *arena, struct str name, struct str_list *found)
{
	for (size_t i = 0; i < option_count; i++) {
		struct str rest = str_of(option_specs[i].key);
		struct str section = str_cut(&rest, '.');

		if (rest.ptr == NULL && str_eq(section, name) && is_of_a_plugin(&option_specs[i])) {
			str_list_add(arena, found, arena_printf(arena, ".%s", option_specs[i].key));
			return true;
		}
		if (str_eq(str_cut(&rest, '.'), name) && name.len > 0) {
			str_list_add(arena, found,
			             arena_printf(arena, "%.*s.%.*s", (int)section.len, section.ptr,
			                          (int)name.len, name.ptr));
			return true;
		}
	}
	return false;
}

struct str_list option_suggest(struct arena *arena, const char *prefix, const char *key)
{
	bool overrides = strcmp(prefix, "flyway.") != 0;
	struct str_list found = {0};
	struct str name = str_of(key);
	size_t best = 0;

	while (str_find_char(name, '.') < name.len)
		name = str_sub(name, str_find_char(name, '.') + 1, name.len);
	if (find_in_sections(arena, name, &found))
		return found;
	name = str_of(str_lower(arena, name));
	for (size_t i = 0; i < option_count; i++) {
		const struct option_spec *spec = &option_specs[i];
		size_t score = 0;

		if (is_suggested(spec, overrides))
			score = fuzzy_score(name, str_of(str_lower(arena, str_of(spec->key))));
		if (score < best || score == 0 || score * 4 < fuzzy_score(name, name))
			continue;
		if (score > best)
			found.n = 0;
		best = score;
		str_list_add(arena, &found, arena_printf(arena, "%s%s", prefix, spec->key));
	}
	return found;
}
