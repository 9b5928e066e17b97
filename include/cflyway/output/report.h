/* SPDX-License-Identifier: Apache-2.0 */
/*
 * report.h - the report that reportEnabled asks for: NAME.json and NAME.html
 *
 * Results of info and migrate are collected while the verbs run and written after the last one, or
 * when migrate fails. NAME.json is read first: of each operation the newest result stays. All of it
 * is measured with Flyway 12.4.0; the page is our own.
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
	const char *target;        /* of -targets; NULL without */
	struct json_value results; /* an array, in the order of the verbs */
};

/* The files of a report, without links and dots. */
struct report_files {
	const char *json, *html;
};

/* target (may be NULL) becomes a part of the names: targets do not overwrite one another. */
void report_open(struct report *report, const struct settings *settings, const char *target);
void report_close(struct report *report);

/* Takes a result if it belongs into the report; err is the failure of migrate, or NULL. */
void report_add(struct report *report, const struct result *result, const struct error *err);

bool report_is_empty(const struct report *report);

/* Flyway only warns when it cannot write a report whose name nobody has chosen. */
bool report_has_default_name(const struct report *report);

/*
 * Writes the files; *files lives in the arena of the report. Errors: ERROR_GENERAL saying what
 * cannot be read or written. The data may have been written when the page could not be.
 */
MUST_USE bool report_write(struct report *report, const struct clock *clock,
                           struct report_files *files, struct error *err);

#endif
