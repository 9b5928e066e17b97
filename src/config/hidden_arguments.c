/* SPDX-License-Identifier: Apache-2.0 */
/* hidden_arguments.c - takes secrets out of the arguments that other users see */
#include "cflyway/config/hidden_arguments.h"

#include "cflyway/base/str.h"
#include "cflyway/config/secret.h"

/* What differs between the text and its masked form holds all secrets. */
static void overwrite(char *text, const char *masked)
{
	size_t start = 0, end = strlen(text), masked_end = strlen(masked);

	while (text[start] != '\0' && text[start] == masked[start])
		start++;
	while (end > start && masked_end > start && text[end - 1] == masked[masked_end - 1]) {
		end--;
		masked_end--;
	}
	memset(text + start, 'x', end - start);
}

/* "-key=value" and "--key=value": the key with its dash and the value; "" and the whole text. */
static struct str key_of(const char *text, const char **value)
{
	struct str rest = str_of(text);
	struct str key = str_cut(&rest, '=');
	const bool is_option = text[0] == '-' && rest.ptr != NULL;

	*value = is_option ? rest.ptr : text;
	return is_option ? key : STR("");
}

char *const *arguments_hide(struct arena *arena, int argc, char **argv)
{
	char **copies = arena_array(arena, (size_t)argc + 1, sizeof(*copies));
	const char *pending = ""; /* the key of "-password=", whose value may follow a blank */

	for (int i = 0; i < argc; i++) {
		const char *value;
		struct str name = key_of(argv[i], &value);
		const char *key = name.len > 0 ? str_dup(arena, name) : pending;
		const size_t at = (size_t)(value - argv[i]);

		pending = value[0] == '\0' ? key : "";
		copies[i] = arena_strdup(arena, argv[i]);
		if (i > 0)
			overwrite(argv[i] + at, secret_mask(arena, key, copies[i] + at));
	}
	copies[argc] = NULL;
	return copies;
}
