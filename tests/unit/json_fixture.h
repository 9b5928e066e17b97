/* SPDX-License-Identifier: Apache-2.0 */
/*
 * json_fixture.h - a document to write, memory for what it shows, and a fixed time
 */
#ifndef CFLYWAY_TESTS_JSON_FIXTURE_H
#define CFLYWAY_TESTS_JSON_FIXTURE_H

#include "cflyway/base/arena.h"
#include "cflyway/output/json.h"

#define NOW                                                                                        \
	{                                                                                          \
		.tv_sec = 1795271913, .tv_nsec = 543400000                                         \
	}
#define ISO_NOW "2026-11-21T14:38:33.5434"

/* Between json_setup and json_teardown. */
extern struct arena arena;
extern struct json json;

void json_setup(void);
void json_teardown(void);

#endif
