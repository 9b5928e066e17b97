/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_connection.c - testConnection: checks that the database can be reached
 *
 * It checks nothing else but what it is: a server that every other command refuses is no success.
 */
#include "cflyway/commands/command.h"

static bool run_test_connection(struct run *run, struct result *out, struct error *err)
{
	if (!db_check_product(run->db, err))
		return false;
	out->kind = RESULT_TEST_CONNECTION;
	log_info(run->log, "Flyway engine connection successful");
	return true;
}

const struct command command_test_connection = {
	.name = "testConnection",
	.summary = "Connects to the database, and does nothing else",
	.description = "Connects to the database, says which one it is, and does nothing else.",
	.options = GROUP_CONNECTION,
	.flags = COMMAND_NEEDS_DB | COMMAND_CONNECTS_ONLY,
	.run = run_test_connection,
};
