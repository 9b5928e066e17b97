/* SPDX-License-Identifier: Apache-2.0 */
/* environment_targets.c - the environments of flyway.toml as targets (-environments) */
#include "cflyway/config/environment_targets.h"

#include "cflyway/config/environments.h"
#include "cflyway/config/sources.h"

static bool add(struct arena *arena, struct targets *targets, const char *name, struct error *err)
{
	struct target target = {.name = name, .values = {[TARGET_ENVIRONMENT] = name}};

	if (name[0] == '\0')
		return targets_fail(err, targets, 0, "an item is empty");
	if (targets_find(targets, name) != NULL)
		return targets_fail(err, targets, 0,
		                    arena_printf(arena, "%s is named twice", name));
	targets_add(arena, targets, &target);
	return true;
}

bool environment_targets(struct arena *arena, const struct str_list *names,
                         const struct invocation *invocation, const struct environment *environment,
                         struct targets *targets, struct error *err)
{
	const struct log silence = {0};
	struct str_list chosen = *names;
	struct sources sources;

	*targets = (struct targets){.source = TARGETS_OF_ENVIRONMENTS, .path = "-environments"};
	if (!sources_read(arena, invocation, environment, &silence, &sources, err))
		return false;
	if (sources.legacy)
		return targets_fail(err, targets, 0,
		                    "only flyway.toml has environments, but here .conf files are "
		                    "read");
	if (names->n == 1 && strcmp(names->items[0], "all") == 0)
		chosen = environments_names(arena, &sources.pairs);
	for (size_t i = 0; i < chosen.n; i++)
		if (!add(arena, targets, chosen.items[i], err))
			return false;
	return targets->n > 0 ||
	       targets_fail(err, targets, 0, "the configuration has no environment");
}
