/* SPDX-License-Identifier: ISC */
/* Adding and removing services, endpoints and nodes at run time: checked by the
 * same table as the file, kept in state_dir, applied like a reload. */
#define LOG_TAG "[agent]"
#include "config.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "agent_api.h"
#include "agent_impl.h"
#include "conf_json.h"
#include "conf_reach.h"
#include "conf_value.h"
#include "err.h"

/* What is wrong with a configuration, on one line. */
struct complaints {
	char text[1600];
	size_t used;
};

static void
collect(void *arg, bool warning, const char *file, int line, const char *text)
{
	struct complaints *c = arg;
	int len;

	(void)file;
	(void)line;
	if (warning || c->used >= sizeof c->text)
		return;
	len = snprintf(c->text + c->used, sizeof c->text - c->used, "%s%s",
	    c->used > 0 ? "; " : "", text);
	c->used += (size_t)(len > 0 ? len : 0);
}

/* A change, as a request asks for it. */
struct asked {
	const struct route_call *call;
	struct server_response *out;
	enum conf_change_kind kind;
	char name[ROUTE_PARAM_MAX];
	char ipaddr[ADDR_TEXT_MAX]; /* "" when it is no endpoint */
};

static bool
exists(const struct asked *asked)
{
	const struct conf *conf = asked->call->agent->conf;
	const struct conf_service *service;
	struct addr addr;

	if (asked->kind == CONF_CHANGE_NODE) {
		if (addr_parse(asked->name, 0, &addr) != 0)
			return false;
		for (size_t i = 0; i < conf->nodes.len; i++)
			if (addr_compare(&conf->nodes.list[i], &addr) == 0)
				return true;
		return false;
	}
	service = conf_find_service(conf, asked->name);
	if (asked->kind == CONF_CHANGE_SERVICE || service == NULL)
		return service != NULL;
	return addr_parse_ip(asked->ipaddr, &addr) == 0 &&
	    conf_find_endpoint(service, &addr) != NULL;
}

/* Addresses have one way to be written. False: it is none. */
static bool
set_ipaddr(struct asked *asked, const char *text)
{
	struct addr addr;

	if (addr_parse_ip(text, &addr) != 0)
		return false;
	addr_format(&addr, false, asked->ipaddr);
	return true;
}

static bool
set_node(struct asked *asked, const char *text)
{
	struct addr addr;

	if (addr_parse(text, 0, &addr) != 0)
		return false;
	addr_format(&addr, true, asked->name);
	return true;
}

/* Whoever can read the daemon's files and run programs as it anyway. */
static bool
is_master(const struct server_request *request)
{
	return request->local &&
	    (request->uid == 0 || request->uid == geteuid());
}

/* What comes by the API does not get at this machine. False: answered 403. */
static bool
reach_is_granted(const struct asked *asked, const struct conf_value *root)
{
	enum conf_place place = asked->kind == CONF_CHANGE_SERVICE
	    ? CONF_SERVICE
	    : CONF_ENDPOINT;
	char why[200];

	if (asked->kind == CONF_CHANGE_NODE ||
	    is_master(asked->call->request) ||
	    conf_reaches_nothing(root, place, why, sizeof why))
		return true;
	agent_api_error(asked->out, 403,
	    "%s, which only the configuration file and, over the Unix socket, "
	    "root and the daemon's own user may have it do", why);
	return false;
}

/* The text of a member of the body; "" where there is none. False, answered,
 * when the body is no JSON object or may not be what it is. */
static bool
read_member(const struct asked *asked, const char *member, char *buf,
    size_t size)
{
	const struct server_request *request = asked->call->request;
	struct complaints complaints = { .used = 0 };
	struct conf_report report = { .line = collect, .arg = &complaints };
	struct conf_value *root = conf_json_parse(request->body, request->len,
	    "the body", &report);
	const struct conf_value *value;
	bool granted;

	if (root == NULL) {
		agent_api_error(asked->out, 400, "the body is no JSON: %s",
		    complaints.text);
		return false;
	}
	value = conf_value_find(root, member);
	snprintf(buf, size, "%s",
	    value != NULL && value->type == CONF_STRING ? value->u.string : "");
	granted = reach_is_granted(asked, root);
	conf_value_free(root);
	return granted;
}

static void
answer(const struct asked *asked, unsigned status, const char *note)
{
	struct json_out json;

	json_out_init(&json);
	json_open(&json, '{');
	switch (asked->kind) {
	case CONF_CHANGE_ENDPOINT:
		json_put_text(&json, "fqdn", asked->name);
		json_put_text(&json, "ipaddr", asked->ipaddr);
		break;
	case CONF_CHANGE_SERVICE:
		json_put_text(&json, "fqdn", asked->name);
		break;
	case CONF_CHANGE_NODE:
		json_put_text(&json, "node", asked->name);
		break;
	}
	json_put_text(&json, "text", note);
	json_close(&json, '}');
	agent_api_answer(asked->out, status, &json);
}

/* Saved first: what was answered survives the next moment's crash. */
static bool
take_over(const struct asked *asked, struct conf *conf)
{
	struct agent *agent = asked->call->agent;
	const char *dir = agent->conf->state_dir;
	int err = conf_changes_save(dir, &conf->changes);

	if (err != 0) {
		conf_free(conf);
		agent_api_error(asked->out, 500,
		    "it can't be kept in state_dir (%s): nothing was changed",
		    err_text(err));
		return false;
	}
	err = agent_reload(agent, conf);
	if (err == 0)
		return true;
	conf_changes_save(agent->conf->state_dir, &agent->conf->changes);
	agent_api_error(asked->out, err == ERR_NOMEM ? 500 : 400,
	    "%s; nothing was changed", err_text(err));
	return false;
}

/* Tries the changes, and keeps them when they are good. */
static bool
carry_out(const struct asked *asked, const struct conf_changes *changes)
{
	struct agent *agent = asked->call->agent;
	struct complaints complaints = { .used = 0 };
	struct conf_report report = { .line = collect, .arg = &complaints };
	struct conf *conf = conf_amend(agent->conf, changes, &report);

	if (conf == NULL) {
		agent_api_error(asked->out, 400, "%s", complaints.text);
		return false;
	}
	return take_over(asked, conf);
}

static void
tell(const struct asked *asked, const char *what)
{
	char text[400];

	snprintf(text, sizeof text, "%s%s%s: %s at run time", asked->name,
	    asked->ipaddr[0] != '\0' ? " " : "", asked->ipaddr, what);
	log_notice("%s", text);
	agent_tell_reload(asked->call->agent, text);
}

static void
add(const struct asked *asked)
{
	struct conf_changes changes;
	int err;

	if (exists(asked)) {
		agent_api_error(asked->out, 409, "%s%s%s is there already",
		    asked->name, asked->ipaddr[0] != '\0' ? " " : "",
		    asked->ipaddr);
		return;
	}
	err = conf_changes_copy(&asked->call->agent->conf->changes, &changes);
	if (err == 0)
		err = conf_changes_add(&changes, asked->kind, asked->name,
		    asked->ipaddr, asked->call->request->body);
	if (err != 0)
		agent_api_error(asked->out, 500, "%s", err_text(err));
	else if (carry_out(asked, &changes)) {
		tell(asked, "added");
		answer(asked, 201,
		    "added on this node, and kept across restarts; the file "
		    "and other nodes do not have it");
	}
	conf_changes_fini(&changes);
}

static void
remove_it(const struct asked *asked, const char *note)
{
	const struct conf *conf = asked->call->agent->conf;
	struct conf_changes changes;
	int err;

	if (!exists(asked)) {
		agent_api_error(asked->out, 404, "there is no %s%s%s here",
		    asked->name, asked->ipaddr[0] != '\0' ? " " : "",
		    asked->ipaddr);
		return;
	}
	err = conf_changes_copy(&conf->changes, &changes);
	if (err == 0)
		err = conf_changes_remove(&changes, asked->kind, asked->name,
		    asked->ipaddr,
		    conf_file_has(conf->source, asked->kind, asked->name,
			asked->ipaddr));
	if (err != 0)
		agent_api_error(asked->out, 500, "%s", err_text(err));
	else if (carry_out(asked, &changes)) {
		tell(asked, "removed");
		answer(asked, 200, note);
	}
	conf_changes_fini(&changes);
}

void
agent_api_add_service(const struct route_call *call,
    struct server_response *out)
{
	struct asked asked = { call, out, CONF_CHANGE_SERVICE, "", "" };
	char fqdn[ROUTE_PARAM_MAX];

	if (!read_member(&asked, "fqdn", fqdn, sizeof fqdn))
		return;
	agent_api_fqdn(fqdn, asked.name);
	add(&asked);
}

void
agent_api_remove_service(const struct route_call *call,
    struct server_response *out)
{
	struct asked asked = { call, out, CONF_CHANGE_SERVICE, "", "" };

	agent_api_fqdn(call->params[0], asked.name);
	remove_it(&asked, "removed on this node; its records are left as they "
			  "are");
}

void
agent_api_add_endpoint(const struct route_call *call,
    struct server_response *out)
{
	struct asked asked = { call, out, CONF_CHANGE_ENDPOINT, "", "" };
	char ip[ROUTE_PARAM_MAX];

	if (agent_api_service(call, out) == NULL ||
	    !read_member(&asked, "ipaddr", ip, sizeof ip))
		return;
	agent_api_fqdn(call->params[0], asked.name);
	if (!set_ipaddr(&asked, ip)) {
		agent_api_error(out, 400,
		    "ipaddr must be an address in quotes, such as "
		    "\"192.0.2.1\"");
		return;
	}
	add(&asked);
}

void
agent_api_remove_endpoint(const struct route_call *call,
    struct server_response *out)
{
	struct asked asked = { call, out, CONF_CHANGE_ENDPOINT, "", "" };

	if (agent_api_service(call, out) == NULL)
		return;
	agent_api_fqdn(call->params[0], asked.name);
	if (!set_ipaddr(&asked, call->params[1])) {
		agent_api_error(out, 404, "%s has no endpoint %s", asked.name,
		    call->params[1]);
		return;
	}
	remove_it(&asked,
	    "removed on this node; a record that it still has is left as it "
	    "is: drain an endpoint before it is removed");
}

void
agent_api_add_node(const struct route_call *call, struct server_response *out)
{
	struct asked asked = { call, out, CONF_CHANGE_NODE, "", "" };
	char node[ROUTE_PARAM_MAX];

	if (!read_member(&asked, "node", node, sizeof node))
		return;
	if (!set_node(&asked, node)) {
		agent_api_error(out, 400,
		    "node must be ip:port in quotes, such as "
		    "\"192.0.2.10:3333\" or \"[2001:db8::9]:3333\"");
		return;
	}
	add(&asked);
}

void
agent_api_remove_node(const struct route_call *call,
    struct server_response *out)
{
	struct asked asked = { call, out, CONF_CHANGE_NODE, "", "" };
	struct addr addr;

	if (!set_node(&asked, call->params[0])) {
		agent_api_error(out, 404, "there is no node %s here",
		    call->params[0]);
		return;
	}
	if (addr_parse(asked.name, 0, &addr) == 0 &&
	    addr_compare(&addr, &call->agent->conf->local_node) == 0) {
		agent_api_error(out, 409,
		    "%s is this node itself: stop it, and remove it on the "
		    "others",
		    asked.name);
		return;
	}
	remove_it(&asked, "removed on this node; the others count it until it "
			  "is removed there, too");
}
