/* SPDX-License-Identifier: ISC */
/*
 * TLS with a server at the other end of a socket pair, so that what comes
 * first is for the test to say. How endpoints answer in all their ways is
 * tested in integ/.
 */
#include "config.h"

#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <openssl/ssl.h>

#include "check_main.h"
#include "conf.h"
#include "http/tls_client.h"
#include "http/tls_conn.h"
#include "self_signed.h"

#define HOST "www.example.test"
#define REQUEST "GET / HTTP/1.1\r\n\r\n"

enum { OURS, THEIRS };

static struct tls_client *client;
static struct ssl_st *ours;
static struct ssl_session_st *session;
static SSL_CTX *context;
static SSL *theirs;
static int fds[2];

static void
certify(SSL_CTX *to)
{
	EVP_PKEY *key;
	X509 *certificate = self_signed(&key);

	ck_assert_int_eq(SSL_CTX_use_certificate(to, certificate), 1);
	ck_assert_int_eq(SSL_CTX_use_PrivateKey(to, key), 1);
	X509_free(certificate);
	EVP_PKEY_free(key);
}

static void
set_up(void)
{
	struct conf_probe how = { .tls_verify = false };
	const char *file, *why;

	signal(SIGPIPE, SIG_IGN);
	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0,
			     fds),
	    0);
	client = tls_client_get(&how, &file, &why);
	ck_assert_ptr_nonnull(client);
	ours = tls_conn_new(client, fds[OURS], HOST, &session);
	ck_assert_ptr_nonnull(ours);
	context = SSL_CTX_new(TLS_server_method());
	certify(context);
	theirs = SSL_new(context);
	SSL_set_fd(theirs, fds[THEIRS]);
	SSL_set_accept_state(theirs);
}

static void
tear_down(void)
{
	tls_conn_free(ours);
	tls_session_free(session);
	session = NULL;
	tls_client_put(client);
	SSL_free(theirs);
	SSL_CTX_free(context);
	close(fds[OURS]);
}

/* Both sides in turn, ours last: it is over for us, not yet for them. */
static void
shake_hands(void)
{
	enum transfer_end end;
	long verify_result;

	ck_assert_int_eq(tls_conn_handshake(ours, &end, &verify_result),
	    STREAM_WANT_IN);
	ck_assert_int_eq(SSL_do_handshake(theirs), -1);
	ck_assert_int_eq(tls_conn_handshake(ours, &end, &verify_result),
	    STREAM_DONE);
}

static enum stream_step
write_request(enum transfer_end *end)
{
	size_t n = 0;

	return tls_conn_write(ours, REQUEST, sizeof REQUEST - 1, &n, end);
}

START_TEST(test_answer_is_read)
{
	enum transfer_end end;
	char answer[8];
	size_t n;

	shake_hands();
	ck_assert_int_eq(SSL_do_handshake(theirs), 1);
	ck_assert_int_eq(write_request(&end), STREAM_DONE);
	ck_assert_int_eq(SSL_write(theirs, "answer", 6), 6);
	ck_assert_int_eq(tls_conn_read(ours, answer, sizeof answer, &n, &end),
	    STREAM_DONE);
	ck_assert_mem_eq(answer, "answer", n);
	close(fds[THEIRS]);
}
END_TEST

START_TEST(test_alert_is_heard_when_hung_up_on)
{
	enum transfer_end end;

	SSL_set_verify(theirs,
	    SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
	shake_hands();
	ck_assert_int_eq(SSL_do_handshake(theirs), -1);
	close(fds[THEIRS]);
	ck_assert_int_eq(write_request(&end), STREAM_FAILED);
	ck_assert_int_eq(end, TRANSFER_TLS_FAILED);
}
END_TEST

START_TEST(test_hung_up_on_without_a_word)
{
	enum transfer_end end;

	shake_hands();
	close(fds[THEIRS]);
	ck_assert_int_eq(write_request(&end), STREAM_FAILED);
	ck_assert_int_eq(end, TRANSFER_LOST);
}
END_TEST

static void
fill(TCase *tcase)
{
	tcase_add_checked_fixture(tcase, set_up, tear_down);
	tcase_add_test(tcase, test_answer_is_read);
	tcase_add_test(tcase, test_alert_is_heard_when_hung_up_on);
	tcase_add_test(tcase, test_hung_up_on_without_a_word);
}

int
main(void)
{
	return check_main("tls_conn", fill);
}
