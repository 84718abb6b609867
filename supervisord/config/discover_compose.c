/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/scripts.h"
#include "config/yaml.h"

/* docker-compose.yaml: containers are docker's to run, so its services are only named. */

#define NAMED_MAX 20u

static const char *const files[] = {"compose.yaml", "compose.yml", "docker-compose.yaml", "docker-compose.yml"};

static int name_services(const struct finding *finding, const struct yaml_node *services)
{
	char *names = NULL;
	size_t size;
	FILE *out = open_memstream(&names, &size);

	if (!out)
		return -ENOMEM;
	for (size_t i = 0; i < services->count && i < NAMED_MAX; i++)
		fprintf(out, "%s%s", i > 0 ? ", " : "", services->pairs[i].key->text);
	if (services->count > NAMED_MAX)
		fputs(", ...", out);
	if (fclose(out) == 0)
		report_warning(finding->report,
			       "%s: not used, its services are docker's to run (docker compose up): %s",
			       finding->source, names);
	free(names);
	return 0;
}

static int hint(struct text *text, const struct finding *finding)
{
	struct yaml_document document;
	const struct yaml_node *services;
	int result = yaml_read(text, finding->dir, &document, finding->report);

	services = document.root && document.root->kind == YAML_MAP ? yaml_get(document.root, "services") : NULL;
	if (result == 0 && services && services->kind == YAML_MAP && services->count > 0)
		result = name_services(finding, services);
	yaml_finish(&document);
	return result;
}

int compose_hint(const struct finding *finding)
{
	struct finding own = *finding;
	struct report report = {0};
	struct text text;
	int result = -ENOENT;

	own.report = &report;
	for (size_t i = 0; i < sizeof files / sizeof *files && result == -ENOENT; i++) {
		own.source = files[i];
		result = script_read_text(&own, files[i], &text);
	}
	if (result == 0) {
		result = hint(&text, &own);
		text_finish(&text);
	}
	report_demote(&report, finding->report);
	return result == -ENOMEM ? result : 0;
}
