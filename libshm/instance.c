/* SPDX-License-Identifier: MIT */
#include <brummer/instance.h>

#include <dirent.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "libshm/places.h"

#define BASENAME_MAX 64

static bool is_plain(unsigned char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '_' ||
	       c == '-';
}

static bool is_instance_name(const char *name)
{
	size_t length = strlen(name);

	if (length == 0 || length >= BRM_INSTANCE_MAX || strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
		return false;
	for (size_t i = 0; i < length; i++)
		if (!is_plain((unsigned char)name[i]))
			return false;
	return true;
}

/* FNV-1a, 32 bits. */
static uint32_t hash_path(const char *path)
{
	uint32_t hash = 2166136261u;

	for (; *path; path++)
		hash = (hash ^ (unsigned char)*path) * 16777619u;
	return hash;
}

static void name_of_dir(const char *dir, char name[BRM_INSTANCE_MAX])
{
	const char *base = strrchr(dir, '/') + 1;
	size_t length = strnlen(base, BASENAME_MAX);

	for (size_t i = 0; i < length; i++)
		name[i] = is_plain((unsigned char)base[i]) ? base[i] : '_';
	snprintf(name + length, BRM_INSTANCE_MAX - length, "-%08x", (unsigned)hash_path(dir));
}

/* Is path a directory of mine that nobody else can enter or write to? */
static bool is_private_dir(const char *path, mode_t forbidden)
{
	struct stat st;

	return lstat(path, &st) == 0 && S_ISDIR(st.st_mode) && st.st_uid == geteuid() && (st.st_mode & forbidden) == 0;
}

/* Absolute and set: the value of a variable, else NULL. */
static const char *absolute_env(const char *name)
{
	const char *value = getenv(name);

	return value && value[0] == '/' ? value : NULL;
}

/* Where the runtime directories are: $XDG_RUNTIME_DIR, /run/user/UID, or a directory of mine in /tmp. */
static const char *runtime_base(char room[32])
{
	const char *xdg = absolute_env("XDG_RUNTIME_DIR");

	if (xdg && strlen(xdg) < PATH_MAX && is_private_dir(xdg, 077))
		return xdg;
	snprintf(room, 32, "/run/user/%u", (unsigned)geteuid());
	if (!is_private_dir(room, 077))
		snprintf(room, 32, "/tmp/brummer-%u", (unsigned)geteuid());
	return room;
}

static bool fits(int length, size_t size)
{
	return length >= 0 && (size_t)length < size;
}

static bool state_place(const struct brm_instance *instance, char out[PATH_MAX])
{
	const char *xdg = absolute_env("XDG_STATE_HOME");
	const char *home = absolute_env("HOME");

	if (xdg)
		return fits(snprintf(out, PATH_MAX, "%s/brummer/%s", xdg, instance->name), PATH_MAX);
	if (home)
		return fits(snprintf(out, PATH_MAX, "%s/.local/state/brummer/%s", home, instance->name), PATH_MAX);
	return fits(snprintf(out, PATH_MAX, "%s/state", instance->runtime_dir), PATH_MAX);
}

static void region_of_name(const char *name, char out[BRM_REGION_MAX])
{
	snprintf(out, BRM_REGION_MAX, PLACES_REGION_FORMAT, (unsigned)geteuid(), name);
}

int brm_instance_region(const char *name, char out[BRM_REGION_MAX])
{
	if (!is_instance_name(name))
		return -EINVAL;
	region_of_name(name, out);
	return 0;
}

static int fill_places(struct brm_instance *instance)
{
	char room[32];
	const char *base = runtime_base(room);

	region_of_name(instance->name, instance->region);
	if (!fits(snprintf(instance->runtime_dir, PATH_MAX, "%s/brummer/%s", base, instance->name), PATH_MAX) ||
	    !fits(snprintf(instance->lock, PATH_MAX, "%s/brummer/%s/lock", base, instance->name), PATH_MAX) ||
	    !fits(snprintf(instance->control, sizeof instance->control, "%s/brummer/%s/control", base, instance->name),
		  sizeof instance->control) ||
	    !state_place(instance, instance->state_dir))
		return -ENAMETOOLONG;
	return 0;
}

static int finish(struct brm_instance *instance, struct brm_instance *out)
{
	int rc = fill_places(instance);

	if (rc == 0)
		*out = *instance;
	return rc;
}

int brm_instance_of_dir(const char *dir, struct brm_instance *out)
{
	struct brm_instance instance = {0};
	struct stat st;

	if (!realpath(dir, instance.dir) || stat(instance.dir, &st) != 0)
		return -errno;
	if (!S_ISDIR(st.st_mode))
		return -ENOTDIR;
	name_of_dir(instance.dir, instance.name);
	return finish(&instance, out);
}

int brm_instance_of_name(const char *name, struct brm_instance *out)
{
	struct brm_instance instance = {0};

	if (!is_instance_name(name))
		return -EINVAL;
	memcpy(instance.name, name, strlen(name));
	return finish(&instance, out);
}

static int make_dir(const char *path)
{
	return mkdir(path, 0700) == 0 || errno == EEXIST ? 0 : -errno;
}

/* Make every level above path. */
static int make_parents(const char *path)
{
	char level[PATH_MAX];
	int rc = 0;

	snprintf(level, sizeof level, "%s", path);
	for (char *slash = strchr(level + 1, '/'); slash && rc == 0; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		rc = make_dir(level);
		*slash = '/';
	}
	return rc;
}

/* The instance's own directory and the one above it, "brummer", are ours alone. */
static int make_place(const char *path)
{
	char above[PATH_MAX];
	int rc = make_parents(path);

	if (rc == 0)
		rc = make_dir(path);
	if (rc != 0)
		return rc;
	snprintf(above, sizeof above, "%s", path);
	*strrchr(above, '/') = '\0';
	return is_private_dir(path, 077) && is_private_dir(above, 022) ? 0 : -EPERM;
}

/* The base in /tmp is made by whoever comes first: it has to be ours before anything in it is. */
static int check_base(const char *runtime_dir)
{
	char base[PATH_MAX];
	int rc;

	snprintf(base, sizeof base, "%s", runtime_dir);
	for (int level = 0; level < 2; level++)
		*strrchr(base, '/') = '\0';
	rc = make_parents(base);
	if (rc == 0)
		rc = make_dir(base);
	if (rc != 0)
		return rc;
	return is_private_dir(base, 077) ? 0 : -EPERM;
}

int brm_instance_make_places(const struct brm_instance *instance)
{
	int rc = check_base(instance->runtime_dir);

	if (rc == 0)
		rc = make_place(instance->runtime_dir);
	return rc == 0 ? make_place(instance->state_dir) : rc;
}

int places_region_path(const char *region, int n, char out[PLACES_PATH_MAX])
{
	int length = n == 0 ? snprintf(out, PLACES_PATH_MAX, PLACES_SHM "%s", region)
			    : snprintf(out, PLACES_PATH_MAX, PLACES_SHM "%s.%d", region, n);

	return fits(length, PLACES_PATH_MAX) ? 0 : -ENAMETOOLONG;
}

enum owner { NOBODY, MINE, SOMEBODY };

static enum owner owner_of(const char *object)
{
	char path[PLACES_PATH_MAX];
	struct stat st;

	snprintf(path, sizeof path, PLACES_SHM "/%s", object);
	if (lstat(path, &st) != 0)
		return NOBODY;
	return S_ISREG(st.st_mode) && st.st_uid == geteuid() ? MINE : SOMEBODY;
}

/* If an object has an alternative name because somebody else sits on the first, go by the first. */
static void strip_alternative(char *object)
{
	char *dot = object + strlen(object) - 2;

	if (dot[0] != '.' || dot[1] < '1' || dot[1] > '9')
		return;
	*dot = '\0';
	if (owner_of(object) != SOMEBODY)
		*dot = '.';
}

/* The region and the instance a shared-memory object belongs to, if it is one of this user's. */
static bool instance_of_object(const char *object, char name[BRM_INSTANCE_MAX], char region[BRM_REGION_MAX])
{
	int length = snprintf(region, BRM_REGION_MAX, PLACES_REGION_FORMAT, (unsigned)geteuid(), "");

	if (strncmp(object, region + 1, (size_t)length - 1) != 0 || !is_instance_name(object + length - 1) ||
	    owner_of(object) != MINE)
		return false;
	snprintf(region, BRM_REGION_MAX, "/%.*s", BRM_REGION_MAX - 2, object);
	strip_alternative(region + 1);
	snprintf(name, BRM_INSTANCE_MAX, "%s", region + length);
	return true;
}

static int list_objects(struct dirent ***list)
{
	int count = scandir(PLACES_SHM, list, NULL, alphasort);

	if (count < 0)
		return errno == ENOENT ? 0 : -errno;
	return count;
}

int brm_instance_each(int (*each)(const char *name, const char *region, void *arg), void *arg)
{
	struct dirent **list = NULL;
	int count = list_objects(&list);
	int rc = count < 0 ? count : 0;

	for (int i = 0; i < count; i++) {
		char name[BRM_INSTANCE_MAX];
		char region[BRM_REGION_MAX];

		if (rc == 0 && instance_of_object(list[i]->d_name, name, region))
			rc = each(name, region, arg);
		free(list[i]);
	}
	free(list);
	return rc;
}

int brm_name_to_path(const char *name, char out[NAME_MAX + 1])
{
	char path[NAME_MAX + 1];
	size_t used = 0;

	for (const unsigned char *c = (const unsigned char *)name; *c; c++) {
		bool plain = is_plain(*c) && !(*c == '.' && used == 0);

		if (used + (plain ? 1 : 3) > NAME_MAX)
			return -ENAMETOOLONG;
		used += (size_t)snprintf(path + used, sizeof path - used, plain ? "%c" : "%%%02X", *c);
	}
	memcpy(out, path, used);
	out[used] = '\0';
	return 0;
}
