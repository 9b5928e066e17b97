#include "cflyway/core/survey.h"

#include "cflyway/core/script.h"
#include "cflyway/core/session.h"

/* Without its rows (whoever needs them will say why) nothing is known to be pending. */
static bool know_rows(struct survey *survey)
{
	const struct run *run = survey->run;
	struct error ignored = ERROR_INIT(run->arena);

	if (survey->has_looked)
		return survey->knows_rows;
	survey->has_looked = true;
	survey->knows_rows =
		!run->session->about.history_exists ||
		history_read(run->arena, run->db, &run->session->history, &survey->rows, &ignored);
	return survey->knows_rows;
}

static bool is_pending(struct survey *survey, const struct migration *migration)
{
	if (!know_rows(survey))
		return false;
	for (size_t i = 0; i < survey->rows.n; i++)
		if (version_compare(&survey->rows.items[i].version, &migration->version) == 0)
			return false;
	return true;
}

/* What fails here is left to those whose turn it is to say so. */
static const struct script_survey *look_at(const struct run *run, const struct migration *migration)
{
	const struct log silence = {0};
	struct run quiet = *run;
	struct error ignored = ERROR_INIT(run->arena);
	struct script_survey *survey = arena_alloc(run->arena, sizeof *survey);

	quiet.log = &silence;
	return script_survey(&quiet, migration, survey, &ignored) ? survey : NULL;
}

static bool sum_large(void *ctx, struct migration *migration, struct error *err)
{
	struct survey *survey = ctx;

	if (migration_is_versioned(migration) && is_pending(survey, migration))
		migration->survey = look_at(survey->run, migration);
	if (migration->survey == NULL)
		return checksum_file(migration->path, migration->encoding, &migration->checksum,
		                     err);
	migration->checksum = migration->survey->checksum;
	return true;
}

void survey_prepare(struct survey *survey, const struct run *run, struct resolve_options *options)
{
	*survey = (struct survey){.run = run};
	if (run->log->debug)
		return; /* the check would say what it finds too early */
	options->sum_large = sum_large;
	options->ctx = survey;
}
