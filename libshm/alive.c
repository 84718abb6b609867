/* SPDX-License-Identifier: MIT */
#include "libshm/alive.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <brummer/reader.h>

#include "libshm/futex.h"
#include "libshm/reading.h"

/* Read a small file of /proc as a string. Returns its length or a negated errno. */
static int read_file(const char *path, char *out, size_t size)
{
	int fd = openat(AT_FDCWD, path, O_RDONLY | O_CLOEXEC);
	ssize_t length;

	if (fd < 0)
		return -errno;
	length = read(fd, out, size - 1);
	close(fd);
	if (length < 0)
		return -EIO;
	out[length] = '\0';
	return (int)length;
}

/* Fields of /proc/PID/stat, as proc(5) counts them. */
#define STATE_FIELD 3
#define START_FIELD 22

/* What follows the count-th blank; NULL: there are not so many. */
static const char *field_after(const char *text, unsigned count)
{
	for (; text && count > 0; count--) {
		text = strchr(text, ' ');
		text = text ? text + 1 : NULL;
	}
	return text;
}

int alive_process(int32_t pid, struct alive_process *out)
{
	char path[32];
	char text[1024];
	const char *rest, *start;
	char *end;
	int rc;

	snprintf(path, sizeof path, "/proc/%d/stat", pid);
	rc = read_file(path, text, sizeof text);
	if (rc < 0)
		return rc == -ENOENT || rc == -ESRCH ? -ENOENT : -EIO;
	/* The name before it may hold anything, but no ')' comes after. */
	rest = strrchr(text, ')');
	start = rest ? field_after(rest, START_FIELD - STATE_FIELD + 1) : NULL;
	if (!start || rest[2] == '\0')
		return -EIO;
	*out = (struct alive_process){.state = rest[2], .start = strtoull(start, &end, 10)};
	return end > start ? 0 : -EIO;
}

uint64_t alive_pid_namespace(void)
{
	struct stat st;

	return stat("/proc/self/ns/pid", &st) == 0 ? st.st_ino : 0;
}

void alive_boot_id(char *out, size_t size)
{
	if (read_file("/proc/sys/kernel/random/boot_id", out, size) < 0)
		out[0] = '\0';
	out[strcspn(out, "\n")] = '\0';
}

int alive_lock(int fd)
{
	struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};

	return fcntl(fd, F_OFD_SETLK, &lock) == 0 ? 0 : -errno;
}

bool alive_is_locked(int fd)
{
	struct flock lock = {.l_type = F_RDLCK, .l_whence = SEEK_SET};

	return fcntl(fd, F_OFD_GETLK, &lock) == 0 && lock.l_type == F_WRLCK;
}

static uint64_t clock_ns(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

uint64_t alive_monotonic_ns(void)
{
	return clock_ns(CLOCK_MONOTONIC);
}

uint64_t alive_realtime_ns(void)
{
	return clock_ns(CLOCK_REALTIME);
}

/* Do pids of the region's header mean the same here? */
static bool same_namespace(const struct brm_reader *reader)
{
	return reader->info.pid_namespace != 0 && reader->info.pid_namespace == alive_pid_namespace();
}

/* Was the region made since this machine was started? The copy of one may be older, its start times another boot's. */
static bool same_boot(const struct brm_reader *reader)
{
	char boot_id[sizeof reader->info.boot_id];

	alive_boot_id(boot_id, sizeof boot_id);
	return strcmp(boot_id, reader->info.boot_id) == 0;
}

/* The process of that pid, if it is the one that started then; that is so in the same_namespace() alone. */
static bool find_process(int32_t pid, uint64_t start, struct alive_process *out)
{
	return pid > 0 && alive_process(pid, out) == 0 && out->start == start;
}

static bool is_stopped(const struct brm_reader *reader)
{
	struct alive_process engine;

	/* The namespace last: it is seldom asked for then, and takes longer than the rest. */
	return find_process(reader->info.engine_pid, reader->info.engine_start, &engine) &&
	       (engine.state == 'T' || engine.state == 't') && same_namespace(reader);
}

static bool is_busy(const struct brm_reader *reader)
{
	/* relaxed: a time, nothing hangs on it */
	uint64_t since = atomic_load_explicit(&map_life(&reader->map)->busy_since_ns, memory_order_relaxed);
	uint64_t now = alive_monotonic_ns();

	return since != 0 && now > since && now - since > ALIVE_BUSY_LIMIT_NS;
}

static bool keeper_lives(const struct brm_reader *reader)
{
	struct alive_process keeper;

	return same_boot(reader) && same_namespace(reader) &&
	       find_process(reader->info.keeper_pid, reader->info.keeper_start, &keeper) && keeper.state != 'Z' &&
	       keeper.state != 'X';
}

enum brm_liveness brm_reader_liveness(const struct brm_reader *reader)
{
	/* acquire: if it says died because the region was closed, the life cycle loaded below says so */
	uint32_t owner = atomic_load_explicit(map_word(&reader->map, LAYOUT_OWNER), memory_order_acquire);
	bool gone = (owner & FUTEX_DIED_BIT) || !alive_is_locked(reader->map.fd);
	enum brm_lifecycle life = brm_reader_lifecycle(reader);

	if (life == BRM_LIFE_CLOSED)
		return BRM_CLOSED;
	if (life == BRM_LIFE_SUPERSEDED)
		return BRM_SUPERSEDED;
	if (gone)
		return keeper_lives(reader) ? BRM_RESTARTING : BRM_DEAD;
	return is_stopped(reader) || is_busy(reader) ? BRM_UNRESPONSIVE : BRM_LIVE;
}
