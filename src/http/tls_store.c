/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "http/tls_store.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include <openssl/err.h>
#include <openssl/ssl.h>

#include "same_text.h"

struct tls_store {
	char *ca_file; /* NULL: the system's */
	X509_STORE *x509;
	unsigned refs;
	LIST_ENTRY(tls_store) entry;
};

static LIST_HEAD(, tls_store) stores = LIST_HEAD_INITIALIZER(stores);

static X509_STORE *
load(const char *ca_file)
{
	X509_STORE *x509 = X509_STORE_new();

	if (x509 == NULL)
		return NULL;
	/* As libcurl does: an intermediate in the file is an anchor, too. */
	X509_STORE_set_flags(x509, X509_V_FLAG_PARTIAL_CHAIN);
	if (ca_file != NULL ? X509_STORE_load_file(x509, ca_file) == 1
			    : X509_STORE_set_default_paths(x509) == 1)
		return x509;
	X509_STORE_free(x509);
	return NULL;
}

struct tls_store *
tls_store_get(const char *ca_file, const char **why)
{
	struct tls_store *store;

	LIST_FOREACH(store, &stores, entry) {
		if (same_text(store->ca_file, ca_file)) {
			store->refs++;
			return store;
		}
	}
	ERR_clear_error();
	store = calloc(1, sizeof *store);
	if (store == NULL ||
	    (ca_file != NULL && (store->ca_file = strdup(ca_file)) == NULL)) {
		free(store);
		*why = "out of memory";
		return NULL;
	}
	store->x509 = load(ca_file);
	if (store->x509 == NULL) {
		*why = ERR_reason_error_string(ERR_peek_last_error());
		if (*why == NULL)
			*why = "no certificate in it";
		free(store->ca_file);
		free(store);
		return NULL;
	}
	store->refs = 1;
	LIST_INSERT_HEAD(&stores, store, entry);
	return store;
}

void
tls_store_put(struct tls_store *store)
{
	if (store == NULL || --store->refs > 0)
		return;
	LIST_REMOVE(store, entry);
	X509_STORE_free(store->x509);
	free(store->ca_file);
	free(store);
}

void
tls_store_apply(struct tls_store *store, void *ssl_ctx)
{
	SSL_CTX_set1_cert_store(ssl_ctx, store->x509);
}
