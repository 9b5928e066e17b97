/* SPDX-License-Identifier: Apache-2.0 */
/*
 * properties.c - reads the properties of a connection as pgjdbc reads them (42.7.7)
 */
#include "properties.h"

#include "errors.h"

#include "cflyway/base/str.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>

const char *pg_property(const struct pg_source *source, const char *name)
{
	const struct pair *pair = pairs_find(&source->url, name);

	if (pair == NULL)
		pair = pairs_find(&source->settings->jdbc_properties, name);
	if (pair == NULL)
		pair = pairs_find(&source->service, name);
	return pair != NULL ? pair->value : NULL;
}

bool pg_property_number(const struct pg_source *source, const char *name, int *value,
                        struct error *err)
{
	const char *text = pg_property(source, name);
	char *end;

	if (text == NULL)
		return true;
	errno = 0;
	long parsed = strtol(text, &end, 10);

	if (*text == '\0' || *text == ' ' || *end != '\0' || errno != 0 || parsed > INT_MAX ||
	    parsed < INT_MIN)
		return pg_fail_text(
			err, "22023",
			arena_printf(err->arena,
		                     "%s parameter value must be an integer but was: %s", name,
		                     text));
	*value = (int)parsed;
	return true;
}

bool pg_property_fail(const struct pg_source *source, const char *name, struct error *err)
{
	pg_fail_text(err, "99999",
	             "Something unusual has occurred to cause the driver to fail. Please report "
	             "this exception.");
	error_note(err, "JDBC property '%s' cannot be '%s'", name, pg_property(source, name));
	return false;
}

/* One of names, or no property at all. */
static bool is_among(const char *value, const char *const *names, size_t n, bool any_case)
{
	for (size_t i = 0; value != NULL && i < n; i++)
		if (any_case ? str_eq_nocase(str_of(value), str_of(names[i]))
		             : strcmp(value, names[i]) == 0)
			return true;
	return value == NULL;
}

static bool check_words(const struct pg_source *source, struct error *err)
{
	static const char *const autosave[] = {"never", "always", "conservative"};
	static const char *const types[] = {"varchar", "unspecified"};
	static const char *const bindings[] = {"disable", "prefer", "require"};
	static const char *const versions[] = {"3", "3.0", "3.2"};
	const char *type = pg_property(source, "stringtype");
	const char *binding = pg_property(source, "channelBinding");
	const char *version = pg_property(source, "protocolVersion");

	if (!is_among(version, versions, COUNT(versions), false))
		return pg_fail_text(err, "08001",
		                    arena_printf(err->arena,
		                                 "A connection could not be made using the "
		                                 "requested protocol %s.",
		                                 version));
	if (!is_among(binding, bindings, COUNT(bindings), false))
		return pg_fail_text(
			err, "08001",
			arena_printf(err->arena, "Invalid channelBinding value: %s", binding));
	if (!is_among(pg_property(source, "autosave"), autosave, COUNT(autosave), true))
		return pg_property_fail(source, "autosave", err);
	if (!is_among(type, types, COUNT(types), true))
		return pg_fail_text(err, "22023",
		                    arena_printf(err->arena,
		                                 "Unsupported value for stringtype parameter: %s",
		                                 type));
	return true;
}

static bool check_numbers(const struct pg_source *source, struct error *err)
{
	static const struct {
		const char *name;
		int min; /* below it Java stumbles */
	} numbers[] = {
		{"adaptiveFetchMaximum", INT_MIN},
		{"adaptiveFetchMinimum", INT_MIN},
		{"cancelSignalTimeout", INT_MIN},
		{"databaseMetadataCacheFields", INT_MIN},
		{"databaseMetadataCacheFieldsMiB", INT_MIN},
		{"maxSendBufferSize", 1},
		{"prepareThreshold", INT_MIN},
		{"preparedStatementCacheQueries", INT_MIN},
		{"preparedStatementCacheSizeMiB", INT_MIN},
		{"receiveBufferSize", INT_MIN},
		{"sendBufferSize", INT_MIN},
		{"socketTimeout", INT_MIN},
		{"unknownLength", INT_MIN},
	};
	int rows = 0;

	if (!pg_property_number(source, "defaultRowFetchSize", &rows, err))
		return false;
	if (rows < 0)
		return pg_fail_text(err, "22023",
		                    "Fetch size must be a value greater than or equal to 0.");
	for (size_t i = 0; i < COUNT(numbers); i++) {
		int value = numbers[i].min;

		if (!pg_property_number(source, numbers[i].name, &value, err))
			return false;
		if (value < numbers[i].min)
			return pg_property_fail(source, numbers[i].name, err);
	}
	return true;
}

static bool is_integer(struct str text, long max)
{
	char *end;
	char digits[24];

	if (text.len == 0 || text.len >= sizeof(digits) || text.ptr[0] == ' ')
		return false;
	memcpy(digits, text.ptr, text.len);
	digits[text.len] = '\0';
	errno = 0;

	long value = strtol(digits, &end, 10);

	return *end == '\0' && errno == 0 && value >= -max && value <= max;
}

static bool is_decimal(struct str text)
{
	size_t digits = 0, points = 0;

	if (str_starts(text, STR("-")) || str_starts(text, STR("+")))
		text = str_sub(text, 1, text.len);
	for (size_t i = 0; i < text.len; i++) {
		bool is_digit = text.ptr[i] >= '0' && text.ptr[i] <= '9';

		if (!is_digit && text.ptr[i] != '.')
			return false;
		digits += is_digit;
		points += !is_digit;
	}
	return digits > 0 && points <= 1;
}

/* "SIZE", "SIZEk" (m, g, t), or "PERCENTp" (pct, percent). What it limits has no meaning here. */
static bool check_result_buffer(const struct pg_source *source, struct error *err)
{
	static const char *const percents[] = {"percent", "pct", "p"};
	const char *name = "maxResultBuffer", *value = pg_property(source, name);
	struct str text = str_of(value);

	if (text.len == 0 || str_ends(text, STR("%")))
		return true;
	for (size_t i = 0; i < COUNT(percents); i++) {
		struct str percent = str_of(percents[i]);

		if (text.len > percent.len && str_ends(text, percent))
			return is_decimal(str_sub(text, 0, text.len - percent.len)) ||
			       pg_property_fail(source, name, err);
	}

	char last = text.ptr[text.len - 1];

	if (strchr("kKmMgGtT", last) != NULL)
		return is_integer(str_sub(text, 0, text.len - 1), INT_MAX) ||
		       pg_property_fail(source, name, err);
	if (last >= '0' && last <= '9')
		return is_integer(text, LONG_MAX) || pg_property_fail(source, name, err);
	/* Java takes the apostrophe in this sentence for a quote. */
	return pg_fail_text(err, "42601",
	                    "Received MaxResultBuffer parameter cant be parsed. Value received to "
	                    "parse: {0}");
}

/* The driver sets it when it asks for SSL. */
static bool check_ssl_timeout(const struct pg_source *source, struct error *err)
{
	const char *name = "sslResponseTimeout", *mode = pg_property(source, "sslmode");
	bool is_asked = mode == NULL || (!str_eq_nocase(str_of(mode), STR("disable")) &&
	                                 !str_eq_nocase(str_of(mode), STR("allow")));
	int timeout = 0;

	if (!pg_property_number(source, name, &timeout, err))
		return false;
	return timeout >= 0 || !is_asked || pg_property_fail(source, name, err);
}

bool pg_properties_check(const struct pg_source *source, struct error *err)
{
	return check_numbers(source, err) && check_words(source, err) &&
	       check_ssl_timeout(source, err) && check_result_buffer(source, err);
}
