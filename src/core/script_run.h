/* SPDX-License-Identifier: Apache-2.0 */
/*
 * script_run.h - runs one script: sends its statements to the database, or starts its program
 *
 * The caller begins and ends the transaction, if there is one; a script that ends it itself goes on
 * in a new one.
 */
#ifndef CFLYWAY_CORE_SCRIPT_RUN_H
#define CFLYWAY_CORE_SCRIPT_RUN_H

#include "script_listener.h"

#include "cflyway/base/attr.h"
#include "cflyway/core/run.h"
#include "cflyway/core/script.h"
#include "cflyway/core/script_traits.h"
#include "cflyway/migration/migration.h"

#include <stdbool.h>
#include <stddef.h>

/* What happens around each statement of a script. */
struct statement_hooks {
	bool (*before)(void *ctx, struct error *err);
	/* If it is there (not NULL), what a statement brings is shown after it: measured. */
	bool (*after)(void *ctx, struct error *err);
	/* err is the failure of the statement, or of a batch of so many; it may be replaced. */
	void (*failed)(void *ctx, size_t batched, struct error *err);
	void *ctx;
};

/* With batch=true, Flyway hands statements that change rows to the Java driver together. */
struct statement_batch {
	size_t n;               /* statements of the batch that has begun */
	size_t line;            /* of the first one */
	const char *first;      /* its text, with debug output, otherwise NULL */
	struct statement *held; /* with hooks: all of them, not sent yet */
	struct arena memory;    /* until the next batch */
};

/* The statement at which a script has ended too early. */
struct script_stop {
	size_t number, line; /* 0: at none */
	bool is_before;      /* it was not sent any more */
};

/* A transaction that has not ended with the row of its migration. */
struct early_end {
	const struct migration *migration; /* the one that was running */
	const struct migration *by;        /* whose statement has ended it: that, or a callback */
	bool has_run;                      /* some of the statements of the migration have */
};

struct script_run {
	const struct run *run;
	struct script_listener listener;
	const struct statement_hooks *hooks; /* NULL: nothing happens around the statements */

	/* The script: see script_run_choose. */
	const struct migration *migration;
	const struct script_traits *traits;
	const struct script_text *text;
	const char *event;               /* of a callback; NULL: a migration */
	const struct error *parse_error; /* fails the script before its first statement; or NULL */

	struct statement_batch batch;

	/* A step before, whose COMMIT is not answered yet; points at NULL, or is NULL: none. */
	struct step *const *uncommitted;
	/* What begins the transaction has been sent, but is not known to have succeeded. */
	bool is_beginning;
	bool has_failed;         /* a statement, before what its failure calls */
	struct in_flight failed; /* this one */
	bool is_measured;        /* in a trial: the statement that is being sent */
	size_t sent;             /* statements so far */
	size_t completed;        /* result: statements that are known to have succeeded */
	struct script_stop stop; /* result */
	/* result: the line of what may have committed, sent and not answered; 0: nothing */
	size_t unanswered_line;
	/* Results, also of its callbacks: */
	struct early_end *ends; /* in their order; in the arena of the run */
	size_t n_ends;          /* 0: no script has ended a transaction */
	bool is_end_noted;      /* no transaction is open, and the last of the ends is the reason */
	bool is_commit_unknown; /* a callback may have ended it: no answer came */
	bool has_run_program;   /* the script is a program, and was started */
};

/* Listens to run->db until script_run_close. started, ctx: see script_listener_open. */
void script_run_open(struct script_run *script_run, const struct run *run,
                     void (*started)(void *ctx, int64_t ago_ms), void *ctx);
void script_run_close(struct script_run *script_run);

/* Which script is next. text: what script_check has left, or NULL; then the file is read. */
void script_run_choose(struct script_run *script_run, const struct migration *migration,
                       const struct script_traits *traits, const struct script_text *text);

/* Sends all statements and waits for the last, or runs the program. Errors: all of a script's. */
MUST_USE enum db_status script_run_execute(struct script_run *script_run, struct error *err);

/* After a COMMIT or ROLLBACK of its own the script goes on in a new transaction, as with JDBC. */
MUST_USE bool script_run_continue_transaction(struct script_run *script_run, struct error *err);

/* A script has ended the transaction: that of the migration, or one of its callbacks. */
void script_run_note_end(struct script_run *script_run, const struct migration *by);

/*
 * After a failure: has the connection been lost before the answer to a statement that may have
 * committed? Then nobody knows whether it has, and err gets a line that says so, unless it was a
 * statement of a callback, whose failure has that line.
 */
bool script_run_commit_unknown(const struct script_run *script_run);
void script_run_note_unknown(const struct script_run *script_run, struct error *err);

/*
 * After a failure: notes what stays of a script that does not run in a transaction, or ends it
 * itself. has_begun: also that none of its statements does. Returns whether there is a note.
 */
bool script_run_note_stays(const struct script_run *script_run, bool has_begun, struct error *err);

/*
 * After a failure: gives err the code and the title of a failed script, with the path and the line
 * of the statement that the database refused; false if it refused none.
 */
bool script_run_blame_statement(struct script_run *script_run, enum error_code code,
                                struct error *err);

#endif
