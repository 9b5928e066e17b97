/* SPDX-License-Identifier: Apache-2.0 */
/*
 * about.h - which version this is, and which Flyway it stands in for
 */
#ifndef CFLYWAY_BASE_ABOUT_H
#define CFLYWAY_BASE_ABOUT_H

#define CFLYWAY_VERSION "0.1.0"
#define FLYWAY_VERSION "12.4.0"

/* Where Flyway's messages send their readers; a topic follows. */
#define FLYWAY_LINK "https://help.red-gate.com/help/flyway-cli12/help_4.aspx?topic="

/*
 * What the open-source edition says about features of others, with the exit status for refusals.
 * DIFFERS: Flyway goes on with where to download another edition.
 */
#define FLYWAY_REDGATE_REQUIRED(name)                                                              \
	"Flyway Redgate Edition Required: " name " is not supported by OSS Edition"
#define FLYWAY_UPGRADE_REQUIRED(name) "Upgrade required: " name " is not supported by OSS."

#endif
