/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "conf_hash.h"

#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

#include "conf.h"
#include "err.h"

/* Fields in a fixed order, numbers as 8 bytes, all else behind its length:
 * two definitions never read the same. Change the tag with the layout. */
#define LAYOUT_TAG "rrdnsd definition 2"

struct hasher {
	EVP_MD_CTX *md;
	bool failed;
};

static void
put_bytes(struct hasher *hasher, const void *data, size_t len)
{
	hasher->failed |= EVP_DigestUpdate(hasher->md, data, len) != 1;
}

static void
put_number(struct hasher *hasher, uint64_t number)
{
	uint8_t bytes[8];

	for (int i = 0; i < 8; i++)
		bytes[i] = (uint8_t)(number >> (56 - 8 * i));
	put_bytes(hasher, bytes, sizeof bytes);
}

/* NULL and "" differ. */
static void
put_text(struct hasher *hasher, const char *text)
{
	put_number(hasher, text != NULL);
	if (text == NULL)
		return;
	put_number(hasher, strlen(text));
	put_bytes(hasher, text, strlen(text));
}

static void
put_addr(struct hasher *hasher, const struct addr *addr)
{
	put_number(hasher, addr->family);
	put_bytes(hasher, addr->bytes, sizeof addr->bytes);
	put_number(hasher, addr->port);
}

static int
compare_addrs(const void *a, const void *b)
{
	return addr_compare(a, b);
}

/* Sorted: the order of servers and nodes in the file means nothing. */
static void
put_addrs(struct hasher *hasher, const struct conf_addrs *addrs)
{
	struct addr *sorted = calloc(addrs->len + 1, sizeof *sorted);

	if (sorted == NULL) {
		hasher->failed = true;
		return;
	}
	if (addrs->len > 0) {
		memcpy(sorted, addrs->list, addrs->len * sizeof *sorted);
		qsort(sorted, addrs->len, sizeof *sorted, compare_addrs);
	}
	put_number(hasher, addrs->len);
	for (size_t i = 0; i < addrs->len; i++)
		put_addr(hasher, &sorted[i]);
	free(sorted);
}

static void
put_probe(struct hasher *hasher, const struct conf_probe *probe)
{
	put_text(hasher, probe->host);
	put_text(hasher, probe->method);
	put_number(hasher, probe->headers.len);
	for (size_t i = 0; i < probe->headers.len; i++)
		put_text(hasher, probe->headers.list[i]);
	for (size_t i = 0; i < 8; i++)
		put_number(hasher, probe->expect_status.bits[i]);
	put_text(hasher, probe->expect_body);
	put_text(hasher, probe->expect_body_regex);
	put_number(hasher, probe->max_body);
	put_number(hasher, probe->follow_redirects);
	put_number(hasher, probe->tls_verify);
	put_number(hasher, probe->tls_ca_file != NULL);
	put_number(hasher, probe->tls_client_cert != NULL);
	put_number(hasher, probe->reuse);
	put_number(hasher, probe->send.len);
	put_bytes(hasher, probe->send.data, probe->send.len);
	put_number(hasher, probe->expect.len);
	put_bytes(hasher, probe->expect.data, probe->expect.len);
	put_text(hasher, probe->expect_regex);
	put_text(hasher, probe->dns_name);
	put_number(hasher, probe->dns_type);
}

static void
put_endpoint(struct hasher *hasher, const struct conf_endpoint *endpoint)
{
	put_addr(hasher, &endpoint->addr);
	put_number(hasher, endpoint->tier);
	put_number(hasher, endpoint->healthcheck.scheme);
	put_number(hasher, endpoint->healthcheck.port);
	put_text(hasher, endpoint->healthcheck.target);
	put_number(hasher, endpoint->probe_interval_ms);
	put_number(hasher, endpoint->probe_timeout_ms);
}

static void
put_service(struct hasher *hasher, const struct conf_service *service)
{
	put_text(hasher, service->fqdn);
	put_text(hasher, service->zone);
	put_number(hasher, service->ttl);
	put_number(hasher, service->n_endpoints);
	for (size_t i = 0; i < service->n_endpoints; i++)
		put_endpoint(hasher, &service->endpoints[i]);
	put_probe(hasher, &service->probe);
	put_number(hasher, service->fast_interval_ms);
	put_number(hasher, service->rise);
	put_number(hasher, service->fall);
	put_number(hasher, service->update.method);
	put_addrs(hasher, &service->update.servers);
	put_text(hasher, service->update.url);
	put_number(hasher, service->fail_mode);
	put_number(hasher, service->fail_open_percent);
	put_number(hasher, service->min_up);
	put_number(hasher, service->failback_manual);
	put_number(hasher, service->failback_delay_ms);
	put_number(hasher, service->min_dwell_ms);
}

int
conf_hash_service(const struct conf *conf, struct conf_service *service)
{
	struct hasher hasher = { EVP_MD_CTX_new(), false };
	unsigned len = 0;

	if (hasher.md == NULL ||
	    EVP_DigestInit_ex(hasher.md, EVP_sha256(), NULL) != 1) {
		hasher.failed = true;
	} else {
		put_text(&hasher, LAYOUT_TAG);
		put_addrs(&hasher, &conf->nodes);
		put_number(&hasher, conf->max_removals);
		put_number(&hasher, conf->window_ms);
		put_service(&hasher, service);
		hasher.failed |= EVP_DigestFinal_ex(hasher.md, service->hash,
				     &len) != 1 || len != CONF_HASH_LEN;
	}
	EVP_MD_CTX_free(hasher.md);
	return hasher.failed ? ERR_CRYPTO : 0;
}
