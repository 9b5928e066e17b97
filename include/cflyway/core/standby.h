/* SPDX-License-Identifier: Apache-2.0 */
/*
 * standby.h - a standby can only be read
 */
#ifndef CFLYWAY_CORE_STANDBY_H
#define CFLYWAY_CORE_STANDBY_H

#include "cflyway/base/attr.h"
#include "cflyway/core/run.h"

#include <stdbool.h>

/*
 * Call it before anything is to be changed. Error: the server is a standby. A dry run may read from
 * one; a trial refuses it by itself.
 */
MUST_USE bool standby_check(const struct run *run, struct error *err);

#endif
