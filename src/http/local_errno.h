/* SPDX-License-Identifier: ISC */
#ifndef RRDNSD_HTTP_LOCAL_ERRNO_H
#define RRDNSD_HTTP_LOCAL_ERRNO_H

#include <errno.h>
#include <stdbool.h>

/* What a system call failed with (errno) for want of something of our own: it
 * says nothing about who is at the other end. */

/* Of the kernel's memory: connect(2), send(2), recv(2). */
static inline bool
local_errno_is_memory(int error)
{
	return error == ENOBUFS || error == ENOMEM;
}

/* Of a descriptor, or of memory for one: socket(2). */
static inline bool
local_errno_is_descriptor(int error)
{
	return error == EMFILE || error == ENFILE ||
	    local_errno_is_memory(error);
}

#endif
