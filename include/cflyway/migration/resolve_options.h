/* SPDX-License-Identifier: Apache-2.0 */
/*
 * resolve_options.h - the settings that decide which files are migrations and how they are read
 */
#ifndef CFLYWAY_MIGRATION_RESOLVE_OPTIONS_H
#define CFLYWAY_MIGRATION_RESOLVE_OPTIONS_H

#include "cflyway/migration/filename.h"
#include "cflyway/migration/location.h"
#include "cflyway/migration/program.h"
#include "cflyway/sql/placeholder.h"

#include <stdbool.h>

/* Strings are borrowed. */
struct resolve_options {
	struct location_list locations;
	bool has_callback_locations; /* callback_locations replace locations for callbacks */
	struct location_list callback_locations;
	struct filename_rules names;
	struct program_kinds programs; /* of the configuration */
	bool detects_layout;           /* in place of names.layout */
	bool fail_on_missing_locations;
	bool skip_unreadable;            /* files and folders, as Flyway does */
	bool skip_unreadable_migrations; /* no migration will be used */
	bool validate_naming;
	bool skip_default_resolvers; /* no migrations at all */
	bool skip_default_callbacks; /* no SQL callbacks, only programs */
	const char *encoding;
	bool detect_encoding;
	bool placeholder_replacement;
	const struct placeholders *placeholders;
	const struct placeholders *program_placeholders; /* FP__name__ */
	const char *working_directory;                   /* NULL: the current one */
};

#endif
