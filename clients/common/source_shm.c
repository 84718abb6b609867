/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <brummer/wait.h>

#include "clients/common/backend.h"
#include "clients/common/when.h"

#define REFRESH_TRIES 16
#define PART          32 /* processes of a walk at once */

/* How long until the next look for a region that is to come, milliseconds. */
#define RESTARTING_MS 50
#define GONE_MS       1000

struct shm_source {
	struct source base;
	struct brm_reader *reader;
	struct brm_bell *bell; /* NULL until source_bell() */
	bool paused;           /* the bell: there is nobody to ring it */
	bool suspect;          /* the bell rang on after it was cleared, as it does after a death */
	int timer;             /* armed while paused */
	int both;              /* bell and timer as one descriptor */
};

static struct shm_source *shm_of(struct source *source)
{
	return (struct shm_source *)source;
}

static void shm_close(struct source *source)
{
	struct shm_source *shm = shm_of(source);

	brm_bell_close(shm->bell);
	if (shm->timer >= 0)
		close(shm->timer);
	if (shm->both >= 0)
		close(shm->both);
	brm_reader_close(shm->reader);
	free(shm);
}

/* Ring every so many milliseconds; 0: never. */
static void arm(const struct shm_source *shm, long ms)
{
	struct timespec each = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000};
	struct itimerspec when = {.it_interval = each, .it_value = each};

	timerfd_settime(shm->timer, 0, &when, NULL);
}

static void arm_once(const struct shm_source *shm)
{
	struct itimerspec now = {.it_value = {.tv_nsec = 1}};

	timerfd_settime(shm->timer, 0, &now, NULL);
}

static int watch(const struct shm_source *shm, int op, int fd)
{
	struct epoll_event event = {.events = EPOLLIN};

	return epoll_ctl(shm->both, op, fd, &event) == 0 ? 0 : -errno;
}

static bool is_gone(enum brm_liveness liveness)
{
	return liveness != BRM_LIVE && liveness != BRM_UNRESPONSIVE;
}

static void bell_pause(struct shm_source *shm)
{
	if (!shm->bell || shm->paused)
		return;
	brm_bell_pause(shm->bell);
	watch(shm, EPOLL_CTL_DEL, brm_bell_fd(shm->bell)); /* it would ring without end */
	shm->paused = true;
}

/* Wake by the region, or, while nobody writes it, by a clock. */
static int bell_resume(struct shm_source *shm, enum brm_liveness liveness)
{
	int rc;

	if (!shm->bell || !shm->paused)
		return 0;
	if (is_gone(liveness)) {
		arm(shm, liveness == BRM_RESTARTING ? RESTARTING_MS : GONE_MS);
		return 0;
	}
	arm(shm, 0);
	rc = brm_bell_resume(shm->bell, shm->reader);
	if (rc == 0)
		rc = watch(shm, EPOLL_CTL_ADD, brm_bell_fd(shm->bell));
	shm->paused = rc != 0;
	return rc;
}

/* Go to the region that is now at the name, if this one is not written any more. */
static int follow(struct shm_source *shm, enum brm_liveness *liveness)
{
	int rc = 0;

	*liveness = brm_reader_liveness(shm->reader);
	if (!is_gone(*liveness))
		return bell_resume(shm, *liveness);
	bell_pause(shm);
	for (int i = 0; i < REFRESH_TRIES && is_gone(*liveness); i++) {
		rc = brm_reader_refresh(shm->reader);
		if (rc <= 0)
			break;
		*liveness = brm_reader_liveness(shm->reader);
	}
	if (rc < 0 && rc != -ENOENT)
		return rc;
	return bell_resume(shm, *liveness);
}

/* All states as of one batch, in the snapshot's store. */
static int list(struct shm_source *shm, struct snapshot *snapshot, struct brm_state **states, uint32_t **entries)
{
	uint32_t room = brm_reader_used(shm->reader);
	struct brm_cut cut;
	int rc;

	do {
		rc = snapshot_reserve_states(snapshot, room, states, entries);
		if (rc != 0)
			return rc;
		brm_reader_list(shm->reader, *states, *entries, room, &cut);
		if (cut.count <= room)
			break;
		room = cut.count;
	} while (room <= brm_reader_capacity(shm->reader));
	snapshot->epoch = cut.epoch;
	snapshot->consistent = cut.consistent;
	return (int)(cut.count < room ? cut.count : room);
}

static size_t rounded(uint32_t length)
{
	return ((size_t)length + 7) & ~(size_t)7;
}

/* The bytes that a process's texts need: of its name, which comes first in its identity, or of all that it is. */
static size_t identity_bytes(const struct brm_state *state, enum source_depth depth)
{
	return rounded(depth == SOURCE_BRIEF ? BRM_NAME_MAX : state->identity.length);
}

/* The bytes that the states' extents need; never more than the region has, whatever they claim. */
static size_t bytes_of(const struct shm_source *shm, const struct brm_state *states, int count, enum source_depth depth)
{
	size_t most = brm_reader_info(shm->reader)->size + (size_t)count * (24 + BRM_NAME_MAX);
	size_t bytes = 0;

	for (int i = 0; i < count && bytes < most; i++)
		bytes += identity_bytes(&states[i], depth) + rounded(states[i].urls.length) +
			 rounded(states[i].ports.length);
	return bytes < most ? bytes : most;
}

static int fill_name(struct shm_source *shm, struct snapshot *snapshot, struct process *process)
{
	char *name = snapshot_take(snapshot, BRM_NAME_MAX);

	if (!name || brm_reader_name(shm->reader, &process->state, name) != 0)
		return -BRM_ECORRUPT;
	process->identity =
		(struct brm_identity){.name = name, .script = "", .command = "", .dir = "", .source = "", .ready = ""};
	return 0;
}

static int fill_identity(struct shm_source *shm, struct snapshot *snapshot, struct process *process)
{
	uint32_t length = process->state.identity.length;
	void *bytes = snapshot_take(snapshot, length);

	if (!bytes || brm_reader_identity(shm->reader, &process->state, bytes, length, &process->identity) != 0)
		return -BRM_ECORRUPT;
	return 0;
}

static int fill_ports(struct shm_source *shm, struct snapshot *snapshot, struct process *process)
{
	const struct brm_state *state = &process->state;
	uint16_t *ports = snapshot_take(snapshot, state->ports.length);
	uint32_t room = state->ports.length / (uint32_t)sizeof *ports, found;

	if (!ports)
		return -BRM_ECORRUPT;
	found = brm_reader_ports(shm->reader, state, ports, room);
	process->ports = ports;
	process->port_count = found < room ? found : room;
	return 0;
}

static int fill_urls(struct shm_source *shm, struct snapshot *snapshot, struct process *process)
{
	const struct brm_state *state = &process->state;
	void *urls = snapshot_take(snapshot, state->urls.length);

	if (!urls)
		return -BRM_ECORRUPT;
	if (brm_reader_urls(shm->reader, state, urls, state->urls.length, &process->urls) != 0)
		process->urls = (struct brm_strings){0};
	return 0;
}

static int fill(struct shm_source *shm, struct snapshot *snapshot, struct process *process,
		const struct brm_state *state, uint32_t entry, enum source_depth depth)
{
	struct brm_handle handle = {.entry = entry, .tenant = brm_head_tenant(state->head)};
	int rc;

	/* The state may lie where the process comes to lie. */
	memmove(&process->state, state, sizeof process->state);
	process->entry = entry;
	process->has_metrics = brm_reader_metrics(shm->reader, handle, &process->metrics) == 0;
	process->has_log = false;
	process->ports = NULL;
	process->port_count = 0;
	rc = fill_urls(shm, snapshot, process);
	if (rc != 0 || depth == SOURCE_BRIEF)
		return rc ? rc : fill_name(shm, snapshot, process);
	process->has_log = brm_reader_log_mark(shm->reader, handle, &process->log) == 0;
	rc = fill_identity(shm, snapshot, process);
	return rc ? rc : fill_ports(shm, snapshot, process);
}

/* Fill in the processes of `count` states, which lie in the snapshot's store. */
static int fill_all(struct shm_source *shm, struct snapshot *snapshot, const struct brm_state *states,
		    const uint32_t *entries, int count, enum source_depth depth)
{
	int rc = snapshot_reserve(snapshot, (uint32_t)count, bytes_of(shm, states, count, depth));

	for (int i = 0; i < count && rc == 0; i++) {
		rc = fill(shm, snapshot, &snapshot->processes[i], &states[i], entries[i], depth);
		snapshot->count += rc == 0;
	}
	return rc;
}

/* It is large, and mostly empty. */
static void copy_info(struct brm_info *out, const struct brm_info *info)
{
	memcpy(out, info, offsetof(struct brm_info, dir));
	strcpy(out->dir, info->dir);
	strcpy(out->state_dir, info->state_dir);
}

/* Before states are taken: whose they are. */
static int begin(struct shm_source *shm, struct snapshot *snapshot)
{
	int rc = follow(shm, &snapshot->liveness);

	if (rc < 0)
		return rc;
	copy_info(&snapshot->info, brm_reader_info(shm->reader));
	return 0;
}

static int shm_snapshot(struct source *source, struct snapshot *snapshot)
{
	struct shm_source *shm = shm_of(source);
	struct brm_state *states;
	uint32_t *entries;
	int rc = begin(shm, snapshot);
	int count;

	if (rc < 0)
		return rc;
	count = list(shm, snapshot, &states, &entries);
	if (count < 0)
		return count;
	rc = fill_all(shm, snapshot, states, entries, count, SOURCE_WHOLE);
	if (rc != 0)
		return rc;
	snapshot_order(snapshot);
	snapshot->now = now_read();
	shm->suspect = false;
	return 0;
}

/* Do they stand in their order, none before *place? It moves to the last one. */
static bool goes_on(const struct snapshot *part, uint64_t *place)
{
	for (uint32_t i = 0; i < part->count; i++) {
		uint64_t next = snapshot_place(&part->processes[i]);

		if (next < *place)
			return false;
		*place = next;
	}
	return true;
}

static int shm_walk(struct source *source, struct snapshot *snapshot, enum source_depth depth, source_part *each,
		    void *arg)
{
	struct shm_source *shm = shm_of(source);
	struct brm_state *states;
	uint32_t *entries, next = 0, used, room;
	uint64_t place = 0;
	int rc = begin(shm, snapshot), count;

	if (rc < 0)
		return rc;
	snapshot->now = now_read();
	snapshot->epoch = brm_reader_epoch(shm->reader);
	snapshot->consistent = true;
	/* Behind the epoch: no entry of its batches is beyond. */
	used = brm_reader_used(shm->reader);
	room = used < PART ? used : PART;
	do {
		rc = snapshot_reserve_states(snapshot, room, &states, &entries);
		if (rc != 0)
			return rc;
		count = brm_reader_part(shm->reader, snapshot->epoch, &next, states, entries, room);
		if (count < 0)
			return count;
		rc = fill_all(shm, snapshot, states, entries, count, depth);
		if (rc == 0 && !goes_on(snapshot, &place))
			rc = -EAGAIN;
		if (rc != 0)
			return rc;
		each(snapshot, arg);
	} while (next < used);
	return 0;
}

static bool shm_changed(const struct source *source, const struct snapshot *snapshot)
{
	const struct shm_source *shm = (const struct shm_source *)source;

	return shm->suspect || brm_reader_epoch(shm->reader) != snapshot->epoch || is_gone(snapshot->liveness) ||
	       brm_reader_lifecycle(shm->reader) > BRM_LIFE_CLOSING;
}

static struct brm_reader *shm_reader(struct source *source)
{
	return shm_of(source)->reader;
}

static int shm_bell(struct source *source, unsigned what)
{
	struct shm_source *shm = shm_of(source);
	int rc;

	if (shm->bell)
		return shm->both;
	shm->timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	shm->both = epoll_create1(EPOLL_CLOEXEC);
	if (shm->timer < 0 || shm->both < 0)
		return -errno;
	rc = brm_bell_open(shm->reader, what, &shm->bell);
	if (rc != 0)
		return rc;
	rc = watch(shm, EPOLL_CTL_ADD, brm_bell_fd(shm->bell));
	if (rc == 0)
		rc = watch(shm, EPOLL_CTL_ADD, shm->timer);
	/* What changed between the last snapshot and the bell was not heard. */
	arm_once(shm);
	return rc == 0 ? shm->both : rc;
}

static void shm_bell_clear(struct source *source)
{
	struct shm_source *shm = shm_of(source);
	struct pollfd bell = {.events = POLLIN};
	uint64_t count;

	if (!shm->bell)
		return;
	brm_bell_clear(shm->bell);
	bell.fd = brm_bell_fd(shm->bell);
	if (!shm->paused && poll(&bell, 1, 0) > 0)
		shm->suspect = true;
	/* Whether it was the clock that rang does not matter. */
	if (read(shm->timer, &count, sizeof count) < 0)
		return;
}

static const struct backend shm_backend = {
	.close = shm_close,
	.snapshot = shm_snapshot,
	.walk = shm_walk,
	.changed = shm_changed,
	.reader = shm_reader,
	.bell = shm_bell,
	.bell_clear = shm_bell_clear,
};

int source_open_shm(const struct brm_instance *instance, struct source **out)
{
	struct shm_source *shm = calloc(1, sizeof *shm);
	int rc;

	if (!shm)
		return -ENOMEM;
	shm->base.backend = &shm_backend;
	shm->timer = shm->both = -1;
	rc = brm_reader_open(instance->region, &shm->reader);
	if (rc != 0) {
		free(shm);
		return rc;
	}
	*out = &shm->base;
	return 0;
}
