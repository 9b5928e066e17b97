/* SPDX-License-Identifier: Apache-2.0 */
/* run_targets.c - runs the same commands on several databases */
#include "run_targets.h"

#include "check_targets.h"
#include "fleet.h"
#include "run_commands.h"
#include "signals.h"
#include "tenants_query.h"
#include "undo_turns.h"

#include "cflyway/config/environment_targets.h"
#include "cflyway/config/target_options.h"

static bool find_targets(struct arena *arena, const struct invocation *invocation,
                         const struct target_options *options, struct targets *targets,
                         struct error *err)
{
	if (options->file != NULL)
		return targets_read(arena, call_path(arena, invocation, options->file), targets,
		                    err);
	if (options->tenants_query != NULL)
		return tenants_query(arena, options->tenants_query, invocation, targets, err);
	return environment_targets(arena, &options->environments, invocation, &environment_process,
	                           targets, err);
}

/* Reads, chooses and checks the targets. Returns what each of them runs; NULL after an error. */
static const struct invocation *prepare(struct arena *arena, const struct invocation *invocation,
                                        const struct target_options *options,
                                        struct targets *targets, bool *prints_sql,
                                        struct error *err)
{
	const struct invocation *calls = NULL;

	if (!check_standard_input(arena, invocation, err) ||
	    !find_targets(arena, invocation, options, targets, err))
		return NULL;
	if (options->names.n > 0 && !targets_select(arena, &options->names, targets, err))
		return NULL;
	calls = make_calls(arena, targets, invocation, err);
	if (calls == NULL || !check_targets(arena, targets, calls, prints_sql, err))
		return NULL;
	if (undo_turns_wanted(invocation, targets) && !undo_turns_plan(arena, targets, &calls, err))
		return NULL;
	return calls;
}

/* Standard output holds one thing at a time. */
static bool check_output(const struct target_options *options, const struct output *output,
                         struct error *err)
{
	if (output->console.mode != CONSOLE_TEXT)
		return run_refuse_dry_json(err);
	return options->parallel == 1 ||
	       error_set(err, ERROR_CONFIGURATION,
	                 "dryRunOutput=- and parallel cannot be used together: give each target a "
	                 "file of its own");
}

static void say_nothing_to_do(const struct invocation *invocation, const struct targets *targets,
                              const struct output *output)
{
	if (invocation->takes_turns && targets->source != TARGETS_OF_QUERY)
		log_cflyway(&output->log, "no target has a migration to take back");
	else
		log_cflyway(&output->log, "%s has returned no row: there is nothing to do",
		            targets->path);
}

static int fail(struct arena *arena, const struct error *err, struct output *output)
{
	int status = output_failure(output, arena, NULL, err);

	return signals_caught() != 0 ? 128 + signals_caught() : status;
}

int run_targets(struct arena *arena, const struct invocation *invocation, struct output *output)
{
	struct error err = ERROR_INIT(arena);
	struct target_options options;
	struct targets targets;
	struct fleet fleet;
	bool prints_sql = false;

	if (!target_options_read(arena, invocation, &options, &err))
		return fail(arena, &err, output);
	const struct invocation *calls =
		prepare(arena, invocation, &options, &targets, &prints_sql, &err);
	if (calls == NULL || (prints_sql && !check_output(&options, output, &err)))
		return fail(arena, &err, output);
	if (prints_sql)
		console_yield_stdout(&output->console);
	run_begin(&invocation->verbs, output);
	if (targets.n == 0)
		say_nothing_to_do(invocation, &targets, output);
	/* Turns have an order that another target must not change. */
	const bool takes_turns = invocation->takes_turns;
	fleet_open(&fleet, arena, &targets, calls, takes_turns ? 1 : options.parallel,
	           options.continue_on_error && !takes_turns, output);
	return fleet_run(&fleet);
}
