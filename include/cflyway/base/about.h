/* SPDX-License-Identifier: Apache-2.0 */
/*
 * about.h - defines the version of cflyway and the version of Flyway that it replaces
 */
#ifndef CFLYWAY_BASE_ABOUT_H
#define CFLYWAY_BASE_ABOUT_H

#define CFLYWAY_VERSION "1.0.0"
#define FLYWAY_VERSION "12.4.0"

/* The help page that Flyway's messages link to; a topic follows. */
#define FLYWAY_LINK "https://help.red-gate.com/help/flyway-cli12/help_4.aspx?topic="

/*
 * The messages of the open-source edition about features of other editions; the exit status is that
 * of refusals. DIFFERS: Flyway also says where to download another edition.
 */
#define FLYWAY_REDGATE_REQUIRED(name)                                                              \
	"Flyway Redgate Edition Required: " name " is not supported by OSS Edition"
#define FLYWAY_UPGRADE_REQUIRED(name) "Upgrade required: " name " is not supported by OSS."

#endif
