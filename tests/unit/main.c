/* SPDX-License-Identifier: Apache-2.0 */
/*
 * main.c - runs the unit tests: all, or those whose names are given as arguments
 */
#include "suites.h"

#include "cflyway/base/attr.h"

#include <stdbool.h>
#include <stdlib.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif

static const struct {
	const char *name;
	Suite *(*make)(void);
} suites[] = {
#define SUITE(name) {#name, name##_suite},
#include "suites.def"
#undef SUITE
};

static bool is_wanted(const char *name, int argc, char **argv)
{
	if (argc == 1)
		return true;
	for (int i = 1; i < argc; i++)
		if (strcmp(argv[i], name) == 0)
			return true;
	return false;
}

int main(int argc, char **argv)
{
	SRunner *runner = srunner_create(NULL);

#ifdef M_PERTURB
	mallopt(M_PERTURB, 0x5A); /* memory that nobody has set is not full of zeros by chance */
#endif
	setenv("TZ", UNIT_TIME_ZONE, 1); /* what is expected holds everywhere */
	unsetenv("GITHUB_ACTIONS");      /* a pipeline there would annotate what tests make fail */
	watchdog_start();
	for (size_t i = 0; i < COUNT(suites); i++)
		if (is_wanted(suites[i].name, argc, argv))
			srunner_add_suite(runner, suites[i].make());
	srunner_run_all(runner, CK_NORMAL);
	int failed = srunner_ntests_failed(runner);
	printf("%d passed, %d failed\n", srunner_ntests_run(runner) - failed, failed);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
