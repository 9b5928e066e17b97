/* SPDX-License-Identifier: Apache-2.0 */
/* args.c - parse the command line: verbs, -key=value, flags */
#include "cflyway/config/args.h"

#include "cflyway/config/option_value.h"
#include "cflyway/config/options.h"
#include "cflyway/config/secret.h"

#define VERB_NEW "new" /* its arguments are words, too */
#define VERB_AUTH "auth"
#define VERB_ADOPT "adopt"
#define FLAG_WRITE "-write"

struct flag {
	const char *text;
	bool *target; /* NULL: accepted without effect */
};

/* True for "-url=x", but not for "-X" or "migrate". */
static bool is_option(struct str arg)
{
	return str_starts(arg, STR("-")) && str_find_char(arg, '=') < arg.len;
}

static bool is_command_line_only(const char *key)
{
	const struct option_spec *spec = option_find(key);

	return spec != NULL && spec->place == OPTION_COMMAND_LINE;
}

static void add_option(struct arena *arena, struct str arg, struct invocation *invocation)
{
	struct str value = str_sub(arg, 1, arg.len);
	struct str name = str_cut(&value, '=');
	const char *key = str_dup(arena, name);

	if (pairs_find(&invocation->options, key) == NULL) {
		pairs_set(&invocation->options, name, value, arena_printf(arena, "-%s", key));
	} else if (invocation->repeated_key == NULL && !is_command_line_only(key)) {
		invocation->repeated_key = key;
		invocation->repeated_value = str_dup(arena, value);
	}
}

static bool set_flag(struct str arg, struct invocation *invocation, bool *version)
{
	const struct flag flags[] = {
		{"-X", &invocation->debug},
		{"-q", &invocation->quiet},
		{"-migrationIds", &invocation->migration_ids},
		{FLAG_WRITE, &invocation->write},
		{"-?", &invocation->help},
		{"-h", &invocation->help},
		{"--help", &invocation->help},
		{"-v", version},
		{"--version", version},
		{"-communityFallback", NULL},
		{"-skipCheckForUpdate", NULL},
	};

	for (size_t i = 0; i < COUNT(flags); i++) {
		if (!str_eq(arg, str_of(flags[i].text)))
			continue;
		if (flags[i].target != NULL)
			*flags[i].target = true;
		return true;
	}
	return false;
}

/* Flags that Flyway knows beside auth only; they have no effect. */
static bool is_flag_of_auth(struct str arg)
{
	static const char *const flags[] = {
		"-IAgreeToTheEula",
		"-logout",
		"-startTeamsTrial",
		"-startEnterpriseTrial",
	};

	for (size_t i = 0; i < COUNT(flags); i++)
		if (str_eq(arg, str_of(flags[i])))
			return true;
	return false;
}

/* Returns an option that matters before configuration is read; NULL if absent or empty. */
static const char *early_value(const struct invocation *invocation, const char *key)
{
	const struct pair *pair = pairs_find(&invocation->options, key);

	return pair != NULL && pair->value[0] != '\0' ? pair->value : NULL;
}

/* Sets *value to the enumerator of an early choice. Returns false for an unknown value. */
static bool early_choice(const struct invocation *invocation, const struct option_spec *spec,
                         int *value)
{
	const char *text = early_value(invocation, spec->key);

	return text == NULL || option_parse_choice(spec, text, value);
}

/* Reports no wrong values yet, because these options decide the form of the report. */
static void take_early_values(struct invocation *invocation)
{
	const char *logs = early_value(invocation, "outputLogsInJson");
	int type = OUTPUT_TEXT, color = COLOR_AUTO;
	bool flag;

	invocation->output_file = early_value(invocation, "outputFile");
	if (early_choice(invocation, &option_specs[ROW_color], &color))
		invocation->color = (enum color)color;
	if (early_choice(invocation, &option_specs[ROW_output_type], &type))
		invocation->output_type = (enum output_type)type;
	invocation->logs_in_json = logs != NULL && option_parse_bool(logs, &flag) && flag;
}

/* Is it a word of the description, after the verb new? */
static bool is_described(const struct invocation *invocation, struct str arg)
{
	const struct str_list *verbs = &invocation->verbs;

	return !invocation->help && verbs->n > 0 &&
	       strcmp(verbs->items[verbs->n - 1], VERB_NEW) == 0 && !str_starts(arg, STR("-"));
}

/* Gives options in the short form of their verb their names: "-type" beside add is "add.type". */
static void complete_options(struct invocation *invocation)
{
	struct pairs *options = &invocation->options;

	for (size_t i = 0; i < options->n; i++) {
		struct pair *pair = &options->items[i];
		const struct option_spec *spec = NULL;

		for (size_t j = 0; j < invocation->verbs.n && spec == NULL; j++) {
			const char *verb = invocation->verbs.items[j];

			spec = option_find_short(strcmp(verb, VERB_NEW) == 0 ? "add" : verb,
			                         pair->key);
		}
		if (spec == NULL || option_find(pair->key) != NULL)
			continue;
		if (pairs_find(options, spec->key) == NULL) {
			pair->key = spec->key;
		} else if (invocation->repeated_key == NULL) {
			invocation->repeated_key = spec->key;
			invocation->repeated_value = pair->value;
		}
	}
}

/* The words after new are what -add.description is otherwise. */
static void add_description(struct arena *arena, const struct str_list *words,
                            struct invocation *invocation)
{
	static const char key[] = "add.description";
	const char *text = str_list_join(arena, words, " ");

	if (words->n == 0)
		return;
	if (pairs_find(&invocation->options, key) == NULL) {
		pairs_set(&invocation->options, str_of(key), str_of(text), VERB_NEW);
	} else if (invocation->repeated_key == NULL) {
		invocation->repeated_key = key;
		invocation->repeated_value = text;
	}
}

/* Splits the arguments without checking them; words are the arguments that are not blank. */
static void collect(struct arena *arena, int argc, char *const *argv, struct invocation *invocation,
                    struct str_list *words)
{
	struct str_list description = {0};
	bool version = false;

	for (int i = 1; i < argc; i++) {
		struct str arg = str_of(argv[i]);

		if (str_trim(arg).len == 0)
			continue;
		if (is_described(invocation, arg) && !str_eq(arg, STR("help"))) {
			str_list_add(arena, &description, argv[i]);
			continue;
		}
		str_list_add(arena, words, argv[i]);
		if (is_option(arg))
			add_option(arena, arg, invocation);
		else if (str_eq(arg, STR("help")))
			invocation->help = true;
		else if (!set_flag(arg, invocation, &version) && !is_flag_of_auth(arg))
			str_list_add(arena, &invocation->verbs, argv[i]);
	}
	if (version)
		str_list_add(arena, &invocation->verbs, "version");
	complete_options(invocation);
	if (invocation->write && pairs_find(&invocation->options, "adopt.write") == NULL)
		pairs_set(&invocation->options, STR("adopt.write"), STR("true"), FLAG_WRITE);
	add_description(arena, &description, invocation);
	/* Without info there are no ids to show, and the flag has no effect. */
	invocation->migration_ids &= str_list_has(&invocation->verbs, "info");
	take_early_values(invocation);
}

static bool refuse_word(const char *word, const char *next, struct error *err)
{
	if (str_same(next, "="))
		return error_set(
			err, ERROR_GENERAL,
			"Invalid configuration argument: %s. Please check you have not included "
			"any spaces in your configuration argument.",
			word);
	return error_set(err, ERROR_GENERAL, "Invalid flag: %s\n%s", word,
	                 next == NULL || next[0] != '.'
	                         ? ""
	                         : "Shell may cause input parameters containing periods (.) to be "
	                           "misinterpreted - do you need to wrap your parameter in double "
	                           "quotes?");
}

/* DIFFERS: Flyway shows a password that follows a blank: "-password= secret". */
static const char *word_to_show(struct arena *arena, const struct str_list *words, size_t i)
{
	struct str before = str_of(i > 0 ? words->items[i - 1] : NULL);
	struct str key = str_cut(&before, '=');

	return before.ptr == NULL || before.len > 0
	               ? words->items[i]
	               : secret_mask(arena, str_dup(arena, key), words->items[i]);
}

/* DIFFERS: help explains an option; Flyway reports an invalid flag. */
static bool is_known_word(const struct invocation *invocation, const char *word,
                          bool (*is_verb)(const char *name))
{
	struct invocation ignored;
	bool version;

	if (strcmp(word, FLAG_WRITE) == 0)
		return str_list_has(&invocation->verbs, VERB_ADOPT);
	return is_option(str_of(word)) || set_flag(str_of(word), &ignored, &version) ||
	       strcmp(word, "help") == 0 || is_verb(word) ||
	       (is_flag_of_auth(str_of(word)) && str_list_has(&invocation->verbs, VERB_AUTH)) ||
	       (invocation->help && option_named(word) != NULL);
}

static bool check_words(struct arena *arena, const struct str_list *words,
                        bool (*is_verb)(const char *name), struct invocation *invocation,
                        struct error *err)
{
	for (size_t i = 0; i < words->n; i++) {
		const char *next = i + 1 < words->n ? words->items[i + 1] : NULL;

		if (is_known_word(invocation, words->items[i], is_verb))
			continue;
		invocation->unknown = words->items[i];
		return refuse_word(word_to_show(arena, words, i), next, err);
	}
	return true;
}

/* Checks "environments.NAME.KEY": NAME and KEY are both required. */
static bool check_environments(const struct pairs *options, struct error *err)
{
	for (size_t i = 0; i < options->n; i++) {
		struct str rest = str_of(options->items[i].key);

		if (!str_eq(str_cut(&rest, '.'), STR("environments")) || rest.ptr == NULL)
			continue;
		str_cut(&rest, '.');
		if (rest.len == 0)
			return error_set(
				err, ERROR_GENERAL,
				"Invalid configuration argument: -%s. Both the environment name "
				"and configuration option are required.",
				options->items[i].key);
	}
	return true;
}

static bool check_early_values(const struct invocation *invocation, struct arena *arena,
                               struct error *err)
{
	static const enum option_row rows[] = {ROW_output_type, ROW_color};
	int value;

	for (size_t i = 0; i < COUNT(rows); i++) {
		const struct option_spec *spec = &option_specs[rows[i]];

		if (early_choice(invocation, spec, &value))
			continue;
		const char *text = early_value(invocation, spec->key);
		if ((spec->flags & OPTION_ANY_CASE) != 0)
			text = str_lower(arena, str_of(text));
		return error_set(err, ERROR_GENERAL,
		                 "'%s' is an invalid value for the -%s option. Use %s.", text,
		                 spec->key, option_choices_list(arena, spec, "'"));
	}
	return true;
}

bool args_parse(struct arena *arena, int argc, char *const *argv, bool (*is_verb)(const char *name),
                struct invocation *invocation, struct error *err)
{
	struct str_list words = {0};

	*invocation = (struct invocation){0};
	pairs_init(&invocation->options, arena);
	collect(arena, argc, argv, invocation, &words);
	return check_words(arena, &words, is_verb, invocation, err) &&
	       check_environments(&invocation->options, err) &&
	       check_early_values(invocation, arena, err);
}
