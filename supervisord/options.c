/* SPDX-License-Identifier: MIT */
#include "options.h"

#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "say.h"

static const struct {
	const char *name;
	size_t offset; /* of its switch in struct features */
	const char *help;
} features[] = {
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
	{"discover", no_argument, NULL, OPTION_MODE + MODE_DISCOVER},
	{"features", no_argument, NULL, OPTION_MODE + MODE_FEATURES},
	{"transitions", no_argument, NULL, OPTION_MODE + MODE_TRANSITIONS},
	{"help", no_argument, NULL, OPTION_MODE + MODE_HELP},
	{"version", no_argument, NULL, OPTION_MODE + MODE_VERSION},
	{NULL, 0, NULL, 0},
};

static const char help[] =
	"usage: brummerd [-C DIR] [--instance NAME] [--foreground] [--no-autostart] [--disable FEATURE]...\n"
	"       brummerd [-C DIR] --discover | --features | --transitions | --help | --version\n"
	"\n"
	"Supervise the processes of a project. Usually started by `brummer-cli up`.\n"
	"\n"
	"  -C DIR              the project's directory (default: the current one)\n"
	"      --instance NAME the instance's name (default: made of the directory)\n"
	"  -f, --foreground    stay in front, messages on standard error\n"
	"      --no-autostart  start nothing by itself\n"
	"      --disable NAME  do without a feature\n"
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

void options_print_features(const struct features *of)
{
	for (size_t i = 0; i < FEATURE_COUNT; i++)
		printf("%-8s %-3s %s\n", features[i].name, *feature_switch((struct features *)of, i) ? "off" : "on",
		       features[i].help);
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

static int take(struct options *options, int option, const char *value)
{
	switch (option) {
	case 'C':
		options->dir = value;
		return 0;
	case 'f':
		options->foreground = true;
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
		options->mode = (enum mode)(option - OPTION_MODE);
		return 0;
	}
}

int options_read(int argc, char **argv, struct options *out)
{
	int option, rc = 0;

	*out = (struct options){.mode = MODE_SUPERVISE};
	while (rc == 0 && (option = getopt_long(argc, argv, "C:f", long_options, NULL)) != -1)
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
	for (size_t i = 0; i < FEATURE_COUNT; i++) {
		if (!*feature_switch((struct features *)&options->features, i))
			continue;
		out->argv[count++] = "--disable";
		out->argv[count++] = features[i].name;
	}
	out->argv[count] = NULL;
	return 0;
}
