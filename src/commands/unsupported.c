/* SPDX-License-Identifier: Apache-2.0 */
/* unsupported.c - verbs that Flyway has and cflyway does not: refused with exit status 35 */
#include "cflyway/base/about.h"
#include "cflyway/commands/command.h"

/* In Flyway's words; it must not be mistaken for a verb that did something. */
static bool refuse_undo(struct run *run, struct result *out, struct error *err)
{
	(void)run;
	(void)out;
	error_refuse(err, FLYWAY_REDGATE_REQUIRED("undo"));
	error_note(err, "write a new migration that undoes the change instead");
	return false;
}

/*   verb      as Flyway writes it; Auth alone comes without banner */
#define REFUSED_VERBS(X)                                                                           \
	X(auth, "Auth", COMMAND_NO_BANNER)                                                         \
	X(check, "check", 0)                                                                       \
	X(deploy, "Deploy", 0)                                                                     \
	X(diff, "Diff", 0)                                                                         \
	X(diffText, "DiffText", 0)                                                                 \
	X(generate, "Generate", 0)                                                                 \
	X(model, "model", 0)                                                                       \
	X(prepare, "Prepare", 0)

#define DEFINE_REFUSAL(verb, title, flags)                                                         \
	static bool refuse_##verb(struct run *run, struct result *out, struct error *err)          \
	{                                                                                          \
		(void)run;                                                                         \
		(void)out;                                                                         \
		return error_refuse(err, FLYWAY_REDGATE_REQUIRED(title));                          \
	}
REFUSED_VERBS(DEFINE_REFUSAL)
#undef DEFINE_REFUSAL

#define REFUSAL(verb, more)                                                                        \
	{                                                                                          \
		.name = #verb, .summary = "", .flags = COMMAND_REFUSED | (more),                   \
		.run = refuse_##verb                                                               \
	}
#define REFUSAL_ROW(verb, title, flags) REFUSAL(verb, flags),

const struct command commands_refused[] = {REFUSAL(undo, 0), REFUSED_VERBS(REFUSAL_ROW)};

#undef REFUSAL_ROW
#undef REFUSAL

const size_t commands_refused_count = COUNT(commands_refused);
