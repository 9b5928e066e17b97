/* SPDX-License-Identifier: Apache-2.0 */
/*
 * options.h - the one list of parameters, declared in options.def
 */
#ifndef CFLYWAY_CONFIG_OPTIONS_H
#define CFLYWAY_CONFIG_OPTIONS_H

#include "cflyway/base/arena.h"
#include "cflyway/base/str.h"

#include <stdbool.h>
#include <stddef.h>

enum option_type {
	OPTION_STRING,
	OPTION_BOOL,
	OPTION_INT,
	OPTION_SIZE, /* bytes, or with a unit: 64MB */
	OPTION_LIST,
	OPTION_MAP, /* key.NAME=value */
};

/* What cflyway does with an option. */
enum option_status {
	OPTION_WORKS,
	OPTION_IGNORED, /* accepted; has no meaning or no effect here (help says why) */
	OPTION_LATER,   /* not built yet: refused before anything is touched, never ignored */
	OPTION_JAVA,    /* names Java classes, which cannot be run: refused unless empty */
	OPTION_PAID,    /* refused by Flyway's open-source edition with its licence text, exit 35 */
};

/*
 * Where an option may be given; elsewhere it is an unknown key. Legacy means that .conf files
 * decide, modern that they do not. Unsuggested ones do not belong to Flyway's own section, and
 * Flyway never proposes them for a misspelt key.
 */
enum option_place {
	OPTION_ANYWHERE,
	OPTION_UNSUGGESTED,
	OPTION_CONNECTION,   /* anywhere; in flyway.toml in an environment only */
	OPTION_COMMAND_LINE, /* only as -key=value (workingDirectory, outputFile, …) */
	OPTION_LEGACY,       /* only in legacy mode (resolvers) */
	OPTION_MODERN,       /* only in modern mode (environment, failOnMissingTarget) */
	OPTION_MODERN_UNSUGGESTED,
};

struct option_spec {
	const char *key;         /* "outOfOrder" */
	const char *environment; /* "FLYWAY_OUT_OF_ORDER"; NULL if there is none. Ours: CFLYWAY_ */
	const char *fallback;    /* the default as text, NULL if none */
	const char *help;        /* one sentence for help and the man page */
	enum option_type type;
	enum option_status status;
	enum option_place place;
};

extern const struct option_spec option_specs[];
extern const size_t option_count;

/* key without "flyway."; finds maps by their prefix ("placeholders.x"). NULL if unknown. */
const struct option_spec *option_find(const char *key);

/* May the option be given in this mode, elsewhere than as a mere command-line option? */
bool option_is_allowed(const struct option_spec *spec, bool legacy);

/* May the option be given in [environments.NAME.flyway], which overrides [flyway]? */
bool option_is_overridable(const struct option_spec *spec);

/*
 * What Flyway proposes for an unknown key, in its order. key comes without prefix, which is
 * "flyway." or "environments.NAME.flyway."; the proposals come with it.
 */
struct str_list option_suggest(struct arena *arena, const char *prefix, const char *key);

#endif
