/* SPDX-License-Identifier: Apache-2.0 */
/* auth.c - lets the login step of a pipeline pass: no licence is needed */
#include "cflyway/commands/command.h"

static bool run_auth(struct run *run, struct result *out, struct error *err)
{
	(void)err;
	out->kind = RESULT_AUTH;
	log_info(run->log, "No licence is needed.");
	return true;
}

const struct command command_auth = {
	.name = "auth",
	.summary = "Does nothing: no licence is needed",
	.description = "Succeeds, so that a pipeline that logs in to other editions of Flyway can "
		       "stay as it is. Takes -IAgreeToTheEula, -logout, -startTeamsTrial and "
		       "-startEnterpriseTrial.",
	.flags = COMMAND_NO_BANNER,
	.run = run_auth,
};
