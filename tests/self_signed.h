/* SPDX-License-Identifier: ISC */
#ifndef RRDNSD_TESTS_SELF_SIGNED_H
#define RRDNSD_TESTS_SELF_SIGNED_H

#include <openssl/x509.h>

/* A certificate without a name that is valid for an hour, and its key; both are
 * the caller's to free. */
X509 *self_signed(EVP_PKEY **key);

#endif
