/* SPDX-License-Identifier: ISC */
#ifndef RRDNSD_ERR_H
#define RRDNSD_ERR_H

/*
 * Error codes. Functions that can fail return 0 or one of these (negative)
 * and hand results out through pointers. What went wrong in detail is logged
 * once, by the caller that knows the subject.
 */
#define ERR_TABLE(X)                                                           \
	X(ERR_NOMEM, -1, "out of memory")                                      \
	X(ERR_INVALID, -2, "invalid value")                                    \
	X(ERR_RANGE, -3, "out of range")                                       \
	X(ERR_SYNTAX, -4, "malformed")                                         \
	X(ERR_TOOBIG, -5, "too large")                                         \
	X(ERR_NOTFOUND, -6, "not found")                                       \
	X(ERR_EXISTS, -7, "exists already")                                    \
	X(ERR_IO, -8, "input or output failed")                                \
	X(ERR_PERM, -9, "permission denied")                                   \
	X(ERR_MODE, -10, "readable by others than its owner and group")        \
	X(ERR_CRYPTO, -11, "cryptographic operation failed")                   \
	X(ERR_AUTH, -12, "not authentic")                                      \
	X(ERR_REPLAY, -13, "replayed or out of order")                         \
	X(ERR_UNSUPPORTED, -14, "not supported")                               \
	X(ERR_BUSY, -15, "busy")                                               \
	X(ERR_TIMEOUT, -16, "timed out")                                       \
	X(ERR_REFUSED, -17, "refused")                                         \
	X(ERR_NOSPACE, -18, "no space left")

enum err {
	ERR_OK = 0,
#define X(name, code, text) name = code,
	ERR_TABLE(X)
#undef X
};

/* Text of a code, never NULL; lower case, without a full stop. */
const char *err_text(int err);

#endif
