/* SPDX-License-Identifier: Apache-2.0 */
#include "json_fixture.h"

struct arena arena;
struct json json;

void json_setup(void)
{
	arena_init(&arena);
	json_init(&json);
}

void json_teardown(void)
{
	json_release(&json);
	arena_release(&arena);
}
