/* SPDX-License-Identifier: Apache-2.0 */
/* ignored_keys.c - says which keys Flyway ignores in silence although they are nearly right */
#include "cflyway/config/ignored_keys.h"

#include "cflyway/base/attr.h"
#include "cflyway/base/nearest.h"
#include "cflyway/config/option_nearest.h"

/* Keys of an environment that are no options. */
static bool is_known(const char *key)
{
	static const char *const sections[] = {"flyway", "resolvers", "provisioner"};
	const struct option_spec *spec = option_find(key);
	struct str rest = str_of(key), head = str_cut(&rest, '.');

	for (size_t i = 0; i < COUNT(sections); i++)
		if (str_eq(head, str_of(sections[i])))
			return true;
	return spec != NULL && spec->place == OPTION_CONNECTION;
}

/*
 * key is complete: "environments.dev.shcemas". origin is "FILE:LINE", a variable or "-key". said
 * has the lines so far: a default file that is named as well is read twice.
 */
static void log_key(struct arena *arena, const char *key, const char *origin, struct str_list *said,
                    const struct log *log)
{
	struct str rest = str_of(key);

	if (!str_eq(str_cut(&rest, '.'), STR("environments")))
		return;
	str_cut(&rest, '.');
	if (rest.len == 0 || is_known(rest.ptr))
		return;
	const char *prefix = arena_strndup(arena, key, (size_t)(rest.ptr - key));
	struct nearest nearest = {
		.name = option_nearest_connection(arena, toml_plain_key(arena, prefix), rest.ptr),
	};
	if (nearest.name == NULL)
		return;
	const char *line =
		arena_printf(arena, "%s: %s is unknown and was ignored: %s", origin,
	                     toml_plain_key(arena, key), nearest_question(arena, &nearest));
	if (str_list_has(said, line))
		return;
	str_list_add(arena, said, line);
	log_cflyway(log, "%s", line);
}

static void log_section(struct arena *arena, const char *name, const struct log *log)
{
	static const char *const sections[] = {"flyway", "environments", "cflyway"};
	struct nearest nearest;

	nearest_init(&nearest, str_of(name));
	for (size_t i = 0; i < COUNT(sections); i++)
		nearest_consider(&nearest, str_of(sections[i]), sections[i]);
	if (nearest.name != NULL)
		log_cflyway(log, "%s in flyway.toml is unknown and was ignored: %s",
		            toml_plain_key(arena, name), nearest_question(arena, &nearest));
}

void ignored_keys_log(struct arena *arena, const struct pairs *pairs,
                      const struct toml_findings *findings, const struct log *log)
{
	struct str_list said = {0};

	for (size_t i = 0; i < findings->ignored.n; i++)
		log_key(arena, findings->ignored.items[i], findings->ignored_origins.items[i],
		        &said, log);
	for (size_t i = 0; i < pairs->n; i++)
		log_key(arena, pairs->items[i].key, pairs->items[i].origin, &said, log);
	for (size_t i = 0; i < findings->foreign.n; i++)
		log_section(arena, findings->foreign.items[i], log);
}
