/* SPDX-License-Identifier: Apache-2.0 */
/* connection_variables.c - the database that variables of other tools name */
#include "cflyway/config/connection_variables.h"

#include "cflyway/base/str.h"

#define DEFAULT_USER "postgres"
#define HOST_AND_NAME "DB_HOST and DB_NAME"

static const char *value_of(const struct environment *environment, const char *name)
{
	const char *value = environment->get(environment->ctx, name);

	return value != NULL && value[0] != '\0' ? value : NULL;
}

/* Writes every byte that has a meaning in a URL as %XX. */
static const char *encode(struct arena *arena, const char *text)
{
	char *out = arena_alloc(arena, 3 * strlen(text) + 1);
	size_t n = 0;

	for (const char *c = text; *c != '\0'; c++) {
		if (strchr("%/?#@:;&=+, []", *c) == NULL)
			out[n++] = *c;
		else
			n += (size_t)snprintf(out + n, 4, "%%%02X", (unsigned char)*c);
	}
	out[n] = '\0';
	return out;
}

/* An address with colons needs brackets; a directory is one of sockets. */
static const char *show_host(struct arena *arena, const char *host)
{
	return strchr(host, ':') != NULL && host[0] != '[' && host[0] != '/'
	               ? arena_printf(arena, "[%s]", host)
	       : host[0] == '/' ? encode(arena, host)
	                        : host;
}

void connection_variables_read(struct arena *arena, const struct environment *environment,
                               struct connection_variables *variables)
{
	const char *url = value_of(environment, "DATABASE_URL");
	const char *host = value_of(environment, "DB_HOST"),
		   *name = value_of(environment, "DB_NAME");
	const char *port = value_of(environment, "DB_PORT"),
		   *user = value_of(environment, "DB_USER");

	*variables = (struct connection_variables){0};
	if (url != NULL) {
		variables->source = "DATABASE_URL";
		variables->url = url;
	} else if (host != NULL && name != NULL) {
		variables->source = HOST_AND_NAME;
		variables->url = arena_printf(arena, "postgres://%s:%s/%s", show_host(arena, host),
		                              port != NULL ? port : "5432", encode(arena, name));
		variables->user = user != NULL ? user : DEFAULT_USER;
		variables->password = value_of(environment, "DB_PASSWORD");
	} else if (host != NULL || name != NULL) {
		variables->hint = host != NULL
		                          ? "DB_HOST is set, but DB_NAME is not: " HOST_AND_NAME
		                            " name a database together"
		                          : "DB_NAME is set, but DB_HOST is not: " HOST_AND_NAME
		                            " name a database together";
	}
}
