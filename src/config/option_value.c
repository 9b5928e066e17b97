/* SPDX-License-Identifier: Apache-2.0 */
/* option_value.c - parse the values of options */
#include "cflyway/config/option_value.h"

#include "cflyway/base/ascii.h"

#include <limits.h>

bool option_parse_bool(const char *text, bool *value)
{
	bool is_true = str_eq_nocase(str_of(text), STR("true"));

	if (!is_true && !str_eq_nocase(str_of(text), STR("false")))
		return false;
	*value = is_true;
	return true;
}

bool option_parse_int(const char *text, int *value)
{
	bool negative = *text == '-';
	long long number = 0;

	if (*text == '-' || *text == '+')
		text++;
	if (*text == '\0')
		return false;
	for (; *text != '\0'; text++) {
		if (!ascii_is_digit(*text))
			return false;
		number = number * 10 + (*text - '0');
		if (number > (long long)INT_MAX + negative)
			return false;
	}
	*value = (int)(negative ? -number : number);
	return true;
}

bool option_parse_size(const char *text, size_t *value)
{
	static const struct {
		const char *name;
		size_t bytes;
	} units[] = {{"", 1}, {"B", 1}, {"kB", 1 << 10}, {"MB", 1 << 20}, {"GB", 1 << 30}};
	enum { LARGEST = 1 << 30 };
	size_t number = 0;
	const char *c = text;

	for (; ascii_is_digit(*c) && number <= LARGEST; c++)
		number = number * 10 + (size_t)(*c - '0');
	if (number == 0)
		return false;
	for (size_t i = 0; i < COUNT(units); i++) {
		if (!str_eq_nocase(str_trim(str_of(c)), str_of(units[i].name)) ||
		    number > LARGEST / units[i].bytes)
			continue;
		*value = number * units[i].bytes;
		return true;
	}
	return false;
}

bool option_parse_duration(const struct option_spec *spec, const char *text, int *value)
{
	static const struct {
		const char *name;
		int ms;
	} units[] = {{"ms", 1}, {"s", 1000}, {"min", 60 * 1000}, {"h", 60 * 60 * 1000}};
	struct str rest = str_trim(str_of(text));
	size_t digits = 0;
	int number = 0;

	if (spec->choices != NULL && option_parse_choice(spec, text, value))
		return true;
	for (; digits < rest.len && ascii_is_digit(rest.ptr[digits]); digits++) {
		int digit = rest.ptr[digits] - '0';

		if (number > (INT_MAX - digit) / 10)
			return false;
		number = number * 10 + digit;
	}
	rest = str_trim(str_sub(rest, digits, rest.len));
	if (digits > 0 && number == 0 && rest.len == 0) {
		*value = 0;
		return true;
	}
	for (size_t i = 0; digits > 0 && i < COUNT(units); i++) {
		if (!str_eq(rest, str_of(units[i].name)) || number > INT_MAX / units[i].ms)
			continue;
		*value = number * units[i].ms;
		return true;
	}
	return false;
}

const char *option_durations_list(struct arena *arena, const struct option_spec *spec)
{
	static const char times[] = "a time with its unit, such as 500ms, 5s or 2min";

	return spec->choices == NULL ? times
	                             : arena_printf(arena, "%s, or %s", times,
	                                            option_choices_list(arena, spec, ""));
}

struct str_list option_parse_list(struct arena *arena, const char *text)
{
	struct str_list list = {0};
	struct str rest = str_of(text);

	while (str_ends(rest, STR(",")))
		rest = str_sub(rest, 0, rest.len - 1);
	if (rest.len == 0 && text[0] != '\0')
		return list;
	do {
		str_list_add(arena, &list, str_dup(arena, str_trim(str_cut(&rest, ','))));
	} while (rest.ptr != NULL);
	return list;
}

bool option_parse_choice(const struct option_spec *spec, const char *text, int *value)
{
	bool any_case = (spec->flags & OPTION_ANY_CASE) != 0;

	for (const struct option_choice *choice = spec->choices; choice->text != NULL; choice++) {
		struct str wanted = str_of(choice->text);

		if (any_case ? !str_eq_nocase(str_of(text), wanted) : !str_eq(str_of(text), wanted))
			continue;
		*value = choice->value;
		return true;
	}
	return false;
}

const char *option_choice_text(const struct option_spec *spec, int value)
{
	const struct option_choice *choice = spec->choices;

	while (choice->text != NULL && choice->value != value)
		choice++;
	return choice->text;
}

const char *option_choices_list(struct arena *arena, const struct option_spec *spec,
                                const char *quote)
{
	const struct option_choice *choices = spec->choices;
	const char *text = "";

	for (size_t i = 0; choices[i].text != NULL; i++) {
		bool is_last = choices[i + 1].text == NULL;
		const char *separator = i == 0 ? "" : !is_last ? ", " : i == 1 ? " or " : ", or ";

		text = arena_printf(arena, "%s%s%s%s%s", text, separator, quote, choices[i].text,
		                    quote);
	}
	return text;
}
