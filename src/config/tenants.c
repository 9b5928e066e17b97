/* SPDX-License-Identifier: Apache-2.0 */
/* tenants.c - the rows of a query as targets (-tenantsQuery) */
#include "cflyway/config/tenants.h"

#include "cflyway/config/secret.h"

enum {
	COLUMNS_MAX = 2,
	FIRST_PRINTABLE = 0x20,
	DELETE = 0x7F,
};

void tenants_init(struct targets *targets)
{
	*targets = (struct targets){.source = TARGETS_OF_QUERY, .path = "-tenantsQuery"};
}

static bool is_url(const char *place)
{
	static const char *const schemes[] = {"jdbc:", "postgres:", "postgresql:", "sqlite:"};

	for (size_t i = 0; i < sizeof(schemes) / sizeof(schemes[0]); i++)
		if (str_starts(str_of(place), str_of(schemes[i])))
			return true;
	return false;
}

static bool fail(struct error *err, const struct targets *targets, const char *fault)
{
	return targets_fail(err, targets, 0,
	                    arena_printf(err->arena, "row %zu %s", targets->n + 1, fault));
}

static bool has_control(const char *value)
{
	for (; *value != '\0'; value++)
		if ((unsigned char)*value < FIRST_PRINTABLE || *value == DELETE)
			return true;
	return false;
}

static bool check_value(const struct targets *targets, const char *value, struct error *err)
{
	if (value == NULL)
		return fail(err, targets, "has a NULL");
	if (str_trim(str_of(value)).len == 0)
		return fail(err, targets, "has an empty value");
	return !has_control(value) || fail(err, targets, "has a control character");
}

bool tenants_add(struct arena *arena, struct targets *targets, size_t columns,
                 const char *const *values, struct error *err)
{
	struct target target = {0};

	if (columns < 1 || columns > COLUMNS_MAX)
		return targets_fail(err, targets, 0,
		                    arena_printf(err->arena,
		                                 "there are %zu columns; one is a schema or a URL, "
		                                 "two are a name and one of these",
		                                 columns));
	for (size_t i = 0; i < columns; i++)
		if (!check_value(targets, values[i], err))
			return false;
	const char *place = arena_strdup(arena, values[columns - 1]);
	if (is_url(place))
		target.values[TARGET_URL] = place;
	else if (strstr(place, "://") != NULL)
		return fail(err, targets, "has a URL of a database that is not supported");
	else if (strchr(place, ',') != NULL)
		return fail(err, targets, "has a schema with a comma");
	else
		target.values[TARGET_SCHEMAS] = target.values[TARGET_DEFAULT_SCHEMA] = place;
	target.name = secret_mask_url(arena, columns > 1 ? arena_strdup(arena, values[0]) : place);
	if (targets_find(targets, target.name) != NULL)
		return fail(err, targets,
		            arena_printf(err->arena, "has the name of an earlier one: %s",
		                         target.name));
	targets_add(arena, targets, &target);
	return true;
}
