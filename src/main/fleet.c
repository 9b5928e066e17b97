/* SPDX-License-Identifier: Apache-2.0 */
/* fleet.c - one run on several targets: what is planned, what runs, how it ended */
#include "fleet.h"

#include "dry_run_place.h"
#include "run_commands.h"
#include "signals.h"

#include "cflyway/base/clock.h"
#include "cflyway/base/terminal.h"
#include "cflyway/config/settings.h"

void fleet_open(struct fleet *fleet, struct arena *arena, const struct targets *targets,
                const struct invocation *calls, size_t limit, bool continue_on_error,
                struct output *output)
{
	*fleet = (struct fleet){
		.targets = targets,
		.calls = calls,
		.output = output,
		.outcomes = arena_array(arena, targets->n, sizeof(*fleet->outcomes)),
		.statuses = arena_array(arena, targets->n, sizeof(*fleet->statuses)),
	};
	target_schedule_open(&fleet->schedule, arena, targets, limit, continue_on_error);
}

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

static void run_here(struct fleet *fleet, size_t i)
{
	struct output *output = fleet->output;
	int64_t started_ms = clock_system.monotonic_ms(&clock_system);

	output_target(output, fleet->targets->items[i].name);
	int status = fleet_run_target(fleet, i, output);
	struct target_outcome outcome = output->targets.current;
	outcome.state = exit_code_is_failure(status) ? TARGET_FAILED : TARGET_SUCCEEDED;
	outcome.elapsed_ms = clock_system.monotonic_ms(&clock_system) - started_ms;
	fleet_end_target(fleet, i, &outcome, status, output_take_document(output));
}

static void run_in_turn(struct fleet *fleet)
{
	struct target_next next;

	do {
		fleet->schedule.is_stopped = signals_caught() != 0;
		next = target_schedule_next(&fleet->schedule);
		if (next.move == MOVE_BEGIN)
			run_here(fleet, next.i);
		else if (next.move != MOVE_END)
			fleet_leave_out(fleet, &next);
	} while (next.move != MOVE_END);
}

/* The first target that has failed counts, in their order; if none has, one that is pending. */
static int status_of(const struct fleet *fleet)
{
	int answer = EXIT_DONE;

	if (signals_caught() != 0)
		return 128 + signals_caught();
	for (size_t i = 0; i < fleet->targets->n; i++) {
		if (exit_code_is_failure(fleet->statuses[i]))
			return fleet->statuses[i];
		if (fleet->statuses[i] != EXIT_DONE)
			answer = fleet->statuses[i];
	}
	return answer;
}

int fleet_run(struct fleet *fleet)
{
	struct output *output = fleet->output;
	size_t n = fleet->targets->n;

	output_targets_begin(&output->targets, &output->console, &output->log, n);
	if (fleet->schedule.limit > 1 && n > 1)
		fleet_run_parallel(fleet);
	else
		run_in_turn(fleet);
	output_targets_end(&output->targets, fleet->outcomes, n);
	return status_of(fleet);
}
