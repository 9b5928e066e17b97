/* SPDX-License-Identifier: Apache-2.0 */
/* resolve.c - reads the files of the session; large ones for checksum and check at once */
#include "cflyway/core/resolve.h"

#include "cflyway/core/script_prescan.h"
#include "cflyway/core/script_check.h"
#include "cflyway/core/session.h"
#include "cflyway/migration/checksum.h"
#include "cflyway/migration/resolve.h"

struct resolver {
	struct run *run;
	bool has_asked, knows_rows; /* whether the history was read, and with success */
	struct history_rows rows;
};

/* Without the rows (whoever needs them reports why) nothing is known to be pending. */
static bool know_rows(struct resolver *resolver)
{
	const struct run *run = resolver->run;
	struct error ignored = ERROR_INIT(run->arena);

	if (resolver->has_asked)
		return resolver->knows_rows;
	resolver->has_asked = true;
	resolver->knows_rows = !run->session->about.history_exists ||
	                       history_read(run->arena, run->db, &run->session->history,
	                                    &resolver->rows, &ignored);
	return resolver->knows_rows;
}

static bool is_pending(struct resolver *resolver, const struct migration *migration)
{
	if (!migration_is_versioned(migration) || migration_is_undo(migration) ||
	    !know_rows(resolver))
		return false;
	for (size_t i = 0; i < resolver->rows.n; i++)
		if (version_compare(&resolver->rows.items[i].version, &migration->version) == 0)
			return false;
	return true;
}

/* Says nothing: what fails here fails again, with its message, when its turn comes. */
static const struct prescan *read_ahead(const struct run *run, const struct migration *migration)
{
	const struct log silence = {0};
	struct run quiet = *run;
	struct error ignored = ERROR_INIT(run->arena);
	struct prescan *prescan = arena_alloc(run->arena, sizeof(*prescan));

	quiet.log = &silence;
	return script_prescan(&quiet, migration, prescan, &ignored) ? prescan : NULL;
}

static bool read_large(struct resolver *resolver, struct migration *migration, struct error *err)
{
	struct run *run = resolver->run;
	const struct prescan *prescan = NULL;
	int32_t checksum;

	if (is_pending(resolver, migration))
		prescan = read_ahead(run, migration);
	if (prescan != NULL) {
		prescans_add(run->arena, run->prescans, migration, prescan);
		checksum = prescan->checksum;
	} else if (!checksum_file(migration->path, migration->encoding, &checksum, err)) {
		return false;
	}
	resolve_set_checksum(migration, checksum);
	return true;
}

static bool read_file(struct resolver *resolver, struct migration *migration, struct error *err)
{
	const struct run *run = resolver->run;
	/* With debug output, the check would show too early what it finds. */
	bool reads_ahead = run->is_migrate && !run->is_undo && !run->log->debug, is_large = false;

	if (!resolve_read(migration, &run->session->resolve, reads_ahead ? &is_large : NULL, err))
		return false;
	return !is_large || read_large(resolver, migration, err);
}

bool resolve_session(struct run *run, struct migration_list *migrations, struct error *err)
{
	struct resolver resolver = {.run = run};
	struct unsorted_migrations unsorted;

	run->prescans = arena_alloc(run->arena, sizeof(*run->prescans));
	resolve_describe(run->arena, &run->session->resolve, &run->session->files, &unsorted);
	for (size_t i = 0; i < unsorted.n; i++)
		if (!read_file(&resolver, &unsorted.items[i], err))
			return false;
	return resolve_sort(run->arena, &unsorted, migrations, err);
}
