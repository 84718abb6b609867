/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "keeper/inner.h"

#define IMAGE_VERSION 2u
#define ARGS_MAX      64
#define ARGS_BYTES    16384u

static const char magic[8] = "BRMKEEP";

/* Followed by the runs, then by the engine's command line as strings that end in NUL. */
struct image {
	char magic[8];
	uint32_t version;
	uint32_t runs;
	uint32_t args_bytes;
	int32_t lock_fd;
	int32_t engine_pid;
	int32_t engine_pidfd;
	int32_t engine_socket;
	int32_t engine_up;
	uint64_t engine_started_ns;
	uint64_t nofile_soft;
	uint64_t nofile_hard;
	int32_t status;
	int32_t crashes;
	int32_t pending_signal;
	int32_t ending;
	struct suspect suspects[SUSPECTS];
};

struct image_run {
	uint32_t serial;
	uint32_t instance;
	int32_t pid;
	int32_t dropped;
	int32_t fds[KEEPER_FDS];
	char id[KEEPER_ID_MAX];
};

static int put(int fd, const void *bytes, size_t size)
{
	return write(fd, bytes, size) == (ssize_t)size ? 0 : -EIO;
}

static int get(int fd, void *bytes, size_t size)
{
	return read(fd, bytes, size) == (ssize_t)size ? 0 : -EPROTO;
}

static void fill(const struct keeper *keeper, struct image *image)
{
	*image = (struct image){
		.version = IMAGE_VERSION,
		.lock_fd = keeper->options->lock_fd,
		.engine_pid = keeper->engine.pid,
		.engine_pidfd = keeper->engine.pidfd,
		.engine_socket = keeper->engine.socket,
		.engine_up = keeper->engine.up,
		.engine_started_ns = keeper->engine.started_ns,
		.nofile_soft = keeper->nofile.rlim_cur,
		.nofile_hard = keeper->nofile.rlim_max,
		.status = keeper->status,
		.crashes = keeper->crashes,
		.pending_signal = keeper->pending_signal,
		.ending = keeper->ending,
	};
	memcpy(image->magic, magic, sizeof image->magic);
	memcpy(image->suspects, keeper->suspects, sizeof image->suspects);
	for (const char *const *arg = keeper->options->engine_argv; *arg; arg++)
		image->args_bytes += (uint32_t)strlen(*arg) + 1;
}

static int put_run(int fd, const struct held *held)
{
	struct image_run run = {
		.serial = held->serial, .instance = held->instance, .pid = held->pid, .dropped = held->dropped};

	memcpy(run.fds, held->fds, sizeof run.fds);
	memcpy(run.id, held->id, sizeof run.id);
	return put(fd, &run, sizeof run);
}

static int put_all(int fd, const struct keeper *keeper)
{
	struct image image;
	const struct held *held;
	uint32_t place = 0;
	int rc;

	fill(keeper, &image);
	rc = put(fd, &image, sizeof image); /* once more at the end, with the number of runs */
	while (rc == 0 && (held = store_next(&keeper->store, &place))) {
		rc = put_run(fd, held);
		image.runs++;
	}
	for (const char *const *arg = keeper->options->engine_argv; rc == 0 && *arg; arg++)
		rc = put(fd, *arg, strlen(*arg) + 1);
	if (rc == 0 && pwrite(fd, &image, sizeof image, 0) != sizeof image)
		rc = -EIO;
	return rc;
}

int image_write(const struct keeper *keeper)
{
	int fd = memfd_create("brummerd-keeper", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	int rc = fd < 0 ? -errno : put_all(fd, keeper);

	if (rc == 0 && (fcntl(fd, F_ADD_SEALS, F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE) != 0 ||
			lseek(fd, 0, SEEK_SET) != 0))
		rc = -errno;
	if (rc == 0)
		return fd;
	if (fd >= 0)
		close(fd);
	return rc;
}

static int get_run(int fd, struct store *store)
{
	struct keeper_message message = {.op = KEEPER_HOLD};
	struct image_run run;
	int rc = get(fd, &run, sizeof run);

	if (rc != 0)
		return rc;
	message.serial = run.serial;
	message.instance = run.instance;
	memcpy(message.id, run.id, sizeof message.id - 1);
	rc = store_hold(store, &message, run.fds);
	if (rc == 0 && run.pid > 0)
		rc = store_born(store, run.serial, run.pid);
	if (rc == 0 && run.pid < 0)
		rc = store_outlived(store, run.serial);
	if (rc == 0 && run.dropped)
		rc = store_drop(store, run.serial);
	return rc;
}

/* The command line, into storage that lasts. */
static int get_args(int fd, uint32_t bytes, struct keeper_options *options)
{
	static char text[ARGS_BYTES];
	static const char *argv[ARGS_MAX];
	size_t count = 0;

	if (bytes == 0 || bytes > sizeof text || get(fd, text, bytes) != 0 || text[bytes - 1] != '\0')
		return -EPROTO;
	for (const char *at = text; at < text + bytes; at += strlen(at) + 1) {
		if (count == ARGS_MAX - 1)
			return -EPROTO;
		argv[count++] = at;
	}
	options->engine_argv = argv;
	return 0;
}

static void take(const struct image *image, struct keeper *keeper, struct keeper_options *options)
{
	options->lock_fd = image->lock_fd;
	options->ready_fd = -1;
	options->program_fd = open("/proc/self/exe", O_PATH | O_CLOEXEC);
	keeper->options = options;
	keeper->ready_fd = -1;
	keeper->nofile = (struct rlimit){image->nofile_soft, image->nofile_hard};
	keeper->engine = (struct engine){.pid = image->engine_pid,
					 .pidfd = image->engine_pidfd,
					 .socket = image->engine_socket,
					 .up = image->engine_up,
					 .started_ns = image->engine_started_ns};
	keeper->ever_up = true;
	keeper->ending = image->ending;
	keeper->status = image->status;
	keeper->crashes = image->crashes;
	keeper->pending_signal = image->pending_signal;
	keeper->handover.program = -1;
	memcpy(keeper->suspects, image->suspects, sizeof keeper->suspects);
}

int image_read(int fd, struct keeper *keeper)
{
	static struct keeper_options options;
	struct image image;
	int rc = get(fd, &image, sizeof image);

	if (rc == 0 && (memcmp(image.magic, magic, sizeof magic) != 0 || image.version != IMAGE_VERSION))
		rc = -EPROTO;
	for (uint32_t i = 0; rc == 0 && i < image.runs; i++)
		rc = get_run(fd, &keeper->store);
	if (rc == 0)
		rc = get_args(fd, image.args_bytes, &options);
	if (rc == 0)
		take(&image, keeper, &options);
	return rc;
}

static void keep_open(int fd, bool open)
{
	if (fd >= 0)
		fcntl(fd, F_SETFD, open ? 0 : FD_CLOEXEC);
}

void image_keep_open(const struct keeper *keeper, int image, bool open)
{
	const struct held *held;
	uint32_t place = 0;

	keep_open(image, open);
	keep_open(keeper->options->lock_fd, open);
	keep_open(keeper->options->program_fd, open);
	keep_open(keeper->engine.pidfd, open);
	keep_open(keeper->engine.socket, open);
	while ((held = store_next(&keeper->store, &place)))
		for (int i = 0; i < KEEPER_FDS; i++)
			keep_open(held->fds[i], open);
}
