/* SPDX-License-Identifier: MIT */
#include "config/discover.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "config/sources.h"

#define MIB (1024u * 1024u)

/*
 * Everything discovery knows, in the order in which it is asked. Of the configurations the first that is there is
 * chosen, and others are named in a warning; scripts are found besides.
 */
static const struct source {
	const char *file;
	const char *prefix; /* of names that are taken */
	bool is_configuration;
	size_t max_bytes;
	int (*read)(struct text *text, const struct finding *finding);
} sources[] = {
	{"Procfile", "procfile", true, MIB, procfile_read},
	{"Procfile.dev", "procfile", true, MIB, procfile_read},
	{"package.json", "npm", false, 10 * MIB, npm_read},
};

#define COUNT(table) (sizeof(table) / sizeof *(table))

/* Is it there, in whatever state? */
static bool exists(int dir_fd, const char *file)
{
	struct stat st;

	return fstatat(dir_fd, file, &st, 0) == 0 || errno != ENOENT;
}

static int read_source(const struct source *source, struct finding *finding)
{
	struct text text;
	int result = text_read(finding->dir_fd, source->file, source->max_bytes, &text, finding->report);

	if (result != 0)
		return result;
	finding->source = source->file;
	finding->prefix = source->prefix;
	result = source->read(&text, finding);
	text_finish(&text);
	return result;
}

/* Is this configuration to be read? The first is chosen. 1, 0, -ENOMEM. */
static int choose(const struct source *source, struct finding *finding)
{
	struct config *config = finding->config;

	if (*config->file) {
		report_warning(finding->report, "%s: not used, %s is the configuration", source->file, config->file);
		return 0;
	}
	return string_set(&config->file, source->file) == 0 ? 1 : -ENOMEM;
}

/* Ask every source that is there. Returns how many are, or -ENOMEM. */
static int read_sources(struct finding *finding)
{
	int found = 0;

	for (size_t i = 0; i < COUNT(sources); i++) {
		int result;

		if (!exists(finding->dir_fd, sources[i].file))
			continue;
		found++;
		result = sources[i].is_configuration ? choose(&sources[i], finding) : 1;
		if (result == 0)
			continue;
		if (result > 0)
			result = read_source(&sources[i], finding);
		if (result == -ENOMEM)
			return result;
		if (result == 0 && finding->config->count == 0)
			report_warning(finding->report, "%s: nothing to run in it", sources[i].file);
	}
	return found;
}

static int discover_in(const char *dir, struct config *config, struct report *report)
{
	struct finding finding = {.dir = dir, .config = config, .report = report};
	int found;

	finding.dir_fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (finding.dir_fd < 0) {
		report_error(report, "%s: cannot read: %s", dir, strerror(errno));
		return -EINVAL;
	}
	found = read_sources(&finding);
	close(finding.dir_fd);
	if (found < 0)
		return found;
	if (report->failed)
		return -EINVAL;
	return found > 0 ? 0 : -ENOENT;
}

int config_discover(const char *dir, struct config *config, struct report *report)
{
	char *real;
	int result;

	*config = (struct config){.file = strdup("")};
	if (!config->file)
		return -ENOMEM;
	real = realpath(dir, NULL);
	if (!real) {
		report_error(report, "%s: cannot read: %s", dir, strerror(errno));
		return -EINVAL;
	}
	result = discover_in(real, config, report);
	free(real);
	return result;
}
