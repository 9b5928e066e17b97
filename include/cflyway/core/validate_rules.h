/* SPDX-License-Identifier: Apache-2.0 */
/*
 * validate_rules.h - what is wrong between files and history (validate)
 */
#ifndef CFLYWAY_CORE_VALIDATE_RULES_H
#define CFLYWAY_CORE_VALIDATE_RULES_H

#include "cflyway/core/info.h"
#include "cflyway/migration/pattern.h"

struct validate_error {
	enum error_code code;
	const char *message; /* several lines */
	const struct info_entry *entry;
};

struct validate_errors {
	struct validate_error *items;
	size_t n;
};

/*
 * At most one error per entry, in the order of the entries. Pure. changes is NULL, or receives the
 * files that have changed since they were applied: they are no errors then.
 */
void validate_info(struct arena *arena, const struct info *info,
                   const struct pattern_list *patterns, struct validate_errors *errors,
                   struct validate_errors *changes);

#endif
