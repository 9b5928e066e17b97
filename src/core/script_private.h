/* SPDX-License-Identifier: Apache-2.0 */
/*
 * script_private.h - the parts of a script's stream, for those who put it together
 */
#ifndef CFLYWAY_CORE_SCRIPT_PRIVATE_H
#define CFLYWAY_CORE_SCRIPT_PRIVATE_H

#include "cflyway/core/script.h"

/*
 * What text is turned into before it is cut: placeholders are replaced and, if asked for, tap sums
 * it where Flyway does. Lives in script.
 */
struct text_source *script_filter(struct script *script, const struct run *run,
                                  const struct migration *migration, struct text_source *text,
                                  bool sums);

/* Opens the splitter on the text. */
void script_start(struct script *script, const struct run *run, const struct migration *migration,
                  struct text_source *text);

#endif
