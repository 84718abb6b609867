/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <string.h>

#include "config/scripts.h"
#include "config/yaml.h"

/* Taskfile.yml: its tasks, but those it calls internal. */

static bool is_internal(const struct yaml_node *task)
{
	const struct yaml_node *value = task->kind == YAML_MAP ? yaml_get(task, "internal") : NULL;
	bool is = false;

	return value && yaml_is_bool(value, &is) && is;
}

int task_read(struct text *text, const struct finding *finding)
{
	const struct yaml_node *tasks;
	struct yaml_document document;
	int result = yaml_read(text, finding->dir, &document, finding->report);

	tasks = document.root && document.root->kind == YAML_MAP ? yaml_get(document.root, "tasks") : NULL;
	if (tasks && tasks->kind != YAML_MAP)
		yaml_warning(finding->report, tasks, "tasks is no mapping, expected names and tasks");
	for (size_t i = 0; tasks && tasks->kind == YAML_MAP && i < tasks->count && result == 0; i++) {
		const struct yaml_node *key = tasks->pairs[i].key;
		const struct script script = {
			.name = key->text, .words = {"task", key->text}, .line = (uint32_t)key->line};

		if (!is_internal(tasks->pairs[i].value) && !strchr(key->text, '*'))
			result = script_add(finding, &script);
	}
	yaml_finish(&document);
	return result;
}
