/* SPDX-License-Identifier: Apache-2.0 */
/* fuzz_toml.c - any text is a flyway.toml, or has a fault at a place that exists */
#include "cflyway/config/environments.h"
#include "cflyway/config/toml_file.h"

#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool holds)
{
	if (!holds)
		abort();
}

static void check_pairs(const struct pairs *pairs)
{
	for (size_t i = 0; i < pairs->n; i++)
		check(pairs_find(pairs, pairs->items[i].key) == &pairs->items[i] &&
		      pairs->items[i].value != NULL &&
		      strncmp(pairs->items[i].origin, "x.toml:", strlen("x.toml:")) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str text = {(const char *)data, size};
	struct arena arena;
	struct pairs pairs, effective;
	struct toml_findings findings = {0};
	struct environment_facts facts;

	arena_init(&arena);
	struct error err = ERROR_INIT(&arena);
	pairs_init(&pairs, &arena);
	pairs_init(&effective, &arena);
	if (toml_file_parse(text, "x.toml", &pairs, &findings, &err)) {
		check_pairs(&pairs);
		if (environments_apply(&pairs, &effective, &facts, &err))
			check_pairs(&effective);
		else
			check(err.is_set);
	} else {
		check(err.is_set && err.message[0] != '\0');
	}
	arena_release(&arena);
	return 0;
}
