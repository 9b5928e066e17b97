/* SPDX-License-Identifier: Apache-2.0 */
/* fuzz_properties.c - any text is a properties file; variables hold what makes trouble */
#include "cflyway/config/properties.h"

#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool holds)
{
	if (!holds)
		abort();
}

static const char *get(const void *ctx, const char *name)
{
	(void)ctx;
	check(name[0] != '\0');
	switch (name[0]) {
	case 'A':
		return "a\\b\\u0041\\ud83d\\ude00\\ud83d\\u00";
	case 'B':
		return "x\\";
	case 'C':
		return "p\nflyway.q=r\r#";
	default:
		return NULL;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct environment environment = {.get = get};
	struct arena arena;
	struct pairs pairs;

	arena_init(&arena);
	pairs_init(&pairs, &arena);
	properties_parse((struct str){(const char *)data, size}, "x.conf", &environment, &pairs);
	for (size_t i = 0; i < pairs.n; i++)
		check(pairs_find(&pairs, pairs.items[i].key) == &pairs.items[i] &&
		      pairs.items[i].value != NULL &&
		      strncmp(pairs.items[i].origin, "x.conf:", strlen("x.conf:")) == 0);
	arena_release(&arena);
	return 0;
}
