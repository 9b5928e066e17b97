/* SPDX-License-Identifier: Apache-2.0 */
/* trial_modes.c - the modes of PostgreSQL's locks on tables, and which of them conflict */
#include "trial_modes.h"

/* The documentation's table of conflicts, one bit for each level. */
static const struct {
	const char *name, *words, *blocks;
	unsigned conflicts;
} modes[] = {
	{NULL, NULL, NULL, 0},
	{"AccessShareLock", "ACCESS SHARE", NULL, 0x100},
	{"RowShareLock", "ROW SHARE", NULL, 0x180},
	{"RowExclusiveLock", "ROW EXCLUSIVE", NULL, 0x1E0},
	{"ShareUpdateExclusiveLock", "SHARE UPDATE EXCLUSIVE", "DDL and VACUUM", 0x1F0},
	{"ShareLock", "SHARE", "writes", 0x1D8},
	{"ShareRowExclusiveLock", "SHARE ROW EXCLUSIVE", "writes", 0x1F8},
	{"ExclusiveLock", "EXCLUSIVE", "writes", 0x1FC},
	{"AccessExclusiveLock", "ACCESS EXCLUSIVE", "reads and writes", 0x1FE},
};

size_t trial_mode_level(struct str name)
{
	size_t level = TRIAL_MODES_N;

	while (level > 0 && !str_eq(name, str_of(modes[level].name)))
		level--;
	return level;
}

const char *trial_mode_words(size_t level)
{
	return modes[level].words;
}

const char *trial_mode_blocks(size_t level)
{
	return modes[level].blocks;
}

bool trial_modes_conflict(size_t one, size_t other)
{
	return (modes[one].conflicts & 1U << other) != 0;
}
