/* SPDX-License-Identifier: MIT */
#include "engine/metrics_inner.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "engine/clock.h"
#include "engine/ports.h"

#define SECOND_NS      UINT64_C(1000000000)
#define SHARE          200u /* a round that costs 1 is followed by a pause of so many */
#define LOOK_FIRST_NS  (SECOND_NS / 4)
#define LOOK_REASON_NS (SECOND_NS / 20)
#define LOOK_LAST_NS   (8 * SECOND_NS)
#define MEMBERS_LOOKED 1024u /* processes of a run whose sockets are looked at */

enum order_kind { ORDER_ADD, ORDER_REMOVE, ORDER_LOOK };

struct order {
	struct letter letter;
	enum order_kind kind;
	uint32_t serial;
	struct watched *run; /* of ADD */
};

struct report {
	struct letter letter;
	struct measured measured;
};

/* ---- the thread ---- */

static struct watched **place_of(struct metrics *metrics, uint32_t serial)
{
	struct watched **at = &metrics->runs[serial % METRICS_BUCKETS];

	while (*at && (*at)->serial != serial)
		at = &(*at)->next;
	return at;
}

struct watched *metrics_find(struct metrics *metrics, uint32_t serial)
{
	return *place_of(metrics, serial);
}

static void tell(struct metrics *metrics, const struct measured *measured)
{
	struct report *report = malloc(sizeof *report);

	if (!report)
		return;
	report->measured = *measured;
	mailbox_put(&metrics->worker.out, &report->letter);
}

static void publish(struct metrics *metrics, struct watched *run, uint64_t passed_ns)
{
	const struct usage *usage = &run->usage;
	uint64_t tick_ns = SECOND_NS / (uint64_t)sysconf(_SC_CLK_TCK);
	struct brm_metrics out = {
		.time_ns = clock_ns(CLOCK_REALTIME),
		.memory_bytes = usage->memory_bytes,
		.cpu_permille = passed_ns ? (uint32_t)(usage->ticks * tick_ns * 1000u / passed_ns) : 0,
		.threads = usage->threads,
		.files = usage->files,
		.processes = usage->processes,
	};
	bool over = run->limit_bytes > 0 && usage->memory_bytes > run->limit_bytes;

	brm_writer_metrics(metrics->writer, run->entry, &out);
	if (over && !run->over)
		tell(metrics, &(struct measured){.kind = MEASURED_MEMORY, .serial = run->serial});
	run->over = over;
}

static void sample_all(struct metrics *metrics, uint64_t now_ns)
{
	uint64_t passed_ns = metrics->sampled_ns ? now_ns - metrics->sampled_ns : 0;

	metrics->sampled_ns = now_ns;
	metrics->round++;
	for (unsigned i = 0; i < METRICS_BUCKETS; i++) {
		for (struct watched *run = metrics->runs[i]; run; run = run->next) {
			tree_sample(metrics, run);
			publish(metrics, run, passed_ns);
		}
	}
}

static void look_for_ports(struct metrics *metrics, struct port_round *round, struct watched *run)
{
	struct measured measured = {.kind = MEASURED_PORTS, .serial = run->serial};
	pid_t pids[MEMBERS_LOOKED];
	size_t count = 0;
	int found;

	for (const struct member *member = run->members; member && count < MEMBERS_LOOKED; member = member->next)
		pids[count++] = member->pid;
	found = count ? ports_of(round, pids, count, measured.ports, METRICS_PORTS_MAX) : 0;
	if (found < 0 || ((uint32_t)found == run->ports_count &&
			  memcmp(run->ports, measured.ports, (size_t)found * sizeof *run->ports) == 0))
		return;
	measured.count = run->ports_count = (uint32_t)found;
	memcpy(run->ports, measured.ports, (size_t)found * sizeof *run->ports);
	tell(metrics, &measured);
}

/* In the long run all are looked at in one round, for its table is read once. */
static uint64_t last_look(uint64_t now_ns)
{
	return now_ns - now_ns % LOOK_LAST_NS + LOOK_LAST_NS;
}

/* Look for the ports of those whose time has come. */
static void look_where_due(struct metrics *metrics, uint64_t now_ns)
{
	struct port_round round = {0};

	metrics->look_ns = UINT64_MAX;
	for (unsigned i = 0; i < METRICS_BUCKETS; i++) {
		for (struct watched *run = metrics->runs[i]; run; run = run->next) {
			if (run->look_ns <= now_ns) {
				look_for_ports(metrics, &round, run);
				run->look_ns = now_ns + run->pause_ns;
				if (run->pause_ns < LOOK_LAST_NS)
					run->pause_ns *= 2;
				else
					run->look_ns = metrics->sample ? last_look(now_ns) : UINT64_MAX;
			}
			if (run->look_ns < metrics->look_ns)
				metrics->look_ns = run->look_ns;
		}
	}
	ports_end(&round);
}

static int timeout_until(uint64_t due_ns, uint64_t now_ns)
{
	if (due_ns == UINT64_MAX)
		return -1;
	return due_ns > now_ns ? (int)((due_ns - now_ns + 999999u) / 1000000u) : 0;
}

/* On whole seconds, as the last looks are, so that one wake-up serves both; never two within half of one. */
static uint64_t next_sample(const struct metrics *metrics)
{
	uint64_t from_ns = metrics->sampled_ns + SECOND_NS / 2;

	if (!metrics->sample || metrics->run_count == 0)
		return UINT64_MAX;
	return from_ns - from_ns % SECOND_NS + SECOND_NS;
}

/* Do what is due. Returns the milliseconds until something is again, -1 for never. */
static int work(struct metrics *metrics)
{
	uint64_t now_ns = clock_ns(CLOCK_MONOTONIC), began_ns = clock_ns(CLOCK_THREAD_CPUTIME_ID);
	uint64_t sample_ns = next_sample(metrics);
	uint64_t due_ns = sample_ns < metrics->look_ns ? sample_ns : metrics->look_ns;

	if (due_ns < metrics->not_before_ns)
		due_ns = metrics->not_before_ns;
	if (due_ns > now_ns)
		return timeout_until(due_ns, now_ns);
	tree_refresh(metrics);
	if (sample_ns <= now_ns)
		sample_all(metrics, now_ns);
	look_where_due(metrics, now_ns);
	metrics->not_before_ns = now_ns + SHARE * (clock_ns(CLOCK_THREAD_CPUTIME_ID) - began_ns);
	return work(metrics);
}

static void look_after(struct metrics *metrics, struct watched *run, uint64_t after_ns)
{
	run->look_ns = clock_ns(CLOCK_MONOTONIC) + after_ns;
	run->pause_ns = LOOK_FIRST_NS;
	if (run->look_ns < metrics->look_ns)
		metrics->look_ns = run->look_ns;
}

static void obey(struct metrics *metrics, const struct order *order)
{
	struct watched **at = place_of(metrics, order->serial), *run = *at;

	if (order->kind == ORDER_ADD && !run) {
		run = order->run;
		*at = run;
		if (metrics->run_count++ == 0)
			metrics->sampled_ns = clock_ns(CLOCK_MONOTONIC);
		look_after(metrics, run, LOOK_FIRST_NS);
		tree_add(metrics, run);
	} else if (order->kind == ORDER_ADD) {
		free(order->run);
	} else if (run && order->kind == ORDER_LOOK) {
		look_after(metrics, run, LOOK_REASON_NS);
	} else if (run && order->kind == ORDER_REMOVE) {
		tree_remove(metrics, run);
		run->usage = (struct usage){0};
		if (run->sampled)
			publish(metrics, run, 0);
		*at = run->next;
		metrics->run_count--;
		free(run);
	}
}

static void *metrics_thread(void *arg)
{
	struct metrics *metrics = arg;
	struct pollfd ready = {.fd = metrics->worker.in.fd, .events = POLLIN};
	struct order *order;

	prctl(PR_SET_NAME, "metrics"); /* it is the one that wakes up by itself */
	while (!mailbox_is_shut(&metrics->worker.in)) {
		poll(&ready, 1, work(metrics));
		while ((order = (struct order *)mailbox_take(&metrics->worker.in))) {
			obey(metrics, order);
			free(order);
		}
	}
	return NULL;
}

/* ---- the loop's side ---- */

int metrics_open(struct brm_writer *writer, uint32_t tag, bool sample, struct metrics **out)
{
	struct metrics *metrics = calloc(1, sizeof *metrics);
	int rc;

	if (!metrics)
		return -ENOMEM;
	metrics->writer = writer;
	metrics->tag = tag;
	metrics->sample = sample;
	metrics->loadavg_fd = -1;
	metrics->look_ns = UINT64_MAX;
	rc = tree_open(metrics);
	if (rc == 0)
		rc = worker_start(&metrics->worker, metrics_thread, metrics);
	if (rc == 0) {
		*out = metrics;
		return 0;
	}
	tree_close(metrics);
	free(metrics);
	return rc;
}

void metrics_close(struct metrics *metrics)
{
	struct measured unread;
	struct order *order;

	if (!metrics)
		return;
	worker_join(&metrics->worker);
	while ((order = (struct order *)mailbox_take(&metrics->worker.in))) {
		if (order->kind == ORDER_ADD)
			free(order->run);
		free(order);
	}
	while (metrics_next(metrics, &unread))
		continue;
	worker_finish(&metrics->worker);
	tree_close(metrics);
	for (unsigned i = 0; i < METRICS_BUCKETS; i++) {
		while (metrics->runs[i]) {
			struct watched *run = metrics->runs[i];

			metrics->runs[i] = run->next;
			free(run);
		}
	}
	free(metrics);
}

static bool submit(struct metrics *metrics, enum order_kind kind, uint32_t serial, struct watched *run)
{
	struct order *order = metrics ? calloc(1, sizeof *order) : NULL;

	if (!order)
		return false;
	*order = (struct order){.kind = kind, .serial = serial, .run = run};
	mailbox_put(&metrics->worker.in, &order->letter);
	return true;
}

void metrics_add(struct metrics *metrics, uint32_t serial, uint32_t entry, pid_t leader, uint64_t limit_bytes)
{
	struct watched *run = calloc(1, sizeof *run);

	if (!run)
		return;
	run->serial = serial;
	run->entry = entry;
	run->leader = leader;
	run->limit_bytes = limit_bytes;
	if (!submit(metrics, ORDER_ADD, serial, run))
		free(run);
}

void metrics_remove(struct metrics *metrics, uint32_t serial)
{
	submit(metrics, ORDER_REMOVE, serial, NULL);
}

void metrics_look(struct metrics *metrics, uint32_t serial)
{
	submit(metrics, ORDER_LOOK, serial, NULL);
}

int metrics_fd(const struct metrics *metrics)
{
	return metrics->worker.out.fd;
}

bool metrics_next(struct metrics *metrics, struct measured *out)
{
	struct report *report = (struct report *)mailbox_take(&metrics->worker.out);

	if (!report)
		return false;
	*out = report->measured;
	free(report);
	return true;
}
