/* SPDX-License-Identifier: Apache-2.0 */
/* secret.c - mask passwords in values and in URLs */
#include "cflyway/config/secret.h"

#include "cflyway/base/ascii.h"
#include "cflyway/base/attr.h"
#include "cflyway/base/buf.h"
#include "cflyway/base/nearest.h"

#include <limits.h>

/*
 * Names of secrets end with one of these words, in any letter case, with or without '_' and '-'
 * between the letters: "API_KEY". DIFFERS: Flyway masks only password among the parameters of a
 * URL, and shows for instance sslpassword.
 */
static const struct str secret_words[] = {
	{"password", 8},  {"passwd", 6},    {"passphrase", 10}, {"pwd", 3},          {"pass", 4},
	{"secret", 6},    {"token", 5},     {"credential", 10}, {"licensekey", 10},  {"apikey", 6},
	{"accesskey", 9}, {"secretkey", 9}, {"privatekey", 10}, {"credentials", 11},
};

enum { NEARLY_MIN = 6, NEARLY_MAX = 10 };

/* Is it a misspelt "password", such as "pasword" or "passwrod"? */
static bool is_nearly_password(struct str word)
{
	struct nearest nearest;

	if (word.len < NEARLY_MIN || word.len > NEARLY_MAX || ascii_upper(word.ptr[0]) != 'P')
		return false;
	nearest_init(&nearest, word);
	nearest_consider(&nearest, STR("password"), "password");
	return nearest.name != NULL;
}

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

static bool ends_with_word(struct str key, struct str word)
{
	while (word.len > 0) {
		if (key.len == 0)
			return false;
		char c = key.ptr[--key.len];
		if (c == '_' || c == '-')
			continue;
		if (ascii_upper(c) != ascii_upper(word.ptr[--word.len]))
			return false;
	}
	return true;
}

/* Digits at the end do not count: "password2". */
static bool is_secret_key(struct str key)
{
	const struct str whole = key;

	while (key.len > 0 && ascii_is_digit(key.ptr[key.len - 1]))
		key.len--;
	for (size_t i = 0; i < COUNT(secret_words); i++)
		if (ends_with_word(key, secret_words[i]))
			return true;
	for (size_t n = NEARLY_MIN; n <= NEARLY_MAX && n <= key.len; n++)
		if (is_nearly_password(str_sub(key, key.len - n, key.len)))
			return true;
	return is_licence_key(whole);
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

static bool is_letter_at(struct str text, size_t i)
{
	return i < text.len && ascii_is_letter(text.ptr[i]);
}

/*
 * The length of the secret word with which text begins, in any letter case; 0 if it begins with
 * none. The short ones must not go on as "pass" does in "passes".
 */
static size_t secret_word_length(struct str text)
{
	size_t letters = 0;

	if (text.len == 0 || strchr("acklpstACKLPST", text.ptr[0]) == NULL)
		return 0; /* no word begins so */
	for (size_t i = 0; i < COUNT(secret_words); i++)
		if (str_starts_nocase(text, secret_words[i]) &&
		    (secret_words[i].len > strlen("pass") ||
		     !is_letter_at(text, secret_words[i].len)))
			return secret_words[i].len;
	while (letters <= NEARLY_MAX && is_letter_at(text, letters))
		letters++;
	return is_nearly_password(str_sub(text, 0, letters)) ? letters : 0;
}

/* Returns the end of the first secret word; text.len if there is none. */
static size_t find_secret_word(struct str text)
{
	for (size_t i = 0; i < text.len; i++) {
		size_t len = secret_word_length(str_sub(text, i, text.len));

		if (len > 0)
			return i + len;
	}
	return text.len;
}

/* The length of what stands between a name and its value, such as ": '" or "%3D". */
static size_t separator_length(struct str text)
{
	size_t len = 0;

	while (len < text.len && strchr(" \t=:'\"(", text.ptr[len]) != NULL)
		len++;
	if (len == 0 && (str_starts_nocase(text, STR("%3D")) || str_starts(text, STR("%20"))))
		return strlen("%3D");
	return len;
}

/* Returns where the value begins that follows a secret word; text.len if there is none. */
static size_t find_assigned(struct str text)
{
	for (size_t at = 0; at < text.len;) {
		at += find_secret_word(str_sub(text, at, text.len));
		size_t separator = separator_length(str_sub(text, at, text.len));

		if (separator > 0)
			return at + separator;
	}
	return text.len;
}

/* Returns the part before the first separator. */
static struct str first_part(struct str text, const char *separators)
{
	size_t len = 0;

	while (len < text.len && strchr(separators, text.ptr[len]) == NULL)
		len++;
	return str_sub(text, 0, len);
}

/*
 * Copies name and secret part of a "name=value" at the start of text. Returns their length. What is
 * no such pair after a password is a piece of it, which has an '&': *after_secret says so.
 */
static size_t copy_parameter(struct str text, bool *after_secret, struct buf *out)
{
	struct str item = first_part(text, ";&?");
	size_t name_len = str_find_char(item, '=');

	if (name_len == item.len) {
		if (!*after_secret || item.len == 0)
			return copy_login(item, out);
		buf_add(out, SECRET_MASK);
		return item.len;
	}
	buf_append(out, item.ptr, name_len + 1);
	struct str value = str_sub(item, name_len + 1, item.len);
	*after_secret = is_secret_key(str_trim(str_sub(item, 0, name_len)));
	if (!*after_secret) {
		size_t shown = find_assigned(value);

		if (shown == value.len)
			return name_len + 1 + copy_login(value, out);
		buf_append(out, value.ptr, shown);
		buf_add(out, SECRET_MASK);
		return item.len;
	}
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

static size_t find_last(struct str text, char c)
{
	for (size_t i = text.len; i > 0; i--)
		if (text.ptr[i - 1] == c)
			return i - 1;
	return text.len;
}

/* The length of "jdbc:postgresql:", "postgres:" and the like; 0 if there is none. */
static size_t scheme_length(struct str url)
{
	size_t len = str_starts_nocase(url, STR("jdbc:")) ? strlen("jdbc:") : 0;
	size_t name = str_find_char(str_sub(url, len, url.len), ':');

	for (size_t i = len; i < len + name; i++)
		if (i < url.len && !ascii_is_name(url.ptr[i]) && url.ptr[i] != '+')
			return 0;
	return len + name < url.len ? len + name + 1 : 0;
}

/* Handles a URL without slashes: "jdbc:postgresql:user:secret@host/db". SQLite has no login. */
static size_t copy_scheme(struct str url, struct buf *out)
{
	size_t len = scheme_length(url);

	if (len == 0 || str_ends_nocase(str_sub(url, 0, len), STR("sqlite:")))
		return 0;
	struct str rest = str_sub(url, len, url.len);
	size_t at = find_last(rest, '@');

	buf_append(out, url.ptr, len);
	/* Even "user:secret@host" begins as a URL does. */
	if (str_find_char(rest, ':') > at && at < rest.len && !str_starts(rest, STR("/")) &&
	    !str_starts_nocase(url, STR("jdbc:"))) {
		buf_add(out, SECRET_MASK);
		return len + at;
	}
	rest = first_part(rest, "?");
	return len + (str_starts(rest, STR("//")) ? 0 : copy_login(rest, out));
}

static void mask_parameters(struct str url, struct buf *out)
{
	bool after_secret = false;

	for (size_t i = copy_scheme(url, out); i < url.len;) {
		char c = url.ptr[i++];

		buf_putc(out, c);
		if (c == '?' || c == '&' || c == ';')
			i += copy_parameter(str_sub(url, i, url.len), &after_secret, out);
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

static const char *mask_assigned(struct arena *arena, const char *text)
{
	size_t at = find_assigned(str_of(text));

	return text[at] == '\0' ? text : arena_printf(arena, "%.*s%s", (int)at, text, SECRET_MASK);
}

/* Even a malformed URL can have parameters after a '?'. */
static bool is_url(const char *text)
{
	return strstr(text, "://") != NULL || strchr(text, '?') != NULL ||
	       strncmp(text, "jdbc:", 5) == 0 ||
	       (strchr(text, '@') != NULL && scheme_length(str_of(text)) > 0);
}

const char *secret_mask(struct arena *arena, const char *key, const char *value)
{
	if (is_secret_key(str_of(key)))
		return SECRET_MASK;
	if (is_url(value))
		value = secret_mask_url(arena, value);
	/* SQL and command lines are no URLs. */
	return strpbrk(value, " '") != NULL || !is_url(value) ? mask_assigned(arena, value) : value;
}

const char *secret_mask_word(struct arena *arena, const char *before, const char *word)
{
	struct str rest = str_of(before), key = str_cut(&rest, '=');

	size_t name = secret_key_length(str_of(word));

	if ((rest.ptr != NULL ? rest.len == 0 : str_starts(key, STR("-"))) && is_secret_key(key))
		return SECRET_MASK;
	if (word[name] != '\0')
		return arena_printf(arena, "%.*s%s", (int)name + 1, word, SECRET_MASK);
	return secret_mask(arena, "", word);
}

size_t secret_key_length(struct str word)
{
	size_t len = 0;

	while (len < word.len && strchr("=:", word.ptr[len]) == NULL)
		len++;
	return len < word.len && is_secret_key(str_sub(word, 0, len)) ? len : word.len;
}

bool secret_is_misplaced(struct str text)
{
	for (size_t i = 0; i < text.len; i++) {
		if (strchr("?;&", text.ptr[i]) == NULL)
			continue;
		struct str item = first_part(str_sub(text, i + 1, text.len), "?;&");
		if (secret_key_length(item) < item.len)
			return true;
	}
	return false;
}
