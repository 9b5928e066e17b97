/* SPDX-License-Identifier: Apache-2.0 */
/* fleet_target.c - one target of a run on several: runs it, writes down how it ended */
#include "fleet_target.h"

#include "dry_run_place.h"
#include "run_commands.h"

#include "cflyway/base/terminal.h"
#include "cflyway/config/settings.h"

/* In front of the SQL of a target on standard output. A name may come from a query. */
static void print_sql_header(struct arena *arena, const char *name)
{
	char *shown = arena_strdup(arena, name);

	for (char *at = shown; *at != '\0'; at++)
		*at = (unsigned char)*at < ' ' ? '?' : *at;
	fputs("-- cflyway: target ", stdout);
	(void)!terminal_write(stdout, terminal_is(stdout), str_of(shown));
	fputs("\n\n", stdout);
}

int fleet_run_target(const struct fleet *fleet, size_t i, struct output *output)
{
	const struct invocation *call = &fleet->calls[i];
	struct arena arena = ARENA_EMPTY;
	struct error err = ERROR_INIT(&arena);
	struct settings settings;
	struct locations locations = {.arena = &arena, .settings = &settings};
	const char *name = fleet->targets->items[i].name;
	int status;

	if (settings_load(&arena, call, &environment_process, &output->log, &settings, &err) &&
	    (!run_needs_database(&call->verbs) ||
	     settings_read_password(&arena, &output->log, &settings, &err))) {
		settings.target_name = name;
		if (dry_run_is_stdout(settings.dry_run_output))
			print_sql_header(&arena, name);
		status = run_verbs(&call->verbs, &locations, name, output);
	} else {
		status = output_failure(output, &arena, NULL, &err);
	}
	arena_release(&arena);
	return status;
}

void fleet_end_target(struct fleet *fleet, size_t i, const struct target_outcome *outcome,
                      int status, struct str document)
{
	fleet->outcomes[i] = *outcome;
	fleet->statuses[i] = status;
	fleet->schedule.states[i] = outcome->state;
	output_target_end(&fleet->output->targets, i, outcome, document);
}

void fleet_leave_out(struct fleet *fleet, const struct target_next *next)
{
	const struct target *items = fleet->targets->items;
	bool is_skipped = next->move == MOVE_SKIP;
	const struct target_outcome outcome = {
		.name = items[next->i].name,
		.state = is_skipped ? TARGET_SKIPPED : TARGET_NOT_BEGUN,
		.because = is_skipped ? items[next->because].name : NULL,
	};

	fleet_end_target(fleet, next->i, &outcome, EXIT_SUCCESS, STR(""));
}
