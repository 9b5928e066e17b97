/* SPDX-License-Identifier: Apache-2.0 */
/* locations.c - parses the configured locations, each list once */
#include "cflyway/core/locations.h"

bool locations_parse_scripts(struct locations *locations, struct error *err)
{
	if (!locations->knows_scripts)
		locations->knows_scripts =
			location_list_parse(locations->arena, &locations->settings->locations,
		                            &locations->scripts, err);
	return locations->knows_scripts;
}

bool locations_parse_callbacks(struct locations *locations, struct error *err)
{
	if (!locations->knows_callbacks)
		locations->knows_callbacks = location_list_parse(
			locations->arena, &locations->settings->callback_locations,
			&locations->callbacks, err);
	return locations->knows_callbacks;
}
