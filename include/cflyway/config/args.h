/* SPDX-License-Identifier: Apache-2.0 */
/*
 * args.h - parse the command line: verbs, -key=value, flags
 */
#ifndef CFLYWAY_CONFIG_ARGS_H
#define CFLYWAY_CONFIG_ARGS_H

#include "cflyway/base/arena.h"
#include "cflyway/base/attr.h"
#include "cflyway/base/error.h"
#include "cflyway/base/str.h"
#include "cflyway/config/options.h"
#include "cflyway/config/pairs.h"

#include <stdbool.h>
#include <stddef.h>

/* What the words after a verb mean. */
struct operand {
	const char *name;    /* for help: "N" */
	const char *meaning; /* for help and errors: "a number of migrations, from 1 to 9999" */
	/* NULL, or the option that has all words up to the next option as its value */
	const char *words_of;
	/*
	 * NULL, or what a single word means: sets the option and its value, both in the arena or
	 * static. False: the word is no operand.
	 */
	bool (*read)(struct arena *arena, const char *word, const char **option,
	             const char **value);
};

enum { VERB_COMMANDS_MAX = 3 };

/* A word that says what to do: the name of a command, or one that stands for commands. */
struct verb {
	const char *name;
	const char *commands[VERB_COMMANDS_MAX + 1]; /* to run, in order; NULL ends the list */
	const struct operand *operand;               /* NULL: none */
	const char *option, *value;                  /* an argument that it implies, or NULL */
	/* NULL, or what it implies where the configuration says nothing */
	const char *default_option, *default_value;
	bool takes_turns; /* over several targets it takes back the last of all together */
	const char *help; /* one sentence without a full stop; NULL for the name of a command */
};

/* Finds the verb of a name. Returns false if there is none; *verb is unset then. */
typedef bool verb_find_fn(const char *name, struct verb *verb);

struct invocation {
	/*
	 * Commands in order, those for which a verb stands; "-v" and "--version" add "version" at
	 * the end. With help: verbs and options as they were given.
	 */
	struct str_list verbs;
	struct pairs defaults; /* options that count where the configuration has none */
	/*
	 * Keys without "-"; the first of two equal ones. "-type" beside add is "add.type". Operands
	 * are options here: the words after new are "add.description".
	 */
	struct pairs options;
	bool debug;          /* -X */
	bool quiet;          /* -q, wins over -X */
	bool help;           /* -?, -h, --help, or the verb help */
	const char *unknown; /* the refused word; NULL if there is none */
	bool migration_ids;  /* -migrationIds with the verb info */
	bool takes_turns;    /* of a verb */
	bool dry_run;        /* -dryRun, which is "repair.dryRun=true" in options as well */
	bool exit_code;      /* -exitCode, which is "info.exitCode=true" in options as well */
	bool write;          /* -write, which is "adopt.write=true" in options as well */
	/* The few options that matter before any configuration is read. */
	enum color color;
	enum output_type output_type;
	bool logs_in_json;       /* -outputLogsInJson=true; matters with JSON only */
	const char *output_file; /* NULL or a path */
	/*
	 * A key given twice is an error after configuration files have been found; only the first
	 * such key is kept here. Command-line-only keys (configFiles, outputFile, …) may be
	 * repeated.
	 */
	const char *repeated_key; /* NULL if there is none */
	const char *repeated_value;
};

/*
 * find knows the verbs (commands/aliases.h). Errors: Flyway's messages for unknown flags and verbs,
 * "-url = x", wrong -outputType and -color; an operand beside the option that it means. After an
 * error, *invocation has everything read before it (colour and output type decide how the error is
 * shown).
 *
 * DIFFERS: "--key=value" is "-key=value" if there is such an option, "--dry-run" is
 * "-dryRunOutput=-"; Flyway knows neither.
 */
MUST_USE bool args_parse(struct arena *arena, int argc, char *const *argv, verb_find_fn *find,
                         struct invocation *invocation, struct error *err);

#endif
