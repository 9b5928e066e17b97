/* SPDX-License-Identifier: Apache-2.0 */
/*
 * banned.h - turns functions that are easy to misuse into compile errors
 *
 * The compiler includes it before every C file (see CFLAGS in the Makefile).
 */
#ifndef CFLYWAY_BASE_BANNED_H
#define CFLYWAY_BASE_BANNED_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* Macros of <stdio.h> where FORTIFY is on and the compiler is not gcc. */
#undef sprintf
#undef vsprintf

#pragma GCC poison strcpy strcat sprintf vsprintf strtok atoi atol gmtime localtime gets

#endif
