/* SPDX-License-Identifier: Apache-2.0 */
/* postgres_parameters.c - the parameters of a connection to PostgreSQL */
#include "cflyway/config/postgres_parameters.h"

#include "cflyway/base/attr.h"
#include "cflyway/base/nearest.h"

static const struct postgres_parameter parameters[] = {
#define JDBC(name, use, note) {name, POSTGRES_PARAMETER_##use, note},
#define LIBPQ(name, property, kind)
#include "cflyway/config/postgres_parameters.def"
#undef LIBPQ
#undef JDBC
};

static const struct libpq_parameter libpq_parameters[] = {
#define JDBC(name, use, note)
#define LIBPQ(name, property, kind) {name, property, LIBPQ_PARAMETER_##kind},
#include "cflyway/config/postgres_parameters.def"
#undef LIBPQ
#undef JDBC
};

const struct postgres_parameter *postgres_parameter_find(struct str name)
{
	for (size_t i = 0; i < COUNT(parameters); i++)
		if (str_eq(name, str_of(parameters[i].name)))
			return &parameters[i];
	return NULL;
}

const struct libpq_parameter *libpq_parameter_find(struct str name)
{
	for (size_t i = 0; i < COUNT(libpq_parameters); i++)
		if (str_eq(name, str_of(libpq_parameters[i].name)))
			return &libpq_parameters[i];
	return NULL;
}

static void consider_all(struct nearest *nearest)
{
	for (size_t i = 0; i < COUNT(parameters); i++)
		nearest_consider(nearest, str_of(parameters[i].name), parameters[i].name);
}

const char *postgres_parameter_nearest(struct str name)
{
	const struct libpq_parameter *libpq = libpq_parameter_find(name);
	struct nearest nearest;

	if (libpq != NULL && libpq->property != NULL)
		return libpq->property;
	nearest_init(&nearest, name);
	consider_all(&nearest);
	return nearest.name;
}

const char *libpq_parameter_nearest(struct str name)
{
	struct nearest nearest;

	nearest_init(&nearest, name);
	for (size_t i = 0; i < COUNT(libpq_parameters); i++)
		nearest_consider(&nearest, str_of(libpq_parameters[i].name),
		                 libpq_parameters[i].name);
	consider_all(&nearest);
	return nearest.name;
}
