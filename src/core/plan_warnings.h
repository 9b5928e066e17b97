/* SPDX-License-Identifier: Apache-2.0 */
/*
 * plan_warnings.h - what migrate logs about history and files before each migration
 *
 * The current version once, and each time what is wrong with them.
 */
#ifndef CFLYWAY_CORE_PLAN_WARNINGS_H
#define CFLYWAY_CORE_PLAN_WARNINGS_H

#include "cflyway/base/attr.h"
#include "cflyway/core/info.h"
#include "cflyway/core/result.h"
#include "cflyway/core/run.h"

#include <stdbool.h>
#include <stddef.h>

struct plan_warnings {
	const struct run *run;
	struct migrate_result *result; /* takes warnings and the initial version */
	bool said_current_version;

	/* What each iteration warns of; looked up once for a plan. */
	const struct info_entry *current; /* NULL: none */
	const struct info_entry *last;    /* the last in display order that has a version */
	bool has_future;                  /* a version above the files */
	bool has_resolved;                /* files, or rows that need none */
	const struct info_entry *failed;  /* the first failed migration; NULL: none */
	size_t failed_count;
};

/* Looks at the plan's info, which must live as long as the warnings is asked. */
void plan_warnings_collect(struct plan_warnings *warnings, const struct info *info);

/*
 * Refuses a history that holds a failed migration, unless it is a single one above the files and
 * ignoreMigrationPatterns has *:future. Errors: ERROR_FAILED_VERSIONED_MIGRATION,
 * ERROR_FAILED_REPEATABLE_MIGRATION.
 */
MUST_USE bool plan_warnings_check(struct plan_warnings *warnings, struct error *err);

/* The lines before a migration; Flyway repeats the warnings before each. */
void plan_warnings_log(struct plan_warnings *warnings);

#endif
