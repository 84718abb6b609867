/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "libshm/futex.h"
#include "libshm/waiting.h"

/* bell.c - a thread that sleeps on the region for a program that sleeps on descriptors */

struct brm_bell {
	const struct brm_reader *reader;
	unsigned what;
	int fd;
	bool runs; /* there is a thread to join */
	pthread_t thread;
	struct brm_ticket ticket; /* the thread's */
	_Atomic uint32_t stop;    /* a futex word: 1 ends the thread */
	_Atomic bool dead;        /* the writer is gone: the descriptor stays readable */
};

static void make_readable(struct brm_bell *bell)
{
	eventfd_write(bell->fd, 1);
}

static void *watch(void *arg)
{
	struct brm_bell *bell = arg;
	int rc;

	for (;;) {
		rc = wait_words(bell->reader, &bell->ticket, bell->what, &bell->stop, -1);
		/* relaxed: it is set for this thread alone */
		if (atomic_load_explicit(&bell->stop, memory_order_relaxed) != 0)
			return NULL;
		if (rc != 0 && rc != -EINTR)
			break;
		brm_wait_sample(bell->reader, &bell->ticket);
		make_readable(bell);
	}
	/* release: before the descriptor tells */
	atomic_store_explicit(&bell->dead, true, memory_order_release);
	make_readable(bell);
	return NULL;
}

/* The thread must not take signals that the program's own threads wait for. */
static int start_thread(struct brm_bell *bell)
{
	sigset_t all, before;
	int rc;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	rc = pthread_create(&bell->thread, NULL, watch, bell);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	bell->runs = rc == 0;
	return -rc;
}

int brm_bell_open(const struct brm_reader *reader, unsigned what, struct brm_bell **out)
{
	struct brm_bell *bell = calloc(1, sizeof *bell);
	int rc;

	if (!bell)
		return -ENOMEM;
	bell->what = what;
	bell->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	rc = bell->fd < 0 ? -errno : brm_bell_resume(bell, reader);
	if (rc == 0)
		*out = bell;
	else
		brm_bell_close(bell);
	return rc;
}

int brm_bell_fd(const struct brm_bell *bell)
{
	return bell->fd;
}

void brm_bell_clear(struct brm_bell *bell)
{
	eventfd_t count;

	eventfd_read(bell->fd, &count);
	/* acquire: after the read, which may have taken what the thread wrote on the writer's death */
	if (atomic_load_explicit(&bell->dead, memory_order_acquire))
		make_readable(bell);
}

void brm_bell_pause(struct brm_bell *bell)
{
	if (!bell->runs)
		return;
	/* relaxed: the join orders everything else */
	atomic_store_explicit(&bell->stop, 1, memory_order_relaxed);
	futex_wake(&bell->stop, FUTEX_MATCH_ANY);
	pthread_join(bell->thread, NULL);
	bell->runs = false;
}

int brm_bell_resume(struct brm_bell *bell, const struct brm_reader *reader)
{
	brm_bell_pause(bell);
	bell->reader = reader;
	/* relaxed, both: there is no thread */
	atomic_store_explicit(&bell->stop, 0, memory_order_relaxed);
	atomic_store_explicit(&bell->dead, false, memory_order_relaxed);
	brm_bell_clear(bell);
	brm_wait_sample(reader, &bell->ticket);
	return start_thread(bell);
}

void brm_bell_close(struct brm_bell *bell)
{
	if (!bell)
		return;
	brm_bell_pause(bell);
	if (bell->fd >= 0)
		close(bell->fd);
	free(bell);
}
