/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "http/tls_conn.h"

#include <errno.h>
#include <string.h>

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include "http/local_errno.h"
#include "http/tls_client.h"

/* The name goes into SNI and must be the certificate's; an address ("[...]"
 * around one of IPv6) only the latter (RFC 6066 section 3). */
static bool
set_host(SSL *tls, const char *host)
{
	X509_VERIFY_PARAM *param = SSL_get0_param(tls);
	char name[256];
	size_t len = strcspn(host += host[0] == '[', "]");

	if (len >= sizeof name)
		return false;
	memcpy(name, host, len);
	name[len] = '\0';
	ERR_set_mark();
	if (X509_VERIFY_PARAM_set1_ip_asc(param, name) == 1)
		return true;
	ERR_pop_to_mark();
	X509_VERIFY_PARAM_set_hostflags(param,
	    X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
	return SSL_set_tlsext_host_name(tls, name) == 1 &&
	    X509_VERIFY_PARAM_set1_host(param, name, len) == 1;
}

struct ssl_st *
tls_conn_new(struct tls_client *client, int fd, const char *host,
    struct ssl_session_st **session)
{
	SSL *tls = SSL_new(tls_client_context(client));

	ERR_clear_error();
	if (tls == NULL)
		return NULL;
	if (SSL_set_fd(tls, fd) != 1 || !set_host(tls, host) ||
	    (*session != NULL && SSL_set_session(tls, *session) != 1)) {
		SSL_free(tls);
		return NULL;
	}
	SSL_set_app_data(tls, session);
	SSL_set_connect_state(tls);
	return tls;
}

void
tls_conn_free(struct ssl_st *tls)
{
	if (tls == NULL)
		return;
	/* Without a close_notify OpenSSL takes the session for spoilt. */
	SSL_set_shutdown(tls, SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
	SSL_free(tls);
}

static bool
is_verifying(const SSL *tls)
{
	return SSL_get_verify_mode(tls) != SSL_VERIFY_NONE;
}

static bool
was_alerted(void)
{
	return ERR_GET_REASON(ERR_peek_error()) >= SSL_AD_REASON_OFFSET;
}

static void
forget_errors(void)
{
	ERR_clear_error();
	errno = 0;
}

/* OpenSSL, or the system call beneath it. */
static bool
has_no_memory(void)
{
	return ERR_GET_REASON(ERR_peek_error()) == ERR_R_MALLOC_FAILURE ||
	    local_errno_is_memory(errno);
}

static enum stream_step
fail_handshake(SSL *tls, enum transfer_end *end, long *verify_result)
{
	*verify_result = SSL_get_verify_result(tls);
	if (has_no_memory())
		*end = TRANSFER_NO_MEMORY;
	else if (is_verifying(tls) && *verify_result != X509_V_OK)
		*end = TRANSFER_NOT_TRUSTED;
	else
		*end = TRANSFER_TLS_FAILED;
	return STREAM_FAILED;
}

enum stream_step
tls_conn_handshake(struct ssl_st *tls, enum transfer_end *end,
    long *verify_result)
{
	int result;

	forget_errors();
	result = SSL_do_handshake(tls);
	switch (SSL_get_error(tls, result)) {
	case SSL_ERROR_NONE:
		/* OpenSSL has refused such a one; should it ever not. */
		if (is_verifying(tls) &&
		    (SSL_get_verify_result(tls) != X509_V_OK ||
			SSL_get0_peer_certificate(tls) == NULL))
			return fail_handshake(tls, end, verify_result);
		return STREAM_DONE;
	case SSL_ERROR_WANT_READ:
		return STREAM_WANT_IN;
	case SSL_ERROR_WANT_WRITE:
		return STREAM_WANT_OUT;
	default:
		return fail_handshake(tls, end, verify_result);
	}
}

/* An alert after our part of the handshake is how TLS 1.3 servers say that
 * they don't like our certificate. */
static enum stream_step
step_of(SSL *tls, int result, enum transfer_end *end)
{
	switch (SSL_get_error(tls, result)) {
	case SSL_ERROR_NONE:
		return STREAM_DONE;
	case SSL_ERROR_WANT_READ:
		return STREAM_WANT_IN;
	case SSL_ERROR_WANT_WRITE:
		return STREAM_WANT_OUT;
	case SSL_ERROR_ZERO_RETURN:
		return STREAM_CLOSED;
	case SSL_ERROR_SSL:
		*end = has_no_memory() ? TRANSFER_NO_MEMORY
		    : was_alerted()    ? TRANSFER_TLS_FAILED
				       : TRANSFER_LOST;
		return STREAM_FAILED;
	default:
		*end = has_no_memory() ? TRANSFER_NO_MEMORY : TRANSFER_LOST;
		return STREAM_FAILED;
	}
}

/* Who hangs up on us may have said why before. */
static bool
hears_alert(SSL *tls)
{
	char byte;
	size_t n;

	forget_errors();
	return SSL_peek_ex(tls, &byte, sizeof byte, &n) != 1 && was_alerted();
}

enum stream_step
tls_conn_write(struct ssl_st *tls, const void *data, size_t len, size_t *n,
    enum transfer_end *end)
{
	enum stream_step step;

	forget_errors();
	step = step_of(tls, SSL_write_ex(tls, data, len, n), end);
	if (step == STREAM_FAILED && *end == TRANSFER_LOST && hears_alert(tls))
		*end = TRANSFER_TLS_FAILED;
	return step;
}

enum stream_step
tls_conn_read(struct ssl_st *tls, void *data, size_t size, size_t *n,
    enum transfer_end *end)
{
	forget_errors();
	return step_of(tls, SSL_read_ex(tls, data, size, n), end);
}

bool
tls_conn_has_pending(struct ssl_st *tls)
{
	return SSL_has_pending(tls) == 1;
}

bool
tls_conn_certificate_days(struct ssl_st *tls, int *days)
{
	X509 *certificate = SSL_get0_peer_certificate(tls);
	int seconds = 0;

	return certificate != NULL && !SSL_session_reused(tls) &&
	    ASN1_TIME_diff(days, &seconds, NULL,
		X509_get0_notAfter(certificate)) == 1;
}

void
tls_session_free(struct ssl_session_st *session)
{
	SSL_SESSION_free(session);
}
