/* SPDX-License-Identifier: Apache-2.0 */
/*
 * resolve.h - the migrations on disk: the files of the session, read
 *
 * When migrations are to run, large scripts that are pending are checked while they are summed:
 * the history tells which ones, and they need not be read again before they run (script_prescan.h).
 */
#ifndef CFLYWAY_CORE_RESOLVE_H
#define CFLYWAY_CORE_RESOLVE_H

#include "cflyway/base/attr.h"
#include "cflyway/core/run.h"
#include "cflyway/migration/migration.h"

#include <stdbool.h>

/*
 * Reads the files of run->session; sets run->prescans. Errors: those of resolve_read and
 * resolve_sort.
 */
MUST_USE bool resolve_session(struct run *run, struct migration_list *migrations,
                              struct error *err);

#endif
