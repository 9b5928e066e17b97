/* SPDX-License-Identifier: Apache-2.0 */
/*
 * annotation.h - failures as lines that the runner of GitHub Actions shows beside the scripts
 *
 * "::error file=sql/V2__b.sql,line=3,col=1,title=…::message". The lines go to standard error, which
 * the runner reads as well as standard output, and never into a document or the file of
 * -outputFile. They hold nothing that the report of the failure does not hold.
 */
#ifndef CFLYWAY_OUTPUT_ANNOTATION_H
#define CFLYWAY_OUTPUT_ANNOTATION_H

#include "cflyway/base/arena.h"
#include "cflyway/base/error.h"
#include "cflyway/base/log.h"
#include "cflyway/config/args.h"
#include "cflyway/core/result.h"

#include <stdbool.h>

struct annotations {
	bool are_wanted;
	const char *workspace; /* the folder of the repository */
};

/*
 * They are wanted if GITHUB_ACTIONS is "true", unless standard error is for objects
 * (outputLogsInJson, outputProgress). Paths are in GITHUB_WORKSPACE, or in the current directory.
 */
void annotations_open(struct annotations *annotations, struct arena *arena,
                      const struct invocation *invocation);

/*
 * Logs a failure: one line, or one for each of its items, as many as GitHub shows. target is that
 * of several, or NULL. result (may be NULL) is what the command produced nevertheless.
 */
void annotate_failure(const struct annotations *annotations, const struct log *log,
                      const char *target, const struct result *result, const struct error *err);

#endif
