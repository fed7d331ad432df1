/* SPDX-License-Identifier: ISC */
#ifndef RRDNSD_HTTP_TLS_CONN_H
#define RRDNSD_HTTP_TLS_CONN_H

#include "http/stream.h"

/*
 * TLS over a connected socket, by OpenSSL. Where its client verifies, no
 * handshake is over but with a chain that leads to one of its certificates and
 * bears the host's name, in this handshake or in the one that made the session.
 */
struct ssl_st *tls_conn_new(struct tls_client *client, int fd,
    const char *host, struct ssl_session_st **session); /* NULL: no memory */
void tls_conn_free(struct ssl_st *tls); /* NULL is fine */

/* As their namesakes of stream.h; with STREAM_FAILED they set *end. */
enum stream_step tls_conn_handshake(struct ssl_st *tls, enum transfer_end *end,
    long *verify_result);
enum stream_step tls_conn_write(struct ssl_st *tls, const void *data,
    size_t len, size_t *n, enum transfer_end *end);
enum stream_step tls_conn_read(struct ssl_st *tls, void *data, size_t size,
    size_t *n, enum transfer_end *end);

bool tls_conn_has_pending(struct ssl_st *tls);
bool tls_conn_certificate_days(struct ssl_st *tls, int *days);

void tls_session_free(struct ssl_session_st *session); /* NULL is fine */

#endif
