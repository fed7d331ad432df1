/* SPDX-License-Identifier: ISC */
/*
 * Makes N changes of one RRset by rrdnsd's own UPDATE client, one after the
 * other: each a compare and swap in a message of its own, over the kept TCP
 * connection. For bench/update.
 *
 * usage: update_client IP:PORT [ALG:]NAME:SECRET ZONE FQDN N
 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>

#include "addr.h"
#include "dns/exchange.h"
#include "dns/message.h"
#include "loop.h"

struct client {
	struct loop *loop;
	struct exchange *exchange;
	const char *zone;
	const char *fqdn;
	struct rrset sets[2];
	int left;
	bool failed;
};

static void send_change(struct client *client);

static void
on_answer(void *arg, const struct exchange_outcome *outcome)
{
	struct client *client = arg;

	if (outcome->status != EXCHANGE_ANSWERED || outcome->rcode != 0) {
		fprintf(stderr, "update_client: %s\n", outcome->text);
		client->failed = true;
	}
	if (client->failed || --client->left == 0)
		loop_stop(client->loop);
	else
		send_change(client);
}

static void
send_change(struct client *client)
{
	struct dns_change change = {
		.fqdn = client->fqdn,
		.was = &client->sets[client->left % 2],
		.now = &client->sets[(client->left + 1) % 2],
	};
	struct dns_message message;

	if (dns_message_update(client->zone, &change, 1, &message) != 0 ||
	    exchange_send(client->exchange, EXCHANGE_UPDATE, &message, NULL,
		on_answer, client) == NULL)
		abort();
}

int
main(int argc, char **argv)
{
	struct client client = { .loop = loop_new() };
	struct exchange_conf conf = { .transport = EXCHANGE_TCP,
		.timeout_ms = 10000, .fudge_s = 300 };
	struct tsig_key key;
	struct addr addr;
	char why[256];

	if (argc != 6 || addr_parse(argv[1], 53, &conf.server) != 0 ||
	    tsig_key_parse(argv[2], &key, why, sizeof why) != 0) {
		fputs("usage: update_client IP:PORT KEY ZONE FQDN N\n", stderr);
		return 2;
	}
	conf.key = &key;
	client.zone = argv[3];
	client.fqdn = argv[4];
	client.left = atoi(argv[5]);
	for (int i = 0; i < 2; i++) {
		rrset_init(&client.sets[i], ADDR_IP4, 60);
		addr_parse_ip(i == client.left % 2 ? "192.0.2.1" : "192.0.2.2",
		    &addr);
		rrset_add(&client.sets[i], &addr);
	}
	client.exchange = exchange_new(client.loop, &conf);
	send_change(&client);
	loop_run(client.loop);
	exchange_free(client.exchange);
	loop_free(client.loop);
	rrset_fini(&client.sets[0]);
	rrset_fini(&client.sets[1]);
	tsig_key_fini(&key);
	return client.failed;
}
