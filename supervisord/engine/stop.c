/* SPDX-License-Identifier: MIT */
#include "engine/stop.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "engine/cgroup.h"
#include "engine/clock.h"
#include "engine/look.h"
#include "engine/mailbox.h"

#define MEMBERS_MAX 1024u /* held at once; larger runs are ended in several rounds */
#define SWEEP_MS    3000  /* for all rounds */
#define DEATH_MS    1000  /* for those who got SIGKILL in a round */
#define QUIET_LOOKS 2     /* looks that find no new one, before the kill */

#define SIGNAL_GROUP 4u /* PIDFD_SIGNAL_PROCESS_GROUP, since Linux 6.9 */

static int pidfd_signal(int pidfd, int signal, unsigned flags)
{
	return syscall(SYS_pidfd_send_signal, pidfd, signal, NULL, flags) == 0 ? 0 : -errno;
}

int stop_signal(pid_t leader, int pidfd, int signal)
{
	int error = pidfd_signal(pidfd, signal, SIGNAL_GROUP);

	if (error != -EINVAL)
		return error;
	error = pidfd_signal(pidfd, 0, 0); /* an older kernel: is the number still the run's? */
	if (error)
		return error;
	return kill(-leader, signal) == 0 ? 0 : -errno;
}

struct order {
	struct letter letter;
	uint64_t token;
	uint64_t tag;
	pid_t leader;
	pid_t keeper; /* to whom whatever is left of it has come; 0: to anybody */
	bool look;    /* and end nothing */
	int tell;     /* send this signal, and end nothing; 0: no */
	int killed;
	int left;
};

struct held {
	struct member member;
	struct order *order;
};

/* All but the worker and the leaders is the thread's own. Orders that came together are served together: a look serves
 * them all. */
struct sweeper {
	struct worker worker;
	const struct cgroups *cgroups; /* NULL: none */
	struct leaders leaders;        /* the engine's; its pages cost nothing until they are used */
	struct order *todo;            /* linked by their letters */
	struct member found[MEMBERS_MAX];
	struct held held[MEMBERS_MAX];
	size_t held_count;
};

static int64_t now_ms(void)
{
	return (int64_t)(clock_ns(CLOCK_MONOTONIC) / 1000000u);
}

static struct order *next_of(const struct order *order)
{
	return (struct order *)order->letter.next;
}

static bool is_held(const struct sweeper *sweeper, const struct member *member)
{
	for (size_t i = 0; i < sweeper->held_count; i++)
		if (sweeper->held[i].member.pid == member->pid && sweeper->held[i].member.start == member->start)
			return true;
	return false;
}

/* Stop and hold whoever of a run is not held yet. Returns how many that were. */
static int stop_new(struct sweeper *sweeper, struct order *order, struct look *look)
{
	int found = look_members(look, order->tag, order->leader, sweeper->found, MEMBERS_MAX);
	int fresh = 0;

	for (int i = 0; i < found; i++) {
		struct member *member = &sweeper->found[i];

		if (sweeper->held_count == MEMBERS_MAX || is_held(sweeper, member)) {
			close(member->pidfd);
			continue;
		}
		pidfd_signal(member->pidfd, SIGSTOP, 0);
		sweeper->held[sweeper->held_count++] = (struct held){.member = *member, .order = order};
		fresh++;
	}
	return fresh;
}

/* A process that is stopped has no more children: when nobody new turns up twice, all of them are. */
static void stop_all(struct sweeper *sweeper, int64_t deadline_ms)
{
	int quiet = 0;

	while (quiet < QUIET_LOOKS && now_ms() < deadline_ms && sweeper->held_count < MEMBERS_MAX) {
		struct look *look;
		int fresh = 0;

		if (look_take(&look) != 0)
			return;
		for (struct order *order = sweeper->todo; order; order = next_of(order))
			fresh += stop_new(sweeper, order, look);
		look_free(look);
		quiet = fresh == 0 ? quiet + 1 : 0;
	}
}

static bool dies_until(int pidfd, int64_t deadline_ms)
{
	struct pollfd death = {.fd = pidfd, .events = POLLIN};
	int64_t left_ms = deadline_ms - now_ms();

	return poll(&death, 1, left_ms > 0 ? (int)left_ms : 0) > 0;
}

/* Returns how many have died. */
static int kill_held(struct sweeper *sweeper)
{
	int64_t deadline_ms = now_ms() + DEATH_MS;
	int killed = 0;

	for (size_t i = 0; i < sweeper->held_count; i++)
		if (pidfd_signal(sweeper->held[i].member.pidfd, SIGKILL, 0) == -EPERM)
			deadline_ms = now_ms() + DEATH_MS / 10; /* another user's: it will not die of us */
	for (size_t i = 0; i < sweeper->held_count; i++) {
		bool died = dies_until(sweeper->held[i].member.pidfd, deadline_ms);

		sweeper->held[i].order->killed += died;
		killed += died;
		close(sweeper->held[i].member.pidfd);
	}
	sweeper->held_count = 0;
	return killed;
}

/* Whoever shares the leader's group has had the signal. */
static void tell(struct sweeper *sweeper, struct look *look, const struct order *order)
{
	int found = look ? look_members(look, order->tag, order->leader, sweeper->found, MEMBERS_MAX) : 0;

	for (int i = 0; i < found; i++) {
		if (getpgid(sweeper->found[i].pid) != order->leader)
			pidfd_signal(sweeper->found[i].pidfd, order->tell, 0);
		close(sweeper->found[i].pidfd);
	}
}

/* Nobody is left of an order's run. */
static void report_gone(struct sweeper *sweeper, struct order *order)
{
	order->left = 0;
	if (sweeper->cgroups)
		cgroup_remove(sweeper->cgroups, (uint32_t)order->tag);
	mailbox_put(&sweeper->worker.out, &order->letter);
}

/* Look who is left; report the orders that are done with, keep the others. `last`: report them all. */
static void settle(struct sweeper *sweeper, bool last)
{
	struct order *order = sweeper->todo;
	struct look *look = NULL;
	struct order *next;

	look_take(&look);
	sweeper->todo = NULL;
	for (; order; order = next) {
		next = next_of(order);
		if (order->tell) {
			tell(sweeper, look, order);
			free(order);
			continue;
		}
		/* Who cannot look cannot say that nobody is left. */
		order->left = look ? look_count(look, order->tag, order->leader) : 1;
		if (order->left == 0 && sweeper->cgroups && !cgroup_is_empty(sweeper->cgroups, (uint32_t)order->tag))
			order->left = 1; /* it forks faster than we look */
		if (order->left == 0) {
			report_gone(sweeper, order);
			continue;
		}
		if (last || order->look) {
			mailbox_put(&sweeper->worker.out, &order->letter);
			continue;
		}
		order->letter.next = sweeper->todo ? &sweeper->todo->letter : NULL;
		sweeper->todo = order;
	}
	look_free(look);
}

/* An order that comes alone, as after a crash, is mostly of a run that has left nobody. */
static bool is_gone(const struct sweeper *sweeper, const struct order *order)
{
	return order->keeper && look_is_gone(order->tag, order->leader, order->keeper, &sweeper->leaders) &&
	       (!sweeper->cgroups || cgroup_is_empty(sweeper->cgroups, (uint32_t)order->tag));
}

/* Take the orders that are there now. */
static void collect(struct sweeper *sweeper, struct order *order)
{
	for (; order; order = (struct order *)mailbox_take(&sweeper->worker.in)) {
		if (sweeper->cgroups && !order->look && !order->tell)
			cgroup_kill(sweeper->cgroups, (uint32_t)order->tag);
		order->letter.next = sweeper->todo ? &sweeper->todo->letter : NULL;
		sweeper->todo = order;
	}
}

static void sweep(struct sweeper *sweeper)
{
	int64_t deadline_ms = now_ms() + SWEEP_MS;

	settle(sweeper, false);
	while (sweeper->todo) {
		int killed;

		stop_all(sweeper, deadline_ms);
		killed = kill_held(sweeper);
		settle(sweeper, killed == 0 || now_ms() >= deadline_ms);
	}
}

static void *run(void *arg)
{
	struct sweeper *sweeper = arg;
	struct order *order, *next;

	while ((order = (struct order *)mailbox_wait(&sweeper->worker.in))) {
		next = (struct order *)mailbox_take(&sweeper->worker.in);
		if (!next && is_gone(sweeper, order)) {
			report_gone(sweeper, order);
			continue;
		}
		collect(sweeper, order);
		collect(sweeper, next);
		sweep(sweeper);
	}
	return NULL;
}

int sweeper_open(struct sweeper **out)
{
	struct sweeper *sweeper = calloc(1, sizeof *sweeper);
	int error = sweeper ? worker_start(&sweeper->worker, run, sweeper) : -ENOMEM;

	if (error)
		free(sweeper);
	else
		*out = sweeper;
	return error;
}

void sweeper_use_cgroups(struct sweeper *sweeper, const struct cgroups *cgroups)
{
	sweeper->cgroups = cgroups;
}

int sweeper_fd(const struct sweeper *sweeper)
{
	return sweeper->worker.out.fd;
}

static int submit(struct sweeper *sweeper, struct order what)
{
	struct order *order = malloc(sizeof *order);

	if (!order)
		return -ENOMEM;
	*order = what;
	mailbox_put(&sweeper->worker.in, &order->letter);
	return 0;
}

int sweeper_submit(struct sweeper *sweeper, uint64_t token, uint64_t tag, pid_t leader)
{
	return submit(sweeper, (struct order){.token = token, .tag = tag, .leader = leader});
}

int sweeper_look(struct sweeper *sweeper, uint64_t token, uint64_t tag, pid_t leader)
{
	return submit(sweeper, (struct order){.token = token, .tag = tag, .leader = leader, .look = true});
}

int sweeper_expect(struct sweeper *sweeper, uint64_t token, uint64_t tag, pid_t leader, pid_t keeper, bool look)
{
	return submit(sweeper,
		      (struct order){.token = token, .tag = tag, .leader = leader, .keeper = keeper, .look = look});
}

void sweeper_lead(struct sweeper *sweeper, pid_t leader, bool leads)
{
	leaders_set(&sweeper->leaders, leader, leads);
}

int sweeper_tell(struct sweeper *sweeper, uint64_t tag, pid_t leader, int signal)
{
	return submit(sweeper, (struct order){.tag = tag, .leader = leader, .tell = signal});
}

int sweeper_next(struct sweeper *sweeper, struct swept *out)
{
	struct order *order = (struct order *)mailbox_take(&sweeper->worker.out);

	if (!order)
		return 0;
	*out = (struct swept){.token = order->token, .killed = order->killed, .left = order->left};
	free(order);
	return 1;
}

void sweeper_close(struct sweeper *sweeper)
{
	struct swept unread;

	if (!sweeper)
		return;
	worker_join(&sweeper->worker);
	while (sweeper_next(sweeper, &unread))
		continue;
	worker_finish(&sweeper->worker);
	free(sweeper);
}
