/* SPDX-License-Identifier: MIT */
#ifndef SUPERVISORD_ENGINE_MAILBOX_H
#define SUPERVISORD_ENGINE_MAILBOX_H

#include <pthread.h>
#include <stdbool.h>

/*
 * engine/mailbox.h - a queue from thread to thread, with a descriptor to wait on
 *
 * Letters are whatever begins with a struct letter; the queue is in order and never full, and owns nothing. The
 * descriptor is readable while a letter is there or the box is shut.
 *
 * Threads  Any.
 */

struct letter {
	struct letter *next;
};

struct mailbox {
	pthread_mutex_t lock;
	struct letter *first;
	struct letter *last;
	bool shut;
	int fd; /* eventfd */
};

int mailbox_init(struct mailbox *box); /* 0, -errno */
void mailbox_finish(struct mailbox *box);

void mailbox_put(struct mailbox *box, struct letter *letter);
/* The oldest letter; NULL when there is none. */
struct letter *mailbox_take(struct mailbox *box);
/* Wait for a letter; NULL when the box is shut and empty. */
struct letter *mailbox_wait(struct mailbox *box);
/* Nothing will be put in any more. */
void mailbox_shut(struct mailbox *box);
bool mailbox_is_shut(struct mailbox *box);

/*
 * A thread that takes letters from one box and puts them into another. It gets no signals.
 *
 * worker_join() shuts the box `in` and waits for the thread, which ends when that is empty; then the owner takes what
 * is left in `out`, and worker_finish() closes both.
 */
struct worker {
	pthread_t thread;
	struct mailbox in;
	struct mailbox out;
};
int worker_start(struct worker *worker, void *(*run)(void *arg), void *arg); /* 0, -errno */
void worker_join(struct worker *worker);
void worker_finish(struct worker *worker);

#endif
