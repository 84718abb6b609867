/* SPDX-License-Identifier: MIT */
#include "engine/tag.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "engine/proc.h"

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
	struct rlimit64 limit;
	uint64_t tag;

	if (pid <= 0)
		return 0;
	if (syscall(SYS_prlimit64, pid, RLIMIT_RTTIME, NULL, &limit) == 0)
		tag = tag_or_none(limit.rlim_cur);
	else
		tag = errno == EPERM ? tag_in_limits(pid) : 0; /* another user's: anybody may read the file */
	return tag == 0 && tag_is_refused() ? tag_in_environ(pid) : tag;
}

/* A process as the sweep saw it. */
struct seen {
	pid_t pid;
	pid_t ppid;
	pid_t session;
	uint64_t start;
	uint64_t tag;
	bool dead;
	bool ours;
};

struct look {
	uint64_t tag;
	pid_t leader;
	struct seen *seen;
	size_t count;
	size_t room;
	int error;
};

static void see(pid_t pid, void *arg)
{
	struct look *look = arg;
	struct proc_stat stat;

	if (look->count == look->room) {
		size_t room = look->room ? 2 * look->room : 512;
		struct seen *more = realloc(look->seen, room * sizeof *more);

		if (!more) {
			look->error = -ENOMEM;
			return;
		}
		look->seen = more;
		look->room = room;
	}
	if (proc_stat(pid, &stat) != 0)
		return;
	look->seen[look->count++] = (struct seen){.pid = pid,
						  .ppid = stat.ppid,
						  .session = stat.session,
						  .start = stat.start,
						  .tag = tag_of(pid),
						  .dead = stat.dead};
}

/* A keeper is of the same program; who adopted an engine without one is not. */
static bool parent_is_keeper(void)
{
	char own[32];
	char parents[32];

	if (proc_read(getpid(), "comm", own, sizeof own) <= 0 ||
	    proc_read(getppid(), "comm", parents, sizeof parents) <= 0)
		return false;
	return strcmp(own, parents) == 0;
}

/*
 * The leader may have set its own limit and lost the tag. It is still the run if it is a child of the keeper or ours
 * that leads a session, and no other run.
 */
static bool is_leader(const struct look *look, const struct seen *seen)
{
	if (seen->pid != look->leader || seen->session != seen->pid || seen->tag >> 32 == look->tag >> 32)
		return false;
	return seen->ppid == getpid() || (seen->ppid == getppid() && parent_is_keeper());
}

/* Never the supervisor itself, nor what the system stands on; nor, by kinship, a process of another of our runs. */
static bool may_be_ours(const struct look *look, const struct seen *seen)
{
	if (seen->pid == 1 || seen->pid == getpid() || seen->pid == getppid())
		return false;
	return seen->tag == look->tag || seen->tag >> 32 != look->tag >> 32;
}

/*
 * A session's number names the run only while one that is surely of the run is in it: else the number might have gone
 * to a stranger.
 */
static void mark_session(struct look *look)
{
	bool holds = false;

	for (size_t i = 0; i < look->count; i++)
		holds |= look->seen[i].ours && look->seen[i].session == look->leader;
	for (size_t i = 0; holds && i < look->count; i++)
		if (look->seen[i].session == look->leader && may_be_ours(look, &look->seen[i]))
			look->seen[i].ours = true;
}

static int by_pid(const void *a, const void *b)
{
	const struct seen *left = a;
	const struct seen *right = b;

	return (left->pid > right->pid) - (left->pid < right->pid);
}

static bool has_our_parent(const struct look *look, const struct seen *child)
{
	struct seen key = {.pid = child->ppid};
	const struct seen *parent = bsearch(&key, look->seen, look->count, sizeof key, by_pid);

	return parent && parent->ours && !parent->dead;
}

/* Children of ours are ours, until nothing changes: pids mostly grow downwards the tree, so twice is the rule. */
static void mark_tree(struct look *look)
{
	bool changed = true;

	while (changed) {
		changed = false;
		for (size_t i = 0; i < look->count; i++) {
			struct seen *seen = &look->seen[i];

			if (seen->ours || !may_be_ours(look, seen) || !has_our_parent(look, seen))
				continue;
			seen->ours = true;
			changed = true;
		}
	}
}

static int take_look(struct look *look)
{
	int error = proc_each(see, look);

	if (error || look->error)
		return error ? error : look->error;
	qsort(look->seen, look->count, sizeof *look->seen, by_pid);
	return 0;
}

/* Which of those that were seen are of the run. */
static void mark(struct look *look)
{
	for (size_t i = 0; i < look->count; i++) {
		struct seen *seen = &look->seen[i];

		seen->ours = may_be_ours(look, seen) && (seen->tag == look->tag || is_leader(look, seen));
	}
	mark_session(look);
	mark_tree(look);
}

/* Hold a process, and make sure that it still is the one that was seen. */
static bool hold(const struct look *look, const struct seen *seen, struct member *out)
{
	struct proc_stat now;
	int pidfd = (int)syscall(SYS_pidfd_open, seen->pid, 0);

	if (pidfd < 0)
		return false;
	if (proc_stat(seen->pid, &now) != 0 || now.start != seen->start || now.dead ||
	    (seen->tag == look->tag && tag_of(seen->pid) != look->tag)) {
		close(pidfd);
		return false;
	}
	*out = (struct member){.pid = seen->pid, .pidfd = pidfd, .start = seen->start};
	return true;
}

int tag_members(uint64_t tag, pid_t leader, struct member *out, size_t max)
{
	struct look look = {.tag = tag, .leader = leader};
	int error = tag_or_none(tag) == 0 ? -EINVAL : take_look(&look);
	size_t count = 0;

	if (!error)
		mark(&look);
	for (size_t i = 0; !error && i < look.count && count < max; i++)
		if (look.seen[i].ours && !look.seen[i].dead && hold(&look, &look.seen[i], &out[count]))
			count++;
	free(look.seen);
	return error ? error : (int)count;
}

static int count_living(const struct look *look)
{
	int count = 0;

	for (size_t i = 0; i < look->count; i++)
		count += look->seen[i].ours && !look->seen[i].dead;
	return count;
}

int tag_count(struct tag_query *queries, size_t count)
{
	struct look look = {0};
	int error = take_look(&look);

	for (size_t i = 0; !error && i < count; i++) {
		look.tag = queries[i].tag;
		look.leader = queries[i].leader;
		mark(&look);
		queries[i].living = count_living(&look);
	}
	free(look.seen);
	return error;
}
