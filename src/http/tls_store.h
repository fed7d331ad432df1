/* SPDX-License-Identifier: ISC */
#ifndef RRDNSD_HTTP_TLS_STORE_H
#define RRDNSD_HTTP_TLS_STORE_H

/*
 * The certificates of a CA file, read once and shared by all connections:
 * libcurl left alone reads them anew for each (measured: 36 ms of CPU). They
 * are read again only when the file is another one.
 */
struct tls_store;

/* ca_file NULL: the system's. Stores of the same file are shared; each _get
 * needs a _put. NULL when it can't be read, with the reason in why. */
struct tls_store *tls_store_get(const char *ca_file, const char **why);
void tls_store_put(struct tls_store *store); /* NULL is fine */

/* Makes an SSL_CTX trust exactly this store, as the file is now; a file that
 * can't be used is as if it had not changed. The type is OpenSSL's SSL_CTX, as
 * CURLOPT_SSL_CTX_FUNCTION hands it out. */
void tls_store_apply(struct tls_store *store, void *ssl_ctx);

#endif
