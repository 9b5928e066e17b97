/* SPDX-License-Identifier: Apache-2.0 */
/* report_notes.c - shows the notes of a failure in the page of a report */
#include "report_notes.h"

#include "cflyway/base/note.h"

static const char *const titles[] = {
	[NOTE_PLACE] = "Where it failed",  [NOTE_CAUSE] = "Why",       [NOTE_REMARK] = "Note",
	[NOTE_OUTCOME] = "What holds now", [NOTE_NEXT] = "What to do",
};

/* A report may have been changed by hand: an unknown kind, or none, is a remark. */
static enum note_kind kind_of(const struct json_value *note)
{
	const char *name = json_member_text(note, "kind");

	for (size_t i = 0; i < COUNT(titles); i++)
		if (str_same(name, note_kind_name((enum note_kind)i)))
			return (enum note_kind)i;
	return NOTE_REMARK;
}

/* Notes of one kind follow each other under one title. */
void report_notes_put(const struct page *page, const struct json_value *notes)
{
	const char *above = NULL;

	if (notes == NULL || notes->kind != JSON_ARRAY)
		return;
	for (size_t i = 0; i < notes->n; i++) {
		const struct json_value *note = &notes->items[i];
		const char *title = titles[kind_of(note)];

		if (!str_same(title, above)) {
			page_put(page, "<h3>");
			page_put(page, title);
			page_put(page, "</h3>\n");
		}
		page_put(page, "<pre class=\"note\">");
		page_put_value(page, json_member_text(note, "message"));
		page_put(page, "</pre>\n");
		above = title;
	}
}
