/* SPDX-License-Identifier: Apache-2.0 */
/*
 * migration_state.h - the states of migrations, as one table
 *
 * Names and properties: measured with Flyway 12.4.0. The constants are the words of -infoOfState.
 */
#ifndef CFLYWAY_CORE_MIGRATION_STATE_H
#define CFLYWAY_CORE_MIGRATION_STATE_H

#include "cflyway/base/str.h"
#include "cflyway/migration/pattern.h"

#include <stdbool.h>

/* constant            shown as              applied failed  word of ignoreMigrationPatterns */
#define MIGRATION_STATES(X)                                                                        \
	X(PENDING, "Pending", true, false, false, PATTERN_PENDING)                                 \
	X(ABOVE_TARGET, "Above Target", true, false, false, PATTERN_ANY_STATE)                     \
	X(BELOW_BASELINE, "Below Baseline", true, false, false, PATTERN_ANY_STATE)                 \
	X(BASELINE_IGNORED, "Ignored (Baseline)", true, false, false, PATTERN_ANY_STATE)           \
	X(BASELINE, "Baseline", true, true, false, PATTERN_ANY_STATE)                              \
	X(IGNORED, "Ignored", true, false, false, PATTERN_IGNORED)                                 \
	X(MISSING_SUCCESS, "Missing", false, true, false, PATTERN_MISSING)                         \
	X(MISSING_FAILED, "Failed (Missing)", false, true, true, PATTERN_ANY_STATE)                \
	X(SUCCESS, "Success", true, true, false, PATTERN_ANY_STATE)                                \
	X(UNDONE, "Undone", true, true, false, PATTERN_ANY_STATE)                                  \
	X(AVAILABLE, "Available", true, false, false, PATTERN_ANY_STATE)                           \
	X(FAILED, "Failed", true, true, true, PATTERN_ANY_STATE)                                   \
	X(OUT_OF_ORDER, "Out of Order", true, true, false, PATTERN_ANY_STATE)                      \
	X(FUTURE_SUCCESS, "Future", false, true, false, PATTERN_FUTURE)                            \
	X(FUTURE_FAILED, "Failed (Future)", false, true, true, PATTERN_ANY_STATE)                  \
	X(OUTDATED, "Outdated", true, true, false, PATTERN_ANY_STATE)                              \
	X(SUPERSEDED, "Superseded", true, true, false, PATTERN_ANY_STATE)                          \
	X(DELETED, "Deleted", false, true, false, PATTERN_ANY_STATE)

enum migration_state {
#define MIGRATION_STATE_ENUM(name, title, resolved, applied, failed, pattern) STATE_##name,
	MIGRATION_STATES(MIGRATION_STATE_ENUM)
#undef MIGRATION_STATE_ENUM
		STATE_COUNT,
};

struct state_spec {
	const char *name;  /* "ABOVE_TARGET" */
	const char *title; /* "Above Target" */
	bool is_resolved;  /* is there as far as Flyway's warnings go, also a row without a file */
	bool is_applied;   /* has a row that counts as run */
	bool is_failed;
	enum pattern_state pattern;
};

const struct state_spec *state_spec(enum migration_state state);

/* Deleted or undone: what the migration did is gone. */
bool state_is_taken_back(enum migration_state state);

/* By constant, without case; false if there is no such state. */
bool state_parse(const char *name, enum migration_state *state);

#endif
