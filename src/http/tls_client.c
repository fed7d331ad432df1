/* SPDX-License-Identifier: ISC */
#define LOG_TAG "[prober]"
#include "config.h"

#include "http/tls_client.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include <openssl/err.h>
#include <openssl/ssl.h>

#include "conf.h"
#include "file_mark.h"
#include "http/tls_store.h"
#include "log.h"
#include "same_text.h"

struct tls_client {
	bool verify;
	char *ca_file; /* NULL: the system's */
	char *cert_file; /* NULL: none is shown */
	char *key_file; /* NULL: in cert_file */
	struct file_mark marks[2]; /* of certificate and key, as last read */
	struct tls_store *store; /* NULL: nothing is verified */
	SSL_CTX *context;
	unsigned refs;
	LIST_ENTRY(tls_client) entry;
};

static LIST_HEAD(, tls_client) clients = LIST_HEAD_INITIALIZER(clients);

/* Takes the session out of the connection: the next one resumes it. */
static int
on_session(SSL *tls, SSL_SESSION *session)
{
	SSL_SESSION **kept = SSL_get_app_data(tls);

	SSL_SESSION_free(*kept);
	*kept = session;
	return 1;
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

static bool
load_pair(SSL_CTX *context, const struct tls_client *client)
{
	const char *key = client->key_file != NULL ? client->key_file
						   : client->cert_file;

	SSL_CTX_set_default_passwd_cb(context, no_passphrase);
	return client->cert_file == NULL ||
	    (SSL_CTX_use_certificate_chain_file(context, client->cert_file) ==
		    1 &&
		SSL_CTX_use_PrivateKey_file(context, key, SSL_FILETYPE_PEM) ==
		    1);
}

/* What each option spares was measured (bench/README.md). */
static SSL_CTX *
make_context(const struct tls_client *client)
{
	SSL_CTX *context = SSL_CTX_new(TLS_client_method());

	if (context == NULL)
		return NULL;
	SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
	/* Who closes without a close_notify has closed: where a response ends
	 * is for HTTP to say. */
	SSL_CTX_set_options(context, SSL_OP_IGNORE_UNEXPECTED_EOF);
	SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS |
	    SSL_MODE_ENABLE_PARTIAL_WRITE);
	SSL_CTX_set_read_ahead(context, 1);
	SSL_CTX_set_session_cache_mode(context,
	    SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
	SSL_CTX_sess_set_new_cb(context, on_session);
	if (client->verify) {
		SSL_CTX_set_verify(context, SSL_VERIFY_PEER, NULL);
		tls_store_apply(client->store, context);
	}
	if (load_pair(context, client))
		return context;
	SSL_CTX_free(context);
	return NULL;
}

static const char *
last_reason(void)
{
	const char *reason = ERR_reason_error_string(ERR_peek_last_error());

	return reason != NULL ? reason : "out of memory";
}

static struct tls_client *
find(const struct conf_probe *how)
{
	struct tls_client *client;

	LIST_FOREACH(client, &clients, entry)
		if (client->verify == how->tls_verify &&
		    same_text(client->ca_file, how->tls_ca_file) &&
		    same_text(client->cert_file, how->tls_client_cert) &&
		    same_text(client->key_file, how->tls_client_key))
			return client;
	return NULL;
}

static void
free_client(struct tls_client *client)
{
	SSL_CTX_free(client->context);
	tls_store_put(client->store);
	free(client->ca_file);
	free(client->cert_file);
	free(client->key_file);
	free(client);
}

static bool
copy_text(char **to, const char *from)
{
	*to = from != NULL ? strdup(from) : NULL;
	return from == NULL || *to != NULL;
}

static bool
fill(struct tls_client *client, const struct conf_probe *how,
    const char **file, const char **why)
{
	*file = "TLS";
	*why = "out of memory";
	client->verify = how->tls_verify;
	if (!copy_text(&client->ca_file, how->tls_ca_file) ||
	    !copy_text(&client->cert_file, how->tls_client_cert) ||
	    !copy_text(&client->key_file, how->tls_client_key))
		return false;
	if (client->verify) {
		*file = how->tls_ca_file != NULL ? how->tls_ca_file
						 : "the system's certificates";
		client->store = tls_store_get(client->ca_file, why);
		if (client->store == NULL)
			return false;
	}
	client->marks[0] = file_mark_of(client->cert_file);
	client->marks[1] = file_mark_of(client->key_file);
	client->context = make_context(client);
	if (client->context != NULL)
		return true;
	if (how->tls_client_cert != NULL)
		*file = how->tls_client_cert;
	*why = last_reason();
	return false;
}

struct tls_client *
tls_client_get(const struct conf_probe *how, const char **file,
    const char **why)
{
	struct tls_client *client = find(how);

	if (client != NULL) {
		client->refs++;
		return client;
	}
	client = calloc(1, sizeof *client);
	if (client == NULL) {
		*file = "TLS";
		*why = "out of memory";
		return NULL;
	}
	ERR_clear_error();
	if (!fill(client, how, file, why)) {
		free_client(client);
		return NULL;
	}
	client->refs = 1;
	LIST_INSERT_HEAD(&clients, client, entry);
	return client;
}

void
tls_client_put(struct tls_client *client)
{
	if (client == NULL || --client->refs > 0)
		return;
	LIST_REMOVE(client, entry);
	free_client(client);
}

static void
refresh_pair(struct tls_client *client)
{
	struct file_mark cert = file_mark_of(client->cert_file);
	struct file_mark key = file_mark_of(client->key_file);
	SSL_CTX *context;

	if (client->cert_file == NULL ||
	    (file_mark_equal(&cert, &client->marks[0]) &&
		file_mark_equal(&key, &client->marks[1])))
		return;
	client->marks[0] = cert;
	client->marks[1] = key;
	ERR_clear_error();
	context = make_context(client);
	if (context == NULL) {
		log_warning("%s: has changed, but can't be used (%s): going on "
			    "with what was in it", client->cert_file,
		    last_reason());
		return;
	}
	SSL_CTX_free(client->context);
	client->context = context;
	log_info("%s: read anew", client->cert_file);
}

void
tls_client_refresh(struct tls_client *client)
{
	refresh_pair(client);
	if (client->verify)
		tls_store_apply(client->store, client->context);
}

void
tls_client_refresh_all(void)
{
	struct tls_client *client;

	LIST_FOREACH(client, &clients, entry)
		tls_client_refresh(client);
}

struct ssl_ctx_st *
tls_client_context(struct tls_client *client)
{
	return client->context;
}
