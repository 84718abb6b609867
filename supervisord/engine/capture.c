/* SPDX-License-Identifier: MIT */
#include "engine/capture.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "engine/mailbox.h"
#include "engine/outlet.h"

#define CHUNK_BYTES (1u << 20) /* of one source, before the others have their turn */
#define RELAY_BYTES (1u << 16)
#define BELL_NS     UINT64_C(10000000)  /* between two rings */
#define QUIET_NS    UINT64_C(200000000) /* then a line without end is a prompt, and shown */
#define EVENTS      64
#define BUCKETS     1024u

struct run;

/* One pipe, or the master of a pty. */
struct source {
	struct run *run;
	int fd; /* -1: at its end, or never there */
	enum brm_stream stream;
};

struct run {
	struct run *next; /* of its bucket, or of the dead */
	struct outlet *outlet;
	struct source sources[2];
	int relay; /* a pty's output goes through it; -1: no pty */
	uint32_t serial;
	bool drained; /* its exit was reported: it lives as long as its pipes */
	bool dead;
};

enum what { ADD, ADOPT, DRAIN, FORGET, RELEASE };

struct command {
	struct letter letter;
	enum what what;
	uint32_t serial;
	uint32_t entry;
	struct run_fds fds;
	bool remove;
	struct run *run;       /* ADD and ADOPT: made by the caller, who can say that there is no memory */
	struct drained report; /* DRAIN: goes back */
	char name[];
};

struct capture {
	struct worker worker;
	struct brm_writer *writer;
	struct outlet_places places;
	char *state_dir;
	int epoll;
	/* The thread's own: */
	struct run *runs[BUCKETS];
	struct outlet *outlets[BUCKETS];
	struct run *dead;     /* to be freed when no event can name them any more */
	struct outlet *moved; /* whose mark is to be published */
	struct outlet *warm;  /* whose lines without end are to be flushed */
	bool ring;
	uint64_t rang_ns;
};

static struct run **find_run(struct capture *capture, uint32_t serial)
{
	struct run **at = &capture->runs[serial % BUCKETS];

	while (*at && (*at)->serial != serial)
		at = &(*at)->next;
	return at;
}

static struct outlet **find_outlet(struct capture *capture, const char *name)
{
	uint32_t hash = 2166136261u;
	struct outlet **at;

	for (const char *c = name; *c; c++)
		hash = (hash ^ (unsigned char)*c) * 16777619u;
	at = &capture->outlets[hash % BUCKETS];
	while (*at && strcmp((*at)->name, name) != 0)
		at = &(*at)->next;
	return at;
}

static void note_output(struct capture *capture, struct outlet *outlet)
{
	if (!outlet->moved) {
		outlet->moved = true;
		outlet->moved_next = capture->moved;
		capture->moved = outlet;
	}
	if (!outlet->warm) {
		outlet->warm = true;
		outlet->warm_next = capture->warm;
		capture->warm = outlet;
	}
}

/* The keeper's duplicate keeps a closed descriptor's events coming: so it is taken out first. */
static void close_source(struct capture *capture, struct source *source)
{
	if (source->fd < 0)
		return;
	epoll_ctl(capture->epoll, EPOLL_CTL_DEL, source->fd, NULL);
	close(source->fd);
	source->fd = -1;
}

static ssize_t take(struct capture *capture, struct source *source, int pipe_fd, size_t max)
{
	struct outlet *outlet = source->run->outlet;
	ssize_t moved = outlet_take(outlet, &capture->places, pipe_fd, source->stream, max);

	if (moved > 0)
		note_output(capture, outlet);
	return moved;
}

/* A pty's end shows as EIO; what an engine before this one left in the relay goes first. */
static ssize_t take_pty(struct capture *capture, struct source *source)
{
	int relay = source->run->relay;
	ssize_t moved;

	while (take(capture, source, relay, CHUNK_BYTES) > 0)
		continue;
	moved = splice(source->fd, NULL, relay, NULL, RELAY_BYTES, SPLICE_F_NONBLOCK);
	if (moved < 0)
		return errno == EAGAIN || errno == EINTR ? -EAGAIN : 0;
	while (take(capture, source, relay, CHUNK_BYTES) > 0)
		continue;
	return moved;
}

static ssize_t take_some(struct capture *capture, struct source *source, size_t max)
{
	return source->run->relay >= 0 ? take_pty(capture, source) : take(capture, source, source->fd, max);
}

/* What is in the pipe now, and not what comes meanwhile. A pty does not say how much it holds before it is read. */
static void take_held(struct capture *capture, struct source *source)
{
	int held = CHUNK_BYTES;
	ssize_t moved = 1;

	if (source->fd < 0 || (source->run->relay < 0 && ioctl(source->fd, FIONREAD, &held) != 0))
		return;
	while (held > 0 && moved > 0) {
		moved = take_some(capture, source, (size_t)held);
		held -= (int)moved;
	}
}

static void bury(struct capture *capture, struct run *run)
{
	struct run **at = find_run(capture, run->serial);

	*at = run->next;
	run->next = capture->dead;
	run->dead = true;
	capture->dead = run;
	for (int i = 0; i < 2; i++)
		close_source(capture, &run->sources[i]);
	if (run->relay >= 0)
		close(run->relay);
	run->outlet->runs--;
	if (run->outlet->released)
		note_output(capture, run->outlet);
}

static void bury_if_over(struct capture *capture, struct run *run)
{
	if (run->drained && run->sources[0].fd < 0 && run->sources[1].fd < 0)
		bury(capture, run);
}

static void pump(struct capture *capture, struct source *source)
{
	if (source->fd < 0 || take_some(capture, source, CHUNK_BYTES) != 0)
		return;
	close_source(capture, source);
	bury_if_over(capture, source->run);
}

static void flush(struct capture *capture, struct outlet *outlet)
{
	for (int stream = BRM_OUT; stream <= BRM_ERR; stream++)
		outlet_flush(outlet, (enum brm_stream)stream);
	note_output(capture, outlet);
}

static void drain(struct capture *capture, struct run *run)
{
	for (int i = 0; i < 2; i++)
		take_held(capture, &run->sources[i]);
	flush(capture, run->outlet);
}

static struct outlet *get_outlet(struct capture *capture, const char *name)
{
	struct outlet **at = find_outlet(capture, name);

	if (!*at)
		*at = outlet_open(&capture->places, name);
	return *at;
}

static void watch(struct capture *capture, struct run *run)
{
	for (int i = 0; i < 2; i++) {
		struct source *source = &run->sources[i];
		struct epoll_event event = {.events = EPOLLIN, .data.ptr = source};

		if (source->fd >= 0 && epoll_ctl(capture->epoll, EPOLL_CTL_ADD, source->fd, &event) != 0)
			close_source(capture, source);
	}
}

static struct run *make_run(uint32_t serial, const struct run_fds *fds)
{
	struct run *run = calloc(1, sizeof *run);
	bool pty = fds->out >= 0 && isatty(fds->out);

	if (!run)
		return NULL;
	run->serial = serial;
	run->relay = pty ? fds->err : -1;
	run->sources[0] = (struct source){.run = run, .fd = fds->out, .stream = BRM_OUT};
	run->sources[1] = (struct source){.run = run, .fd = pty ? -1 : fds->err, .stream = BRM_ERR};
	return run;
}

static void do_add(struct capture *capture, struct command *command)
{
	struct run *run = command->run;
	struct run **old = find_run(capture, command->serial);
	struct outlet *outlet = get_outlet(capture, command->name);

	if (!outlet)
		abort(); /* out of memory: a fresh engine finds pipes and stores as they are */
	if (*old)
		bury(capture, *old);
	outlet->entry = command->entry;
	outlet->new_run |= command->what == ADD;
	outlet->released = false;
	outlet->remove = false;
	outlet->runs++;
	run->outlet = outlet;
	run->next = capture->runs[run->serial % BUCKETS];
	capture->runs[run->serial % BUCKETS] = run;
	watch(capture, run);
}

static void do_drain(struct capture *capture, struct command *command)
{
	struct run *run = *find_run(capture, command->serial);
	struct drained *report = &command->report;
	struct brm_logstore *store;

	*report = (struct drained){.serial = command->serial};
	if (!run)
		return;
	drain(capture, run);
	store = run->outlet->store;
	if (store)
		brm_logstore_last_error(store, report->last_error, sizeof report->last_error - 1);
	run->drained = true;
	bury_if_over(capture, run);
}

static void do_forget(struct capture *capture, struct command *command)
{
	struct run *run = *find_run(capture, command->serial);

	if (!run)
		return;
	drain(capture, run);
	bury(capture, run);
}

static void do_release(struct capture *capture, struct command *command)
{
	struct outlet *outlet = *find_outlet(capture, command->name);

	if (!outlet && command->remove)
		brm_logstore_remove(capture->places.state_dir, command->name);
	if (!outlet)
		return;
	outlet->released = true;
	outlet->remove = command->remove;
	note_output(capture, outlet);
}

static void (*const commands[])(struct capture *capture, struct command *command) = {
	[ADD] = do_add, [ADOPT] = do_add, [DRAIN] = do_drain, [FORGET] = do_forget, [RELEASE] = do_release,
};

static void publish_mark(struct capture *capture, const struct outlet *outlet)
{
	struct brm_log_mark mark;

	if (!capture->writer || outlet->released)
		return;
	outlet_mark(outlet, &mark);
	brm_writer_log_mark(capture->writer, outlet->entry, &mark);
	capture->ring = true;
}

/* Remove an outlet from the warm ones. */
static void cool(struct capture *capture, struct outlet *outlet)
{
	struct outlet **at = &capture->warm;

	while (*at && *at != outlet)
		at = &(*at)->warm_next;
	if (*at)
		*at = outlet->warm_next;
	outlet->warm = false;
}

static void publish_marks(struct capture *capture)
{
	while (capture->moved) {
		struct outlet *outlet = capture->moved;

		capture->moved = outlet->moved_next;
		outlet->moved = false;
		publish_mark(capture, outlet);
		if (!outlet->released || outlet->runs > 0)
			continue;
		cool(capture, outlet);
		*find_outlet(capture, outlet->name) = outlet->next;
		outlet_close(outlet, &capture->places);
	}
}

/* Flush what has been quiet for long enough; returns when to look again, UINT64_MAX for never. */
static uint64_t flush_quiet(struct capture *capture, uint64_t now_ns)
{
	uint64_t next_ns = UINT64_MAX;
	struct outlet **at = &capture->warm;

	while (*at) {
		struct outlet *outlet = *at;

		for (int stream = BRM_OUT; stream <= BRM_ERR; stream++) {
			uint64_t due_ns = outlet->wrote_ns[stream] + QUIET_NS;

			if (outlet->unflushed[stream] && now_ns >= due_ns) {
				outlet_flush(outlet, (enum brm_stream)stream);
				note_output(capture, outlet);
			}
			due_ns = outlet->wrote_ns[stream] + QUIET_NS;
			if (outlet->unflushed[stream] && due_ns < next_ns)
				next_ns = due_ns;
		}
		outlet->warm = outlet->unflushed[0] || outlet->unflushed[1];
		if (outlet->warm)
			at = &outlet->warm_next;
		else
			*at = outlet->warm_next;
	}
	return next_ns;
}

/* Ring at once after quiet, else when the time since the last ring is over: then that is returned. */
static uint64_t ring(struct capture *capture, uint64_t now_ns)
{
	if (!capture->ring)
		return UINT64_MAX;
	if (now_ns < capture->rang_ns + BELL_NS)
		return capture->rang_ns + BELL_NS;
	brm_writer_ring_logs(capture->writer);
	capture->ring = false;
	capture->rang_ns = now_ns;
	return UINT64_MAX;
}

static void free_dead(struct capture *capture)
{
	while (capture->dead) {
		struct run *run = capture->dead;

		capture->dead = run->next;
		free(run);
	}
}

/* What follows from a batch of events. Returns the milliseconds until something is due, -1 for never. */
static int settle(struct capture *capture)
{
	uint64_t now_ns = outlet_now_ns();
	uint64_t flush_ns = flush_quiet(capture, now_ns);
	uint64_t ring_ns;
	uint64_t due_ns;

	publish_marks(capture);
	ring_ns = ring(capture, now_ns);
	free_dead(capture);
	due_ns = flush_ns < ring_ns ? flush_ns : ring_ns;
	if (due_ns == UINT64_MAX)
		return -1;
	return due_ns > now_ns ? (int)((due_ns - now_ns + 999999u) / 1000000u) : 0;
}

static void obey(struct capture *capture)
{
	struct command *command;

	while ((command = (struct command *)mailbox_take(&capture->worker.in))) {
		commands[command->what](capture, command);
		if (command->what == DRAIN) {
			publish_marks(capture); /* before its exit can be */
			mailbox_put(&capture->worker.out, &command->letter);
		} else {
			free(command);
		}
	}
}

static void close_all(struct capture *capture)
{
	for (unsigned i = 0; i < BUCKETS; i++) {
		while (capture->runs[i]) {
			drain(capture, capture->runs[i]);
			bury(capture, capture->runs[i]);
		}
	}
	publish_marks(capture);
	if (capture->ring)
		brm_writer_ring_logs(capture->writer);
	free_dead(capture);
	for (unsigned i = 0; i < BUCKETS; i++) {
		while (capture->outlets[i]) {
			struct outlet *outlet = capture->outlets[i];

			capture->outlets[i] = outlet->next;
			outlet_close(outlet, &capture->places);
		}
	}
}

static void *run_thread(void *arg)
{
	struct capture *capture = arg;
	struct epoll_event events[EVENTS];
	int timeout_ms = -1;

	while (!mailbox_is_shut(&capture->worker.in)) {
		int count = epoll_wait(capture->epoll, events, EVENTS, timeout_ms);

		for (int i = 0; i < count; i++)
			if (events[i].data.ptr)
				pump(capture, events[i].data.ptr);
		obey(capture);
		timeout_ms = settle(capture);
	}
	obey(capture);
	close_all(capture);
	return NULL;
}

static void dispose(struct capture *capture)
{
	if (capture->epoll >= 0)
		close(capture->epoll);
	if (capture->places.null_fd >= 0)
		close(capture->places.null_fd);
	free(capture->state_dir);
	free(capture);
}

static int prepare(struct capture *capture)
{
	if (!capture->state_dir)
		return -ENOMEM;
	capture->places.state_dir = capture->state_dir;
	return capture->epoll < 0 || capture->places.null_fd < 0 ? -errno : 0;
}

/* The thread sees its commands as one more descriptor. */
static int start(struct capture *capture)
{
	struct epoll_event event = {.events = EPOLLIN, .data.ptr = NULL};
	int error = worker_start(&capture->worker, run_thread, capture);

	if (error)
		return error;
	return epoll_ctl(capture->epoll, EPOLL_CTL_ADD, capture->worker.in.fd, &event) == 0 ? 0 : -errno;
}

int capture_open(struct brm_writer *writer, const char *state_dir, struct capture **out)
{
	struct capture *capture = calloc(1, sizeof *capture);
	int error;

	if (!capture)
		return -ENOMEM;
	capture->writer = writer;
	capture->state_dir = strdup(state_dir);
	capture->places.null_fd = open("/dev/null", O_WRONLY | O_CLOEXEC);
	capture->epoll = epoll_create1(EPOLL_CLOEXEC);
	error = prepare(capture);
	if (!error)
		error = start(capture);
	if (error)
		dispose(capture);
	else
		*out = capture;
	return error;
}

/* NULL: no memory. */
static struct command *make_command(enum what what, uint32_t serial, const char *name)
{
	struct command *command = calloc(1, sizeof *command + strlen(name) + 1);

	if (!command)
		return NULL;
	command->what = what;
	command->serial = serial;
	strcpy(command->name, name);
	return command;
}

static void submit(struct capture *capture, struct command *command)
{
	mailbox_put(&capture->worker.in, &command->letter);
}

static int add(struct capture *capture, struct command *command, uint32_t entry, struct run_fds fds)
{
	struct run *run = command ? make_run(command->serial, &fds) : NULL;

	if (!run) {
		free(command);
		close(fds.out);
		close(fds.err);
		return -ENOMEM;
	}
	command->run = run;
	command->entry = entry;
	submit(capture, command);
	return 0;
}

int capture_add(struct capture *capture, uint32_t serial, uint32_t entry, const char *name, struct run_fds fds)
{
	return add(capture, make_command(ADD, serial, name), entry, fds);
}

int capture_adopt(struct capture *capture, uint32_t serial, uint32_t entry, const char *name, struct run_fds fds)
{
	return add(capture, make_command(ADOPT, serial, name), entry, fds);
}

/* An order that must not fail: with no memory for it the engine is better begun again. */
static struct command *must_make(enum what what, uint32_t serial, const char *name)
{
	struct command *command = make_command(what, serial, name);

	if (!command)
		abort();
	return command;
}

void capture_drain(struct capture *capture, uint32_t serial)
{
	submit(capture, must_make(DRAIN, serial, ""));
}

void capture_forget(struct capture *capture, uint32_t serial)
{
	submit(capture, must_make(FORGET, serial, ""));
}

void capture_release(struct capture *capture, const char *name, bool remove)
{
	struct command *command = must_make(RELEASE, 0, name);

	command->remove = remove;
	submit(capture, command);
}

int capture_fd(const struct capture *capture)
{
	return capture->worker.out.fd;
}

bool capture_next(struct capture *capture, struct drained *out)
{
	struct command *command = (struct command *)mailbox_take(&capture->worker.out);

	if (!command)
		return false;
	*out = command->report;
	free(command);
	return true;
}

void capture_close(struct capture *capture)
{
	struct drained unread;

	if (!capture)
		return;
	worker_join(&capture->worker);
	while (capture_next(capture, &unread))
		continue;
	worker_finish(&capture->worker);
	dispose(capture);
}
