/* SPDX-License-Identifier: Apache-2.0 */
/*
 * command.h - the commands, one file each in src/commands
 *
 * A new command needs its file and one line in commands.c. Help and the manual page are generated
 * from this table and from options.def.
 */
#ifndef CFLYWAY_COMMANDS_COMMAND_H
#define CFLYWAY_COMMANDS_COMMAND_H

#include "cflyway/base/attr.h"
#include "cflyway/config/options.h"
#include "cflyway/core/result.h"
#include "cflyway/core/run.h"

#include <stdbool.h>
#include <stddef.h>

enum command_flags {
	COMMAND_NEEDS_DB = 1 << 0,      /* connects and scans the locations before it runs */
	COMMAND_CONNECTS_ONLY = 1 << 1, /* with NEEDS_DB: begins no session */
	COMMAND_NO_BANNER = 1 << 2,
	COMMAND_MIGRATES = 1 << 3,       /* with NEEDS_DB: isolates migrations from callbacks */
	COMMAND_CALLBACKS_ONLY = 1 << 4, /* with NEEDS_DB: uses no migrations */
	COMMAND_UNDOES = 1 << 5,         /* with MIGRATES: its migrations are undo migrations */
	COMMAND_WRITES = 1 << 6,         /* changes the database, or files of the project */
	COMMAND_PICKS_ROWS = 1 << 7,     /* cherryPick names what is applied */
	COMMAND_TELLS_OUTCOME = 1 << 8,  /* a failure says what it has left in the database */
};

struct command {
	const char *name;
	const char *summary;     /* one line for the list of commands, without a full stop */
	const char *description; /* sentences for help and the manual page */
	unsigned options;        /* groups of options, in addition to those of every command */
	unsigned flags;          /* of command_flags */
	enum on_failure on_failure;
	const char *refused_as; /* NULL, or Flyway's name for a command that cflyway refuses */
	bool (*run)(struct run *run, struct result *out, struct error *err);
};

extern const struct command command_migrate, command_undo, command_info, command_validate,
	command_repair, command_baseline, command_clean, command_version, command_help,
	command_test_connection, command_list_engines, command_add, command_new, command_init,
	command_fresh, command_auth, command_adopt, command_import, command_explain;

/* The working commands, in the order of help. */
extern const struct command *const commands[];
extern const size_t command_count;

/* The commands that Flyway knows and cflyway refuses; they have no run function. */
extern const struct command commands_refused[];
extern const size_t commands_refused_count;

/* Searches both lists; NULL if the name is unknown. */
const struct command *command_find(const char *name);

/* Does the command use the option? */
bool command_takes(const struct command *command, const struct option_spec *option);

/*
 * Refuses a command that writes if an option is set that it cannot honour: what was asked for must
 * not be left out silently. Which options a command honours is the table of command_takes();
 * OPTION_BINDING names those that count here. Commands that only read pass, unless the option has
 * OPTION_BINDING_READERS.
 */
MUST_USE bool command_check_options(const struct command *command, const struct settings *settings,
                                    struct error *err);

/* Sets the error with which Flyway refuses the command: EXIT_REFUSED. Returns false. */
bool command_refuse(const struct command *command, struct error *err);

#endif
