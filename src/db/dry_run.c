/* SPDX-License-Identifier: Apache-2.0 */
/* dry_run.c - the life of a dry run: its drivers, its file */
#include "cflyway/db/dry_run.h"

#include "dry_run_state.h"

#include "cflyway/base/fs.h"

#include <stdint.h>
#include <string.h>

static void wrap(struct dry_run *dry_run, const struct db_drivers *drivers)
{
	struct arena *arena = &dry_run->arena;
	struct dry_driver *wrapped = arena_array(arena, drivers->n, sizeof(*wrapped));
	const struct db_driver **items = arena_array(arena, drivers->n, sizeof(*items));

	for (size_t i = 0; i < drivers->n; i++) {
		dry_driver_init(&wrapped[i], drivers->items[i], dry_run);
		items[i] = &wrapped[i].driver;
	}
	dry_run->drivers = (struct db_drivers){items, drivers->n};
}

struct dry_run *dry_run_open(const char *path, const struct db_drivers *drivers,
                             const struct clock *clock, struct error *err)
{
	struct arena arena = ARENA_EMPTY;
	struct dry_run *dry_run = arena_alloc(&arena, sizeof(*dry_run));

	*dry_run = (struct dry_run){
		.arena = arena,
		.clock = clock,
		.session = BUF_EMPTY(SIZE_MAX / 2),
		.schemas_made = BUF_EMPTY(SIZE_MAX / 2),
		.schemas_dropped = BUF_EMPTY(SIZE_MAX / 2),
	};
	wrap(dry_run, drivers);
	if (sql_file_open(&dry_run->file, &dry_run->arena, path, err))
		return dry_run;
	dry_run_close(dry_run);
	return NULL;
}

const struct db_drivers *dry_run_drivers(const struct dry_run *dry_run)
{
	return &dry_run->drivers;
}

bool dry_run_writes(const struct dry_run *dry_run, const char *path)
{
	struct arena arena = ARENA_EMPTY;
	bool is_same = dry_run->file.place != NULL &&
	               strcmp(dry_run->file.place, fs_canonical(&arena, path)) == 0;

	arena_release(&arena);
	return is_same;
}

bool dry_run_finish(struct dry_run *dry_run, struct error *err)
{
	sql_file_write(&dry_run->file, STR("\n-- End of the dry run\n"));
	return sql_file_finish(&dry_run->file, err);
}

void dry_run_close(struct dry_run *dry_run)
{
	if (dry_run == NULL)
		return;

	struct arena arena = dry_run->arena; /* dry_run itself is in it */

	sql_file_close(&dry_run->file);
	buf_release(&dry_run->session);
	buf_release(&dry_run->schemas_made);
	buf_release(&dry_run->schemas_dropped);
	arena_release(&arena);
}
