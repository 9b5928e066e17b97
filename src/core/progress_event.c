/* SPDX-License-Identifier: Apache-2.0 */
/* progress_event.c - says how far migrate is, for a program that shows a progress */
#include "cflyway/core/progress_event.h"

static const struct {
	const char *before, *before_undo, *after;
} texts[] = {
	[PROGRESS_STARTING] = {"Starting migration of ", "Starting undo of ", " ..."},
	[PROGRESS_MIGRATING] = {"Migrating ", "Undoing ", ""},
	[PROGRESS_COMPLETED] = {"Successfully completed migration of ",
                                "Successfully completed undo of ", ""},
	[PROGRESS_SKIPPING] = {"Skipping migration of ", "Skipping undo of ", ""},
};

void progress_events_expect(struct progress_events *progress, size_t n)
{
	if (n <= progress->expected)
		return;
	progress->total += n - progress->expected;
	progress->expected = n;
}

void progress_event_log(struct progress_events *progress, const struct run *run,
                        const struct migration *migration, enum progress_stage stage)
{
	if (!run->settings->says_progress)
		return;
	if (progress->expected > 0 && (stage == PROGRESS_STARTING || stage == PROGRESS_SKIPPING))
		progress->expected--;

	const struct log_step step = {
		.message = arena_concat(
			run->arena, run->is_undo ? texts[stage].before_undo : texts[stage].before,
			migration->script, texts[stage].after),
		.operation = run->is_undo ? "undo" : "migrate",
		.number = ++progress->said,
		.total = progress->total,
	};

	log_step(run->log, &step);
	/* Measured: the total keeps ahead of what has been said. */
	if (progress->total <= progress->said)
		progress->total = progress->said + 1;
}
