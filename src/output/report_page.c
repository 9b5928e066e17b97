/* SPDX-License-Identifier: Apache-2.0 */
/* report_page.c - writes text into the page of a report, so that it cannot be taken for HTML */
#include "report_page.h"

#include "cflyway/base/utf8.h"

enum {
	LAST_ASCII = 0x7F,
	FIRST_C1 = 0x7F, /* control characters, with DEL */
	LAST_C1 = 0x9F,
	REPLACEMENT = 0xFFFD,
};

void page_put(const struct page *page, const char *html)
{
	buf_add(page->out, html);
}

static const char *entity(char c)
{
	switch (c) {
	case '&':
		return "&amp;";
	case '<':
		return "&lt;";
	case '>':
		return "&gt;";
	case '"':
		return "&quot;";
	case '\'':
		return "&#39;";
	default:
		return NULL;
	}
}

/* HTML must not contain control characters at all. */
static bool is_control(uint32_t code)
{
	return (code < ' ' && code != '\n' && code != '\t' && code != '\r') ||
	       (code >= FIRST_C1 && code <= LAST_C1);
}

static void put_character(const struct page *page, uint32_t code)
{
	char bytes[UTF8_MAX];

	buf_append(page->out, bytes, utf8_encode(is_control(code) ? REPLACEMENT : code, bytes));
}

void page_put_text(const struct page *page, const char *text)
{
	struct str rest = str_of(text);

	while (rest.len > 0) {
		uint32_t code = utf8_next(&rest);
		const char *name = code <= LAST_ASCII ? entity((char)code) : NULL;

		if (name != NULL)
			page_put(page, name);
		else
			put_character(page, code);
	}
}

void page_put_value(const struct page *page, const char *text)
{
	if (text == NULL || text[0] == '\0')
		page_put(page, "&ndash;");
	else
		page_put_text(page, text);
}
