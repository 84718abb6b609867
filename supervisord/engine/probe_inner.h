/* SPDX-License-Identifier: MIT */
#ifndef SUPERVISORD_ENGINE_PROBE_INNER_H
#define SUPERVISORD_ENGINE_PROBE_INNER_H

#include <stdbool.h>
#include <stdint.h>

#include "engine/probe.h"

/*
 * engine/probe_inner.h - what the kinds of probes share
 *
 *  probe.c         when to ask, and what answers mean
 *  probe_http.c, probe_tcp.c, probe_exec.c   questions
 *  probe_log.c, probe_notify.c               what comes by itself
 *  probe_place.c   whom to connect to
 */

#define WHY_MAX 64

/* One probe of one run. */
struct question {
	struct process *process;
	const struct probe *probe; /* of the process's spec */
	bool of_life;              /* `alive`, not `ready` */
	bool asking;
	uint32_t good; /* answers in a row */
	uint32_t bad;
	void *attempt;       /* the kind's own, while it asks */
	struct event *timer; /* when to ask; while it asks, when to give up */
	char why[WHY_MAX];   /* the last bad answer's reason */
};

/* What has been asked and heard, of a run. */
struct probing {
	struct question ready;
	struct question alive;
	int notify;             /* the socket, or the reading end of the pipe; -1: none */
	struct event *notified; /* it is readable */
};

/*
 * A kind. ask() begins an attempt and sees to it that probe_answer() is called later, in another turn of the loop, if
 * it is not dropped before; it returns 0, or -errno when it could not begin. drop() ends an attempt without an answer.
 */
struct prober {
	int (*ask)(struct question *question);
	void (*drop)(struct question *question);
	bool waits; /* the answer comes by itself, once, whenever that is */
};

extern const struct prober probe_http, probe_tcp, probe_exec, probe_log, probe_notify;

/* The answer; why: of a bad one. The attempt is over and freed; the question may be gone when this returns. */
void probe_answer(struct question *question, bool good, const char *why);

/* probe_notify.c */
int notify_prepare(struct process *process, struct spawn_request *request);
void notify_begin(struct process *process, int pipe);
void notify_end(struct probing *probing);

/* Where a probe connects to. */
struct place {
	char host[256];
	uint16_t port;
	bool local; /* "localhost": 127.0.0.1 first, then ::1 */
};

/* Of "HOST:PORT", "[::1]:PORT" or "PORT". 0, -EINVAL */
int place_parse(const char *text, struct place *out);
/* A numeric address to try, for a local one the second time the other; NULL when there is no other. */
const char *place_address(const struct place *place, unsigned attempt);
/* What looks up other names. NULL: no memory. */
struct evdns_base *place_dns(struct engine *engine);

#endif
