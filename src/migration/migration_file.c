/* SPDX-License-Identifier: Apache-2.0 */
/* migration_file.c - describe a migration by the name and the configuration of its file */
#include "migration_file.h"

#include "cflyway/base/charset.h"
#include "cflyway/base/fs.h"
#include "cflyway/migration/script_limits.h"

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
		.limits = config->limits,
		.has_encoding = config->encoding != NULL,
		.is_switched_off = file->is_switched_off,
		.encoding = config->encoding != NULL ? config->encoding : options->encoding,
		.replace_placeholders = config->placeholder_replacement == UNSET
	                                        ? options->placeholder_replacement
	                                        : config->placeholder_replacement == YES,
	};
}

static bool read_limits(struct arena *arena, const struct location_file *file,
                        const struct resolve_options *options, struct script_config *config,
                        struct error *err)
{
	struct script_limits *limits = arena_alloc(arena, sizeof(*limits));

	if (program_kind_of(&options->programs, fs_base_name(file->path)) != NULL)
		return error_set(err, ERROR_CONFIGURATION,
		                 "%s" SCRIPT_LIMITS_SUFFIX " has no effect: %s is a program, which "
		                 "has connections of its own",
		                 file->path, file->path);
	config->limits = limits;
	return script_limits_read(arena, file->path, limits, err);
}

bool migration_file_read_config(struct arena *arena, const struct location_file *file,
                                const struct resolve_options *options, struct script_config *config,
                                struct error *err)
{
	return script_config_read(arena, file->path, file->has_config, options->encoding, config,
	                          err) &&
	       (!file->has_limits || read_limits(arena, file, options, config, err));
}

bool migration_file_detect_encoding(struct migration *migration,
                                    const struct resolve_options *options, struct error *err)
{
	return !options->detect_encoding || migration->has_encoding ||
	       charset_detect(migration->path, &migration->encoding, err);
}
