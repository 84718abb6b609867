/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "config/discover.h"
#include "config/export.h"
#include "tests/check_main.h"
#include "tests/config_fixture.h"

static const char sample[] = "processes:\n"
			     "  db:\n"
			     "    command: [sleep, \"1$$x%y\", \"a \\\"b\\\"\\n\"]\n"
			     "    ready: {tcp: 5432}\n"
			     "    stop: {signal: INT, grace: 1500ms}\n"
			     "    limits: {memory: 64MiB, open_files: 256}\n"
			     "  my app:\n"
			     "    command: echo \"$HOME\" | tee 50%\n"
			     "    env: {A: \"x 'y' %z\", B: null}\n"
			     "    depends_on: {db: {condition: ready, follow: true}}\n"
			     "    restart: {when: on-failure, backoff: 500ms..10s, limit: 5 in 60s}\n"
			     "    success_codes: [3, 4]\n"
			     "    umask: \"027\"\n"
			     "    nice: 5\n"
			     "  job:\n"
			     "    command: /bin/true\n"
			     "    schedule: \"@hourly\"\n"
			     "    watch: src\n"
			     "  later:\n"
			     "    command: nothing\n"
			     "    autostart: false\n";

/* The sample in a format: to be freed. */
static char *export(enum export_format format)
{
	char *dir = help_folder("p"), *text;
	const struct config_request request = {.dir = dir};
	size_t size;
	FILE *out = open_memstream(&text, &size);

	help_write("p/brummer.yaml", sample);
	if (config_discover(&request, &config, &report) != 0)
		ck_abort_msg("%s", report.errors ? report.errors[0] : "no memory");
	ck_assert_int_eq(config_export(&config, format, out, &report), 0);
	ck_assert_int_eq(fclose(out), 0);
	config_finish(&config);
	free(dir);
	return text;
}

static void has(const char *text, const char *what)
{
	ck_assert_msg(strstr(text, what) != NULL, "there is no\n%s\nin\n%s", what, text);
}

START_TEST(units_say_what_processes_are)
{
	char *text = export(EXPORT_SYSTEMD);

	has(text, "# brummer.target\n[Unit]\n");
	has(text, "Wants=brummer-my\\x20app.service\n");
	has(text, "# brummer-db.service\n[Unit]\nDescription=db\nPartOf=brummer.target\n");
	has(text, "ExecStart=/usr/bin/env \"sleep\" \"1$$x%%y\" \"a \\\"b\\\"\\x0a\"\n");
	has(text, "KillSignal=SIGINT\nTimeoutStopSec=1.500s\n");
	has(text, "LimitNOFILE=256\nMemoryMax=67108864\n");
	has(text, "ExecStart=/bin/sh -c \"echo \\\"$$HOME\\\" | tee 50%%\"\n");
	has(text, "Environment=\"A=x 'y' %%z\"\nUnsetEnvironment=\"B\"\n");
	has(text, "BindsTo=brummer-db.service\nAfter=brummer-db.service\n");
	has(text, "StartLimitIntervalSec=60.000s\nStartLimitBurst=5\n");
	has(text, "Restart=on-failure\nRestartSec=0.500s\nSuccessExitStatus=3 4\n");
	has(text, "UMask=0027\nNice=5\n");
	ck_assert_ptr_null(strstr(text, "later"));
	help_lines(report.warnings, "db: ready is left out: a service is ready once it runs",
		   "job: watch is left out: that is a path unit's", "job: schedule is left out: that is a timer's",
		   NULL);
	report_finish(&report);
	free(text);
}
END_TEST

/* Each unit of the stream into a file of its own. */
static void split(const char *text)
{
	char path[300] = "";
	const char *line = text;

	while (*line) {
		const char *end = strchr(line, '\n') + 1;
		FILE *out;

		if (strncmp(line, "# brummer", 9) == 0)
			snprintf(path, sizeof path, "units/%.*s", (int)(end - line) - 3, line + 2);
		else if ((out = fopen(help_path(path), "a"))) {
			fwrite(line, 1, (size_t)(end - line), out);
			fclose(out);
		}
		line = end;
	}
}

START_TEST(systemd_finds_nothing_wrong_with_units)
{
	char command[2048], said[8192] = "", *text = export(EXPORT_SYSTEMD);
	size_t length;
	FILE *in;

	free(help_folder("units"));
	split(text);
	free(text);
	report_finish(&report);
	if (access("/usr/bin/systemd-analyze", X_OK) != 0)
		return;
	snprintf(command, sizeof command,
		 "cd '%s' && SYSTEMD_UNIT_PATH=\"$PWD:\" systemd-analyze --user verify brummer.target "
		 "brummer-*.service 2>&1",
		 help_path("units"));
	in = popen(command, "r");
	ck_assert_ptr_nonnull(in);
	length = fread(said, 1, sizeof said - 1, in);
	said[length] = '\0';
	if (pclose(in) != 0 && strstr(said, "Failed to initialize manager"))
		return; /* it needs more of a system than there is here */
	ck_assert_msg(!strstr(said, "brummer-") && !strstr(said, "brummer.target"), "systemd-analyze says\n%s", said);
}
END_TEST

START_TEST(a_procfile_has_a_line_for_each)
{
	char *text = export(EXPORT_PROCFILE);

	has(text, "my_app: cd ");
	has(text, " && env 'A=x '\\''y'\\'' %z' -u B sh -c 'echo \"$HOME\" | tee 50%'\n");
	has(text, "job: cd ");
	ck_assert_ptr_null(strstr(text, "db:"));
	ck_assert_str_eq(report.warnings[0], "db is left out: it has several lines, which a Procfile cannot have");
	report_finish(&report);
	free(text);
}
END_TEST

START_TEST(compose_has_a_service_for_each)
{
	char *text = export(EXPORT_COMPOSE);

	has(text, "services:\n  \"db\":\n");
	has(text, "    command: [\"sleep\", \"1$$x%y\", \"a \\\"b\\\"\\n\"]\n");
	has(text, "      test: [\"CMD\", \"nc\", \"-z\", \"127.0.0.1\", \"5432\"]\n");
	has(text, "      \"db\": {condition: service_healthy}\n");
	has(text, "    command: [\"/bin/sh\", \"-c\", \"echo \\\"$$HOME\\\" | tee 50%\"]\n");
	has(text, "    restart: \"on-failure\"\n");
	has(text, "    mem_limit: 67108864\n    ulimits: {nofile: 256}\n");
	report_finish(&report);
	free(text);
}
END_TEST

START_TEST(formats_have_words)
{
	enum export_format format;

	ck_assert_int_eq(export_format_parse("compose", &format), 0);
	ck_assert_int_eq(format, EXPORT_COMPOSE);
	ck_assert_int_eq(export_format_parse("upstart", &format), -EINVAL);
}
END_TEST

START_TEST(a_write_that_fails_is_an_error)
{
	FILE *full = fopen("/dev/full", "w");

	help_write("p/Procfile", "web: true\n");
	free(export(EXPORT_PROCFILE));
	ck_assert_ptr_nonnull(full);
	ck_assert_int_eq(config_export(&config, EXPORT_SYSTEMD, full, &report), -ENOSPC);
	fclose(full);
	report_finish(&report);
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("export");
	TCase *tcase = tcase_create("export");

	tcase_set_timeout(tcase, 30);
	tcase_add_checked_fixture(tcase, help_clean, NULL);
	tcase_add_test(tcase, units_say_what_processes_are);
	tcase_add_test(tcase, systemd_finds_nothing_wrong_with_units);
	tcase_add_test(tcase, a_procfile_has_a_line_for_each);
	tcase_add_test(tcase, compose_has_a_service_for_each);
	tcase_add_test(tcase, formats_have_words);
	tcase_add_test(tcase, a_write_that_fails_is_an_error);
	suite_add_tcase(suite, tcase);
	return suite;
}
