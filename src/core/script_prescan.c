/* SPDX-License-Identifier: Apache-2.0 */
/* script_prescan.c - keeps what was found about large scripts while their files were summed */
#include "cflyway/core/script_prescan.h"

#include <assert.h>
#include <stdint.h>
#include <stdlib.h>

static int compare(const void *key, const void *item)
{
	uintptr_t wanted = (uintptr_t)key;
	uintptr_t found = (uintptr_t)((const struct prescanned *)item)->migration;

	return (wanted > found) - (wanted < found);
}

void prescans_add(struct arena *arena, struct prescans *prescans, const struct migration *migration,
                  const struct prescan *prescan)
{
	assert(prescans->n == 0 || compare(migration, &prescans->items[prescans->n - 1]) > 0);
	prescans->items = arena_grow(arena, prescans->items, prescans->n, sizeof(*prescans->items));
	prescans->items[prescans->n++] = (struct prescanned){migration, prescan};
}

const struct prescan *prescan_find(const struct run *run, const struct migration *migration)
{
	const struct prescans *prescans = run->prescans;
	const struct prescanned *found = NULL;

	if (prescans != NULL && prescans->n > 0)
		found = bsearch(migration, prescans->items, prescans->n, sizeof(*prescans->items),
		                compare);
	return found != NULL ? found->prescan : NULL;
}
