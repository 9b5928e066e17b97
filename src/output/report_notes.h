/* SPDX-License-Identifier: Apache-2.0 */
/* report_notes.h - shows the notes of a failure in the page of a report */
#ifndef CFLYWAY_OUTPUT_REPORT_NOTES_H
#define CFLYWAY_OUTPUT_REPORT_NOTES_H

#include "report_page.h"

#include "cflyway/output/json_value.h"

/* Appends the notes, the value of the key "cflyway" of a result; NULL: there are none. */
void report_notes_put(const struct page *page, const struct json_value *notes);

#endif
