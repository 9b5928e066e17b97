/* SPDX-License-Identifier: Apache-2.0 */
/* part_watch.c - notices when a text that is one script has the markers of two parts */
#include "cflyway/migration/part_watch.h"

static const struct part_syntax *const syntaxes[PART_SYNTAX_COUNT] = {
	&part_syntax_goose,
	&part_syntax_dbmate,
	&part_syntax_tern,
};

static bool look_at_line(void *ctx, struct str line, struct error *err)
{
	struct part_watch *watch = ctx;
	bool unused;

	(void)err;
	for (size_t i = 0; i < PART_SYNTAX_COUNT; i++) {
		enum part_mark mark = part_mark_read(syntaxes[i], line, &unused);

		watch->has_up[i] |=
			mark == MARK_UP || (mark == MARK_DOWN && syntaxes[i]->up == NULL);
		watch->has_down[i] |= mark == MARK_DOWN;
	}
	return true;
}

static bool watch_next(struct text_source *source, struct str *piece, struct error *err)
{
	struct part_watch *watch = (struct part_watch *)source;

	return watch->input->next(watch->input, piece, err) &&
	       (piece->len > 0 ? comment_lines_feed(&watch->lines, *piece, err)
	                       : comment_lines_finish(&watch->lines, err));
}

struct text_source *part_watch_open(struct part_watch *watch, struct text_source *input)
{
	*watch = (struct part_watch){.source = {.next = watch_next}, .input = input};
	comment_lines_open(&watch->lines, NULL, look_at_line, watch);
	return &watch->source;
}

void part_watch_close(struct part_watch *watch)
{
	if (watch->input == NULL)
		return;
	watch->input = NULL;
	comment_lines_close(&watch->lines);
}

const struct part_syntax *part_watch_found_up(const struct part_watch *watch)
{
	for (size_t i = 0; i < PART_SYNTAX_COUNT; i++)
		if (watch->has_up[i])
			return syntaxes[i];
	return NULL;
}

const struct part_syntax *part_watch_found(const struct part_watch *watch)
{
	for (size_t i = 0; i < PART_SYNTAX_COUNT; i++)
		if (watch->has_up[i] && watch->has_down[i])
			return syntaxes[i];
	return NULL;
}
