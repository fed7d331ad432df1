/* SPDX-License-Identifier: ISC */
/* Answers of the APIs of DNS services, which are strangers' words. */
#include "config.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "dns/providers/provider.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What was taken has to be what is promised. */
static void
check(const struct provider_set *set, enum provider_result result,
    unsigned page, const char *text)
{
	for (size_t i = 0; i < set->len; i++)
		if (set->list[i].addr.family != set->family ||
		    set->list[i].id == 0 ||
		    (i > 0 && set->list[i - 1].id >= set->list[i].id))
			abort();
	if ((result == PROVIDER_OK && page == 1) ||
	    memchr(text, '\0', PROVIDER_TEXT_MAX) == NULL)
		abort();
}

static void
check_request(const struct provider_target *target,
    struct provider_request *request)
{
	const char *url = request->url;

	if (strncmp(url, target->url, strlen(target->url)) != 0)
		abort();
	for (; *url != '\0'; url++)
		if (*url <= ' ' || *url >= 0x7f)
			abort();
	provider_request_fini(request);
}

/* What was read goes into what is asked for next. */
static void
ask(const struct provider *provider, const struct provider_target *target,
    const struct provider_set *set)
{
	struct provider_request request;

	if (provider_needs_lookup(provider, target)) {
		if (provider_lookup(provider, target, &request) != 0)
			abort();
		check_request(target, &request);
		return;
	}
	if (provider_list(provider, target, 2, &request) != 0)
		abort();
	check_request(target, &request);
	for (size_t i = 0; i < set->len; i++) {
		if (provider_add(provider, target, &set->list[i], &request))
			abort();
		check_request(target, &request);
		if (provider_change(provider, target, &set->list[i], &request))
			abort();
		check_request(target, &request);
		if (provider_remove(provider, target, set->list[i].id,
			&request))
			abort();
		check_request(target, &request);
	}
}

static void
read_all(const struct provider *provider, const struct http_fetch_answer *answer,
    enum addr_family family)
{
	struct provider_target target = { .url = "https://api.test",
		.fqdn = "www.example.org",
		.zone = "example.org",
		.family = family };
	char text[PROVIDER_TEXT_MAX] = "";
	struct provider_set set;
	unsigned page = 1;
	enum provider_result result;

	provider_set_init(&set, family);
	result = provider_read_list(provider, &target, answer, &set, &page,
	    text);
	check(&set, result, page, text);
	provider_read_done(provider, answer, text);
	ask(provider, &target, &set);
	if (provider_needs_lookup(provider, &target)) {
		provider_read_lookup(provider, &target, answer, text);
		ask(provider, &target, &set);
	}
	target.domain = 1;
	ask(provider, &target, &set);
	provider_set_fini(&set);
}

/* The first byte chooses the status; the rest is the body. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const unsigned statuses[] = { 200, 201, 204, 301, 404, 429,
		500 };
	struct http_fetch_answer answer = { .why = "" };
	char *body;

	if (size == 0)
		return 0;
	body = malloc(size);
	if (body == NULL)
		return 0;
	memcpy(body, data + 1, size - 1);
	body[size - 1] = '\0';
	answer.status =
	    statuses[data[0] % (sizeof statuses / sizeof statuses[0])];
	answer.body = body;
	answer.len = size - 1;
	for (int family = ADDR_IP4; family <= ADDR_IP6; family += 2) {
		read_all(provider_of(CONF_METHOD_DYNU), &answer, family);
		read_all(provider_of(CONF_METHOD_DIGITALOCEAN), &answer,
		    family);
	}
	free(body);
	return 0;
}
