/* SPDX-License-Identifier: MIT */
#include "engine/lookup.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define DEFAULT_PATH "/usr/local/bin:/usr/bin:/bin"

static const char *path_of(char *const *env)
{
	for (; *env; env++)
		if (strncmp(*env, "PATH=", 5) == 0)
			return *env + 5;
	return DEFAULT_PATH;
}

/* 0: it can be executed. */
static int try_file(int dir_fd, const char *path)
{
	struct stat st;

	if (fstatat(dir_fd, path, &st, 0) != 0)
		return -errno;
	if (!S_ISREG(st.st_mode))
		return -EACCES;
	return faccessat(dir_fd, path, X_OK, AT_EACCESS) == 0 ? 0 : -errno;
}

int lookup_program(int dir_fd, const char *name, char *const *env, char path[PATH_MAX])
{
	const char *entry = path_of(env);
	int result = -ENOENT;

	if (!name)
		return -EINVAL;
	if (strlen(name) >= PATH_MAX)
		return -ENAMETOOLONG;
	if (strchr(name, '/')) { /* the exec itself says best what is wrong with it */
		strcpy(path, name);
		return 0;
	}
	for (; name[0] != '\0'; entry++) {
		int length = (int)strcspn(entry, ":");
		int error = -ENAMETOOLONG;

		if (snprintf(path, PATH_MAX, "%.*s%s%s", length, entry, length ? "/" : "./", name) < PATH_MAX)
			error = try_file(dir_fd, path);
		if (error == 0)
			return 0;
		if (error == -EACCES)
			result = error;
		entry += length;
		if (*entry == '\0')
			break;
	}
	return result;
}
