/* SPDX-License-Identifier: MIT */
#include <config.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "config/check.h"
#include "config/discover.h"
#include "config/explain.h"
#include "config/export.h"
#include "config/import.h"
#include "engine/transition.h"
#include "keeper/keeper.h"
#include "launch.h"
#include "options.h"
#include "say.h"

static struct config_request request_of(const struct options *options)
{
	return (struct config_request){.dir = options->dir, .files = options->files, .profiles = options->profiles};
}

static int discover(const struct options *options)
{
	const char *dir = options->dir ? options->dir : ".";
	struct config config = {0};
	struct report report = {0};
	const struct config_request request = request_of(options);
	int found = config_discover(&request, &config, &report);
	int rc = discover_print_json(&config, &report, STDOUT_FILENO);

	if (rc != 0)
		say("cannot print: %s", strerror(-rc));
	if (found == -EINVAL)
		for (char **line = report.errors; line && *line; line++)
			say("cannot read %s", *line);
	else if (found != 0 && found != -ENOENT)
		say("cannot discover what could be run in %s: %s", dir, strerror(-found));
	config_finish(&config);
	report_finish(&report);
	return rc == 0 && (found == 0 || found == -ENOENT) ? 0 : 1;
}

/* Say what is wrong, as lines or as JSON. */
static int check(const struct options *options)
{
	const struct config_request request = request_of(options);
	struct config config = {0};
	struct report report = {0};
	int found = config_discover(&request, &config, &report), rc = 0;

	if (found == -ENOENT)
		report_error(&report, "%s: no configuration, expected a brummer.yaml or another that Brummer knows",
			     request.dir ? request.dir : ".");
	if (options->json)
		rc = check_print_json(&report, stdout);
	else
		check_print(&report, stderr);
	if (rc == 0 && found == 0 && !options->json && !options->quiet)
		rc = check_print_good(&config, &report, stdout);
	if (rc != 0 || found == -ENOMEM)
		say("cannot check the configuration: %s", strerror(rc != 0 ? -rc : ENOMEM));
	config_finish(&config);
	report_finish(&report);
	return rc == 0 && found == 0 ? 0 : 1;
}

static void say_unknown(const char *name, const struct config *config)
{
	const char *nearest;

	if (config_nearest(config, name, &nearest, 1) > 0)
		say("cannot explain %s: there is no such process (did you mean %s?)", name, nearest);
	else
		say("cannot explain %s: there is no such process", name);
}

static int explain(const struct options *options)
{
	struct explanation explanation = {.name = options->subject};
	struct config_request request = request_of(options);
	struct config config = {0};
	struct report report = {0};
	int rc;

	request.explanation = &explanation;
	rc = config_discover(&request, &config, &report);
	check_print(&report, stderr);
	if (rc == 0)
		rc = explanation_print(&explanation, &config, options->json, stdout);
	if (rc == -ENOENT)
		say_unknown(options->subject, &config);
	else if (rc != 0 && rc != -EINVAL)
		say("cannot explain %s: %s", options->subject, strerror(-rc));
	explanation_finish(&explanation);
	config_finish(&config);
	report_finish(&report);
	return rc == 0 ? 0 : 1;
}

static int import_file(const char *file)
{
	struct report report = {0};
	int rc = config_import(file, stdout, &report);

	check_print(&report, stderr);
	if (rc != 0 && rc != -EINVAL)
		say("cannot import %s: %s", file, strerror(-rc));
	report_finish(&report);
	return rc == 0 ? 0 : 1;
}

static int export_config(const struct options *options)
{
	const struct config_request request = request_of(options);
	struct config config = {0};
	struct report report = {0};
	enum export_format format;
	int rc;

	if (export_format_parse(options->subject, &format) != 0) {
		say("cannot export for %s: expected systemd, procfile or compose", options->subject);
		return 2;
	}
	rc = config_discover(&request, &config, &report);
	if (rc == 0)
		rc = config_export(&config, format, stdout, &report);
	check_print(&report, stderr);
	if (rc != 0 && rc != -EINVAL)
		say("cannot export: %s", rc == -ENOENT ? "there is nothing to run here" : strerror(-rc));
	config_finish(&config);
	report_finish(&report);
	return rc == 0 ? 0 : 1;
}

static int print_schema(void)
{
	int rc = schema_print_json(stdout);

	if (rc != 0)
		say("cannot print the schema: %s", strerror(-rc));
	return rc == 0 ? 0 : 1;
}

static int be_engine(const struct options *options)
{
	static struct engine_options engine; /* lives as long as the process */
	char log[sizeof engine.instance.state_dir + 16];

	signal(SIGPIPE, SIG_IGN); /* nobody may read standard error any more */
	signal(SIGXFSZ, SIG_IGN); /* a log that has reached the limit of file sizes is an error like a full disk */
	engine.foreground = options->foreground;
	engine.autostart = !options->no_autostart;
	engine.features = options->features;
	if (launch_instance(options, &engine.instance) != 0)
		return 1;
	if (identity_parse(options->identity, &engine) != 0) {
		say("cannot be an engine: --engine is for the keeper alone");
		return 2;
	}
	engine.request = request_of(options);
	engine.request.dir = engine.instance.dir;
	snprintf(log, sizeof log, "%s/.brummerd.log", engine.instance.state_dir);
	brm_instance_make_places(&engine.instance); /* as far as somebody removed them and it can be */
	if (!options->foreground && say_open(log) != 0)
		say("cannot write %s: %s", log, strerror(errno));
	return engine_main(&engine);
}

static int be_keeper(const struct options *options)
{
	int status = keeper_resume(options->handover);

	if (status >= 0)
		return status;
	say("cannot be a keeper: --keeper is for the keeper alone");
	return 2;
}

/* Whatever the caller has closed: nothing of ours may get the numbers of the standard descriptors. */
static void hold_standard(void)
{
	int fd;

	do
		fd = open("/dev/null", O_RDWR);
	while (fd >= 0 && fd <= STDERR_FILENO);
	if (fd >= 0)
		close(fd);
}

int main(int argc, char **argv)
{
	static struct options options; /* their words live as long as the process */

	prctl(PR_SET_NAME, "brummerd"); /* the keeper starts programs by descriptors */
	hold_standard();
	if (options_read(argc, argv, &options) != 0)
		return 2;
	switch (options.mode) {
	case MODE_SUPERVISE:
		return launch(&options);
	case MODE_ENGINE:
		return be_engine(&options);
	case MODE_KEEPER:
		return be_keeper(&options);
	case MODE_TAKES_OVER: /* asked by an engine that would hand over to this program */
		return strcmp(options.handover, KEEPER_HANDOVER) == 0 ? 0 : 1;
	case MODE_DISCOVER:
		return discover(&options);
	case MODE_CHECK:
		return check(&options);
	case MODE_SCHEMA:
		return print_schema();
	case MODE_EXPLAIN:
		return explain(&options);
	case MODE_IMPORT:
		return import_file(options.subject);
	case MODE_EXPORT:
		return export_config(&options);
	case MODE_FEATURES:
		options_print_features(&options.features);
		return 0;
	case MODE_TRANSITIONS:
		transition_print(stdout);
		return 0;
	case MODE_HELP:
		options_print_help();
		return 0;
	case MODE_VERSION:
		puts("brummerd " PACKAGE_VERSION);
		return 0;
	}
	return 2;
}
