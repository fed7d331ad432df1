/* SPDX-License-Identifier: ISC */
#ifndef RRDNSD_CTL_SCREEN_H
#define RRDNSD_CTL_SCREEN_H

#include <stdbool.h>
#include <stddef.h>

/* The terminal as a full screen: the alternate one of xterm, no echo, no
 * cursor. However the process ends, the terminal is as it was before. */

/* False: standard input or output is no terminal. */
bool ctl_screen_open(void);
void ctl_screen_close(void);

/* What there is; asked anew after CTL_KEY_RESIZE. */
void ctl_screen_size(size_t *rows, size_t *columns);

/* Shows lines of a text from line `first` on, and footer in the last row. */
void ctl_screen_show(const char *text, size_t first, const char *footer);

enum ctl_key {
	CTL_KEY_NONE, /* the time was over */
	CTL_KEY_RESIZE, /* or anything else after which all is drawn anew */
	CTL_KEY_QUIT,
	CTL_KEY_UP,
	CTL_KEY_DOWN,
	CTL_KEY_PAGE_UP,
	CTL_KEY_PAGE_DOWN,
	CTL_KEY_HOME,
	CTL_KEY_END,
};
enum ctl_key ctl_screen_key(int timeout_ms);

#endif
