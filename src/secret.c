/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "secret.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include "err.h"

#define FILE_MAX (64 * 1024)

int
secret_from_bytes(const void *data, size_t len, struct secret *out)
{
	uint8_t *copy = malloc(len + 1);

	if (copy == NULL)
		return ERR_NOMEM;
	if (len > 0)
		memcpy(copy, data, len);
	copy[len] = '\0';
	*out = (struct secret){ copy, len };
	return 0;
}

/* Hashes are compared, so that not even the length shows. */
bool
secret_equals(const struct secret *secret, const char *text)
{
	uint8_t a[EVP_MAX_MD_SIZE], b[EVP_MAX_MD_SIZE];
	unsigned len = 0;

	return EVP_Digest(secret->data, secret->len, a, &len, EVP_sha256(),
		   NULL) == 1 &&
	    EVP_Digest(text, strlen(text), b, &len, EVP_sha256(), NULL) == 1 &&
	    CRYPTO_memcmp(a, b, len) == 0;
}

void
secret_fini(struct secret *secret)
{
	if (secret->data != NULL)
		explicit_bzero(secret->data, secret->len);
	free(secret->data);
	*secret = (struct secret){ 0 };
}

static int
errno_to_err(int number)
{
	switch (number) {
	case ENOENT:
	case ENOTDIR:
		return ERR_NOTFOUND;
	case EACCES:
	case EPERM:
		return ERR_PERM;
	default:
		return ERR_IO;
	}
}

/* O_NONBLOCK: opening a FIFO that nobody writes must not hang the daemon. */
static int
open_secret(const char *path, int *out)
{
	struct stat st;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK), err = 0;

	if (fd < 0)
		return errno_to_err(errno);
	if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode))
		err = ERR_IO;
	else if (st.st_mode & S_IROTH)
		err = ERR_MODE;
	else if (st.st_size > FILE_MAX)
		err = ERR_TOOBIG;
	if (err != 0) {
		close(fd);
		return err;
	}
	*out = fd;
	return 0;
}

static int
read_all(int fd, uint8_t *buf, size_t size, size_t *len)
{
	*len = 0;
	while (*len < size) {
		ssize_t n = read(fd, buf + *len, size - *len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return ERR_IO;
		if (n == 0)
			return 0;
		*len += (size_t)n;
	}
	return ERR_TOOBIG;
}

static int
load_file(const char *path, struct secret *out)
{
	uint8_t *buf = malloc(FILE_MAX + 1);
	size_t len;
	int fd, err;

	if (buf == NULL)
		return ERR_NOMEM;
	if ((err = open_secret(path, &fd)) != 0) {
		free(buf);
		return err;
	}
	err = read_all(fd, buf, FILE_MAX + 1, &len);
	close(fd);
	while (len > 0 && strchr(" \t\r\n\v\f", buf[len - 1]) != NULL &&
	    buf[len - 1] != '\0')
		len--;
	if (err == 0)
		err = secret_from_bytes(buf, len, out);
	explicit_bzero(buf, FILE_MAX + 1);
	free(buf);
	return err;
}

int
secret_load(const char *text, struct secret *out)
{
	if (strncmp(text, "file:", 5) == 0)
		return load_file(text + 5, out);
	return secret_from_bytes(text, strlen(text), out);
}

bool
secret_is_exposed(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && (st.st_mode & S_IROTH) != 0;
}

int
secret_sign(const struct secret *secret, const void *data, size_t len,
    char out[SECRET_SIGNATURE_MAX])
{
	static const char digits[] = "0123456789abcdef";
	uint8_t mac[EVP_MAX_MD_SIZE];
	size_t n = 0;

	if (EVP_Q_mac(NULL, "HMAC", NULL, "SHA256", NULL, secret->data,
		secret->len, data, len, mac, sizeof mac, &n) == NULL ||
	    2 * n + 1 != SECRET_SIGNATURE_MAX)
		return ERR_CRYPTO;
	for (size_t i = 0; i < n; i++) {
		out[2 * i] = digits[mac[i] >> 4];
		out[2 * i + 1] = digits[mac[i] & 15];
	}
	out[2 * n] = '\0';
	return 0;
}
