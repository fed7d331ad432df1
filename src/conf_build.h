/* SPDX-License-Identifier: ISC */
#ifndef RRDNSD_CONF_BUILD_H
#define RRDNSD_CONF_BUILD_H

#include "conf_set.h"

struct conf;
struct conf_report;
struct conf_service;
struct conf_value;

/* Values -> a complete configuration. Everything wrong goes to report; NULL
 * when there was an error. Marks values that it complained about. */
struct conf *conf_build(struct conf_value *root, struct conf_report *report);

/* The parts of it. They return ERR_NOMEM or 0; other errors are in report. */
int conf_build_service(const struct conf_scope *top, struct conf_value *group,
    struct conf_service *out, struct conf_report *report);
int conf_build_services(const struct conf_scope *top, struct conf *conf,
    struct conf_report *report);
void conf_service_fini(struct conf_service *service);

/* Reports names that mean nothing at that place. */
void conf_check_keys(const struct conf_value *group, enum conf_place place,
    struct conf_report *report);

/* Reports what a group of that place must have and hasn't. */
void conf_check_required(const struct conf_value *group, enum conf_place place,
    struct conf_report *report);

/* Where the value of a service's option stands, or else the service, group. */
struct conf_value *conf_place_of(const struct conf_scope *scope,
    struct conf_value *group, const char *name);

/* What can only be judged in one piece: errors, then warnings. */
void conf_check_nodes(const struct conf_scope *top, const struct conf *conf,
    struct conf_report *report);
void conf_check_service(const struct conf_scope *scope,
    struct conf_value *group, const struct conf_service *service,
    struct conf_report *report);
void conf_check_effect(const struct conf_scope *scope,
    struct conf_value *group, const struct conf_service *service,
    struct conf_report *report);
void conf_check_api(struct conf_value *group, struct conf_value *token,
    const struct conf_service *service, struct conf_report *report);

/* Warns where all services with the same token, of which this one is the
 * first, ask for more than they may. */
void conf_check_api_load(const struct conf *conf, size_t which,
    struct conf_value *group, struct conf_report *report);
void conf_check_ttl(const struct conf *conf, const struct conf_service *service,
    struct conf_value *group, struct conf_report *report);

#endif
