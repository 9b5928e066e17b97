/* SPDX-License-Identifier: Apache-2.0 */
/*
 * failure_place.h - notes which line and column of its file a failed statement has failed at
 */
#ifndef CFLYWAY_CORE_FAILURE_PLACE_H
#define CFLYWAY_CORE_FAILURE_PLACE_H

#include "script_listener.h"

#include "cflyway/core/run.h"
#include "cflyway/core/script.h"
#include "cflyway/migration/migration.h"

/*
 * Adds notes of NOTE_PLACE to err, a failure that the database reports of that statement. Reads the
 * script again, and says nothing if that is not possible or the file has changed; its splitter must
 * not be used any more. text: what script_open was given, or NULL.
 */
void failure_place_note(struct script *script, const struct run *run,
                        const struct migration *migration, const struct script_text *text,
                        const struct in_flight *statement, struct error *err);

/*
 * Does so for a statement that cannot be cut out: offset is where it begins, as sent. script was
 * opened without a text.
 */
void failure_place_note_unparsed(struct script *script, const struct run *run,
                                 const struct migration *migration, size_t offset,
                                 struct error *err);

#endif
