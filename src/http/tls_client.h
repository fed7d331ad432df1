/* SPDX-License-Identifier: ISC */
#ifndef RRDNSD_HTTP_TLS_CLIENT_H
#define RRDNSD_HTTP_TLS_CLIENT_H

struct conf_probe;
struct ssl_ctx_st; /* OpenSSL's */
struct tls_client;

/*
 * How we take part in TLS: whom we trust, what we show. The same options make
 * the same client, whatever is connected to; each _get needs a _put. NULL:
 * a file can't be used, with the reason and its name in why and file.
 */
struct tls_client *tls_client_get(const struct conf_probe *how,
    const char **file, const char **why);
void tls_client_put(struct tls_client *client); /* NULL is fine */

/* Reads the certificates and the key anew where the files have changed, for what
 * is connected from now on. One that can't be used is as if it had not changed. */
void tls_client_refresh(struct tls_client *client);
void tls_client_refresh_all(void);

struct ssl_ctx_st *tls_client_context(struct tls_client *client);

#endif
