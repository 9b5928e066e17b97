/* SPDX-License-Identifier: Apache-2.0 */
/* options.c - find options by name, and propose options for a misspelt name */
#include "cflyway/config/options.h"

#include "cflyway/base/ascii.h"
#include "cflyway/base/attr.h"

#include <assert.h>

/* Their options have the verb as a section, and a short form beside it. */
enum {
	GROUPS_OF_VERBS = GROUP_ADD | GROUP_INIT | GROUP_ADOPT | GROUP_IMPORT | GROUP_FRESH |
	                  GROUP_EXPLAIN | GROUP_REPAIR | GROUP_INFO
};

static const struct option_choice output_types[] = {
	{"json", OUTPUT_JSON},
	{NULL, 0},
};

static const struct option_choice colors[] = {
	{"always", COLOR_ALWAYS},
	{"never", COLOR_NEVER},
	{"auto", COLOR_AUTO},
	{NULL, 0},
};

static const struct option_choice provision_modes[] = {
	{"provision", PROVISION_MODE_PROVISION},
	{"reprovision", PROVISION_MODE_REPROVISION},
	{"skip", PROVISION_MODE_SKIP},
	{NULL, 0},
};

static const struct option_choice powershell_executables[] = {
	{"pwsh", POWERSHELL_PWSH},
	{"powershell", POWERSHELL_POWERSHELL},
	{NULL, 0},
};

/* Names of the console logger; other names are ignored. */
static const struct option_choice loggers[] = {
	{"auto", 0},
	{"console", 1},
	{NULL, 0},
};

static const struct option_choice durabilities[] = {
	{"migration", DURABILITY_MIGRATION},
	{"run", DURABILITY_RUN},
	{NULL, 0},
};

static const struct option_choice poolers[] = {
	{"auto", POOLER_AUTO},
	{"session", POOLER_SESSION},
	{"transaction", POOLER_TRANSACTION},
	{NULL, 0},
};

static const struct option_choice time_limits[] = {
	{"server", DURATION_OF_SERVER},
	{NULL, 0},
};

static const struct option_choice undo_histories[] = {
	{"marker", UNDO_HISTORY_MARKER},
	{"undo", UNDO_HISTORY_UNDO},
	{"delete", UNDO_HISTORY_DELETE},
	{NULL, 0},
};

static const struct option_choice layout_kinds[] = {
#define LAYOUT_KIND_CHOICE(name, word) {word, LAYOUT_##name},
	LAYOUT_KINDS(LAYOUT_KIND_CHOICE)
#undef LAYOUT_KIND_CHOICE
		{NULL, 0},
};

static const struct option_choice seed_modes[] = {
	{"none", SEEDS_NONE},
	{"reference", SEEDS_REFERENCE},
	{"sample", SEEDS_SAMPLE},
	{"full", SEEDS_FULL},
	{NULL, 0},
};

static const struct option_choice on_changed_files[] = {
	{"error", ON_CHANGED_FILE_ERROR},
	{"warn", ON_CHANGED_FILE_WARN},
	{NULL, 0},
};

static const struct option_choice add_types[] = {
	{"versioned", ADD_TYPE_VERSIONED},
	{"baseline", ADD_TYPE_BASELINE},
	{"undo", ADD_TYPE_UNDO},
	{"repeatable", ADD_TYPE_REPEATABLE},
	{NULL, 0},
};

static const struct option_choice add_timestamps[] = {
	{"always", ADD_TIMESTAMP_ALWAYS},
	{"auto", ADD_TIMESTAMP_AUTO},
	{"never", ADD_TIMESTAMP_NEVER},
	{NULL, 0},
};

static const struct option_choice dry_runs[] = {
	{"execute", DRY_RUN_EXECUTE},
	{NULL, 0},
};

static const struct option_choice init_database_types[] = {
	{"PostgreSQL", INIT_DATABASE_TYPE_POSTGRESQL},
	{"SQLite", INIT_DATABASE_TYPE_SQLITE},
	{NULL, 0},
};

static const struct option_choice init_from_types[] = {
	{"Conf", INIT_FROM_TYPE_CONF},
	{NULL, 0},
};

const struct option_spec option_specs[OPTION_COUNT] = {
#define OPTION(type_, field, ...) {.type = OPTION_##type_, __VA_ARGS__},
#include "cflyway/config/options.def"
#undef OPTION
};

const char *option_variable(const struct option_spec *spec, char name[OPTION_VARIABLE_SIZE])
{
	const bool is_own = str_starts(str_of(spec->key), STR("cflyway."));
	size_t len = 0;

	if (spec->variable != NULL) {
		snprintf(name, OPTION_VARIABLE_SIZE, "%s", spec->variable);
		return name;
	}
	if (!is_own)
		len = (size_t)snprintf(name, OPTION_VARIABLE_SIZE, "FLYWAY_");
	for (const char *c = spec->key; *c != '\0'; c++) {
		assert(len + 2 < OPTION_VARIABLE_SIZE);
		if (*c >= 'A' && *c <= 'Z')
			name[len++] = '_';
		name[len++] = *c == '.' ? '_' : ascii_upper(*c);
	}
	name[len] = '\0';
	return name;
}

const struct option_spec *option_find(const char *key)
{
	struct str wanted = str_of(key);

	for (size_t i = 0; i < OPTION_COUNT; i++) {
		const struct option_spec *spec = &option_specs[i];
		struct str name = str_of(spec->key);

		if (spec->type != OPTION_MAP && str_eq(wanted, name))
			return spec;
		/* Accepts "placeholders.x", but not "placeholders" or "placeholders.". */
		if (spec->type == OPTION_MAP && wanted.len > name.len + 1 &&
		    str_starts(wanted, name) && wanted.ptr[name.len] == '.')
			return spec;
	}
	return NULL;
}

const struct option_spec *option_find_short(const char *verb, const char *key)
{
	struct str wanted = str_of(key);

	for (size_t i = 0; i < OPTION_COUNT; i++) {
		struct str name = str_of(option_specs[i].key);
		struct str command = str_cut(&name, '.');

		if ((option_specs[i].group & GROUPS_OF_VERBS) != 0 &&
		    str_eq(command, str_of(verb)) && str_eq(name, wanted))
			return &option_specs[i];
	}
	return NULL;
}

const struct option_spec *option_find_argument(const char *key)
{
	const struct str own = STR("cflyway.");

	for (size_t i = 0; i < OPTION_COUNT; i++) {
		struct str name = str_of(option_specs[i].key);

		if ((option_specs[i].flags & OPTION_SHORT) != 0 && str_starts(name, own) &&
		    str_eq(str_sub(name, own.len, name.len), str_of(key)))
			return &option_specs[i];
	}
	return NULL;
}

const struct option_spec *option_named(const char *name)
{
	const char *key = name + (name[0] == '-' ? 1 : 0);

	if (str_starts(str_of(key), STR("flyway.")))
		key += strlen("flyway.");
	if (option_find(key) != NULL)
		return option_find(key);
	if (option_find_argument(key) != NULL)
		return option_find_argument(key);
	for (size_t i = 0; i < OPTION_COUNT; i++) {
		char variable[OPTION_VARIABLE_SIZE];

		if (name[0] != '\0' &&
		    (strcmp(key, option_specs[i].key) == 0 ||
		     strcmp(name, option_variable(&option_specs[i], variable)) == 0))
			return &option_specs[i];
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
		/* Flyway translates a variable to a key; a .conf file may have the same key. */
		return legacy && !str_same(spec->variable, NO_VARIABLE);
	case OPTION_LEGACY:
		return legacy;
	case OPTION_MODERN:
		return !legacy;
	}
	return false;
}

bool option_is_overridable(const struct option_spec *spec)
{
	return (spec->place == OPTION_ANYWHERE || spec->place == OPTION_MODERN) &&
	       (spec->flags & OPTION_OF_RUN) == 0;
}

/*
 * Scores how well a known name fits a wrong one. The function looks up the characters of the known
 * name in the wrong name, one after the other. A hit counts 1, a hit right after the previous hit
 * counts 3. The first miss ends the search.
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

/* Is the option in a plug-in of Flyway? Flyway does not know those of other editions. */
static bool is_of_a_plugin(const struct option_spec *spec)
{
	return spec->place == OPTION_UNSUGGESTED && (spec->flags & OPTION_OF_EDITIONS) == 0;
}

/*
 * Finds names in sections of their own: "postgresql.transactional" for "transactional". Some
 * plug-ins have a section without a name, which is why Flyway proposes ".token" for "vault.token".
 */
static bool find_in_sections(struct arena *arena, struct str name, struct str_list *found)
{
	for (size_t i = 0; i < OPTION_COUNT; i++) {
		struct str rest = str_of(option_specs[i].key);
		struct str section = str_cut(&rest, '.');

		if ((option_specs[i].group & GROUPS_OF_VERBS) != 0)
			continue; /* only other editions have them */
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
	for (size_t i = 0; i < OPTION_COUNT; i++) {
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
