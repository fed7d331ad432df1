/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "ctl_request.h"

#include <errno.h>
#include <grp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <curl/curl.h>

#include "err.h"
#include "secret.h"

#define CONNECT_MS 5000L
#define ANSWER_MS 30000L
#define BODY_MAX ((size_t)256 << 20) /* a status of 10,000 endpoints: 10 MB */

struct ctl_api {
	struct ctl_api_conf conf;
	CURL *easy;
	struct secret token;
	char error[CURL_ERROR_SIZE];
};

static int
load_token(struct ctl_api *api, char *why, size_t why_size)
{
	char *spec;
	int err;

	if (api->conf.token_file == NULL)
		return 0;
	if (asprintf(&spec, "file:%s", api->conf.token_file) < 0)
		return ERR_NOMEM;
	err = secret_load(spec, &api->token);
	free(spec);
	if (err == 0)
		return 0;
	snprintf(why, why_size, "%s: %s", api->conf.token_file,
	    err_text(err));
	return ERR_INVALID;
}

int
ctl_api_new(const struct ctl_api_conf *conf, struct ctl_api **out, char *why,
    size_t why_size)
{
	struct ctl_api *api = calloc(1, sizeof *api);
	int err;

	if (api == NULL)
		return ERR_NOMEM;
	api->conf = *conf;
	snprintf(why, why_size, "%s", err_text(ERR_NOMEM));
	curl_global_init(CURL_GLOBAL_DEFAULT);
	api->easy = curl_easy_init();
	err = api->easy == NULL ? ERR_NOMEM : load_token(api, why, why_size);
	if (err != 0) {
		ctl_api_free(api);
		return err;
	}
	*out = api;
	return 0;
}

void
ctl_api_free(struct ctl_api *api)
{
	if (api == NULL)
		return;
	curl_easy_cleanup(api->easy);
	curl_global_cleanup();
	secret_fini(&api->token);
	free(api);
}

static size_t
take_body(char *data, size_t size, size_t n, void *arg)
{
	struct ctl_answer *answer = arg;
	char *body;

	(void)size; /* 1 */
	if (n > BODY_MAX - answer->len)
		return 0;
	body = realloc(answer->body, answer->len + n + 1);
	if (body == NULL)
		return 0;
	memcpy(body + answer->len, data, n);
	answer->body = body;
	answer->len += n;
	body[answer->len] = '\0';
	return n;
}

/* Who may come in is a matter of the socket's group. */
static void
explain_permission(const char *path, char *why, size_t why_size)
{
	const struct group *group = NULL;
	struct stat st;

	if (stat(path, &st) == 0)
		group = getgrgid(st.st_gid);
	snprintf(why, why_size,
	    "%s: permission denied: one must be root or in the group %s", path,
	    group != NULL ? group->gr_name : "rrdnsd");
}

static void
explain_socket(struct ctl_api *api, CURLcode code, struct ctl_answer *answer)
{
	const char *path = api->conf.socket;
	long error = 0;

	curl_easy_getinfo(api->easy, CURLINFO_OS_ERRNO, &error);
	if (code != CURLE_COULDNT_CONNECT || error == 0)
		snprintf(answer->why, sizeof answer->why,
		    "the daemon at %s does not answer: %s", path,
		    api->error[0] ? api->error : curl_easy_strerror(code));
	else if (error == EACCES || error == EPERM)
		explain_permission(path, answer->why, sizeof answer->why);
	else if (error == ENOENT)
		snprintf(answer->why, sizeof answer->why,
		    "no daemon: there is no socket %s: is rrdnsd running, and "
		    "is this its api_socket?",
		    path);
	else
		snprintf(answer->why, sizeof answer->why,
		    "no daemon at %s: %s", path, strerror((int)error));
}

static void
explain(struct ctl_api *api, CURLcode code, struct ctl_answer *answer)
{
	free(answer->body);
	answer->body = NULL;
	answer->len = 0;
	answer->status = 0;
	if (api->conf.url == NULL)
		explain_socket(api, code, answer);
	else
		snprintf(answer->why, sizeof answer->why, "no daemon at %s: %s",
		    api->conf.url,
		    api->error[0] ? api->error : curl_easy_strerror(code));
}

static struct curl_slist *
make_headers(const struct ctl_api *api, const char *body)
{
	struct curl_slist *headers = NULL;

	if (body != NULL)
		headers = curl_slist_append(headers,
		    "Content-Type: application/json");
	if (api->token.len > 0) {
		char *line;

		if (asprintf(&line, "Authorization: Bearer %s",
			(const char *)api->token.data) < 0)
			return headers;
		headers = curl_slist_append(headers, line);
		explicit_bzero(line, strlen(line));
		free(line);
	}
	return headers;
}

/* "http://localhost" and the path; the host is what the socket's API expects. */
static char *
make_url(const struct ctl_api *api, const char *path)
{
	const char *base = api->conf.url ? api->conf.url : "http://localhost";
	size_t len = strlen(base);
	char *url;

	while (len > 0 && base[len - 1] == '/')
		len--;
	return asprintf(&url, "%.*s%s", (int)len, base, path) < 0 ? NULL : url;
}

static void
set_options(struct ctl_api *api, const char *method, const char *body,
    struct ctl_answer *answer)
{
	CURL *easy = api->easy;
	const char *ca = getenv("CURL_CA_BUNDLE");

	curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, api->error);
	curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, method);
	curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(easy, CURLOPT_PROXY, "");
	curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, CONNECT_MS);
	curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, ANSWER_MS);
	curl_easy_setopt(easy, CURLOPT_ACCEPT_ENCODING, "");
	curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, take_body);
	curl_easy_setopt(easy, CURLOPT_WRITEDATA, answer);
	if (api->conf.url == NULL)
		curl_easy_setopt(easy, CURLOPT_UNIX_SOCKET_PATH,
		    api->conf.socket);
	if (ca != NULL && ca[0] != '\0')
		curl_easy_setopt(easy, CURLOPT_CAINFO, ca);
	if (body != NULL)
		curl_easy_setopt(easy, CURLOPT_POSTFIELDS, body);
}

void
ctl_api_ask(struct ctl_api *api, const char *method, const char *path,
    const char *body, struct ctl_answer *answer)
{
	struct curl_slist *headers = make_headers(api, body);
	char *url = make_url(api, path);
	CURLcode code = CURLE_OUT_OF_MEMORY;
	long status = 0;

	*answer = (struct ctl_answer){ 0 };
	api->error[0] = '\0';
	curl_easy_reset(api->easy); /* keeps the connection */
	set_options(api, method, body, answer);
	if (url != NULL) {
		curl_easy_setopt(api->easy, CURLOPT_URL, url);
		curl_easy_setopt(api->easy, CURLOPT_HTTPHEADER, headers);
		code = curl_easy_perform(api->easy);
	}
	if (code == CURLE_OK) {
		curl_easy_getinfo(api->easy, CURLINFO_RESPONSE_CODE, &status);
		answer->status = (unsigned)status;
	} else {
		explain(api, code, answer);
	}
	curl_slist_free_all(headers);
	free(url);
}

void
ctl_answer_fini(struct ctl_answer *answer)
{
	free(answer->body);
	answer->body = NULL;
}
