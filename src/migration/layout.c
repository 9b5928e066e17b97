/* SPDX-License-Identifier: Apache-2.0 */
/* layout.c - the table of layouts, and what one name says in one of them */
#include "cflyway/migration/layout.h"

#include <string.h>

/*
 * Sources of the rules: numbered is the habit of scripts made at home. golang-migrate (source
 * github.com/golang-migrate/migrate, source/parse.go) takes digits, '_', any text and ".up" or
 * ".down". goose (github.com/pressly/goose, migration.go) takes digits and '_', dbmate
 * (github.com/amacneil/dbmate, pkg/dbmate/db.go) digits and anything; it sorts by name. tern
 * (github.com/jackc/tern, migrate/migrate.go) takes digits and '_'.
 */
static const struct layout layouts[LAYOUT_KIND_COUNT] = {
	[LAYOUT_NUMBERED] =
		{
			.name = "numbered",
			.prefix = "",
			.separators = "_-",
			.order = LAYOUT_BY_NAME,
			.up_marker = "",
			.undo_marker = "_rollback",
			.equal_numbers = LAYOUT_EQUAL_COUNTED,
			.example = "001_add_price.sql",
		},
	[LAYOUT_UPDOWN] =
		{
			.name = "updown",
			.prefix = "",
			.separators = "_",
			.order = LAYOUT_BY_NUMBER,
			.up_marker = ".up",
			.undo_marker = ".down",
			.equal_numbers = LAYOUT_EQUAL_REFUSED,
			.example = "001_add_price.up.sql",
		},
	[LAYOUT_GOOSE] =
		{
			.name = "goose",
			.prefix = "",
			.separators = "_",
			.order = LAYOUT_BY_NUMBER,
			.up_marker = "",
			.undo_marker = "",
			.equal_numbers = LAYOUT_EQUAL_REFUSED,
			.parts = &part_syntax_goose,
			.program_suffix = ".go",
			.example = "001_add_price.sql",
		},
	[LAYOUT_DBMATE] =
		{
			.name = "dbmate",
			.prefix = "",
			.separators = "_-",
			.bare_numbers = true,
			.order = LAYOUT_BY_NAME,
			.up_marker = "",
			.undo_marker = "",
			.equal_numbers = LAYOUT_EQUAL_REFUSED,
			.parts = &part_syntax_dbmate,
			.example = "20240131120000_add_price.sql",
		},
	[LAYOUT_TERN] =
		{
			.name = "tern",
			.prefix = "",
			.separators = "_",
			.order = LAYOUT_BY_NUMBER,
			.up_marker = "",
			.undo_marker = "",
			.equal_numbers = LAYOUT_EQUAL_REFUSED,
			.parts = &part_syntax_tern,
			.example = "001_add_price.sql",
		},
};

const struct layout *layout_of(enum layout_kind kind)
{
	return layouts[kind].name != NULL ? &layouts[kind] : NULL;
}

bool layout_wants_pairs(const struct layout *layout)
{
	return layout->up_marker[0] != '\0' && layout->undo_marker[0] != '\0';
}

/* --- names --------------------------------------------------------------------------------- */

/* Removes the marker, if there is one, from the end. marker may be NULL. */
static bool drop_marker(struct str *stem, const char *marker)
{
	struct str end = str_of(marker);

	if (end.len == 0 || !str_ends(*stem, end))
		return false;
	*stem = str_sub(*stem, 0, stem->len - end.len);
	return true;
}

bool layout_read_name(const struct layout *layout, struct str text, struct layout_name *name)
{
	struct str prefix = str_of(layout->prefix);

	*name = (struct layout_name){.stem = text};
	name->is_undo = drop_marker(&name->stem, layout->undo_marker);
	if (!name->is_undo)
		drop_marker(&name->stem, layout->up_marker);
	if (!str_starts(name->stem, prefix))
		return false;
	struct str rest = str_sub(name->stem, prefix.len, name->stem.len);
	size_t digits = str_count_digits(rest);

	bool has_separator =
		digits < rest.len && strchr(layout->separators, rest.ptr[digits]) != NULL;

	name->number = str_sub(rest, 0, digits);
	name->description = str_sub(rest, digits + has_separator, rest.len);
	name->is_valid = has_separator || layout->bare_numbers;
	return digits > 0;
}

bool layout_is_foreign_program(const struct layout *layout, const char *file_name)
{
	struct str name = str_of(file_name);
	struct layout_name parts;

	return drop_marker(&name, layout->program_suffix) &&
	       layout_read_name(layout, name, &parts) && parts.is_valid;
}

const struct layout *layout_foreign_marker(const struct layout *layout, struct str stem)
{
	for (size_t i = 0; i < COUNT(layouts); i++) {
		const struct layout *other = &layouts[i];

		if (other == layout || other->name == NULL)
			continue;
		if (drop_marker(&stem, other->undo_marker) || drop_marker(&stem, other->up_marker))
			return other;
	}
	return NULL;
}
