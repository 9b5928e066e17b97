/* SPDX-License-Identifier: Apache-2.0 */
/*
 * explain.c - explains an error code: what it means in a migration, and what to do
 *
 * Nothing is read but the tables of the program: no configuration is needed, and no database.
 */
#include "cflyway/commands/command.h"

#include "cflyway/base/nearest.h"
#include "cflyway/db/explanation.h"

static const char *nearest_code(const char *code)
{
	struct nearest nearest;

	nearest_init(&nearest, str_of(code));
	for (size_t i = 0; i < explanation_count; i++) {
		nearest_consider(&nearest, str_of(explanations[i].code), explanations[i].code);
		nearest_consider(&nearest, str_of(explanations[i].name), explanations[i].code);
	}
	return nearest.name;
}

static bool refuse(const char *code, struct error *err)
{
	const char *class = explanation_class(code), *meant = nearest_code(code);

	error_set(err, ERROR_CONFIGURATION, "There is no explanation of %s", code);
	if (class != NULL)
		error_note(err, "codes that begin with %.2s: %s", code, class);
	if (meant != NULL)
		error_explain(err, NOTE_NEXT, "did you mean \"%s\"?", meant);
	error_note(err, "\"cflyway explain\" lists the codes that have one");
	return false;
}

static bool run_explain(struct run *run, struct result *out, struct error *err)
{
	const char *code = run->settings->explain_code;

	out->kind = RESULT_EXPLAIN;
	if (code == NULL)
		return true;
	out->explain.only = explanation_find(code);
	return out->explain.only != NULL || refuse(code, err);
}

const struct command command_explain = {
	.name = "explain",
	.summary = "Explains an error code of a database",
	.description =
		"explain CODE prints what an error code means in a migration, what it mostly comes "
		"from and what to do. CODE is an SQLSTATE (42P07) or a result code of SQLite "
		"(SQLITE_BUSY, or 5). Without CODE it lists those that have an explanation.",
	.options = GROUP_EXPLAIN,
	.flags = COMMAND_NO_BANNER,
	.run = run_explain,
};
