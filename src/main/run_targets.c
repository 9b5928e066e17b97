/* SPDX-License-Identifier: Apache-2.0 */
/* run_targets.c - runs the same commands on several databases */
#include "run_targets.h"

#include "check_targets.h"
#include "fleet.h"
#include "run_commands.h"
#include "signals.h"
#include "tenants_query.h"

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
                                        struct targets *targets, struct error *err)
{
	const struct invocation *calls = NULL;

	if (!check_standard_input(arena, invocation, err) ||
	    !find_targets(arena, invocation, options, targets, err))
		return NULL;
	if (options->names.n > 0 && !targets_select(arena, &options->names, targets, err))
		return NULL;
	calls = make_calls(arena, targets, invocation, err);
	return calls != NULL && check_targets(arena, targets, calls, err) ? calls : NULL;
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

	if (!target_options_read(arena, invocation, &options, &err))
		return fail(arena, &err, output);
	const struct invocation *calls = prepare(arena, invocation, &options, &targets, &err);
	if (calls == NULL)
		return fail(arena, &err, output);
	run_begin(&invocation->verbs, output);
	if (targets.n == 0)
		log_cflyway(&output->log, "%s has returned no row: there is nothing to do",
		            targets.path);
	fleet_open(&fleet, arena, &targets, calls, options.parallel, options.continue_on_error,
	           output);
	return fleet_run(&fleet);
}
