/* SPDX-License-Identifier: ISC */
/* What is the same for every probe of a target, made once. */
#define LOG_TAG "[prober]"
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "err.h"
#include "http/probe_lean.h"
#include "http/prober_impl.h"
#include "http/tls_client.h"
#include "http/tls_conn.h"
#include "http/tls_store.h"
#include "log.h"

static unsigned
default_port(const struct probe_spec *spec)
{
	return healthcheck_uses_tls(spec->scheme) ? 443 : 80;
}

/* The name, so that SNI and the certificate's name are the service's, while
 * CONNECT_TO leads to the endpoint. */
static bool
make_url(struct probe_target *target)
{
	const struct probe_spec *spec = &target->spec;
	char addr[ADDR_TEXT_MAX], to[ADDR_TEXT_MAX + 2];
	int len;

	len = asprintf(&target->url, "%s://%s:%u%s",
	    healthcheck_uses_tls(spec->scheme) ? "https" : "http",
	    spec->how.host, spec->addr.port, spec->target);
	snprintf(to, sizeof to, "::%s", addr_format(&spec->addr, true, addr));
	target->connect_to = curl_slist_append(NULL, to);
	return len > 0 && target->connect_to != NULL;
}

static bool
add_header(struct probe_target *target, const char *line)
{
	struct curl_slist *longer = curl_slist_append(target->headers, line);

	if (longer == NULL)
		return false;
	target->headers = longer;
	return true;
}

static bool
has_header(const struct probe_target *target, const char *name)
{
	const struct conf_strings *headers = &target->spec.how.headers;
	size_t len = strlen(name);

	for (size_t i = 0; i < headers->len; i++)
		if (strncasecmp(headers->list[i], name, len) == 0 &&
		    headers->list[i][len] == ':')
			return true;
	return false;
}

static bool
make_headers(struct probe_target *target)
{
	const struct probe_spec *spec = &target->spec;
	char line[512];

	if (spec->addr.port == default_port(spec))
		snprintf(line, sizeof line, "Host: %s", spec->how.host);
	else
		snprintf(line, sizeof line, "Host: %s:%u", spec->how.host,
		    spec->addr.port);
	if (!has_header(target, "Host") && !add_header(target, line))
		return false;
	if (!has_header(target, "User-Agent") &&
	    !add_header(target, "User-Agent: rrdnsd/" PACKAGE_VERSION))
		return false;
	if (!has_header(target, "Accept") && !add_header(target, "Accept: */*"))
		return false;
	if (!spec->how.reuse && !has_header(target, "Connection") &&
	    !add_header(target, "Connection: close"))
		return false;
	for (size_t i = 0; i < spec->how.headers.len; i++)
		if (!add_header(target, spec->how.headers.list[i]))
			return false;
	return true;
}

/* What the lean engine sends, whole. */
static bool
make_request(struct probe_target *target)
{
	const struct probe_spec *spec = &target->spec;
	FILE *out;

	if (!healthcheck_is_http(spec->scheme) && spec->how.send.len == 0)
		return true;
	out = open_memstream(&target->request, &target->request_len);
	if (out == NULL)
		return false;
	if (!healthcheck_is_http(spec->scheme)) {
		fwrite(spec->how.send.data, 1, spec->how.send.len, out);
		return fclose(out) == 0;
	}
	fprintf(out, "%s %s HTTP/1.1\r\n", spec->how.method, spec->target);
	for (const struct curl_slist *line = target->headers; line != NULL;
	     line = line->next)
		fprintf(out, "%s\r\n", line->data);
	fputs("\r\n", out);
	curl_slist_free_all(target->headers);
	target->headers = NULL;
	return fclose(out) == 0;
}

static const struct probe_engine *
engine_of(const struct probe_spec *spec)
{
	switch (spec->scheme) {
	case HEALTHCHECK_HTTP:
	case HEALTHCHECK_HTTPS:
	case HEALTHCHECK_TCP:
	case HEALTHCHECK_TLS:
		break;
	case HEALTHCHECK_DNS:
		return &probe_dns_engine;
	case HEALTHCHECK_EXEC:
		return &probe_exec_engine;
	}
	return probe_lean_can(spec) ? &probe_lean_engine : &probe_curl_engine;
}

/* What the engine needs to know. */
static bool
prepare(struct probe_target *target)
{
	target->engine = engine_of(&target->spec);
	if (healthcheck_is_http(target->spec.scheme) && !make_headers(target))
		return false;
	if (target->engine == &probe_lean_engine)
		return make_request(target);
	if (target->engine != &probe_curl_engine)
		return true;
	target->shard = prober_next_shard(target->prober);
	return target->shard != NULL && make_url(target);
}

static void
set_broken(struct probe_target *target, const char *what, const char *why)
{
	char addr[ADDR_TEXT_MAX];

	target->broken = true;
	snprintf(target->broken_text, sizeof target->broken_text, "%s: %s",
	    what, why);
	log_error("%s: probes can't be made: %s",
	    addr_format(&target->spec.addr, true, addr), target->broken_text);
}

static void
make_pattern(struct probe_target *target)
{
	const struct conf_probe *how = &target->spec.how;
	int err;

	if (healthcheck_is_http(target->spec.scheme))
		err = body_pattern_init(&target->pattern, how->expect_body,
		    how->expect_body ? strlen(how->expect_body) : 0,
		    how->expect_body_regex);
	else
		err = body_pattern_init(&target->pattern, how->expect.data,
		    how->expect.len, how->expect_regex);
	if (err != 0)
		set_broken(target, "expect", err_text(err));
}

/* libcurl has contexts of its own, which only lack the certificates. */
static void
make_store(struct probe_target *target)
{
	const struct conf_probe *how = &target->spec.how;
	const char *why = "";

	if (!how->tls_verify)
		return;
	target->store = tls_store_get(how->tls_ca_file, &why);
	if (target->store == NULL)
		set_broken(target,
		    how->tls_ca_file != NULL ? how->tls_ca_file
					     : "the system's certificates",
		    why);
}

static void
make_tls(struct probe_target *target)
{
	const char *file = "", *why = "";

	if (target->engine != &probe_lean_engine) {
		make_store(target);
	} else if (healthcheck_uses_tls(target->spec.scheme)) {
		target->tls = tls_client_get(&target->spec.how, &file, &why);
		if (target->tls == NULL)
			set_broken(target, file, why);
	}
}

struct probe_target *
probe_target_new(struct prober *prober, struct probe_spec *spec)
{
	struct probe_target *target = calloc(1, sizeof *target);

	if (target == NULL) {
		probe_spec_fini(spec);
		return NULL;
	}
	target->prober = prober;
	target->spec = *spec;
	target->hash = probe_spec_hash(spec);
	target->kept = STREAM_NONE;
	LIST_INIT(&target->subs);
	if (!prepare(target)) {
		probe_target_free(target);
		return NULL;
	}
	make_pattern(target);
	make_tls(target);
	prober->stats.targets++;
	LIST_INSERT_HEAD(&prober->targets[target->hash % PROBER_BUCKETS],
	    target, entry);
	return target;
}

static void
destroy(void *arg)
{
	struct probe_target *target = arg;

	stream_close(&target->kept, true);
	tls_session_free(target->session);
	tls_client_put(target->tls);
	curl_slist_free_all(target->headers);
	curl_slist_free_all(target->connect_to);
	curl_share_cleanup(target->sessions);
	tls_store_put(target->store);
	body_pattern_fini(&target->pattern);
	probe_spec_fini(&target->spec);
	free(target->request);
	free(target->url);
	free(target);
}

void
probe_target_free(struct probe_target *target)
{
	struct loop *loop = target->prober->loop;

	if (target->probe != NULL)
		probe_cancel(target->probe);
	loop_timer_cancel(loop, &target->timer);
	if (target->entry.le_prev != NULL) {
		LIST_REMOVE(target, entry);
		target->prober->stats.targets--;
	}
	loop_defer(loop, destroy, target);
}
