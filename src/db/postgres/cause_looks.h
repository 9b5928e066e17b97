/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cause_looks.h - asks the server why a statement has failed
 *
 * Each look is one query, in a transaction of its own that only reads and that soon ends. The facts
 * that it takes and adds are named after it; see cause.h. It is false if there is no answer.
 */
#ifndef CFLYWAY_DB_POSTGRES_CAUSE_LOOKS_H
#define CFLYWAY_DB_POSTGRES_CAUSE_LOOKS_H

#include "../cause.h"
#include "postgres.h"

/* The ctx of all looks. */
struct inquiry {
	struct postgres *pg;
	struct arena *arena;
	const struct cause_question *question;
	const char *place; /* the note of it, with the line of the script; NULL: there is none */
};

typedef bool cause_look_fn(void *ctx, struct cause_facts *facts);

/* Names: %1 to %n, which is near it. */
cause_look_fn look_for_schema, look_for_relation, look_for_function, look_for_type, look_for_role,
	look_for_setting;

cause_look_fn look_for_second_relation;    /* %2 to %n, with its schema */
cause_look_fn look_for_relation_elsewhere; /* %1 to %n: the schema that has it */
cause_look_fn look_for_overloads;          /* %1 to %n: "f(integer), f(text)" */

/* Objects: %1. */
cause_look_fn look_at_public_schema;   /* %o owner, %g the missing rights; version 15 */
cause_look_fn look_at_schema;          /* the same of any version and schema */
cause_look_fn look_at_relation;        /* %n qualified name, %o owner */
cause_look_fn look_at_relation_rights; /* and %g the missing rights */
cause_look_fn look_at_existing;        /* %n qualified name, %k "table" */
cause_look_fn look_at_absence;         /* it is not there */
cause_look_fn look_at_enum;            /* %c its values */
cause_look_fn look_at_history;         /* %n the table, %c its columns */

/* The session. */
cause_look_fn look_at_standby;   /* it is one */
cause_look_fn look_at_read_only; /* %o who has set it, %n what to do */
cause_look_fn look_at_own_limit; /* %n cflyway.statementTimeout: asks nobody */
cause_look_fn look_at_timeout;   /* %n its value, %o who has set it */

/* Extensions: %x, which look_for_extension… of causes.c have found in their list. */
cause_look_fn look_at_extension_elsewhere;       /* %n its schema */
cause_look_fn look_at_extension_outside_of_path; /* %n its schema */
cause_look_fn look_at_extension_available;
/* %q a schema: %r "own" if it holds other things as well, "none" if it is not there */
cause_look_fn look_at_schema_use;

#endif
