/* SPDX-License-Identifier: Apache-2.0 */
/*
 * callback.h - scripts that run at an event: beforeMigrate.sql, afterMigrate__vacuum.sh
 */
#ifndef CFLYWAY_MIGRATION_CALLBACK_H
#define CFLYWAY_MIGRATION_CALLBACK_H

#include "cflyway/base/arena.h"
#include "cflyway/base/attr.h"
#include "cflyway/base/error.h"
#include "cflyway/migration/migration.h"
#include "cflyway/migration/resolve_options.h"
#include "cflyway/migration/scan.h"

#include <stdbool.h>
#include <stddef.h>

enum event {
#define CALLBACK_EVENT(constant, name, place) EVENT_##constant,
#include "cflyway/migration/callback_events.def"
#undef CALLBACK_EVENT
	EVENT_COUNT,
};

/* Where the callbacks of an event run. Measured: doc/transactions.md. */
enum event_place {
	EVENT_PLACE_NEVER,     /* the event is not fired */
	EVENT_PLACE_COMMAND,   /* the command's first connection, each script in a transaction */
	EVENT_PLACE_OWN,       /* a connection of the event's own, each script in a transaction */
	EVENT_PLACE_MIGRATION, /* the migration's connection, in the migration's transaction */
	EVENT_PLACE_UNDO,      /* the same for an undo migration */
	EVENT_PLACE_FINISH,    /* the migrations' connection, as it is: no transaction */
};

const char *event_name(enum event event); /* "beforeMigrate" */
enum event_place event_place(enum event event);

/* Read-only once made. */
struct callback {
	enum event event;
	struct migration script; /* without version, checksum and type */
};

/* Sorted by event; callbacks of one event are in the order in which they run. */
struct callback_list {
	const struct callback *items;
	size_t n;
};

/*
 * Picks the callbacks from the files that a scan found. Errors: two SQL scripts for the same event
 * and description, in Flyway's words; encoding.
 */
MUST_USE bool callbacks_resolve(struct arena *arena, const struct resolve_options *options,
                                const struct migration_files *files, struct callback_list *list,
                                struct error *err);

#endif
