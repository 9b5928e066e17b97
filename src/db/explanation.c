/* SPDX-License-Identifier: Apache-2.0 */
/* explanation.c - explains the error codes that migrations meet */
#include "cflyway/db/explanation.h"

#include "cflyway/base/ascii.h"
#include "cflyway/base/attr.h"
#include "cflyway/base/str.h"

#include <stdlib.h>
#include <string.h>

enum { SQLSTATE_LEN = 5, CLASS_LEN = 2, DIGITS_MAX = 6, PRIMARY_MASK = 0xff };

const struct explanation explanations[] = {
#define EXPLANATION(code, name, meaning, causes, advice) {code, name, meaning, causes, advice},
#include "cflyway/db/explanations.def"
#undef EXPLANATION
};
const size_t explanation_count = COUNT(explanations);

/* Primary result codes of SQLite: https://www.sqlite.org/rescode.html */
static const struct {
	long number;
	const char *name;
} sqlite_codes[] = {
	{1, "SQLITE_ERROR"},    {5, "SQLITE_BUSY"},      {6, "SQLITE_LOCKED"},
	{8, "SQLITE_READONLY"}, {10, "SQLITE_IOERR"},    {11, "SQLITE_CORRUPT"},
	{13, "SQLITE_FULL"},    {14, "SQLITE_CANTOPEN"}, {19, "SQLITE_CONSTRAINT"},
	{26, "SQLITE_NOTADB"},
};

static const struct {
	char code[CLASS_LEN + 1];
	const char *meaning;
} classes[] = {
	{"01", "a warning"},
	{"02", "no data"},
	{"03", "an SQL statement is not complete"},
	{"08", "a problem with the connection"},
	{"09", "a triggered action has failed"},
	{"0A", "a feature is not supported"},
	{"0L", "an invalid grantor"},
	{"0P", "an invalid specification of a role"},
	{"21", "more rows than allowed"},
	{"22", "a problem with a value"},
	{"23", "a constraint is violated"},
	{"24", "a cursor is in the wrong state"},
	{"25", "the transaction is in the wrong state"},
	{"26", "an invalid name of a statement"},
	{"27", "a triggered action changes data that may not change now"},
	{"28", "the role may not connect"},
	{"2B", "other privileges depend on this one"},
	{"2D", "a transaction may not end here"},
	{"2F", "a problem in an SQL routine"},
	{"34", "an invalid name of a cursor"},
	{"38", "a problem in an external routine"},
	{"39", "an external routine was called wrongly"},
	{"3B", "a problem with a savepoint"},
	{"3D", "an invalid name of a database"},
	{"3F", "an invalid name of a schema"},
	{"40", "the transaction was rolled back"},
	{"42", "a syntax error, or a name or a right that is missing"},
	{"44", "a row does not fulfil WITH CHECK OPTION"},
	{"53", "the server lacks resources"},
	{"54", "a limit of the server is exceeded"},
	{"55", "an object is not in the state that is needed"},
	{"57", "somebody intervened"},
	{"58", "an error of the system outside of PostgreSQL"},
	{"F0", "an error in the server's configuration file"},
	{"HV", "an error of a foreign data wrapper"},
	{"P0", "an error in PL/pgSQL"},
	{"XX", "an internal error"},
};

static const struct explanation *find_word(const char *word)
{
	for (size_t i = 0; i < explanation_count; i++)
		if (str_eq_nocase(str_of(explanations[i].code), str_of(word)) ||
		    str_eq_nocase(str_of(explanations[i].name), str_of(word)))
			return &explanations[i];
	return NULL;
}

/* The low byte of an extended code is its primary code. */
static const struct explanation *find_number(const char *digits)
{
	long primary = strtol(digits, NULL, 10) & PRIMARY_MASK;

	for (size_t i = 0; i < COUNT(sqlite_codes); i++)
		if (sqlite_codes[i].number == primary)
			return find_word(sqlite_codes[i].name);
	return NULL;
}

const struct explanation *explanation_find(const char *code)
{
	struct str word = str_of(code);
	const struct explanation *found = find_word(code);

	if (found == NULL && word.len > 0 && word.len <= DIGITS_MAX && word.len != SQLSTATE_LEN &&
	    str_count_digits(word) == word.len)
		return find_number(code);
	return found;
}

const char *explanation_class(const char *code)
{
	if (strlen(code) != SQLSTATE_LEN)
		return NULL;
	for (size_t i = 0; i < COUNT(classes); i++)
		if (str_eq_nocase(str_of(classes[i].code), (struct str){code, CLASS_LEN}))
			return classes[i].meaning;
	return NULL;
}
