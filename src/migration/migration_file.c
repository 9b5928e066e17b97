/* SPDX-License-Identifier: Apache-2.0 */
/* migration_file.c - describe a migration by the name and the configuration of its file */
#include "migration_file.h"

#include "cflyway/base/charset.h"

static enum migration_type type_of(const struct migration_file *file)
{
	if (file->parts.kind == FILENAME_BASELINE)
		return MIGRATION_SQL_BASELINE; /* for programs too: measured */
	if (file->parts.kind == FILENAME_UNDO)
		return file->program != NULL ? MIGRATION_UNDO_SCRIPT : MIGRATION_UNDO_SQL;
	return file->program != NULL ? MIGRATION_SCRIPT : MIGRATION_SQL;
}

struct migration migration_file_describe(const struct migration_file *file,
                                         const struct resolve_options *options)
{
	/* Flyway checks the configuration of a program, but does not use it (measured). The free
	 * edition knows no condition, so nothing is known about that. */
	const struct script_config of_program = {
		.should_execute = file->config->should_execute,
	};
	const struct script_config *config = file->program != NULL ? &of_program : file->config;

	return (struct migration){
		.type = type_of(file),
		.version = file->parts.version,
		.description = file->parts.description,
		.script = file->file->relative,
		.path = file->file->path,
		.absolute_path = file->file->absolute,
		.file_name = file->name,
		.placeholder_name = file->parts.placeholder,
		.part = file->part,
		.is_counted = file->is_counted,
		.program = file->program,
		.seed = file->seed,
		.execute_in_transaction = config->execute_in_transaction,
		.should_execute = config->should_execute,
		.has_encoding = config->encoding != NULL,
		.is_switched_off = file->is_switched_off,
		.encoding = config->encoding != NULL ? config->encoding : options->encoding,
		.replace_placeholders = config->placeholder_replacement == UNSET
	                                        ? options->placeholder_replacement
	                                        : config->placeholder_replacement == YES,
	};
}

bool migration_file_detect_encoding(struct migration *migration,
                                    const struct resolve_options *options, struct error *err)
{
	return !options->detect_encoding || migration->has_encoding ||
	       charset_detect(migration->path, &migration->encoding, err);
}
