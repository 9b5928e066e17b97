/* SPDX-License-Identifier: Apache-2.0 */
/* result.c - what commands have in common when they fill their results */
#include "cflyway/core/result.h"

#include <stdarg.h>

const char *result_schema_name(const struct run *run)
{
	return str_list_join(run->arena, &run->settings->schemas, ", ");
}

void result_warn(const struct run *run, struct str_list *warnings, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	const char *text = arena_vprintf(run->arena, format, args);
	va_end(args);
	log_text(run->log, LOG_LEVEL_WARN, str_of(text));
	str_list_add(run->arena, warnings, text);
}

const char *result_category(enum migration_type type, bool is_versioned)
{
	if (migration_type_is_synthetic(type))
		return "";
	if (!is_versioned)
		return "Repeatable";
	if (migration_type_is_undo(type))
		return "Undo";
	return migration_type_is_baseline(type) ? "Baseline" : "Versioned";
}
