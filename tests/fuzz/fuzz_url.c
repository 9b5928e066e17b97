/* fuzz_url.c - URLs after their scheme; and no message may show the password behind them */
#include "cflyway/db/url.h"

#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool holds)
{
	if (!holds)
		abort();
}

static void check_hosts(const struct postgres_url *parts)
{
	check(parts->host_count > 0);
	for (size_t i = 0; i < parts->host_count; i++) {
		long port = strtol(parts->hosts[i].port, NULL, 10);
		check(parts->hosts[i].name[0] != '\0' && port > 0 && port < 65536);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena arena;
	struct error err;
	struct postgres_url postgres;
	struct sqlite_url sqlite;

	arena_init(&arena);
	error_init(&err, &arena);
	const char *text = arena_strndup(&arena, (const char *)data, size);
	if (postgres_url_parse(&arena, text, &postgres, &err))
		check_hosts(&postgres);
	if (sqlite_url_parse(&arena, text, &sqlite, &err))
		check(sqlite.file != NULL);

	const char *secret = arena_printf(&arena, "%s&password=5ecr3t&foreign_keys=%%zz", text);
	if (strstr(text, "5ecr3t") == NULL && strchr(text, '?') != NULL) {
		check(strstr(url_masked(&arena, secret), "5ecr3t") == NULL);
		check(!postgres_url_parse(&arena, secret, &postgres, &err));
		check(strstr(err.message, "5ecr3t") == NULL);
	}
	arena_release(&arena);
	return 0;
}
