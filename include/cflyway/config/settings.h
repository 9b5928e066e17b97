/* SPDX-License-Identifier: Apache-2.0 */
/*
 * settings.h - the configuration of a run, typed and checked
 *
 * One field per row of options.def, named after its key in snake case (outOfOrder: out_of_order).
 * Strings are NUL-terminated UTF-8 and live in the arena; a string without value is NULL, a list
 * without value is empty.
 */
#ifndef CFLYWAY_CONFIG_SETTINGS_H
#define CFLYWAY_CONFIG_SETTINGS_H

#include "cflyway/base/attr.h"
#include "cflyway/base/error.h"
#include "cflyway/base/log.h"
#include "cflyway/base/str.h"
#include "cflyway/config/args.h"
#include "cflyway/config/error_overrides.h"
#include "cflyway/config/executors.h"
#include "cflyway/config/options.h"
#include "cflyway/config/pairs.h"
#include "cflyway/config/properties.h"

#include <stdbool.h>

#define FIELD_STRING(name) const char *name;
#define FIELD_PATH(name) const char *name;
#define FIELD_BOOL(name) bool name;
#define FIELD_INT(name) int name;
#define FIELD_SIZE(name) size_t name;
#define FIELD_DURATION(name) int name; /* milliseconds */
#define FIELD_ENUM(name)                                                                           \
	enum name name;                                                                            \
	const char *name##_text; /* as given, for messages */
#define FIELD_LIST(name) struct str_list name;
#define FIELD_MAP(name) struct pairs name;

struct settings {
#define OPTION(type, field, ...) FIELD_##type(field)
#include "cflyway/config/options.def"
#undef OPTION
	bool legacy;               /* .conf files decide, see sources.h */
	bool locations_configured; /* false: locations is the default, which is empty */
	bool debug, quiet, migration_ids;
	struct error_overrides overrides;  /* of error_overrides */
	struct executor_options executors; /* of executor_lines */
	bool says_progress;                /* outputProgress with JSON output */
	const char *environment_name;      /* "default" */
	const char *target_name;           /* of several databases; NULL: there is one */
	bool picks_nothing;                /* cherryPick is given, and holds no item */
	const char *empty_option;          /* an OPTION_BINDING argument without value; or NULL */
	bool names_database;    /* a URL is configured, even an empty one, or an environment */
	const char *url_source; /* the variables that name the database otherwise; or NULL */
	const char *url_hint;   /* what is missing among them; or NULL */
	/* For messages: "-url", "FLYWAY_USER", "conf/flyway.conf:3"; NULL: unknown, or not set. */
	const char *url_origin, *user_origin, *password_origin;
};

/*
 * Reads all configuration of an invocation: files, FLYWAY_* variables, arguments, in Flyway's order
 * of precedence, and checks it. Warnings about files go to the log. Errors: Flyway's messages for
 * unknown keys and wrong values, with the exit status that Flyway gives.
 */
MUST_USE bool settings_load(struct arena *arena, const struct invocation *invocation,
                            const struct environment *environment, const struct log *log,
                            struct settings *settings, struct error *err);

/*
 * Takes the database from DATABASE_URL, or from DB_HOST and its like, if nothing else names one:
 * no URL is configured, not even an empty one, and no environment is chosen. Says in url_source
 * which of them, or in url_hint what is missing. Errors: those of connection_url_read.
 */
MUST_USE bool settings_take_variables(struct arena *arena, const struct environment *environment,
                                      struct settings *settings, struct error *err);

/*
 * Reads the password from the file of cflyway.passwordFile, if there is one; only commands that use
 * the database do, before they connect. A password in the URL wins. Errors: ERROR_CONFIGURATION if
 * another password is configured; those of password_file_read.
 */
MUST_USE bool settings_read_password(struct arena *arena, const struct log *log,
                                     struct settings *settings, struct error *err);

/*
 * Refuses placeholders that have the names of Flyway's own. Only commands that use the database
 * check this, before they connect. Measured with Flyway 12.4.0.
 */
MUST_USE bool settings_check_placeholders(struct arena *arena, const struct settings *settings,
                                          struct error *err);

/* Does the option have another value than its default? An empty string or list counts as unset. */
bool settings_has(const struct settings *settings, const struct option_spec *spec);

/* Facts that, besides the pairs, decide about unknown keys. */
struct settings_facts {
	bool legacy;
	bool ignores_unknown_keys;       /* the file also has keys of other programs */
	struct str_list unknown;         /* unknown keys found so far, without "flyway." */
	const char *missing_environment; /* NULL if the current one exists */
	struct str_list environments;    /* those that exist, if the current one does not */
};

/* Turns pairs into settings: the second half of settings_load. */
MUST_USE bool settings_from_facts(struct arena *arena, const struct pairs *pairs,
                                  const struct settings_facts *facts, const struct log *log,
                                  struct settings *settings, struct error *err);

/* Does the same when the mode is the only fact. */
MUST_USE bool settings_from_pairs(struct arena *arena, const struct pairs *pairs, bool legacy,
                                  const struct log *log, struct settings *settings,
                                  struct error *err);

/* Sets one option by its key without "flyway."; ignores unknown keys. */
MUST_USE bool settings_set(struct arena *arena, const char *key, const struct pair *pair,
                           struct settings *settings, struct error *err);

#endif
