/* SPDX-License-Identifier: Apache-2.0 */
/*
 * trial_fixture.h - a trial that is watched, on a driver that answers what the test has given
 *
 * The driver answers each query of the trial with rows of the test. The clock stands still unless
 * the test moves it. Before the trial there are the table public.t (OID 20), its index
 * public."My i" (21), the view app.v (22) and the materialized view public.m (23).
 */
#ifndef CFLYWAY_TESTS_TRIAL_FIXTURE_H
#define CFLYWAY_TESTS_TRIAL_FIXTURE_H

#include "scratch.h"

#include "../../src/core/trial_state.h"

#include "cflyway/core/trial.h"

/* Columns are separated by "|"; "-" is NULL. */
struct trial_answer {
	const char *query, *rows;
};

struct trial_fixture {
	struct scratch scratch;
	struct settings settings;
	struct clock clock;
	struct db db;
	struct run run;
	struct trial trial;
	struct trial_result result;
	struct trial_answer answers[8];
	size_t answers_n;
	const char *failing; /* a query that fails, or "open" */
	int64_t now_ms;
	size_t cancels, others, waits; /* calls */
	enum tx_status status;
};

extern struct trial_fixture trial_world;

/* V1__a.sql and V2__b.sql. */
extern const struct migration trial_fixture_first, trial_fixture_second;

/* For tcase_add_checked_fixture. */
void trial_fixture_set_up(void);
void trial_fixture_tear_down(void);

/* The answer to a query replaces the one before. */
void trial_fixture_give(const char *query, const char *rows);

/* A statement of a file begins; the second function opens the second connection before, too. */
void trial_fixture_begin(const struct migration *file, const char *text);
void trial_fixture_begin_watched(const char *text);

/* What the current statement has done: "MODE KIND NAME ROWS; new file NAME; NAME +1 ~2 -3 read". */
const char *trial_fixture_text(void);

/* The trial looks at what its statement has done, and finds these rows. */
void trial_fixture_read_changes(const char *rows);

#endif
