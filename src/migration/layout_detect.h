/* SPDX-License-Identifier: Apache-2.0 */
/*
 * layout_detect.h - which layout do the files of the locations have?
 */
#ifndef CFLYWAY_SRC_MIGRATION_LAYOUT_DETECT_H
#define CFLYWAY_SRC_MIGRATION_LAYOUT_DETECT_H

#include "cflyway/base/attr.h"
#include "cflyway/base/error.h"
#include "cflyway/base/log.h"
#include "cflyway/migration/resolve_options.h"

#include <stdbool.h>
#include <stddef.h>

/* What speaks for a layout. */
struct layout_evidence {
	size_t n;          /* files */
	const char *first; /* the path of one of them */
};

struct layout_evidences {
	struct layout_evidence of[LAYOUT_KIND_COUNT];
	struct layout_evidence plain; /* 001_x.sql without any marker */
};

/*
 * Adds what a file speaks for. Reads it if its name alone does not tell; one that cannot be read
 * speaks for nothing.
 */
void layout_evidence_add(struct arena *arena, const struct resolve_options *options,
                         const struct location_file *file, struct layout_evidences *evidences);

/*
 * Decides on a layout and says so in a line of our own; *kind is LAYOUT_FLYWAY if there is nothing.
 * Errors: two layouts fit.
 */
MUST_USE bool layout_detect(const struct layout_evidences *evidences, const struct log *log,
                            enum layout_kind *kind, struct error *err);

/* Logs which option reads the files, if they speak for a layout other than Flyway's. */
void layout_hint(const struct layout_evidences *evidences, const struct log *log);

#endif
