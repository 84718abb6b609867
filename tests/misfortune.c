/* SPDX-License-Identifier: MIT */
#include <dlfcn.h>
#include <errno.h>
#include <sched.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <time.h>
#include <unistd.h>

/*
 * misfortune - a library to be loaded before the others: makes system calls fail
 *
 * The call that FAULT_CALL names fails with errno value FAULT_ERRNO as long as the file FAULT_WHEN exists. `clock` is
 * one, too: CLOCK_REALTIME is FAULT_ERRNO seconds behind then.
 */

static bool fails(const char *call)
{
	const char *name = getenv("FAULT_CALL"), *when = getenv("FAULT_WHEN"), *number = getenv("FAULT_ERRNO");
	bool hit = name && when && number && strcmp(name, call) == 0 && access(when, F_OK) == 0;

	if (hit)
		errno = atoi(number);
	return hit;
}

static void *real(const char *name)
{
	void *found = dlsym(RTLD_NEXT, name);

	if (!found)
		abort();
	return found;
}

int pipe2(int ends[2], int flags)
{
	int (*call)(int *, int);

	*(void **)&call = real("pipe2");
	return fails("pipe2") ? -1 : call(ends, flags);
}

int inotify_add_watch(int fd, const char *path, uint32_t mask)
{
	int (*call)(int, const char *, uint32_t);

	*(void **)&call = real("inotify_add_watch");
	return fails("inotify_add_watch") ? -1 : call(fd, path, mask);
}

int clock_gettime(clockid_t clock, struct timespec *out)
{
	int (*call)(clockid_t, struct timespec *);
	int rc, saved = errno;

	*(void **)&call = real("clock_gettime");
	rc = call(clock, out);
	if (clock == CLOCK_REALTIME && fails("clock"))
		out->tv_sec -= errno;
	errno = rc == 0 ? saved : errno;
	return rc;
}

#ifdef __GLIBC__
int __clone(int (*run)(void *), void *stack, int flags, void *arg, ...);

int __clone(int (*run)(void *), void *stack, int flags, void *arg, ...)
{
	int (*call)(int (*)(void *), void *, int, void *, ...);
	va_list rest;
	void *pidfd;

	va_start(rest, arg);
	pidfd = va_arg(rest, void *);
	va_end(rest);
	*(void **)&call = real("__clone");
	return fails("clone") ? -1 : call(run, stack, flags, arg, pidfd);
}
#endif
