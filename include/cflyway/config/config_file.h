/* SPDX-License-Identifier: Apache-2.0 */
/*
 * config_file.h - read a configuration file and decode it
 */
#ifndef CFLYWAY_CONFIG_CONFIG_FILE_H
#define CFLYWAY_CONFIG_CONFIG_FILE_H

#include "cflyway/base/attr.h"
#include "cflyway/base/buf.h"
#include "cflyway/base/error.h"

#include <stdbool.h>

/* A decoded file can be longer than its bytes. */
enum { CONFIG_FILE_MAX = 16 * 1024 * 1024, CONFIG_TEXT_MAX = 4 * CONFIG_FILE_MAX };

/* Is the last part of a path in -configFiles "-"? That means standard input. */
bool config_file_is_standard_input(const char *path);

/*
 * Appends the contents of a file as UTF-8, without a byte order mark. Standard input is read to its
 * end, unless it is a terminal. encoding is a Java name; malformed UTF-8 becomes U+FFFD. Errors:
 * ERROR_GENERAL "Unable to load config file: PATH".
 */
MUST_USE bool config_file_read(const char *path, const char *encoding, struct buf *text,
                               struct error *err);

#endif
