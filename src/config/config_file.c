/* SPDX-License-Identifier: Apache-2.0 */
/* config_file.c - read a configuration file and decode it */
#include "cflyway/config/config_file.h"

#include "cflyway/base/charset.h"
#include "cflyway/base/fs.h"
#include "cflyway/base/utf8.h"

#include <unistd.h>

bool config_file_is_standard_input(const char *path)
{
	return strcmp(fs_base_name(path), "-") == 0;
}

/* Replaces malformed bytes, as Java does, instead of failing. */
static void decode_utf8(struct str bytes, struct buf *out)
{
	struct arena arena = ARENA_EMPTY;
	struct str text = utf8_replaced(&arena, bytes);

	buf_append(out, text.ptr, text.len);
	arena_release(&arena);
}

static bool decode(struct str bytes, const char *encoding, struct buf *out, struct error *err)
{
	struct decoder decoder = DECODER_CLOSED;

	if (charset_is_utf8(encoding)) {
		decode_utf8(bytes, out);
		return true;
	}
	if (!charset_known(encoding))
		return error_set(err, ERROR_GENERAL, "java.io.UnsupportedEncodingException: %s",
		                 encoding);
	bool ok = decoder_open(&decoder, encoding, err) &&
	          decoder_feed(&decoder, bytes.ptr, bytes.len, true, out, err);
	decoder_close(&decoder);
	return ok;
}

static bool read_standard_input(struct buf *bytes, struct error *err)
{
	struct file file = {STDIN_FILENO};
	size_t len = 1;

	if (isatty(STDIN_FILENO))
		return true;
	while (len > 0) {
		char block[4096];

		if (!file_read(&file, "standard input", block, sizeof(block), &len, err))
			return false;
		if (!buf_append(bytes, block, len))
			return error_set(err, ERROR_GENERAL, "standard input is too long");
	}
	return true;
}

bool config_file_read(const char *path, const char *encoding, struct buf *text, struct error *err)
{
	struct buf bytes = BUF_EMPTY(CONFIG_FILE_MAX);
	bool ok = config_file_is_standard_input(path) ? read_standard_input(&bytes, err)
	                                              : fs_read_all(path, &bytes, err);

	if (!ok)
		error_set(err, ERROR_GENERAL, "Unable to load config file: %s", path);
	else if (!decode(buf_str(&bytes), encoding, text, err))
		ok = error_wrap(err, "Unable to load config file: %s", path);
	if (ok && str_starts(buf_str(text), STR("\xEF\xBB\xBF")))
		buf_consume(text, 3);
	buf_wipe(&bytes);
	return ok;
}
