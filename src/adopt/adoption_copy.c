/* SPDX-License-Identifier: Apache-2.0 */
/* adoption_copy.c - rows of Flyway's form: taken over as they are, and compared */
#include "cflyway/adopt/adoption.h"

#include "cflyway/adopt/match.h"

static const struct migration *find_file(const struct migration_list *files,
                                         const struct history_row *row)
{
	for (size_t i = 0; i < files->n; i++) {
		const struct migration *file = files->items[i];
		bool is_same = version_is_set(&row->version)
		                       ? version_compare(&file->version, &row->version) == 0
		                       : strcmp(file->description, row->description) == 0;

		if (file->type == row->type && is_same)
			return file;
	}
	return NULL;
}

static const char *remark_on(const struct history_row *row, const struct migration *file)
{
	if (migration_type_is_synthetic(row->type))
		return "";
	if (file == NULL)
		return "there is no file";
	return row->has_checksum && !migration_checksum_matches(file, row->checksum)
	               ? "changed since it was applied: its checksum is another one"
	               : "";
}

void adoption_copy(struct arena *arena, const struct history_rows *rows,
                   const struct migration_list *files, struct adoption *adoption)
{
	*adoption = (struct adoption){
		.rows = *rows,
		.lines = arena_array(arena, rows->n, sizeof(struct adopt_line)),
		.n = rows->n,
	};
	for (size_t i = 0; i < rows->n; i++) {
		const struct history_row *row = &rows->items[i];
		const struct migration *file = find_file(files, row);

		adoption->lines[i] = (struct adopt_line){
			.version = version_is_set(&row->version) ? row->version.text : "",
			.description = row->description,
			.installed_on = row->installed_on,
			.installed_by = row->installed_by,
			.file = file != NULL ? file->path : "",
			.state = row->success ? "applied" : "failed",
			.remark = remark_on(row, file),
		};
		if (!row->success)
			str_list_add(arena, &adoption->obstacles,
			             arena_printf(arena, "%s: failed: repair the old history first",
			                          row->script));
	}
}

static bool same_row(const struct history_row *a, const struct history_row *b)
{
	return version_compare(&a->version, &b->version) == 0 && a->type == b->type &&
	       strcmp(a->description, b->description) == 0 && strcmp(a->script, b->script) == 0 &&
	       a->has_checksum == b->has_checksum && a->checksum == b->checksum &&
	       a->success == b->success &&
	       (a->installed_on == NULL || strcmp(a->installed_on, b->installed_on) == 0);
}

bool adoption_is_there(const struct adoption *adoption, const struct history_rows *rows)
{
	if (adoption->rows.n != rows->n)
		return false;
	for (size_t i = 0; i < rows->n; i++)
		if (!same_row(&adoption->rows.items[i], &rows->items[i]))
			return false;
	return true;
}
