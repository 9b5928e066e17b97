/* SPDX-License-Identifier: Apache-2.0 */
/*
 * command.h - the operations, one file each in src/commands
 *
 * To add one: its file, and one line in commands.c.
 */
#ifndef CFLYWAY_COMMANDS_COMMAND_H
#define CFLYWAY_COMMANDS_COMMAND_H

#include "cflyway/base/attr.h"
#include "cflyway/core/result.h"
#include "cflyway/core/run.h"

#include <stdbool.h>
#include <stddef.h>

enum command_flags {
	COMMAND_NEEDS_DB = 1 << 0,      /* connects and scans the locations before it runs */
	COMMAND_REFUSED = 1 << 1,       /* known to Flyway; says why it is not to be had */
	COMMAND_CONNECTS_ONLY = 1 << 2, /* with NEEDS_DB: there is no session */
	COMMAND_NO_BANNER = 1 << 3,
	COMMAND_MIGRATES = 1 << 4, /* with NEEDS_DB: what callbacks do must not reach migrations */
	/* with NEEDS_DB: to it, a schema that cannot be asked (SQLite) is a missing one */
	COMMAND_GOES_ON_BLIND = 1 << 5,
};

struct command {
	const char *name, *summary;
	unsigned flags;
	bool (*run)(struct run *run, struct result *out, struct error *err);
};

extern const struct command command_migrate, command_info, command_validate, command_repair,
	command_baseline, command_clean, command_version, command_help, command_test_connection,
	command_list_engines;

/* Those that work, in the order of help. */
extern const struct command *const commands[];
extern const size_t command_count;

/* Those that Flyway knows and cflyway refuses. */
extern const struct command commands_refused[];
extern const size_t commands_refused_count;

/* Among both; NULL if there is none of that name. */
const struct command *command_find(const char *name);

#endif
