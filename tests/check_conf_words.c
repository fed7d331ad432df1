/* SPDX-License-Identifier: ISC */
/* Single values: secrets, keys, status ranges, health checks, log levels. */
#include "config.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "check_main.h"
#include "err.h"
#include "escape.h"
#include "healthcheck.h"
#include "log.h"
#include "secret.h"
#include "status_set.h"
#include "tsig_key.h"

static const struct {
	const char *text;
	bool refused;
	unsigned in, out;
} statuses[] = {
	{ "200", false, 200, 201 },
	{ "200,204,300-399", false, 399, 400 },
	{ "100-599", false, 599, 0 },
	{ "200 , 204", false, 204, 203 },
	{ "", true, 0, 0 },
	{ "200,", true, 0, 0 },
	{ "2xx", true, 0, 0 },
	{ "300-200", true, 0, 0 },
	{ "99", true, 0, 0 },
	{ "600", true, 0, 0 },
	{ "200-99999999999", true, 0, 0 },
	{ "200;300", true, 0, 0 },
	{ "200 300", true, 0, 0 },
};

START_TEST(reads_status_ranges)
{
	struct status_set set;
	int err = status_set_parse(statuses[_i].text, &set);

	ck_assert_int_eq(err != 0, statuses[_i].refused);
	if (err != 0)
		return;
	ck_assert(status_set_has(&set, statuses[_i].in));
	ck_assert(!status_set_has(&set, statuses[_i].out));
	ck_assert(!status_set_has(&set, 0));
	ck_assert(!status_set_has(&set, 600));
}
END_TEST

static const struct {
	const char *text;
	int scheme; /* -1: refused */
	uint16_t port;
	const char *target;
} checks[] = {
	{ "http://{}:8080/health?full=1", HEALTHCHECK_HTTP, 8080,
	    "/health?full=1" },
	{ "http://{}", HEALTHCHECK_HTTP, 80, "/" },
	{ "https://{}/x", HEALTHCHECK_HTTPS, 443, "/x" },
	{ "tcp://{}:25", HEALTHCHECK_TCP, 25, "" },
	{ "tls://{}:993", HEALTHCHECK_TLS, 993, "" },
	{ "tls://{}", -1, 0, NULL },
	{ "dns://{}", HEALTHCHECK_DNS, 53, "" },
	{ "dns://{}:5353/", HEALTHCHECK_DNS, 5353, "" },
	{ "dns://{}/www.example.org", -1, 0, NULL },
	{ "dns://{}?x", -1, 0, NULL },
	{ "exec:/bin/check {}", HEALTHCHECK_EXEC, 0, "/bin/check {}" },
	{ "exec:  /bin/check  -a={}   x ", HEALTHCHECK_EXEC, 0,
	    "/bin/check -a={} x" },
	{ "exec:check {}", -1, 0, NULL },
	{ "exec:/bin/check", -1, 0, NULL },
	{ "exec:/bin/check\t{}", -1, 0, NULL },
	{ "exec:", -1, 0, NULL },
	{ "tcp://{}", -1, 0, NULL },
	{ "tcp://{}:25/x", -1, 0, NULL },
	{ "ftp://{}/", -1, 0, NULL },
	{ "http://www.example.org/", -1, 0, NULL },
	{ "http://user:pass@{}/", -1, 0, NULL },
	{ "http://{}:0/", -1, 0, NULL },
	{ "http://{}:65536/", -1, 0, NULL },
	{ "http://{}/#x", -1, 0, NULL },
	{ "{}", -1, 0, NULL },
	{ "", -1, 0, NULL },
};

START_TEST(reads_health_checks)
{
	struct healthcheck check;
	char why[256] = "";
	int err = healthcheck_parse(checks[_i].text, &check, why, sizeof why);

	if (checks[_i].scheme < 0) {
		ck_assert_int_ne(err, 0);
		ck_assert_str_ne(why, "");
		return;
	}
	ck_assert_msg(err == 0, "%s: %s", checks[_i].text, why);
	ck_assert_int_eq(check.scheme, checks[_i].scheme);
	ck_assert_uint_eq(check.port, checks[_i].port);
	ck_assert_str_eq(check.target, checks[_i].target);
	healthcheck_fini(&check);
}
END_TEST

static const struct {
	const char *text;
	const char *bytes; /* NULL: refused */
	size_t len;
} escapes[] = {
	{ "", "", 0 },
	{ "PING", "PING", 4 },
	{ "PING\\r\\n", "PING\r\n", 6 },
	{ "\\x00\\xfF\\t\\\\", "\0\377\t\\", 4 },
	{ "\\x0", NULL, 0 },
	{ "\\xg0", NULL, 0 },
	{ "\\q", NULL, 0 },
	{ "end\\", NULL, 0 },
};

START_TEST(reads_escapes)
{
	char out[64];
	size_t len;
	int err = escape_read(escapes[_i].text, out, &len);

	ck_assert_int_eq(err != 0, escapes[_i].bytes == NULL);
	if (err != 0)
		return;
	ck_assert_uint_eq(len, escapes[_i].len);
	ck_assert_mem_eq(out, escapes[_i].bytes, len);
}
END_TEST

static const struct {
	const char *text;
	const char *name; /* NULL: refused */
	enum tsig_alg alg;
} keys[] = {
	{ "rrdnsd-key:c2VjcmV0", "rrdnsd-key", TSIG_HMAC_SHA256 },
	{ "hmac-sha512:K.Example.:c2VjcmV0", "k.example", TSIG_HMAC_SHA512 },
	{ "hmac-md5:k:c2VjcmV0", "k", TSIG_HMAC_MD5 },
	{ "key \"k\" { algorithm hmac-sha1; secret \"c2VjcmV0\"; };", "k",
	    TSIG_HMAC_SHA1 },
	{ "// c\n# c\n/* c */ key k {\n secret \"c2VjcmV0\";\n"
	  " algorithm hmac-sha384;\n};\n", "k", TSIG_HMAC_SHA384 },
	{ "k", NULL, 0 },
	{ ".:c2VjcmV0", NULL, 0 },
	{ "a..b:c2VjcmV0", NULL, 0 },
	{ "a.abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz"
	  "abcdefghijkl:c2VjcmV0", NULL, 0 },
	{ "hmac-sha3:k:c2VjcmV0", NULL, 0 },
	{ "k:not base64!", NULL, 0 },
	{ "k:", NULL, 0 },
	{ "key k { secret \"c2VjcmV0\"; }", NULL, 0 },
	{ "key k { algorithm hmac-sha256; };", NULL, 0 },
	{ "key a { algorithm hmac-sha256; secret \"c2VjcmV0\"; };\n"
	  "key b { algorithm hmac-sha256; secret \"c2VjcmV0\"; };", NULL, 0 },
	{ "/* without an end", NULL, 0 },
};

START_TEST(reads_keys)
{
	struct tsig_key key, *copy;
	char why[256] = "";
	int err = tsig_key_parse(keys[_i].text, &key, why, sizeof why);

	if (keys[_i].name == NULL) {
		ck_assert_int_ne(err, 0);
		ck_assert_str_ne(why, "");
		ck_assert_ptr_null(strstr(why, "c2VjcmV0"));
		return;
	}
	ck_assert_msg(err == 0, "%s: %s", keys[_i].text, why);
	ck_assert_str_eq(key.name, keys[_i].name);
	ck_assert_int_eq(key.alg, keys[_i].alg);
	ck_assert_uint_eq(key.secret.len, 6);
	ck_assert_mem_eq(key.secret.data, "secret", 6);
	copy = tsig_key_copy(&key);
	ck_assert(tsig_key_equal(&key, copy));
	ck_assert(!tsig_key_equal(&key, NULL));
	copy->secret.data[0] ^= 1;
	ck_assert(!tsig_key_equal(&key, copy));
	tsig_key_fini(copy);
	free(copy);
	tsig_key_fini(&key);
}
END_TEST

START_TEST(secrets_come_from_files_that_others_cannot_read)
{
	char path[] = "/tmp/check_secret.XXXXXX", text[64];
	int fd = mkstemp(path);
	struct secret secret;

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(write(fd, "hush \n", 6), 6);
	snprintf(text, sizeof text, "file:%s", path);
	ck_assert_int_eq(fchmod(fd, 0640), 0);
	ck_assert_int_eq(secret_load(text, &secret), 0);
	ck_assert_uint_eq(secret.len, 4);
	ck_assert_str_eq((char *)secret.data, "hush");
	secret_fini(&secret);
	ck_assert_int_eq(fchmod(fd, 0644), 0);
	ck_assert_int_eq(secret_load(text, &secret), ERR_MODE);
	unlink(path);
	close(fd);
	ck_assert_int_eq(secret_load(text, &secret), ERR_NOTFOUND);
	ck_assert_int_eq(secret_load("plain", &secret), 0);
	ck_assert_str_eq((char *)secret.data, "plain");
	secret_fini(&secret);
}
END_TEST

START_TEST(errors_and_levels_have_words)
{
	enum log_level level;
	struct log_limit limit = { 0 };
	unsigned held;

#define X(name, code, text) ck_assert_str_eq(err_text(name), text);
	ERR_TABLE(X)
#undef X
	ck_assert_str_eq(err_text(-9999), "unknown error");
	ck_assert_int_eq(log_level_parse("warning", &level), 0);
	ck_assert_int_eq(level, LOG_LEVEL_WARNING);
	ck_assert_int_ne(log_level_parse("loud", &level), 0);
	ck_assert(log_limit_pass(&limit, 1000, 500, &held));
	ck_assert(!log_limit_pass(&limit, 1200, 500, &held));
	ck_assert(!log_limit_pass(&limit, 1499, 500, &held));
	ck_assert(log_limit_pass(&limit, 1500, 500, &held));
	ck_assert_uint_eq(held, 2);
}
END_TEST

static void
fill(TCase *tcase)
{
	tcase_add_loop_test(tcase, reads_status_ranges, 0, COUNT(statuses));
	tcase_add_loop_test(tcase, reads_health_checks, 0, COUNT(checks));
	tcase_add_loop_test(tcase, reads_escapes, 0, COUNT(escapes));
	tcase_add_loop_test(tcase, reads_keys, 0, COUNT(keys));
	tcase_add_test(tcase, secrets_come_from_files_that_others_cannot_read);
	tcase_add_test(tcase, errors_and_levels_have_words);
}

int
main(void)
{
	return check_main("conf_words", fill);
}
