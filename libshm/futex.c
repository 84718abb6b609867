/* SPDX-License-Identifier: MIT */
#include "libshm/futex.h"

#include <errno.h>
#include <limits.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define WAIT_BITSET 9
#define WAKE_BITSET 10
#ifndef SYS_futex_waitv
#define SYS_futex_waitv 449 /* the same on every architecture */
#endif

static const struct timespec *timeout_of(int64_t deadline_ns, struct timespec *out)
{
	if (deadline_ns == INT64_MAX)
		return NULL;
	out->tv_sec = (time_t)(deadline_ns / 1000000000);
	out->tv_nsec = (long)(deadline_ns % 1000000000);
	return out;
}

void futex_wake(const _Atomic uint32_t *word, uint32_t bits)
{
	syscall(SYS_futex, word, WAKE_BITSET, INT_MAX, NULL, NULL, bits);
}

int futex_wait(const _Atomic uint32_t *word, uint32_t value, uint32_t bits, int64_t deadline_ns)
{
	struct timespec until;

	return syscall(SYS_futex, word, WAIT_BITSET, value, timeout_of(deadline_ns, &until), NULL, bits) < 0 ? -errno
													     : 0;
}

int futex_waitv(const struct futex_word *words, unsigned count, int64_t deadline_ns)
{
	struct timespec until;

	return syscall(SYS_futex_waitv, words, count, 0, timeout_of(deadline_ns, &until), CLOCK_MONOTONIC) < 0 ? -errno
													       : 0;
}

int futex_get_robust_list(struct futex_robust_list **out)
{
	size_t size;

	return syscall(SYS_get_robust_list, 0, out, &size) < 0 ? -errno : 0;
}

int futex_set_robust_list(struct futex_robust_list *list)
{
	return syscall(SYS_set_robust_list, list, sizeof *list) < 0 ? -errno : 0;
}
