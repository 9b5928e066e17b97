/* SPDX-License-Identifier: Apache-2.0 */
/* fuzz_connection_url.c - URLs of other tools; no message and no JDBC URL shows the password */
#include "cflyway/config/connection_url.h"
#include "cflyway/config/secret.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool holds)
{
	if (!holds)
		abort();
}

/* A URL is read to the same JDBC URL, user and password again: nothing is left to read. */
static void check_url(struct arena *arena, const char *text)
{
	struct connection_url url, again;
	struct error err, second;

	error_init(&err, arena);
	error_init(&second, arena);
	if (!connection_url_read(arena, text, &url, &err)) {
		check(err.is_set && err.code == ERROR_CONFIGURATION && err.message[0] != '\0');
		return;
	}
	check(!err.is_set && url.jdbc != NULL);
	if (url.jdbc == text)
		return;
	check(strncmp(url.jdbc, "jdbc:", 5) == 0);
	check(connection_url_read(arena, url.jdbc, &again, &second) && again.jdbc == url.jdbc);
}

static void check_secret(struct arena *arena, const char *text)
{
	const char *secret = arena_printf(arena, "postgres://me:5ecr3t@%s", text);
	struct connection_url url;
	struct error err;

	if (strpbrk(text, "@") != NULL || strstr(text, "5ecr3t") != NULL)
		return;
	error_init(&err, arena);
	if (connection_url_read(arena, secret, &url, &err)) {
		check(strstr(url.jdbc, "5ecr3t") == NULL);
		return;
	}
	check(strstr(err.message, "5ecr3t") == NULL);
	for (size_t i = 0; i < err.notes.n; i++)
		check(strstr(err.notes.items[i].text, "5ecr3t") == NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena arena;

	arena_init(&arena);
	const char *text = arena_strndup(&arena, (const char *)data, size);

	check_url(&arena, text);
	check_url(&arena, arena_printf(&arena, "postgres://%s", text));
	check_url(&arena, arena_printf(&arena, "sqlite:%s", text));
	check_secret(&arena, text);
	arena_release(&arena);
	return 0;
}
