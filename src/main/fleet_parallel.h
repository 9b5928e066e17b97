/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fleet_parallel.h - runs targets in processes of their own, several at the same time
 */
#ifndef CFLYWAY_MAIN_FLEET_PARALLEL_H
#define CFLYWAY_MAIN_FLEET_PARALLEL_H

#include "fleet_state.h"

/* Runs all targets, each in a process of its own, several at the same time. */
void fleet_run_parallel(struct fleet *fleet);

#endif
