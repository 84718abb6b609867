/* SPDX-License-Identifier: MIT */
#include "config/folders.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "config/ignore.h"

#define NAMES_MAX        16384u /* in one folder */
#define IGNORE_BYTES_MAX 262144u

struct walk {
	int dir_fd;
	folder_fn *fn;
	void *arg;
	unsigned left; /* folders that may still be opened */
};

/* Names of a folder, sorted. */
struct names {
	char **list;
	size_t count, size;
	bool has_ignore;
};

static int step(struct walk *walk, const char *path, const char *pattern, const struct ignore *above, unsigned depth);

static int compare(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static bool is_folder(int fd, const struct dirent *entry)
{
	struct stat st;

	if (entry->d_type != DT_UNKNOWN)
		return entry->d_type == DT_DIR;
	return fstatat(fd, entry->d_name, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISDIR(st.st_mode);
}

static int add_name(struct names *names, const char *name)
{
	if (names->count + 1 >= names->size) {
		size_t size = names->size > 0 ? 2 * names->size : 32;
		char **grown = realloc(names->list, size * sizeof *grown);

		if (!grown)
			return -ENOMEM;
		names->list = grown;
		names->size = size;
	}
	names->list[names->count] = strdup(name);
	if (!names->list[names->count])
		return -ENOMEM;
	names->list[++names->count] = NULL;
	return 0;
}

/* All folders, or all else, that are not hidden. 0, -ENOMEM; one that cannot be read is empty. */
static int read_names(int dir_fd, const char *path, bool folders, struct names *out)
{
	int fd = openat(dir_fd, *path ? path : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd >= 0 ? fdopendir(fd) : NULL;
	const struct dirent *entry;
	int result = 0;

	if (!dir && fd >= 0)
		close(fd);
	while (dir && result == 0 && out->count < NAMES_MAX && (entry = readdir(dir))) {
		if (strcmp(entry->d_name, ".gitignore") == 0)
			out->has_ignore = true;
		if (entry->d_name[0] != '.' && is_folder(fd, entry) == folders)
			result = add_name(out, entry->d_name);
	}
	if (dir)
		closedir(dir);
	if (out->count > 1)
		qsort(out->list, out->count, sizeof *out->list, compare);
	return result;
}

char **folder_files(int dir_fd, const char *path)
{
	struct names names = {0};

	if (read_names(dir_fd, path, false, &names) == 0)
		return names.list ? names.list : list_copy(NULL);
	list_free(names.list);
	return NULL;
}

/* "PATH/NAME" into out[PATH_MAX]; false when it is too long. */
static bool join(const char *path, const char *name, size_t length, char *out)
{
	return snprintf(out, PATH_MAX, "%s%s%.*s", path, *path ? "/" : "", (int)length, name) < PATH_MAX;
}

static int read_ignore(const struct walk *walk, const char *path, struct ignore *out)
{
	struct report unseen = {0}; /* git says what is wrong with it */
	char file[PATH_MAX];
	struct text text;
	int result = join(path, ".gitignore", 10, file)
			     ? text_read(walk->dir_fd, file, IGNORE_BYTES_MAX, &text, &unseen)
			     : -ENOENT;

	report_finish(&unseen);
	if (result != 0)
		return result == -ENOMEM ? result : 0;
	result = ignore_parse(&text, out);
	text_finish(&text);
	return result;
}

/* One name below a folder that was read. `wanted` is the pattern of its name, NULL for any. */
static int step_name(struct walk *walk, const char *path, const char *name, const char *wanted, const char *pattern,
		     const struct ignore *ignore, unsigned depth)
{
	char below[PATH_MAX];

	if (strcmp(name, "node_modules") == 0 || (wanted && !glob_match(wanted, name)))
		return 0;
	if (!join(path, name, strlen(name), below) || ignore_has(ignore, below))
		return 0;
	return step(walk, below, pattern, ignore, depth + 1);
}

static int step_names(struct walk *walk, const char *path, const char *wanted, const char *pattern,
		      const struct ignore *above, unsigned depth)
{
	struct ignore ignore = {.above = above, .skip = *path ? strlen(path) + 1 : 0};
	struct names names = {0};
	int result;

	if (walk->left == 0 || depth >= FOLDERS_DEPTH_MAX)
		return 0;
	walk->left--;
	result = read_names(walk->dir_fd, path, true, &names);
	if (result == 0 && names.has_ignore)
		result = read_ignore(walk, path, &ignore);
	for (size_t i = 0; i < names.count && result == 0; i++)
		result = step_name(walk, path, names.list[i], wanted, pattern, &ignore, depth);
	ignore_finish(&ignore);
	list_free(names.list);
	return result;
}

/* Go into a folder that is named letter by letter: what is ignored from here on also counts below it. */
static int step_literally(struct walk *walk, const char *path, const char *below, const char *pattern,
			  const struct ignore *above, unsigned depth)
{
	struct ignore ignore = {.above = above, .skip = *path ? strlen(path) + 1 : 0};
	int result = read_ignore(walk, path, &ignore);

	if (result == 0)
		result = step(walk, below, pattern, &ignore, depth + 1);
	ignore_finish(&ignore);
	return result;
}

/* The folders below path that the pattern names, from one of its names to the next. */
static int step(struct walk *walk, const char *path, const char *pattern, const struct ignore *above, unsigned depth)
{
	size_t length = strcspn(pattern, "/");
	const char *rest = pattern + length + strspn(pattern + length, "/");
	char name[NAME_MAX + 1], below[PATH_MAX];
	int result;

	if (!*pattern)
		return walk->fn(walk->arg, path);
	if (length >= sizeof name)
		return 0;
	memcpy(name, pattern, length);
	name[length] = '\0';
	if (strcmp(name, ".") == 0 || length == 0)
		return step(walk, path, rest, above, depth);
	if (strcmp(name, "**") == 0) {
		result = step(walk, path, rest, above, depth);
		return result == 0 ? step_names(walk, path, NULL, pattern, above, depth) : result;
	}
	if (glob_is_pattern(name))
		return step_names(walk, path, name, rest, above, depth);
	if (strcmp(name, "..") == 0 || !join(path, name, length, below) || depth >= FOLDERS_DEPTH_MAX)
		return 0;
	if (!*rest)
		return walk->fn(walk->arg, below);
	return step_literally(walk, path, below, rest, above, depth);
}

int folders_match(int dir_fd, const char *pattern, folder_fn *fn, void *arg, struct report *report)
{
	struct walk walk = {.dir_fd = dir_fd, .fn = fn, .arg = arg, .left = FOLDERS_MAX};
	int result = step(&walk, "", pattern, NULL, 0);

	if (walk.left == 0)
		report_warning(report, "%s: more than %u folders, the rest is not looked at", pattern, FOLDERS_MAX);
	return result;
}
