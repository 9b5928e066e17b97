/* SPDX-License-Identifier: Apache-2.0 */
#include "json_fixture.h"

#include <stdlib.h>

struct arena arena;
struct json json;

void json_setup(void)
{
	arena_init(&arena);
	json_init(&json);
	setenv("TZ", "UTC0", 1);
}

void json_teardown(void)
{
	unsetenv("TZ");
	json_release(&json);
	arena_release(&arena);
}
