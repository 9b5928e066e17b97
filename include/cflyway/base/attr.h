/* SPDX-License-Identifier: Apache-2.0 */
/*
 * attr.h - names the compiler attributes that cflyway uses
 */
#ifndef CFLYWAY_BASE_ATTR_H
#define CFLYWAY_BASE_ATTR_H

#define PRINTF(at, first) __attribute__((format(printf, at, first)))
#define MUST_USE __attribute__((warn_unused_result))
#define NORETURN __attribute__((noreturn))

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

#endif
