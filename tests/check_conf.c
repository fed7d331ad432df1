/* SPDX-License-Identifier: ISC */
/* Whole files: what is accepted, what is refused, and with which words. */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "check_main.h"
#include "conf.h"

#define SERVICE                                                                \
	"{ fqdn = \"www.example.org\"; zone = \"example.org\";\n"              \
	"  healthcheck = \"http://{}:80/\"; ipaddrs = ( \"192.0.2.2\", "       \
	"\"192.0.2.1\" ); }"
#define NODE                                                                   \
	"conf_version = 1;\nlocal_node = \"192.0.2.10:3333\";\n"              \
	"nodes = ( \"192.0.2.10:3333\" );\n"
#define SERVERS "update_resolvers = ( \"192.0.2.53\" );\n"
/* A service at an API; `more` comes first, so that it can be wrong alone. */
#define API(method, more)                                                      \
	NODE "services = ( { " more " fqdn = \"www.example.org\";\n"          \
	     "  zone = \"example.org\"; ttl = 5; update_method = \"" method      \
	     "\";\n  healthcheck = \"http://{}:80/\";\n"                       \
	     "  ipaddrs = ( \"192.0.2.1\" ); } );\n"                            \
	     "update_credentials = \"token\";\n"
#define GOOD NODE SERVERS "services = ( " SERVICE " );\n"

static char said[8192];
static char path[] = "/tmp/check_conf.XXXXXX";

static void
hear(void *arg, bool warning, const char *file, int line, const char *text)
{
	size_t used = strlen(said);

	(void)arg;
	if (strcmp(file, "$LOCAL_NODE") != 0)
		ck_assert_str_eq(file, path);
	snprintf(said + used, sizeof said - used, "%s%d: %s\n",
	    warning ? "warning " : "", line, text);
}

static struct conf *
load_with_mode(const char *text, mode_t mode)
{
	struct conf_report report = { .line = hear };
	FILE *file;
	struct conf *conf;

	memcpy(path + sizeof path - 7, "XXXXXX", 7);
	file = fdopen(mkstemp(path), "w");
	ck_assert_ptr_nonnull(file);
	fputs(text, file);
	ck_assert_int_eq(fchmod(fileno(file), mode), 0);
	fclose(file);
	said[0] = '\0';
	unsetenv("LOCAL_NODE");
	conf = conf_load(path, &report);
	unlink(path);
	ck_assert_int_eq(conf == NULL, report.errors > 0);
	return conf;
}

static struct conf *
load(const char *text)
{
	return load_with_mode(text, 0640);
}

/* Each is refused; the words must be among what was said. */
static const struct {
	const char *text;
	const char *words;
} refused[] = {
	{ "", "1: conf_version: is missing, the configuration must have it, as "
	      "in conf_version = 1" },
	{ NODE SERVERS "services = ( " SERVICE ", " SERVICE " );\n",
	    "www.example.org" },
	{ GOOD "rise = 0;\n", "7: rise: 0 is out of range, 1 to 1000" },
	{ GOOD "rise = \"2\";\n", "7: rise: must be a whole number" },
	{ GOOD "rise = 1.5;\n", "7: rise: must be a whole number" },
	{ GOOD "rise = 99999999999;\n", "7: rise: 99999999999 is out of range" },
	{ GOOD "rise = 0xfffffffff;\n", "7: rise: 68719476735 is out of range" },
	{ GOOD "rise = 99999999999999999999;\n", "7: the number 9999" },
	{ GOOD "statsd = \"localhost\";\n", "192.0.2.1:8125" },
	{ GOOD "tls_ca_file = \"/etc/passwd\";\n", "7: tls_ca_file: "
	      "\"/etc/passwd\": holds no certificates in PEM" },
	{ GOOD "tls_client_cert = \"/etc/passwd\";\n", "7: tls_client_cert: "
	      "/etc/passwd holds no certificate in PEM" },
	{ GOOD "api_token = \"file:\";\n", "7: api_token: \"file:\" needs" },
	{ GOOD "host = \"b\xc3\xbc.example\";\n", "7: host: " },
	{ GOOD "rize = 2;\n", "7: rize: unknown option; did you mean rise?" },
	{ GOOD "fail_mode = \"open\";\n", "none of restore, hold, closed" },
	{ GOOD "tls_verify = 1;\n", "7: tls_verify: must be" },
	{ GOOD "expect_status = \"99\";\n", "7: expect_status: " },
	{ GOOD "expect_body_regex = \"(\";\n", "7: expect_body_regex: " },
	{ GOOD "headers = ( \"X\\r\\nY: z\" );\n", "7: headers: " },
	{ GOOD "update_credentials = \"k:!!\";\n", "7: update_credentials: " },
	{ GOOD "conf_version = 1;\n", "7: duplicate setting name" },
	{ NODE "services = (\n", "syntax error" },
	{ NODE "services = ( " SERVICE " );\n", "needs update_resolvers" },
	{ "conf_version = 1;\nlocal_node = \"192.0.2.10:3333\";\n"
	  "nodes = ( \"192.0.2.11:3333\" );\n" SERVERS,
	    "192.0.2.10:3333 is not among nodes" },
	{ "conf_version = 1;\nlocal_node = \"192.0.2.10:3333\";\n"
	  "nodes = ( \"192.0.2.10:3333\", \"192.0.2.11:3333\" );\n" SERVERS,
	    "needs nodes_secret" },
	{ API("digitalocean", "") , "ttl: DigitalOcean takes no less than 30 s, "
				    "not 5" },
	{ API("dynu", "update_credentials = \"\";"),
	    "update_credentials must hold the token" },
	{ API("dynu", "update_credentials = \"a b\";"),
	    "a token is one word" },
	{ API("dynu", "update_url = \"http://api.dynu.com/v2\";"),
	    "must begin with https://" },
	{ API("dynu", "update_url = \"http://127.0.0.1.example.org/\";"),
	    "must begin with https://" },
	{ API("dynu", "update_url = \"http://127.0.0.1@example.org/\";"),
	    "no query, fragment and user" },
	{ API("dynu", "update_url = \"http://local/\";"),
	    "must begin with https://" },
	{ API("dynu", "update_url = \"http://localhost.example.org\";"),
	    "must begin with https://" },
	{ API("dynu", "update_url = \"https://example.org/?x\";"),
	    "no query, fragment and user" },
	{ API("dynu", "update_url = \"ftp://127.0.0.1/\";"),
	    "must begin with http:// or https://" },
	{ "conf_version = 3;\nlocal_node = \"x\";\nnodes = ();\n",
	    "1: conf_version: 3 is not known here" },
	{ "conf_version = 1;\nlocal_node = \"192.0.2.1:3333\";\nnodes = ();\n",
	    "3: nodes: needs at least one node" },
};

START_TEST(refuses)
{
	ck_assert_ptr_null(load(refused[_i].text));
	ck_assert_msg(strstr(said, refused[_i].words) != NULL, "%s%s",
	    refused[_i].text, said);
}
END_TEST

/* A message between nodes has room for so many. */
START_TEST(refuses_too_many_nodes)
{
	char text[8192] =
	    "conf_version = 1;\n"
	    "nodes_secret = \"0123456789abcdef0123456789abcdef\";\n"
	    "local_node = \"127.0.0.0:3333\";\nnodes = ( ";
	size_t len = strlen(text);

	for (int i = 0; i <= CONF_NODES_MAX; i++)
		len += (size_t)snprintf(text + len, sizeof text - len,
		    "%s\"127.0.%d.%d:3333\"", i > 0 ? ", " : "", i / 256,
		    i % 256);
	snprintf(text + len, sizeof text - len, " );\n");
	ck_assert_ptr_null(load(text));
	ck_assert_ptr_nonnull(
	    strstr(said, "nodes: 257 are too many, 256 is the most"));
}
END_TEST

START_TEST(says_everything_that_is_wrong)
{
	ck_assert_ptr_null(load(GOOD "rise = 0;\nfall = 0;\nfoo = 1;\n"));
	ck_assert_ptr_nonnull(strstr(said, "7: rise"));
	ck_assert_ptr_nonnull(strstr(said, "8: fall"));
	ck_assert_ptr_nonnull(strstr(said, "9: foo"));
}
END_TEST

static const struct {
	const char *more;
	const char *url;
} urls[] = {
	{ "", "https://api.dynu.com/v2" },
	{ "update_url = \"\";", "https://api.dynu.com/v2" },
	{ "update_url = \"https://proxy.example.org/dynu/\";",
	    "https://proxy.example.org/dynu" },
	{ "update_url = \"http://127.8.8.8:8080/v2\";",
	    "http://127.8.8.8:8080/v2" },
	{ "update_url = \"http://[::1]:8080\";", "http://[::1]:8080" },
	{ "update_url = \"http://localhost/\";", "http://localhost" },
	{ "update_url = \"http://LocalHost:8080\";", "http://LocalHost:8080" },
	{ "update_url = \"http://localhost\";", "http://localhost" },
};

/* One record, looked at ten times a second, is more than DigitalOcean allows;
 * it is said once, not for each service. */
START_TEST(warns_of_too_many_requests)
{
	struct conf *conf = load(NODE
	    "update_method = \"digitalocean\"; update_credentials = \"token\";\n"
	    "reconcile_interval_ms = 100; services = ( " SERVICE ",\n"
	    "{ fqdn = \"a.example.org\"; zone = \"example.org\";\n"
	    "  healthcheck = \"http://{}:80/\"; ipaddrs = ( \"::2\", "
	    "\"192.0.2.1\" ); } );\n");
	const char *words = "takes 108000 requests an hour, and DigitalOcean "
			    "allows 5000: 22 times as long would do";

	ck_assert_ptr_nonnull(strstr(said, words));
	ck_assert_ptr_null(strstr(strstr(said, words) + 1, words));
	conf_free(conf);
}
END_TEST

START_TEST(knows_where_apis_are)
{
	char text[1024];
	struct conf *conf;

	snprintf(text, sizeof text, API("dynu", "%s"), urls[_i].more);
	conf = load(text);
	ck_assert_str_eq(said, "");
	ck_assert_str_eq(conf->services[0].update.url, urls[_i].url);
	conf_free(conf);
}
END_TEST

START_TEST(fills_in_defaults)
{
	struct conf *conf = load(GOOD);
	const struct conf_service *service;
	char ip[ADDR_TEXT_MAX];

	ck_assert_str_eq(said, "");
	ck_assert_ptr_nonnull(conf);
	ck_assert_uint_eq(conf->heartbeat_ms, 1000);
	ck_assert_uint_eq(conf->vote_ttl_ms, 5000);
	ck_assert_int_eq(addr_compare(&conf->listen, &conf->local_node), 0);
	service = conf_find_service(conf, "www.example.org");
	ck_assert_ptr_nonnull(service);
	ck_assert_uint_eq(service->ttl, 60);
	ck_assert_uint_eq(service->rise, 2);
	ck_assert_uint_eq(service->fall, 3);
	ck_assert_str_eq(service->probe.host, "www.example.org");
	ck_assert_str_eq(service->probe.method, "GET");
	ck_assert(status_set_has(&service->probe.expect_status, 399));
	ck_assert(!status_set_has(&service->probe.expect_status, 400));
	ck_assert_uint_eq(service->update.servers.list[0].port, 53);
	ck_assert_uint_eq(service->update.reconcile_interval_ms, 60000);
	ck_assert_uint_eq(service->fail_open_percent, 50);
	/* Sorted, whatever the order in the file. */
	ck_assert_uint_eq(service->n_endpoints, 2);
	ck_assert_str_eq(addr_format(&service->endpoints[0].addr, false, ip),
	    "192.0.2.1");
	ck_assert_uint_eq(conf_fast_interval_ms(service,
			      &service->endpoints[0]), 250);
	ck_assert_uint_eq(conf_worst_case_ms(conf, service),
	    3 * 1000 + 1000 + 5000 + 60000);
	ck_assert_ptr_null(conf_find_service(conf, "example.org"));
	conf_free(conf);
}
END_TEST

START_TEST(services_and_endpoints_inherit)
{
	struct conf *conf = load(NODE SERVERS
	    "probe_interval_ms = 2000; rise = 5; ttl_ = 1; _note = 1;\n"
	    "services = ( { fqdn = \"WWW.Example.Org.\"; zone = \"example.org\";"
	    " healthcheck = \"tcp://{}:25\"; fall = 7;\n"
	    " ipaddrs = ( { ipaddr = \"2001:db8::1\"; tier = 2; label = \"x\";"
	    " probe_interval_ms = 300; healthcheck = \"http://{}/x\"; },"
	    " \"192.0.2.1\" ); } );\n");
	const struct conf_service *service;

	ck_assert_ptr_null(conf); /* ttl_ is unknown, _note is a comment */
	ck_assert_ptr_nonnull(strstr(said, "ttl_"));
	ck_assert_ptr_null(strstr(said, "_note"));
	conf = load(NODE SERVERS
	    "probe_interval_ms = 2000; rise = 5;\n"
	    "services = ( { fqdn = \"WWW.Example.Org.\"; zone = \"example.org\";"
	    " healthcheck = \"tcp://{}:25\"; fall = 7;\n"
	    " ipaddrs = ( { ipaddr = \"2001:db8::1\"; tier = 2; label = \"x\";"
	    " probe_interval_ms = 300; healthcheck = \"http://{}/x\"; },"
	    " \"192.0.2.1\" ); } );\n");
	ck_assert_ptr_nonnull(conf);
	service = &conf->services[0];
	ck_assert_str_eq(service->fqdn, "www.example.org");
	ck_assert_uint_eq(service->rise, 5);
	ck_assert_uint_eq(service->fall, 7);
	ck_assert_uint_eq(service->endpoints[0].probe_interval_ms, 2000);
	ck_assert_int_eq(service->endpoints[0].healthcheck.scheme,
	    HEALTHCHECK_TCP);
	ck_assert_uint_eq(service->endpoints[1].probe_interval_ms, 300);
	ck_assert_uint_eq(service->endpoints[1].tier, 2);
	ck_assert_str_eq(service->endpoints[1].healthcheck.target, "/x");
	conf_free(conf);
}
END_TEST

static void
hash_of(const char *text, uint8_t hash[CONF_HASH_LEN])
{
	struct conf *conf = load(text);

	ck_assert_msg(conf != NULL, "%s", said);
	memcpy(hash, conf->services[0].hash, CONF_HASH_LEN);
	conf_free(conf);
}

START_TEST(the_hash_follows_what_matters)
{
	static const char *const other[] = {
		GOOD "rise = 9;\n", GOOD "fail_mode = \"hold\";\n",
		GOOD "expect_body = \"x\";\n", GOOD "min_up = 2;\n",
		GOOD "probe_interval_ms = 1001;\n",
		GOOD "headers = ( \"A: b\" );\n",
		GOOD "nodes_secret = \"0123456789abcdef0123456789abcdef\";\n",
	};
	static const char *const same[] = {
		"# a comment\n" GOOD, "\xef\xbb\xbf" GOOD,
		GOOD "_note = \"x\"; _note = 2;\n",
		GOOD "log_level = \"debug\";\n", GOOD "rise = 2;\n",
	};
	uint8_t good[CONF_HASH_LEN], hash[CONF_HASH_LEN];

	hash_of(GOOD, good);
	for (size_t i = 0; i + 1 < COUNT(other); i++) {
		hash_of(other[i], hash);
		ck_assert_msg(memcmp(good, hash, sizeof hash) != 0, "%s",
		    other[i]);
	}
	hash_of(other[COUNT(other) - 1], hash); /* no secret goes in */
	ck_assert_mem_eq(good, hash, sizeof hash);
	for (size_t i = 0; i < COUNT(same); i++) {
		hash_of(same[i], hash);
		ck_assert_msg(memcmp(good, hash, sizeof hash) == 0, "%s",
		    same[i]);
	}
}
END_TEST

START_TEST(local_node_comes_from_the_environment)
{
	struct conf_report report = { .line = hear };
	struct conf *conf;
	FILE *file;

	memcpy(path + sizeof path - 7, "XXXXXX", 7);
	file = fdopen(mkstemp(path), "w");
	ck_assert_ptr_nonnull(file);
	fputs(GOOD, file);
	fclose(file);
	setenv("LOCAL_NODE", "192.0.2.11:3333", 1);
	said[0] = '\0';
	conf = conf_load(path, &report);
	unlink(path);
	unsetenv("LOCAL_NODE");
	ck_assert_ptr_null(conf);
	ck_assert_ptr_nonnull(strstr(said, "192.0.2.11:3333"));
}
END_TEST

START_TEST(warns_of_what_has_no_effect)
{
#define ALONE(check, ips, more)                                                \
	NODE SERVERS "services = ( { fqdn = \"www.example.org\"; "             \
	"zone = \"example.org\"; ttl = 5; healthcheck = \"" check "\"; "        \
	"ipaddrs = ( \"192.0.2.1\", " ips " );\n" more " } );\n"
#define STANDBY "{ ipaddr = \"192.0.2.2\"; tier = 1; }"
	static const struct {
		const char *text;
		const char *words; /* NULL: nothing is said */
	} said_of[] = {
		{ ALONE("http://{}/", STANDBY, ""), NULL },
		{ ALONE("http://{}/", STANDBY, "min_up = 2;"),
		    "min_up is 2, and it has 1 IPv4 endpoint" },
		{ ALONE("http://{}/", "\"2001:db8::1\", \"192.0.2.3\", "
		    STANDBY ", { ipaddr = \"192.0.2.4\"; tier = 1; }",
		    "min_up = 2;"), "tier 0 can never be in charge: min_up is "
				    "2, and it has 1 IPv6 endpoint" },
		{ ALONE("http://{}/", "\"192.0.2.2\"", "min_up = 2;"), NULL },
		{ ALONE("http://{}/", "\"192.0.2.2\"",
		    "failback = \"auto\";"), "failback has no effect" },
		{ ALONE("http://{}/", STANDBY,
		    "failback = \"manual\"; failback_delay_ms = 5;"),
		    "no effect with failback manual" },
		{ ALONE("http://{}/", STANDBY, "dns_type = \"A\";"),
		    "dns_type has no effect, no healthcheck there begins with "
		    "dns://" },
		{ ALONE("dns://{}", STANDBY, "dns_type = \"A\";"), NULL },
		{ ALONE("https://{}/", STANDBY, "expect = \"x\";"),
		    "begins with tcp:// or tls://" },
		{ ALONE("tls://{}:993", STANDBY, "expect = \"x\";"), NULL },
		{ ALONE("tcp://{}:25", STANDBY, "expect_status = \"200\";"),
		    "begins with http:// or https://" },
		{ ALONE("tcp://{}:25", "{ ipaddr = \"192.0.2.2\"; "
		    "healthcheck = \"http://{}/\"; }",
		    "expect_status = \"200\";"), NULL },
	};

	for (size_t i = 0; i < COUNT(said_of); i++) {
		struct conf *conf = load(said_of[i].text);

		ck_assert_msg(conf != NULL, "%s: %s", said_of[i].text, said);
		conf_free(conf);
		if (said_of[i].words == NULL)
			ck_assert_msg(strstr(said, "effect") == NULL &&
			    strstr(said, "charge") == NULL, "%s: %s",
			    said_of[i].text, said);
		else
			ck_assert_msg(strstr(said, said_of[i].words) != NULL,
			    "%s: %s", said_of[i].text, said);
	}
}
END_TEST

START_TEST(warns_of_secrets_that_everybody_can_read)
{
	static const char *const secrets[] = {
		"api_token = \"0123456789abcdef\";\n",
		"nodes_secret = ( \"0123456789abcdef\" );\n",
		"update_credentials = \"k:MDEyMzQ1Njc4OWFiY2RlZg==\";\n",
		"webhooks = ( { url = \"http://192.0.2.1/\"; secret = \"0123456789abcdef\"; } );\n",
	};
	char text[1024];

	for (size_t i = 0; i < COUNT(secrets); i++) {
		snprintf(text, sizeof text, "%s%s", GOOD, secrets[i]);
		conf_free(load(text));
		ck_assert_str_eq(said, "");
		conf_free(load_with_mode(text, 0644));
		ck_assert_msg(strstr(said, "warning 7: ") == said &&
			strstr(said, "everybody can read it here") != NULL,
		    "%s", said);
	}
	conf_free(load_with_mode(GOOD "update_credentials = \"\";\n", 0644));
	ck_assert_str_eq(said, "");
}
END_TEST

static void
fill(TCase *tcase)
{
	tcase_add_test(tcase, warns_of_what_has_no_effect);
	tcase_add_test(tcase, warns_of_secrets_that_everybody_can_read);
	tcase_add_loop_test(tcase, refuses, 0, COUNT(refused));
	tcase_add_test(tcase, refuses_too_many_nodes);
	tcase_add_test(tcase, says_everything_that_is_wrong);
	tcase_add_test(tcase, warns_of_too_many_requests);
	tcase_add_loop_test(tcase, knows_where_apis_are, 0, COUNT(urls));
	tcase_add_test(tcase, fills_in_defaults);
	tcase_add_test(tcase, services_and_endpoints_inherit);
	tcase_add_test(tcase, the_hash_follows_what_matters);
	tcase_add_test(tcase, local_node_comes_from_the_environment);
}

int
main(void)
{
	return check_main("conf", fill);
}
