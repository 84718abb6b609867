/* SPDX-License-Identifier: MIT */
#include "engine/mailbox.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <unistd.h>

int mailbox_init(struct mailbox *box)
{
	*box = (struct mailbox){.fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)};
	if (box->fd < 0)
		return -errno;
	pthread_mutex_init(&box->lock, NULL);
	return 0;
}

void mailbox_finish(struct mailbox *box)
{
	close(box->fd);
	pthread_mutex_destroy(&box->lock);
}

/* Under the lock: readable or not, as the box is now. A counter that is full or empty is as it should be. */
static void show(struct mailbox *box, bool readable)
{
	eventfd_t count;

	if (readable)
		eventfd_write(box->fd, 1);
	else
		eventfd_read(box->fd, &count);
}

void mailbox_put(struct mailbox *box, struct letter *letter)
{
	letter->next = NULL;
	pthread_mutex_lock(&box->lock);
	if (box->first) {
		box->last->next = letter;
	} else {
		box->first = letter;
		show(box, true);
	}
	box->last = letter;
	pthread_mutex_unlock(&box->lock);
}

struct letter *mailbox_take(struct mailbox *box)
{
	struct letter *letter;

	pthread_mutex_lock(&box->lock);
	letter = box->first;
	if (letter)
		box->first = letter->next;
	if (letter && !box->first && !box->shut)
		show(box, false);
	pthread_mutex_unlock(&box->lock);
	return letter;
}

bool mailbox_is_shut(struct mailbox *box)
{
	bool shut;

	pthread_mutex_lock(&box->lock);
	shut = box->shut;
	pthread_mutex_unlock(&box->lock);
	return shut;
}

struct letter *mailbox_wait(struct mailbox *box)
{
	struct pollfd ready = {.fd = box->fd, .events = POLLIN};

	for (;;) {
		bool shut = mailbox_is_shut(box); /* asked first, so that no letter of before is missed */
		struct letter *letter = mailbox_take(box);

		if (letter || shut)
			return letter;
		poll(&ready, 1, -1);
	}
}

void mailbox_shut(struct mailbox *box)
{
	pthread_mutex_lock(&box->lock);
	box->shut = true;
	show(box, true);
	pthread_mutex_unlock(&box->lock);
}

static int start_thread(struct worker *worker, void *(*run)(void *arg), void *arg)
{
	sigset_t all;
	sigset_t before;
	int error;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	error = pthread_create(&worker->thread, NULL, run, arg);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return -error;
}

int worker_start(struct worker *worker, void *(*run)(void *arg), void *arg)
{
	int error = mailbox_init(&worker->in);

	if (error)
		return error;
	error = mailbox_init(&worker->out);
	if (error) {
		mailbox_finish(&worker->in);
		return error;
	}
	error = start_thread(worker, run, arg);
	if (error)
		worker_finish(worker);
	return error;
}

void worker_join(struct worker *worker)
{
	mailbox_shut(&worker->in);
	pthread_join(worker->thread, NULL);
}

void worker_finish(struct worker *worker)
{
	mailbox_finish(&worker->in);
	mailbox_finish(&worker->out);
}
