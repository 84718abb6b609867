/* SPDX-License-Identifier: MIT */
#include "config/import.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "config/discover.h"
#include "config/dotenv.h"
#include "config/sniff.h"
#include "config/sources.h"
#include "config/write_yaml.h"

#define SCRIPT_OUTPUT_MAX (1024u * 1024u)

/* What a program that node runs prints about an ecosystem file. */
static const char print_module[] = "process.stdout.write(JSON.stringify(require(process.argv[1])))";

static int read_output(int fd, char **out, size_t *length)
{
	char *bytes = malloc(SCRIPT_OUTPUT_MAX);
	ssize_t n = 1;

	*out = bytes;
	for (*length = 0; bytes && n != 0 && *length < SCRIPT_OUTPUT_MAX;) {
		n = read(fd, bytes + *length, SCRIPT_OUTPUT_MAX - *length);
		if (n < 0 && errno != EINTR)
			return -errno;
		*length += n > 0 ? (size_t)n : 0;
	}
	return bytes ? 0 : -ENOMEM;
}

/* Run node on a file, with its standard output in a pipe. Returns what it printed, to be freed, or NULL. */
static char *ask_node(const char *path, size_t *length, struct report *report)
{
	int ends[2], status = 0;
	char *output = NULL;
	pid_t pid;

	if (pipe2(ends, O_CLOEXEC) != 0) {
		report_error(report, "%s: cannot ask node: %s", path, strerror(errno));
		return NULL;
	}
	pid = fork();
	if (pid == 0) {
		dup2(ends[1], STDOUT_FILENO);
		execlp("node", "node", "-e", print_module, path, (char *)NULL);
		_exit(127);
	}
	close(ends[1]);
	if (pid > 0 && read_output(ends[0], &output, length) != 0)
		*length = 0;
	close(ends[0]);
	if (pid > 0)
		waitpid(pid, &status, 0);
	if (pid > 0 && WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return output;
	report_error(report, "%s: node cannot tell what it says: %s", path,
		     WIFEXITED(status) && WEXITSTATUS(status) == 127 ? "there is no node" : "it failed");
	free(output);
	return NULL;
}

/* A file that only node can read. */
static int read_script(const char *path, const char *dir, struct config *config, struct report *report)
{
	const char *name = strrchr(path, '/') + 1;
	struct finding finding = {
		.dir = dir, .dir_fd = -1, .source = name, .prefix = "pm2", .config = config, .report = report};
	size_t length = 0;
	char *output = ask_node(path, &length, report);
	const struct text text = {.file = name, .bytes = output, .length = length};
	struct text own = text;
	int result = -EINVAL;

	config->file = strdup(name);
	if (output)
		result = config->file ? pm2_read(&own, &finding) : -ENOMEM;
	free(output);
	return result == 0 && report->failed ? -EINVAL : result;
}

static int read_config(const char *path, char *dir, struct config *config, struct report *report)
{
	static const char *const scripts[] = {".js", ".cjs", ".mjs"};
	char copy[PATH_MAX], *files[] = {copy, NULL};
	const struct config_request request = {.dir = dir, .files = files, .only_files = true};
	const char *dot = strrchr(path, '.');

	for (size_t i = 0; dot && i < sizeof scripts / sizeof *scripts; i++)
		if (strcmp(dot, scripts[i]) == 0)
			return read_script(path, dir, config, report);
	snprintf(copy, sizeof copy, "%s", path);
	return config_discover(&request, config, report);
}

/* The variables of the .env that a Procfile has beside it: they stay there. */
static int read_file_env(const char *dir, const struct config *config, char ***env)
{
	struct report unseen = {0}; /* it was said when the Procfile was read */
	struct text text;
	int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int result;

	if (fd < 0 || strncmp(config->file, "Procfile", 8) != 0) {
		if (fd >= 0)
			close(fd);
		return 0;
	}
	result = text_read(fd, ".env", DOTENV_BYTES_MAX, &text, &unseen);
	close(fd);
	if (result == 0) {
		result = dotenv_parse(&text, env, &unseen);
		text_finish(&text);
	}
	report_finish(&unseen);
	return result == -ENOMEM ? result : 0;
}

static int write_config(const struct config *config, const char *dir, FILE *out, const struct report *report)
{
	char **file_env = NULL;
	struct write_notes notes = {.dir = dir, .env_file = ""};
	int result = read_file_env(dir, config, &file_env);

	notes.file_env = file_env;
	notes.env_file = file_env ? ".env" : "";
	errno = 0;
	fprintf(out, "# What %s says, for Brummer: see brummer.yaml(5).\n", config->file);
	for (size_t i = 0; i < list_length(report->warnings); i++)
		fprintf(out, "# %s\n", report->warnings[i]);
	if (result == 0)
		result = write_yaml(out, config, &notes);
	list_free(file_env);
	if (result == 0 && (fflush(out) != 0 || ferror(out)))
		result = errno ? -errno : -EIO;
	return result;
}

int config_import(const char *file, FILE *out, struct report *report)
{
	char *path = realpath(file, NULL), *copy = path ? strdup(path) : NULL;
	struct config config = {0};
	int result;

	if (!path && errno == ENOENT)
		return -ENOENT;
	if (!path) {
		report_error(report, "%s: cannot open: %s", file, strerror(errno));
		return -EINVAL;
	}
	result = copy ? read_config(path, dirname(copy), &config, report) : -ENOMEM;
	if (result == 0) {
		strcpy(copy, path);
		result = write_config(&config, dirname(copy), out, report);
	}
	config_finish(&config);
	free(copy);
	free(path);
	return result;
}
