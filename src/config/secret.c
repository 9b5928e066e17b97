/* SPDX-License-Identifier: Apache-2.0 */
/* secret.c - mask passwords in values and in URLs */
#include "cflyway/config/secret.h"

#include "cflyway/base/attr.h"
#include "cflyway/base/buf.h"

#include <limits.h>

/*
 * Names of secrets end with one of these words, in any letter case. DIFFERS: Flyway masks only
 * password among the parameters of a URL, and shows for instance sslpassword.
 */
static const struct str secret_words[] = {
	{"password", 8},
	{"token", 5},
	{"licensekey", 10},
};

/* Licence options whose names are too common for a word: "-email", "flyway.email". */
static bool is_licence_key(struct str key)
{
	static const char *const names[] = {"email", "offlinePermitPath"};

	if (str_starts(key, STR("-")))
		key = str_sub(key, 1, key.len);
	if (str_starts(key, STR("flyway.")))
		key = str_sub(key, strlen("flyway."), key.len);
	for (size_t i = 0; i < COUNT(names); i++)
		if (str_eq(key, str_of(names[i])))
			return true;
	return false;
}

static bool is_secret_key(struct str key)
{
	for (size_t i = 0; i < COUNT(secret_words); i++)
		if (str_ends_nocase(key, secret_words[i]))
			return true;
	return is_licence_key(key);
}

/* Copies text up to at, masked after colon. Returns the length; 0 if nothing is in between. */
static size_t copy_masked(struct str text, size_t colon, size_t at, struct buf *out)
{
	if (colon + 1 >= at || at >= text.len)
		return 0;
	buf_append(out, text.ptr, colon + 1);
	buf_add(out, SECRET_MASK);
	return at;
}

/*
 * Copies the part of "user:TEXT@host" before the '@', with TEXT masked. Returns its length; 0 for
 * any other form. Flyway masks TEXT although no driver accepts it. DIFFERS: the mask goes up to the
 * last '@', because an '@' in the password must not reveal the rest.
 */
static size_t copy_login(struct str text, struct buf *out)
{
	size_t at = text.len;

	while (at > 0 && text.ptr[at - 1] != '@')
		at--;
	return at == 0 ? 0 : copy_masked(text, str_find_char(text, ':'), at - 1, out);
}

/* Returns the part before the first separator. */
static struct str first_part(struct str text, const char *separators)
{
	size_t len = 0;

	while (len < text.len && strchr(separators, text.ptr[len]) == NULL)
		len++;
	return str_sub(text, 0, len);
}

/* Copies name and secret part of a "name=value" at the start of text. Returns their length. */
static size_t copy_parameter(struct str text, struct buf *out)
{
	struct str item = first_part(text, ";&?");
	size_t name_len = str_find_char(item, '=');

	if (name_len == item.len)
		return copy_login(item, out);
	buf_append(out, item.ptr, name_len + 1);
	if (!is_secret_key(str_sub(item, 0, name_len)))
		return name_len + 1 + copy_login(str_sub(item, name_len + 1, item.len), out);
	buf_add(out, SECRET_MASK);
	return name_len + 1 + first_part(str_sub(text, name_len + 1, text.len), ";&").len;
}

/*
 * Copies the part after "//", up to an '@'. Measured: Flyway also takes the ':' of the port and an
 * '@' much further on; "//h:5432/db?user=me@cloud" becomes "//h:********@cloud".
 */
static size_t copy_authority(struct str text, struct buf *out)
{
	size_t n = copy_login(first_part(text, "?"), out), colon = str_find_char(text, ':');

	if (n > 0)
		return n;
	return copy_masked(text, colon, colon + str_find_char(str_sub(text, colon, text.len), '@'),
	                   out);
}

/* Handles a URL without slashes: "jdbc:postgresql:user:secret@host/db". */
static size_t copy_scheme(struct str url, struct buf *out)
{
	static const struct str scheme = {"jdbc:postgresql:", 16};

	if (!str_starts(url, scheme))
		return 0;
	buf_append(out, scheme.ptr, scheme.len);
	url = first_part(str_sub(url, scheme.len, url.len), "?");
	return scheme.len + (str_starts(url, STR("//")) ? 0 : copy_login(url, out));
}

static void mask_parameters(struct str url, struct buf *out)
{
	for (size_t i = copy_scheme(url, out); i < url.len;) {
		char c = url.ptr[i++];

		buf_putc(out, c);
		if (c == '?' || c == '&' || c == ';')
			i += copy_parameter(str_sub(url, i, url.len), out);
	}
}

static void mask_authorities(struct str url, struct buf *out)
{
	for (size_t i = 0; i < url.len;) {
		buf_putc(out, url.ptr[i++]);
		if (i >= 2 && url.ptr[i - 1] == '/' && url.ptr[i - 2] == '/')
			i += copy_authority(str_sub(url, i, url.len), out);
	}
}

const char *secret_mask_url(struct arena *arena, const char *url)
{
	struct buf parameters = BUF_EMPTY(INT_MAX / 2), all = BUF_EMPTY(INT_MAX / 2);

	mask_parameters(str_of(url), &parameters);
	mask_authorities(buf_str(&parameters), &all);

	const char *masked = str_dup(arena, buf_str(&all));

	buf_wipe(&parameters);
	buf_wipe(&all);
	return masked;
}

const char *secret_mask_login(struct arena *arena, struct str text)
{
	struct buf out = BUF_EMPTY(INT_MAX / 2);
	size_t n = copy_login(text, &out);
	struct str rest = str_sub(text, n, text.len);

	buf_append(&out, rest.ptr, rest.len);

	const char *masked = str_dup(arena, buf_str(&out));

	buf_wipe(&out);
	return masked;
}

/* Returns the end of the first secret word, in any letter case; text.len if there is none. */
static size_t find_secret_word(struct str text)
{
	for (size_t i = 0; i < text.len; i++)
		for (size_t k = 0; k < COUNT(secret_words); k++)
			if (str_starts_nocase(str_sub(text, i, text.len), secret_words[k]))
				return i + secret_words[k].len;
	return text.len;
}

size_t secret_find(struct str text)
{
	size_t at = find_secret_word(text), authority = str_find(text, STR("://"));

	while (at < text.len && strchr(" \t=:", text.ptr[at]) != NULL)
		at++;
	if (authority < at &&
	    str_find_char(str_sub(text, authority, text.len), '@') + authority < text.len)
		at = authority + strlen("://");
	return at;
}

const char *secret_mask(struct arena *arena, const char *key, const char *value)
{
	if (is_secret_key(str_of(key)))
		return SECRET_MASK;
	/* Even a malformed URL can have parameters after a '?'. */
	return strstr(value, "://") != NULL || strchr(value, '?') != NULL ||
	                       strncmp(value, "jdbc:", 5) == 0
	               ? secret_mask_url(arena, value)
	               : value;
}
