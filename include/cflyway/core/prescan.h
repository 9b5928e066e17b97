/* SPDX-License-Identifier: Apache-2.0 */
/*
 * prescan.h - large scripts that are to run are read for sum and check at the same time
 *
 * Every file is summed before anything is checked. That a large one is pending, and so will be
 * checked next, is found out in the history before it is read.
 */
#ifndef CFLYWAY_CORE_PRESCAN_H
#define CFLYWAY_CORE_PRESCAN_H

#include "cflyway/core/run.h"
#include "cflyway/db/history.h"
#include "cflyway/migration/resolve.h"

#include <stdbool.h>

struct prescan {
	const struct run *run;
	bool has_looked, knows_rows; /* private, as what follows */
	struct history_rows rows;
};

/*
 * Makes sum_large of the options one that also checks what is pending. prescan must outlive them.
 */
void prescan_prepare(struct prescan *prescan, const struct run *run,
                     struct resolve_options *options);

#endif
