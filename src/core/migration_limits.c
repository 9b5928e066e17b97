/* SPDX-License-Identifier: Apache-2.0 */
/* migration_limits.c - the time limits and retries of a migration or callback */
#include "migration_limits.h"

#include "cflyway/migration/script_limits.h"

static const struct script_limits *limits_of(const struct migration *migration)
{
	return migration->limits != NULL ? migration->limits : &script_limits_unset;
}

static int choose(int own, int option)
{
	return own != SCRIPT_LIMIT_UNSET ? own : option;
}

bool migration_limits(const struct run *run, const struct migration *migration,
                      struct db_limits *limits)
{
	const struct settings *settings = run->settings;
	const struct script_limits *own = limits_of(migration);

	*limits = (struct db_limits){
		.lock_timeout_ms = choose(own->lock_timeout_ms, settings->lock_timeout),
		.statement_timeout_ms =
			choose(own->statement_timeout_ms, settings->statement_timeout),
	};
	return limits->lock_timeout_ms != DURATION_OF_SERVER ||
	       limits->statement_timeout_ms != DURATION_OF_SERVER;
}

struct migration_retries migration_retries(const struct run *run, const struct migration *migration)
{
	const struct settings *settings = run->settings;
	const struct script_limits *own = limits_of(migration);

	return (struct migration_retries){
		.n = choose(own->retries, settings->migration_retries),
		.pause_ms = choose(own->retry_pause_ms, settings->migration_retry_pause),
	};
}
