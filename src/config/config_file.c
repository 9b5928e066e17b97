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

/* Returns the length of the longest prefix that could still begin a character; at least 1. */
static size_t malformed_length(struct str text)
{
	bool incomplete = true;
	size_t len = 0;

	while (incomplete && len < text.len) {
		len++;
		utf8_valid_prefix(str_sub(text, 0, len), &incomplete);
	}
	return incomplete || len == 1 ? len : len - 1;
}

/* Replaces malformed bytes with as many U+FFFD as Java does, instead of failing. */
static void replace_malformed(struct str text, struct buf *out)
{
	while (text.len > 0) {
		size_t valid = utf8_valid_prefix(text, NULL);

		buf_append(out, text.ptr, valid);
		text = str_sub(text, valid, text.len);
		if (text.len == 0)
			break;
		buf_add(out, "\xEF\xBF\xBD");
		text = str_sub(text, malformed_length(text), text.len);
	}
}

static bool decode(struct str bytes, const char *encoding, struct buf *out, struct error *err)
{
	struct decoder decoder = DECODER_CLOSED;

	if (charset_is_utf8(encoding)) {
		replace_malformed(bytes, out);
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
