/* SPDX-License-Identifier: Apache-2.0 */
/* duplicates.h - drop files found twice, refuse two files for one version */
#ifndef CFLYWAY_SRC_MIGRATION_DUPLICATES_H
#define CFLYWAY_SRC_MIGRATION_DUPLICATES_H

#include "cflyway/migration/migration.h"

/* Orders a list by version or description, baseline after versioned, then script, then path. */
int duplicates_compare(const struct migration *a, const struct migration *b);

/*
 * Drops files that were found through two locations from a sorted list. Errors: two different files
 * with the same version or description.
 */
MUST_USE bool duplicates_drop(struct migration_list *list, struct error *err);

#endif
