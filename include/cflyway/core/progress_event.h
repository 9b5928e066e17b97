/* SPDX-License-Identifier: Apache-2.0 */
/*
 * progress_event.h - says how far migrate is, for a program that shows a progress (outputProgress)
 *
 * Measured with Flyway 12.4.0: three lines for each migration, numbered through; the total is what
 * is known so far, and grows with every migration or group that begins.
 */
#ifndef CFLYWAY_CORE_PROGRESS_EVENT_H
#define CFLYWAY_CORE_PROGRESS_EVENT_H

#include "cflyway/core/run.h"
#include "cflyway/migration/migration.h"

#include <stddef.h>

enum progress_stage {
	PROGRESS_STARTING,
	PROGRESS_MIGRATING,
	PROGRESS_COMPLETED,
	PROGRESS_SKIPPING, /* instead of all three */
};

/* Of one migrate; {0} to begin with. */
struct progress_events {
	size_t said, total;
	size_t expected; /* migrations that are part of the total and have not begun */
};

/* So many migrations are about to begin; those that are expected already count among them. */
void progress_events_expect(struct progress_events *progress, size_t n);

void progress_event_log(struct progress_events *progress, const struct run *run,
                        const struct migration *migration, enum progress_stage stage);

#endif
