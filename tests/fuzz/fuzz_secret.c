/* SPDX-License-Identifier: Apache-2.0 */
/* fuzz_secret.c - what messages show of a text, and of a password after it */
#include "cflyway/config/secret.h"
#include "cflyway/sql/password_literal.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool holds)
{
	if (!holds)
		abort();
}

static bool is_hidden(const char *text)
{
	return strstr(text, "PLANTED") == NULL;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena arena;

	arena_init(&arena);
	const char *text = arena_strndup(&arena, (const char *)data, size);
	const char *url = arena_concat(&arena, text, "?password=PLANTED", "");
	const char *sql = arena_concat(&arena, text, " password 'PLANTED'", "");
	const char *word = arena_concat(&arena, "-password=", text, "");

	if (is_hidden(text)) {
		check(is_hidden(secret_mask_url(&arena, url)));
		check(is_hidden(secret_mask(&arena, "flyway.url", url)));
		check(strpbrk(text, "'$") != NULL || is_hidden(password_literal_mask(&arena, sql)));
	}
	check(strcmp(secret_mask_word(&arena, "-password", text), SECRET_MASK) == 0);
	check(strcmp(secret_mask_word(&arena, NULL, word), "-password=" SECRET_MASK) == 0);
	check(secret_find(str_of(text)) <= strlen(text));
	check(secret_key_length(str_of(text)) <= strlen(text));
	check(secret_is_misplaced(str_of(url)));
	secret_mask(&arena, "flyway.initSql", text);
	secret_mask_login(&arena, str_of(text));
	arena_release(&arena);
	return 0;
}
