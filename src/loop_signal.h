/* SPDX-License-Identifier: ISC */
#ifndef RRDNSD_LOOP_SIGNAL_H
#define RRDNSD_LOOP_SIGNAL_H

struct loop;
struct loop_signal;

/* Called from the loop, with the signal's number. */
typedef void loop_signal_cb(void *arg, int signo);

/* Blocks HUP, TERM, INT, USR1 and CHLD and brings them as callbacks (signalfd(2));
 * ignores PIPE. One per process. 0, or ERR_IO or ERR_NOMEM. */
int loop_signal_new(struct loop *loop, loop_signal_cb *cb, void *arg,
    struct loop_signal **out);
void loop_signal_free(struct loop_signal *signals); /* NULL is fine */

#endif
