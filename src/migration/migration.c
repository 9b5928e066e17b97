/* SPDX-License-Identifier: Apache-2.0 */
/* migration.c - answer questions about a single migration */
#include "cflyway/migration/migration.h"

bool migration_is_versioned(const struct migration *migration)
{
	return version_is_set(&migration->version);
}

bool migration_is_baseline(const struct migration *migration)
{
	return migration_type_is_baseline(migration->type) && migration->program == NULL;
}

bool migration_is_undo(const struct migration *migration)
{
	return migration_type_is_undo(migration->type);
}

bool migration_checksum_matches(const struct migration *migration, int32_t stored)
{
	return stored == migration->checksum ||
	       (!migration_is_versioned(migration) && stored == migration->raw_checksum);
}
