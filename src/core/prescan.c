/* SPDX-License-Identifier: Apache-2.0 */
#include "cflyway/core/prescan.h"

#include "cflyway/core/script.h"
#include "cflyway/core/session.h"

/* Without its rows (whoever needs them will say why) nothing is known to be pending. */
static bool know_rows(struct prescan *prescan)
{
	const struct run *run = prescan->run;
	struct error ignored = ERROR_INIT(run->arena);

	if (prescan->has_looked)
		return prescan->knows_rows;
	prescan->has_looked = true;
	prescan->knows_rows =
		!run->session->about.history_exists ||
		history_read(run->arena, run->db, &run->session->history, &prescan->rows, &ignored);
	return prescan->knows_rows;
}

static bool is_pending(struct prescan *prescan, const struct migration *migration)
{
	if (!know_rows(prescan))
		return false;
	for (size_t i = 0; i < prescan->rows.n; i++)
		if (version_compare(&prescan->rows.items[i].version, &migration->version) == 0)
			return false;
	return true;
}

/* What fails here is left to those whose turn it is to say so. */
static const struct script_prescan *look_at(const struct run *run,
                                            const struct migration *migration)
{
	const struct log silence = {0};
	struct run quiet = *run;
	struct error ignored = ERROR_INIT(run->arena);
	struct script_prescan *prescan = arena_alloc(run->arena, sizeof(*prescan));

	quiet.log = &silence;
	return script_prescan(&quiet, migration, prescan, &ignored) ? prescan : NULL;
}

static bool sum_large(void *ctx, struct migration *migration, struct error *err)
{
	struct prescan *prescan = ctx;

	if (migration_is_versioned(migration) && is_pending(prescan, migration))
		migration->prescan = look_at(prescan->run, migration);
	if (migration->prescan == NULL)
		return checksum_file(migration->path, migration->encoding, &migration->checksum,
		                     err);
	migration->checksum = migration->prescan->checksum;
	return true;
}

void prescan_prepare(struct prescan *prescan, const struct run *run,
                     struct resolve_options *options)
{
	*prescan = (struct prescan){.run = run};
	if (run->log->debug)
		return; /* the check would say what it finds too early */
	options->sum_large = sum_large;
	options->ctx = prescan;
}
