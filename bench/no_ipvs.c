/* SPDX-License-Identifier: ISC */
/*
 * For LD_PRELOAD: answers keepalived's calls to IPVS, which it does not start
 * without, where the kernel has none. The checks go on as ever. For bench/run.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <linux/ip_vs.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>

static bool
is_ipvs(int level, int name)
{
	return level == IPPROTO_IP && name >= IP_VS_BASE_CTL &&
	    name <= IP_VS_SO_SET_MAX;
}

/* glibc's names begin with __.
 * NOLINTBEGIN(readability-inconsistent-declaration-parameter-name) */
int
getsockopt(int fd, int level, int name, void *value, socklen_t *len)
{
	static int (*real)(int, int, int, void *, socklen_t *);

	if (is_ipvs(level, name)) {
		memset(value, 0, *len);
		if (name == IP_VS_SO_GET_INFO)
			((struct ip_vs_getinfo *)value)->version =
			    IP_VS_VERSION_CODE;
		return 0;
	}
	if (real == NULL)
		*(void **)&real = dlsym(RTLD_NEXT, "getsockopt");
	return real(fd, level, name, value, len);
}

int
setsockopt(int fd, int level, int name, const void *value, socklen_t len)
{
	static int (*real)(int, int, int, const void *, socklen_t);

	if (is_ipvs(level, name))
		return 0;
	if (real == NULL)
		*(void **)&real = dlsym(RTLD_NEXT, "setsockopt");
	return real(fd, level, name, value, len);
}
/* NOLINTEND(readability-inconsistent-declaration-parameter-name) */
