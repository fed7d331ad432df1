/* SPDX-License-Identifier: ISC */
/* Dynu API v2, /dns: a name's domain has a number, which is looked up first. */
#include "config.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "dns/providers/provider_impl.h"
#include "err.h"

static int
lookup(const struct provider_target *target, struct provider_request *out)
{
	return provider_fill(out, "GET", NULL, false, "%s/dns/getroot/%s",
	    target->url, target->fqdn);
}

/* All at once: this list has no pages. */
static int
list(const struct provider_target *target, unsigned page,
    struct provider_request *out)
{
	(void)page;
	return provider_fill(out, "GET", NULL, false,
	    "%s/dns/record/%s?recordType=%s", target->url, target->fqdn,
	    provider_type(target));
}

static json_t *
pack(const struct provider_target *target,
    const struct provider_record *record)
{
	char node[256], ip[ADDR_TEXT_MAX];

	return json_pack("{s:s, s:s, s:I, s:b, s:s}", "nodeName",
	    provider_node(target, "", node), "recordType",
	    provider_type(target), "ttl", (json_int_t)record->ttl, "state", 1,
	    target->family == ADDR_IP4 ? "ipv4Address" : "ipv6Address",
	    addr_format(&record->addr, false, ip));
}

static int
add(const struct provider_target *target, const struct provider_record *record,
    struct provider_request *out)
{
	return provider_fill(out, "POST", pack(target, record), true,
	    "%s/dns/%llu/record", target->url,
	    (unsigned long long)target->domain);
}

static int
change(const struct provider_target *target,
    const struct provider_record *record, struct provider_request *out)
{
	return provider_fill(out, "POST", pack(target, record), true,
	    "%s/dns/%llu/record/%llu", target->url,
	    (unsigned long long)target->domain,
	    (unsigned long long)record->id);
}

static int
remove_one(const struct provider_target *target, uint64_t id,
    struct provider_request *out)
{
	return provider_fill(out, "DELETE", NULL, false,
	    "%s/dns/%llu/record/%llu", target->url,
	    (unsigned long long)target->domain, (unsigned long long)id);
}

/* {"exception": {"statusCode": 501, "type": ..., "message": ...}}, or the
 * same without the wrapping; under any status, 200 included. */
static struct provider_error
error(const json_t *root)
{
	const json_t *exception = json_object_get(root, "exception");
	bool wrapped = exception != NULL && !json_is_null(exception);
	const json_t *from = wrapped ? exception : root;
	json_int_t code =
	    json_integer_value(json_object_get(from, "statusCode"));
	struct provider_error error = {
		.kind = json_string_value(json_object_get(from, "type")),
		.message = json_string_value(json_object_get(from, "message")),
	};

	if (code >= 300 && code < 1000)
		error.status = (unsigned)code;
	else if (wrapped)
		error.status = 400; /* whatever it is, it is no success */
	return error;
}

static int
take_lookup(const json_t *root, struct provider_target *target,
    char text[PROVIDER_TEXT_MAX])
{
	const json_t *id = json_object_get(root, "id");
	const char *domain =
	    json_string_value(json_object_get(root, "domainName"));

	if (json_integer_value(id) <= 0 || domain == NULL)
		return ERR_SYNTAX;
	if (strcasecmp(domain, target->zone) != 0) {
		snprintf(text, PROVIDER_TEXT_MAX,
		    "the name belongs to the domain %.80s there; that is "
		    "what zone must be",
		    domain);
		return ERR_INVALID;
	}
	target->domain = (uint64_t)json_integer_value(id);
	return 0;
}

/* A record that is switched off is not in DNS. */
static bool
is_ours(const json_t *record, const struct provider_target *target)
{
	const char *type =
	    json_string_value(json_object_get(record, "recordType"));
	const char *host =
	    json_string_value(json_object_get(record, "hostname"));

	return type != NULL && host != NULL &&
	    strcmp(type, provider_type(target)) == 0 &&
	    strcasecmp(host, target->fqdn) == 0 &&
	    !json_is_false(json_object_get(record, "state"));
}

/* In a field of its own, or at the end of the record's text. */
static const char *
address_of(const json_t *record, const struct provider_target *target)
{
	const char *text = json_string_value(json_object_get(record,
	    target->family == ADDR_IP4 ? "ipv4Address" : "ipv6Address"));
	const char *blank;

	if (text != NULL && *text != '\0')
		return text;
	text = json_string_value(json_object_get(record, "content"));
	blank = text != NULL ? strrchr(text, ' ') : NULL;
	return blank != NULL ? blank + 1 : NULL;
}

const struct provider provider_dynu = {
	.name = "dynu",
	.auth = "API-Key: ",
	.lookup = lookup,
	.list = list,
	.add = add,
	.change = change,
	.remove = remove_one,
	.error = error,
	.take_lookup = take_lookup,
	.records = "dnsRecords",
	.is_ours = is_ours,
	.address_of = address_of,
};
