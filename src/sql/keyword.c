/* SPDX-License-Identifier: Apache-2.0 */
/* keyword.c - finds a word in the list of keywords */
#include "keyword.h"

#include "cflyway/base/attr.h"

#include <stdlib.h>
#include <string.h>

enum { KEYWORD_MAX = 32 };

static const struct keyword_name {
	const char *name;
	enum keyword keyword;
} names[] = {
#define KEYWORD_NAME(name) {#name, KEYWORD_##name},
	KEYWORDS(KEYWORD_NAME)
#undef KEYWORD_NAME
};

static int compare(const void *key, const void *item)
{
	const struct keyword_name *name = item;

	return strcmp(key, name->name);
}

enum keyword keyword_find(struct str word)
{
	char upper[KEYWORD_MAX];

	if (word.len >= KEYWORD_MAX)
		return KEYWORD_OTHER;
	for (size_t i = 0; i < word.len; i++) {
		char c = word.ptr[i];
		upper[i] = c >= 'a' && c <= 'z' ? (char)(c - ('a' - 'A')) : c;
	}
	upper[word.len] = '\0';

	const struct keyword_name *found =
		bsearch(upper, names, COUNT(names), sizeof(names[0]), compare);
	return found != NULL ? found->keyword : KEYWORD_OTHER;
}
