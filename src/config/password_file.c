/* SPDX-License-Identifier: Apache-2.0 */
/* password_file.c - reads a password from the first line of a file (cflyway.passwordFile) */
#include "cflyway/config/password_file.h"

#include "cflyway/base/fs.h"
#include "cflyway/base/str.h"

enum { LINE_MAX_BYTES = 1 << 16 };

/* Reads until there is a line, or more than a line may have. *len is at most LINE_MAX_BYTES. */
static bool read_start(struct file *file, const char *path, char *bytes, size_t *len,
                       struct error *err)
{
	size_t more = 1;

	*len = 0;
	while (more > 0 && *len < LINE_MAX_BYTES && memchr(bytes, '\n', *len) == NULL) {
		if (!file_read(file, path, bytes + *len, LINE_MAX_BYTES - *len, &more, err))
			return false;
		*len += more;
	}
	return true;
}

static struct str first_line(struct str text)
{
	struct str line;

	if (str_starts(text, STR("\xEF\xBB\xBF")))
		text = str_sub(text, 3, text.len);
	line = str_cut(&text, '\n');
	return text.ptr != NULL && str_ends(line, STR("\r")) ? str_sub(line, 0, line.len - 1)
	                                                     : line;
}

static bool check(struct str line, const char *path, struct error *err)
{
	const char *fault = NULL;

	if (line.len == 0)
		fault = "is empty";
	else if (line.len >= LINE_MAX_BYTES)
		fault = "is too long for a password";
	else if (str_find_char(line, '\0') < line.len)
		fault = "has a NUL";
	return fault == NULL || error_set(err, ERROR_CONFIGURATION,
	                                  "The first line of password file %s %s", path, fault);
}

bool password_file_read(struct arena *arena, const char *path, const struct log *log,
                        const char **password, struct error *err)
{
	char *bytes = arena_alloc(arena, LINE_MAX_BYTES);
	struct file file;
	size_t len = 0;

	if (!file_open(&file, path, err)) {
		error_note(err, "the file is that of cflyway.passwordFile");
		return false;
	}
	bool is_private = file_is_private(&file);
	bool ok = read_start(&file, path, bytes, &len, err);

	file_close(&file);
	if (!ok) {
		error_note(err, "the file is that of cflyway.passwordFile");
		return false;
	}
	struct str line = first_line((struct str){bytes, len});

	if (!check(line, path, err))
		return false;
	if (!is_private)
		log_cflyway(log,
		            "password file %s has group or world access; permissions should be "
		            "u=rw (0600) or less",
		            path);
	*password = str_dup(arena, line);
	memset(bytes, 0, LINE_MAX_BYTES);
	return true;
}
