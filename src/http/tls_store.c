/* SPDX-License-Identifier: ISC */
#define LOG_TAG "[tls]"
#include "config.h"

#include "http/tls_store.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include <openssl/err.h>
#include <openssl/ssl.h>

#include "file_mark.h"
#include "log.h"
#include "same_text.h"

struct tls_store {
	char *ca_file; /* NULL: the system's */
	X509_STORE *x509;
	struct file_mark mark; /* of the file that x509 is from */
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

/* Where the system's certificates are, which OpenSSL is not told. */
static const char *
path_of(const struct tls_store *store)
{
	const char *path = store->ca_file;

	if (path == NULL)
		path = getenv(X509_get_default_cert_file_env());
	return path != NULL ? path : X509_get_default_cert_file();
}

static const char *
last_reason(void)
{
	const char *reason = ERR_reason_error_string(ERR_peek_last_error());

	return reason != NULL ? reason : "no certificate in it";
}

static void
refresh(struct tls_store *store)
{
	struct file_mark mark = file_mark_of(path_of(store));
	X509_STORE *x509;

	if (file_mark_equal(&mark, &store->mark))
		return;
	store->mark = mark;
	ERR_clear_error();
	x509 = load(store->ca_file);
	if (x509 == NULL) {
		log_warning("%s: has changed, but can't be used (%s): going on "
			    "with what was in it", path_of(store),
		    last_reason());
		return;
	}
	X509_STORE_free(store->x509);
	store->x509 = x509;
	log_info("%s: read anew", path_of(store));
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
	store->mark = file_mark_of(path_of(store));
	store->x509 = load(ca_file);
	if (store->x509 == NULL) {
		*why = last_reason();
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
	refresh(store);
	SSL_CTX_set1_cert_store(ssl_ctx, store->x509);
}
