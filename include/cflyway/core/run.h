/* SPDX-License-Identifier: Apache-2.0 */
/*
 * run.h - what nearly everything above the database layer needs: one command on one database
 */
#ifndef CFLYWAY_CORE_RUN_H
#define CFLYWAY_CORE_RUN_H

#include "cflyway/base/arena.h"
#include "cflyway/base/clock.h"
#include "cflyway/base/log.h"
#include "cflyway/config/settings.h"
#include "cflyway/db/db.h"

#include <stdbool.h>

struct session;
struct locations;
struct callbacks;
struct prescans;
struct trial;
struct outcome;

struct run {
	struct arena *arena; /* freed when the run ends */
	const struct settings *settings;
	const struct log *log;
	const struct clock *clock;
	const struct db_drivers *drivers;   /* of the databases that it may connect to */
	struct db *db;                      /* the one connection */
	bool is_migrate;                    /* it is to run migrations, or undo them: */
	bool is_undo;                       /* the migrations that it runs are undo migrations */
	bool needs_callbacks_only;          /* it uses no migrations */
	struct locations *locations;        /* where its scripts are: locations.h */
	const struct session *session;      /* what connecting and scanning told: session.h */
	struct callbacks *callbacks;        /* callbacks.h */
	struct prescans *prescans;          /* script_prescan.h; NULL: no script was read ahead */
	struct trial *trial;                /* trial.h; NULL: what runs is there to stay */
	struct str_list *override_warnings; /* what errorOverrides has made a warning; or NULL */
	struct outcome *outcome;            /* what it leaves, for an error: outcome.h; or NULL */
};

#endif
