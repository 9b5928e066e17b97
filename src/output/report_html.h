/* SPDX-License-Identifier: Apache-2.0 */
/* report_html.h - writes the report as an HTML page */
#ifndef CFLYWAY_OUTPUT_REPORT_HTML_H
#define CFLYWAY_OUTPUT_REPORT_HTML_H

#include "cflyway/base/buf.h"
#include "cflyway/output/json_value.h"

/*
 * Appends a complete page with one section per result, in their order. The page loads nothing and
 * contains no script; every value from a result is escaped. when is the time shown.
 */
void report_html(struct arena *arena, const struct json_value *results, const char *when,
                 struct buf *out);

#endif
