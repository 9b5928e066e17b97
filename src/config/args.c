/* SPDX-License-Identifier: Apache-2.0 */
/* args.c - parse the command line: verbs, -key=value, flags */
#include "cflyway/config/args.h"

#include "cflyway/config/option_nearest.h"
#include "cflyway/config/option_value.h"
#include "cflyway/config/options.h"
#include "cflyway/config/secret.h"

#define VERB_NEW "new" /* its options are those of add */
#define VERB_AUTH "auth"
#define VERB_ADOPT "adopt"
#define FLAG_WRITE "-write"
#define VERB_INFO "info"
#define FLAG_EXIT_CODE "-exitCode"
#define VERB_REPAIR "repair"
#define FLAG_DRY_RUN "-dryRun"
#define DRY_RUN_OUTPUT "dryRunOutput"

/* The arguments on their way into the invocation. */
struct collector {
	struct arena *arena;
	verb_find_fn *find;
	struct invocation *invocation;
	struct str_list words;   /* those to check: all but blanks and operands */
	struct verb last;        /* the last verb, whose operand may follow; name NULL: none */
	struct str_list operand; /* the words of its operand so far */
	bool version;            /* -v, --version */
	bool dry_run;            /* --dry-run */
	struct pairs meant;      /* what verbs and operands mean, as options */
	const char *conflict;    /* what is wrong with them; NULL: nothing */
	bool has_unknown;        /* there was a word that is no verb */
	struct verb refusing;    /* the verb whose operand the first of them is not */
};

struct flag {
	const char *text;
	bool *target; /* NULL: accepted without effect */
};

/* True for "-url=x", but not for "-X", "migrate" or "-password:a=b", whose key has a secret. */
static bool is_option(struct str arg)
{
	const size_t at = str_find_char(arg, '='), secret = secret_key_length(arg);

	return str_starts(arg, STR("-")) && at < arg.len && (secret == arg.len || secret >= at);
}

static bool is_command_line_only(const char *key)
{
	const struct option_spec *spec = option_find(key);

	return spec != NULL && spec->place == OPTION_COMMAND_LINE;
}

/* The key of "-key"; also that of "--key", if there is such an option. */
static const char *key_of(struct arena *arena, struct str name)
{
	const char *key = str_dup(arena, name);
	const char *word = key + (key[0] == '-');
	const struct option_spec *own = option_find_argument(word);

	if (own != NULL)
		return own->key;
	return option_find(word) != NULL ? word : key;
}

static void add_option(struct arena *arena, struct str arg, struct invocation *invocation)
{
	struct str value = str_sub(arg, 1, arg.len);
	const char *key = key_of(arena, str_cut(&value, '='));
	struct str name = str_of(key);

	if (pairs_find(&invocation->options, key) == NULL) {
		pairs_set(&invocation->options, name, value, arena_printf(arena, "-%s", key));
	} else if (invocation->repeated_key == NULL && !is_command_line_only(key)) {
		invocation->repeated_key = key;
		invocation->repeated_value = str_dup(arena, value);
	}
}

static bool set_flag(struct str arg, struct invocation *invocation, bool *version, bool *dry_run)
{
	const struct flag flags[] = {
		{"-X", &invocation->debug},
		{"-q", &invocation->quiet},
		{"-migrationIds", &invocation->migration_ids},
		{FLAG_WRITE, &invocation->write},
		{FLAG_DRY_RUN, &invocation->dry_run},
		{FLAG_EXIT_CODE, &invocation->exit_code},
		{"-?", &invocation->help},
		{"-h", &invocation->help},
		{"--help", &invocation->help},
		{"-v", version},
		{"--version", version},
		{"--dry-run", dry_run},
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

/* --- operands ------------------------------------------------------------------------------ */

/* "-steps=2" as an argument, or the words that mean it. */
static const char *show_origin(struct arena *arena, const struct pair *pair)
{
	return pair->origin[0] == '-' ? arena_printf(arena, "%s=%s", pair->origin, pair->value)
	                              : pair->origin;
}

/* Records that one option has two values: as Flyway does, unless Flyway takes the first of two. */
static void add_conflict(struct collector *collector, const struct pair *given,
                         const struct pair *meant)
{
	struct invocation *invocation = collector->invocation;

	if (!is_command_line_only(meant->key)) {
		if (invocation->repeated_key == NULL) {
			invocation->repeated_key = meant->key;
			invocation->repeated_value = meant->value;
		}
	} else if (collector->conflict == NULL) {
		collector->conflict =
			arena_printf(collector->arena, "%s and %s cannot be used together",
		                     show_origin(collector->arena, given), meant->origin);
	}
}

/* Adds an option that a verb or an operand means. */
static void add_meant(struct collector *collector, const char *key, const char *value,
                      const char *origin)
{
	const struct pair meant = {key, value, origin, NULL};
	const struct pair *other = pairs_find(&collector->meant, key);

	if (other == NULL)
		pairs_copy(&collector->meant, key, &meant);
	else if (strcmp(other->value, value) != 0)
		add_conflict(collector, other, &meant);
}

/* Adds what verbs and operands mean to the options, when all arguments are known. */
static void take_meant(struct collector *collector)
{
	struct pairs *options = &collector->invocation->options;

	for (size_t i = 0; i < collector->meant.n; i++) {
		const struct pair *meant = &collector->meant.items[i];
		const struct pair *given = pairs_find(options, meant->key);

		if (given == NULL)
			pairs_copy(options, meant->key, meant);
		else if (strcmp(given->value, meant->value) != 0)
			add_conflict(collector, given, meant);
	}
	if (collector->dry_run && pairs_find(options, DRY_RUN_OUTPUT) == NULL &&
	    pairs_find(options, "dryRun") == NULL)
		pairs_set(options, STR(DRY_RUN_OUTPUT), STR("-"), "--dry-run");
}

/* Is it a word of the operand of the verb before it? */
static bool is_operand(const struct collector *collector, const char *word)
{
	const struct operand *operand = collector->last.operand;
	const char *option, *value;

	if (collector->last.name == NULL || operand == NULL || collector->invocation->help)
		return false;
	if (operand->words_of != NULL)
		return word[0] != '-' && strcmp(word, "help") != 0;
	return collector->operand.n == 0 && operand->read(collector->arena, word, &option, &value);
}

/* Turns the operand of the last verb, and what the verb itself implies, into options. */
static void end_verb(struct collector *collector)
{
	struct arena *arena = collector->arena;
	const struct verb *verb = &collector->last;
	const char *words = str_list_join(arena, &collector->operand, " ");
	const char *origin, *option, *value;

	if (verb->name == NULL)
		return;
	origin = arena_printf(arena, "%s%s%s", verb->name, words[0] != '\0' ? " " : "", words);
	if (collector->operand.n > 0 && verb->operand->words_of != NULL)
		add_meant(collector, verb->operand->words_of, words, origin);
	else if (collector->operand.n > 0 && verb->operand->read(arena, words, &option, &value))
		add_meant(collector, option, value, origin);
	if (verb->option != NULL)
		add_meant(collector, verb->option, verb->value, origin);
	collector->operand = (struct str_list){0};
	collector->last = (struct verb){0};
}

static void add_verb(struct collector *collector, const char *name)
{
	struct str_list *verbs = &collector->invocation->verbs;
	struct verb verb;
	const bool is_known = collector->find(name, &verb);

	if (!is_known && !collector->has_unknown && collector->operand.n == 0)
		collector->refusing = collector->last;
	collector->has_unknown |= !is_known;
	end_verb(collector);
	str_list_add(collector->arena, verbs, name);
	if (is_known)
		collector->last = verb;
}

/* Replaces verbs with the commands for which they stand. Help is about the words as given. */
static void expand_verbs(struct collector *collector)
{
	struct invocation *invocation = collector->invocation;
	struct str_list given = invocation->verbs;
	struct verb verb;

	if (invocation->help)
		return;
	invocation->verbs = (struct str_list){0};
	for (size_t i = 0; i < given.n; i++) {
		if (!collector->find(given.items[i], &verb)) {
			str_list_add(collector->arena, &invocation->verbs, given.items[i]);
			continue;
		}
		for (size_t j = 0; verb.commands[j] != NULL; j++)
			str_list_add(collector->arena, &invocation->verbs, verb.commands[j]);
		invocation->takes_turns |= verb.takes_turns;
		if (verb.default_option != NULL)
			pairs_set(&invocation->defaults, str_of(verb.default_option),
			          str_of(verb.default_value), verb.name);
	}
}

/* --- all arguments ------------------------------------------------------------------------- */

/* Gives options in the short form of their verb their names: "-type" beside add is "add.type". */
static void complete_options(struct invocation *invocation)
{
	struct pairs *options = &invocation->options;

	for (size_t i = 0; i < options->n; i++) {
		struct pair *pair = &options->items[i];
		const struct option_spec *spec = NULL;

		for (size_t j = 0; j < invocation->verbs.n && spec == NULL; j++) {
			const char *verb = invocation->verbs.items[j];
			const char *key = pair->key + (pair->key[0] == '-');

			spec = option_find_short(strcmp(verb, VERB_NEW) == 0 ? "add" : verb, key);
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

/* A flag means that its option is true, unless the option is given as well. */
static void take_flag(bool is_given, const char *key, const char *flag, struct pairs *options)
{
	if (is_given && pairs_find(options, key) == NULL)
		pairs_set(options, str_of(key), STR("true"), flag);
}

/* Splits the arguments without checking them. */
static void collect(struct collector *collector, int argc, char *const *argv)
{
	struct arena *arena = collector->arena;
	struct invocation *invocation = collector->invocation;

	for (int i = 1; i < argc; i++) {
		struct str arg = str_of(argv[i]);

		if (str_trim(arg).len == 0)
			continue;
		if (is_operand(collector, argv[i])) {
			str_list_add(arena, &collector->operand, argv[i]);
			continue;
		}
		str_list_add(arena, &collector->words, argv[i]);
		if (is_option(arg))
			add_option(arena, arg, invocation);
		else if (str_eq(arg, STR("help")))
			invocation->help = true;
		else if (!set_flag(arg, invocation, &collector->version, &collector->dry_run) &&
		         !is_flag_of_auth(arg))
			add_verb(collector, argv[i]);
	}
	end_verb(collector);
	if (collector->version)
		add_verb(collector, "version");
	expand_verbs(collector);
	complete_options(invocation);
	take_flag(invocation->write, "adopt.write", FLAG_WRITE, &invocation->options);
	take_flag(invocation->dry_run, "repair.dryRun", FLAG_DRY_RUN, &invocation->options);
	take_flag(invocation->exit_code, "info.exitCode", FLAG_EXIT_CODE, &invocation->options);
	take_meant(collector);
	/* Without info there are no ids to show, and the flag has no effect. */
	invocation->migration_ids &= str_list_has(&invocation->verbs, VERB_INFO);
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

/* DIFFERS: Flyway shows a password that follows a blank: "-password= secret", "-password secret". */
static const char *word_to_show(struct arena *arena, const struct str_list *words, size_t i)
{
	return secret_mask_word(arena, i > 0 ? words->items[i - 1] : NULL, words->items[i]);
}

/* DIFFERS: help explains an option; Flyway reports an invalid flag. */
static bool is_known_word(const struct collector *collector, const char *word)
{
	const struct invocation *invocation = collector->invocation;
	struct invocation ignored;
	struct verb verb;
	bool flag;

	if (strcmp(word, FLAG_WRITE) == 0)
		return str_list_has(&invocation->verbs, VERB_ADOPT);
	if (strcmp(word, FLAG_DRY_RUN) == 0)
		return str_list_has(&invocation->verbs, VERB_REPAIR);
	if (strcmp(word, FLAG_EXIT_CODE) == 0)
		return str_list_has(&invocation->verbs, VERB_INFO);
	return is_option(str_of(word)) || set_flag(str_of(word), &ignored, &flag, &flag) ||
	       strcmp(word, "help") == 0 || collector->find(word, &verb) ||
	       (is_flag_of_auth(str_of(word)) && str_list_has(&invocation->verbs, VERB_AUTH)) ||
	       (invocation->help && option_named(word) != NULL);
}

static bool check_words(const struct collector *collector, struct error *err)
{
	const struct str_list *words = &collector->words;

	for (size_t i = 0; i < words->n; i++) {
		const char *next = i + 1 < words->n ? words->items[i + 1] : NULL;

		if (is_known_word(collector, words->items[i]))
			continue;
		collector->invocation->unknown = words->items[i];
		refuse_word(word_to_show(collector->arena, words, i), next, err);
		if (collector->refusing.operand != NULL)
			error_note(err, "%s takes %s", collector->refusing.name,
			           collector->refusing.operand->meaning);
		return false;
	}
	return true;
}

static bool check_meant(const struct collector *collector, struct error *err)
{
	return collector->conflict == NULL ||
	       error_set(err, ERROR_CONFIGURATION, "%s", collector->conflict);
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
		error_set(err, ERROR_GENERAL,
		          "'%s' is an invalid value for the -%s option. Use %s.", text, spec->key,
		          option_choices_list(arena, spec, "'"));
		option_note_choice(spec, text, err);
		return false;
	}
	return true;
}

bool args_parse(struct arena *arena, int argc, char *const *argv, verb_find_fn *find,
                struct invocation *invocation, struct error *err)
{
	struct collector collector = {.arena = arena, .find = find, .invocation = invocation};

	*invocation = (struct invocation){0};
	pairs_init(&invocation->options, arena);
	pairs_init(&invocation->defaults, arena);
	pairs_init(&collector.meant, arena);
	collect(&collector, argc, argv);
	return check_words(&collector, err) && check_meant(&collector, err) &&
	       check_environments(&invocation->options, err) &&
	       check_early_values(invocation, arena, err);
}
