/* SPDX-License-Identifier: MIT */
#include "engine/stop.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "engine/mailbox.h"
#include "engine/tag.h"

#define MEMBERS_MAX 1024u /* held at once; a larger run is ended in several rounds */
#define SWEEP_MS    3000  /* for all rounds */
#define DEATH_MS    1000  /* for those who got SIGKILL in a round */
#define BATCH_MAX   256u  /* orders that one look serves */
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
	bool look; /* and end nothing */
	int killed;
	int left;
};

struct sweeper {
	struct worker worker;
	struct member found[MEMBERS_MAX]; /* the thread's own, as the rest */
	struct member held[MEMBERS_MAX];
	size_t held_count;
	struct order *batch[BATCH_MAX];
	struct tag_query queries[BATCH_MAX];
};

static int64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static bool is_held(const struct sweeper *sweeper, const struct member *member)
{
	for (size_t i = 0; i < sweeper->held_count; i++)
		if (sweeper->held[i].pid == member->pid && sweeper->held[i].start == member->start)
			return true;
	return false;
}

/* Stop and hold whoever is not held yet. Returns how many that were, or -errno. */
static int stop_new(struct sweeper *sweeper, const struct order *order)
{
	int found = tag_members(order->tag, order->leader, sweeper->found, MEMBERS_MAX);
	int fresh = 0;

	for (int i = 0; i < found; i++) {
		struct member *member = &sweeper->found[i];

		if (sweeper->held_count == MEMBERS_MAX || is_held(sweeper, member)) {
			close(member->pidfd);
			continue;
		}
		pidfd_signal(member->pidfd, SIGSTOP, 0);
		sweeper->held[sweeper->held_count++] = *member;
		fresh++;
	}
	return found < 0 ? found : fresh;
}

/* A process that is stopped has no more children: when nobody new turns up twice, all of them are. */
static void stop_all(struct sweeper *sweeper, const struct order *order, int64_t deadline_ms)
{
	int quiet = 0;

	while (quiet < QUIET_LOOKS && now_ms() < deadline_ms && sweeper->held_count < MEMBERS_MAX) {
		int fresh = stop_new(sweeper, order);

		if (fresh < 0)
			return;
		quiet = fresh == 0 ? quiet + 1 : 0;
	}
}

static bool dies_until(int pidfd, int64_t deadline_ms)
{
	struct pollfd death = {.fd = pidfd, .events = POLLIN};
	int64_t left_ms = deadline_ms - now_ms();

	return poll(&death, 1, left_ms > 0 ? (int)left_ms : 0) > 0;
}

static void kill_held(struct sweeper *sweeper, struct order *order)
{
	int64_t deadline_ms = now_ms() + DEATH_MS;

	for (size_t i = 0; i < sweeper->held_count; i++)
		if (pidfd_signal(sweeper->held[i].pidfd, SIGKILL, 0) == -EPERM)
			deadline_ms = now_ms() + DEATH_MS / 10; /* another user's: it will not die of us */
	for (size_t i = 0; i < sweeper->held_count; i++) {
		order->killed += dies_until(sweeper->held[i].pidfd, deadline_ms);
		close(sweeper->held[i].pidfd);
	}
	sweeper->held_count = 0;
}

static int look(struct sweeper *sweeper, const struct order *order)
{
	int found = tag_members(order->tag, order->leader, sweeper->found, MEMBERS_MAX);

	for (int i = 0; i < found; i++)
		close(sweeper->found[i].pidfd);
	return found < 0 ? 1 : found; /* who cannot look cannot say that nobody is left */
}

/* Whoever is left when it comes to it. */
static void sweep(struct sweeper *sweeper, struct order *order)
{
	int64_t deadline_ms = now_ms() + SWEEP_MS;

	while (order->left > 0 && now_ms() < deadline_ms) {
		int before = order->killed;

		stop_all(sweeper, order, deadline_ms);
		kill_held(sweeper, order);
		order->left = look(sweeper, order);
		if (order->killed == before)
			return;
	}
}

/* All orders there are, up to a batch. Returns how many; 0: there will be none. */
static size_t take_batch(struct sweeper *sweeper)
{
	struct letter *letter = mailbox_wait(&sweeper->worker.in);
	size_t count = 0;

	while (letter) {
		struct order *order = (struct order *)letter;

		sweeper->batch[count] = order;
		sweeper->queries[count++] = (struct tag_query){.tag = order->tag, .leader = order->leader};
		letter = count < BATCH_MAX ? mailbox_take(&sweeper->worker.in) : NULL;
	}
	return count;
}

/*
 * One look at all processes serves a whole batch: when many runs end at once, mostly nothing is left of any. Only then
 * come those of which something is.
 */
static void *run(void *arg)
{
	struct sweeper *sweeper = arg;
	size_t count;

	while ((count = take_batch(sweeper)) > 0) {
		int error = tag_count(sweeper->queries, count);

		for (size_t i = 0; i < count; i++) {
			struct order *order = sweeper->batch[i];

			order->left = error ? 1 : sweeper->queries[i].living; /* who cannot look cannot say */
			if (!order->look && order->left > 0)
				continue;
			mailbox_put(&sweeper->worker.out, &order->letter);
			sweeper->batch[i] = NULL;
		}
		for (size_t i = 0; i < count; i++) {
			if (!sweeper->batch[i])
				continue;
			sweep(sweeper, sweeper->batch[i]);
			mailbox_put(&sweeper->worker.out, &sweeper->batch[i]->letter);
		}
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
