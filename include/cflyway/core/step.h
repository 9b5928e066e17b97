/* SPDX-License-Identifier: Apache-2.0 */
/*
 * step.h - one migration of a plan, on its way from pending to applied
 */
#ifndef CFLYWAY_CORE_STEP_H
#define CFLYWAY_CORE_STEP_H

#include "cflyway/core/run.h"
#include "cflyway/core/script.h"
#include "cflyway/core/script_traits.h"
#include "cflyway/db/history.h"
#include "cflyway/migration/migration.h"

#include <stdbool.h>
#include <stdint.h>

struct step {
	const struct migration *migration;
	bool is_out_of_order;
	/* An undo: the row of the run that it takes back; NULL for a migrate. */
	const struct history_row *undoes;
	bool deletes_row; /* an undo: that row is deleted, and none is written */
	int rank_without; /* then: the highest installed_rank that is left, -1 without rows */
	struct script_traits traits; /* filled by script_check; runs_in_transaction decides here */
	struct script_text text;     /* filled by script_check if the script is small */
	bool is_checked;             /* traits are filled */
	const struct error *parse_error; /* of its script, to be reported when it runs; or NULL */
	int64_t elapsed_ms;              /* result */
	bool is_done;                    /* result: committed with its row */
	bool is_untried;                 /* result: a trial cannot run it; then is_done too */
};

enum step_status {
	STEP_DONE,
	STEP_FAILED, /* err is set; the line "Migration of … failed! …" has been logged */
	STEP_STALE,  /* the history has changed meanwhile: nothing was done, plan again */
};

/* What the owner of the steps does while they run; any function may be NULL. */
struct step_hooks {
	/* The lock is held and the history is known to be unchanged; the first line of the first
	 * step follows. */
	void (*started)(void *ctx);
	/* Fires what comes before a step, under the lock as well; NULL: nothing ever does. */
	bool (*before_step)(void *ctx, const struct step *step, struct error *err);
	void *ctx;
};

/* "Migrating", "Undoing migration of": how a log line about the step begins. */
const char *step_doing(const struct step *step);

/* "Migration", "Undo of migration": what an error says that has failed. */
const char *step_name(const struct step *step);

/* 'schema "public" to version "1 - first" [out of order]', as in "Migrating …". */
const char *step_describe(const struct run *run, const struct step *step);

/* ERROR_FAILED_…_MIGRATION by the kind of the migration. */
enum error_code step_failure_code(const struct step *step);

#endif
