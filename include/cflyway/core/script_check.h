/* SPDX-License-Identifier: Apache-2.0 */
/*
 * script_check.h - what a script is, and whether it may run, found before any of it runs
 */
#ifndef CFLYWAY_CORE_SCRIPT_CHECK_H
#define CFLYWAY_CORE_SCRIPT_CHECK_H

#include "cflyway/base/attr.h"
#include "cflyway/core/script_prescan.h"
#include "cflyway/core/run.h"
#include "cflyway/core/script.h"
#include "cflyway/core/script_traits.h"
#include "cflyway/migration/migration.h"

#include <stdbool.h>

/*
 * Reads the whole script once, unless it was read ahead; programs are not read. text (NULL: not
 * wanted) is filled if the script is small; the caller releases it, also after a failure. Errors:
 * those of the splitter; "Detected both transactional and non-transactional statements within the
 * same migration …"; a changed file.
 */
MUST_USE bool script_check(const struct run *run, const struct migration *migration,
                           struct script_traits *traits, struct script_text *text,
                           struct error *err);

/* The same while the file is summed. Not for programs and repeatables. Errors: also if it is no
 * regular file. */
MUST_USE bool script_prescan(const struct run *run, const struct migration *migration,
                             struct prescan *prescan, struct error *err);

#endif
