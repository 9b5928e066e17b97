/* SPDX-License-Identifier: Apache-2.0 */
/* fleet.c - one run on several targets: their order and its exit status */
#include "fleet.h"

#include "fleet_parallel.h"
#include "fleet_target.h"
#include "signals.h"

#include "cflyway/base/clock.h"

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
