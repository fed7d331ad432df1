/* SPDX-License-Identifier: ISC */
/* Answers take a share of each turn of the loop, so that probes are on time
 * whatever is asked and by how many; and they take a share of the memory. Who
 * comes too late for one turn, and is not urgent, is suspended until the
 * next. */
#include "config.h"

#include "http/server_impl.h"

#define TURN_US 10000
#define NEXT_TURN_MS 1 /* a timer that is due now belongs to this one */

/* The largest answers have some MiB, and are not all to be there at once. */
#define UNSENT_MAX (64u << 20)
#define UNSENT_LOOK_MS 20

void
server_turn_begin(struct server *server)
{
	server->turn_began_us = loop_clock_us();
	server_turn_resume(server);
}

bool
server_turn_is_over(const struct server *server)
{
	return server->unsent > UNSENT_MAX ||
	    loop_clock_us() - server->turn_began_us > TURN_US;
}

void
server_turn_end(struct server *server)
{
	int64_t now_ms = loop_now_ms(server->loop);
	MHD_UNSIGNED_LONG_LONG wait_ms;

	if (!TAILQ_EMPTY(&server->waiting))
		loop_timer_set(server->loop, &server->timer,
		    now_ms +
			(server->unsent > UNSENT_MAX ? UNSENT_LOOK_MS
						     : NEXT_TURN_MS));
	else if (MHD_get_timeout(server->daemon, &wait_ms) == MHD_YES)
		loop_timer_set(server->loop, &server->timer,
		    now_ms + (wait_ms > 0 ? (int64_t)wait_ms : NEXT_TURN_MS));
	else
		loop_timer_cancel(server->loop, &server->timer);
}

void
server_turn_wait(struct server_client *client)
{
	client->state = CLIENT_WAITING;
	TAILQ_INSERT_TAIL(&client->server->waiting, client, waiting_entry);
	MHD_suspend_connection(client->connection);
}

void
server_turn_resume(struct server *server)
{
	struct server_client *client;

	while ((client = TAILQ_FIRST(&server->waiting)) != NULL) {
		server_turn_forget(client);
		MHD_resume_connection(client->connection);
	}
}

void
server_turn_forget(struct server_client *client)
{
	if (client->state != CLIENT_WAITING)
		return;
	client->state = CLIENT_ASKING;
	TAILQ_REMOVE(&client->server->waiting, client, waiting_entry);
}
