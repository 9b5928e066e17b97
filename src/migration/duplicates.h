/* SPDX-License-Identifier: Apache-2.0 */
/* duplicates.h - one file for each version and for each description of a repeatable */
#ifndef CFLYWAY_SRC_MIGRATION_DUPLICATES_H
#define CFLYWAY_SRC_MIGRATION_DUPLICATES_H

#include "cflyway/migration/migration.h"

/* Order of a list: version or description, baseline after versioned, script, path. */
int duplicates_compare(const struct migration *a, const struct migration *b);

/*
 * Drops what was found twice through two locations from a sorted list. Errors: two different files
 * with the same version or description.
 */
MUST_USE bool duplicates_drop(struct migration_list *list, struct error *err);

#endif
