/* SPDX-License-Identifier: MIT */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "libshm/alive.h"
#include "libshm/reading.h"
#include "libshm/writing.h"

/* file.c - the region's object: made aside, moved into place, retired, removed */

/* Remove what a writer left that was killed while it made a region of this name. */
static void sweep(const char *region)
{
	DIR *shm = opendir(PLACES_SHM);
	size_t length = strlen(region + 1);
	struct dirent *object;

	if (!shm)
		return;
	while ((object = readdir(shm)))
		if (strncmp(object->d_name, region + 1, length) == 0 && object->d_name[length] == '~')
			unlinkat(dirfd(shm), object->d_name, 0);
	closedir(shm);
}

static int open_aside(const char *region, char path[PLACES_PATH_MAX])
{
	uint64_t salt;
	int fd;

	if (getrandom(&salt, sizeof salt, GRND_NONBLOCK) != (ssize_t)sizeof salt)
		salt = alive_monotonic_ns();
	if (snprintf(path, PLACES_PATH_MAX, PLACES_SHM "%s~%016llx", region, (unsigned long long)salt) >=
	    (int)PLACES_PATH_MAX)
		return -ENAMETOOLONG;
	fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	return fd < 0 ? -errno : fd;
}

int file_create(const char *region, uint32_t capacity, uint32_t arena_bytes, char path[PLACES_PATH_MAX],
		struct map *map)
{
	int fd, rc;

	sweep(region);
	fd = open_aside(region, path);
	if (fd < 0)
		return fd;
	rc = alive_lock(fd);
	if (rc == 0)
		rc = map_create(fd, capacity, arena_bytes, map);
	if (rc == 0)
		return 0;
	unlink(path);
	close(fd);
	return rc;
}

int file_install(const char *region, char path[PLACES_PATH_MAX])
{
	char name[PLACES_PATH_MAX];

	for (int n = 0; n < PLACES_ALTERNATIVES; n++) {
		int rc = places_region_path(region, n, name);

		if (rc != 0)
			return rc;
		if (rename(path, name) == 0) {
			memcpy(path, name, sizeof name);
			return 0;
		}
		if (errno != EPERM && errno != EACCES && errno != EISDIR)
			return -errno;
	}
	return -EPERM;
}

void file_remove(const char *path, const struct map *map)
{
	struct stat named, mine;

	if (lstat(path, &named) == 0 && fstat(map->fd, &mine) == 0 && named.st_dev == mine.st_dev &&
	    named.st_ino == mine.st_ino)
		unlink(path);
}

void life_announce(const struct map *map, enum brm_lifecycle life, uint32_t bell)
{
	/* release, both: the last states are behind it */
	atomic_store_explicit(&map_life(map)->lifecycle, life, memory_order_release);
	if (life >= BRM_LIFE_CLOSED)
		owner_died(map_word(map, LAYOUT_OWNER));
	atomic_store_explicit(map_word(map, LAYOUT_BELL), bell, memory_order_release);
	futex_wake(map_word(map, LAYOUT_BELL), FUTEX_MATCH_ANY);
}

/* The same word in another mapping of the region. */
static void *elsewhere(const struct map *map, unsigned char *base, enum layout_type type)
{
	return base + ((unsigned char *)map->at[type].words - map->base);
}

void file_retire(const struct brm_reader *reader)
{
	const struct map *map = &reader->map;
	struct map writable = *map;
	char path[48];
	int fd;

	/* By the descriptor, as its name may be gone or another region's. */
	snprintf(path, sizeof path, "/proc/self/fd/%d", map->fd);
	fd = open(path, O_RDWR | O_CLOEXEC);
	if (fd < 0)
		return;
	writable.base = mmap(NULL, map->size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	close(fd);
	if (writable.base == MAP_FAILED)
		return;
	for (enum layout_type type = LAYOUT_BELL; type <= LAYOUT_LIFE; type++)
		writable.at[type].words = elsewhere(map, writable.base, type);
	/* relaxed: any other value than now wakes */
	life_announce(&writable, BRM_LIFE_SUPERSEDED,
		      atomic_load_explicit(map_word(map, LAYOUT_BELL), memory_order_relaxed) + 1);
	munmap(writable.base, map->size);
}
