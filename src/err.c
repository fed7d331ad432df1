/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "err.h"

const char *
err_text(int err)
{
	switch (err) {
	case ERR_OK:
		return "no error";
#define X(name, code, text)                                                    \
	case name:                                                             \
		return text;
		ERR_TABLE(X)
#undef X
	}
	return "unknown error";
}
