/* SPDX-License-Identifier: Apache-2.0 */
/* service.c - reads the service file: named sets of connection parameters for PostgreSQL */
#include "cflyway/db/service.h"

#include "cflyway/base/buf.h"
#include "cflyway/base/fs.h"
#include "cflyway/config/postgres_parameters.h"
#include "cflyway/config/secret.h"
#include "cflyway/db/url.h"

#include <stdlib.h>

enum { SERVICE_FILE_MAX = 1 << 20 };

/* Lines end with LF, CR or both. */
static struct str next_line(struct str *rest)
{
	size_t end = 0, next;

	while (end < rest->len && rest->ptr[end] != '\n' && rest->ptr[end] != '\r')
		end++;
	next = end < rest->len ? end + 1 : end;
	if (end + 1 < rest->len && rest->ptr[end] == '\r' && rest->ptr[end + 1] == '\n')
		next++;

	struct str line = str_sub(*rest, 0, end);

	*rest = str_sub(*rest, next, rest->len);
	return line;
}

/* Parses "key=value"; ignores an empty value, and keeps the first of equal keys. */
static bool parse_line(struct pairs *properties, struct str line)
{
	struct str value = line;
	struct str key = str_cut(&value, '=');

	const struct postgres_parameter *parameter = postgres_parameter_find(key);

	/* A value cannot contain NUL. */
	if (value.ptr == NULL || parameter == NULL || str_find_char(value, '\0') < value.len)
		return false;
	if (parameter->use == POSTGRES_PARAMETER_PLACE)
		key = str_of(parameter->note);
	if (value.len > 0 && pairs_find(properties, str_dup(properties->arena, key)) == NULL)
		pairs_set(properties, key, value, "service");
	return true;
}

enum service_result service_parse(struct str text, const char *service, struct pairs *properties,
                                  size_t *line)
{
	bool is_found = false;

	*line = 0;
	while (text.len > 0) {
		struct str content = str_trim(next_line(&text));

		++*line;
		if (content.len == 0 || content.ptr[0] == '#')
			continue;
		if (content.len > 1 && content.ptr[0] == '[' &&
		    content.ptr[content.len - 1] == ']') {
			if (is_found)
				break;
			is_found = str_eq(str_sub(content, 1, content.len - 1), str_of(service));
		} else if (is_found && !parse_line(properties, content)) {
			return SERVICE_BAD_LINE;
		}
	}
	return is_found ? SERVICE_FOUND : SERVICE_MISSING;
}

static const char *variable(const char *name)
{
	const char *value = getenv(name);

	return value != NULL && str_trim(str_of(value)).len > 0 ? value : NULL;
}

/* NULL: no variable or home directory gives its place. */
static const char *find_file(struct arena *arena)
{
	const char *path = variable("PGSERVICEFILE"), *home = variable("HOME");
	const char *directory = variable("PGSYSCONFDIR");

	if (path != NULL)
		return path;
	if (home != NULL) {
		path = fs_join(arena, home, ".pg_service.conf");
		if (fs_kind(path) == FS_FILE)
			return path;
	}
	return directory != NULL ? fs_join(arena, directory, "pg_service.conf") : NULL;
}

/* Removes text from the front of *rest, ignoring case. */
static bool take(struct str *rest, const char *text)
{
	size_t len = strlen(text);

	if (rest->len < len || !str_eq_nocase(str_sub(*rest, 0, len), str_of(text)))
		return false;
	*rest = str_sub(*rest, len, rest->len);
	return true;
}

const char *service_path(struct arena *arena, const char *name)
{
	struct str rest = str_trim(str_of(name));

	take(&rest, "url:");
	if (!take(&rest, "file:"))
		return name;
	rest = str_cut(&rest, '#');
	rest = str_cut(&rest, '?');
	if (take(&rest, "//")) {
		size_t end = str_find_char(rest, '/');
		struct str host = str_sub(rest, 0, end);

		/* Java's names for this machine; for any other host it would ask an FTP server. */
		if (host.len > 0 && !str_eq_nocase(host, STR("localhost")) &&
		    !str_eq(host, STR("~")))
			return NULL;
		rest = str_sub(rest, end, rest.len);
	}
	return url_decoded(arena, rest);
}

bool service_load(struct arena *arena, const char *service, struct pairs *properties,
                  const char **why)
{
	struct error err = ERROR_INIT(arena);
	struct buf text = BUF_EMPTY(SERVICE_FILE_MAX);
	const char *path = find_file(arena), *file;
	enum service_result result = SERVICE_MISSING;
	size_t line = 0;

	*why = NULL;
	if (path == NULL)
		*why = "there is no service file: neither PGSERVICEFILE nor ~/.pg_service.conf "
		       "nor PGSYSCONFDIR";
	else if ((file = service_path(arena, path)) == NULL)
		*why = arena_printf(arena, "%s is no file of this machine", path);
	else if (!fs_read_all(file, &text, &err))
		*why = err.message;
	else
		result = service_parse(buf_str(&text), service, properties, &line);
	buf_release(&text);
	if (*why == NULL && result == SERVICE_MISSING)
		*why = arena_printf(arena, "%s has no section [%s]", path,
		                    secret_mask_login(arena, str_of(service)));
	if (*why == NULL && result == SERVICE_BAD_LINE)
		*why = arena_printf(arena, "line %zu of %s is no parameter=value of the driver",
		                    line, path);
	return *why == NULL;
}
