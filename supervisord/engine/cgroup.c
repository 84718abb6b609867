/* SPDX-License-Identifier: MIT */
#include "engine/cgroup.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define PREFIX          "brummer-"
#define INSTANCE_DIGITS 8
#define RUN_PREFIX      "run-"
#define DEATH_MS        1000
#define TAKE_TRIES      3 /* when somebody removes what we have just made */

struct cgroups {
	int fd; /* folder of the instance's group; locked as long as an engine has it */
	char path[PATH_MAX];
};

/* The path of our own group, as the kernel tells it: of the line "0::/PATH". False: there is no version 2. */
static bool own_group(char out[PATH_MAX])
{
	FILE *file = fopen("/proc/self/cgroup", "re");
	char line[PATH_MAX + 8];
	bool found = false;

	while (file && !found && fgets(line, sizeof line, file)) {
		line[strcspn(line, "\n")] = '\0';
		found = strncmp(line, "0::/", 4) == 0;
	}
	if (file)
		fclose(file);
	if (found)
		snprintf(out, PATH_MAX, "%.*s", PATH_MAX - 1, line + 3);
	return found;
}

/* Where version 2 is mounted, and which part of it: of /proc/self/mountinfo. */
static bool find_mount(char root[PATH_MAX], char point[PATH_MAX])
{
	FILE *file = fopen("/proc/self/mountinfo", "re");
	char line[2 * PATH_MAX + 256];
	bool found = false;

	while (file && !found && fgets(line, sizeof line, file))
		found = strstr(line, " - cgroup2 ") && sscanf(line, "%*d %*d %*s %4095s %4095s", root, point) == 2;
	if (file)
		fclose(file);
	return found;
}

/* The folder of the group to work in: our own, or, in a run of another supervisor, the one that has that. */
static int find_folder(char out[PATH_MAX], bool *inside)
{
	char group[PATH_MAX], root[PATH_MAX], point[PATH_MAX];
	const char *below = group;
	char *foreign;

	if (!own_group(group) || !find_mount(root, point))
		return -ENOENT;
	foreign = strstr(group, "/" PREFIX);
	*inside = foreign != NULL;
	if (foreign)
		*foreign = '\0';
	if (strcmp(root, "/") != 0 && strncmp(group, root, strlen(root)) == 0)
		below = group + strlen(root);
	if (snprintf(out, PATH_MAX, "%s%s", point, strcmp(below, "/") == 0 ? "" : below) >= PATH_MAX)
		return -ENAMETOOLONG;
	return 0;
}

static int write_at(int folder, const char *name, const char *text)
{
	int fd = openat(folder, name, O_WRONLY | O_CLOEXEC), rc;

	if (fd < 0)
		return -errno;
	rc = write(fd, text, strlen(text)) < 0 ? -errno : 0;
	close(fd);
	return rc;
}

static char *name_of(uint32_t serial, char out[24])
{
	snprintf(out, 24, RUN_PREFIX "%u", serial);
	return out;
}

/* A process can be born in it, and all can be ended. */
static int check(const struct cgroups *cgroups)
{
	if (faccessat(cgroups->fd, "cgroup.procs", W_OK, AT_EACCESS) != 0)
		return -errno;
	return faccessat(cgroups->fd, "cgroup.kill", W_OK, AT_EACCESS) == 0 ? 0 : -EOPNOTSUPP;
}

/* Call each(fd, name) for whatever in a folder has a name that begins so. */
static void each_in(int folder, const char *prefix, void (*each)(int folder, const char *name))
{
	int fd = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *entries = fd < 0 ? NULL : fdopendir(fd);
	const struct dirent *entry;

	while (entries && (entry = readdir(entries)))
		if (strncmp(entry->d_name, prefix, strlen(prefix)) == 0)
			each(folder, entry->d_name);
	if (entries)
		closedir(entries);
	else if (fd >= 0)
		close(fd);
}

/* Only what nobody lives in can be. */
static void remove_group(int folder, const char *name)
{
	unlinkat(folder, name, AT_REMOVEDIR);
}

/* An instance's group that no engine has: it was killed with its keeper, and did not come back. */
static void remove_dead(int folder, const char *name)
{
	const char *digits = name + strlen(PREFIX);
	int fd = -1;

	if (strlen(digits) == INSTANCE_DIGITS && strspn(digits, "0123456789abcdef") == INSTANCE_DIGITS)
		fd = openat(folder, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return;
	if (flock(fd, LOCK_EX | LOCK_NB) == 0) {
		each_in(fd, RUN_PREFIX, remove_group);
		remove_group(folder, name);
	}
	close(fd);
}

/* -EAGAIN: another supervisor takes it for a dead one's at this moment. */
static int take_group(struct cgroups *cgroups)
{
	int rc;

	if (mkdir(cgroups->path, 0755) != 0 && errno != EEXIST)
		return -errno;
	cgroups->fd = open(cgroups->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (cgroups->fd < 0)
		return errno == ENOENT ? -EAGAIN : -errno;
	rc = flock(cgroups->fd, LOCK_SH | LOCK_NB) == 0 ? check(cgroups) : -errno;
	if (rc == -ENOENT)
		rc = -EAGAIN;
	if (rc != 0) {
		close(cgroups->fd);
		cgroups->fd = -1;
	}
	return rc;
}

/* The instance's group, without what dead engines have left: its own, and others'. */
static int make_group(uint32_t instance, struct cgroups *cgroups)
{
	char folder[PATH_MAX];
	bool inside;
	int fd, rc = find_folder(folder, &inside);

	if (rc != 0)
		return rc;
	if (snprintf(cgroups->path, sizeof cgroups->path, "%.4000s/" PREFIX "%0*x", folder, INSTANCE_DIGITS,
		     instance) >= PATH_MAX)
		return -ENAMETOOLONG;
	rc = -EAGAIN;
	for (int tries = 0; tries < TAKE_TRIES && rc == -EAGAIN; tries++)
		rc = take_group(cgroups);
	if (rc != 0)
		return rc;
	each_in(cgroups->fd, RUN_PREFIX, remove_group);
	fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd >= 0) {
		each_in(fd, PREFIX, remove_dead);
		close(fd);
	}
	return 0;
}

int cgroups_open(uint32_t instance, struct cgroups **out)
{
	struct cgroups *cgroups = calloc(1, sizeof *cgroups);
	int rc;

	if (!cgroups)
		return -ENOMEM;
	cgroups->fd = -1;
	rc = make_group(instance, cgroups);
	if (rc != 0)
		cgroups_close(cgroups, true);
	else
		*out = cgroups;
	return rc;
}

void cgroups_close(struct cgroups *cgroups, bool last)
{
	if (!cgroups)
		return;
	if (last && cgroups->fd >= 0)
		each_in(cgroups->fd, RUN_PREFIX, remove_group);
	if (last)
		rmdir(cgroups->path);
	if (cgroups->fd >= 0)
		close(cgroups->fd);
	free(cgroups);
}

int cgroup_make(const struct cgroups *cgroups, uint32_t serial)
{
	char name[24];
	int fd;

	if (mkdirat(cgroups->fd, name_of(serial, name), 0755) != 0 && errno != EEXIST)
		return -errno;
	fd = openat(cgroups->fd, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

static bool is_empty(int events)
{
	char text[256];
	ssize_t length = pread(events, text, sizeof text - 1, 0);

	if (length < 0)
		return true;
	text[length] = '\0';
	return strstr(text, "populated 0") != NULL;
}

/* The file of events tells of a change by an exception. */
static void wait_empty(int group)
{
	struct pollfd change = {.fd = openat(group, "cgroup.events", O_RDONLY | O_CLOEXEC), .events = POLLPRI};

	if (change.fd < 0)
		return;
	while (!is_empty(change.fd) && poll(&change, 1, DEATH_MS) > 0)
		continue;
	close(change.fd);
}

int cgroup_kill(const struct cgroups *cgroups, uint32_t serial)
{
	char name[24];
	int group = openat(cgroups->fd, name_of(serial, name), O_RDONLY | O_DIRECTORY | O_CLOEXEC), rc;

	if (group < 0)
		return errno == ENOENT ? 0 : -errno;
	rc = write_at(group, "cgroup.kill", "1");
	if (rc == 0)
		wait_empty(group);
	close(group);
	cgroup_remove(cgroups, serial);
	return rc;
}

bool cgroup_is_empty(const struct cgroups *cgroups, uint32_t serial)
{
	char path[48], name[24];
	int fd;
	bool empty;

	snprintf(path, sizeof path, "%s/cgroup.events", name_of(serial, name));
	fd = openat(cgroups->fd, path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return true;
	empty = is_empty(fd);
	close(fd);
	return empty;
}

void cgroup_remove(const struct cgroups *cgroups, uint32_t serial)
{
	char name[24];

	remove_group(cgroups->fd, name_of(serial, name));
}

void cgroup_leave(void)
{
	char folder[PATH_MAX];
	bool inside;
	int fd;

	if (find_folder(folder, &inside) != 0 || !inside)
		return;
	fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return;
	write_at(fd, "cgroup.procs", "0");
	close(fd);
}
