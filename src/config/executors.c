/* SPDX-License-Identifier: Apache-2.0 */
/* executors.c - the programs that run scripts by their suffix: cflyway.executor.SUFFIX=… */
#include "cflyway/config/executors.h"

#include "cflyway/base/ascii.h"

static bool is_suffix(struct str text)
{
	for (size_t i = 0; i < text.len; i++)
		if (!ascii_is_letter(text.ptr[i]) && !ascii_is_digit(text.ptr[i]) &&
		    text.ptr[i] != '_' && text.ptr[i] != '-')
			return false;
	return text.len > 0;
}

static bool is_sql(const char *suffix, const struct str_list *sql_suffixes)
{
	for (size_t i = 0; i < sql_suffixes->n; i++)
		if (str_eq_nocase(str_of(suffix), str_of(sql_suffixes->items[i])))
			return true;
	return false;
}

/* Files are found in any letter case. */
static bool is_there(const struct executor_options *executors, const char *suffix)
{
	for (size_t i = 0; i < executors->n; i++)
		if (str_eq_nocase(str_of(executors->items[i].suffix), str_of(suffix)))
			return true;
	return false;
}

static const char *find_problem(struct arena *arena, const struct pair *pair,
                                const struct str_list *sql_suffixes,
                                const struct executor_options *others,
                                struct executor_option *executor)
{
	if (!is_suffix(str_of(pair->key)))
		return "a suffix has letters, digits, _ and - only, as in cflyway.executor.cql";
	if (is_sql(executor->suffix, sql_suffixes))
		return "scripts with this suffix are SQL (sqlMigrationSuffixes)";
	if (is_there(others, executor->suffix))
		return "the suffix is given in another letter case as well";
	return command_line_parse(arena, pair->value, &executor->line);
}

bool executor_options_parse(struct arena *arena, const struct pairs *pairs,
                            const struct str_list *sql_suffixes, struct executor_options *executors,
                            struct error *err)
{
	*executors = (struct executor_options){
		.items = arena_array(arena, pairs->n, sizeof(executors->items[0])),
	};
	for (size_t i = 0; i < pairs->n; i++) {
		const struct pair *pair = &pairs->items[i];
		struct executor_option *executor = &executors->items[executors->n];

		*executor = (struct executor_option){
			.suffix = arena_printf(arena, ".%s", pair->key),
			.key = arena_printf(arena, "cflyway.executor.%s", pair->key),
		};
		const char *problem = find_problem(arena, pair, sql_suffixes, executors, executor);
		if (problem != NULL)
			return error_set(err, ERROR_CONFIGURATION, "Invalid value for %s: %s",
			                 executor->key, problem);
		executors->n++;
	}
	return true;
}
