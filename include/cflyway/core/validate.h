/* SPDX-License-Identifier: Apache-2.0 */
/*
 * validate.h - the validation that validate and migrate share
 */
#ifndef CFLYWAY_CORE_VALIDATE_H
#define CFLYWAY_CORE_VALIDATE_H

#include "cflyway/base/attr.h"
#include "cflyway/core/result.h"
#include "cflyway/core/run.h"
#include "cflyway/core/session.h"

#include <stdbool.h>

struct validation {
	bool is_decided; /* result says how it ended; false when something could not be read */
	struct validate_result result;
	bool has_read; /* applied was filled (it is not when the default schema does not exist) */
	struct applied applied;
	struct str_list changes; /* warnings that have been logged: cflyway.onChangedFile */
};

/*
 * Reads the files, validates and prints the line "Successfully validated N migrations …".
 * ignore_pending: migrate is about to run what is pending. On success migrations is filled. Fires
 * beforeValidate, unless the default schema is missing, and afterValidate or afterValidateError.
 * Errors: ERROR_VALIDATE_ERROR, ERROR_SCHEMA_DOES_NOT_EXIST, and those of reading.
 */
MUST_USE bool validate_run(struct run *run, struct migration_list *migrations, bool ignore_pending,
                           struct validation *validation, struct error *err);

#endif
