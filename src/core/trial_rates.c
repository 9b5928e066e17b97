/* SPDX-License-Identifier: Apache-2.0 */
/*
 * trial_rates.c - how many reads and writes of others the locks of a trial would keep waiting
 *
 * Seldom is somebody waiting just now. So the tables are watched for a little while after the
 * trial, if it is worth it: they would be read and written as often while they are locked.
 */
#include "trial_state.h"

#include "cflyway/db/answer_shape.h"
#include "cflyway/db/driver.h"

enum {
	LEAST_HELD_MS = 100, /* a shorter lock is not worth the time */
	WATCHED_MS = 1200,   /* a session of PostgreSQL tells what it did once a second */
};

static bool is_worth_it(const struct trial_script *script, const struct trial_lock *lock)
{
	return lock->level >= TRIAL_LOCK_SHARE && lock->held_by == NULL &&
	       trial_lock_held_ms(script, lock) >= LEAST_HELD_MS;
}

/* --- all locks ----------------------------------------------------------------------------- */

typedef bool lock_fn(struct trial *trial, const struct trial_script *script,
                     struct trial_lock *lock);

/* Stops at the first lock for which the function is true, and returns that. */
static bool each_lock(struct trial *trial, lock_fn *function)
{
	for (size_t i = 0; i < trial->result->n; i++) {
		const struct trial_script *script = &trial->result->scripts[i];

		for (size_t j = 0; j < script->n; j++)
			for (size_t k = 0; k < script->statements[j].locks_n; k++)
				if (function(trial, script, &script->statements[j].locks[k]))
					return true;
	}
	return false;
}

static bool finds_one(struct trial *trial, const struct trial_script *script,
                      struct trial_lock *lock)
{
	(void)trial;
	return is_worth_it(script, lock);
}

static int64_t during(int64_t n, int64_t held_ms, int64_t watched_ms)
{
	return (n * held_ms + watched_ms / 2) / watched_ms;
}

/* The relation has what was counted while it was watched. */
static bool forecast(struct trial *trial, const struct trial_script *script,
                     struct trial_lock *lock)
{
	const int64_t held_ms = trial_lock_held_ms(script, lock);

	if (!is_worth_it(script, lock))
		return false;
	for (size_t i = 0; i < trial->relations_n; i++) {
		const struct trial_relation *relation = &trial->relations[i];

		if (relation->name != lock->relation)
			continue;
		lock->writes = during(relation->writes, held_ms, trial->rates_ms);
		lock->reads = lock->level == TRIAL_LOCK_ACCESS_EXCLUSIVE
		                      ? during(relation->reads, held_ms, trial->rates_ms)
		                      : 0;
	}
	return false;
}

/* --- the tables ---------------------------------------------------------------------------- */

/* Leaves in each relation the difference to what was read before. */
static bool read_rate(void *ctx, size_t columns, const char *const *values, struct error *err)
{
	struct trial_relation *relation = trial_find_relation(ctx, answer_number(values[0]));

	(void)columns;
	(void)err;
	if (relation == NULL)
		return true;
	relation->reads = answer_number(values[1]) - relation->reads;
	relation->writes = answer_number(values[2]) - relation->writes;
	return true;
}

static bool read_rates(struct trial *trial)
{
	struct error ignored = ERROR_INIT(trial->run->arena);

	static const struct answer_shape shape = {"reads and writes", "vnn", false};

	return db_query_shaped(&trial->watcher, db_trial_sql(&trial->watcher)->rates, NULL, 0,
	                       &shape, read_rate, trial, &ignored);
}

void trial_watch_rates(struct trial *trial)
{
	const struct clock *clock = trial->run->clock;
	const int64_t before_ms = trial_now_ms(trial);

	if (trial->watcher.driver == NULL || trial->run->db->is_cancelled ||
	    !each_lock(trial, finds_one) || !read_rates(trial))
		return;
	clock->sleep_ms(clock, WATCHED_MS);
	trial->rates_ms = trial_now_ms(trial) - before_ms;
	if (trial->rates_ms > 0 && read_rates(trial))
		(void)each_lock(trial, forecast);
}
