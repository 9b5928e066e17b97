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

struct invocation {
	/* In order; "-v" and "--version" add "version" at the end. With help: options too. */
	struct str_list verbs;
	/*
	 * Keys without "-"; the first of two equal ones. "-type" beside add is "add.type", and the
	 * words after new are "add.description".
	 */
	struct pairs options;
	bool debug;          /* -X */
	bool quiet;          /* -q, wins over -X */
	bool help;           /* -?, -h, --help, or the verb help */
	const char *unknown; /* the refused word; NULL if there is none */
	bool migration_ids;  /* -migrationIds with the verb info */
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
 * is_verb checks the verbs (commands know their names). Errors: Flyway's messages for unknown flags
 * and verbs, "-url = x", wrong -outputType and -color. After an error, *invocation has everything
 * read before it (colour and output type decide how the error is shown).
 */
MUST_USE bool args_parse(struct arena *arena, int argc, char *const *argv,
                         bool (*is_verb)(const char *name), struct invocation *invocation,
                         struct error *err);

#endif
