/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "http/probe_spec.h"

#include <stdlib.h>
#include <string.h>

#include "err.h"
#include "same_text.h"

static bool
copy_text(char **to, const char *from)
{
	*to = from != NULL ? strdup(from) : NULL;
	return from == NULL || *to != NULL;
}

static bool
copy_strings(struct conf_strings *to, const struct conf_strings *from)
{
	*to = (struct conf_strings){ 0 };
	if (from->len == 0)
		return true;
	to->list = calloc(from->len, sizeof *to->list);
	if (to->list == NULL)
		return false;
	for (; to->len < from->len; to->len++)
		if (!copy_text(&to->list[to->len], from->list[to->len]))
			return false;
	return true;
}

static bool
copy_bytes(struct conf_bytes *to, const struct conf_bytes *from)
{
	*to = (struct conf_bytes){ 0 };
	if (from->len == 0)
		return true;
	to->data = malloc(from->len);
	if (to->data == NULL)
		return false;
	memcpy(to->data, from->data, from->len);
	to->len = from->len;
	return true;
}

static void
select_http(struct conf_probe *to, const struct conf_probe *from)
{
	to->host = from->host;
	to->method = from->method;
	to->headers = from->headers;
	to->expect_status = from->expect_status;
	to->expect_body = from->expect_body;
	to->expect_body_regex = from->expect_body_regex;
	to->max_body = from->max_body;
	to->follow_redirects = from->follow_redirects;
	to->reuse = from->reuse;
}

static void
select_talk(struct conf_probe *to, const struct conf_probe *from)
{
	if (from->expect.len == 0 && from->expect_regex == NULL)
		return;
	to->send = from->send;
	to->expect = from->expect;
	to->expect_regex = from->expect_regex;
	to->max_body = from->max_body;
}

static void
select_tls(struct conf_probe *to, const struct conf_probe *from)
{
	to->host = from->host;
	to->tls_verify = from->tls_verify;
	to->tls_ca_file = from->tls_ca_file;
	to->tls_client_cert = from->tls_client_cert;
	to->tls_client_key = from->tls_client_key;
	to->tls_min_days = from->tls_min_days;
	to->tls_full_interval_ms = from->tls_full_interval_ms;
}

/* What the scheme looks at: a connection to a port is the same, whatever the
 * service is called. Nothing is copied yet. */
static struct conf_probe
select_how(enum healthcheck_scheme scheme, const struct conf_probe *from)
{
	struct conf_probe how = { 0 };

	switch (scheme) {
	case HEALTHCHECK_HTTP:
		select_http(&how, from);
		if (from->follow_redirects) /* to https, maybe */
			select_tls(&how, from);
		break;
	case HEALTHCHECK_HTTPS:
		select_http(&how, from);
		select_tls(&how, from);
		break;
	case HEALTHCHECK_TCP:
		select_talk(&how, from);
		break;
	case HEALTHCHECK_TLS:
		select_talk(&how, from);
		select_tls(&how, from);
		break;
	case HEALTHCHECK_DNS:
		how.dns_name = from->dns_name;
		how.dns_type = from->dns_type;
		break;
	case HEALTHCHECK_EXEC:
		break;
	}
	return how;
}

static bool
copy_how(struct conf_probe *to, const struct conf_probe *from)
{
	*to = *from;
	to->host = to->method = to->expect_body = to->expect_body_regex = NULL;
	to->tls_ca_file = to->tls_client_cert = to->tls_client_key = NULL;
	to->expect_regex = to->dns_name = NULL;
	to->send = to->expect = (struct conf_bytes){ 0 };
	return copy_strings(&to->headers, &from->headers) &&
	    copy_bytes(&to->send, &from->send) &&
	    copy_bytes(&to->expect, &from->expect) &&
	    copy_text(&to->expect_regex, from->expect_regex) &&
	    copy_text(&to->dns_name, from->dns_name) &&
	    copy_text(&to->host, from->host) &&
	    copy_text(&to->method, from->method) &&
	    copy_text(&to->expect_body, from->expect_body) &&
	    copy_text(&to->expect_body_regex, from->expect_body_regex) &&
	    copy_text(&to->tls_ca_file, from->tls_ca_file) &&
	    copy_text(&to->tls_client_cert, from->tls_client_cert) &&
	    copy_text(&to->tls_client_key, from->tls_client_key);
}

int
probe_spec_init(struct probe_spec *spec, const struct conf_service *service,
    const struct conf_endpoint *endpoint)
{
	struct conf_probe how =
	    select_how(endpoint->healthcheck.scheme, &service->probe);

	*spec = (struct probe_spec){
		.scheme = endpoint->healthcheck.scheme,
		.addr = endpoint->addr,
		.interval_ms = endpoint->probe_interval_ms,
		.timeout_ms = endpoint->probe_timeout_ms,
		.fast_interval_ms = conf_fast_interval_ms(service, endpoint),
	};
	spec->addr.port = endpoint->healthcheck.port;
	if (!copy_text(&spec->target, endpoint->healthcheck.target) ||
	    !copy_how(&spec->how, &how))
		return ERR_NOMEM;
	return 0;
}

void
probe_spec_fini(struct probe_spec *spec)
{
	struct conf_probe *how = &spec->how;

	free(spec->target);
	for (size_t i = 0; i < how->headers.len; i++)
		free(how->headers.list[i]);
	free(how->headers.list);
	free(how->host);
	free(how->method);
	free(how->expect_body);
	free(how->expect_body_regex);
	free(how->tls_ca_file);
	free(how->tls_client_cert);
	free(how->tls_client_key);
	free(how->send.data);
	free(how->expect.data);
	free(how->expect_regex);
	free(how->dns_name);
	*spec = (struct probe_spec){ 0 };
}

static bool
same_bytes(const struct conf_bytes *a, const struct conf_bytes *b)
{
	return a->len == b->len &&
	    (a->len == 0 || memcmp(a->data, b->data, a->len) == 0);
}

/* What is said and heard without HTTP. */
static bool
same_talk(const struct conf_probe *a, const struct conf_probe *b)
{
	return same_bytes(&a->send, &b->send) &&
	    same_bytes(&a->expect, &b->expect) &&
	    same_text(a->expect_regex, b->expect_regex) &&
	    same_text(a->dns_name, b->dns_name) && a->dns_type == b->dns_type;
}

static bool
same_tls(const struct conf_probe *a, const struct conf_probe *b)
{
	return a->tls_verify == b->tls_verify &&
	    a->tls_min_days == b->tls_min_days &&
	    a->tls_full_interval_ms == b->tls_full_interval_ms &&
	    same_text(a->tls_ca_file, b->tls_ca_file) &&
	    same_text(a->tls_client_cert, b->tls_client_cert) &&
	    same_text(a->tls_client_key, b->tls_client_key);
}

static bool
same_how(const struct conf_probe *a, const struct conf_probe *b)
{
	return same_text(a->host, b->host) && same_text(a->method, b->method) &&
	    conf_strings_equal(&a->headers, &b->headers) &&
	    memcmp(&a->expect_status, &b->expect_status,
		sizeof a->expect_status) == 0 &&
	    same_text(a->expect_body, b->expect_body) &&
	    same_text(a->expect_body_regex, b->expect_body_regex) &&
	    a->max_body == b->max_body &&
	    a->follow_redirects == b->follow_redirects &&
	    a->reuse == b->reuse && same_tls(a, b) && same_talk(a, b);
}

bool
probe_spec_equal(const struct probe_spec *a, const struct probe_spec *b)
{
	return a->scheme == b->scheme && addr_compare(&a->addr, &b->addr) == 0 &&
	    a->interval_ms == b->interval_ms &&
	    a->timeout_ms == b->timeout_ms &&
	    a->fast_interval_ms == b->fast_interval_ms &&
	    same_text(a->target, b->target) && same_how(&a->how, &b->how);
}

bool
probe_spec_talks(const struct probe_spec *spec)
{
	return spec->how.expect.len > 0 || spec->how.expect_regex != NULL;
}

uint64_t
probe_spec_hash(const struct probe_spec *spec)
{
	uint64_t hash = 14695981039346656037u; /* FNV-1a */

	for (size_t i = 0; i < sizeof spec->addr.bytes; i++)
		hash = (hash ^ spec->addr.bytes[i]) * 1099511628211u;
	hash = (hash ^ spec->addr.port) * 1099511628211u;
	for (const char *p = spec->target; *p != '\0'; p++)
		hash = (hash ^ (uint8_t)*p) * 1099511628211u;
	return hash;
}
