/* SPDX-License-Identifier: MIT */
#include <brummer/reader.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "libshm/places.h"
#include "libshm/reading.h"

/* attach.c - find a region, distrust it, map it */

static void copy_text(char *out, size_t size, const char *text, size_t length)
{
	length = strnlen(text, length < size ? length : size - 1);
	memcpy(out, text, length);
	out[length] = '\0';
}

/* info is empty; it is large, and most of it stays untouched. */
static void fill_info(struct brm_info *info, const struct layout_header *header)
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
	copy_text(info->dir, sizeof info->dir, header->dir, sizeof header->dir);
	copy_text(info->control, sizeof info->control, header->control, sizeof header->control);
	copy_text(info->state_dir, sizeof info->state_dir, header->state_dir, sizeof header->state_dir);
	copy_text(info->version, sizeof info->version, header->version, sizeof header->version);
	copy_text(info->boot_id, sizeof info->boot_id, header->boot_id, sizeof header->boot_id);
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

static int attach(int fd, struct brm_reader *reader)
{
	struct layout_header header;
	struct stat st;
	int rc;

	if (fstat(fd, &st) != 0)
		return -errno;
	rc = check_file(&st);
	if (rc == 0)
		rc = map_attach(fd, &reader->map, &header);
	if (rc != 0)
		return rc;
	reader->heads = (struct brm_heads){(const uint64_t *)(const void *)reader->map.at[LAYOUT_HEADS].words,
					   reader->map.capacity};
	reader->same_slots = reader->map.at[LAYOUT_SLOTS].stride == LAYOUT_STATE_WORDS;
	reader->device = st.st_dev;
	reader->inode = st.st_ino;
	fill_info(&reader->info, &header);
	return 0;
}

/* Map the region at `path`, which the reader keeps as its place. */
static int open_at(const char *path, struct brm_reader *reader)
{
	/* O_NONBLOCK: a FIFO at that name must not hold us */
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);
	int rc;

	if (fd < 0)
		return -errno;
	rc = attach(fd, reader);
	if (rc != 0)
		close(fd);
	else
		copy_text(reader->path, sizeof reader->path, path, PATH_MAX);
	return rc;
}

/* The path at which a region of this user has that name. -BRM_EOWNER: others sit on it. */
static int find_path(const char *region, char path[PLACES_PATH_MAX])
{
	int missing = -ENOENT;

	for (int n = 0; n < PLACES_ALTERNATIVES; n++) {
		struct stat st;
		int rc = places_region_path(region, n, path);

		if (rc != 0)
			return rc;
		if (lstat(path, &st) != 0)
			return errno == ENOENT ? missing : -errno;
		if (st.st_uid == geteuid())
			return 0;
		missing = -BRM_EOWNER;
	}
	return missing;
}

static int open_region(const char *region, struct brm_reader *reader)
{
	char path[PLACES_PATH_MAX];
	int rc;

	if (region[0] != '/' || strchr(region + 1, '/') || strlen(region) >= sizeof reader->region)
		return -EINVAL;
	rc = find_path(region, path);
	if (rc == 0)
		rc = open_at(path, reader);
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
