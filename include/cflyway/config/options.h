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
	OPTION_PATH, /* a string that names a file or directory */
	OPTION_BOOL,
	OPTION_INT,
	OPTION_SIZE,     /* bytes, or a number with a unit: 64MB */
	OPTION_DURATION, /* milliseconds, from a number with a unit: 5s; or one of the choices */
	OPTION_ENUM,     /* one of a few words: an enum named after the field */
	OPTION_LIST,
	OPTION_MAP, /* key.NAME=value */
};

/* How cflyway treats an option. */
enum option_status {
	OPTION_WORKS,
	OPTION_IGNORED, /* accepted without effect (help says why) */
	OPTION_JAVA,    /* names Java classes, which cannot run: refused unless empty */
	OPTION_PAID,    /* refused by Flyway's open-source edition, exit 35 */
};

/*
 * Where an option may be given; elsewhere it is an unknown key. In legacy mode .conf files decide,
 * in modern mode they do not. Unsuggested options do not belong to Flyway's own section, and Flyway
 * never proposes them for a misspelt key.
 */
enum option_place {
	OPTION_ANYWHERE,
	OPTION_UNSUGGESTED,
	OPTION_CONNECTION,   /* anywhere; in flyway.toml only in an environment */
	OPTION_COMMAND_LINE, /* only as -key=value (workingDirectory, outputFile, …) */
	OPTION_LEGACY,       /* only in legacy mode (resolvers) */
	OPTION_MODERN,       /* only in modern mode (environment, failOnMissingTarget) */
};

/* The subjects of options, in the order of help. A command takes whole groups of options. */
enum option_group {
	GROUP_RUN = 1 << 0,        /* every command: configuration and output */
	GROUP_CONNECTION = 1 << 1, /* every command that connects */
	GROUP_CLEAN = 1 << 2,
	GROUP_INFO = 1 << 3,      /* which migrations info shows */
	GROUP_PLAN = 1 << 4,      /* which migrations count */
	GROUP_EXECUTION = 1 << 5, /* how migrations are run */
	GROUP_CHECKS = 1 << 6,    /* how validation works */
	GROUP_SCRIPTS = 1 << 7,   /* how migrations and callbacks are read */
	GROUP_NAMES = 1 << 8,     /* file names of migrations */
	GROUP_HISTORY = 1 << 9,   /* how the history table is made, locked and written */
	GROUP_SCHEMAS = 1 << 10,  /* the managed schemas, and the history table in one of them */
	GROUP_REPORT = 1 << 11,
	GROUP_UNDO = 1 << 12,      /* what undo takes back, and what it writes */
	GROUP_PICK = 1 << 13,      /* which migrations are picked, and in which order they run */
	GROUP_DRY_RUN = 1 << 14,   /* what would be done, and is not */
	GROUP_LOCATIONS = 1 << 15, /* where migrations and callbacks are looked for */
	GROUP_ADD = 1 << 16,       /* the file that add makes */
	GROUP_TRIAL = 1 << 17,     /* what is done, and rolled back */
	GROUP_INIT = 1 << 18,      /* the project that init begins */
	GROUP_ADOPT = 1 << 19,     /* the history that adopt takes over */
	GROUP_IMPORT = 1 << 20,    /* the scripts that import makes */
	GROUP_FRESH = 1 << 21,     /* what fresh may drop */
	GROUP_EXPLAIN = 1 << 22,   /* what explain explains */
	GROUP_REPAIR = 1 << 23,    /* what repair would change */
	GROUP_END = 1 << 24,
};

enum option_flags {
	OPTION_ANY_CASE = 1 << 0,  /* a choice may be written in any letter case */
	OPTION_STRICT = 1 << 1,    /* a word outside the choices is an error at once */
	OPTION_NOT_EMPTY = 1 << 2, /* the legacy manager refuses an empty value */
	OPTION_OF_RUN = 1 << 3,    /* belongs to the run: no environment can override it */
	/* accepted in files as well, but has an effect only as an argument */
	OPTION_AS_ARGUMENT = 1 << 4,
	/* a command that writes and does not take it refuses to run: command_check_options() */
	OPTION_BINDING = 1 << 5,
	/* the free edition of Flyway does not know it, and never proposes it */
	OPTION_OF_EDITIONS = 1 << 7,
	/* and so does one that only reads */
	OPTION_BINDING_READERS = 1 << 6,
	/* says on which databases a run works, and how: a single target does not see it */
	OPTION_OF_TARGETS = 1 << 8,
	/* as an argument also without "cflyway." */
	OPTION_SHORT = 1 << 9,
	/* each item of the list names a file */
	OPTION_OF_FILES = 1 << 10,
	/* its short form beside the verb means true without a value: -exitCode */
	OPTION_ALONE = 1 << 11,
	/* the value, or each item of the list, is a location: filesystem:FOLDER */
	OPTION_OF_LOCATIONS = 1 << 12,
};

/* A word and its enumerator. */
struct option_choice {
	const char *text; /* NULL ends the list */
	int value;
};

struct option_spec {
	const char *key;      /* "outOfOrder" */
	const char *variable; /* NULL: the usual name, see option_variable() */
	const char *fallback; /* the default as a string, NULL if none */
	const char *help;     /* one sentence for help and the manual page, without a full stop */
	/* The words for an ENUM, those with a meaning in a LIST or DURATION; otherwise NULL. */
	const struct option_choice *choices;
	int other;             /* the enumerator for all other words, unless OPTION_STRICT */
	int minimum;           /* of an INT with too_small */
	const char *too_small; /* the legacy manager's message about less, or NULL */
	enum option_type type;
	enum option_status status;
	enum option_place place;
	unsigned group; /* an option_group; 0 if the option has no effect */
	unsigned flags; /* of option_flags */
};

/* For rows of options.def: no variable sets the option. */
#define NO_VARIABLE ""

/* The values of the ENUM options; the words are in options.c. */
enum output_type {
	OUTPUT_TEXT,
	OUTPUT_JSON,
};

enum color {
	COLOR_AUTO,
	COLOR_ALWAYS,
	COLOR_NEVER,
};

enum provision_mode {
	PROVISION_MODE_PROVISION,
	PROVISION_MODE_REPROVISION,
	PROVISION_MODE_SKIP,
	PROVISION_MODE_UNKNOWN,
};

enum powershell_executable {
	POWERSHELL_PWSH,
	POWERSHELL_POWERSHELL,
	POWERSHELL_UNKNOWN,
};

/* A DURATION that is not a time. */
enum {
	DURATION_OF_SERVER = -1, /* what the server or the role says; nothing is sent */
};

enum durability {
	DURABILITY_MIGRATION,
	DURABILITY_RUN,
};

enum pooler {
	POOLER_AUTO,
	POOLER_SESSION,
	POOLER_TRANSACTION,
};

enum undo_history {
	UNDO_HISTORY_MARKER,
	UNDO_HISTORY_UNDO,
	UNDO_HISTORY_DELETE,
};

/* How the files of a project are named: migration/layout.h has the table. */
#define LAYOUT_KINDS(X)                                                                            \
	X(FLYWAY, "flyway")                                                                        \
	X(NUMBERED, "numbered")                                                                    \
	X(UPDOWN, "updown")                                                                        \
	X(GOOSE, "goose")                                                                          \
	X(DBMATE, "dbmate")                                                                        \
	X(TERN, "tern")                                                                            \
	X(AUTO, "auto")

enum layout_kind {
#define LAYOUT_KIND_ENUM(name, word) LAYOUT_##name,
	LAYOUT_KINDS(LAYOUT_KIND_ENUM)
#undef LAYOUT_KIND_ENUM
		LAYOUT_KIND_COUNT,
};

/* Which scripts with data run after the migrations; each mode has those of the one before. */
enum seeds {
	SEEDS_NONE,
	SEEDS_REFERENCE,
	SEEDS_SAMPLE,
	SEEDS_FULL,
};

/* What a file is that has changed since it was applied. */
enum on_changed_file {
	ON_CHANGED_FILE_ERROR,
	ON_CHANGED_FILE_WARN,
};

enum add_type {
	ADD_TYPE_VERSIONED,
	ADD_TYPE_BASELINE,
	ADD_TYPE_UNDO,
	ADD_TYPE_REPEATABLE,
};

enum add_timestamp {
	ADD_TIMESTAMP_ALWAYS,
	ADD_TIMESTAMP_AUTO,
	ADD_TIMESTAMP_NEVER,
};

enum dry_run_kind {
	DRY_RUN_NONE,
	DRY_RUN_EXECUTE,
};

enum init_database_type {
	INIT_DATABASE_TYPE_NONE,
	INIT_DATABASE_TYPE_POSTGRESQL,
	INIT_DATABASE_TYPE_SQLITE,
};

enum init_from_type {
	INIT_FROM_TYPE_NONE,
	INIT_FROM_TYPE_CONF,
};

/* Where each option is in option_specs: ROW_url, ROW_user, … */
enum option_row {
#define OPTION(type, field, ...) ROW_##field,
#include "cflyway/config/options.def"
#undef OPTION
	OPTION_COUNT,
};

extern const struct option_spec option_specs[OPTION_COUNT];

enum { OPTION_VARIABLE_SIZE = 64 };

/*
 * Writes the environment variable that sets the option to name: FLYWAY_OUT_OF_ORDER for outOfOrder,
 * CFLYWAY_DURABILITY for cflyway.durability, "" if there is none. Returns name.
 */
const char *option_variable(const struct option_spec *spec, char name[OPTION_VARIABLE_SIZE]);

/* Finds a key without "flyway.", and maps by their prefix ("placeholders.x"). NULL if unknown. */
const struct option_spec *option_find(const char *key);

/*
 * Finds an option of a command by the short form that stands beside its verb: "type" of "add" is
 * "add.type". NULL if the command has none of this name.
 */
const struct option_spec *option_find_short(const char *verb, const char *key);

/* Finds an option by the form without "cflyway." that it has as an argument. NULL if unknown. */
const struct option_spec *option_find_argument(const char *key);

/*
 * Finds an option by any of its names: "outOfOrder", "-outOfOrder", "flyway.outOfOrder",
 * "FLYWAY_OUT_OF_ORDER", and a map with and without the name of an item. NULL if unknown.
 */
const struct option_spec *option_named(const char *name);

/* May the option be given in this mode, and not only on the command line? */
bool option_is_allowed(const struct option_spec *spec, bool legacy);

/* May the option be given in [environments.NAME.flyway], which overrides [flyway]? */
bool option_is_overridable(const struct option_spec *spec);

/*
 * Returns Flyway's proposals for an unknown key, in its order. key is without the prefix, which is
 * "flyway." or "environments.NAME.flyway."; the proposals have the prefix.
 */
struct str_list option_suggest(struct arena *arena, const char *prefix, const char *key);

#endif
