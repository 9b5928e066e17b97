/* SPDX-License-Identifier: Apache-2.0 */
/*
 * json_results.h - writes results and errors as the documents of -outputType=json
 *
 * Keys are in Flyway's order, which is alphabetical in results but not in errors.
 */
#ifndef CFLYWAY_OUTPUT_JSON_RESULTS_H
#define CFLYWAY_OUTPUT_JSON_RESULTS_H

#include "cflyway/base/arena.h"
#include "cflyway/base/error.h"
#include "cflyway/core/result.h"
#include "cflyway/output/json.h"

/* Does the result have a document at all? (help has none) */
bool json_has_result(const struct result *result);

/*
 * Writes the keys of the result; the caller opens and closes the object. err is the failure of a
 * migration, or NULL. arena is for temporary values.
 */
void json_result(struct json *json, struct arena *arena, const struct result *result,
                 const struct error *err);

/* Writes the key "error" of a document that contains nothing else. */
void json_error(struct json *json, const struct error *err);

/* The same for the document of migrate. failed is NULL if no script is to blame. */
void json_migrate_error(struct json *json, const struct error *err, const struct migration *failed);

/* Writes the key "cflyway": one object for each note. */
void json_notes(struct json *json, const struct note_list *notes);

#endif
