/* SPDX-License-Identifier: MIT */
#include "tests/config_fixture.h"

#include <stdlib.h>

struct config config;
struct report report;

void finish(void)
{
	config_finish(&config);
	report_finish(&report);
}

int help_discover(const char *folder)
{
	char *dir = help_folder(folder);
	int result = config_discover(&(struct config_request){.dir = dir}, &config, &report);

	free(dir);
	return result;
}

struct finding help_finding(const char *source, const char *prefix)
{
	return (struct finding){.dir = "/project",
				.dir_fd = -1,
				.source = source,
				.prefix = prefix,
				.config = &config,
				.report = &report};
}
