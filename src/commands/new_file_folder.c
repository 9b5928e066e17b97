/* SPDX-License-Identifier: Apache-2.0 */
/* new_file_folder.c - chooses the folder of a new file */
#include "new_file_folder.h"

#include "cflyway/base/fs.h"

static bool is_folder(const struct location *location)
{
	return !location->is_classpath && location->pattern == NULL;
}

/* Parses the text of an option, which may be written with or without filesystem: in front. */
static bool parse_given(const struct run *run, const char *text, struct location *location,
                        struct error *err)
{
	bool has_prefix = strchr(text, ':') != NULL;
	struct str_list texts = {0};
	struct location_list list;

	str_list_add(run->arena, &texts,
	             has_prefix ? text : arena_printf(run->arena, "filesystem:%s", text));
	if (!location_list_parse(run->arena, &texts, &list, err))
		return false;
	*location = list.items[0];
	if (run->settings->working_directory != NULL)
		*location =
			location_below(run->arena, location,
		                       fs_absolute(run->arena, run->settings->working_directory));
	return is_folder(location) ||
	       error_set(err, ERROR_CONFIGURATION,
	                 "A file can only be added to a folder, which location does not name: %s",
	                 text);
}

/* Finds the first location, in the order of the configuration, that is a folder. */
static bool first_folder(const struct run *run, struct location *location, size_t *others,
                         struct error *err)
{
	const struct str_list *texts = &run->settings->locations;
	bool found = false;

	*others = 0;
	for (size_t i = 0; i < texts->n; i++) {
		struct str_list one = {&texts->items[i], 1};
		struct location_list list;

		if (!location_list_parse(run->arena, &one, &list, err))
			return false;
		if (!is_folder(&list.items[0]))
			continue;
		*others += found;
		if (!found)
			*location = list.items[0];
		found = true;
	}
	if (found)
		return true;
	return error_set(err, ERROR_CONFIGURATION,
	                 "There is no location that a file can be added to: set locations to a "
	                 "folder, such as filesystem:sql");
}

bool new_file_folder_choose(const struct run *run, const char *given, struct location *location,
                            struct error *err)
{
	size_t others;

	if (given != NULL && given[0] != '\0')
		return parse_given(run, given, location, err);
	if (!first_folder(run, location, &others, err))
		return false;
	if (others > 0)
		log_cflyway(run->log,
		            "the file goes into %s, the first of the locations; "
		            "-location=FOLDER chooses another",
		            location->text);
	return true;
}
