/* SPDX-License-Identifier: Apache-2.0 */
/*
 * targets.c - read the file of -targets with inih
 *
 * The packaged inih cuts lines at 199 bytes and section names at 49. It reports neither sections
 * without keys nor the line of a key. For that reason this code checks the lines first; a wrong key
 * makes inih return its line.
 */
#include "cflyway/config/targets.h"

#include "cflyway/base/buf.h"
#include "cflyway/base/fs.h"

#include <ini.h>

enum {
	TARGETS_MAX = 1 << 20,
	LINE_MAX_BYTES = 190,
	NAME_MAX_BYTES = 49,
};

enum key {
	CONFIG_FILES,
	LOCATIONS,
	ENVIRONMENT,
	AFTER,
	KEYS,
};

static const char *const key_names[] = {
	[CONFIG_FILES] = "configFiles",
	[LOCATIONS] = "locations",
	[ENVIRONMENT] = "environment",
	[AFTER] = "after",
};

#define KNOWN_KEYS "configFiles, locations, environment and after"

struct reading {
	struct arena *arena;
	struct targets *targets;
	struct target *current; /* NULL before the first key */
	enum key last;          /* the previous key, which another line can continue */
	bool seen[KEYS];        /* keys of the current target */
	const char *fault;      /* of the first wrong line */
};

static bool fail(struct error *err, const char *path, size_t line, const char *fault)
{
	return error_set(err, ERROR_CONFIGURATION, "Invalid targets file %s, line %zu: %s", path,
	                 line, fault);
}

static struct target *find_target(const struct targets *targets, const char *name)
{
	for (size_t i = 0; i < targets->n; i++)
		if (strcmp(targets->items[i].name, name) == 0)
			return &targets->items[i];
	return NULL;
}

/* Returns NULL if the line is correct, otherwise the problem. */
static const char *look_at_section(struct arena *arena, struct str line, size_t number,
                                   struct targets *targets)
{
	size_t end = str_find_char(line, ']');
	struct str name = str_sub(line, 1, end);
	struct str rest = str_trim(str_sub(line, end, line.len));

	if (end == line.len)
		return "a section ends with ]";
	if (rest.len > 1 && rest.ptr[1] != ';' && rest.ptr[1] != '#' && rest.ptr[1] != ' ')
		return "nothing may follow the name of a section";
	if (name.len == 0 || str_trim(name).len != name.len)
		return "the name of a target is neither empty nor begins or ends with a blank";
	if (name.len > NAME_MAX_BYTES)
		return arena_printf(arena, "the name of a target has at most %d bytes",
		                    NAME_MAX_BYTES);
	const char *text = str_dup(arena, name);
	if (find_target(targets, text) != NULL)
		return arena_printf(arena, "there is a target %s already", text);
	targets->items = arena_grow(arena, targets->items, targets->n, sizeof(*targets->items));
	targets->items[targets->n++] = (struct target){.name = text, .line = number};
	return NULL;
}

/* inih takes any indented line for the rest of the list above. */
static const char *look_at_indented(struct str line, bool has_key)
{
	struct str name = str_trim(line);

	if (name.ptr[0] == '[')
		return "a section stands at the beginning of its line";
	name = str_trim(str_sub(name, 0, str_find_char(name, '=')));
	for (size_t i = 0; i < KEYS && has_key; i++)
		if (str_eq(name, str_of(key_names[i])))
			return "a key stands at the beginning of its line";
	return has_key ? NULL : "a key stands at the beginning of its line";
}

static bool is_comment(struct str line)
{
	line = str_trim(line);
	return line.len == 0 || line.ptr[0] == ';' || line.ptr[0] == '#';
}

/* Finds the sections, and refuses lines that inih would cut or misread. */
static bool look_through(struct arena *arena, struct str text, struct targets *targets,
                         struct error *err)
{
	bool has_key = false;

	if (str_starts(text, STR("\xEF\xBB\xBF")))
		text = str_sub(text, 3, text.len);
	for (size_t number = 1; text.ptr != NULL; number++) {
		struct str line = str_trim_right(str_cut(&text, '\n'));
		const char *fault = NULL;

		if (line.len > LINE_MAX_BYTES)
			fault = arena_printf(arena,
			                     "lines have at most %d bytes; a list may go on in the "
			                     "next line, after a blank",
			                     LINE_MAX_BYTES);
		else if (str_find_char(line, '\0') < line.len)
			fault = "there is a NUL";
		else if (str_starts(line, STR("[")))
			fault = look_at_section(arena, line, number, targets);
		else if (!is_comment(line) && (line.ptr[0] == ' ' || line.ptr[0] == '\t'))
			fault = look_at_indented(line, has_key);
		if (fault != NULL)
			return fail(err, targets->path, number, fault);
		if (!is_comment(line))
			has_key = line.ptr[0] != '[';
	}
	return true;
}

static bool wrong(struct reading *reading, const char *fault)
{
	reading->fault = fault;
	return false;
}

static bool take_after(struct reading *reading, const char *value)
{
	struct arena *arena = reading->arena;
	struct str rest = str_of(value);

	while (rest.ptr != NULL) {
		struct str item = str_trim(str_cut(&rest, ','));
		const char *name = str_dup(arena, item);
		const struct target *target = find_target(reading->targets, name);

		/* A comma at the end continues the list on the next line. */
		if (item.len == 0 && rest.ptr == NULL)
			break;
		if (target == NULL || target >= reading->current)
			return wrong(reading,
			             arena_printf(arena,
			                          "after names %s, but no such target stands above",
			                          name[0] == '\0' ? "nothing" : name));
		str_list_add(arena, &reading->current->after, name);
	}
	return true;
}

/* Returns the field for the value of a key, which is not after: that is a list. */
static const char **field_of(struct target *target, enum key key)
{
	switch (key) {
	case CONFIG_FILES:
		return &target->config_files;
	case LOCATIONS:
		return &target->locations;
	default:
		return &target->environment;
	}
}

static void add_text(struct arena *arena, const char **field, const char *value)
{
	bool has_comma = str_ends(str_trim_right(str_of(*field)), STR(","));

	*field = *field == NULL
	                 ? arena_strdup(arena, value)
	                 : arena_printf(arena, "%s%s%s", *field, has_comma ? "" : ",", value);
}

static bool take_key(struct reading *reading, const char *name, const char *value)
{
	enum key key = 0;

	while (key < KEYS && strcmp(key_names[key], name) != 0)
		key++;
	if (key == KEYS)
		return wrong(reading, arena_printf(reading->arena,
		                                   "unknown key %s; there are " KNOWN_KEYS, name));
	/* Another line of the same list has the same key. */
	if (reading->seen[key] && (reading->last != key || key == ENVIRONMENT))
		return wrong(reading, arena_printf(reading->arena, "%s is given twice", name));
	reading->seen[key] = true;
	reading->last = key;
	if (str_trim(str_of(value)).len == 0)
		return wrong(reading, arena_printf(reading->arena, "%s has no value", name));
	if (key == AFTER)
		return take_after(reading, value);
	add_text(reading->arena, field_of(reading->current, key), value);
	return true;
}

static int handle(void *ctx, const char *section, const char *name, const char *value)
{
	struct reading *reading = ctx;

	/* inih continues after an error, and returns the line of the first one. */
	if (reading->fault != NULL)
		return 0;
	if (reading->current == NULL || strcmp(reading->current->name, section) != 0) {
		reading->current = find_target(reading->targets, section);
		reading->last = KEYS;
		memset(reading->seen, 0, sizeof(reading->seen));
	}
	if (reading->current == NULL)
		return wrong(reading, "a key belongs into a section, [name of the target]");
	return take_key(reading, name, value);
}

static bool is_empty(const struct target *target)
{
	return target->config_files == NULL && target->locations == NULL &&
	       target->environment == NULL;
}

bool targets_parse(struct arena *arena, struct str text, const char *path, struct targets *targets,
                   struct error *err)
{
	struct reading reading = {.arena = arena, .targets = targets};
	int line;

	*targets = (struct targets){.path = path};
	if (!look_through(arena, text, targets, err))
		return false;
	line = ini_parse_string(str_dup(arena, text), handle, &reading);
	if (line != 0)
		return fail(err, path, (size_t)line,
		            reading.fault != NULL ? reading.fault
		                                  : "this is neither [name], nor key = value");
	for (size_t i = 0; i < targets->n; i++)
		if (is_empty(&targets->items[i]))
			return fail(err, path, targets->items[i].line,
			            arena_printf(arena,
			                         "target %s has neither configFiles, locations nor "
			                         "environment",
			                         targets->items[i].name));
	return targets->n > 0 || fail(err, path, 1, "there is no target");
}

bool targets_read(struct arena *arena, const char *path, struct targets *targets, struct error *err)
{
	struct buf text = BUF_EMPTY(TARGETS_MAX);
	bool ok = fs_read_all(path, &text, err) &&
	          targets_parse(arena, buf_str(&text), path, targets, err);

	buf_release(&text);
	return ok;
}

bool target_invocation(struct arena *arena, const struct targets *targets,
                       const struct target *target, const struct invocation *user,
                       struct invocation *invocation, struct error *err)
{
	struct target copy = *target;

	*invocation = *user;
	pairs_init(&invocation->options, arena);
	for (size_t i = 0; i < user->options.n; i++)
		if (strcmp(user->options.items[i].key, "targets") != 0)
			pairs_copy(&invocation->options, user->options.items[i].key,
			           &user->options.items[i]);
	for (enum key key = 0; key < AFTER; key++) {
		const char *name = key_names[key], *value = *field_of(&copy, key);

		if (pairs_find(&invocation->options, name) != NULL)
			return error_set(err, ERROR_CONFIGURATION,
			                 "-%s cannot stand beside -targets: it is a key of the "
			                 "targets in %s",
			                 name, targets->path);
		if (value != NULL)
			pairs_set(&invocation->options, str_of(name), str_of(value),
			          arena_printf(arena, "-%s", name));
	}
	return true;
}
