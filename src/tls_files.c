/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "tls_files.h"

#include <stdio.h>

#include <openssl/err.h>
#include <openssl/ssl.h>

#include "err.h"

static int
fail(char *why, size_t why_size, const char *text)
{
	snprintf(why, why_size, "%s", text);
	ERR_clear_error();
	return ERR_INVALID;
}

int
tls_files_check_ca(const char *path, char *why, size_t why_size)
{
	X509_STORE *store = X509_STORE_new();
	int loaded;

	if (store == NULL)
		return fail(why, why_size, err_text(ERR_NOMEM));
	loaded = X509_STORE_load_file(store, path);
	X509_STORE_free(store);
	return loaded == 1 ? 0 :
	    fail(why, why_size, "holds no certificates in PEM");
}

/* A daemon has nobody to ask for a passphrase. */
static int
no_passphrase(char *buf, int size, int writing, void *arg)
{
	(void)buf;
	(void)size;
	(void)writing;
	(void)arg;
	return -1;
}

int
tls_files_check_pair(const char *cert, const char *key, char *why,
    size_t why_size)
{
	SSL_CTX *ctx = SSL_CTX_new(TLS_method());
	const char *text = NULL;

	if (ctx == NULL)
		return fail(why, why_size, err_text(ERR_NOMEM));
	SSL_CTX_set_default_passwd_cb(ctx, no_passphrase);
	if (SSL_CTX_use_certificate_chain_file(ctx, cert) != 1)
		text = "holds no certificate in PEM";
	else if (SSL_CTX_use_PrivateKey_file(ctx, key != NULL ? key : cert,
	    SSL_FILETYPE_PEM) != 1)
		text = "has no private key: it must be in PEM, without a "
		    "passphrase, and belong to the certificate";
	SSL_CTX_free(ctx);
	return text == NULL ? 0 : fail(why, why_size, text);
}
