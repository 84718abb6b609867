/* SPDX-License-Identifier: MIT */
#include "options.h"

#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "engine/cgroup.h"
#include "engine/tag.h"
#include "say.h"

static const struct {
	const char *name;
	size_t offset; /* of its switch in struct features */
	const char *help;
} features[] = {
	{"cgroup", offsetof(struct features, no_cgroup), "a control group for each run, where they can be made"},
	{"metrics", offsetof(struct features, no_metrics), "sample what processes use, once a second"},
	{"guard", offsetof(struct features, no_guard), "publish the region again when it is removed from /dev/shm"},
};

#define FEATURE_COUNT (sizeof features / sizeof *features)

enum {
	OPTION_INSTANCE = 256,
	OPTION_NO_AUTOSTART,
	OPTION_ENGINE,
	OPTION_KEEPER,
	OPTION_TAKES_OVER,
	OPTION_DISABLE,
	OPTION_CONFIG,
	OPTION_PROFILE,
	OPTION_MODE
};

static const struct option long_options[] = {
	{"instance", required_argument, NULL, OPTION_INSTANCE},
	{"foreground", no_argument, NULL, 'f'},
	{"no-autostart", no_argument, NULL, OPTION_NO_AUTOSTART},
	{"disable", required_argument, NULL, OPTION_DISABLE},
	{"engine", required_argument, NULL, OPTION_ENGINE},
	{"keeper", required_argument, NULL, OPTION_KEEPER},
	{"takes-over", required_argument, NULL, OPTION_TAKES_OVER},
	{"config", required_argument, NULL, OPTION_CONFIG},
	{"profile", required_argument, NULL, OPTION_PROFILE},
	{"output", required_argument, NULL, 'o'},
	{"quiet", no_argument, NULL, 'q'},
	{"check", no_argument, NULL, OPTION_MODE + MODE_CHECK},
	{"schema", no_argument, NULL, OPTION_MODE + MODE_SCHEMA},
	{"explain", required_argument, NULL, OPTION_MODE + MODE_EXPLAIN},
	{"import", required_argument, NULL, OPTION_MODE + MODE_IMPORT},
	{"export", required_argument, NULL, OPTION_MODE + MODE_EXPORT},
	{"discover", no_argument, NULL, OPTION_MODE + MODE_DISCOVER},
	{"features", no_argument, NULL, OPTION_MODE + MODE_FEATURES},
	{"transitions", no_argument, NULL, OPTION_MODE + MODE_TRANSITIONS},
	{"help", no_argument, NULL, OPTION_MODE + MODE_HELP},
	{"version", no_argument, NULL, OPTION_MODE + MODE_VERSION},
	{NULL, 0, NULL, 0},
};

static const char help[] =
	"usage: brummerd [-C DIR] [--config FILE]... [--profile NAME]... [--instance NAME] [--foreground]\n"
	"                [--no-autostart] [--disable FEATURE]...\n"
	"       brummerd [-C DIR] [--config FILE]... [--profile NAME]... [-o json] [-q]\n"
	"                --check | --explain NAME | --export FORMAT | --discover\n"
	"       brummerd --import FILE | --schema | --features | --transitions | --help | --version\n"
	"\n"
	"Supervise the processes of a project. Usually started by `brummer-cli up`.\n"
	"\n"
	"  -C DIR              the project's directory (default: the current one)\n"
	"      --config FILE   the configuration, in place of the one in the directory; several are merged\n"
	"      --profile NAME  start the entries of this profile, too\n"
	"      --instance NAME the instance's name (default: made of the directory)\n"
	"  -f, --foreground    stay in front, messages on standard error\n"
	"      --no-autostart  start nothing by itself\n"
	"      --disable NAME  do without a feature\n"
	"      --check         say what is wrong with the configuration, and end\n"
	"      --explain NAME  print one process as it will run, with the source of every value, and end\n"
	"      --schema        print the JSON Schema of brummer.yaml, and end\n"
	"  -o, --output json   print JSON (--check, --explain)\n"
	"  -q, --quiet         do not say that a configuration is good (--check)\n"
	"      --import FILE   print the brummer.yaml of another tool's file, and end\n"
	"      --export FORMAT print what starts by itself for systemd, procfile or compose, and end\n"
	"      --discover      print what could be run, as JSON, and end\n"
	"      --features      print the features and end\n"
	"      --transitions   print what a process can go through and end\n"
	"      --help, --version\n"
	"\n"
	"Exit status: 0 the supervisor is up (or has ended, with --foreground), 1 it is not, 2 wrong usage.\n";

void options_print_help(void)
{
	fputs(help, stdout);
}

static bool *feature_switch(struct features *of, size_t index)
{
	return (bool *)((char *)of + features[index].offset);
}

/* What the end of a run's descendants rests on here. */
static void print_descendants(const struct features *of)
{
	struct cgroups *cgroups = NULL;

	if (!of->no_cgroup && cgroups_open(0, &cgroups) == 0)
		printf("descendants are told by tag%s, and ended by cgroup.kill\n",
		       tag_is_refused() ? " in the environment" : "");
	else
		printf("descendants are told by tag%s, and no cgroup can be made here\n",
		       tag_is_refused() ? " in the environment" : "");
	cgroups_close(cgroups, true);
}

void options_print_features(const struct features *of)
{
	for (size_t i = 0; i < FEATURE_COUNT; i++)
		printf("%-8s %-3s %s\n", features[i].name, *feature_switch((struct features *)of, i) ? "off" : "on",
		       features[i].help);
	print_descendants(of);
}

static int disable(struct features *of, const char *name)
{
	for (size_t i = 0; i < FEATURE_COUNT; i++) {
		if (strcmp(features[i].name, name) == 0) {
			*feature_switch(of, i) = true;
			return 0;
		}
	}
	say("cannot disable %s: there is no such feature (see --features)", name);
	return -EINVAL;
}

/* Append a word of the command line. */
static int append(char **list, const char *what, char *value)
{
	size_t count = 0;

	while (count < CONFIG_FILES_MAX && list[count])
		count++;
	if (count == CONFIG_FILES_MAX || !value) {
		say("cannot use the %s: %s", what, value ? "there are too many" : strerror(errno));
		return -EINVAL;
	}
	list[count] = value;
	return 0;
}

/* A file's path as it is from anywhere: the daemon leaves this directory. To be freed. */
static char *absolute(const char *path)
{
	char *real = realpath(path, NULL), *here, *whole = NULL;

	if (real || *path == '/')
		return real ? real : strdup(path);
	here = getcwd(NULL, 0);
	if (here && asprintf(&whole, "%s/%s", here, path) < 0)
		whole = NULL;
	free(here);
	return whole;
}

static int append_file(char **list, const char *value)
{
	char *path = absolute(value);
	int rc = append(list, "configuration", path);

	if (rc != 0)
		free(path);
	return rc;
}

/* What is to be done; --schema may follow --check, and --explain too. */
static int take_mode(struct options *options, enum mode mode, const char *value)
{
	bool finer = options->mode == MODE_CHECK || options->mode == MODE_SUPERVISE || options->mode == mode;

	if (mode == MODE_CHECK && (options->mode == MODE_SCHEMA || options->mode == MODE_EXPLAIN))
		return 0;
	if ((mode == MODE_SCHEMA || mode == MODE_EXPLAIN) && !finer)
		return -EINVAL;
	options->mode = mode;
	options->subject = value ? value : options->subject;
	return 0;
}

static int take_output(struct options *options, const char *value)
{
	options->json = strcmp(value, "json") == 0;
	if (options->json || strcmp(value, "table") == 0)
		return 0;
	say("cannot print %s: expected json or table", value);
	return -EINVAL;
}

static int take(struct options *options, int option, char *value)
{
	switch (option) {
	case 'o':
		return take_output(options, value);
	case OPTION_CONFIG:
		return append_file(options->files, value);
	case OPTION_PROFILE:
		return append(options->profiles, "profile", value);
	case 'C':
		options->dir = value;
		return 0;
	case 'f':
		options->foreground = true;
		return 0;
	case 'q':
		options->quiet = true;
		return 0;
	case OPTION_INSTANCE:
		options->instance = value;
		return 0;
	case OPTION_NO_AUTOSTART:
		options->no_autostart = true;
		return 0;
	case OPTION_DISABLE:
		return disable(&options->features, value);
	case OPTION_KEEPER:
	case OPTION_TAKES_OVER:
		options->mode = option == OPTION_KEEPER ? MODE_KEEPER : MODE_TAKES_OVER;
		options->handover = value;
		return 0;
	case OPTION_ENGINE:
		options->mode = MODE_ENGINE;
		options->identity = value;
		return 0;
	default:
		if (option < OPTION_MODE)
			return -EINVAL;
		return take_mode(options, (enum mode)(option - OPTION_MODE), value);
	}
}

int options_read(int argc, char **argv, struct options *out)
{
	int option, rc = 0;

	*out = (struct options){.mode = MODE_SUPERVISE};
	while (rc == 0 && (option = getopt_long(argc, argv, "C:fo:q", long_options, NULL)) != -1)
		rc = take(out, option, optarg);
	if (rc == 0 && optind < argc) {
		say("cannot understand %s: brummerd takes options only (processes are started by brummer-cli)",
		    argv[optind]);
		rc = -EINVAL;
	}
	if (rc != 0)
		fputs("usage: brummerd [-C DIR] [--instance NAME] [--foreground] ... (see --help)\n", stderr);
	return rc;
}

/* The identity of an instance as one argument. */
static void identity_print(const struct engine_options *engine, char *out, size_t size)
{
	char uuid[2 * sizeof engine->uuid + 1];

	for (size_t i = 0; i < sizeof engine->uuid; i++)
		snprintf(uuid + 2 * i, 3, "%02x", engine->uuid[i]);
	snprintf(out, size, "%s:%" PRIu32 ":%" PRIu64, uuid, engine->tag, engine->started_ns);
}

int identity_parse(const char *text, struct engine_options *engine)
{
	int end = 0;

	for (size_t i = 0; i < sizeof engine->uuid; i++, text += 2)
		if (sscanf(text, "%2hhx", &engine->uuid[i]) != 1 || !text[1])
			return -EINVAL;
	if (sscanf(text, ":%" SCNu32 ":%" SCNu64 "%n", &engine->tag, &engine->started_ns, &end) != 2 || text[end])
		return -EINVAL;
	return 0;
}

int options_engine(const struct options *options, const struct engine_options *engine, struct engine_command *out)
{
	ssize_t length = readlink("/proc/self/exe", out->program, sizeof out->program - 1);
	size_t count = 0;

	if (length < 0)
		return -errno;
	out->program[length] = '\0';
	identity_print(engine, out->identity, sizeof out->identity);
	out->argv[count++] = out->program;
	out->argv[count++] = "--engine";
	out->argv[count++] = out->identity;
	out->argv[count++] = "-C";
	out->argv[count++] = engine->instance.dir;
	out->argv[count++] = "--instance";
	out->argv[count++] = engine->instance.name;
	if (options->foreground)
		out->argv[count++] = "--foreground";
	if (options->no_autostart)
		out->argv[count++] = "--no-autostart";
	for (size_t i = 0; options->files[i]; i++) {
		out->argv[count++] = "--config";
		out->argv[count++] = options->files[i];
	}
	for (size_t i = 0; options->profiles[i]; i++) {
		out->argv[count++] = "--profile";
		out->argv[count++] = options->profiles[i];
	}
	for (size_t i = 0; i < FEATURE_COUNT; i++) {
		if (!*feature_switch((struct features *)&options->features, i))
			continue;
		out->argv[count++] = "--disable";
		out->argv[count++] = features[i].name;
	}
	out->argv[count] = NULL;
	return 0;
}
