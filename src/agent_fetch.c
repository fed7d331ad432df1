/* SPDX-License-Identifier: ISC */
/* What http/ can do, for the rooms that may not know it. */
#include "config.h"

#include "agent_impl.h"
#include "http/http_client.h"

static struct http_fetch_call *
start(void *arg, const struct http_fetch_request *request, http_fetch_cb *cb,
    void *cb_arg)
{
	struct agent *agent = arg;

	/* Made when it is needed: most configurations never fetch anything,
	 * and the system's certificates take a while to be read. */
	if (agent->fetcher == NULL)
		agent->fetcher = http_client_new(agent->loop, NULL);
	if (agent->fetcher == NULL)
		return NULL;
	return http_client_fetch(agent->fetcher, request, cb, cb_arg);
}

static void
cancel(void *arg, struct http_fetch_call *call)
{
	(void)arg;
	http_client_cancel(call);
}

struct http_fetch
agent_fetch(struct agent *agent)
{
	return (struct http_fetch){ .start = start,
		.cancel = cancel,
		.arg = agent };
}
