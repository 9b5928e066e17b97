/* SPDX-License-Identifier: Apache-2.0 */
/* report_html.h - the report as a page */
#ifndef CFLYWAY_OUTPUT_REPORT_HTML_H
#define CFLYWAY_OUTPUT_REPORT_HTML_H

#include "cflyway/base/buf.h"
#include "cflyway/output/json_value.h"

/*
 * Appends a complete page with a section for each result, in their order. It needs nothing from
 * elsewhere and no script; whatever comes from a result is escaped. when is the time shown.
 */
void report_html(struct arena *arena, const struct json_value *results, const char *when,
                 struct buf *out);

#endif
