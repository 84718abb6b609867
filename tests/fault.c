/* SPDX-License-Identifier: MIT */

/*
 * fault.c - to be preloaded into a supervisor: it crashes on a directory, and its clocks jump, when a test says so
 *
 * FAULT names a file that holds a struct fault (it_fault() in it_help.c), which is mapped.
 */

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include "tests/fault.h"

static const struct fault *fault(void)
{
	static const struct fault none;
	static const struct fault *found;
	const char *path = getenv("FAULT");
	int fd;

	if (found)
		return found;
	fd = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
	found = &none;
	if (fd < 0)
		return found;
	found = mmap(NULL, sizeof *found, PROT_READ, MAP_SHARED, fd, 0);
	if (found == MAP_FAILED)
		found = &none;
	close(fd);
	return found;
}

/* Interposed. A crash on a text that ends in what is said there. */
char *strdup(const char *text)
{
	size_t length = strlen(text), end = strnlen(fault()->text, sizeof fault()->text);
	char *copy;

	if (end > 0 && length >= end && memcmp(text + length - end, fault()->text, end) == 0)
		raise(SIGSEGV);
	copy = malloc(length + 1);
	return copy ? memcpy(copy, text, length + 1) : NULL;
}

/* Interposed. */
int clock_gettime(clockid_t clock, struct timespec *out)
{
	long rc = syscall(SYS_clock_gettime, clock, out);

	if (rc == 0 && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE))
		out->tv_sec += fault()->real_seconds;
	if (rc == 0 && clock == CLOCK_BOOTTIME)
		out->tv_sec += fault()->boot_seconds;
	return (int)rc;
}

/* Interposed: the C library's own asks the kernel. */
time_t time(time_t *out)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	if (out)
		*out = now.tv_sec;
	return now.tv_sec;
}

/* Interposed: a time by the calendar is one of our clock, and the kernel has its own. */
int timerfd_settime(int fd, int flags, const struct itimerspec *when, struct itimerspec *before)
{
	struct itimerspec shifted = *when;

	if (flags & TFD_TIMER_ABSTIME && when->it_value.tv_sec)
		shifted.it_value.tv_sec -= fault()->real_seconds;
	return (int)syscall(SYS_timerfd_settime, fd, flags, &shifted, before);
}
