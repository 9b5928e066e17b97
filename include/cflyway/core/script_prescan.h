/* SPDX-License-Identifier: Apache-2.0 */
/*
 * script_prescan.h - large scripts whose traits were found while their files were summed
 *
 * Every file is summed before anything is checked. A large script that is pending is checked next,
 * so it is read for both at once (resolve.h), and what was found is kept here.
 */
#ifndef CFLYWAY_CORE_SCRIPT_PRESCAN_H
#define CFLYWAY_CORE_SCRIPT_PRESCAN_H

#include "cflyway/base/fs.h"
#include "cflyway/core/run.h"
#include "cflyway/core/script_traits.h"
#include "cflyway/migration/migration.h"

#include <stddef.h>
#include <stdint.h>

/* What one pass told about a large script that is to run. */
struct prescan {
	struct script_traits traits;
	int32_t checksum;
	struct file_stamp stamp; /* of the file when it was read */
};

struct prescans {
	struct prescanned {
		const struct migration *migration;
		const struct prescan *prescan;
	} * items;
	size_t n;
};

/* Migrations are added in the order of their addresses: as elements of one array. */
void prescans_add(struct arena *arena, struct prescans *prescans, const struct migration *migration,
                  const struct prescan *prescan);

/* NULL if the migration was not read ahead. */
const struct prescan *prescan_find(const struct run *run, const struct migration *migration);

#endif
