/* SPDX-License-Identifier: Apache-2.0 */
/* script.c - opens the file of a migration as a stream of statements */
#include "cflyway/core/script.h"

#include "cflyway/core/script_prescan.h"
#include "cflyway/core/session.h"

static bool tap_next(struct text_source *source, struct str *piece, struct error *err)
{
	struct checksum_tap *tap = (struct checksum_tap *)source;

	if (!tap->input->next(tap->input, piece, err))
		return false;
	checksum_update(&tap->sum, *piece);
	return true;
}

static struct text_source *tap_open(struct checksum_tap *tap, struct text_source *input)
{
	*tap = (struct checksum_tap){.source = {.next = tap_next}, .input = input};
	return &tap->source;
}

struct text_source *script_open_file(struct script *script, const struct migration *migration,
                                     struct error *err)
{
	if (!text_file_open(&script->file, migration->absolute_path, migration->encoding, err))
		return NULL;
	script->file.shown = migration->path;
	return part_source_open(&script->part, &migration->part, migration->path,
	                        &script->file.source);
}

struct text_source *script_filter(struct script *script, const struct run *run,
                                  const struct migration *migration, struct text_source *text,
                                  bool sums)
{
	/* The recorded sum of a repeatable is that of the text with its placeholders replaced. */
	bool sums_replaced = !migration_is_versioned(migration);

	if (sums && !sums_replaced)
		text = tap_open(&script->tap, text);
	if (migration->replace_placeholders) {
		placeholder_source_open(&script->filter, text, &run->session->placeholders,
		                        migration->placeholder_name);
		script_origin_open(&script->origin, migration->path, migration->absolute_path,
		                   migration->encoding, &migration->part);
		script->filter.origin = &script->origin.origin;
		text = &script->filter.source;
	}
	return sums && sums_replaced ? tap_open(&script->tap, text) : text;
}

void script_split(struct script *script, const struct run *run, const struct migration *migration,
                  struct text_source *text)
{
	struct split_options options = {
		.path = migration->path,
		.max_statement_size = run->settings->max_statement_size,
		.context = {.server_version = run->db->server_version},
	};

	script->text = text;
	script->splitter = split_open(db_dialect(run->db), text, &options);
}

/* False: the text is not in memory. */
static bool open_memory(struct script *script, const struct run *run,
                        const struct migration *migration, const struct script_text *text)
{
	if (text == NULL || !text->is_known)
		return false;
	text_memory_init(&script->memory, buf_str(&text->text), 0);
	script->is_verified = true;
	script_split(script, run, migration,
	             script_filter(script, run, migration, &script->memory.source, false));
	return true;
}

bool script_open(struct script *script, const struct run *run, const struct migration *migration,
                 const struct script_text *text, struct error *err)
{
	const struct prescan *prescan = prescan_find(run, migration);

	*script = (struct script)SCRIPT_CLOSED;
	if (open_memory(script, run, migration, text))
		return true;
	struct text_source *source = script_open_file(script, migration, err);
	if (source == NULL)
		return false;
	if (prescan != NULL && prescan->stamp.is_settled &&
	    file_has_stamp(&script->file.file, &prescan->stamp))
		script->stamp = &prescan->stamp;
	struct text_source *filtered =
		script_filter(script, run, migration, source, script->stamp == NULL);
	script_split(script, run, migration, filtered);
	return true;
}

bool script_open_copy(struct script *script, const struct run *run,
                      const struct migration *migration, const struct script_text *text,
                      struct error *err)
{
	*script = (struct script)SCRIPT_CLOSED;
	if (open_memory(script, run, migration, text))
		return true;
	struct text_source *source = script_open_file(script, migration, err);
	if (source == NULL ||
	    !text_file_spool(&script->copy, script_filter(script, run, migration, source, true),
	                     err) ||
	    !script_verify(script, migration, err))
		return false;
	script->is_verified = true;
	script_split(script, run, migration, &script->copy.source);
	return true;
}

void script_close(struct script *script)
{
	split_close(script->splitter);
	script->splitter = NULL;
	placeholder_source_close(&script->filter);
	part_source_close(&script->part);
	text_file_close(&script->file);
	text_file_close(&script->copy);
}

void script_text_release(struct script_text *text)
{
	buf_release(&text->text);
	*text = (struct script_text){0};
}

bool script_changed(const struct migration *migration, struct error *err)
{
	return error_set(
		err, ERROR_GENERAL,
		"%s has changed since its checksum was computed. Run migrate again when the "
		"file is complete.",
		migration->path);
}

bool script_verify(const struct script *script, const struct migration *migration,
                   struct error *err)
{
	bool is_same = !migration->has_checksum || script->is_verified;

	if (!is_same && script->stamp != NULL)
		is_same = file_has_stamp(&script->file.file, script->stamp);
	else if (!is_same)
		is_same = checksum_value(&script->tap.sum) == migration->checksum;
	return is_same || script_changed(migration, err);
}

/* So that the sum is that of the whole text. False: it cannot be read any more. */
static bool read_rest(struct script *script, struct error *err)
{
	struct str piece;

	do {
		if (!script->text->next(script->text, &piece, err))
			return false;
	} while (piece.len > 0);
	return true;
}

bool script_note_change(struct script *script, const struct migration *migration, struct error *err)
{
	struct error found = ERROR_INIT(err->arena);

	if (!migration->has_checksum || script->is_verified)
		return true;
	if ((script->stamp != NULL || read_rest(script, &found)) &&
	    script_verify(script, migration, &found))
		return true;
	error_note(err,
	           "%s has changed since its checksum was computed: what failed may be a part of "
	           "it. Run migrate again when the file is complete.",
	           migration->path);
	return false;
}
