/* SPDX-License-Identifier: Apache-2.0 */
/* info.c - shows what has been applied and what is pending */
#include "cflyway/base/about.h"
#include "cflyway/base/nearest.h"
#include "cflyway/commands/command.h"
#include "cflyway/core/callbacks.h"
#include "cflyway/core/info_make.h"
#include "cflyway/core/info_picks.h"
#include "cflyway/core/resolve.h"
#include "cflyway/core/schemas.h"
#include "cflyway/core/session.h"

#include <ctype.h>
#include <time.h>

enum { FIRST_YEAR = 1900, LAST_YEAR = 9999, DATE_NUMBER_MAX = 10000000 };

/* The -info… options; an unset bound excludes nothing. */
struct filters {
	const char *since_date, *until_date; /* "2026-11-21 14:38", comparable with installed_on */
	bool has_since_version, has_until_version;
	struct version since_version, until_version;
	bool has_states;
	bool states[STATE_COUNT];
};

/* --- reading the filters ------------------------------------------------------------------- */

/* Reads blanks, a sign and digits. Numbers are capped: a huge year is in the far future anyway. */
static bool take_number(const char **text, int *number)
{
	const char *digit = *text + strspn(*text, " \t");
	bool negative = *digit == '-';

	digit += negative;
	if (!isdigit((unsigned char)*digit))
		return false;
	for (*number = 0; isdigit((unsigned char)*digit); digit++)
		if (*number < DATE_NUMBER_MAX)
			*number = *number * 10 + (*digit - '0');
	if (negative)
		*number = -*number;
	*text = digit;
	return true;
}

/*
 * Turns dd/MM/yyyy HH:mm into yyyy-MM-dd HH:mm, the form in which databases print times. It reads
 * dates as Java does: digits may be missing, 31 February is in March, and trailing text is ignored.
 */
static bool parse_date(struct arena *arena, const char *option, const char *text, const char **date,
                       struct error *err)
{
	static const char separators[] = "// :";
	int numbers[COUNT(separators)] = {0};
	const char *rest = text;
	bool ok = true;

	*date = NULL;
	if (text == NULL)
		return true;
	for (size_t i = 0; i < COUNT(numbers) && ok; i++) {
		ok = take_number(&rest, &numbers[i]);
		if (ok && separators[i] != '\0')
			ok = *rest++ == separators[i];
	}
	if (!ok)
		return error_set(
			err, ERROR_GENERAL,
			"'%s' is an invalid value for the %s option. The expected format is "
			"'dd/mm/yyyy hh:mm', like '13/10/2020 16:30'. See the Flyway "
			"documentation for help: " FLYWAY_LINK "reference/usage/command-line",
			text, option);
	struct tm local = {
		.tm_mday = numbers[0],
		.tm_mon = numbers[1] - 1,
		.tm_year = numbers[2] - FIRST_YEAR,
		.tm_hour = numbers[3],
		.tm_min = numbers[4],
		.tm_isdst = -1,
	};
	mktime(&local);
	int year = local.tm_year + FIRST_YEAR;
	*date = year > LAST_YEAR ? "9999-12-31 23:59"
	                         : arena_printf(arena, "%04d-%02d-%02d %02d:%02d",
	                                        year < 0 ? 0 : year, local.tm_mon + 1,
	                                        local.tm_mday, local.tm_hour, local.tm_min);
	return true;
}

static bool parse_version(struct arena *arena, const char *text, bool *has, struct version *version,
                          struct error *err)
{
	*has = text != NULL;
	return text == NULL || version_parse(arena, text, version, err);
}

static bool fail_state(struct arena *arena, struct str name, struct error *err)
{
	struct nearest nearest;

	error_set(err, ERROR_FAULT,
	          "java.lang.IllegalArgumentException: No enum constant "
	          "org.flywaydb.core.api.MigrationState.%s",
	          str_upper(arena, name));
	nearest_init(&nearest, name);
	for (int i = 0; i < STATE_COUNT; i++) {
		const struct state_spec *spec = state_spec((enum migration_state)i);

		/* The word in the table is not always that of the option: "Missing". */
		nearest_consider(&nearest, str_of(spec->name), spec->name);
		nearest_consider(&nearest, str_of(spec->title), spec->name);
	}
	nearest_note(&nearest, err);
	return false;
}

static bool parse_states(struct arena *arena, const struct str_list *names, struct filters *filters,
                         struct error *err)
{
	filters->has_states = names->n > 0;
	for (size_t i = 0; i < names->n; i++) {
		enum migration_state state;
		struct str name = str_trim(str_of(names->items[i]));

		if (!state_parse(str_dup(arena, name), &state))
			return fail_state(arena, name, err);
		filters->states[state] = true;
	}
	return true;
}

static bool parse_filters(const struct run *run, struct filters *filters, struct error *err)
{
	const struct settings *settings = run->settings;
	struct arena *arena = run->arena;

	*filters = (struct filters){0};
	return parse_date(arena, "infoSinceDate", settings->info_since_date, &filters->since_date,
	                  err) &&
	       parse_date(arena, "infoUntilDate", settings->info_until_date, &filters->until_date,
	                  err) &&
	       parse_version(arena, settings->info_since_version, &filters->has_since_version,
	                     &filters->since_version, err) &&
	       parse_version(arena, settings->info_until_version, &filters->has_until_version,
	                     &filters->until_version, err) &&
	       parse_states(arena, &settings->info_of_state, filters, err);
}

/* --- applying them ------------------------------------------------------------------------- */

/* Is the stored time later than a date without seconds? "14:38:00" is not later than "14:38". */
static bool is_after(const char *installed_on, const char *date)
{
	int order = strncmp(installed_on, date, strlen(date));
	const char *rest = installed_on + (strlen(installed_on) > 16 ? 16 : strlen(installed_on));

	return order > 0 || (order == 0 && strpbrk(rest, "123456789") != NULL);
}

static bool passes(const struct filters *filters, const struct info_entry *entry)
{
	const struct version *version = info_entry_version(entry);
	const char *installed_on = entry->row != NULL ? entry->row->installed_on : NULL;

	if (entry->state == STATE_AVAILABLE)
		return true;
	if (filters->since_date != NULL && installed_on != NULL &&
	    !is_after(installed_on, filters->since_date))
		return false;
	if (filters->until_date != NULL &&
	    (installed_on == NULL || strncmp(installed_on, filters->until_date, 16) >= 0))
		return false;
	if (filters->has_since_version && version_is_set(version) &&
	    version_compare(version, &filters->since_version) < 0)
		return false;
	if (filters->has_until_version &&
	    (!version_is_set(version) || version_compare(version, &filters->until_version) > 0))
		return false;
	return !filters->has_states || filters->states[entry->state];
}

/* Measured: an undo row that a filter hides makes nothing undoable. */
static const struct info_entry *without_hidden_undo(const struct run *run, const struct info *info,
                                                    const struct filters *filters,
                                                    const struct info_entry *entry)
{
	struct info_entry *copy;

	if (entry->undo_row == NULL || entry->undo_file != NULL)
		return entry;
	for (size_t i = 0; i < info->n; i++)
		if (info->entries[i].row == entry->undo_row && passes(filters, &info->entries[i]))
			return entry;
	copy = arena_alloc(run->arena, sizeof(*copy));
	*copy = *entry;
	copy->undo_row = NULL;
	return copy;
}

/* Undo migrations without a row are shown only in the column Undoable of their migrations. */
static void select_entries(const struct run *run, const struct info *info,
                           const struct filters *filters, struct info_result *out)
{
	out->entries = arena_array(run->arena, info->n, sizeof(*out->entries));
	out->lines = arena_array(run->arena, info->n, sizeof(*out->lines));
	out->nothing_on_disk = true;
	out->locations = run->locations;
	const struct info_entry *current = info_current(info);
	for (size_t i = 0; i < info->n; i++) {
		const struct info_entry *entry = &info->entries[i];

		if (!passes(filters, entry))
			continue;
		if (entry->file != NULL)
			out->nothing_on_disk = false;
		if (entry->state == STATE_AVAILABLE ||
		    (run->settings->info_current && entry != current))
			continue;
		entry = without_hidden_undo(run, info, filters, entry);
		out->entries[out->n++] = entry;
		if (!info_entry_is_undo(entry))
			out->lines[out->lines_n++] = entry;
	}
}

static void say_schema_version(const struct run *run, const struct info *info,
                               struct info_result *out)
{
	const struct info_entry *current = info_current(info);

	if (current != NULL && version_is_set(&current->row->version))
		out->schema_version = current->row->version.text;
	log_info(run->log, "Schema version: %s",
	         current != NULL ? current->row->version.text : version_empty().text);
	log_info(run->log, "%s", "");
}

/*
 * The schemas before the callbacks that follow info. The text output does not show this: only JSON
 * and reports justify another query.
 */
static bool describe_schemas(const struct run *run, struct info_result *out, struct error *err)
{
	const char *non_empty = "";

	if (run->settings->output_type == OUTPUT_TEXT && !run->settings->report_enabled)
		return true;
	if (!schemas_find_non_empty(run, &non_empty, err))
		return false;
	out->all_schemas_empty = non_empty[0] == '\0';
	out->schema_name = result_schema_name(run);
	return true;
}

/* Counts what migrate would apply, whatever the filters show. */
static bool count_pending(const struct run *run, const struct migration_list *migrations,
                          const struct info_options *options, struct history_rows rows, size_t *n,
                          struct error *err)
{
	struct info info;

	if (!run->settings->info_exit_code)
		return true;
	if (!schemas_foresee_baseline(run, &rows, err) ||
	    !info_make(run->arena, migrations, &rows, options, &info, err))
		return false;
	*n = info_count_pending(&info);
	return true;
}

static bool read_info(struct run *run, struct info *info, size_t *pending, struct error *err)
{
	struct info_options options = info_options_from(run->arena, run->settings);
	struct migration_list migrations;
	struct applied applied;

	return info_check_target(run->arena, options.target, err) &&
	       resolve_session(run, &migrations, err) &&
	       applied_read(run, run->session->about.history_exists, &applied, err) &&
	       info_check_picks(&options, &migrations, &applied.rows, err) &&
	       info_make(run->arena, &migrations, &applied.rows, &options, info, err) &&
	       count_pending(run, &migrations, &options, applied.rows, pending, err);
}

static bool run_info(struct run *run, struct result *out, struct error *err)
{
	struct filters filters;
	struct info info;

	if (!callbacks_run(run, EVENT_BEFORE_INFO, err))
		return false;
	if (!read_info(run, &info, &out->info.pending, err) ||
	    !describe_schemas(run, &out->info, err))
		return callbacks_after_failure(run, EVENT_AFTER_INFO_ERROR, err);
	if (!callbacks_run(run, EVENT_AFTER_INFO, err) ||
	    !callbacks_run(run, EVENT_AFTER_INFO_OPERATION_FINISH, err))
		return false;
	say_schema_version(run, &info, &out->info);
	if (!parse_filters(run, &filters, err))
		return false;
	select_entries(run, &info, &filters, &out->info);
	out->kind = RESULT_INFO;
	out->info.database = run->session->about.database;
	out->info.timestamp = run->clock->now(run->clock);
	out->exit_code = out->info.pending > 0 ? EXIT_PENDING : EXIT_DONE;
	out->info.ids_only = run->settings->migration_ids;
	return true;
}

const struct command command_info = {
	.name = "info",
	.summary = "Prints the information about applied, current and pending migrations",
	.description =
		"Prints every migration with its state: applied, pending, missing, failed and so "
		"on. Changes nothing. With the flag -migrationIds only versions, separated by "
		"commas.",
	.options = GROUP_SCHEMAS | GROUP_LOCATIONS | GROUP_SCRIPTS | GROUP_NAMES | GROUP_PLAN |
                   GROUP_INFO | GROUP_REPORT | GROUP_PICK,
	.flags = COMMAND_NEEDS_DB,
	.run = run_info,
};
