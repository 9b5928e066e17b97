/* SPDX-License-Identifier: Apache-2.0 */
/* standby.c - a standby can only be read */
#include "cflyway/core/standby.h"

/*
 * DIFFERS: Flyway begins, and runs what needs no server, such as programs, although the row cannot
 * be written; it tries for nine seconds to create a history table.
 */
bool standby_check(const struct run *run, struct error *err)
{
	if (!run->db->is_standby || run->db->dry_run != NULL || run->trial != NULL)
		return true;
	return error_set(err, ERROR_GENERAL,
	                 "The server is a standby, which can only be read and may be late: nothing "
	                 "has been changed. Connect to its primary (of several hosts in the URL, "
	                 "targetServerType=primary finds it)");
}
