/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "oom.h"

#include <errno.h>
#include <stdlib.h>

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define UNDER_ASAN 1
#endif
#elif defined(__SANITIZE_ADDRESS__)
#define UNDER_ASAN 1
#endif

/* What lies below: the sanitizer's, which goes on to see leaks and what is used
 * after it was freed, or the C library's. */
#ifdef UNDER_ASAN
#define BELOW(name) __interceptor_##name
#else
#define BELOW(name) __libc_##name
#endif

void *BELOW(malloc)(size_t size);
void *BELOW(calloc)(size_t n, size_t size);
void *BELOW(realloc)(void *old, size_t size);
void BELOW(free)(void *block);

static bool armed, endless;
static unsigned until; /* allocations that are granted */
static unsigned refused;
static long blocks;

bool
oom_refuses(void)
{
	if (!armed)
		return false;
	if (until > 0) {
		until--;
		return false;
	}
	if (refused > 0 && !endless)
		return false;
	refused++;
	errno = ENOMEM;
	return true;
}

static void *
count(void *block)
{
	blocks += block != NULL;
	return block;
}

void *
malloc(size_t size)
{
	return oom_refuses() ? NULL : count(BELOW(malloc)(size));
}

void *
calloc(size_t n, size_t size)
{
	return oom_refuses() ? NULL : count(BELOW(calloc)(n, size));
}

void *
realloc(void *old, size_t size)
{
	void *block = oom_refuses() ? NULL : BELOW(realloc)(old, size);

	if (old == NULL)
		count(block);
	return block;
}

void
free(void *block)
{
	blocks -= block != NULL;
	BELOW(free)(block);
}

void
oom_arm(unsigned n, bool all_after)
{
	until = n - 1;
	endless = all_after;
	refused = 0;
	armed = true;
}

unsigned
oom_disarm(void)
{
	armed = false;
	return refused;
}

static bool paused;

void
oom_pause(void)
{
	paused = armed;
	armed = false;
}

void
oom_resume(void)
{
	armed = paused;
}

long
oom_blocks(void)
{
	return blocks;
}
