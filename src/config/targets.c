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
#include "cflyway/base/nearest.h"
#include "cflyway/config/secret.h"

#include <ini.h>

enum {
	TARGETS_MAX = 1 << 20,
	LINE_MAX_BYTES = 190,
	NAME_MAX_BYTES = 49,
};

/* What a key of the file is called; the last one is no option. */
enum { AFTER = TARGET_KEY_COUNT, KEYS };

static const struct {
	const char *name, *option;
	bool is_list;
} keys[] = {
#define TARGET_KEY_ROW(id, name, option, is_list) [TARGET_##id] = {name, option, is_list},
	TARGET_KEYS(TARGET_KEY_ROW)
#undef TARGET_KEY_ROW
		[AFTER] = {"after", NULL, true},
};

struct reading {
	struct arena *arena;
	struct targets *targets;
	struct target *current; /* NULL before the first key */
	size_t last;            /* the previous key, which another line can continue */
	bool seen[KEYS];        /* keys of the current target */
	const char *fault;      /* of the first wrong line */
	struct nearest nearest; /* what its wrong name may mean; name NULL: nothing */
};

const char *targets_place(struct arena *arena, const struct targets *targets, size_t line)
{
	return targets->source == TARGETS_OF_FILE
	               ? arena_printf(arena, "%s, line %zu", targets->path, line)
	               : targets->path;
}

bool targets_fail(struct error *err, const struct targets *targets, size_t line, const char *fault)
{
	const char *place = targets_place(err->arena, targets, line);

	return error_set(err, ERROR_CONFIGURATION, "%s%s: %s",
	                 targets->source == TARGETS_OF_FILE ? "Invalid targets file " : "", place,
	                 fault);
}

struct target *targets_find(const struct targets *targets, const char *name)
{
	size_t found = name_index_find(&targets->index, str_of(name));

	return found != SIZE_MAX ? &targets->items[found] : NULL;
}

void targets_add(struct arena *arena, struct targets *targets, const struct target *target)
{
	targets->items = arena_grow(arena, targets->items, targets->n, sizeof(*targets->items));
	name_index_put(arena, &targets->index, str_of(target->name), targets->n);
	targets->items[targets->n++] = *target;
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
	if (targets_find(targets, text) != NULL)
		return arena_printf(arena, "there is a target %s already", text);
	targets_add(arena, targets, &(struct target){.name = text, .line = number});
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
		if (str_eq(name, str_of(keys[i].name)))
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
			return targets_fail(err, targets, number, fault);
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

static bool wrong_after(struct reading *reading, const char *name)
{
	nearest_init(&reading->nearest, str_of(name));
	for (const struct target *above = reading->targets->items; above < reading->current;
	     above++)
		nearest_consider(&reading->nearest, str_of(above->name), above->name);
	return wrong(reading,
	             arena_printf(reading->arena, "after names %s, but no such target stands above",
	                          name[0] == '\0' ? "nothing" : name));
}

static bool take_after(struct reading *reading, const char *value)
{
	struct arena *arena = reading->arena;
	struct str rest = str_of(value);

	while (rest.ptr != NULL) {
		struct str item = str_trim(str_cut(&rest, ','));
		const char *name = str_dup(arena, item);
		const struct target *target = targets_find(reading->targets, name);

		/* A comma at the end continues the list on the next line. */
		if (item.len == 0 && rest.ptr == NULL)
			break;
		if (target == NULL || target >= reading->current)
			return wrong_after(reading, name);
		str_list_add(arena, &reading->current->after, name);
	}
	return true;
}

static void add_text(struct arena *arena, const char **field, const char *value)
{
	bool has_comma = str_ends(str_trim_right(str_of(*field)), STR(","));

	*field = *field == NULL
	                 ? arena_strdup(arena, value)
	                 : arena_printf(arena, "%s%s%s", *field, has_comma ? "" : ",", value);
}

/* "configFiles, locations and environment"; n is at least 2. */
static const char *list_keys(struct arena *arena, size_t n)
{
	struct str_list names = {0};

	for (size_t i = 0; i + 1 < n; i++)
		str_list_add(arena, &names, keys[i].name);
	return arena_printf(arena, "%s and %s", str_list_join(arena, &names, ", "),
	                    keys[n - 1].name);
}

static bool wrong_key(struct reading *reading, const char *name)
{
	nearest_init(&reading->nearest, str_of(name));
	for (size_t i = 0; i < KEYS; i++)
		nearest_consider(&reading->nearest, str_of(keys[i].name), keys[i].name);
	return wrong(reading, arena_printf(reading->arena, "unknown key %s; there are %s",
	                                   secret_mask(reading->arena, "", name),
	                                   list_keys(reading->arena, KEYS)));
}

static bool take_key(struct reading *reading, const char *name, const char *value)
{
	struct arena *arena = reading->arena;
	size_t key = 0;

	while (key < KEYS && strcmp(keys[key].name, name) != 0)
		key++;
	if (key == KEYS)
		return wrong_key(reading, name);
	/* Another line of the same list has the same key. */
	if (reading->seen[key] && (reading->last != key || !keys[key].is_list))
		return wrong(reading, arena_printf(arena, "%s is given twice", name));
	reading->seen[key] = true;
	reading->last = key;
	if (str_trim(str_of(value)).len == 0)
		return wrong(reading, arena_printf(arena, "%s has no value", name));
	if (key == AFTER)
		return take_after(reading, value);
	add_text(arena, &reading->current->values[key], value);
	return true;
}

static int handle(void *ctx, const char *section, const char *name, const char *value)
{
	struct reading *reading = ctx;

	/* inih continues after an error, and returns the line of the first one. */
	if (reading->fault != NULL)
		return 0;
	if (reading->current == NULL || strcmp(reading->current->name, section) != 0) {
		reading->current = targets_find(reading->targets, section);
		reading->last = KEYS;
		memset(reading->seen, 0, sizeof(reading->seen));
	}
	if (reading->current == NULL)
		return wrong(reading, "a key belongs into a section, [name of the target]");
	return take_key(reading, name, value);
}

static bool is_empty(const struct target *target)
{
	size_t key = 0;

	while (key < TARGET_KEY_COUNT && target->values[key] == NULL)
		key++;
	return key == TARGET_KEY_COUNT;
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
	if (line != 0) {
		targets_fail(err, targets, (size_t)line,
		             reading.fault != NULL ? reading.fault
		                                   : "this is neither [name], nor key = value");
		nearest_note(&reading.nearest, err);
		return false;
	}
	for (size_t i = 0; i < targets->n; i++)
		if (is_empty(&targets->items[i]))
			return targets_fail(err, targets, targets->items[i].line,
			                    arena_printf(arena, "target %s has none of the keys %s",
			                                 targets->items[i].name,
			                                 list_keys(arena, TARGET_KEY_COUNT)));
	return targets->n > 0 || targets_fail(err, targets, 1, "there is no target");
}

bool targets_read(struct arena *arena, const char *path, struct targets *targets, struct error *err)
{
	struct buf text = BUF_EMPTY(TARGETS_MAX);
	bool ok = fs_read_all(path, &text, err) &&
	          targets_parse(arena, buf_str(&text), path, targets, err);

	buf_release(&text);
	return ok;
}

/* A target that is left out cannot have succeeded. */
static bool check_after(const struct target *target, const struct str_list *names,
                        struct error *err)
{
	for (size_t i = 0; i < target->after.n; i++)
		if (!str_list_has(names, target->after.items[i]))
			return error_set(err, ERROR_CONFIGURATION,
			                 "-targetNames names %s, which runs after %s: name that "
			                 "one too",
			                 target->name, target->after.items[i]);
	return true;
}

static bool fail_name(const struct targets *all, const char *name, struct error *err)
{
	struct nearest nearest;

	error_set(err, ERROR_CONFIGURATION,
	          "-targetNames names %s, but there is no such target in %s",
	          name[0] == '\0' ? "nothing" : name, all->path);
	nearest_init(&nearest, str_of(name));
	for (size_t i = 0; i < all->n; i++)
		nearest_consider(&nearest, str_of(all->items[i].name), all->items[i].name);
	nearest_note(&nearest, err);
	return false;
}

bool targets_select(struct arena *arena, const struct str_list *names, struct targets *targets,
                    struct error *err)
{
	const struct targets all = *targets;

	for (size_t i = 0; i < names->n; i++) {
		const struct target *target = targets_find(&all, names->items[i]);

		if (target == NULL)
			return fail_name(&all, names->items[i], err);
		if (!check_after(target, names, err))
			return false;
	}
	targets->items = NULL;
	targets->n = 0;
	targets->index = (struct name_index){0};
	for (size_t i = 0; i < all.n; i++)
		if (str_list_has(names, all.items[i].name))
			targets_add(arena, targets, &all.items[i]);
	return true;
}

/* Does the option say which targets there are? A single target does not see it. */
static bool is_of_run(const char *key)
{
	const struct option_spec *spec = option_find(key);

	return spec != NULL && (spec->flags & OPTION_OF_TARGETS) != 0;
}

/* The keys that no argument may set for all targets, whether a target has them or not. */
static bool is_of_targets_alone(size_t key)
{
	return key <= TARGET_ENVIRONMENT;
}

static bool refuse_argument(const struct targets *targets, const char *option, struct error *err)
{
	if (targets->source == TARGETS_OF_ENVIRONMENTS)
		return error_set(err, ERROR_CONFIGURATION, "-%s cannot stand beside %s", option,
		                 targets->path);
	return error_set(err, ERROR_CONFIGURATION,
	                 "-%s cannot stand beside -targets: it is a key of the targets in %s",
	                 option, targets->path);
}

/* A key of a target and an argument of the same name: may both be there? */
static bool check_argument(const struct targets *targets, const struct target *target, size_t key,
                           const struct invocation *invocation, struct error *err)
{
	bool is_refused = target->values[key] != NULL ||
	                  (targets->source == TARGETS_OF_FILE && is_of_targets_alone(key));

	return !is_refused || targets->source == TARGETS_OF_QUERY ||
	       pairs_find(&invocation->options, keys[key].option) == NULL ||
	       refuse_argument(targets, keys[key].option, err);
}

bool target_invocation(struct arena *arena, const struct targets *targets,
                       const struct target *target, const struct invocation *user,
                       struct invocation *invocation, struct error *err)
{
	*invocation = *user;
	pairs_init(&invocation->options, arena);
	for (size_t i = 0; i < user->options.n; i++)
		if (!is_of_run(user->options.items[i].key))
			pairs_copy(&invocation->options, user->options.items[i].key,
			           &user->options.items[i]);
	for (size_t key = 0; key < TARGET_KEY_COUNT; key++) {
		const char *option = keys[key].option, *value = target->values[key];

		if (!check_argument(targets, target, key, invocation, err))
			return false;
		if (value != NULL)
			pairs_set(&invocation->options, str_of(option), str_of(value),
			          arena_printf(arena, "-%s", option));
	}
	return true;
}
