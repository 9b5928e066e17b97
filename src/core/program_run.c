/* SPDX-License-Identifier: Apache-2.0 */
/*
 * program_run.c - runs scripts that are not SQL: migrations and callbacks
 *
 * A script that is not SQL knows the database by its environment alone: FLYWAY_URL, FLYWAY_USER,
 * FLYWAY_PASSWORD, and one variable for each placeholder. Its suffix names the program, which
 * cflyway.executor.SUFFIX can replace.
 */
#include "cflyway/core/program_run.h"

#include "cflyway/base/proc.h"
#include "cflyway/base/utf8.h"
#include "cflyway/core/script.h"
#include "cflyway/core/session.h"
#include "cflyway/db/dry_run.h"
#include "cflyway/migration/resolve.h"

#include <stdlib.h>
#include <sys/stat.h>

enum { MAX_OUTPUT = 64 << 20, GRACE_S = 5 };

/* Always returns false. The causes are the messages of Java's exceptions. */
static bool fail(struct error *err, const char *cause, const char *root_cause)
{
	error_set(err, ERROR_GENERAL, "Migration failed !");
	err->cause = cause;
	err->root_cause = root_cause;
	return false;
}

/* --- environment --------------------------------------------------------------------------- */

static void add_variable(const struct run *run, struct str_list *variables, const char *name,
                         const char *value)
{
	if (value != NULL && value[0] != '\0')
		str_list_add(run->arena, variables, arena_printf(run->arena, "%s=%s", name, value));
}

/* ${flyway:user} is FP__flyway_user__. */
static void add_placeholder(const struct run *run, struct str_list *variables, const char *name,
                            const char *value)
{
	const struct placeholders *placeholders = &run->session->program_placeholders;
	const char *tidy = str_replace(run->arena, str_of(name), STR(":"), STR("_"));

	add_variable(run, variables,
	             arena_printf(run->arena, "%s%s%s", placeholders->prefix, tidy,
	                          placeholders->suffix),
	             value);
}

static void make_variables(const struct run *run, const struct migration *script,
                           struct str_list *variables)
{
	const struct placeholders *placeholders = &run->session->placeholders;

	for (size_t i = 0; i < placeholders->n; i++)
		add_placeholder(run, variables, placeholders->items[i].name,
		                placeholders->items[i].value);
	add_placeholder(run, variables,
	                arena_printf(run->arena, "flyway%sfilename", placeholders->separator),
	                script->placeholder_name);
	add_variable(run, variables, "FLYWAY_URL", run->settings->url);
	add_variable(run, variables, "FLYWAY_USER", run->settings->user);
	add_variable(run, variables, "FLYWAY_PASSWORD", run->settings->password);
}

/* --- command line -------------------------------------------------------------------------- */

static bool is_powershell(const struct migration *script)
{
	return str_eq(str_of(script->program->extension), STR(".ps1"));
}

static bool choose_powershell(const struct run *run, const char **word, struct error *err)
{
	const char *chosen = run->settings->powershell_executable_text;

	*word = chosen;
	if (run->settings->powershell_executable != POWERSHELL_UNKNOWN)
		return true;
	return fail(err,
	            arena_printf(err->arena,
	                         "Invalid PowerShell executable: %s. Only 'powershell' or "
	                         "'pwsh' are allowed.",
	                         chosen),
	            NULL);
}

/* A file that is run by itself may not be executable yet. */
static void make_executable(const char *path)
{
	struct stat about;

	if (stat(path, &about) == 0 && (about.st_mode & S_IXUSR) == 0)
		(void)chmod(path, (about.st_mode & 07777) | S_IXUSR);
}

static bool make_usual_command(const struct run *run, const struct migration *script,
                               struct str_list *command, struct error *err)
{
	const char *const *words = script->program->words;

	for (size_t i = 0; words[i] != NULL; i++) {
		const char *word = words[i];

		if (i == 0 && is_powershell(script) && !choose_powershell(run, &word, err))
			return false;
		str_list_add(run->arena, command, word);
	}
	if (command->n == 0)
		make_executable(script->absolute_path);
	str_list_add(run->arena, command, script->absolute_path);
	return true;
}

static void log_usual_command(const struct run *run, const struct str_list *command)
{
	const char *blank = command->n > 1 ? " " : ""; /* Flyway prints one after each word */

	log_info(run->log, "Executing %s%s", str_list_join(run->arena, command, " "), blank);
}

/* --- command line of the configuration ----------------------------------------------------- */

/* What ${NAME} may stand for, in this order. */
struct values {
	const struct run *run;
	const struct str_list *variables; /* those that cflyway gives to the program */
};

static const char *find_placeholder(const struct placeholders *placeholders, const char *name)
{
	const char *value = NULL;

	for (size_t i = 0; i < placeholders->n; i++)
		if (str_eq_nocase(str_of(placeholders->items[i].name), str_of(name)))
			value = placeholders->items[i].value; /* the last one wins */
	return value;
}

static const char *find_variable(const struct str_list *variables, const char *name)
{
	for (size_t i = 0; i < variables->n; i++) {
		struct str rest = str_of(variables->items[i]);

		if (str_eq(str_cut(&rest, '='), str_of(name)))
			return rest.ptr;
	}
	return getenv(name);
}

static const char *find_value(const void *ctx, const char *name)
{
	const struct values *values = ctx;
	const char *value = find_placeholder(&values->run->session->placeholders, name);

	return value != NULL ? value : find_variable(values->variables, name);
}

static bool expand(const struct run *run, const struct migration *script,
                   const struct str_list *variables, struct str_list *command, struct error *err)
{
	const struct executor_option *executor = script->program->executor;
	const struct values values = {run, variables};
	struct str_list missing = {0};

	if (command_line_expand(run->arena, &executor->line, script->absolute_path, find_value,
	                        &values, command, &missing))
		return true;
	return error_set(err, ERROR_CONFIGURATION,
	                 "%s needs %s to run %s: neither a placeholder nor an environment "
	                 "variable has that name",
	                 executor->key, str_list_join(run->arena, &missing, ", "), script->path);
}

/* Fills the command, and logs it: without the values of its variables, which may be secret. */
static bool make_command(const struct run *run, const struct migration *script,
                         const struct str_list *variables, struct str_list *command,
                         struct error *err)
{
	const struct executor_option *executor = script->program->executor;

	if (executor == NULL) {
		if (!make_usual_command(run, script, command, err))
			return false;
		log_usual_command(run, command);
		return true;
	}
	if (!expand(run, script, variables, command, err))
		return false;
	log_info(run->log, "Executing %s",
	         command_line_show(run->arena, &executor->line, script->absolute_path));
	return true;
}

static bool check(const struct run *run, const struct migration *script, struct error *err)
{
	struct str_list variables = {0}, command = {0};

	make_variables(run, script, &variables);
	return expand(run, script, &variables, &command, err);
}

bool program_check_all(const struct run *run, struct error *err)
{
	const struct session *session = run->session;
	struct unsorted_migrations executed;

	if (session->resolve.programs.n == 0)
		return true;
	resolve_describe_executed(run->arena, &session->resolve, &session->files, &executed);
	for (size_t i = 0; i < executed.n; i++)
		if (!check(run, &executed.items[i], err))
			return false;
	return true;
}

/* --- the whole ----------------------------------------------------------------------------- */

static bool verify(const struct migration *script, struct error *err)
{
	int32_t sum;

	if (!script->has_checksum)
		return true;
	return checksum_file(script->absolute_path, script->encoding, &sum, err) &&
	       (sum == script->raw_checksum || script_changed(script, err));
}

/* Programs may print anything; what is logged is text. */
static const char *make_text(struct arena *arena, struct str bytes)
{
	struct buf text = BUF_EMPTY(SIZE_MAX);

	while (bytes.len > 0) {
		size_t valid = utf8_valid_prefix(bytes, NULL);

		buf_append(&text, bytes.ptr, valid);
		bytes = str_sub(bytes, valid, bytes.len);
		if (bytes.len > 0) {
			buf_add(&text, "\xEF\xBF\xBD");
			bytes = str_sub(bytes, 1, bytes.len);
		}
	}
	const char *copy = str_dup(arena, buf_str(&text));
	buf_release(&text);
	return copy;
}

/* The script, if the program reads it from standard input; or NULL. */
static const char *input_of(const struct migration *script)
{
	const struct executor_option *executor = script->program->executor;

	return executor != NULL && executor->line.reads_input ? script->absolute_path : NULL;
}

/* What messages call the program: the script, as far as it is one itself. */
static const char *name_of(const struct migration *script, const struct str_list *command)
{
	const struct executor_option *executor = script->program->executor;

	return executor != NULL ? command->items[0] : command->items[command->n - 1];
}

static const char *signal_name(int number)
{
	if (number == SIGINT)
		return "SIGINT";
	return number == SIGHUP ? "SIGHUP" : "SIGTERM";
}

/* DIFFERS: Flyway waits for whoever has the output open, and ends nothing. */
static void log_leftover(const struct run *run, const char *name)
{
	log_cflyway(run->log,
	            "%s has ended, but a process that it has started still has its output open "
	            "after %d seconds: it is left alone, and runs without cflyway's lock",
	            name, GRACE_S);
}

/* What is known about the processes of a program that was told to end. */
static void note_stop(const char *name, const struct proc_end *end, struct error *err)
{
	const char *told = arena_printf(err->arena, "%s has received %s from cflyway", name,
	                                signal_name(end->told));

	if (end->has_left)
		error_note(err, "%s. A process of it could not be ended and still runs.", told);
	else if (end->was_killed)
		error_note(err, "%s. What had not ended after %d seconds was killed.", told,
		           GRACE_S);
	else if (!end->sees_all)
		error_note(err, "%s. All processes of its group have ended.", told);
	else
		error_note(err, "%s. All of its processes have ended.", told);
}

/* Always returns false. */
static bool fail_status(const char *text, const char *name, const struct proc_end *end,
                        struct error *err)
{
	fail(err, text, NULL);
	err->is_cause_logged = true;
	error_note(err, "%s ended with exit status %d.", name, end->status);
	if (end->told != 0)
		note_stop(name, end, err);
	return false;
}

static bool execute(const struct run *run, const struct migration *script,
                    const struct str_list *command, const struct str_list *variables, bool *has_run,
                    struct error *err)
{
	const struct proc proc = {
		.arguments = command,
		.variables = variables,
		.input = input_of(script),
		.stop = &run->db->is_cancelled,
		.group = &run->db->program_group,
		.grace_ms = GRACE_S * 1000,
	};
	const char *name = name_of(script, command);
	struct buf output = BUF_EMPTY(MAX_OUTPUT);
	struct error reason = ERROR_INIT(err->arena);
	struct proc_end end;
	bool started = proc_run(&proc, &output, &end, &reason);
	const char *text = started ? make_text(run->arena, buf_str(&output)) : NULL;

	buf_release(&output);
	if (has_run != NULL)
		*has_run = started;
	if (!started)
		return fail(err, reason.message, reason.cause);
	log_text(run->log, LOG_LEVEL_INFO, str_of(text));
	if (end.has_left && end.told == 0)
		log_leftover(run, name);
	return (end.status == 0 && end.told == 0) || fail_status(text, name, &end, err);
}

void program_note_stays(const struct migration *script, struct error *err)
{
	error_explain(err, NOTE_OUTCOME, "What %s has done stays: a program cannot be rolled back.",
	              script->path);
}

bool program_run(const struct run *run, const struct migration *script, bool *has_run,
                 struct error *err)
{
	struct str_list command = {0}, variables = {0};

	if (dry_run_names_program(run->db, script->path)) {
		log_cflyway(run->log, "%s is not SQL: the dry run only names it", script->path);
		return verify(script, err);
	}
	make_variables(run, script, &variables);
	return verify(script, err) && make_command(run, script, &variables, &command, err) &&
	       execute(run, script, &command, &variables, has_run, err);
}
