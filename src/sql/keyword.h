/* SPDX-License-Identifier: Apache-2.0 */
/*
 * keyword.h - lists the words by which statements are recognised (private)
 */
#ifndef CFLYWAY_SQL_KEYWORD_H
#define CFLYWAY_SQL_KEYWORD_H

#include "cflyway/base/str.h"

/* Sorted, for the binary search in keyword_find. */
#define KEYWORDS(X)                                                                                \
	X(ABORT)                                                                                   \
	X(ADD)                                                                                     \
	X(ALL)                                                                                     \
	X(ALTER)                                                                                   \
	X(ANALYZE)                                                                                 \
	X(AS)                                                                                      \
	X(ATOMIC)                                                                                  \
	X(ATTACH)                                                                                  \
	X(AUTHORIZATION)                                                                           \
	X(BEGIN)                                                                                   \
	X(CALL)                                                                                    \
	X(CASE)                                                                                    \
	X(CHARACTERISTICS)                                                                         \
	X(CLIENT_ENCODING)                                                                         \
	X(COMMIT)                                                                                  \
	X(CONCURRENTLY)                                                                            \
	X(COPY)                                                                                    \
	X(CREATE)                                                                                  \
	X(DATABASE)                                                                                \
	X(DATESTYLE)                                                                               \
	X(DELETE)                                                                                  \
	X(DETACH)                                                                                  \
	X(DISCARD)                                                                                 \
	X(DROP)                                                                                    \
	X(END)                                                                                     \
	X(EXPLAIN)                                                                                 \
	X(FOREIGN_KEYS)                                                                            \
	X(FROM)                                                                                    \
	X(FUNCTION)                                                                                \
	X(INDEX)                                                                                   \
	X(INSERT)                                                                                  \
	X(LOCAL)                                                                                   \
	X(MERGE)                                                                                   \
	X(NAMES)                                                                                   \
	X(OR)                                                                                      \
	X(PLAN)                                                                                    \
	X(PRAGMA)                                                                                  \
	X(PREPARE)                                                                                 \
	X(PROCEDURE)                                                                               \
	X(QUERY)                                                                                   \
	X(REINDEX)                                                                                 \
	X(RELEASE)                                                                                 \
	X(REPLACE)                                                                                 \
	X(RESET)                                                                                   \
	X(ROLE)                                                                                    \
	X(ROLLBACK)                                                                                \
	X(SAVEPOINT)                                                                               \
	X(SCHEMA)                                                                                  \
	X(SELECT)                                                                                  \
	X(SESSION)                                                                                 \
	X(SESSION_AUTHORIZATION)                                                                   \
	X(SET)                                                                                     \
	X(STANDARD_CONFORMING_STRINGS)                                                             \
	X(START)                                                                                   \
	X(STDIN)                                                                                   \
	X(STDOUT)                                                                                  \
	X(SUBSCRIPTION)                                                                            \
	X(SYSTEM)                                                                                  \
	X(TABLE)                                                                                   \
	X(TABLESPACE)                                                                              \
	X(TEMP)                                                                                    \
	X(TEMPORARY)                                                                               \
	X(TO)                                                                                      \
	X(TRANSACTION)                                                                             \
	X(TRANSACTION_DEFERRABLE)                                                                  \
	X(TRANSACTION_ISOLATION)                                                                   \
	X(TRANSACTION_READ_ONLY)                                                                   \
	X(TRIGGER)                                                                                 \
	X(TYPE)                                                                                    \
	X(UNIQUE)                                                                                  \
	X(UPDATE)                                                                                  \
	X(UPSERT)                                                                                  \
	X(VACUUM)                                                                                  \
	X(VALUE)                                                                                   \
	X(VALUES)                                                                                  \
	X(VERBOSE)                                                                                 \
	X(VIEW)                                                                                    \
	X(VIRTUAL)                                                                                 \
	X(WITH)

enum keyword {
	KEYWORD_NONE,      /* not a word */
	KEYWORD_OTHER,     /* a word that means nothing here */
	KEYWORD_SEMICOLON, /* inside a block */
#define KEYWORD_ENUM(name) KEYWORD_##name,
	KEYWORDS(KEYWORD_ENUM)
#undef KEYWORD_ENUM
};

/* Ignores the case of ASCII letters. Returns KEYWORD_OTHER if the word is not in the list. */
enum keyword keyword_find(struct str word);

#endif
