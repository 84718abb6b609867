/* SPDX-License-Identifier: MIT */
#include "engine/select.h"

#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

#include "engine/publish.h"

static bool holds(const struct selection *selection, const char *name)
{
	for (size_t i = 0; i < selection->count; i++)
		if (strcmp(selection->list[i].spec->name, name) == 0)
			return true;
	return false;
}

static enum brm_refusal append(struct selection *selection, struct process *process, const struct spec *spec)
{
	struct selected *list = selection->list;
	size_t room = selection->room ? 2 * selection->room : 16;

	if (selection->count == selection->room) {
		list = realloc(list, room * sizeof *list);
		if (!list)
			return BRM_LIMIT;
		selection->list = list;
		selection->room = room;
	}
	list[selection->count++] = (struct selected){process, spec};
	return BRM_REFUSED_NOT;
}

/* Does a spec have what the element asks for? */
typedef bool match_fn(const struct spec *spec, const char *element);

static bool match_all(const struct spec *spec, const char *element)
{
	(void)spec, (void)element;
	return true;
}

static bool match_label(const struct spec *spec, const char *element)
{
	for (char **label = spec->labels; *label; label++)
		if (strcmp(*label, element) == 0)
			return true;
	return false;
}

/* The replicas of a family. */
static bool match_family(const struct spec *spec, const char *element)
{
	return spec->family[0] && strcmp(spec->family, element) == 0;
}

static bool match_glob(const struct spec *spec, const char *element)
{
	return fnmatch(element, spec->name, 0) == 0;
}

static bool match_autostart(const struct spec *spec, const char *element)
{
	(void)element;
	return spec->autostart && !spec->schedule[0];
}

/* *any becomes true when one matches, also one that was chosen before. */
static enum brm_refusal add_processes(struct engine *engine, struct selection *selection, match_fn *match,
				      const char *element, bool *any)
{
	enum brm_refusal refused = BRM_REFUSED_NOT;
	bool first = selection->count == 0; /* of the request's elements: nothing can be there twice */
	struct process *process;

	for (process = NULL; (process = table_next(&engine->table, process));) {
		if (!match(process->spec, element))
			continue;
		*any = true;
		if (!first && holds(selection, process->spec->name))
			continue;
		refused = append(selection, process, process->spec);
		if (refused)
			break;
	}
	return refused;
}

static enum brm_refusal add_scripts(struct engine *engine, struct selection *selection, match_fn *match,
				    const char *element, bool *any)
{
	for (size_t i = 0; i < engine->config.count; i++) {
		const struct spec *spec = engine->config.specs[i];
		enum brm_refusal refused;

		if (!match(spec, element) || table_find(&engine->table, spec->name))
			continue;
		*any = true;
		if (holds(selection, spec->name))
			continue;
		refused = append(selection, NULL, spec);
		if (refused)
			return refused;
	}
	return BRM_REFUSED_NOT;
}

/* A name as it is. True when there is one. */
static bool add_named(struct engine *engine, struct selection *selection, const char *name, enum brm_refusal *refused)
{
	struct process *process = table_find(&engine->table, name);
	const struct spec *spec = process ? process->spec : config_find(&engine->config, name);

	if (!spec)
		return false;
	*refused = holds(selection, name) ? BRM_REFUSED_NOT : append(selection, process, spec);
	return true;
}

/* "NAME#RUN". True when the element is one of a process that exists. */
static bool add_id(struct engine *engine, struct selection *selection, const char *element, enum brm_refusal *refused)
{
	const char *mark = strrchr(element, '#');
	struct process *process;
	char name[BRM_NAME_MAX];
	unsigned long run;
	char *end;

	if (!mark || mark == element || mark - element >= BRM_NAME_MAX || mark[1] < '0' || mark[1] > '9')
		return false;
	run = strtoul(mark + 1, &end, 10);
	memcpy(name, element, (size_t)(mark - element));
	name[mark - element] = '\0';
	process = *end ? NULL : table_find(&engine->table, name);
	if (!process)
		return false;
	selection->current = publish_state_of(process).run;
	if (selection->current != run) {
		selection->wrong = element;
		*refused = BRM_MOVED_ON;
		return true;
	}
	*refused = holds(selection, name) ? BRM_REFUSED_NOT : append(selection, process, process->spec);
	return true;
}

enum brm_refusal select_add(struct engine *engine, struct selection *selection, const char *element, bool scripts)
{
	match_fn *match = strpbrk(element, "*?[") ? match_glob : match_label;
	enum brm_refusal refused = BRM_REFUSED_NOT;
	bool any = false;

	if (add_named(engine, selection, element, &refused) || add_id(engine, selection, element, &refused))
		return refused;
	if (strcmp(element, "all") == 0)
		return add_processes(engine, selection, match_all, element, &any);
	refused = add_processes(engine, selection, match_family, element, &any);
	if (!refused)
		refused = add_scripts(engine, selection, match_family, element, &any);
	if (refused || any)
		return refused;
	refused = add_processes(engine, selection, match, element, &any);
	if (!refused && scripts)
		refused = add_scripts(engine, selection, match, element, &any);
	if (refused || any)
		return refused;
	selection->wrong = element;
	return BRM_UNKNOWN;
}

enum brm_refusal select_process(struct selection *selection, struct process *process)
{
	return append(selection, process, process->spec);
}

enum brm_refusal select_autostart(struct engine *engine, struct selection *selection)
{
	bool any;
	enum brm_refusal refused = add_processes(engine, selection, match_autostart, NULL, &any);

	return refused ? refused : add_scripts(engine, selection, match_autostart, NULL, &any);
}

void select_finish(struct selection *selection)
{
	free(selection->list);
	*selection = (struct selection){0};
}

size_t select_nearest(struct engine *engine, const char *name, const char **out, size_t max)
{
	size_t room = engine->config.count + engine->table.count, found;
	struct config all = {.specs = calloc(room ? room : 1, sizeof *all.specs)};
	struct process *process;

	if (!all.specs)
		return 0;
	for (size_t i = 0; i < engine->config.count; i++)
		all.specs[all.count++] = engine->config.specs[i];
	for (process = NULL; (process = table_next(&engine->table, process));)
		if (!config_find(&engine->config, process->spec->name))
			all.specs[all.count++] = process->spec;
	found = config_nearest(&all, name, out, max);
	free(all.specs);
	return found;
}
