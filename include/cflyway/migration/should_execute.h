/* SPDX-License-Identifier: Apache-2.0 */
/*
 * should_execute.h - evaluates the condition of a script: shouldExecute=${site}==Kiel
 *
 *   expression = "(" expression ")" | expression cmp expression | expression log expression
 *              | WORD cmp WORD | WORD cmp expression | expression cmp WORD | bool
 *   cmp = "==" | "!="    log = "&&" | "||"    bool = true | false, in any letter case
 *
 * A WORD has no white space and none of & | = ! ( ). Two words are compared as they are written; a
 * word and an expression as words, the first one in lower case. cmp binds tighter than log; && and
 * || have the same rank and are taken from the left. WORD cmp expression takes everything to its
 * right: env!=true && x==y is env!=(true && x==y).
 */
#ifndef CFLYWAY_MIGRATION_SHOULD_EXECUTE_H
#define CFLYWAY_MIGRATION_SHOULD_EXECUTE_H

#include "cflyway/base/attr.h"
#include "cflyway/base/error.h"
#include "cflyway/base/str.h"

#include <stdbool.h>

struct should_execute {
	bool value;
	/* && follows || in one row, where most languages would take && first */
	bool depends_on_order;
};

/*
 * The expression is without placeholders. Errors: ERROR_GENERAL 'Error parsing boolean expression:
 * Syntax error in expression: "a==". Details: …'; also if parentheses are nested too deeply.
 */
MUST_USE bool should_execute_evaluate(const char *expression, struct should_execute *result,
                                      struct error *err);

#endif
