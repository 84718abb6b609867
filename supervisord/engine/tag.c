/* SPDX-License-Identifier: MIT */
#include "engine/tag.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "engine/proc.h"

_Static_assert(sizeof(rlim_t) == 8, "a tag fills a limit");

#define ENVIRON_MAX (256u * 1024u) /* of an environment, where it has to serve */

uint64_t tag_make(uint32_t instance, uint32_t serial)
{
	return (uint64_t)(instance & INT32_MAX) << 32 | serial;
}

/* An ordinary limit (none, or some seconds in microseconds) is not a tag. */
static uint64_t tag_or_none(uint64_t limit)
{
	return limit >> 63 || limit >> 32 == 0 || (uint32_t)limit == 0 ? 0 : limit;
}

bool tag_is_refused(void)
{
	struct rlimit limit;

	return getrlimit(RLIMIT_RTTIME, &limit) == 0 && limit.rlim_max != RLIM_INFINITY && limit.rlim_max >> 63 == 0;
}

void tag_drop(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_RTTIME, &limit) != 0 || tag_or_none(limit.rlim_cur) == 0)
		return;
	limit.rlim_cur = limit.rlim_max;
	setrlimit(RLIMIT_RTTIME, &limit);
	unsetenv(TAG_VARIABLE);
}

static uint64_t tag_in_limits(pid_t pid)
{
	static const char row[] = "Max realtime timeout";
	char buf[4096];
	const char *at;

	if (proc_read(pid, "limits", buf, sizeof buf) < 0)
		return 0;
	at = strstr(buf, row);
	return at ? tag_or_none(strtoull(at + sizeof row - 1, NULL, 10)) : 0; /* "unlimited" reads as 0 */
}

static uint64_t tag_in_environ(pid_t pid)
{
	char *buf = malloc(ENVIRON_MAX);
	ssize_t length = buf ? proc_read(pid, "environ", buf, ENVIRON_MAX) : -ENOMEM;
	uint64_t tag = 0;

	for (ssize_t at = 0; at < length && tag == 0; at += (ssize_t)strlen(buf + at) + 1)
		if (strncmp(buf + at, TAG_VARIABLE "=", sizeof TAG_VARIABLE) == 0)
			tag = tag_or_none(strtoull(buf + at + sizeof TAG_VARIABLE, NULL, 16));
	free(buf);
	return tag;
}

uint64_t tag_of(pid_t pid)
{
	uint64_t limit[2]; /* soft and hard, as the kernel has them */
	uint64_t tag;

	if (pid <= 0)
		return 0;
	if (syscall(SYS_prlimit64, pid, RLIMIT_RTTIME, NULL, limit) == 0)
		tag = tag_or_none(limit[0]);
	else
		tag = errno == EPERM ? tag_in_limits(pid) : 0; /* another user's: anybody may read the file */
	return tag == 0 && tag_is_refused() ? tag_in_environ(pid) : tag;
}
