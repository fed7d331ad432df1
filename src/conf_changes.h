/* SPDX-License-Identifier: ISC */
#ifndef RRDNSD_CONF_CHANGES_H
#define RRDNSD_CONF_CHANGES_H

#include <stdbool.h>
#include <stddef.h>

struct conf_report;
struct conf_value;

/*
 * What was added to the configuration and removed from it at run time: a layer
 * over the file, kept in state_dir/changes.json, so that it survives a restart
 * and a reload. Where the file comes to say the same, or something else, the
 * file wins and that is told: the two are never silently in conflict.
 */
#define CONF_CHANGES_FILE "changes.json"

enum conf_change_kind {
	CONF_CHANGE_SERVICE,
	CONF_CHANGE_ENDPOINT,
	CONF_CHANGE_NODE,
};

struct conf_change {
	enum conf_change_kind kind;
	char *name; /* lower case fqdn, or ip:port */
	char *ipaddr; /* of an endpoint; else "" */
	bool removed; /* from what the file has */
	char *added; /* JSON, as in the file; NULL: nothing is added */
};

struct conf_changes {
	struct conf_change *list;
	size_t len;
};

/* What such a file holds. Pure. 0, ERR_NOMEM or ERR_SYNTAX with the reason in
 * why; out is empty then. */
int conf_changes_decode(const char *text, size_t len, struct conf_changes *out,
    char *why, size_t why_size);

/* The same from state_dir; also ERR_IO and ERR_TOOBIG. A missing file is no
 * change. */
int conf_changes_load(const char *dir, struct conf_changes *out, char *why,
    size_t why_size);

/* 0, ERR_NOMEM or an error of file_replace; synced. Readable by the owner
 * alone: a service may bear its key. */
int conf_changes_save(const char *dir, const struct conf_changes *changes);

int conf_changes_copy(const struct conf_changes *from,
    struct conf_changes *to);
void conf_changes_fini(struct conf_changes *changes);

/* Enters an addition (json is copied) or a removal; in_file: the file has it,
 * too. What cancels out is forgotten, and with a service go the changes of its
 * endpoints. 0 or ERR_NOMEM. */
int conf_changes_add(struct conf_changes *changes,
    enum conf_change_kind kind, const char *name, const char *ipaddr,
    const char *json);
int conf_changes_remove(struct conf_changes *changes,
    enum conf_change_kind kind, const char *name, const char *ipaddr,
    bool in_file);

/* "service www.example.org: added" */
const char *conf_change_text(const struct conf_change *change, char *buf,
    size_t size);

/* conf_merge.c */

/* Changes the values of a file accordingly. What the file has overtaken is
 * warned of. 0 or ERR_NOMEM. */
int conf_changes_apply(const struct conf_changes *changes,
    struct conf_value *root, struct conf_report *report);

/* Whether the file itself has it. */
bool conf_file_has(const struct conf_value *root, enum conf_change_kind kind,
    const char *name, const char *ipaddr);

#endif
