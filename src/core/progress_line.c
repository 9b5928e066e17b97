/* SPDX-License-Identifier: Apache-2.0 */
/* progress_line.c - the line that people see while a script takes long */
#include "progress_line.h"

#include "cflyway/base/buf.h"

#include <inttypes.h>

enum { FIRST_MS = 1000, EVERY_MS = 200, MAX_LINE = 4096 };

void progress_line_begin(struct progress_line *progress, const struct run *run,
                         const struct migration *migration, const struct script_traits *traits,
                         const struct splitter *splitter)
{
	*progress = (struct progress_line){0};
	if (run->log->progress == NULL)
		return;
	*progress = (struct progress_line){
		.run = run,
		.name = migration->file_name,
		.splitter = splitter,
		.statements = traits->statements,
		.size_bytes = traits->size_bytes,
		.started_ms = run->clock->monotonic_ms(run->clock),
	};
	progress->next_ms = progress->started_ms + FIRST_MS;
}

static double megabytes(size_t bytes)
{
	return (double)bytes / (1 << 20);
}

/* Of the statements that are on their way the first counts: it is the one that is waited for. */
static void show(struct progress_line *progress, int64_t elapsed_ms)
{
	struct buf line = BUF_EMPTY(MAX_LINE);
	size_t number = progress->completed + 1;
	int64_t seconds = elapsed_ms / 1000;

	if (number > progress->statements)
		number = progress->statements;
	buf_printf(&line, "%s: statement %zu of %zu, %.1f of %.1f MB, %02" PRId64 ":%02" PRId64,
	           progress->name, number, progress->statements,
	           megabytes(split_position(progress->splitter)), megabytes(progress->size_bytes),
	           seconds / 60, seconds % 60);
	log_progress(progress->run->log, buf_str(&line));
	buf_release(&line);
	progress->is_shown = true;
}

void progress_line_tick(struct progress_line *progress)
{
	if (progress->run == NULL)
		return;
	int64_t now_ms = progress->run->clock->monotonic_ms(progress->run->clock);
	if (now_ms < progress->next_ms)
		return;
	progress->next_ms = now_ms + EVERY_MS;
	show(progress, now_ms - progress->started_ms);
}

void progress_line_end(struct progress_line *progress)
{
	if (progress->is_shown)
		log_progress(progress->run->log, STR(""));
	progress->run = NULL;
	progress->is_shown = false;
}
