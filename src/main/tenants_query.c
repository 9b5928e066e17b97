/* SPDX-License-Identifier: Apache-2.0 */
/* tenants_query.c - asks a database for its tenants (-tenantsQuery) */
#include "tenants_query.h"

#include "signals.h"

#include "cflyway/config/tenants.h"
#include "cflyway/db/db.h"
#include "cflyway/db/driver.h"
#include "cflyway/db/url.h"

struct reading {
	struct arena *arena;
	struct targets *targets;
};

static bool take_row(void *ctx, size_t columns, const char *const *values, struct error *err)
{
	const struct reading *reading = ctx;

	return tenants_add(reading->arena, reading->targets, columns, values, err);
}

/* What the query changes does not stay: it is asked in dry runs, too. */
static bool ask(struct db *db, const char *query, struct reading *reading, struct error *err)
{
	if (!db_run_init_sql(db, err) || !db_begin(db, err))
		return false;
	bool ok = db_query(db, query, NULL, 0, take_row, reading, err) ||
	          db_title(err, ERROR_GENERAL, "-tenantsQuery failed");

	db_rollback(db);
	return ok;
}

bool tenants_query(struct arena *arena, const char *query, const struct invocation *invocation,
                   struct targets *targets, struct error *err)
{
	struct arena scratch = ARENA_EMPTY;
	const struct log silence = {0};
	struct reading reading = {arena, targets};
	struct settings settings;
	struct db db = {0};
	bool ok = false;

	tenants_init(targets);
	if (!settings_load(&scratch, invocation, &environment_process, &silence, &settings, err) ||
	    !settings_read_password(&scratch, &silence, &settings, err))
		goto done;
	if (db_is_missing(&db_drivers, &scratch, settings.url)) {
		targets_fail(err, targets, 0,
		             arena_printf(err->arena, "there is no database %s",
		                          url_masked(err->arena, settings.url)));
		goto done;
	}
	signals_watch(&db);
	ok = db_open(&db, &db_drivers, &scratch, &settings, &silence, err) &&
	     ask(&db, query, &reading, err);
	signals_watch(NULL);
	db_close(&db);
done:
	arena_release(&scratch);
	return ok;
}
