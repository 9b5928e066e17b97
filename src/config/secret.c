/* SPDX-License-Identifier: Apache-2.0 */
/* secret.c - what must never be shown: passwords in values and in URLs */
#include "cflyway/config/secret.h"

#include "cflyway/base/attr.h"
#include "cflyway/base/buf.h"

#include <limits.h>

/*
 * Names end with one of these, in any letter case. DIFFERS: Flyway shows parameters of URLs other
 * than password, for instance sslpassword.
 */
static const struct str secret_words[] = {
	{"password", 8},
	{"token", 5},
	{"licensekey", 10},
};

static bool is_secret_key(struct str key)
{
	for (size_t i = 0; i < COUNT(secret_words); i++)
		if (str_ends_nocase(key, secret_words[i]))
			return true;
	return false;
}

/*
 * The user and password of "//user:TEXT@": Flyway masks this form although no driver takes it.
 * DIFFERS: up to the last '@', so that one inside the password does not show the rest of it.
 */
static size_t copy_authority(struct str url, size_t from, struct buf *out)
{
	size_t end = from, at = 0;
	struct str user;

	while (end < url.len && url.ptr[end] != '?')
		end++;
	for (size_t i = from; i < end; i++)
		if (url.ptr[i] == '@')
			at = i;
	user = str_sub(url, from, at);
	if (at == 0 || str_find_char(user, ':') == user.len)
		return from;
	buf_append(out, user.ptr, str_find_char(user, ':') + 1);
	buf_add(out, SECRET_MASK);
	return at;
}

/* Length of a parameter "name=" with a secret at the start of text; 0 if there is none. */
static size_t secret_parameter(struct str text)
{
	size_t len = str_find_char(text, '=');

	return len < text.len && is_secret_key(str_sub(text, 0, len)) ? len + 1 : 0;
}

const char *secret_mask_url(struct arena *arena, const char *url)
{
	struct str text = str_of(url);
	struct buf out = BUF_EMPTY(INT_MAX / 2);
	size_t i = 0;
	const char *masked;

	while (i < text.len) {
		char c = text.ptr[i++];
		size_t name_len = 0;

		buf_putc(&out, c);
		if (c == '/' && i >= 2 && text.ptr[i - 2] == '/')
			i = copy_authority(text, i, &out);
		if (c == '?' || c == '&' || c == ';') {
			struct str rest = str_sub(text, i, text.len);
			size_t item = 0;
			while (item < rest.len && strchr(";&?", rest.ptr[item]) == NULL)
				item++;
			name_len = secret_parameter(str_sub(rest, 0, item));
		}
		if (name_len == 0)
			continue;
		buf_append(&out, text.ptr + i, name_len);
		buf_add(&out, SECRET_MASK);
		for (i += name_len; i < text.len && strchr(";&", text.ptr[i]) == NULL;)
			i++;
	}
	masked = str_dup(arena, buf_str(&out));
	buf_wipe(&out);
	return masked;
}

/* Where the first of the words ends in the text, in any letter case; text.len if none is there. */
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
	/* Parameters may follow a '?' in a URL that is not even well-formed. */
	return strstr(value, "://") != NULL || strchr(value, '?') != NULL ||
	                       strncmp(value, "jdbc:", 5) == 0
	               ? secret_mask_url(arena, value)
	               : value;
}
