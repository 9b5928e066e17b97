/* SPDX-License-Identifier: Apache-2.0 */
/*
 * execute.h - runs migrations: script and history row together
 *
 * What shares a transaction, a flight and a lock with what is doc/transactions.md. This is the only
 * place that writes history rows for scripts.
 */
#ifndef CFLYWAY_CORE_EXECUTE_H
#define CFLYWAY_CORE_EXECUTE_H

#include "cflyway/base/attr.h"
#include "cflyway/core/progress_event.h"
#include "cflyway/core/run.h"
#include "cflyway/core/script.h"
#include "cflyway/core/script_traits.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* One migration of a run. */
struct step {
	const struct migration *migration;
	bool is_out_of_order;
	struct script_traits traits; /* filled by script_check; runs_in_transaction decides here */
	struct script_text text;     /* filled by script_check if the script is small */
	bool is_checked;             /* traits are filled */
	int64_t elapsed_ms;          /* result */
	bool is_done;                /* result: committed with its row */
};

enum step_status {
	STEP_DONE,
	STEP_FAILED, /* err is set; the line "Migration of … failed! …" has been logged */
	STEP_STALE,  /* the history has changed meanwhile: nothing was done, plan again */
};

struct executor {
	const struct run *run;
	int last_rank; /* highest installed_rank that is known; grows with each step */
	/* A checked step that the next call executes by itself, so that both may share a flight;
	 * NULL: none. */
	struct step *next;
	/* Called once the lock is held and the history is known to be unchanged, before the first
	 * line of the first step. */
	void (*starting)(void *ctx);
	/* Fires what comes before a step, under the lock as well; NULL: nothing ever does. */
	bool (*before)(void *ctx, const struct step *step, struct error *err);
	void *ctx;
	struct progress_events progress;
	const struct migration *failed; /* result: after STEP_FAILED, whose script is to blame */
	struct step *open;              /* private: run, but its row waits for the next call */
	int rank_before_open;           /* private */
	bool flushes_later;             /* private: see durability.h */
	size_t unflushed;               /* private: committed without waiting for the disk */
	enum db_flush open_flush;       /* private: how open is being committed */
};

/*
 * Runs n steps in one transaction (all must run in one) or a single step by the rules of its kind.
 * A step is there to stay when its is_done says so: with executor->next it may become so, or fail,
 * in the next call only.
 */
MUST_USE enum step_status execute_steps(struct executor *executor, struct step *steps, size_t n,
                                        struct error *err);

/* Writes the rows only (skipExecutingMigrations). */
MUST_USE enum step_status execute_skipped(struct executor *executor, struct step *step,
                                          struct error *err);

/* 'schema "public" to version "1 - first" [out of order]', as in "Migrating …". */
const char *step_describe(const struct run *run, const struct step *step);

#endif
