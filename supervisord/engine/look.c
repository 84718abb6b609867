/* SPDX-License-Identifier: MIT */
#include "engine/look.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "engine/proc.h"
#include "engine/tag.h"

struct seen {
	pid_t pid;
	pid_t session;
	uint64_t tag;
	bool ours;  /* of the run in question */
	bool known; /* the rest was read: */
	bool dead;
	pid_t ppid;
	uint64_t start;
};

struct look {
	struct seen *seen; /* by pid */
	size_t count;
	size_t room;
	bool all_known;
	int error;
	pid_t self;
	pid_t parent; /* the keeper, if there is one */
};

/* The run in question. */
struct query {
	uint64_t tag;
	pid_t leader;
};

static void see(pid_t pid, void *arg)
{
	struct look *look = arg;
	pid_t session = getsid(pid);

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
	if (session >= 0)
		look->seen[look->count++] = (struct seen){.pid = pid, .session = session, .tag = tag_of(pid)};
}

static int by_pid(const void *a, const void *b)
{
	const struct seen *left = a;
	const struct seen *right = b;

	return (left->pid > right->pid) - (left->pid < right->pid);
}

int look_take(struct look **out)
{
	struct look *look = calloc(1, sizeof *look);
	int error = look ? proc_each(see, look) : -ENOMEM;

	if (!error)
		error = look->error;
	if (error) {
		look_free(look);
		return error;
	}
	look->self = getpid();
	look->parent = getppid();
	qsort(look->seen, look->count, sizeof *look->seen, by_pid);
	*out = look;
	return 0;
}

void look_free(struct look *look)
{
	if (!look)
		return;
	free(look->seen);
	free(look);
}

/* Who has gone since is as good as dead. */
static void know(struct seen *seen)
{
	struct proc_stat stat = {.dead = true};

	if (seen->known)
		return;
	proc_stat(seen->pid, &stat);
	seen->known = true;
	seen->dead = stat.dead;
	seen->ppid = stat.ppid;
	seen->start = stat.start;
}

static void know_all(struct look *look)
{
	for (size_t i = 0; !look->all_known && i < look->count; i++)
		know(&look->seen[i]);
	look->all_known = true;
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

/* The leader without its tag: not, if its number has gone to another run of ours, or to a stranger. */
static bool is_bare_leader(const struct look *look, const struct query *query, struct seen *seen)
{
	if (seen->pid != query->leader || seen->session != seen->pid || seen->tag >> 32 == query->tag >> 32)
		return false;
	know(seen);
	return seen->ppid == look->self || (seen->ppid == look->parent && parent_is_keeper());
}

/* Never the supervisor itself, nor what the system stands on; nor, by kinship, a process of another of our runs. */
static bool may_be_ours(const struct look *look, const struct query *query, const struct seen *seen)
{
	if (seen->pid == 1 || seen->pid == look->self || seen->pid == look->parent)
		return false;
	return seen->tag == query->tag || seen->tag >> 32 != query->tag >> 32;
}

/* By tag, and the leader. Returns whether the session's number still is the run's. */
static bool mark_certain(struct look *look, const struct query *query)
{
	bool holds = false;

	for (size_t i = 0; i < look->count; i++) {
		struct seen *seen = &look->seen[i];

		seen->ours = may_be_ours(look, query, seen) &&
			     (seen->tag == query->tag || is_bare_leader(look, query, seen));
		holds |= seen->ours && seen->session == query->leader;
	}
	return holds;
}

static void mark_session(struct look *look, const struct query *query)
{
	for (size_t i = 0; i < look->count; i++)
		if (look->seen[i].session == query->leader && may_be_ours(look, query, &look->seen[i]))
			look->seen[i].ours = true;
}

static bool has_our_parent(const struct look *look, const struct seen *child)
{
	struct seen key = {.pid = child->ppid};
	const struct seen *parent = bsearch(&key, look->seen, look->count, sizeof key, by_pid);

	return parent && parent->ours && !parent->dead;
}

/* Children of ours are ours, until nothing changes: pids mostly grow downwards the tree, so twice is the rule. */
static void mark_tree(struct look *look, const struct query *query)
{
	bool changed = true;

	while (changed) {
		changed = false;
		for (size_t i = 0; i < look->count; i++) {
			struct seen *seen = &look->seen[i];

			if (seen->ours || !may_be_ours(look, query, seen) || !has_our_parent(look, seen))
				continue;
			seen->ours = true;
			changed = true;
		}
	}
}

static int count_living(struct look *look)
{
	int living = 0;

	for (size_t i = 0; i < look->count; i++) {
		if (!look->seen[i].ours)
			continue;
		know(&look->seen[i]);
		living += !look->seen[i].dead;
	}
	return living;
}

int look_count(struct look *look, uint64_t tag, pid_t leader)
{
	const struct query query = {.tag = tag, .leader = leader};
	int living;

	if (mark_certain(look, &query))
		mark_session(look, &query);
	living = count_living(look);
	if (living == 0)
		return 0;
	know_all(look);
	mark_tree(look, &query);
	return count_living(look);
}

void leaders_set(struct leaders *leaders, pid_t pid, bool leads)
{
	uint64_t bit = UINT64_C(1) << (unsigned)pid % 64;

	if (pid <= 0 || (unsigned)pid >= LEADERS_MAX)
		return;
	/* relaxed, both: who asks sees it in time, for a bit is taken back before the pid can be another's */
	if (leads)
		atomic_fetch_or_explicit(&leaders->words[(unsigned)pid / 64], bit, memory_order_relaxed);
	else
		atomic_fetch_and_explicit(&leaders->words[(unsigned)pid / 64], ~bit, memory_order_relaxed);
}

static bool leads(const struct leaders *leaders, pid_t pid)
{
	if (pid <= 0 || (unsigned)pid >= LEADERS_MAX)
		return false;
	/* relaxed: see leaders_set() */
	return atomic_load_explicit(&leaders->words[(unsigned)pid / 64], memory_order_relaxed) >> (unsigned)pid % 64 &
	       1;
}

/* A child of the keeper that is of another run of ours: so is all that descends from it. */
static bool is_of_another(pid_t pid, const struct query *query, const struct leaders *leaders)
{
	struct proc_stat stat;
	uint64_t tag;

	if (pid != query->leader && leads(leaders, pid))
		return true;
	tag = tag_of(pid);
	if (tag != query->tag)
		return tag >> 32 == query->tag >> 32;
	return pid == query->leader && proc_stat(pid, &stat) == 0 && stat.dead;
}

static bool are_of_others(const char *children, const struct query *query, const struct leaders *leaders)
{
	pid_t self = getpid();
	char *end;

	for (const char *at = children;; at = end) {
		pid_t pid = (pid_t)strtol(at, &end, 10);

		if (end == at)
			return true;
		if (pid != self && !is_of_another(pid, query, leaders))
			return false;
	}
}

bool look_is_gone(uint64_t tag, pid_t leader, pid_t keeper, const struct leaders *leaders)
{
	const struct query query = {.tag = tag, .leader = leader};
	char *children = tag_is_refused() || getppid() != keeper ? NULL : proc_children(keeper);
	char *again = children ? proc_children(keeper) : NULL;
	/* The same twice: nobody was reaped, and so nobody was missing. */
	bool gone = again && strcmp(children, again) == 0 && are_of_others(children, &query, leaders);

	free(children);
	free(again);
	return gone;
}

/* Hold a process, and make sure that it still is the one that was seen, where it was seen. */
static bool hold(const struct seen *seen, struct member *out)
{
	struct proc_stat now;
	int pidfd = (int)syscall(SYS_pidfd_open, seen->pid, 0);

	if (pidfd < 0)
		return false;
	if (proc_stat(seen->pid, &now) != 0 || now.dead || now.start != seen->start || now.session != seen->session ||
	    tag_of(seen->pid) != seen->tag) {
		close(pidfd);
		return false;
	}
	*out = (struct member){.pid = seen->pid, .pidfd = pidfd, .start = seen->start};
	return true;
}

int look_members(struct look *look, uint64_t tag, pid_t leader, struct member *out, size_t max)
{
	size_t count = 0;

	if (look_count(look, tag, leader) == 0)
		return 0;
	for (size_t i = 0; i < look->count && count < max; i++)
		if (look->seen[i].ours && !look->seen[i].dead && hold(&look->seen[i], &out[count]))
			count++;
	return (int)count;
}
