/* SPDX-License-Identifier: ISC */
#ifndef RRDNSD_CONF_OPTIONS_H
#define RRDNSD_CONF_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Where an option may stand: bits. */
enum conf_place {
	CONF_TOP = 1,
	CONF_SERVICE = 2,
	CONF_ENDPOINT = 4,
	CONF_WEBHOOK = 8,
	CONF_SCRIPT = 16,
};

enum conf_option_type {
	OPTION_BY_HAND, /* conf_build.c and conf_service.c */
	OPTION_BOOL, /* bool */
	OPTION_UINT, /* unsigned */
	OPTION_SIZE, /* size_t */
	OPTION_CHOICE, /* unsigned (an enum) */
	OPTION_FLAG, /* bool, by two words */
	OPTION_MODE, /* unsigned, octal */
	OPTION_STRING, /* char *; "" is NULL when there is no default */
	OPTION_FILE, /* char *, a file that can be read */
	OPTION_KEY_FILE, /* the same, and by nobody else */
	OPTION_STRINGS, /* struct conf_strings */
	OPTION_BYTES, /* struct conf_bytes, by escape.h */
	OPTION_NAME, /* char *, a domain name */
	OPTION_IP, /* struct addr without port */
	OPTION_ADDR, /* struct addr; min is the default port */
	OPTION_ADDRS, /* struct conf_addrs, unique; min as above */
	OPTION_SECRET, /* struct secret */
	OPTION_STATUS_SET, /* struct status_set */
	OPTION_HEALTHCHECK, /* struct healthcheck */
};

struct conf_choice {
	const char *name; /* NULL ends the list */
	unsigned value;
};

struct conf_option {
	const char *name;
	unsigned places; /* where it may stand; defaults are inherited down */
	enum conf_option_type type;
	enum conf_place target; /* the struct that has the field */
	size_t offset;
	bool required;
	const char *example; /* of what is required, as written in a file */
	int64_t def;
	int64_t min;
	int64_t max;
	const char *unit;
	const char *def_text;
	const struct conf_choice *choices;
	/* Of strings, beyond their type; 0, or negative with why filled in. */
	int (*check)(const char *text, char *why, size_t why_size);
};

extern const struct conf_option conf_options[];
extern const size_t conf_n_options;

/* NULL when there is none of that name at that place (0: anywhere). */
const struct conf_option *conf_option_find(const char *name, unsigned place);

/* The option of that place with the most similar name; NULL when none is
 * similar enough to be meant. */
const struct conf_option *conf_option_nearest(const char *name,
    unsigned place);

/* "at the top or in a service" */
const char *conf_places_text(unsigned places, char *buf, size_t size);

#endif
