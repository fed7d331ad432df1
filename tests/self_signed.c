/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "self_signed.h"

#include <check.h>

X509 *
self_signed(EVP_PKEY **key)
{
	X509 *certificate = X509_new();

	*key = EVP_EC_gen("P-256");
	ck_assert_ptr_nonnull(*key);
	X509_gmtime_adj(X509_getm_notBefore(certificate), 0);
	X509_gmtime_adj(X509_getm_notAfter(certificate), 3600);
	X509_set_pubkey(certificate, *key);
	ck_assert_int_gt(X509_sign(certificate, *key, EVP_sha256()), 0);
	return certificate;
}
