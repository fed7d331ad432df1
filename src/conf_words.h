/* SPDX-License-Identifier: ISC */
#ifndef RRDNSD_CONF_WORDS_H
#define RRDNSD_CONF_WORDS_H

#include <stddef.h>

/* What strings of the configuration have to look like. All checks return 0,
 * or negative with why saying what would be right. */
int conf_check_url(const char *text, char *why, size_t why_size);
int conf_check_update_url(const char *text, char *why, size_t why_size);
int conf_check_metric(const char *text, char *why, size_t why_size);
int conf_check_socket(const char *text, char *why, size_t why_size);
int conf_check_path(const char *text, char *why, size_t why_size);
int conf_check_script(const char *text, char *why, size_t why_size);
int conf_check_event(const char *text, char *why, size_t why_size);
int conf_check_label(const char *text, char *why, size_t why_size);
int conf_check_host(const char *text, char *why, size_t why_size);
int conf_check_method(const char *text, char *why, size_t why_size);
int conf_check_header(const char *text, char *why, size_t why_size);
int conf_check_regex(const char *text, char *why, size_t why_size);

/* A domain name: RFC 1035 section 2.3.4 for the lengths, letters, digits, "-"
 * and "_", and "*" as the whole first label. out is lower case without the
 * final dot. */
int conf_name_parse(const char *text, char out[256], char *why,
    size_t why_size);

/* How many insertions, deletions and replacements make a into b
 * (Levenshtein); words over 63 characters are far from everything. */
size_t conf_word_distance(const char *a, const char *b);

#endif
