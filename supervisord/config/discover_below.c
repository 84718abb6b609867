/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "config/folders.h"
#include "config/scripts.h"

/*
 * Projects that are several beside each other, frontend/package.json and backend/Cargo.toml, without a file that says
 * so: what the folders have, with the folder before each name.
 */

#define BELOW_MAX 256u /* folders that are looked into */

struct below {
	const struct finding *to;
	uint32_t kinds; /* the project has these itself, and they speak for its folders */
	unsigned left;  /* folders that may still be looked into */
	char **bare;    /* folders that have no manifest */
	bool is_full;   /* there were more, which was said */
	bool is_second; /* folders of those folders are looked into now */
	int found;
};

/* Give a spec its place in the project. 0: it is the project's; -ENAMETOOLONG (reported), -ENOMEM. */
static int move_spec(const struct below *below, const char *path, struct spec *spec)
{
	char name[BRM_NAME_MAX + PATH_MAX], source[2 * PATH_MAX];
	int result = -ENAMETOOLONG;

	snprintf(name, sizeof name, "%s:%s", path, spec->name);
	snprintf(source, sizeof source, "%s/%s", path, spec->source);
	if (below->to->config->count < SCRIPTS_MAX && name_check(name, NULL) == 0) {
		if (string_set(&spec->name, name) != 0 || string_set(&spec->source, source) != 0)
			return -ENOMEM;
		result = config_add(below->to->config, spec, path);
	}
	if (result == -ENAMETOOLONG)
		report_warning(below->to->report, "%s: %s is left out, expected a shorter name and at most %u scripts",
			       source, name, SCRIPTS_MAX);
	return result;
}

/* What a folder has becomes the project's. 0, -ENOMEM. */
static int move_all(const struct below *below, const char *path, struct config *config, struct report *report)
{
	struct report lines = {0};
	int result = 0;

	report_demote(report, &lines);
	for (size_t i = 0; i < list_length(lines.warnings); i++)
		report_warning(below->to->report, "%s/%s", path, lines.warnings[i]);
	report_finish(&lines);
	for (size_t i = 0; i < config->count; i++) {
		int moved = result == 0 ? move_spec(below, path, config->specs[i]) : result;

		if (moved != 0)
			spec_free(config->specs[i]);
		result = moved == -ENOMEM ? moved : result;
	}
	config->count = 0;
	config_finish(config);
	return result;
}

/* Read the manifests of a folder. Returns how many there are, or -ENOMEM. */
static int read_folder(const struct below *below, const char *path)
{
	struct finding own = *below->to;
	struct config config = {0};
	struct report report = {0};
	char dir[2 * PATH_MAX];
	int found, result;

	own.dir_fd = openat(below->to->dir_fd, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (own.dir_fd < 0)
		return 0;
	snprintf(dir, sizeof dir, "%s/%s", below->to->dir, path);
	own.dir = dir;
	own.config = &config;
	own.report = &report;
	found = scripts_discover_all(&own, below->kinds);
	close(own.dir_fd);
	result = move_all(below, path, &config, &report);
	return found < 0 ? found : result < 0 ? result : found;
}

static bool is_below_bare(const struct below *below, const char *path)
{
	size_t length = strcspn(path, "/");

	for (char **bare = below->bare; bare && *bare; bare++)
		if (strlen(*bare) == length && strncmp(*bare, path, length) == 0)
			return true;
	return false;
}

static int look_into(void *arg, const char *path)
{
	struct below *below = arg;
	int found;

	if (below->is_full || (below->is_second && !is_below_bare(below, path)))
		return 0;
	if (below->left == 0) {
		below->is_full = true;
		report_warning(below->to->report, "%s: not looked into, there are more than %u folders", path,
			       BELOW_MAX);
		return 0;
	}
	below->left--;
	found = read_folder(below, path);
	if (found < 0)
		return found;
	below->found += found;
	return found == 0 && !below->is_second ? list_append(&below->bare, path) : 0;
}

int below_discover(const struct finding *finding, uint32_t kinds)
{
	struct below below = {.to = finding, .kinds = kinds, .left = BELOW_MAX};
	int result = folders_match(finding->dir_fd, "*", look_into, &below, finding->report);

	below.is_second = true;
	if (result == 0 && kinds == 0 && below.bare)
		result = folders_match(finding->dir_fd, "*/*", look_into, &below, finding->report);
	list_free(below.bare);
	return result < 0 ? result : below.found;
}
