/* SPDX-License-Identifier: ISC */
#ifndef RRDNSD_DNS_PROVIDERS_PACE_H
#define RRDNSD_DNS_PROVIDERS_PACE_H

#include <stdint.h>

/* The headers by which an API says how much it can bear; NULL: not sent. */
struct pace {
	unsigned status; /* of the answer */
	const char *retry_after; /* RFC 9110 section 10.2.3 */
	const char *remaining; /* ratelimit-remaining: requests left */
	const char *reset; /* ratelimit-reset: more of them, Unix time */
};

#define PACE_MAX_MS 3600000 /* nobody is believed beyond an hour */

/* Pure: how long to leave it alone, in ms; 0: it does not say. */
unsigned pace_wait_ms(const struct pace *pace, int64_t wall_ms);

#endif
