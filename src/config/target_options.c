/* SPDX-License-Identifier: Apache-2.0 */
/* target_options.c - what the arguments say about a run on several databases */
#include "cflyway/config/target_options.h"

#include "cflyway/config/options.h"
#include "cflyway/config/settings.h"

/* The options that name the targets, and what an empty value lacks. */
static const struct {
	size_t row;
	const char *lacks;
} sources[] = {
	{ROW_targets, "names no file"},
	{ROW_environments, "names no environment"},
	{ROW_tenants_query, "has no query"},
};

static const struct pair *find(const struct invocation *invocation, size_t row)
{
	return pairs_find(&invocation->options, option_specs[row].key);
}

bool target_options_given(const struct invocation *invocation)
{
	for (size_t i = 0; i < OPTION_COUNT; i++)
		if ((option_specs[i].flags & OPTION_OF_TARGETS) != 0 && find(invocation, i) != NULL)
			return true;
	return false;
}

/* An empty variable in a shell script must not select another database. */
static bool check_value(const struct pair *pair, const char *lacks, struct error *err)
{
	return str_trim(str_of(pair->value)).len > 0 ||
	       error_set(err, ERROR_CONFIGURATION, "-%s= %s", pair->key, lacks);
}

static bool check_sources(struct arena *arena, const struct invocation *invocation,
                          struct error *err)
{
	struct str_list all = {0};
	const char *first = NULL;

	for (size_t i = 0; i < COUNT(sources); i++) {
		const struct pair *pair = find(invocation, sources[i].row);

		str_list_add(arena, &all,
		             arena_printf(arena, "-%s", option_specs[sources[i].row].key));
		if (pair == NULL)
			continue;
		if (!check_value(pair, sources[i].lacks, err))
			return false;
		if (first != NULL)
			return error_set(err, ERROR_CONFIGURATION,
			                 "-%s cannot stand beside -%s: both name targets",
			                 pair->key, first);
		first = pair->key;
	}
	return first != NULL || error_set(err, ERROR_CONFIGURATION, "there are no targets: give %s",
	                                  str_list_join(arena, &all, " or "));
}

/* Sets all options of the family in settings: the arguments, otherwise the defaults. */
static bool read_values(struct arena *arena, const struct invocation *invocation,
                        struct settings *settings, struct error *err)
{
	for (size_t i = 0; i < OPTION_COUNT; i++) {
		const struct option_spec *spec = &option_specs[i];
		const struct pair *pair = find(invocation, i);
		const struct pair fallback = {spec->key, spec->fallback, "default", NULL};

		if ((spec->flags & OPTION_OF_TARGETS) == 0)
			continue;
		if (pair == NULL && spec->fallback == NULL)
			continue;
		if (pair != NULL && !check_value(pair, "has no value", err))
			return false;
		if (!settings_set(arena, spec->key, pair != NULL ? pair : &fallback, settings, err))
			return false;
	}
	return true;
}

bool target_options_read(struct arena *arena, const struct invocation *invocation,
                         struct target_options *options, struct error *err)
{
	struct settings *settings = arena_alloc(arena, sizeof(*settings));

	if (!check_sources(arena, invocation, err) ||
	    !read_values(arena, invocation, settings, err))
		return false;
	if (settings->parallel < 1 || settings->parallel > TARGETS_PARALLEL_MAX)
		return error_set(err, ERROR_CONFIGURATION,
		                 "Invalid value for flyway.parallel (should be 1 to %d): %d",
		                 TARGETS_PARALLEL_MAX, settings->parallel);
	*options = (struct target_options){
		.file = settings->targets,
		.environments = settings->environments,
		.tenants_query = settings->tenants_query,
		.names = settings->target_names,
		.continue_on_error = settings->continue_on_error,
		.parallel = (size_t)settings->parallel,
	};
	return true;
}
