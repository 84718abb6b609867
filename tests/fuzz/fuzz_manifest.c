/* SPDX-License-Identifier: MIT */
/*
 * fuzz_manifest.c - any text as any manifest or any other tool's configuration
 *
 * The first byte chooses the reader. There are no files around the text. Whatever comes of it are specs with names that
 * processes can have, which can be written as a brummer.yaml.
 */
#include <assert.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/scripts.h"
#include "config/write_yaml.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct {
	char letter;
	int (*read)(struct text *text, const struct finding *finding);
} readers[] = {
	{'m', make_read},        {'j', just_read},         {'t', task_read},          {'c', cargo_read},
	{'g', go_read},          {'p', python_read},       {'d', django_read},        {'k', rake_read},
	{'h', composer_read},    {'x', maven_read},        {'r', gradle_read},        {'f', flutter_read},
	{'o', deno_read},        {'v', vscode_tasks_read}, {'l', vscode_launch_read}, {'n', npm_read},
	{'s', supervisord_read}, {'2', pm2_read},          {'b', brum_read},          {'e', procfile_parse},
};

static void look(const struct config *config)
{
	const struct write_notes notes = {.dir = "/nowhere", .env_file = ""};
	char *yaml = NULL;
	size_t size;
	FILE *out = open_memstream(&yaml, &size);

	for (size_t i = 0; i < config->count; i++)
		assert(name_check(config->specs[i]->name, NULL) == 0);
	write_yaml(out, config, &notes);
	fclose(out);
	free(yaml);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct config config = {0};
	struct report report = {0};
	const struct finding finding = {.dir = "/nowhere",
					.dir_fd = -1,
					.source = "manifest",
					.prefix = "fuzz",
					.config = &config,
					.report = &report};

	for (size_t i = 0; size > 0 && size < 65536 && i < sizeof readers / sizeof *readers; i++) {
		struct text text = {.file = "manifest", .bytes = (const char *)data + 1, .length = size - 1};

		/* Those of discovery get text that is known to be UTF-8. */
		if (readers[i].letter == (char)data[0] && text_check(&text, &report) == 0)
			readers[i].read(&text, &finding);
	}
	look(&config);
	config_finish(&config);
	report_finish(&report);
	return 0;
}
