/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "config/check_depends.h"
#include "config/dotenv.h"
#include "config/explain.h"
#include "config/sniff.h"
#include "config/sources.h"

/*
 * Configurations in YAML, and .env files: the first byte says which reader. No file is touched. What a reader took must
 * be whole, unless it found an error: then nothing of it counts, which config_discover() sees to.
 */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_taken(const struct config *config, const struct report *report, int result)
{
	if (result != 0 && list_length(report->errors) == 0)
		abort();
	for (size_t i = 0; list_length(report->errors) == 0 && i < config->count; i++) {
		const struct spec *spec = config->specs[i];

		if (name_check(spec->name, NULL) != 0 || (!spec->command && !spec->argv[0]) || *spec->dir != '/' ||
		    config_find(config, spec->name) != spec)
			abort();
	}
}

static void read_configuration(int (*read)(struct text *, const struct finding *), struct text *text)
{
	struct explanation explanation = {.name = "a"};
	struct config_request request = {.explanation = &explanation};
	struct config config = {0};
	struct report report = {0};
	struct finding finding = {.dir = "/project",
				  .dir_fd = -1,
				  .source = text->file,
				  .prefix = "p",
				  .config = &config,
				  .report = &report,
				  .request = &request};
	int result = read(text, &finding);

	sniff(text);
	check_taken(&config, &report, result);
	check_depends(&config, &report);
	explanation_finish(&explanation);
	config_finish(&config);
	report_finish(&report);
}

static void read_variables(struct text *text)
{
	struct report report = {0};
	char **env = NULL;
	int result = dotenv_parse(text, &env, &report);

	if ((result == 0) != (list_length(report.errors) == 0))
		abort();
	list_free(env);
	report_finish(&report);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct text text = {.file = "x.yaml", .bytes = (const char *)data + 1, .length = size - 1};

	if (size == 0)
		return 0;
	switch (data[0] % 4) {
	case 0:
		read_configuration(brummer_read, &text);
		break;
	case 1:
		read_configuration(process_compose_read, &text);
		break;
	case 2:
		read_configuration(mprocs_read, &text);
		break;
	default:
		read_variables(&text);
	}
	return 0;
}
