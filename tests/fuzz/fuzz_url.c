/* SPDX-License-Identifier: Apache-2.0 */
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

static const char *value(const struct pairs *properties, const char *name, const char *missing)
{
	const struct pair *pair = pairs_find(properties, name);

	return pair == NULL ? missing : pair->value;
}

static void check_hosts(struct arena *arena, const struct pairs *properties)
{
	struct db_host_list list;
	const char *why;

	if (!postgres_hosts_parse(arena, value(properties, "PGHOST", POSTGRES_HOST),
	                          value(properties, "PGPORT", POSTGRES_PORT), &list, &why))
		return;
	check(list.n > 0);
	for (size_t i = 0; i < list.n; i++) {
		long port = strtol(list.items[i].port, NULL, 10);
		check(list.items[i].name[0] != '\0' && port > 0 && port < 65536);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena arena;
	struct error err;
	struct pairs postgres;
	struct sqlite_url sqlite;

	arena_init(&arena);
	error_init(&err, &arena);
	const char *text = arena_strndup(&arena, (const char *)data, size);
	if (postgres_url_parse(&arena, text, &postgres, &err))
		check_hosts(&arena, &postgres);
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
