/* SPDX-License-Identifier: Apache-2.0 */
/* exit_code.c - what the exit code of cflyway means, as one table */
#include "cflyway/base/exit_code.h"

#include "cflyway/base/attr.h"

const struct exit_code_spec exit_codes[] = {
#define EXIT_CODE_ROW(name, number, meaning) {number, meaning},
	EXIT_CODES(EXIT_CODE_ROW)
#undef EXIT_CODE_ROW
};

const size_t exit_code_count = COUNT(exit_codes);

bool exit_code_is_failure(int code)
{
	return code != EXIT_DONE && code != EXIT_PENDING;
}
