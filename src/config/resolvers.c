/* SPDX-License-Identifier: Apache-2.0 */
/* resolvers.c - replace ${env.X} and ${placeholder.x} in connection settings */
#include "cflyway/config/resolvers.h"

#include "cflyway/base/ascii.h"
#include "cflyway/base/buf.h"
#include "cflyway/config/secret.h"

#include <limits.h>

/* "${NAME.PARAMETER}", with ":FILTER" after the parameter if it has one. */
struct reference {
	struct str name, parameter, filter;
	bool filtered;
	size_t len; /* of the whole, from '$' to '}' */
};

/* Does text start with a reference? It has exactly one dot and no empty part. */
static bool find_reference(struct str text, struct reference *reference)
{
	if (!str_starts(text, STR("${")))
		return false;
	size_t end = str_find_char(text, '}');
	if (end == text.len)
		return false;
	struct str rest = str_sub(text, 2, end);
	reference->len = end + 1;
	reference->name = str_trim(str_cut(&rest, '.'));
	if (rest.ptr == NULL || str_find_char(rest, '.') < rest.len)
		return false;
	reference->parameter = str_trim(str_cut(&rest, ':'));
	reference->filtered = rest.ptr != NULL;
	reference->filter = str_trim(rest);
	return reference->name.len > 0 && reference->parameter.len > 0;
}

static bool passes(struct str filter, unsigned char c)
{
	for (size_t i = 0; i < filter.len; i++) {
		char kind = filter.ptr[i];
		if ((kind == 'D' || kind == 'd') && ascii_is_digit((char)c))
			return true;
		/* A means letters of all alphabets; here all non-ASCII characters pass. */
		if ((kind == 'A' || kind == 'a') &&
		    (ascii_is_letter((char)c) || (kind == 'A' && c >= 0x80)))
			return true;
	}
	return false;
}

static const char *look_up_placeholder(const struct resolvers *resolvers, const char *name,
                                       struct error *err)
{
	const struct pair *pair = pairs_find(resolvers->placeholders, name);

	if (pair != NULL)
		return pair->value;
	if (strcmp(name, "flyway") == 0)
		error_set(
			err, ERROR_CONFIGURATION,
			"Only user defined placeholders are supported, but detected attempt to use a "
			"default placeholder.");
	else
		error_set(err, ERROR_CONFIGURATION, "Unable to resolve placeholder: '%s'", name);
	return NULL;
}

/* Returns NULL on failure. */
static const char *look_up(const struct resolvers *resolvers, struct arena *arena,
                           const struct reference *reference, struct error *err)
{
	const char *parameter = str_dup(arena, reference->parameter), *value;

	if (str_eq_nocase(reference->name, STR("placeholder")))
		return look_up_placeholder(resolvers, parameter, err);
	if (!str_eq_nocase(reference->name, STR("env"))) {
		error_set(err, ERROR_CONFIGURATION, "Unknown resolver '%.*s' for environment %s",
		          (int)reference->name.len, reference->name.ptr,
		          resolvers->environment_name);
		return NULL;
	}
	value = resolvers->environment->get(resolvers->environment->ctx, parameter);
	if (value == NULL)
		error_set(err, ERROR_GENERAL, "Unable to resolve environment variable: '%s'",
		          parameter);
	return value;
}

/* Is the reference in the braces of another one, or does it begin with one? */
static bool is_nested(struct str before, const struct reference *reference)
{
	for (size_t i = before.len; i > 0 && before.ptr[i - 1] != '}'; i--)
		if (before.ptr[i - 1] == '{' && i > 1 && before.ptr[i - 2] == '$' &&
		    (i == 2 || before.ptr[i - 3] != '$'))
			return true;
	return str_find(reference->name, STR("${")) < reference->name.len;
}

static bool expand(struct arena *arena, const struct resolvers *resolvers, const char *key,
                   struct str text, struct buf *out, struct error *err)
{
	for (size_t i = 0; i < text.len;) {
		struct str rest = str_sub(text, i, text.len);
		bool literal = str_starts(rest, STR("$${"));
		struct reference reference;

		if (!find_reference(literal ? str_sub(rest, 1, rest.len) : rest, &reference)) {
			buf_putc(out, text.ptr[i++]);
			continue;
		}
		if (literal) {
			buf_append(out, rest.ptr + 1, reference.len);
			i += reference.len + 1;
			continue;
		}
		if (is_nested(str_sub(text, 0, i), &reference))
			return error_set(err, ERROR_CONFIGURATION, "Resolvers cannot be nested: %s",
			                 secret_mask(arena, key, text.ptr));
		const char *found = look_up(resolvers, arena, &reference, err);
		if (found == NULL)
			return false;
		for (; *found != '\0'; found++)
			if (!reference.filtered || passes(reference.filter, (unsigned char)*found))
				buf_putc(out, *found);
		i += reference.len;
	}
	return true;
}

bool resolvers_apply(struct arena *arena, const struct resolvers *resolvers, const char *key,
                     const char **value, struct error *err)
{
	struct str text = str_of(*value);
	struct buf out = BUF_EMPTY(INT_MAX / 2);

	if (*value == NULL)
		return true;
	if (str_starts(text, STR("!{")) && str_ends(text, STR("}"))) {
		*value = str_dup(arena, str_sub(text, 2, text.len - 1));
		return true;
	}
	bool ok = expand(arena, resolvers, key, text, &out, err);
	if (ok)
		*value = str_dup(arena, str_trim(buf_str(&out)));
	buf_wipe(&out);
	return ok;
}
