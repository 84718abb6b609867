/* SPDX-License-Identifier: MIT */
#include "engine/metrics_inner.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "engine/tag.h"

#define KEPT_SHARE   4u   /* of the descriptors that we may have, one in so many... */
#define LEFT_SHARE   8u   /* with so little of them left, none stays open: it is for runs, clients and logs */
#define KEPT_MAX     512u /* ...and no more: of few processes it saves much, of many it is little of the work */
#define COUNT_ROUNDS 5u   /* where the kernel does not say how many files are open, they are counted this rarely */

int tree_open(struct metrics *metrics)
{
	struct rlimit limit;

	metrics->proc = opendir("/proc");
	metrics->loadavg_fd = open("/proc/loadavg", O_RDONLY | O_CLOEXEC);
	if (!metrics->proc || metrics->loadavg_fd < 0)
		return -errno;
	if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
		metrics->kept_max = (size_t)limit.rlim_cur / KEPT_SHARE;
		metrics->kept_below = limit.rlim_cur - limit.rlim_cur / LEFT_SHARE;
	}
	if (metrics->kept_max > KEPT_MAX)
		metrics->kept_max = KEPT_MAX;
	return 0;
}

static void let_go(struct metrics *metrics, struct member *member)
{
	metrics->kept -= (member->stat_fd >= 0) + (member->files_fd >= 0);
	if (member->stat_fd >= 0)
		close(member->stat_fd);
	if (member->files_fd >= 0)
		close(member->files_fd);
	free(member);
}

void tree_close(struct metrics *metrics)
{
	for (size_t i = 0; i < metrics->seen_count; i++)
		if (metrics->seen[i].member)
			let_go(metrics, metrics->seen[i].member);
	free(metrics->seen);
	if (metrics->proc)
		closedir(metrics->proc);
	if (metrics->loadavg_fd >= 0)
		close(metrics->loadavg_fd);
}

static int open_of(pid_t pid, const char *name, int flags)
{
	char path[64];

	snprintf(path, sizeof path, "/proc/%d/%s", (int)pid, name);
	return open(path, O_RDONLY | O_CLOEXEC | flags);
}

/* A descriptor that may stay open; -1 when there are too many. */
static int keep_of(struct metrics *metrics, pid_t pid, const char *name, int flags)
{
	int fd = metrics->kept < metrics->kept_max ? open_of(pid, name, flags) : -1;

	if (fd >= 0 && (rlim_t)fd >= metrics->kept_below) {
		close(fd);
		fd = -1;
	}
	metrics->kept += fd >= 0;
	return fd;
}

/* With no memory it is not counted. */
static void join_run(struct metrics *metrics, struct seen *seen, struct watched *run)
{
	struct member *member = seen->member ? NULL : calloc(1, sizeof *member);

	if (!member)
		return;
	member->run = run;
	member->pid = seen->pid;
	member->stat_fd = metrics->sample ? keep_of(metrics, seen->pid, "stat", 0) : -1;
	member->files_fd = metrics->sample ? keep_of(metrics, seen->pid, "fd", O_DIRECTORY) : -1;
	member->next = run->members;
	run->members = member;
	seen->member = member;
}

static void leave_run(struct metrics *metrics, struct seen *seen)
{
	struct member *member = seen->member, **at;

	if (!member)
		return;
	for (at = &member->run->members; *at != member;)
		at = &(*at)->next;
	*at = member->next;
	seen->member = NULL;
	let_go(metrics, member);
}

static struct watched *run_of_session(struct metrics *metrics, pid_t session)
{
	for (unsigned i = 0; session > 0 && i < METRICS_BUCKETS; i++)
		for (struct watched *run = metrics->runs[i]; run; run = run->next)
			if (run->leader == session)
				return run;
	return NULL;
}

static int by_pid(const void *a, const void *b)
{
	const struct seen *left = a, *right = b;

	return (left->pid > right->pid) - (left->pid < right->pid);
}

static struct seen *find_seen(const struct metrics *metrics, pid_t pid)
{
	const struct seen key = {.pid = pid};

	return metrics->seen_count ? bsearch(&key, metrics->seen, metrics->seen_count, sizeof key, by_pid) : NULL;
}

/* Look at a process for the first time. */
static void classify(struct metrics *metrics, struct seen *seen)
{
	pid_t session = getsid(seen->pid);
	const struct seen *leader = session != seen->pid ? find_seen(metrics, session) : NULL;
	struct watched *run = NULL;
	uint64_t tag;

	if (leader && leader->serial == 0 && !leader->member)
		return; /* in the session of a stranger, which nobody enters: its tag need not be read */
	tag = tag_of(seen->pid);
	if (tag >> 32 == metrics->tag) {
		seen->serial = (uint32_t)tag;
		run = metrics_find(metrics, seen->serial);
	} else if (tag == 0) {
		run = run_of_session(metrics, session);
	}
	if (run)
		join_run(metrics, seen, run);
}

/* Every process there is, by pid. False: no memory, or /proc cannot be read. */
static bool list_all(struct metrics *metrics, struct seen **out, size_t *count)
{
	struct seen *all = NULL;
	const struct dirent *entry;
	size_t room = 0;

	*count = 0;
	rewinddir(metrics->proc);
	while ((entry = readdir(metrics->proc))) {
		pid_t pid = (pid_t)strtol(entry->d_name, NULL, 10);

		if (pid <= 0)
			continue;
		if (*count == room) {
			struct seen *more = realloc(all, (room ? 2 * room : 512) * sizeof *more);

			if (!more)
				break;
			room = room ? 2 * room : 512;
			all = more;
		}
		all[(*count)++] = (struct seen){.pid = pid};
	}
	*out = all;
	if (*count > 1)
		qsort(all, *count, sizeof *all, by_pid);
	return *count > 0;
}

/* The newest pid there ever was: when it is the same as before, nobody was born. */
static bool nobody_was_born(struct metrics *metrics)
{
	char text[128];
	ssize_t length = pread(metrics->loadavg_fd, text, sizeof text - 1, 0);
	uint32_t newest;
	const char *last;

	if (length <= 0)
		return false;
	text[length] = '\0';
	last = strrchr(text, ' ');
	newest = last ? (uint32_t)strtoul(last, NULL, 10) : 0;
	if (newest == metrics->newest_pid)
		return true;
	metrics->newest_pid = newest;
	return false;
}

/* Who was seen before the run that its tag names was watched. */
static void join_added(struct metrics *metrics)
{
	for (size_t i = 0; metrics->added && i < metrics->seen_count; i++) {
		struct seen *seen = &metrics->seen[i];
		struct watched *run = seen->serial ? metrics_find(metrics, seen->serial) : NULL;

		if (run)
			join_run(metrics, seen, run);
	}
	metrics->added = false;
}

void tree_refresh(struct metrics *metrics)
{
	struct seen *all, *old = metrics->seen;
	size_t count, before = metrics->seen_count, at = 0;

	join_added(metrics);
	if (nobody_was_born(metrics) || !list_all(metrics, &all, &count))
		return;
	for (size_t i = 0; i < count; i++) {
		for (; at < before && old[at].pid < all[i].pid; at++)
			leave_run(metrics, &old[at]);
		if (at < before && old[at].pid == all[i].pid)
			all[i] = old[at++];
		else
			classify(metrics, &all[i]);
	}
	for (; at < before; at++)
		leave_run(metrics, &old[at]);
	free(old);
	metrics->seen = all;
	metrics->seen_count = count;
}

void tree_add(struct metrics *metrics, struct watched *run)
{
	struct seen *leader = find_seen(metrics, run->leader);

	if (leader)
		join_run(metrics, leader, run);
	metrics->added = true;
}

void tree_remove(struct metrics *metrics, struct watched *run)
{
	while (run->members) {
		struct seen *seen = find_seen(metrics, run->members->pid);

		leave_run(metrics, seen);
	}
}

static const char *skip_fields(const char *at, unsigned count)
{
	while (count-- > 0 && at) {
		at = strchr(at, ' ');
		at += at != NULL;
	}
	return at;
}

/* What /proc/PID/stat says, from the field after the name on. */
static bool parse_stat(const char *text, uint64_t *ticks, uint32_t *threads, uint64_t *pages)
{
	const char *at = strrchr(text, ')'); /* a name may hold anything */
	char *end;

	at = at ? skip_fields(at + 1, 12) : NULL; /* the state follows a blank: field 3; utime is 14 */
	if (!at)
		return false;
	*ticks = strtoull(at, &end, 10);
	*ticks += strtoull(end, &end, 10);
	at = skip_fields(end + 1, 4); /* cutime, cstime, priority, nice */
	if (!at)
		return false;
	*threads = (uint32_t)strtoul(at, NULL, 10);
	at = skip_fields(at, 4); /* itrealvalue, starttime, vsize */
	if (!at)
		return false;
	*pages = strtoull(at, NULL, 10);
	return true;
}

static ssize_t read_stat(const struct member *member, char *text, size_t size)
{
	int fd = member->stat_fd >= 0 ? member->stat_fd : open_of(member->pid, "stat", 0);
	ssize_t length = fd >= 0 ? pread(fd, text, size - 1, 0) : -1;

	if (fd >= 0 && fd != member->stat_fd)
		close(fd);
	if (length > 0)
		text[length] = '\0';
	return length;
}

static uint32_t count_entries(const struct member *member)
{
	int fd = open_of(member->pid, "fd", O_DIRECTORY);
	DIR *dir = fd >= 0 ? fdopendir(fd) : NULL;
	uint32_t count = 0;

	if (!dir) {
		if (fd >= 0)
			close(fd);
		return 0;
	}
	while (readdir(dir))
		count++;
	closedir(dir);
	return count > 2 ? count - 2 : 0;
}

/* Since Linux 6.2 the size of /proc/PID/fd is their number. */
static uint32_t count_files(const struct metrics *metrics, struct member *member)
{
	struct stat st;

	if (member->files_fd >= 0 && fstat(member->files_fd, &st) == 0 && st.st_size > 0)
		return (uint32_t)st.st_size;
	if (!member->sampled || (metrics->round + (uint32_t)member->pid) % COUNT_ROUNDS == 0)
		member->files = count_entries(member);
	return member->files;
}

void tree_sample(struct metrics *metrics, struct watched *run)
{
	static long page_bytes;

	if (page_bytes == 0)
		page_bytes = sysconf(_SC_PAGESIZE);
	run->usage = (struct usage){0};
	for (struct member *member = run->members; member; member = member->next) {
		uint64_t ticks, pages;
		uint32_t threads;
		char text[1024];

		if (read_stat(member, text, sizeof text) <= 0 || !parse_stat(text, &ticks, &threads, &pages))
			continue; /* it has gone */
		run->usage.memory_bytes += pages * (uint64_t)page_bytes;
		run->usage.threads += threads;
		run->usage.files += count_files(metrics, member);
		run->usage.processes++;
		if (member->sampled || run->sampled)
			run->usage.ticks += ticks - member->ticks;
		member->ticks = ticks;
		member->sampled = true;
	}
	run->sampled = true;
}
