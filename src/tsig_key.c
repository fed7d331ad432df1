/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "tsig_key.h"

#include <assert.h>
#include <ctype.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "err.h"
#include "tsig_key_file.h"

#define SECRET_TEXT_MAX 4096

/* In the order of enum tsig_alg. */
static const char *const algs[] = {
	"hmac-md5", "hmac-sha1", "hmac-sha224", "hmac-sha256", "hmac-sha384",
	"hmac-sha512",
};

const char *
tsig_alg_name(enum tsig_alg alg)
{
	return algs[alg];
}

static int
parse_alg(const char *text, enum tsig_alg *out, char *why, size_t why_size)
{
	size_t len = strlen(text);

	/* The long name of RFC 8945 section 6 for MD5, as BIND writes it. */
	if (strncasecmp(text, "hmac-md5.sig-alg.reg.int", 24) == 0)
		len = strlen("hmac-md5");
	else if (len > 0 && text[len - 1] == '.')
		len--;
	for (size_t i = 0; i < sizeof algs / sizeof algs[0]; i++) {
		if (strlen(algs[i]) == len &&
		    strncasecmp(text, algs[i], len) == 0) {
			*out = (enum tsig_alg)i;
			return 0;
		}
	}
	snprintf(why, why_size, "unknown algorithm: hmac-sha256, hmac-sha512, "
	    "hmac-sha384, hmac-sha224, hmac-sha1 and hmac-md5 are known");
	return ERR_UNSUPPORTED;
}

static bool
label_ends(const char *label, const char *end)
{
	return end - label >= 1 && end - label <= 63;
}

/* RFC 1035 section 2.3.4 for the lengths; no escapes. */
static int
parse_name(const char *text, char out[256], char *why, size_t why_size)
{
	size_t len = strlen(text);
	const char *label = text, *at;

	if (len > 0 && text[len - 1] == '.')
		len--;
	if (len == 0 || len > 253)
		goto bad;
	for (at = text; at < text + len; at++) {
		if (*at == '.') {
			if (!label_ends(label, at))
				goto bad;
			label = at + 1;
		} else if (!isalnum((unsigned char)*at) && *at != '-' &&
		    *at != '_') {
			goto bad;
		}
	}
	if (!label_ends(label, at))
		goto bad;
	for (size_t i = 0; i < len; i++)
		out[i] = (char)tolower((unsigned char)text[i]);
	out[len] = '\0';
	return 0;
bad:
	snprintf(why, why_size, "the key's name must be a domain name of "
	    "letters, digits, \"-\" and \"_\"");
	return ERR_SYNTAX;
}

/* EVP_DecodeBlock takes padding anywhere and blanks around: look first. */
static bool
is_base64(const char *text, size_t len)
{
	size_t digits = strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	    "abcdefghijklmnopqrstuvwxyz0123456789+/");

	return len > 0 && len % 4 == 0 && len - digits <= 2 &&
	    strspn(text + digits, "=") == len - digits;
}

static int
decode_secret(const char *text, struct secret *out, char *why, size_t why_size)
{
	size_t len = strlen(text), cut;
	uint8_t *bytes;
	int n, err;

	if (len > SECRET_TEXT_MAX || !is_base64(text, len)) {
		snprintf(why, why_size, "the key's secret is no base64");
		return ERR_SYNTAX;
	}
	bytes = malloc(len);
	if (bytes == NULL)
		return ERR_NOMEM;
	cut = (text[len - 1] == '=') + (size_t)(text[len - 2] == '=');
	n = EVP_DecodeBlock(bytes, (const uint8_t *)text, (int)len);
	assert(n > (int)cut);
	err = secret_from_bytes(bytes, (size_t)n - cut, out);
	OPENSSL_cleanse(bytes, len);
	free(bytes);
	return err;
}

int
tsig_key_assemble(const char *alg, const char *name, const char *secret,
    struct tsig_key *out, char *why, size_t why_size)
{
	struct tsig_key key = { .alg = TSIG_HMAC_SHA256 };
	int err;

	if (alg != NULL &&
	    (err = parse_alg(alg, &key.alg, why, why_size)) != 0)
		return err;
	if ((err = parse_name(name, key.name, why, why_size)) != 0 ||
	    (err = decode_secret(secret, &key.secret, why, why_size)) != 0)
		return err;
	*out = key;
	return 0;
}

/* Cuts line at its colons, from the right: base64 has none. */
static int
parse_line(char *line, struct tsig_key *out, char *why, size_t why_size)
{
	char *secret = strrchr(line, ':'), *name;

	if (secret == NULL) {
		snprintf(why, why_size,
		    "must look like [algorithm:]name:base64, or be a BIND key "
		    "file");
		return ERR_SYNTAX;
	}
	*secret++ = '\0';
	name = strrchr(line, ':');
	if (name == NULL)
		return tsig_key_assemble(NULL, line, secret, out, why,
		    why_size);
	*name++ = '\0';
	return tsig_key_assemble(line, name, secret, out, why, why_size);
}

int
tsig_key_parse(const char *text, struct tsig_key *out, char *why,
    size_t why_size)
{
	size_t len;
	char *copy;
	int err;

	snprintf(why, why_size, "%s", err_text(ERR_NOMEM));
	if (tsig_key_file_looks_like(text))
		return tsig_key_file_parse(text, out, why, why_size);
	text += strspn(text, " \t\r\n");
	copy = strdup(text);
	if (copy == NULL)
		return ERR_NOMEM;
	len = strlen(copy);
	while (len > 0 && isspace((unsigned char)copy[len - 1]))
		copy[--len] = '\0';
	err = parse_line(copy, out, why, why_size);
	OPENSSL_cleanse(copy, strlen(text));
	free(copy);
	return err;
}

void
tsig_key_fini(struct tsig_key *key)
{
	secret_fini(&key->secret);
	*key = (struct tsig_key){ .name = "" };
}

bool
tsig_key_equal(const struct tsig_key *a, const struct tsig_key *b)
{
	if (a == NULL || b == NULL)
		return a == b;
	return a->alg == b->alg && strcmp(a->name, b->name) == 0 &&
	    a->secret.len == b->secret.len &&
	    memcmp(a->secret.data, b->secret.data, a->secret.len) == 0;
}

struct tsig_key *
tsig_key_copy(const struct tsig_key *key)
{
	struct tsig_key *copy = calloc(1, sizeof *copy);

	if (copy == NULL)
		return NULL;
	memcpy(copy->name, key->name, sizeof copy->name);
	copy->alg = key->alg;
	if (secret_from_bytes(key->secret.data, key->secret.len,
		&copy->secret) != 0) {
		free(copy);
		return NULL;
	}
	return copy;
}
