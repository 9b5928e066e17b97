/* SPDX-License-Identifier: Apache-2.0 */
/* option_name.c - what an option is called in the files */
#include "cflyway/config/option_name.h"

#include "cflyway/base/str.h"

/* For cflyway.durability the key is the part after the dot; the part before names the table. */
const char *option_toml_name(struct arena *arena, const struct option_spec *spec)
{
	struct str name = str_of(spec->key), table = str_cut(&name, '.');
	const char *section = spec->place == OPTION_CONNECTION ? "environments.NAME" : "flyway";

	bool is_own = str_eq(table, STR("cflyway"));

	if (spec->type == OPTION_MAP)
		return arena_printf(arena, "NAME, in [%s%s%s]", is_own ? "" : section,
		                    is_own ? "" : ".", spec->key);
	if (is_own)
		return arena_printf(arena, "%s, in [cflyway]", name.ptr);
	return arena_printf(arena, "%s, in [%s]", spec->key, section);
}

const char *option_conf_name(struct arena *arena, const struct option_spec *spec)
{
	bool is_own = str_starts(str_of(spec->key), STR("cflyway."));

	return arena_printf(arena, "%s%s%s", is_own ? "" : "flyway.", spec->key,
	                    spec->type == OPTION_MAP ? ".NAME" : "");
}
