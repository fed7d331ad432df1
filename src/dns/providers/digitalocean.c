/* SPDX-License-Identifier: ISC */
/* DigitalOcean API v2, /v2/domains/ZONE/records. */
#include "config.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "dns/providers/provider_impl.h"
#include "err.h"

#define PER_PAGE 200 /* the most there is */
#define PAGES_MAX 1100 /* RRSET_MAX records, one a page, and then some */

static int
list(const struct provider_target *target, unsigned page,
    struct provider_request *out)
{
	return provider_fill(out, "GET", NULL, false,
	    "%s/v2/domains/%s/records?name=%s&type=%s&per_page=%d&page=%u",
	    target->url, target->zone, target->fqdn, provider_type(target),
	    PER_PAGE, page);
}

static int
add(const struct provider_target *target, const struct provider_record *record,
    struct provider_request *out)
{
	char node[256], ip[ADDR_TEXT_MAX];

	return provider_fill(out, "POST",
	    json_pack("{s:s, s:s, s:s, s:I}", "type", provider_type(target),
		"name", provider_node(target, "@", node), "data",
		addr_format(&record->addr, false, ip), "ttl",
		(json_int_t)record->ttl),
	    true, "%s/v2/domains/%s/records", target->url, target->zone);
}

static int
change(const struct provider_target *target,
    const struct provider_record *record, struct provider_request *out)
{
	char ip[ADDR_TEXT_MAX];

	return provider_fill(out, "PATCH",
	    json_pack("{s:s, s:s, s:I}", "type", provider_type(target), "data",
		addr_format(&record->addr, false, ip), "ttl",
		(json_int_t)record->ttl),
	    true, "%s/v2/domains/%s/records/%llu", target->url, target->zone,
	    (unsigned long long)record->id);
}

static int
remove_one(const struct provider_target *target, uint64_t id,
    struct provider_request *out)
{
	return provider_fill(out, "DELETE", NULL, false,
	    "%s/v2/domains/%s/records/%llu", target->url, target->zone,
	    (unsigned long long)id);
}

/* {"id": "unauthorized", "message": "..."}, always with the right status. */
static struct provider_error
error(const json_t *root)
{
	return (struct provider_error){
		.kind = json_string_value(json_object_get(root, "id")),
		.message = json_string_value(json_object_get(root, "message")),
	};
}

/* The number in "...?page=2&..."; 0: none. */
static unsigned long
page_of(const char *url)
{
	const char *at = url;

	while ((at = strpbrk(at, "?&")) != NULL)
		if (strncmp(++at, "page=", strlen("page=")) == 0)
			return strtoul(at + strlen("page="), NULL, 10);
	return 0;
}

/* The link says which page is next, and nothing else is taken from it: the
 * token goes to no host, and to no path, that an answer names. */
static int
next_page(const json_t *root, unsigned *page)
{
	const json_t *pages =
	    json_object_get(json_object_get(root, "links"), "pages");
	const char *next = json_string_value(json_object_get(pages, "next"));
	unsigned long number = next != NULL ? page_of(next) : 0;

	if (next != NULL && (number <= *page || number > PAGES_MAX))
		return ERR_SYNTAX;
	*page = (unsigned)number;
	return 0;
}

static bool
is_ours(const json_t *record, const struct provider_target *target)
{
	const char *type = json_string_value(json_object_get(record, "type"));
	const char *name = json_string_value(json_object_get(record, "name"));
	char node[256];

	return type != NULL && name != NULL &&
	    strcmp(type, provider_type(target)) == 0 &&
	    strcasecmp(name, provider_node(target, "@", node)) == 0;
}

static const char *
address_of(const json_t *record, const struct provider_target *target)
{
	(void)target;
	return json_string_value(json_object_get(record, "data"));
}

const struct provider provider_digitalocean = {
	.name = "digitalocean",
	.auth = "Authorization: Bearer ",
	.list = list,
	.add = add,
	.change = change,
	.remove = remove_one,
	.error = error,
	.records = "domain_records",
	.is_ours = is_ours,
	.address_of = address_of,
	.next_page = next_page,
};
