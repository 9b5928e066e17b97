/* SPDX-License-Identifier: Apache-2.0 */
/* script_origin.c - finds the line and column of an offset in the text of a script */
#include "cflyway/migration/script_origin.h"

#include "cflyway/sql/script_place.h"

struct reader {
	const struct script_origin *origin;
	struct text_file file;
	struct part_source part;
};

static void reader_close(struct reader *reader)
{
	part_source_close(&reader->part);
	text_file_close(&reader->file);
}

static struct text_source *read_again(void *ctx, struct error *err)
{
	struct reader *reader = ctx;
	const struct script_origin *origin = reader->origin;
	const struct part_of_file whole = {0};

	reader_close(reader);
	if (!text_file_open(&reader->file, origin->absolute_path, origin->encoding, err))
		return NULL;
	return part_source_open(&reader->part, origin->part != NULL ? origin->part : &whole,
	                        origin->path, &reader->file.source);
}

static bool find(const struct text_origin *base, size_t offset, struct note_place *place)
{
	struct arena scratch = ARENA_EMPTY;
	struct error ignored = ERROR_INIT(&scratch);
	struct reader reader = {
		.origin = (const struct script_origin *)base,
		.file = TEXT_FILE_CLOSED,
	};
	const struct script_again again = {.read = read_again, .ctx = &reader};
	struct source_line line = {0};
	bool ok = script_place_line(&again, offset, &scratch, &line, &ignored);

	*place = (struct note_place){reader.origin->path, line.line, line.column};
	reader_close(&reader);
	arena_release(&scratch);
	return ok;
}

void script_origin_open(struct script_origin *origin, const char *path, const char *absolute_path,
                        const char *encoding, const struct part_of_file *part)
{
	*origin = (struct script_origin){{find}, path, absolute_path, encoding, part};
}
