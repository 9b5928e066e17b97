/* SPDX-License-Identifier: Apache-2.0 */
/*
 * report.h - writes the report that reportEnabled asks for: NAME.json and NAME.html
 *
 * The report collects the results of info, migrate and undo while the verbs run, and is written
 * after the last verb or when migrate or undo fails. NAME.json is read first; the newest result of
 * each operation stays. All of this is measured with Flyway 12.4.0; the layout of the page is
 * cflyway's own, and so is undo, which stands under a key of its own (report_previous.h).
 */
#ifndef CFLYWAY_OUTPUT_REPORT_H
#define CFLYWAY_OUTPUT_REPORT_H

#include "cflyway/base/arena.h"
#include "cflyway/base/attr.h"
#include "cflyway/base/clock.h"
#include "cflyway/base/error.h"
#include "cflyway/config/settings.h"
#include "cflyway/core/result.h"
#include "cflyway/output/json_value.h"

#include <stdbool.h>

struct report {
	struct arena arena;
	const struct settings *settings;
	const char *target;        /* the target of -targets; NULL without -targets */
	struct json_value results; /* an array, in the order of the verbs */
};

/* The absolute paths of a report, with links, "." and ".." resolved. */
struct report_files {
	const char *json, *html;
};

/* target (may be NULL) becomes part of the names: targets do not overwrite each other. */
void report_open(struct report *report, const struct settings *settings, const char *target);
void report_close(struct report *report);

/*
 * Adds a result if it belongs in the report; err is the failure of migrate or undo, or NULL. Its
 * notes are objects under the key "cflyway" of the result, which Flyway skips.
 */
void report_add(struct report *report, const struct result *result, const struct error *err);

bool report_is_empty(const struct report *report);

/* Flyway only warns when it cannot write a report with the default name. */
bool report_has_default_name(const struct report *report);

/*
 * Writes the files; *files lives in the arena of the report. Errors: ERROR_GENERAL saying what
 * cannot be read or written. The data may have been written although the page could not be.
 */
MUST_USE bool report_write(struct report *report, const struct clock *clock,
                           struct report_files *files, struct error *err);

#endif
