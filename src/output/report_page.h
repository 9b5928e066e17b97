/* SPDX-License-Identifier: Apache-2.0 */
/*
 * report_page.h - writes text into the page of a report, so that it cannot be taken for HTML
 */
#ifndef CFLYWAY_OUTPUT_REPORT_PAGE_H
#define CFLYWAY_OUTPUT_REPORT_PAGE_H

#include "cflyway/base/arena.h"
#include "cflyway/base/buf.h"

struct page {
	struct arena *arena;
	struct buf *out;
};

/* Writes HTML as it is. */
void page_put(const struct page *page, const char *html);

/* Writes text, escaped. */
void page_put_text(const struct page *page, const char *text);

/* The same; NULL and "" are a dash. */
void page_put_value(const struct page *page, const char *text);

#endif
