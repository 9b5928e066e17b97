#include "cflyway/core/script.h"

#include "cflyway/core/session.h"

/* --- the stream ---------------------------------------------------------------------------- */

static bool tap_next(struct text_source *source, struct str *piece, struct error *err)
{
	struct checksum_tap *tap = (struct checksum_tap *)source;

	if (!tap->input->next(tap->input, piece, err))
		return false;
	checksum_update(&tap->sum, *piece);
	return true;
}

static void tap_open(struct checksum_tap *tap, struct text_source *input)
{
	*tap = (struct checksum_tap){.source = {.next = tap_next}, .input = input};
}

static struct text_source *replace_placeholders(struct script *script, const struct run *run,
                                                const struct migration *migration,
                                                struct text_source *text)
{
	if (!migration->replace_placeholders)
		return text;
	placeholder_source_open(&script->filter, text, &run->session->placeholders,
	                        migration->placeholder_name);
	return &script->filter.source;
}

/* The recorded sum of a repeatable is that of the text with its placeholders replaced. */
static struct text_source *open_filters(struct script *script, const struct run *run,
                                        const struct migration *migration)
{
	struct text_source *text = &script->file.source;
	bool sums_replaced = !migration_is_versioned(migration);

	if (!sums_replaced) {
		tap_open(&script->tap, text);
		text = &script->tap.source;
	}
	text = replace_placeholders(script, run, migration, text);
	if (sums_replaced) {
		tap_open(&script->tap, text);
		text = &script->tap.source;
	}
	return text;
}

static void start_splitter(struct script *script, const struct run *run,
                           const struct migration *migration, struct text_source *text)
{
	struct split_options options = {
		.path = migration->path,
		.max_statement_size = run->settings->max_statement_size,
		.context = {.server_version = run->db->server_version},
	};

	script->splitter = split_open(run->db->driver->dialect, text, &options);
}

/* The check cuts the text as the run will, and leaves the sum to it. */
static bool open_for_check(struct script *script, const struct run *run,
                           const struct migration *migration, struct error *err)
{
	*script = (struct script)SCRIPT_CLOSED;
	if (!text_file_open(&script->file, migration->absolute_path, migration->encoding, err))
		return false;
	start_splitter(script, run, migration,
	               replace_placeholders(script, run, migration, &script->file.source));
	return true;
}

bool script_open(struct script *script, const struct run *run, const struct migration *migration,
                 struct error *err)
{
	*script = (struct script)SCRIPT_CLOSED;
	if (!text_file_open(&script->file, migration->absolute_path, migration->encoding, err))
		return false;
	start_splitter(script, run, migration, open_filters(script, run, migration));
	return true;
}

bool script_open_copy(struct script *script, const struct run *run,
                      const struct migration *migration, struct error *err)
{
	*script = (struct script)SCRIPT_CLOSED;
	if (!text_file_open(&script->file, migration->absolute_path, migration->encoding, err) ||
	    !text_file_spool(&script->copy, open_filters(script, run, migration), err) ||
	    !script_verify(script, migration, err))
		return false;
	start_splitter(script, run, migration, &script->copy.source);
	return true;
}

void script_close(struct script *script)
{
	split_close(script->splitter);
	script->splitter = NULL;
	placeholder_source_close(&script->filter);
	text_file_close(&script->file);
	text_file_close(&script->copy);
}

bool script_changed(const struct migration *migration, struct error *err)
{
	return error_set(
		err, ERROR_ERROR,
		"%s has changed since its checksum was computed. Run migrate again when the "
		"file is complete.",
		migration->path);
}

bool script_verify(const struct script *script, const struct migration *migration,
                   struct error *err)
{
	return !migration->has_checksum ||
	       checksum_value(&script->tap.sum) == migration->checksum ||
	       script_changed(migration, err);
}

/* --- the check ----------------------------------------------------------------------------- */

struct checker {
	const struct run *run;
	const struct migration *migration;
	struct script_traits *traits;
	bool mixing_is_an_error;
	bool seen_transactional, seen_non_transactional;
	bool looks_for_words; /* see reaches_out */
};

static bool check_mixed(struct checker *checker, const struct statement *statement,
                        struct error *err)
{
	bool non_transactional = (statement->flags & STATEMENT_NON_TRANSACTIONAL) != 0;

	if (non_transactional)
		checker->seen_non_transactional = true;
	else
		checker->seen_transactional = true;
	if (!checker->mixing_is_an_error || !checker->seen_transactional ||
	    !checker->seen_non_transactional)
		return true;
	return error_set(
		err, ERROR_ERROR,
		"Detected both transactional and non-transactional statements within the same "
		"migration (even though mixed is false). Offending statement found at line "
		"%zu: %s%s",
		statement->line, statement->text, non_transactional ? " [non-transactional]" : "");
}

/*
 * What a transaction that is lost in a crash does not take back, or what makes such things
 * possible. A word in a comment counts as well: that costs time only.
 */
static bool reaches_out(struct str text)
{
	static const char *const words[] = {"notify", "dblink", "foreign", "program", "extension"};

	for (size_t at = 0; at < text.len; at++)
		for (size_t i = 0; i < COUNT(words); i++)
			if ((text.ptr[at] | 0x20) == words[i][0] &&
			    str_starts_nocase(str_sub(text, at, text.len), str_of(words[i])))
				return true;
	return false;
}

static bool check_statement(struct checker *checker, const struct statement *statement,
                            struct error *err)
{
	struct script_traits *traits = checker->traits;

	log_debug(checker->run->log, "Found statement at line %zu: %s", statement->line,
	          statement->text);
	traits->statements++;
	traits->controls_transaction |= (statement->flags & STATEMENT_TRANSACTION_CONTROL) != 0;
	traits->may_unlock |= (statement->flags & STATEMENT_MAY_UNLOCK) != 0;
	traits->changes_session |= (statement->flags & STATEMENT_SYNC) != 0;
	if (checker->looks_for_words)
		traits->reaches_out |= reaches_out((struct str){statement->text, statement->len});
	return check_mixed(checker, statement, err);
}

static bool check_all(struct checker *checker, struct script *script, struct error *err)
{
	struct statement statement;

	for (;;) {
		switch (split_next(script->splitter, &statement, err)) {
		case SPLIT_FAILED:
			return false;
		case SPLIT_END:
			checker->traits->size_bytes = split_position(script->splitter);
			return true;
		case SPLIT_STATEMENT:
			if (!check_statement(checker, &statement, err))
				return false;
		}
	}
}

static bool runs_in_transaction(const struct checker *checker)
{
	enum tristate own = checker->migration->config.execute_in_transaction;

	if (own != UNSET)
		return own == YES;
	return checker->run->settings->execute_in_transaction && !checker->seen_non_transactional;
}

bool script_check(const struct run *run, const struct migration *migration,
                  struct script_traits *traits, struct error *err)
{
	const struct settings *settings = run->settings;
	struct checker checker = {
		.run = run,
		.migration = migration,
		.traits = traits,
		.looks_for_words = strcmp(settings->durability, "run") == 0,
		.mixing_is_an_error = !settings->mixed && settings->execute_in_transaction &&
	                              migration->config.execute_in_transaction == UNSET,
	};
	struct script script = SCRIPT_CLOSED;

	/* Flyway counts what is no SQL as transactional, whatever the settings say. */
	*traits = (struct script_traits){.runs_in_transaction = true};
	if (migration->program != NULL)
		return true;
	log_debug(run->log, "Parsing %s ...", migration->file_name);
	bool ok = open_for_check(&script, run, migration, err) && check_all(&checker, &script, err);
	script_close(&script);
	traits->runs_in_transaction = runs_in_transaction(&checker);
	return ok;
}
