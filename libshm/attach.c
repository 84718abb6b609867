/* SPDX-License-Identifier: MIT */
#include <brummer/reader.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "libshm/latch.h"
#include "libshm/places.h"
#include "libshm/reading.h"

/* attach.c - find a region, distrust it, map it */

static void copy_text(char *out, size_t size, const char *text, size_t length)
{
	length = strnlen(text, length < size ? length : size - 1);
	memcpy(out, text, length);
	out[length] = '\0';
}

/* A path of the shared header: each byte is looked at once, whoever writes there meanwhile. */
static void load_path(char *out, const char *path)
{
	const _Atomic uint64_t *words = (const _Atomic uint64_t *)(const void *)path;
	bool ended = false;

	for (size_t i = 0; i < LAYOUT_PATH_MAX / 8 && !ended; i++) {
		latch_load(out + 8 * i, &words[i], 1);
		ended = memchr(out + 8 * i, '\0', 8) != NULL;
	}
	out[BRM_PATH_MAX - 1] = '\0';
}

/* info is empty; it is large, and most of it stays untouched. */
static void fill_info(struct brm_info *info, const struct layout_header *header, const struct layout_header *shared)
{
	info->abi_major = header->abi_major;
	info->abi_minor = header->abi_minor;
	info->size = header->size;
	info->pid_namespace = header->pid_namespace;
	info->engine_pid = header->engine_pid;
	info->keeper_pid = header->keeper_pid;
	info->engine_start = header->engine_start;
	info->keeper_start = header->keeper_start;
	info->started_ns = header->started_ns;
	info->created_ns = header->created_ns;
	info->uid = header->uid;
	info->tag = header->tag;
	info->generation = header->generation;
	memcpy(info->uuid, header->uuid, sizeof info->uuid);
	copy_text(info->name, sizeof info->name, header->name, sizeof header->name);
	copy_text(info->control, sizeof info->control, header->control, sizeof header->control);
	copy_text(info->version, sizeof info->version, header->version, sizeof header->version);
	copy_text(info->boot_id, sizeof info->boot_id, header->boot_id, sizeof header->boot_id);
	load_path(info->dir, shared->dir);
	load_path(info->state_dir, shared->state_dir);
}

/* Nobody but me may have been able to write it. */
static int check_file(const struct stat *st)
{
	if (!S_ISREG(st->st_mode))
		return -BRM_ENOTREGULAR;
	if (st->st_uid != geteuid())
		return -BRM_EOWNER;
	return st->st_mode & 022 ? -BRM_EMODE : 0;
}

static int attach(int fd, const struct stat *st, struct brm_reader *reader)
{
	struct layout_header header;
	int rc = check_file(st);

	if (rc == 0)
		rc = map_attach(fd, st->st_size, &reader->map, &header);
	if (rc != 0)
		return rc;
	reader->heads = (struct brm_heads){(const uint64_t *)(const void *)reader->map.at[LAYOUT_HEADS].words,
					   reader->map.capacity};
	reader->same_slots = reader->map.at[LAYOUT_SLOTS].stride == LAYOUT_STATE_WORDS;
	reader->device = st->st_dev;
	reader->inode = st->st_ino;
	fill_info(&reader->info, &header, map_header(&reader->map));
	return 0;
}

/* Open what is at `path`. Returns the descriptor, *st filled in. */
static int open_file(const char *path, struct stat *st)
{
	/* O_NONBLOCK: a FIFO at that name must not hold us */
	int fd = openat(AT_FDCWD, path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);
	int error;

	if (fd < 0)
		return -errno;
	if (fstat(fd, st) == 0)
		return fd;
	error = errno;
	close(fd);
	return -error;
}

/* Map the region that was opened; the descriptor is the reader's, or closed. */
static int take_file(int fd, const struct stat *st, struct brm_reader *reader)
{
	int rc = attach(fd, st, reader);

	if (rc != 0)
		close(fd);
	return rc;
}

static int open_at(const char *path, struct brm_reader *reader)
{
	struct stat st;
	int fd = open_file(path, &st);
	int rc = fd < 0 ? fd : take_file(fd, &st, reader);

	if (rc == 0)
		copy_text(reader->path, sizeof reader->path, path, PATH_MAX);
	return rc;
}

/* Does somebody else sit on a name that could not be opened? */
static bool is_foreign(const char *path)
{
	struct stat st;

	return lstat(path, &st) == 0 && st.st_uid != geteuid();
}

/* Open the region of that name that is this user's. -BRM_EOWNER: others sit on it. */
static int open_mine(const char *region, struct brm_reader *reader)
{
	int missing = -ENOENT;

	for (int n = 0; n < PLACES_ALTERNATIVES; n++) {
		char path[PLACES_PATH_MAX];
		struct stat st;
		int rc = places_region_path(region, n, path);

		if (rc != 0)
			return rc;
		rc = open_file(path, &st);
		if (rc == -ENOENT)
			return missing;
		if (rc < 0 && !is_foreign(path))
			return rc;
		if (rc >= 0 && st.st_uid == geteuid())
			return take_file(rc, &st, reader);
		if (rc >= 0)
			close(rc);
		missing = -BRM_EOWNER;
	}
	return missing;
}

static int open_region(const char *region, struct brm_reader *reader)
{
	int rc;

	if (region[0] != '/' || strchr(region + 1, '/') || strlen(region) >= sizeof reader->region)
		return -EINVAL;
	rc = open_mine(region, reader);
	if (rc == 0)
		copy_text(reader->region, sizeof reader->region, region, BRM_REGION_MAX);
	return rc;
}

static int open_new(int (*open_it)(const char *, struct brm_reader *), const char *name, struct brm_reader **out)
{
	struct brm_reader *reader = calloc(1, sizeof *reader);
	int rc;

	if (!reader)
		return -ENOMEM;
	rc = open_it(name, reader);
	if (rc == 0)
		*out = reader;
	else
		free(reader);
	return rc;
}

int brm_reader_open(const char *region, struct brm_reader **out)
{
	return open_new(open_region, region, out);
}

int brm_reader_open_path(const char *path, struct brm_reader **out)
{
	return strlen(path) < PATH_MAX ? open_new(open_at, path, out) : -ENAMETOOLONG;
}

void brm_reader_close(struct brm_reader *reader)
{
	if (!reader)
		return;
	map_close(&reader->map);
	free(reader);
}

int brm_reader_refresh(struct brm_reader *reader)
{
	struct brm_reader *fresh;
	int rc = reader->region[0] ? brm_reader_open(reader->region, &fresh)
				   : brm_reader_open_path(reader->path, &fresh);

	if (rc != 0)
		return rc;
	if (fresh->device == reader->device && fresh->inode == reader->inode) {
		brm_reader_close(fresh);
		return 0;
	}
	map_close(&reader->map);
	*reader = *fresh;
	free(fresh);
	return 1;
}
