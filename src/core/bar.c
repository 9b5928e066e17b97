#include "cflyway/core/bar.h"

static const struct {
	const char *before, *behind;
} texts[] = {
	[BAR_STARTING] = {"Starting migration of ", " ..."},
	[BAR_MIGRATING] = {"Migrating ", ""},
	[BAR_COMPLETED] = {"Successfully completed migration of ", ""},
	[BAR_SKIPPING] = {"Skipping migration of ", ""},
};

void bar_add(struct bar *bar, size_t n)
{
	bar->total += n;
}

void bar_say(struct bar *bar, const struct run *run, const struct migration *migration,
             enum bar_stage stage)
{
	if (!run->settings->says_progress)
		return;

	const struct log_step step = {
		.message = arena_concat(run->arena, texts[stage].before, migration->script,
	                                texts[stage].behind),
		.operation = "migrate",
		.number = ++bar->said,
		.total = bar->total,
	};

	log_step(run->log, &step);
	/* Measured: the total keeps ahead of what has been said. */
	if (bar->total <= bar->said)
		bar->total = bar->said + 1;
}
