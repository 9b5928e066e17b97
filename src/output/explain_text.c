/* SPDX-License-Identifier: Apache-2.0 */
/* explain_text.c - prints what explain has found: one explanation, or the list of all */
#include "cflyway/output/explain_text.h"

#include "cflyway/output/wrap.h"

#include <limits.h>

enum { NAME_COLUMN = 20 };

static void add_part(struct buf *text, const char *title, const char *sentences)
{
	buf_printf(text, "\n\n%s\n  ", title);
	wrap_add(text, 2, 2, sentences);
}

static void add_explanation(struct buf *text, const struct explanation *explanation)
{
	buf_printf(text, "%s  %s\n  ", explanation->code, explanation->name);
	wrap_add(text, 2, 2, explanation->meaning);
	add_part(text, "What it mostly comes from", explanation->causes);
	add_part(text, "What to do", explanation->advice);
}

static void add_list(struct buf *text)
{
	buf_add(text, "Codes that \"cflyway explain CODE\" explains\n");
	for (size_t i = 0; i < explanation_count; i++)
		wrap_add_item(text, explanations[i].code, NAME_COLUMN, explanations[i].name);
	text->len--; /* the log ends the line */
}

void explain_text_print(const struct explain_result *result, const struct log *log)
{
	struct buf text = BUF_EMPTY(INT_MAX);

	if (result->only != NULL)
		add_explanation(&text, result->only);
	else
		add_list(&text);
	log_text(log, LOG_LEVEL_INFO, buf_str(&text));
	buf_release(&text);
}
