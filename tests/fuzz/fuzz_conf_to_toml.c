/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fuzz_conf_to_toml.c - whatever a .conf file says, its flyway.toml says the same
 *
 * Only a file that Flyway accepts, and that is converted as a whole, has settings to compare.
 */
#include "cflyway/base/attr.h"
#include "cflyway/base/utf8.h"
#include "cflyway/config/conf_to_toml.h"
#include "cflyway/config/environments.h"
#include "cflyway/config/options.h"
#include "cflyway/config/settings.h"
#include "cflyway/config/toml_file.h"

#include <stdint.h>
#include <stdlib.h>

/* Empty locations in a .conf file count as not given, which is decided when settings are loaded. */
static void forget_empty_locations(struct settings *conf, struct settings *toml)
{
	if (conf->locations.n == 1 && conf->locations.items[0][0] == '\0')
		conf->locations = toml->locations = (struct str_list){0};
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct log silence;

static void check(bool holds)
{
	if (!holds)
		abort();
}

static const char *get(const void *ctx, const char *name)
{
	(void)ctx;
	check(name[0] != '\0');
	return name[0] == 'A' ? "a \"b\" \\c" : NULL;
}

static const struct environment environment = {.get = get};

/* As sources.c reads a .conf file. */
static bool load_conf(struct arena *arena, struct str text, struct settings *settings)
{
	struct error err = ERROR_INIT(arena);
	struct pairs pairs, kept;

	pairs_init(&pairs, arena);
	pairs_init(&kept, arena);
	properties_parse(text, "x.conf", &environment, &pairs);
	for (size_t i = 0; i < pairs.n; i++) {
		const char *key = pairs.items[i].key;

		if (str_starts(str_of(key), STR("cflyway.")))
			key = arena_printf(arena, "flyway.%s", key);
		if (str_starts(str_of(key), STR("flyway.")))
			pairs_copy(&kept, key, &pairs.items[i]);
	}
	return settings_from_pairs(arena, &kept, true, &silence, settings, &err);
}

static bool load_toml(struct arena *arena, struct str text, struct settings *settings)
{
	struct error err = ERROR_INIT(arena);
	struct toml_findings findings = {0};
	struct environment_facts facts;
	struct pairs pairs, effective;

	pairs_init(&pairs, arena);
	pairs_init(&effective, arena);
	return toml_file_parse(text, "x.toml", &pairs, &findings, &err) &&
	       environments_apply(&pairs, &effective, &facts, &err) &&
	       settings_from_pairs(arena, &effective, false, &silence, settings, &err);
}

/* ${env.A} is resolved later. */
static void same_string(const char *a, const char *b)
{
	check(str_same(a, b) || (b != NULL && strstr(b, "${env.") != NULL));
}

static void same_number(long long a, long long b)
{
	check(a == b);
}

static void same_list(const struct str_list *a, const struct str_list *b)
{
	check(a->n == b->n);
	for (size_t i = 0; i < a->n; i++)
		same_string(a->items[i], b->items[i]);
}

static void same_map(const struct pairs *a, const struct pairs *b)
{
	check(a->n == b->n);
	for (size_t i = 0; i < a->n; i++) {
		const struct pair *other = pairs_find(b, a->items[i].key);

		check(other != NULL);
		same_string(a->items[i].value, other->value);
	}
}

static void same_settings(const struct settings *a, const struct settings *b)
{
#define SAME_STRING(field) same_string(a->field, b->field)
#define SAME_PATH(field) SAME_STRING(field)
#define SAME_BOOL(field) same_number(a->field, b->field)
#define SAME_INT(field) same_number(a->field, b->field)
#define SAME_SIZE(field) same_number((long long)a->field, (long long)b->field)
#define SAME_DURATION(field) same_number(a->field, b->field)
#define SAME_ENUM(field) same_number((long long)a->field, (long long)b->field)
#define SAME_LIST(field) same_list(&a->field, &b->field)
#define SAME_MAP(field) same_map(&a->field, &b->field)
#define OPTION(type, field, ...) SAME_##type(field);
#include "cflyway/config/options.def"
#undef OPTION
}

/* The list has another name in flyway.toml, and no file that is accepted has items in it. */
static void forget_resolvers(struct settings *settings)
{
	settings->resolvers = settings->migration_resolvers = (struct str_list){0};
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct buf toml = BUF_EMPTY(1 << 24);
	struct settings conf_settings, toml_settings;
	struct conf_notes notes;
	struct arena arena;

	arena_init(&arena);
	struct str text = utf8_replaced(&arena, (struct str){(const char *)data, size});

	conf_to_toml(&arena, text, "x.conf", &environment, &toml, &notes);
	bool has_toml = load_toml(&arena, buf_str(&toml), &toml_settings);
	/* A NUL ends a key early, and hides the variables that follow it in the same line. */
	bool has_nul = str_find_char(text, '\0') < text.len;
	if (!has_nul && notes.left_out.n == 0 && load_conf(&arena, text, &conf_settings)) {
		check(has_toml);
		forget_empty_locations(&conf_settings, &toml_settings);
		forget_resolvers(&conf_settings);
		forget_resolvers(&toml_settings);
		same_settings(&conf_settings, &toml_settings);
	}
	buf_release(&toml);
	arena_release(&arena);
	return 0;
}
