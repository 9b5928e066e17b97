/* SPDX-License-Identifier: Apache-2.0 */
/*
 * password_file.h - reads a password from the first line of a file (cflyway.passwordFile)
 *
 * The line ends with LF or CR LF; a byte order mark before it is no part of it. Secrets that a
 * container mounts are readable by its group or by all, so such a file is used; a line says that
 * others can read it. psql would ignore its own password file then.
 */
#ifndef CFLYWAY_CONFIG_PASSWORD_FILE_H
#define CFLYWAY_CONFIG_PASSWORD_FILE_H

#include "cflyway/base/arena.h"
#include "cflyway/base/attr.h"
#include "cflyway/base/error.h"
#include "cflyway/base/log.h"

#include <stdbool.h>

/*
 * *password lives in the arena and is not empty. Errors name the file: ERROR_GENERAL if it cannot
 * be read, ERROR_CONFIGURATION if its first line is empty, longer than 64 KiB or holds a NUL.
 */
MUST_USE bool password_file_read(struct arena *arena, const char *path, const struct log *log,
                                 const char **password, struct error *err);

#endif
