/* SPDX-License-Identifier: Apache-2.0 */
/*
 * libpq.h - PostgreSQL's client library, opened when the first connection needs it
 *
 * Loading it would cost every run, `help` and SQLite included, some milliseconds and megabytes.
 * All its functions that cflyway calls are in one table, which hangs on the connection. The static
 * program (tools/static) has libpq inside: there libpq_linked.c replaces libpq_opened.c.
 */
#ifndef CFLYWAY_DB_POSTGRES_LIBPQ_H
#define CFLYWAY_DB_POSTGRES_LIBPQ_H

#include "cflyway/base/arena.h"
#include "cflyway/base/attr.h"
#include "cflyway/base/error.h"

#if __has_include(<postgresql/libpq-fe.h>)
#include <postgresql/libpq-fe.h>
#else
#include <libpq-fe.h> /* where Fedora, Arch, Homebrew and Nix put it */
#endif
#include <stdbool.h>

/* name of the field, function of the library */
#define LIBPQ_FUNCTIONS(X)                                                                         \
	X(lib_version, PQlibVersion)                                                               \
	X(connect_start, PQconnectStartParams)                                                     \
	X(connect_poll, PQconnectPoll)                                                             \
	X(finish, PQfinish)                                                                        \
	X(status, PQstatus)                                                                        \
	X(socket, PQsocket)                                                                        \
	X(host, PQhost)                                                                            \
	X(hostaddr, PQhostaddr)                                                                    \
	X(port, PQport)                                                                            \
	X(user, PQuser)                                                                            \
	X(error_message, PQerrorMessage)                                                           \
	X(set_error_verbosity, PQsetErrorVerbosity)                                                \
	X(set_notice_receiver, PQsetNoticeReceiver)                                                \
	X(connection_needs_password, PQconnectionNeedsPassword)                                    \
	X(parameter_status, PQparameterStatus)                                                     \
	X(server_version, PQserverVersion)                                                         \
	X(transaction_status, PQtransactionStatus)                                                 \
	X(backend_pid, PQbackendPID)                                                               \
	X(get_cancel, PQgetCancel)                                                                 \
	X(free_cancel, PQfreeCancel)                                                               \
	X(cancel, PQcancel)                                                                        \
	X(exec, PQexec)                                                                            \
	X(send_query, PQsendQuery)                                                                 \
	X(send_query_params, PQsendQueryParams)                                                    \
	X(get_result, PQgetResult)                                                                 \
	X(set_single_row_mode, PQsetSingleRowMode)                                                 \
	X(result_status, PQresultStatus)                                                           \
	X(result_error_field, PQresultErrorField)                                                  \
	X(result_error_message, PQresultErrorMessage)                                              \
	X(clear, PQclear)                                                                          \
	X(ntuples, PQntuples)                                                                      \
	X(nfields, PQnfields)                                                                      \
	X(fname, PQfname)                                                                          \
	X(getvalue, PQgetvalue)                                                                    \
	X(getisnull, PQgetisnull)                                                                  \
	X(cmd_tuples, PQcmdTuples)                                                                 \
	X(cmd_status, PQcmdStatus)                                                                 \
	X(put_copy_data, PQputCopyData)                                                            \
	X(put_copy_end, PQputCopyEnd)                                                              \
	X(get_copy_data, PQgetCopyData)                                                            \
	X(freemem, PQfreemem)                                                                      \
	X(set_nonblocking, PQsetnonblocking)                                                       \
	X(flush, PQflush)                                                                          \
	X(consume_input, PQconsumeInput)                                                           \
	X(is_busy, PQisBusy)                                                                       \
	X(enter_pipeline_mode, PQenterPipelineMode)                                                \
	X(exit_pipeline_mode, PQexitPipelineMode)                                                  \
	X(send_flush_request, PQsendFlushRequest)                                                  \
	X(pipeline_sync, PQpipelineSync)

struct libpq {
#define LIBPQ_FIELD(field, function) __typeof__(function) *field;
	LIBPQ_FUNCTIONS(LIBPQ_FIELD)
#undef LIBPQ_FIELD
	void *library; /* as dlopen gave it; NULL when closed, or in the program */
};

/* Errors: ERROR_JDBC_DRIVER, one sentence: the library is missing or older than version 14. */
MUST_USE bool libpq_open(struct libpq *libpq, struct error *err);
void libpq_close(struct libpq *libpq); /* closing a closed one does nothing */

/* Which libpq it is, in the words of `version`, without opening it. */
const char *libpq_version(void);

/* The version of the OpenSSL that is in the program; NULL: libpq opens one. */
const char *libpq_tls_version(struct arena *arena);

#endif
