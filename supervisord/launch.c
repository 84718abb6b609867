/* SPDX-License-Identifier: MIT */
#include "launch.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <brummer/reader.h>

#include "engine/cgroup.h"
#include "engine/tag.h"
#include "keeper/keeper.h"
#include "say.h"

#define LOCK_TRIES  100
#define CLOSE_MS    60000 /* wait for one that shuts down, at most */
#define NASCENT_MS  2000  /* and for one that has no region: it has just ended, or just begun */
#define LONE_END_MS 10000 /* for an engine that has lost its keeper, to be gone */

int launch_instance(const struct options *options, struct brm_instance *out)
{
	const char *dir = options->dir ? options->dir : ".";
	const char *name = options->instance ? options->instance : options->dir ? NULL : getenv("BRUMMER_INSTANCE");
	char *real = realpath(dir, NULL);
	int rc = real ? 0 : -errno;

	if (!real && options->identity) { /* an engine goes on, also when its directory was removed */
		real = strdup(dir);
		rc = real ? 0 : -ENOMEM;
	}

	if (rc == 0)
		rc = name && *name ? brm_instance_of_name(name, out) : brm_instance_of_dir(real, out);
	if (rc == 0)
		snprintf(out->dir, sizeof out->dir, "%s", real);
	else if (real && name)
		say("cannot use the instance name %s: %s", name, brm_strerror(rc));
	else
		say("cannot use the directory %s: %s", dir, brm_strerror(rc));
	free(real);
	return rc;
}

/* Does the locked file still have its name? Its former owner may have removed it in between. */
static bool is_current(int fd, const char *path)
{
	struct stat mine, named;

	return fstat(fd, &mine) == 0 && stat(path, &named) == 0 && mine.st_ino == named.st_ino &&
	       mine.st_dev == named.st_dev;
}

static void say_owner(int fd)
{
	char text[16] = "";
	ssize_t length = pread(fd, text, sizeof text - 1, 0);

	if (length > 0)
		say("cannot start: another supervisor runs here (pid %ld)", strtol(text, NULL, 10));
	else
		say("cannot start: another supervisor is starting here");
}

static int64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Milliseconds for which it is worth waiting for the one that runs here; 0: it goes on. */
static int64_t patience_ms(const struct brm_instance *instance)
{
	enum brm_lifecycle life;
	struct brm_reader *reader;

	if (brm_reader_open(instance->region, &reader) != 0)
		return NASCENT_MS;
	life = brm_reader_lifecycle(reader);
	brm_reader_close(reader);
	return life == BRM_LIFE_CLOSING || life == BRM_LIFE_CLOSED ? CLOSE_MS : 0;
}

/*
 * A start while the supervisor before it shuts down comes after that: wait until nobody has the lock, or the one who
 * has it goes on. What the other one removes at its end is made again.
 */
static void wait_for_end(const struct brm_instance *instance)
{
	static const struct timespec pause = {.tv_nsec = 5000000};
	int64_t begin_ms = now_ms();

	while (now_ms() - begin_ms < patience_ms(instance)) {
		int fd = open(instance->lock, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
		bool is_free = fd < 0 || flock(fd, LOCK_EX | LOCK_NB) == 0;

		if (fd >= 0)
			close(fd);
		if (is_free)
			return;
		nanosleep(&pause, NULL);
	}
}

/* The engine of a region that names no keeper, by its pidfd; -1: there is none. */
static int find_lone_engine(const char *region)
{
	struct brm_reader *reader;
	const struct brm_info *info;
	int fd = -1;

	if (brm_reader_open(region, &reader) != 0)
		return -1;
	info = brm_reader_info(reader);
	if (info->keeper_pid == 0 && brm_reader_liveness(reader) <= BRM_UNRESPONSIVE)
		fd = (int)syscall(SYS_pidfd_open, info->engine_pid, 0);
	if (fd >= 0 && brm_reader_liveness(reader) > BRM_UNRESPONSIVE) { /* its pid may be another's by now */
		close(fd);
		fd = -1;
	}
	brm_reader_close(reader);
	return fd;
}

/*
 * Does an engine that has lost its keeper hold the lock? We take its place: what it runs is taken over like that of a
 * supervisor that was killed whole.
 */
static bool replace_lone_engine(const char *region)
{
	struct pollfd end = {.fd = find_lone_engine(region), .events = POLLIN};
	bool gone;

	if (end.fd < 0)
		return false;
	say("the supervisor here has lost its keeper: taking its place");
	syscall(SYS_pidfd_send_signal, end.fd, SIGKILL, NULL, 0);
	gone = poll(&end, 1, LONE_END_MS) == 1;
	close(end.fd);
	return gone;
}

/* The instance's lock, held as long as anybody has the descriptor. -errno, which was said. */
static int take_lock(const char *path, const char *region)
{
	for (int i = 0; i < LOCK_TRIES; i++) {
		int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
		int rc = fd < 0 || flock(fd, LOCK_EX | LOCK_NB) != 0 ? -errno : 0;
		bool current = fd >= 0 && is_current(fd, path);

		if (rc == 0 && current)
			return fd;
		if (rc == -EWOULDBLOCK && current && replace_lone_engine(region)) {
			close(fd);
			continue;
		}
		if (rc == -EWOULDBLOCK && current)
			say_owner(fd);
		else if (rc != 0 && rc != -EWOULDBLOCK)
			say("cannot lock %s: %s", path, strerror(-rc));
		if (fd >= 0)
			close(fd);
		if (fd < 0 || current)
			return rc;
	}
	say("cannot lock %s: it comes and goes", path);
	return -EBUSY;
}

static void write_owner(int fd)
{
	char text[16];
	int length = snprintf(text, sizeof text, "%d\n", (int)getpid());

	if (ftruncate(fd, 0) != 0 || pwrite(fd, text, (size_t)length, 0) != length)
		say("cannot write the lock file: %s", strerror(errno));
}

/* A new identity, or that of a supervisor that was killed here: its processes may live, under its tag. */
static void make_identity(struct engine_options *engine)
{
	struct brm_reader *reader;
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	engine->started_ns = (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
	if (brm_reader_open(engine->instance.region, &reader) == 0) {
		const struct brm_info *info = brm_reader_info(reader);

		memcpy(engine->uuid, info->uuid, sizeof engine->uuid);
		engine->tag = info->tag & 0x7fffffffu;
		brm_reader_close(reader);
	}
	if (engine->tag != 0)
		return;
	while (getrandom(engine->uuid, sizeof engine->uuid, 0) != sizeof engine->uuid ||
	       getrandom(&engine->tag, sizeof engine->tag, 0) != sizeof engine->tag ||
	       (engine->tag &= 0x7fffffffu) == 0)
		continue;
}

/* Be the keeper until the end. `ready` gets its line; exit status. */
static int keep(const struct engine_command *command, int lock, int ready)
{
	struct keeper_options keeper = {.engine_argv = command->argv,
					.lock_fd = lock,
					.ready_fd = ready,
					.program_fd = open("/proc/self/exe", O_PATH | O_CLOEXEC)};

	write_owner(lock);
	return keeper_run(&keeper);
}

/* Did the keeper's line say that the engine came up? */
static bool was_ready(int fd)
{
	char line[16] = "";

	return read(fd, line, sizeof line - 1) > 0 && strncmp(line, "ready", 5) == 0;
}

static int keep_in_front(const struct engine_command *command, int lock)
{
	int ready[2], status;

	if (pipe2(ready, O_CLOEXEC) != 0) {
		say("cannot make a pipe: %s", strerror(errno));
		return 1;
	}
	status = keep(command, lock, ready[1]);
	if (!was_ready(ready[0]))
		status = 1;
	close(ready[0]);
	return status;
}

/* Close all but the three standard ones and two more. */
static void close_others(int a, int b)
{
	int low = a < b ? a : b, high = a < b ? b : a;

	if (low > 3)
		syscall(SYS_close_range, 3, low - 1, 0);
	if (high > low + 1)
		syscall(SYS_close_range, low + 1, high - 1, 0);
	syscall(SYS_close_range, high + 1, ~0U, 0);
}

/* The daemon: nothing of the caller's is kept open, complaints go where the caller reads them while it waits. */
static _Noreturn void keep_as_daemon(const struct engine_command *command, int lock, int ready, int complaints)
{
	int null = open("/dev/null", O_RDWR);

	setsid();
	if (chdir("/") != 0 || null < 0 || dup2(null, 0) < 0 || dup2(null, 1) < 0 || dup2(complaints, 2) < 0)
		say("cannot become a daemon: %s", strerror(errno));
	else
		close_others(lock, ready);
	_exit(keep(command, lock, ready));
}

/* Hand on what the daemon complains of until it is ready or has failed. Returns the caller's exit status. */
static int await(int ready, int complaints)
{
	struct pollfd fds[] = {{.fd = complaints, .events = POLLIN}, {.fd = ready, .events = POLLIN}};
	char text[4096];
	ssize_t length;

	fcntl(complaints, F_SETFL, O_NONBLOCK);
	do {
		if (poll(fds, 2, -1) < 0 && errno != EINTR)
			return 1;
		while ((length = read(complaints, text, sizeof text)) > 0)
			if (write(STDERR_FILENO, text, (size_t)length) != length)
				break;
		if (fds[0].revents & POLLHUP)
			fds[0].fd = -1;
	} while (!fds[1].revents);
	while ((length = read(complaints, text, sizeof text)) > 0)
		if (write(STDERR_FILENO, text, (size_t)length) != length)
			break;
	return was_ready(ready) ? 0 : 1;
}

static int keep_behind(const struct engine_command *command, int lock)
{
	int ready[2], complaints[2];
	pid_t pid;

	if (pipe2(ready, O_CLOEXEC) != 0 || pipe2(complaints, O_CLOEXEC) != 0) {
		say("cannot make a pipe: %s", strerror(errno));
		return 1;
	}
	pid = fork();
	if (pid == 0)
		keep_as_daemon(command, lock, ready[1], complaints[1]);
	close(ready[1]);
	close(complaints[1]);
	close(lock);
	if (pid < 0) {
		say("cannot fork: %s", strerror(errno));
		return 1;
	}
	return await(ready[0], complaints[0]);
}

int launch(const struct options *options)
{
	struct engine_options engine = {.foreground = options->foreground};
	struct engine_command command;
	int lock, rc = launch_instance(options, &engine.instance);

	if (rc != 0)
		return 1;
	tag_drop();
	cgroup_leave();
	wait_for_end(&engine.instance);
	rc = brm_instance_make_places(&engine.instance);
	if (rc != 0) {
		say("cannot make %s and %s: %s", engine.instance.runtime_dir, engine.instance.state_dir,
		    brm_strerror(rc));
		rmdir(engine.instance.runtime_dir); /* unless it is in use */
		return 1;
	}
	lock = take_lock(engine.instance.lock, engine.instance.region);
	if (lock < 0)
		return 1;
	make_identity(&engine);
	rc = options_engine(options, &engine, &command);
	if (rc != 0) {
		say("cannot find this program's file: %s", strerror(-rc));
		return 1;
	}
	return options->foreground ? keep_in_front(&command, lock) : keep_behind(&command, lock);
}
