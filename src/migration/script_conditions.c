/* SPDX-License-Identifier: Apache-2.0 */
/* script_conditions.c - decides which scripts shouldExecute leaves out */
#include "cflyway/migration/script_conditions.h"

#include "migration_file.h"

#include "cflyway/migration/should_execute.h"

/* Sets *text to the expression with its placeholders replaced. */
static bool replace(struct arena *arena, const struct resolve_options *options,
                    const struct migration_file *file, const char **text, struct error *err)
{
	struct text_memory memory;
	struct placeholder_source filter;
	struct buf replaced = BUF_EMPTY(SIZE_MAX / 4);
	struct str piece;
	bool ok;

	text_memory_init(&memory, str_of(file->config->should_execute), 0);
	placeholder_source_open(&filter, &memory.source, options->placeholders,
	                        file->parts.placeholder);
	do {
		ok = filter.source.next(&filter.source, &piece, err) &&
		     buf_append(&replaced, piece.ptr, piece.len);
	} while (ok && piece.len > 0);
	*text = str_dup(arena, buf_str(&replaced));
	placeholder_source_close(&filter);
	buf_release(&replaced);
	return ok;
}

static bool evaluate(struct arena *arena, const struct resolve_options *options,
                     const struct log *log, struct migration_file *file, struct error *err)
{
	const char *text = file->config->should_execute;
	struct should_execute result;

	if ((options->placeholder_replacement && !replace(arena, options, file, &text, err)) ||
	    !should_execute_evaluate(text, &result, err)) {
		error_note(err, "shouldExecute in %s.conf", file->file->path);
		return false;
	}
	file->is_switched_off = !result.value;
	if (result.depends_on_order)
		log_warn(log,
		         "shouldExecute in %s.conf takes || and && from the left, one as strong as "
		         "the other. Use parentheses to say what is meant: %s",
		         file->file->path, file->config->should_execute);
	return true;
}

bool script_conditions_evaluate(struct arena *arena, const struct resolve_options *options,
                                const struct log *log, struct migration_files *files,
                                struct error *err)
{
	for (size_t i = 0; i < files->n; i++)
		if (files->items[i].config->should_execute != NULL &&
		    !evaluate(arena, options, log, &files->items[i], err))
			return false;
	return true;
}
