/* SPDX-License-Identifier: MIT */
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "config/npm.h"

/* The first of a folder counts. */
static const struct {
	const char *file;
	const char *manager;
} locks[] = {
	{"package-lock.json", "npm"}, {"npm-shrinkwrap.json", "npm"}, {"pnpm-lock.yaml", "pnpm"},
	{"yarn.lock", "yarn"},        {"bun.lockb", "bun"},           {"bun.lock", "bun"},
};

static const char *const managers[] = {"npm", "pnpm", "yarn", "bun"};

#define COUNT(table) (sizeof(table) / sizeof *(table))

static bool has(const char *dir, const char *file)
{
	char path[PATH_MAX];
	struct stat st;

	if (snprintf(path, sizeof path, "%s/%s", dir, file) >= (int)sizeof path)
		return false;
	return stat(path, &st) == 0 && text_is_trusted(&st);
}

/* Go to the parent; false at the root of the file system and of a repository, which is as far as anything counts. */
static bool go_up(char *dir)
{
	char *slash = strrchr(dir, '/');

	if (!slash || dir[1] == '\0' || has(dir, ".git"))
		return false;
	slash[slash == dir] = '\0';
	return true;
}

static bool has_upwards(const char *dir, const char *file)
{
	char at[PATH_MAX];

	snprintf(at, sizeof at, "%s", dir);
	do {
		if (has(at, file))
			return true;
	} while (go_up(at));
	return false;
}

/* The manager whose lock file is in this folder, or NULL. */
static const char *locked_here(const char *dir, struct report *report)
{
	const char *manager = NULL, *because = NULL;

	for (size_t i = 0; i < COUNT(locks); i++) {
		if ((manager && strcmp(manager, locks[i].manager) == 0) || !has(dir, locks[i].file))
			continue;
		if (manager) {
			report_warning(report, "%s: not used, %s comes first; packageManager in package.json decides",
				       locks[i].file, because);
			continue;
		}
		manager = locks[i].manager;
		because = locks[i].file;
	}
	return manager;
}

static const char *locked(const char *dir, struct report *report)
{
	char at[PATH_MAX];
	const char *manager;

	snprintf(at, sizeof at, "%s", dir);
	do {
		manager = locked_here(at, report);
	} while (!manager && go_up(at));
	return manager ? manager : "";
}

/* "pnpm@9.1.0+sha512.abc": the name is one of ours, the version goes into *out. NULL: not known. */
static const char *declared(const char *field, struct npm_manager *out)
{
	size_t length = strcspn(field, "@");

	for (size_t i = 0; i < COUNT(managers); i++) {
		if (strlen(managers[i]) != length || strncmp(field, managers[i], length) != 0)
			continue;
		field += length + (field[length] == '@');
		snprintf(out->version, sizeof out->version, "%.*s", (int)strcspn(field, "+ "), field);
		return managers[i];
	}
	return NULL;
}

void npm_manager_find(struct npm_package *package, const char *dir, struct report *report)
{
	const char *field = npm_string(package, "packageManager");
	struct npm_manager *manager = &package->manager;
	const char *name = field ? declared(field, manager) : NULL;

	if (field && !name)
		report_warning(report, "%s: packageManager %s is not known, expected npm, pnpm, yarn or bun",
			       package->text.file, field);
	manager->name = name ? name : locked(dir, report);
	if (strcmp(manager->name, "bun") == 0)
		manager->runs_scripts = true;
	if (strcmp(manager->name, "yarn") != 0)
		return;
	/* Only yarn from version 2 has this file, and it knows no hooks. */
	manager->runs_hooks = !has_upwards(dir, ".yarnrc.yml");
	manager->runs_scripts = has_upwards(dir, ".pnp.cjs");
}
