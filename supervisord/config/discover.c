/* SPDX-License-Identifier: MIT */
#include "config/discover.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "config/check_depends.h"
#include "config/scripts.h"
#include "config/sniff.h"
#include "config/sources.h"
#include "config/yaml.h"

#define MIB (1024u * 1024u)

/*
 * Everything discovery knows, in the order in which it is asked. Of the configurations the first that is there is
 * chosen, and others are named in a warning; scripts are found besides. config/sniff.c says which row a file that was
 * named belongs to.
 */
static const struct source {
	const char *file;
	const char *prefix; /* of names that are taken */
	bool is_configuration;
	size_t max_bytes;
	int (*read)(struct text *text, const struct finding *finding);
} sources[] = {
	{"brummer.yaml", "brummer", true, YAML_BYTES_MAX, brummer_read},
	{"brummer.yml", "brummer", true, YAML_BYTES_MAX, brummer_read},
	{"process-compose.yaml", "process-compose", true, YAML_BYTES_MAX, process_compose_read},
	{"process-compose.yml", "process-compose", true, YAML_BYTES_MAX, process_compose_read},
	{"mprocs.yaml", "mprocs", true, YAML_BYTES_MAX, mprocs_read},
	{"mprocs.yml", "mprocs", true, YAML_BYTES_MAX, mprocs_read},
	{"Procfile", "procfile", true, MIB, procfile_read},
	{"Procfile.dev", "procfile", true, MIB, procfile_read},
	{"supervisord.conf", "supervisord", true, MIB, supervisord_read},
	{"ecosystem.config.json", "pm2", true, MIB, pm2_read},
	{"ecosystem.config.js", "pm2", true, MIB, pm2_script_read},
	{"ecosystem.config.cjs", "pm2", true, MIB, pm2_script_read},
	{".brum.toml", "brum", true, MIB, brum_read},
	{"package.json", "npm", false, 10 * MIB, npm_read},
};

#define COUNT(table) (sizeof(table) / sizeof *(table))

/* Is it there, in whatever state? */
static bool exists(int dir_fd, const char *file)
{
	struct stat st;

	return fstatat(dir_fd, file, &st, 0) == 0 || errno != ENOENT;
}

/*
 * What the configuration's reader has done, which is the first of all: entries are marked, and errors are remembered.
 * One is enough, wherever it is: a configuration counts whole or not at all. Returns its result.
 */
static int mark(struct finding *finding, int result)
{
	struct config *config = finding->config;

	for (size_t i = 0; i < config->count; i++)
		config->specs[i]->configured = true;
	result = result == 0 && finding->report->failed ? -EINVAL : result;
	config->refused = config->refused || result == -EINVAL;
	return result;
}

static int read_source(const struct source *source, struct finding *finding)
{
	struct text text;
	int result = text_read(finding->dir_fd, source->file, source->max_bytes, &text, finding->report);

	if (result != 0)
		return source->is_configuration ? mark(finding, result) : result;
	finding->source = source->file;
	finding->prefix = source->prefix;
	result = source->read(&text, finding);
	text_finish(&text);
	return source->is_configuration ? mark(finding, result) : result;
}

/* Is this configuration to be read? The first is chosen. 1, 0, -ENOMEM. */
static int choose(const struct source *source, struct finding *finding)
{
	struct config *config = finding->config;

	if (*config->file) {
		if (!finding->request->files || !*finding->request->files)
			report_warning(finding->report, "%s: not used, %s is the configuration (--config chooses)",
				       source->file, config->file);
		return 0;
	}
	return string_set(&config->file, source->file) == 0 ? 1 : -ENOMEM;
}

/* Scripts of all other manifests, and of folders below where no configuration says what the project is. */
static int read_scripts(const struct finding *finding)
{
	uint32_t kinds;
	int found = scripts_discover(finding, &kinds), below = 0;

	if (exists(finding->dir_fd, "package.json"))
		kinds |= KIND_NPM;
	if (found >= 0 && !*finding->config->file)
		below = below_discover(finding, kinds);
	return found < 0 ? found : below < 0 ? below : found + below;
}

/* Ask every source that is there. Returns how many are, or -ENOMEM. */
static int read_sources(struct finding *finding)
{
	int found = 0, scripts;

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
	scripts = read_scripts(finding);
	return scripts < 0 ? scripts : found + scripts;
}

/* The row of a file's kind, or NULL. */
static const struct source *source_of(const struct text *text)
{
	const char *kind = sniff(text);

	for (size_t i = 0; kind && i < COUNT(sources); i++)
		if (sources[i].is_configuration && strcmp(sources[i].file, kind) == 0)
			return &sources[i];
	return NULL;
}

/* A file as messages call it: relative to the project when it is in there. */
static const char *shown_as(const char *file, const char *dir)
{
	size_t length = strlen(dir);

	return strncmp(file, dir, length) == 0 && file[length] == '/' ? file + length + 1 : file;
}

/* The files that were named. Those that cannot be read are reported. 0, -EINVAL, -ENOMEM. */
static int load(const struct finding *finding, struct text *texts, size_t *count)
{
	char *const *files = finding->request->files;
	int result = 0;

	for (*count = 0; files[*count] && *count < CONFIG_FILES_MAX; (*count)++) {
		int rc = text_read(finding->dir_fd, files[*count], YAML_BYTES_MAX, &texts[*count], finding->report);

		if (rc == -ENOENT)
			report_error(finding->report, "%s: cannot open: %s", files[*count], strerror(ENOENT));
		if (rc != 0)
			texts[*count] = (struct text){0};
		result = rc == -ENOMEM || result == 0 ? rc : result;
		texts[*count].file = shown_as(files[*count], finding->dir);
	}
	if (files[*count])
		report_error(finding->report, "%s: too many files, expected at most %u", files[*count],
			     CONFIG_FILES_MAX);
	return result == 0 && files[*count] ? -EINVAL : result == -ENOENT ? -EINVAL : result;
}

/* Read files of one kind, which the first decides; *taken is their number. 0, -EINVAL, -ENOMEM. */
static int read_group(struct finding *finding, struct text *texts, size_t count, size_t *taken)
{
	const struct source *source = source_of(&texts[0]);

	*taken = 1;
	if (!source) {
		report_error(finding->report, "%s:1:1: no configuration that Brummer knows, expected a brummer.yaml",
			     texts[0].file);
		return -EINVAL;
	}
	while (*taken < count && source_of(&texts[*taken]) == source)
		(*taken)++;
	finding->source = texts[0].file;
	finding->prefix = source->prefix;
	finding->more = texts + 1;
	finding->more_count = *taken - 1;
	return source->read(&texts[0], finding);
}

/* The configuration that was asked for. 0, -EINVAL, -ENOMEM. */
static int read_named(struct finding *finding)
{
	struct text texts[CONFIG_FILES_MAX] = {0};
	size_t count, taken;
	int result = load(finding, texts, &count);

	for (size_t i = 0; result == 0 && i < count; i += taken)
		result = read_group(finding, texts + i, count - i, &taken);
	finding->more = NULL;
	finding->more_count = 0;
	result = mark(finding, result);
	if (result != -ENOMEM && string_set(&finding->config->file, texts[0].file) != 0)
		result = -ENOMEM;
	for (size_t i = 0; i < count; i++)
		text_finish(&texts[i]);
	return result;
}

const char *config_project_file(size_t n, bool *is_configuration)
{
	*is_configuration = n < COUNT(sources) && sources[n].is_configuration;
	return n < COUNT(sources) ? sources[n].file : scripts_file(n - COUNT(sources));
}

static int discover_in(struct finding *finding)
{
	char *const *files = finding->request->files;
	int found = 0, named = 0, result;

	finding->dir_fd = open(finding->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (finding->dir_fd < 0) {
		report_error(finding->report, "%s: cannot read: %s", finding->dir, strerror(errno));
		return -EINVAL;
	}
	if (files && *files)
		named = read_named(finding);
	if (named == 0 && !finding->request->only_files)
		found = read_sources(finding);
	close(finding->dir_fd);
	if (named == -ENOMEM || found < 0)
		return -ENOMEM;
	result = check_depends(finding->config, finding->report);
	if (result == -ENOMEM)
		return result;
	finding->config->refused = finding->config->refused || result == -EINVAL;
	if (finding->config->refused)
		config_drop_entries(finding->config);
	if (finding->report->failed)
		return -EINVAL;
	return found > 0 || (files && *files) ? 0 : -ENOENT;
}

int config_discover(const struct config_request *request, struct config *config, struct report *report)
{
	const char *dir = request->dir ? request->dir : ".";
	struct finding finding = {.config = config, .report = report, .request = request};
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
	finding.dir = real;
	result = discover_in(&finding);
	free(real);
	return result;
}
