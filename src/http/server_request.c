/* SPDX-License-Identifier: ISC */
/* From a request to its answer. */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>

#include "http/server_impl.h"

/* A body that is refused is read all the same, up to here, or the client would
 * see a reset connection instead of the answer. */
#define DRAIN_MAX (64u << 20)

/* A request while it arrives. */
struct incoming {
	struct body body;
	struct server_terms terms;
	size_t drained;
	bool too_large;
	bool refused; /* with this response */
	size_t unsent; /* bytes of the answer that is under way */
	struct server_response response;
};

/* MHD_Response counts its users itself. */
struct server_page {
	struct MHD_Response *response;
};

static const struct {
	const char *name;
	const char *value;
} always[] = {
	{ "Cache-Control", "no-store" },
	{ "X-Content-Type-Options", "nosniff" },
	{ "Cross-Origin-Resource-Policy", "same-origin" },
};

static struct MHD_Response *
make_response(char *body, size_t len, const char *content_type)
{
	struct MHD_Response *response = MHD_create_response_from_buffer(len,
	    body, body ? MHD_RESPMEM_MUST_FREE : MHD_RESPMEM_PERSISTENT);

	if (response == NULL) {
		free(body);
		return NULL;
	}
	MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE,
	    content_type ? content_type : "application/json");
	for (size_t i = 0; i < sizeof always / sizeof always[0]; i++)
		MHD_add_response_header(response, always[i].name,
		    always[i].value);
	return response;
}

/* In the place of what all responses have. */
static void
set_header(struct MHD_Response *response, const char *name, const char *value)
{
	const char *old = MHD_get_response_header(response, name);

	if (old != NULL)
		MHD_del_response_header(response, name, old);
	MHD_add_response_header(response, name, value);
}

static enum MHD_Result
send_response(struct MHD_Connection *connection, struct server_response *from)
{
	struct MHD_Response *response;
	enum MHD_Result result;

	server_client_answers(connection);
	if (from->page != NULL)
		return MHD_queue_response(connection, from->status,
		    from->page->response);
	response = make_response(from->body, from->len, from->content_type);
	from->body = NULL;
	if (response == NULL)
		return MHD_NO;
	for (size_t i = 0; i < from->n_headers; i++)
		set_header(response, from->headers[i].name,
		    from->headers[i].value);
	result = MHD_queue_response(connection, from->status, response);
	MHD_destroy_response(response);
	return result;
}

static enum MHD_Result
refuse_size(struct MHD_Connection *connection, size_t max)
{
	struct server_response response = {
		.status = MHD_HTTP_CONTENT_TOO_LARGE
	};
	int len = asprintf(&response.body,
	    "{\"error\":\"the body is larger than %zu bytes\"}\n", max);

	if (len < 0)
		return MHD_NO;
	response.len = (size_t)len;
	return send_response(connection, &response);
}

static struct addr
address_of(struct MHD_Connection *connection)
{
	const union MHD_ConnectionInfo *info = MHD_get_connection_info(
	    connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
	struct addr addr = { 0 };

	if (info != NULL && info->client_addr != NULL)
		addr_from_sockaddr(info->client_addr, &addr);
	return addr;
}

static unsigned
uid_of(struct MHD_Connection *connection)
{
	const union MHD_ConnectionInfo *info = MHD_get_connection_info(
	    connection, MHD_CONNECTION_INFO_CONNECTION_FD);
	struct ucred peer = { .uid = (uid_t)-1 };
	socklen_t len = sizeof peer;

	if (info != NULL)
		getsockopt(info->connect_fd, SOL_SOCKET, SO_PEERCRED, &peer,
		    &len);
	return peer.uid;
}

static struct server_request
describe(const struct server *server, struct MHD_Connection *connection,
    const char *url, const char *method, const char *version)
{
	struct server_request request = {
		.method = method,
		.path = url,
		.version = version,
		.body = "",
		.local = server->conf.socket != NULL,
		.impl = connection,
	};

	if (request.local)
		request.uid = uid_of(connection);
	else
		request.client = address_of(connection);
	return request;
}

static struct incoming *
admit(const struct server *server, const struct server_request *request)
{
	struct incoming *incoming = calloc(1, sizeof *incoming);

	if (incoming == NULL)
		return NULL;
	incoming->response.status = MHD_HTTP_INTERNAL_SERVER_ERROR;
	incoming->refused = !server->conf.admit(server->conf.arg, request,
	    &incoming->terms, &incoming->response);
	return incoming;
}

static bool
expects_continue(const struct server_request *request)
{
	return server_header(request, MHD_HTTP_HEADER_EXPECT) != NULL;
}

static bool
announces_too_much(const struct server_request *request, size_t max)
{
	const char *text =
	    server_header(request, MHD_HTTP_HEADER_CONTENT_LENGTH);

	return text != NULL && strtoull(text, NULL, 10) > max;
}

/* The header is here. Whoever waits for our leave to send, or wants to send
 * without end, is answered at once. */
static enum MHD_Result
begin(struct server *server, struct MHD_Connection *connection,
    const struct server_request *request, void **state)
{
	struct incoming *incoming = admit(server, request);

	if (incoming == NULL)
		return MHD_NO;
	*state = incoming;
	incoming->too_large =
	    announces_too_much(request, incoming->terms.body_max);
	if (!expects_continue(request) &&
	    !announces_too_much(request, DRAIN_MAX))
		return MHD_YES;
	if (incoming->refused)
		return send_response(connection, &incoming->response);
	if (incoming->too_large)
		return refuse_size(connection, incoming->terms.body_max);
	return MHD_YES;
}

static enum MHD_Result
take_piece(struct incoming *incoming, const char *data, size_t *size)
{
	incoming->drained += *size;
	if (incoming->drained > DRAIN_MAX)
		return MHD_NO;
	if (!incoming->refused && !incoming->too_large &&
	    body_append(&incoming->body, data, *size,
		incoming->terms.body_max) != 0)
		incoming->too_large = true;
	*size = 0;
	return MHD_YES;
}

static enum MHD_Result
answer(struct server *server, struct server_request *request,
    struct incoming *incoming)
{
	struct server_response response = {
		.status = MHD_HTTP_INTERNAL_SERVER_ERROR
	};

	struct server_client *client = server_client_of(request->impl);

	if (incoming->refused)
		return send_response(request->impl, &incoming->response);
	if (incoming->too_large)
		return refuse_size(request->impl, incoming->terms.body_max);
	if (client != NULL && !incoming->terms.urgent &&
	    server_turn_is_over(server)) {
		server_turn_wait(client);
		return MHD_YES;
	}
	if (incoming->body.data != NULL)
		request->body = incoming->body.data;
	request->len = incoming->body.len;
	server->conf.handler(server->conf.arg, request, &response);
	incoming->unsent = response.len;
	server->unsent += response.len;
	return send_response(request->impl, &response);
}

/* A NUL would end the text early, and another path be served than was asked
 * for: what holds one stays as it was sent. */
size_t
server_on_unescape(void *arg, struct MHD_Connection *connection, char *text)
{
	(void)arg;
	(void)connection;
	if (strstr(text, "%00") != NULL)
		return strlen(text);
	return MHD_http_unescape(text);
}

enum MHD_Result
server_on_request(void *arg, struct MHD_Connection *connection,
    const char *url, const char *method, const char *version, const char *data,
    size_t *size, void **state)
{
	struct server *server = arg;
	struct server_request request;

	if (*state != NULL && *size > 0)
		return take_piece(*state, data, size);
	request = describe(server, connection, url, method, version);
	if (*state == NULL)
		return begin(server, connection, &request, state);
	return answer(server, &request, *state);
}

void
server_on_completed(void *arg, struct MHD_Connection *connection, void **state,
    enum MHD_RequestTerminationCode code)
{
	struct server *server = arg;
	struct incoming *incoming = *state;

	(void)code;
	server_client_rests(connection);
	if (incoming == NULL)
		return;
	server->unsent -= incoming->unsent;
	body_fini(&incoming->body);
	free(incoming->response.body);
	free(incoming);
	*state = NULL;
}

const char *
server_header(const struct server_request *request, const char *name)
{
	return MHD_lookup_connection_value(request->impl, MHD_HEADER_KIND,
	    name);
}

/* Names of headers, and how often one of them was met. */
struct tally {
	const char *name;
	unsigned n;
};

static enum MHD_Result
count_header(void *arg, enum MHD_ValueKind kind, const char *name,
    const char *value)
{
	struct tally *tally = arg;

	(void)kind;
	(void)value;
	tally->n += strcasecmp(name, tally->name) == 0;
	return MHD_YES;
}

unsigned
server_header_count(const struct server_request *request, const char *name)
{
	struct tally tally = { .name = name };

	MHD_get_connection_values(request->impl, MHD_HEADER_KIND, count_header,
	    &tally);
	return tally.n;
}

const char *
server_argument(const struct server_request *request, const char *name)
{
	const char *value = NULL;
	size_t len;

	if (MHD_lookup_connection_value_n(request->impl,
		MHD_GET_ARGUMENT_KIND, name, strlen(name), &value, &len) !=
	    MHD_YES)
		return NULL;
	return value != NULL ? value : "";
}

void
server_add_header(struct server_response *response, const char *name,
    const char *value)
{
	size_t i = response->n_headers;

	if (i == SERVER_HEADERS_MAX)
		return;
	response->headers[i].name = name;
	snprintf(response->headers[i].value, sizeof response->headers[i].value,
	    "%s", value);
	response->n_headers++;
}

struct server_page *
server_page_new(char *body, size_t len, const char *content_type)
{
	struct server_page *page = calloc(1, sizeof *page);

	if (page == NULL) {
		free(body);
		return NULL;
	}
	page->response = make_response(body, len, content_type);
	if (page->response == NULL) {
		free(page);
		return NULL;
	}
	return page;
}

void
server_page_header(struct server_page *page, const char *name,
    const char *value)
{
	set_header(page->response, name, value);
}

void
server_page_free(struct server_page *page)
{
	if (page == NULL)
		return;
	MHD_destroy_response(page->response);
	free(page);
}
