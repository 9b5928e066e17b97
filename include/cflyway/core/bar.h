/*
 * bar.h - says how far migrate is, for a program that shows a bar (outputProgress)
 *
 * Measured with Flyway 12.4.0: three lines for each migration, numbered through; the total is what
 * is known so far, and grows with every migration or group that begins.
 */
#ifndef CFLYWAY_CORE_BAR_H
#define CFLYWAY_CORE_BAR_H

#include "cflyway/core/run.h"
#include "cflyway/migration/migration.h"

#include <stddef.h>

enum bar_stage {
	BAR_STARTING,
	BAR_MIGRATING,
	BAR_COMPLETED,
	BAR_SKIPPING, /* instead of all three */
};

/* Of one migrate; {0} to begin with. */
struct bar {
	size_t said, total;
};

/* So many migrations are about to begin. */
void bar_add(struct bar *bar, size_t n);

void bar_say(struct bar *bar, const struct run *run, const struct migration *migration,
             enum bar_stage stage);

#endif
