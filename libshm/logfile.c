/* SPDX-License-Identifier: MIT */
#include "libshm/logfile.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <brummer/instance.h>

#define FILES_MAX    1000000u /* of one kind */
#define DIGITS       20
#define META_MAGIC   UINT64_C(0x65726f7473676f6c) /* "logstore" */
#define META_NAME    "store"
#define META_NEW     "store.new"
#define META_WORDS   8
#define SECURE_FLAGS (O_CLOEXEC | O_NOFOLLOW | O_NOCTTY)

static const char *const kind_names[BRM_LOGKIND_COUNT] = {"out.", "err.", "index.", "errors."};

void brm_loglist_finish(struct brm_loglist *list)
{
	free(list->first);
	*list = (struct brm_loglist){0};
}

int brm_loglist_reserve(struct brm_loglist *list)
{
	uint32_t room = list->room ? list->room * 2 : 8;
	uint64_t *grown;

	if (list->count < list->room)
		return 0;
	if (list->count >= FILES_MAX)
		return -EMFILE;
	grown = realloc(list->first, room * sizeof *grown);
	if (!grown)
		return -ENOMEM;
	list->first = grown;
	list->room = room;
	return 0;
}

void brm_loglist_add(struct brm_loglist *list, uint64_t number)
{
	list->first[list->count++] = number;
}

void brm_loglist_drop_first(struct brm_loglist *list)
{
	list->count--;
	memmove(list->first, list->first + 1, list->count * sizeof *list->first);
}

int64_t brm_loglist_find(const struct brm_loglist *list, uint64_t number)
{
	int64_t low = 0, high = list->count;

	while (low < high) {
		int64_t middle = (low + high) / 2;

		if (list->first[middle] <= number)
			low = middle + 1;
		else
			high = middle;
	}
	return low - 1;
}

static int open_below(int parent, const char *name, bool create)
{
	struct stat st;
	int dir;

	if (create && mkdirat(parent, name, 0700) != 0 && errno != EEXIST)
		return -errno;
	dir = openat(parent, name, O_RDONLY | O_DIRECTORY | SECURE_FLAGS);
	if (dir < 0)
		return -errno;
	if (fstat(dir, &st) != 0 || st.st_uid != geteuid()) {
		close(dir);
		return -EPERM;
	}
	return dir;
}

/* The directory's parent and its name in it. Returns the parent's descriptor. */
static int open_parent(const char *state_dir, const char *name, char component[NAME_MAX + 1])
{
	int rc = brm_name_to_path(name, component);
	int parent;

	if (rc != 0)
		return rc;
	parent = open(state_dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return parent < 0 ? -errno : parent;
}

int brm_logdir_open(const char *state_dir, const char *name, bool create)
{
	char component[NAME_MAX + 1];
	int parent = open_parent(state_dir, name, component);
	int dir;

	if (parent < 0)
		return parent;
	dir = open_below(parent, component, create);
	close(parent);
	return dir;
}

/* The kind and number a name says; BRM_LOGKIND_COUNT for a name that is not ours. */
static enum brm_logkind parse_name(const char *name, uint64_t *number)
{
	for (int kind = 0; kind < BRM_LOGKIND_COUNT; kind++) {
		size_t prefix = strlen(kind_names[kind]);

		if (strncmp(name, kind_names[kind], prefix) != 0)
			continue;
		name += prefix;
		if (strlen(name) != DIGITS || strspn(name, "0123456789") != DIGITS)
			break;
		errno = 0;
		*number = strtoull(name, NULL, 10);
		return errno == 0 && *number < UINT64_MAX / 2 ? (enum brm_logkind)kind : BRM_LOGKIND_COUNT;
	}
	return BRM_LOGKIND_COUNT;
}

static int by_number(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

static int collect(DIR *stream, struct brm_loglist lists[BRM_LOGKIND_COUNT])
{
	struct dirent *entry;

	while ((errno = 0, entry = readdir(stream))) {
		uint64_t number;
		enum brm_logkind kind = parse_name(entry->d_name, &number);
		int rc;

		if (kind == BRM_LOGKIND_COUNT)
			continue;
		rc = brm_loglist_reserve(&lists[kind]);
		if (rc != 0)
			return rc;
		brm_loglist_add(&lists[kind], number);
	}
	return -errno;
}

int brm_logdir_scan(int dir, struct brm_loglist lists[BRM_LOGKIND_COUNT])
{
	int fd = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *stream;
	int rc;

	if (fd < 0)
		return -errno;
	stream = fdopendir(fd);
	if (!stream) {
		close(fd);
		return -ENOMEM;
	}
	for (int kind = 0; kind < BRM_LOGKIND_COUNT; kind++)
		lists[kind].count = 0;
	rc = collect(stream, lists);
	closedir(stream);
	for (int kind = 0; kind < BRM_LOGKIND_COUNT; kind++)
		if (lists[kind].count > 1)
			qsort(lists[kind].first, lists[kind].count, sizeof *lists[kind].first, by_number);
	return rc;
}

static const char *file_name(enum brm_logkind kind, uint64_t number, char out[32])
{
	snprintf(out, 32, "%s%0*" PRIu64, kind_names[kind], DIGITS, number);
	return out;
}

int brm_logfile_open(int dir, enum brm_logkind kind, uint64_t number, int flags)
{
	char name[32];
	int fd = openat(dir, file_name(kind, number, name), flags | SECURE_FLAGS | O_NONBLOCK, 0600);
	struct stat st;

	if (fd < 0)
		return -errno;
	if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode) || fcntl(fd, F_SETFL, flags & O_ACCMODE) != 0) {
		close(fd);
		return -EIO;
	}
	return fd;
}

int brm_logfile_unlink(int dir, enum brm_logkind kind, uint64_t number)
{
	char name[32];

	return unlinkat(dir, file_name(kind, number, name), 0) == 0 || errno == ENOENT ? 0 : -errno;
}

ssize_t brm_logfile_read(int fd, void *buf, size_t size, uint64_t offset)
{
	size_t done = 0;

	while (done < size) {
		ssize_t n = pread(fd, (char *)buf + done, size - done, (off_t)(offset + done));

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (n == 0)
			break;
		done += (size_t)n;
	}
	return (ssize_t)done;
}

int brm_logmeta_read(int dir, struct brm_logmeta *out)
{
	uint64_t words[META_WORDS];
	int fd = openat(dir, META_NAME, O_RDONLY | SECURE_FLAGS);
	ssize_t n;

	if (fd < 0)
		return -errno;
	n = brm_logfile_read(fd, words, sizeof words, 0);
	close(fd);
	if (n < 0)
		return (int)n;
	if (n != sizeof words || le64toh(words[0]) != META_MAGIC)
		return -ENOENT;
	out->id = le64toh(words[1]);
	out->indexed[0] = le64toh(words[2]);
	out->indexed[1] = le64toh(words[3]);
	out->time_us = le64toh(words[4]);
	out->lost_bytes = le64toh(words[5]);
	out->watched = le64toh(words[6]);
	return 0;
}

static int write_meta(int dir, const char *name, int flags, const struct brm_logmeta *meta)
{
	const uint64_t words[META_WORDS] = {
		htole64(META_MAGIC),    htole64(meta->id),         htole64(meta->indexed[0]), htole64(meta->indexed[1]),
		htole64(meta->time_us), htole64(meta->lost_bytes), htole64(meta->watched)};
	int fd = openat(dir, name, O_WRONLY | flags | SECURE_FLAGS, 0600);
	ssize_t n;
	int rc;

	if (fd < 0)
		return -errno;
	n = pwrite(fd, words, sizeof words, 0);
	rc = n < 0 ? -errno : n == sizeof words ? 0 : -ENOSPC;
	close(fd);
	return rc;
}

int brm_logmeta_create(int dir, const struct brm_logmeta *meta)
{
	int rc = write_meta(dir, META_NEW, O_CREAT | O_TRUNC, meta);

	if (rc == 0 && renameat(dir, META_NEW, dir, META_NAME) != 0)
		rc = -errno;
	return rc;
}

int brm_logmeta_update(int dir, const struct brm_logmeta *meta)
{
	return write_meta(dir, META_NAME, 0, meta);
}

static int unlink_all(int dir)
{
	struct brm_loglist lists[BRM_LOGKIND_COUNT] = {0};
	int rc = brm_logdir_scan(dir, lists);

	for (int kind = 0; kind < BRM_LOGKIND_COUNT; kind++) {
		for (uint32_t i = 0; i < lists[kind].count && rc == 0; i++)
			rc = brm_logfile_unlink(dir, (enum brm_logkind)kind, lists[kind].first[i]);
		brm_loglist_finish(&lists[kind]);
	}
	unlinkat(dir, META_NEW, 0);
	unlinkat(dir, META_NAME, 0);
	return rc;
}

int brm_logdir_remove(const char *state_dir, const char *name)
{
	char component[NAME_MAX + 1];
	int parent = open_parent(state_dir, name, component);
	int dir, rc;

	if (parent < 0)
		return parent;
	dir = open_below(parent, component, false);
	rc = dir;
	if (dir >= 0) {
		rc = unlink_all(dir);
		close(dir);
	}
	if (rc == 0 && unlinkat(parent, component, AT_REMOVEDIR) != 0)
		rc = -errno;
	close(parent);
	return rc;
}
