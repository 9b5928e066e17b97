/*
 * resolve.h - from files to migrations: sorted, without duplicates, with their checksums
 */
#ifndef CFLYWAY_MIGRATION_RESOLVE_H
#define CFLYWAY_MIGRATION_RESOLVE_H

#include "cflyway/base/arena.h"
#include "cflyway/base/attr.h"
#include "cflyway/base/error.h"
#include "cflyway/base/log.h"
#include "cflyway/migration/filename.h"
#include "cflyway/migration/location.h"
#include "cflyway/migration/program.h"
#include "cflyway/migration/script_config.h"
#include "cflyway/migration/type.h"
#include "cflyway/migration/version.h"
#include "cflyway/sql/placeholder.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct script_survey;

/* A migration found on disk. Read-only once made. */
struct migration {
	enum migration_type type;
	struct version version; /* EMPTY: repeatable */
	const char *description;
	const char *script; /* relative to the location: "sub/V1__a.sql" */
	const char *path;   /* "sql/sub/V1__a.sql", as messages show it */
	const char *absolute_path;
	const char *file_name;        /* "V1__a.sql" */
	const char *placeholder_name; /* value of ${flyway:filename} */
	/* What runs it; NULL: it is SQL. */
	const struct program_kind *program;
	bool has_checksum; /* callbacks have none */
	int32_t checksum;
	int32_t raw_checksum; /* repeatable: without placeholders replaced; matches too */
	struct script_config config;
	const char *encoding; /* the one to read it with */
	bool replace_placeholders;
	/* What a reading ahead of a large script has told (core/survey.h); NULL: none. */
	const struct script_survey *survey;
};

bool migration_is_versioned(const struct migration *migration);

/* B2__x.sql. Those that are programs have the type, but Flyway treats them like any version. */
bool migration_is_baseline(const struct migration *migration);

/* Does a stored checksum equal one of the two that the file may have? */
bool migration_checksum_matches(const struct migration *migration, int32_t stored);

/* Versioned ascending (baseline after its equal), then repeatables by description. */
struct migration_list {
	const struct migration **items;
	size_t n;
};

/* The settings that matter here. Strings are borrowed. */
struct resolve_options {
	struct location_list locations;
	bool has_callback_locations; /* these replace the locations for callbacks */
	struct location_list callback_locations;
	struct filename_rules names;
	bool fail_on_missing_locations;
	bool validate_naming;
	bool skip_default_resolvers; /* no migrations at all */
	bool skip_default_callbacks; /* no SQL callbacks; programs stay */
	const char *encoding;
	bool detect_encoding;
	bool placeholder_replacement;
	const struct placeholders *placeholders;
	const struct placeholders *program_placeholders; /* FP__name__ */
	const char *working_directory;                   /* NULL: the current one */
	/* Sums a large script, so that it can be read for more at the same time. Errors:
	 * as checksum_file. NULL: nothing more is wanted. */
	bool (*sum_large)(void *ctx, struct migration *migration, struct error *err);
	void *ctx;
};

/* What the scan of the locations found: files with valid names, before anything of them is read. */
struct migration_files {
	struct migration_file *items; /* private to src/migration */
	size_t n;
};

/*
 * Scans all locations (none: Flyway's default, which holds nothing), reads the script
 * configurations and checks the names. Lines of all kinds go to the log. Errors: missing locations
 * (fail_on_missing), script configuration, invalid names (validate_naming); Flyway's texts.
 */
MUST_USE bool resolve_scan(struct arena *arena, const struct resolve_options *options,
                           const struct log *log, struct migration_files *files, struct error *err);

/*
 * Reads the files for their checksums. Errors: encoding, placeholders without value in repeatables,
 * duplicate versions and descriptions; Flyway's texts.
 */
MUST_USE bool resolve_migrations(struct arena *arena, const struct resolve_options *options,
                                 const struct migration_files *files, struct migration_list *list,
                                 struct error *err);

#endif
