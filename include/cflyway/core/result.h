/*
 * result.h - what a command hands to the output
 *
 * Progress is logged as it happens; what is left to print at the end stands here.
 */
#ifndef CFLYWAY_CORE_RESULT_H
#define CFLYWAY_CORE_RESULT_H

#include "cflyway/core/info.h"

#include <stdbool.h>
#include <stddef.h>

enum result_kind {
	RESULT_NOTHING, /* all has been logged */
	RESULT_INFO,
	RESULT_MIGRATION_IDS,
	RESULT_HELP,
};

struct info_result {
	const struct info_entry **entries; /* those to show */
	size_t n;
	bool nothing_on_disk;  /* no entry has a file: settings are shown before the table */
	const char *locations; /* as they were understood, for these settings */
	const char *callback_locations;
};

struct result {
	enum result_kind kind;
	struct info_result info;
};

#endif
