/* SPDX-License-Identifier: MIT */
#include "clients/common/find.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <brummer/reader.h>

const char *const find_configurations[] = {"brummer.yaml",
					   "brummer.yml",
					   "process-compose.yaml",
					   "process-compose.yml",
					   "mprocs.yaml",
					   "mprocs.yml",
					   "Procfile",
					   "Procfile.dev",
					   "supervisord.conf",
					   "ecosystem.config.json",
					   "ecosystem.config.js",
					   "ecosystem.config.cjs",
					   ".brum.toml",
					   NULL};

const char *const find_manifests[] = {"package.json",
				      "pnpm-workspace.yaml",
				      "lerna.json",
				      "rush.json",
				      "nx.json",
				      "GNUmakefile",
				      "makefile",
				      "Makefile",
				      "justfile",
				      "Justfile",
				      ".justfile",
				      "Taskfile.yml",
				      "Taskfile.yaml",
				      "taskfile.yml",
				      "Taskfile.dist.yml",
				      "Cargo.toml",
				      "go.mod",
				      "pyproject.toml",
				      "manage.py",
				      "bin/rails",
				      "Rakefile",
				      "rakefile",
				      "Rakefile.rb",
				      "composer.json",
				      "artisan",
				      "pom.xml",
				      "build.gradle.kts",
				      "build.gradle",
				      "settings.gradle.kts",
				      "settings.gradle",
				      "pubspec.yaml",
				      "deno.json",
				      "deno.jsonc",
				      ".vscode/tasks.json",
				      ".vscode/launch.json",
				      "*.sln",
				      "*.slnx",
				      "*.csproj",
				      "*.fsproj",
				      "*.vbproj",
				      NULL};

/* Is the file's name one of those that are given by their ends? */
static bool has_ending(const char *file, const char *const *names)
{
	size_t length = strlen(file);

	for (; *names; names++) {
		size_t end = strlen(*names) - 1;

		if (**names == '*' && length > end && strcmp(file + length - end, *names + 1) == 0)
			return true;
	}
	return false;
}

/* Does dir hold a file of one of the ends? */
static bool holds_ending(const char *dir, const char *const *names)
{
	DIR *stream = opendir(dir);
	const struct dirent *entry;
	bool found = false;

	while (stream && !found && (entry = readdir(stream)))
		found = has_ending(entry->d_name, names);
	if (stream)
		closedir(stream);
	return found;
}

/*
 * 1 when dir holds a configuration, 0 when none, -EPERM when the first belongs to neither this user nor root: whoever
 * may write above must not decide what is run here.
 */
static int holds_configuration(const char *dir)
{
	char path[PATH_MAX + 32];
	struct stat st;

	for (const char *const *name = find_configurations; *name; name++) {
		snprintf(path, sizeof path, "%s/%s", dir, *name);
		if (stat(path, &st) == 0 && S_ISREG(st.st_mode))
			return st.st_uid != geteuid() && st.st_uid != 0 ? -EPERM : 1;
	}
	return 0;
}

static bool holds_manifest(const char *dir)
{
	char path[PATH_MAX + 32];
	struct stat st;

	for (const char *const *name = find_manifests; *name; name++) {
		snprintf(path, sizeof path, "%s/%s", dir, *name);
		if (**name != '*' && stat(path, &st) == 0 && S_ISREG(st.st_mode))
			return true;
	}
	return holds_ending(dir, find_manifests);
}

/* Does a region with the directory's name exist, whatever its state? */
static bool is_served(const struct brm_instance *instance)
{
	int fd = shm_open(instance->region, O_RDONLY, 0);

	if (fd >= 0)
		close(fd);
	return fd >= 0 || errno != ENOENT;
}

/* Cut the last component of an absolute path; false at the root. */
static bool go_up(char *dir)
{
	char *slash = strrchr(dir, '/');

	if (!slash || dir[1] == '\0')
		return false;
	slash[slash == dir ? 1 : 0] = '\0';
	return true;
}

static int find_upwards(struct brm_instance *out)
{
	char here[PATH_MAX], dir[PATH_MAX], bare[PATH_MAX] = "";
	int rc;

	if (!getcwd(here, sizeof here))
		return -errno;
	strcpy(dir, here);
	do {
		rc = brm_instance_of_dir(dir, out);
		if (rc == 0 && is_served(out))
			return 0;
		rc = holds_configuration(dir);
		if (rc != 0)
			return rc < 0 ? rc : brm_instance_of_dir(dir, out);
		if (!bare[0] && holds_manifest(dir))
			strcpy(bare, dir);
	} while (go_up(dir));
	return brm_instance_of_dir(bare[0] ? bare : here, out);
}

/* The directory of an instance that was named: what its region says, or the one that was named too. */
static int find_dir(const char *dir, struct brm_instance *instance)
{
	struct brm_reader *reader;

	if (brm_reader_open(instance->region, &reader) == 0) {
		snprintf(instance->dir, sizeof instance->dir, "%s", brm_reader_info(reader)->dir);
		brm_reader_close(reader);
	} else if (dir && !realpath(dir, instance->dir)) {
		return -errno;
	}
	return 0;
}

/* The name that was given, or NULL: it follows from a directory. */
static const char *given_name(const struct where *where)
{
	const char *inherited = getenv("BRUMMER_INSTANCE");

	if (where->instance)
		return where->instance;
	return !where->dir && inherited && *inherited ? inherited : NULL;
}

static int find_by_dir(const struct where *where, struct brm_instance *out)
{
	return where->dir ? brm_instance_of_dir(where->dir, out) : find_upwards(out);
}

int find_region(const struct where *where, struct brm_instance *out)
{
	const char *name = given_name(where);
	int rc = name ? brm_instance_region(name, out->region) : find_by_dir(where, out);

	if (rc != 0 || !name)
		return rc;
	strcpy(out->name, name);
	out->dir[0] = '\0';
	return 0;
}

int find_instance(const struct where *where, struct brm_instance *out)
{
	const char *name = given_name(where);
	int rc = name ? brm_instance_of_name(name, out) : find_by_dir(where, out);

	return rc == 0 && name ? find_dir(where->instance ? where->dir : NULL, out) : rc;
}

static bool is_program(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISREG(st.st_mode) && access(path, X_OK) == 0;
}

/* dir/part/name, if a program is there and the path fits. */
static bool try_place(const char *dir, const char *part, const char *name, char *out, size_t size)
{
	char path[PATH_MAX];
	int length = snprintf(path, sizeof path, "%s%s/%s", dir, part, name);

	if (length < 0 || (size_t)length >= sizeof path || (size_t)length >= size || !is_program(path))
		return false;
	memcpy(out, path, (size_t)length + 1);
	return true;
}

/* Beside this program, where it is installed (bin, sbin, libexec/brummer) or built (libtool keeps programs in .libs).
 */
static bool try_siblings(const char *name, char *out, size_t size)
{
	static const char *const parts[] = {
		"", "/../sbin", "/../bin", "/..", "/../libexec/brummer", "/../../sbin", "/../../bin"};
	char self[PATH_MAX];
	ssize_t length = readlink("/proc/self/exe", self, sizeof self - 1);

	if (length <= 0)
		return false;
	self[length] = '\0';
	if (!go_up(self))
		return false;
	for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
		if (try_place(self, parts[i], name, out, size))
			return true;
	return false;
}

static bool try_path(const char *name, char *out, size_t size)
{
	const char *at = getenv("PATH");

	while (at && *at) {
		size_t length = strcspn(at, ":");
		char dir[PATH_MAX];

		if (length > 0 && length < sizeof dir) {
			memcpy(dir, at, length);
			dir[length] = '\0';
			if (try_place(dir, "", name, out, size))
				return true;
		}
		at += length + (at[length] == ':');
	}
	return false;
}

int find_program(const char *name, char *out, size_t size)
{
	const char *bindir = getenv("BRUMMER_BINDIR");

	if (bindir && *bindir && try_place(bindir, "", name, out, size))
		return 0;
	if (try_siblings(name, out, size) || try_path(name, out, size))
		return 0;
	return -ENOENT;
}
