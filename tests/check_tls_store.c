/* SPDX-License-Identifier: ISC */
/* A CA file that changes while it is in use. */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <openssl/pem.h>
#include <openssl/ssl.h>

#include "check_main.h"
#include "conf.h"
#include "http/tls_client.h"
#include "http/tls_store.h"
#include "self_signed.h"

static char path[] = "check_tls_store.XXXXXX";
static SSL_CTX *context;

static void
append_certificate(void)
{
	FILE *file = fopen(path, "a");
	EVP_PKEY *key;
	X509 *certificate = self_signed(&key);

	ck_assert_ptr_nonnull(file);
	ck_assert_int_eq(PEM_write_X509(file, certificate), 1);
	X509_free(certificate);
	EVP_PKEY_free(key);
	fclose(file);
}

static void
write_rubbish(void)
{
	FILE *file = fopen(path, "w");

	ck_assert_ptr_nonnull(file);
	fputs("no certificate\n", file);
	fclose(file);
}

static int
trusted(SSL_CTX *of)
{
	return sk_X509_OBJECT_num(
	    X509_STORE_get0_objects(SSL_CTX_get_cert_store(of)));
}

static void
set_up(void)
{
	int fd = mkstemp(path);

	ck_assert_int_ge(fd, 0);
	close(fd);
	append_certificate();
	context = SSL_CTX_new(TLS_client_method());
	ck_assert_ptr_nonnull(context);
}

static void
tear_down(void)
{
	SSL_CTX_free(context);
	unlink(path);
}

START_TEST(test_store_follows_its_file)
{
	const char *why;
	struct tls_store *store = tls_store_get(path, &why);
	X509_STORE *before;

	ck_assert_ptr_nonnull(store);
	tls_store_apply(store, context);
	ck_assert_int_eq(trusted(context), 1);
	before = SSL_CTX_get_cert_store(context);
	tls_store_apply(store, context);
	ck_assert_ptr_eq(SSL_CTX_get_cert_store(context), before);
	append_certificate();
	tls_store_apply(store, context);
	ck_assert_int_eq(trusted(context), 2);
	tls_store_put(store);
}
END_TEST

START_TEST(test_broken_file_loses_nothing)
{
	const char *why;
	struct tls_store *store = tls_store_get(path, &why);

	ck_assert_ptr_nonnull(store);
	write_rubbish();
	tls_store_apply(store, context);
	ck_assert_int_eq(trusted(context), 1);
	unlink(path);
	tls_store_apply(store, context);
	ck_assert_int_eq(trusted(context), 1);
	append_certificate();
	append_certificate();
	append_certificate();
	tls_store_apply(store, context);
	ck_assert_int_eq(trusted(context), 3);
	tls_store_put(store);
}
END_TEST

START_TEST(test_clients_follow_at_a_reload)
{
	struct conf_probe how = { .tls_verify = true, .tls_ca_file = path };
	const char *file, *why;
	struct tls_client *client = tls_client_get(&how, &file, &why);

	ck_assert_ptr_nonnull(client);
	ck_assert_int_eq(trusted(tls_client_context(client)), 1);
	append_certificate();
	tls_client_refresh_all();
	ck_assert_int_eq(trusted(tls_client_context(client)), 2);
	tls_client_put(client);
}
END_TEST

static void
fill(TCase *tcase)
{
	tcase_add_checked_fixture(tcase, set_up, tear_down);
	tcase_add_test(tcase, test_store_follows_its_file);
	tcase_add_test(tcase, test_broken_file_loses_nothing);
	tcase_add_test(tcase, test_clients_follow_at_a_reload);
}

int
main(void)
{
	return check_main("tls_store", fill);
}
