/* SPDX-License-Identifier: Apache-2.0 */
/*
 * migration.h - a migration found on disk, and lists of them
 */
#ifndef CFLYWAY_MIGRATION_MIGRATION_H
#define CFLYWAY_MIGRATION_MIGRATION_H

#include "cflyway/migration/program.h"
#include "cflyway/migration/script_config.h"
#include "cflyway/migration/script_part.h"
#include "cflyway/migration/type.h"
#include "cflyway/migration/version.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A migration found on disk. Read-only once made. */
struct migration {
	enum migration_type type;
	int32_t checksum;
	struct version version; /* EMPTY: repeatable */
	const char *description;
	const char *script; /* relative to the location: "sub/V1__a.sql" */
	const char *path;   /* "sql/sub/V1__a.sql", as messages show it */
	const char *absolute_path;
	const char *file_name;        /* "V1__a.sql" */
	const char *placeholder_name; /* value of ${flyway:filename} */
	struct part_of_file part;     /* what of the file is the script */
	/* The program that runs it; NULL for SQL. */
	const struct program_kind *program;
	unsigned seed; /* its place among the seeds, from 1; 0: it is none */
	bool replace_placeholders;
	bool is_counted;      /* files of equal numbers: the others decide about its version */
	bool is_switched_off; /* its shouldExecute is false: script_conditions.h */
	bool has_checksum;    /* callbacks have none */
	bool has_encoding;    /* its configuration names one */
	enum tristate execute_in_transaction;
	const struct script_limits *limits; /* its own; NULL: the options alone decide */
	int32_t raw_checksum;       /* repeatable: before placeholders are replaced; matches too */
	const char *should_execute; /* the condition as it is written; NULL: none */
	const char *encoding;       /* of the file */
};

bool migration_is_versioned(const struct migration *migration);

/* B2__x.sql. Programs can have this type too, but Flyway treats them like any version. */
bool migration_is_baseline(const struct migration *migration);

/* U2__x.sql: takes back the versioned migration of the same version. */
bool migration_is_undo(const struct migration *migration);

/* Does a stored checksum equal one of the two possible checksums of the file? */
bool migration_checksum_matches(const struct migration *migration, int32_t stored);

/*
 * Versioned migrations in ascending order (of the same version: the migration, its baseline, its
 * undo migration), then repeatables by description.
 */
struct migration_list {
	const struct migration **items;
	size_t n;
};

#endif
