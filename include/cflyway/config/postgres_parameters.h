/* SPDX-License-Identifier: Apache-2.0 */
/*
 * postgres_parameters.h - the parameters of a connection to PostgreSQL
 *
 * They are declared in postgres_parameters.def, for URLs of both forms, jdbcProperties and service
 * files.
 */
#ifndef CFLYWAY_CONFIG_POSTGRES_PARAMETERS_H
#define CFLYWAY_CONFIG_POSTGRES_PARAMETERS_H

#include "cflyway/base/str.h"

enum postgres_parameter_use {
	POSTGRES_PARAMETER_USED,
	POSTGRES_PARAMETER_PLACE,   /* in URLs and service files the name of a property */
	POSTGRES_PARAMETER_IGNORED, /* it concerns the JDBC driver alone */
	POSTGRES_PARAMETER_REFUSED, /* where or how one connects, and libpq has nothing like it */
};

/* A parameter of the JDBC driver. */
struct postgres_parameter {
	const char *name;
	enum postgres_parameter_use use;
	const char *note; /* IGNORED: why it has no effect; PLACE: the property; or NULL */
};

/* How a parameter of libpq becomes a property of the JDBC driver. */
enum libpq_parameter_kind {
	LIBPQ_PARAMETER_SAME,     /* the value stays as it is */
	LIBPQ_PARAMETER_PLACE,    /* host, port, dbname, user, password */
	LIBPQ_PARAMETER_FLAG,     /* 1 and 0 are true and false */
	LIBPQ_PARAMETER_SERVER,   /* words for the kind of server */
	LIBPQ_PARAMETER_ENCODING, /* UTF-8, which it always is */
	LIBPQ_PARAMETER_NONE,     /* it has no counterpart */
};

/* A parameter of libpq or of another library, where the JDBC driver has another name for it. */
struct libpq_parameter {
	const char *name;
	const char *property; /* of the JDBC driver; NULL: none */
	enum libpq_parameter_kind kind;
};

/* NULL: the JDBC driver does not know it. */
const struct postgres_parameter *postgres_parameter_find(struct str name);

/* NULL: it has no name of its own there. */
const struct libpq_parameter *libpq_parameter_find(struct str name);

/*
 * The parameter of the JDBC driver that was meant: the one that libpq calls so, or else the nearest
 * name. NULL: none is close.
 */
const char *postgres_parameter_nearest(struct str name);

/* The same, for a URL that may have libpq's names. */
const char *libpq_parameter_nearest(struct str name);

#endif
