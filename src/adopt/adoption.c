/* SPDX-License-Identifier: Apache-2.0 */
/*
 * adoption.c - decides which rows the history of another tool becomes, and what does not fit
 *
 * Each entry finds its file first. Those that have one are put into the order in which they were
 * applied and become rows; the other ones and the files without an entry become lines only.
 */
#include "cflyway/adopt/adoption.h"

#include "cflyway/adopt/match.h"
#include "cflyway/core/undo_reason.h"

#include <stdlib.h>

/* An entry with its file. */
struct found {
	const struct old_entry *entry;
	const struct migration *file;
	const char *remark;
	size_t place; /* in the old history */
};

struct maker {
	struct arena *arena;
	const struct old_history *history;
	const struct migration_list *files;
	const struct adopt_facts *facts;
	const struct adopt_options *options;
	struct adoption *adoption;
	struct found *found;
	size_t n;
	struct adopt_line *left_out; /* lines of entries that become no row */
	size_t left_out_n;
	bool *is_taken; /* of each file: an entry means it */
};

/* --- lines --------------------------------------------------------------------------------- */

static const char *or_empty(const char *text)
{
	return text != NULL ? text : "";
}

static void add_line(struct maker *maker, const struct adopt_line *line)
{
	struct adoption *adoption = maker->adoption;

	adoption->lines =
		arena_grow(maker->arena, adoption->lines, adoption->n, sizeof(*adoption->lines));
	adoption->lines[adoption->n++] = *line;
}

static struct adopt_line line_of_file(const struct migration *file, const char *state,
                                      const char *remark)
{
	return (struct adopt_line){
		.version = migration_is_versioned(file) ? file->version.text : "",
		.description = file->description,
		.installed_on = "",
		.installed_by = "",
		.file = file->path,
		.state = state,
		.remark = remark,
	};
}

static void add_left_out(struct maker *maker, const struct old_entry *entry, const char *remark,
                         bool is_obstacle)
{
	const struct adopt_line line = {
		.version = "",
		.description = entry->key,
		.installed_on = or_empty(entry->applied_on),
		.installed_by = or_empty(entry->applied_by),
		.file = "",
		.state = "left out",
		.remark = remark,
	};

	maker->left_out = arena_grow(maker->arena, maker->left_out, maker->left_out_n,
	                             sizeof(*maker->left_out));
	maker->left_out[maker->left_out_n++] = line;
	if (is_obstacle)
		str_list_add(maker->arena, &maker->adoption->obstacles,
		             arena_printf(maker->arena, "%s: %s", entry->key, remark));
}

/* --- entries and their files --------------------------------------------------------------- */

static void add_found(struct maker *maker, const struct old_entry *entry,
                      const struct migration *file, const char *remark)
{
	maker->found = arena_grow(maker->arena, maker->found, maker->n, sizeof(*maker->found));
	maker->found[maker->n] = (struct found){entry, file, remark, maker->n};
	maker->n++;
}

static bool take(struct maker *maker, const struct migration *file)
{
	for (size_t i = 0; i < maker->files->n; i++) {
		if (maker->files->items[i] != file)
			continue;
		bool was_taken = maker->is_taken[i];
		maker->is_taken[i] = true;
		return !was_taken;
	}
	return true;
}

static const char *explain_mismatch(struct arena *arena, const struct adopt_match *match)
{
	switch (match->kind) {
	case ADOPT_MATCH_SEVERAL:
		return arena_printf(arena, "%zu files fit, such as %s", match->n,
		                    match->file->path);
	case ADOPT_MATCH_OTHER_NAME:
		return arena_printf(arena, "no file has this name; %s has its number",
		                    match->file->path);
	case ADOPT_MATCH_NONE:
	case ADOPT_MATCH_FILE:
		break;
	}
	return "in the database, but there is no file";
}

/* Is the file the one that was applied? Sets the remark. */
static bool check_file(struct maker *maker, const struct old_entry *entry,
                       const struct migration *file, const char **remark)
{
	const char *kind = entry->checksum != NULL ? digest_kind(entry->checksum) : NULL;

	*remark = "";
	if (entry->checksum == NULL)
		return true;
	switch (maker->facts->check(maker->facts->ctx, file, entry->checksum)) {
	case DIGEST_SAME:
		*remark = arena_printf(maker->arena, "%s is right", kind);
		return true;
	case DIGEST_SAME_BUT_LINE_ENDS:
		*remark = arena_printf(maker->arena, "%s is right, but for the line ends", kind);
		return true;
	case DIGEST_DIFFERS:
		*remark = arena_printf(maker->arena,
		                       "changed since it was applied: its %s is another one", kind);
		return false;
	case DIGEST_CANNOT_CHECK:
		*remark =
			arena_printf(maker->arena, "%s not checked: libcrypto is not there", kind);
		return true;
	case DIGEST_UNKNOWN_KIND:
		break;
	}
	*remark = "checksum of an unknown kind, not checked";
	return true;
}

/* Of a file that is applied part by part. */
static bool check_parts(struct maker *maker, const struct old_entry *entry,
                        const struct migration *file, const char **remark)
{
	*remark = "";
	if (maker->history->format->keys != ADOPT_EACH_PART_OF_FILE)
		return true;
	size_t parts = maker->facts->parts(maker->facts->ctx, file);
	if (parts <= entry->parts)
		return true;
	*remark = arena_printf(maker->arena, "%zu of %zu changesets are applied", entry->parts,
	                       parts);
	return false;
}

static void take_back_remark(struct maker *maker, const struct old_entry *entry,
                             const char **remark)
{
	const char *on = or_empty(entry->taken_back_on), *why = or_empty(entry->reason);

	*remark = arena_printf(maker->arena, "rolled back%s%.19s%s%s", on[0] != '\0' ? " on " : "",
	                       on, why[0] != '\0' ? ": " : "", why);
}

static void add_changed(struct maker *maker, const struct migration *file, const char *remark)
{
	maker->adoption->has_changed = true;
	str_list_add(maker->arena, &maker->adoption->obstacles,
	             arena_printf(maker->arena, "%s: %s", file->path, remark));
}

static void match_entry(struct maker *maker, const struct old_entry *entry)
{
	struct adopt_match match = adopt_match_key(maker->arena, entry->key, maker->files);
	const char *remark = "";

	if (match.kind != ADOPT_MATCH_FILE) {
		bool is_missing = match.kind != ADOPT_MATCH_SEVERAL;

		maker->adoption->has_missing |= is_missing && entry->state != OLD_TAKEN_BACK;
		/* what is not applied needs no file */
		add_left_out(maker, entry, explain_mismatch(maker->arena, &match),
		             entry->state != OLD_TAKEN_BACK &&
		                     !(is_missing && maker->options->skip_missing));
		return;
	}
	if (!take(maker, match.file)) {
		add_left_out(maker, entry, "another entry means the same file", true);
		return;
	}
	if (!check_parts(maker, entry, match.file, &remark)) {
		add_left_out(maker, entry, remark, true);
		return;
	}
	if (entry->state == OLD_TAKEN_BACK)
		take_back_remark(maker, entry, &remark);
	else if (!check_file(maker, entry, match.file, &remark) && !maker->options->accept_changed)
		add_changed(maker, match.file, remark);
	add_found(maker, entry, match.file, remark);
}

static void match_each(struct maker *maker)
{
	for (size_t i = 0; i < maker->history->n; i++) {
		const struct old_entry *entry = &maker->history->items[i];

		if (entry->state == OLD_FAILED)
			add_left_out(maker, entry,
			             "failed or interrupted: finish it or take it back, and "
			             "correct the entry",
			             true);
		else if (entry->state != OLD_PENDING)
			match_entry(maker, entry);
	}
}

/* --- one entry for all --------------------------------------------------------------------- */

static const struct migration *find_revision(const struct maker *maker, const char *revision)
{
	for (size_t i = 0; i < maker->files->n; i++) {
		const struct migration *file = maker->files->items[i];

		if (adopt_can_match(file) &&
		    str_eq(maker->facts->revision(maker->facts->ctx, file), str_of(revision)))
			return file;
	}
	return NULL;
}

static const char *explain_no_last(const struct maker *maker)
{
	return maker->history->format->keys == ADOPT_UP_TO_REVISION
	               ? "no script names this revision; \"cflyway import alembic FOLDER\" makes "
	                 "scripts that do"
	               : "the database is at this version, and no file has it";
}

static void match_up_to(struct maker *maker, const struct old_entry *entry)
{
	const struct migration *last = NULL;

	if (entry->state == OLD_FAILED) {
		add_left_out(maker, entry,
		             "dirty: it failed half-way. Look what it has left, finish it or take "
		             "it back by hand, and tell the old tool (migrate force VERSION)",
		             true);
		return;
	}
	if (maker->history->format->keys == ADOPT_UP_TO_REVISION) {
		last = find_revision(maker, entry->key);
	} else {
		struct adopt_match match = adopt_match_key(maker->arena, entry->key, maker->files);

		if (match.kind == ADOPT_MATCH_FILE)
			last = match.file;
	}
	if (last == NULL) {
		add_left_out(maker, entry, explain_no_last(maker), true);
		return;
	}
	for (size_t i = 0; i < maker->files->n; i++) {
		const struct migration *file = maker->files->items[i];

		if (!adopt_can_match(file) || version_compare(&file->version, &last->version) > 0)
			continue;
		maker->is_taken[i] = true;
		add_found(maker, entry, file, "");
	}
}

/* --- rows ---------------------------------------------------------------------------------- */

/* Without a number for it, the time decides about the order, and the version among equals. */
static int compare_found(const void *a, const void *b)
{
	const struct found *left = a, *right = b;
	int order = strcmp(or_empty(left->entry->applied_on), or_empty(right->entry->applied_on));

	if (order == 0)
		order = version_compare(&left->file->version, &right->file->version);
	return order != 0 ? order : (left->place > right->place) - (left->place < right->place);
}

static struct history_row *add_row(struct maker *maker, const struct history_row *row)
{
	struct history_rows *rows = &maker->adoption->rows;

	rows->items = arena_grow(maker->arena, rows->items, rows->n, sizeof(*rows->items));
	rows->items[rows->n] = *row;
	rows->items[rows->n].installed_rank = (int)rows->n + 1;
	return &rows->items[rows->n++];
}

static const struct migration *find_undo(const struct maker *maker, const struct migration *file)
{
	for (size_t i = 0; i < maker->files->n; i++)
		if (migration_is_undo(maker->files->items[i]) &&
		    version_compare(&maker->files->items[i]->version, &file->version) == 0)
			return maker->files->items[i];
	return NULL;
}

/* As undo would have written it (step_row.c). */
static void add_taken_back(struct maker *maker, const struct found *found,
                           const struct history_row *run)
{
	struct history_row row = *run;
	const struct migration *undo = find_undo(maker, found->file);

	row.type = MIGRATION_DELETE;
	row.description = undo_reason_describe(maker->arena, found->entry->reason, row.description);
	if (maker->options->undo_history == UNDO_HISTORY_UNDO && undo != NULL) {
		row.type = undo->type;
		row.description = undo->description;
		row.script = undo->script;
		row.checksum = undo->checksum;
	}
	row.installed_on = found->entry->taken_back_on;
	add_row(maker, &row);
}

static void add_rows(struct maker *maker, const struct found *found)
{
	const struct old_entry *entry = found->entry;
	const struct migration *file = found->file;
	const bool is_taken_back = entry->state == OLD_TAKEN_BACK;
	const struct history_row row = {
		.version = file->version,
		.description = file->description,
		.type = file->type,
		.script = file->script,
		.has_checksum = true,
		.checksum = file->checksum,
		.installed_by = entry->applied_by != NULL ? entry->applied_by
	                                                  : maker->options->installed_by,
		.installed_on = entry->applied_on,
		.success = true,
	};
	struct adopt_line line =
		line_of_file(file, is_taken_back ? "rolled back" : "applied", found->remark);

	line.installed_on = or_empty(entry->applied_on);
	line.installed_by = or_empty(row.installed_by);
	add_line(maker, &line);
	if (is_taken_back && maker->options->undo_history == UNDO_HISTORY_DELETE)
		return;
	add_row(maker, &row);
	if (is_taken_back)
		add_taken_back(maker, found, &row);
}

/* --- what was not applied ------------------------------------------------------------------ */

static bool is_pending(const struct maker *maker, size_t i)
{
	return adopt_can_match(maker->files->items[i]) && !maker->is_taken[i];
}

static struct version last_applied(const struct maker *maker)
{
	struct version last = version_empty();

	for (size_t i = 0; i < maker->n; i++)
		if (maker->found[i].entry->state == OLD_APPLIED &&
		    version_compare(&maker->found[i].file->version, &last) > 0)
			last = maker->found[i].file->version;
	return last;
}

static void add_pending(struct maker *maker)
{
	struct version last = last_applied(maker);

	for (size_t i = 0; i < maker->files->n; i++) {
		const struct migration *file = maker->files->items[i];
		bool is_below = version_compare(&file->version, &last) < 0;

		if (!is_pending(maker, i))
			continue;
		struct adopt_line line = line_of_file(
			file, "pending",
			is_below ? "not applied, below the last one: migrate needs outOfOrder=true"
				 : "not applied: stays pending");
		add_line(maker, &line);
	}
}

void adoption_make(struct arena *arena, const struct old_history *history,
                   const struct migration_list *files, const struct adopt_facts *facts,
                   const struct adopt_options *options, struct adoption *adoption)
{
	struct maker maker = {
		.arena = arena,
		.history = history,
		.files = files,
		.facts = facts,
		.options = options,
		.adoption = adoption,
		.is_taken = arena_array(arena, files->n, sizeof(bool)),
	};
	bool has_one = history->format->keys == ADOPT_UP_TO_NUMBER ||
	               history->format->keys == ADOPT_UP_TO_REVISION;

	*adoption = (struct adoption){0};
	if (!has_one)
		match_each(&maker);
	for (size_t i = 0; has_one && i < history->n; i++)
		match_up_to(&maker, &history->items[i]);
	if (!history->is_ordered && maker.n > 0)
		qsort(maker.found, maker.n, sizeof(*maker.found), compare_found);
	for (size_t i = 0; i < maker.n; i++)
		add_rows(&maker, &maker.found[i]);
	for (size_t i = 0; i < maker.left_out_n; i++)
		add_line(&maker, &maker.left_out[i]);
	add_pending(&maker);
}
