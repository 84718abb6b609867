/* SPDX-License-Identifier: MIT */
#include "engine/scale.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <brummer/region.h>

#include "engine/publish.h"
#include "say.h"

struct scale {
	struct scale *next;
	uint32_t replicas;
	char family[];
};

bool scale_is_of(const struct spec *spec, const char *family)
{
	return strcmp(spec->family[0] ? spec->family : spec->name, family) == 0;
}

/* The number of a family's member; the plain one is the first. */
static uint32_t number_of(const struct spec *spec)
{
	return spec->replica ? spec->replica : 1;
}

/* One of a family as it is configured: of number 1, also the plain entry. NULL: there is none. */
static const struct spec *find_configured(const struct config *config, const char *family, uint32_t n)
{
	for (size_t i = 0; i < config->count; i++)
		if (scale_is_of(config->specs[i], family) && number_of(config->specs[i]) == n)
			return config->specs[i];
	return NULL;
}

static struct process *first_running(struct engine *engine, const char *family)
{
	struct process *process;

	for (process = NULL; (process = table_next(&engine->table, process));)
		if (scale_is_of(process->spec, family) && number_of(process->spec) == 1)
			return process;
	return NULL;
}

static struct scale *find(const struct engine *engine, const char *family)
{
	struct scale *scale = engine->scales;

	while (scale && strcmp(scale->family, family) != 0)
		scale = scale->next;
	return scale;
}

static int remember(struct engine *engine, const char *family, uint32_t replicas)
{
	struct scale *scale = find(engine, family);

	if (!scale) {
		scale = malloc(sizeof *scale + strlen(family) + 1);
		if (!scale)
			return -ENOMEM;
		strcpy(scale->family, family);
		scale->next = engine->scales;
		engine->scales = scale;
	}
	scale->replicas = replicas;
	return 0;
}

/* Those that come after others are listed with them. */
static int append(struct config *config, struct spec *spec, uint32_t order)
{
	int rc = config_add(config, spec, spec->family);

	if (rc == 0)
		spec->order = order;
	return rc;
}

/* Those above the number go; but never the first, which tells what the others are like. */
static void cut(struct config *config, const char *family, uint32_t replicas)
{
	size_t kept = 0;

	for (size_t i = 0; i < config->count; i++) {
		struct spec *spec = config->specs[i];

		if (scale_is_of(spec, family) && number_of(spec) > replicas && number_of(spec) > 1)
			spec_free(spec);
		else
			config->specs[kept++] = spec;
	}
	config->count = kept;
	free(config->index); /* config_add() makes it anew */
	config->index = NULL;
	config->index_size = 0;
}

static void size_config(struct config *config, const struct scale *scale)
{
	const struct spec *first = find_configured(config, scale->family, 1);

	if (!first)
		return;
	cut(config, scale->family, scale->replicas);
	for (uint32_t n = 2; n <= scale->replicas; n++) {
		struct spec *spec =
			find_configured(config, scale->family, n) ? NULL : spec_replica(first, scale->family, n);

		if (spec && (config_find(config, spec->name) || append(config, spec, first->order) != 0))
			spec_free(spec);
	}
}

void scale_config(const struct engine *engine, struct config *config)
{
	for (const struct scale *scale = engine->scales; scale; scale = scale->next)
		size_config(config, scale);
}

/* A name that a replica would have, and something else has. */
static bool is_taken(struct engine *engine, const char *family, uint32_t n, char wrong[BRM_NAME_MAX])
{
	const struct process *process;
	const struct spec *spec;

	if (snprintf(wrong, BRM_NAME_MAX, "%s.%u", family, n) >= BRM_NAME_MAX)
		return true;
	process = table_find(&engine->table, wrong);
	spec = process ? process->spec : config_find(&engine->config, wrong);
	return spec && !scale_is_of(spec, family);
}

/* One that only a client brought has its environment from there. */
static int copy_env(struct process *to, const struct process *from)
{
	to->adhoc = from->adhoc;
	if (!from->env)
		return 0;
	to->env = list_copy(from->env);
	return to->env ? 0 : -ENOMEM;
}

static int add(struct engine *engine, const struct process *first, const struct spec *model, const char *family,
	       uint32_t n)
{
	char name[BRM_NAME_MAX + 12];
	struct process *process;
	struct spec *spec;
	int rc;

	snprintf(name, sizeof name, "%s.%u", family, n);
	if ((n == 1 && first) || table_find(&engine->table, name))
		return 0;
	spec = n == 1 ? spec_copy(model) : spec_replica(model, family, n);
	rc = spec ? process_create(engine, spec, &process) : -ENOMEM;
	if (rc != 0) {
		spec_free(spec);
		return rc;
	}
	return first && first->adhoc ? copy_env(process, first) : 0;
}

/* The highest go: those of a configured family all, of a plain one all but itself. */
static void forget_above(struct engine *engine, const char *family, uint32_t replicas)
{
	struct process *process;

	for (process = NULL; (process = table_next(&engine->table, process));)
		if (process->spec->replica > replicas && scale_is_of(process->spec, family))
			process_forget(process, false);
}

enum brm_refusal scale_set(struct engine *engine, const char *family, uint32_t replicas, char wrong[BRM_NAME_MAX])
{
	const struct process *first = first_running(engine, family);
	const struct spec *model = first ? first->spec : find_configured(&engine->config, family, 1);
	struct process *process;

	if (!model)
		return BRM_UNKNOWN;
	for (uint32_t n = 2; n <= replicas; n++)
		if (is_taken(engine, family, n, wrong))
			return BRM_CONFLICT;
	for (process = NULL; (process = table_next(&engine->table, process));) {
		if (!process->doomed || !scale_is_of(process->spec, family))
			continue;
		snprintf(wrong, BRM_NAME_MAX, "%s", process->spec->name);
		return BRM_CONFLICT;
	}
	if (remember(engine, family, replicas) != 0)
		return BRM_LIMIT;
	scale_config(engine, &engine->config);
	for (uint32_t n = 1; n <= replicas; n++)
		if (add(engine, first, model, family, n) != 0)
			return BRM_LIMIT;
	forget_above(engine, family, replicas);
	return BRM_REFUSED_NOT;
}

/* "web.3": the family's name, and 3. 0: it is not such a name. */
static uint32_t split(const char *name, char family[BRM_NAME_MAX])
{
	const char *dot = strrchr(name, '.');
	unsigned long n;
	char *end;

	if (!dot || dot == name || dot[1] < '1' || dot[1] > '9')
		return 0;
	n = strtoul(dot + 1, &end, 10);
	if (*end || n > SCALE_MAX)
		return 0;
	snprintf(family, BRM_NAME_MAX, "%.*s", (int)(dot - name), name);
	return (uint32_t)n;
}

/* One that is in no configuration, and whose name says that it was made by scaling. */
static void adopt(struct engine *engine, struct process *process)
{
	char family[BRM_NAME_MAX];
	uint32_t n = process->spec->replica ? 0 : split(process->spec->name, family);
	const struct spec *model = n > 1 ? find_configured(&engine->config, family, 1) : NULL;
	const struct process *first = n > 1 && !model ? table_find(&engine->table, family) : NULL;
	const struct scale *scale;
	struct spec *spec;

	if (!process->adhoc || (!model && (!first || !first->adhoc)))
		return;
	spec = model ? spec_replica(model, family, n) : spec_copy(process->spec);
	if (!spec)
		return;
	spec->replica = n;
	if (string_set(&spec->family, family) != 0 || process_set_spec(process, spec) != 0) {
		spec_free(spec);
		return;
	}
	process->adhoc = !model;
	scale = find(engine, family);
	if (!scale || scale->replicas < n)
		remember(engine, family, n);
}

/* The highest that is there of a configured family. */
static uint32_t highest(struct engine *engine, const char *family)
{
	struct process *process;
	uint32_t n = 0;

	for (process = NULL; (process = table_next(&engine->table, process));)
		if (scale_is_of(process->spec, family) && process->spec->replica > n)
			n = process->spec->replica;
	return n;
}

/* A configured family of which the last are missing was made smaller. */
static void recover_cut(struct engine *engine)
{
	for (size_t i = 0; engine->succeeding && i < engine->config.count; i++) {
		const struct spec *spec = engine->config.specs[i];

		if (!spec->replica || !spec->configured || table_find(&engine->table, spec->name) ||
		    find(engine, spec->family))
			continue;
		if (highest(engine, spec->family) < spec->replica)
			remember(engine, spec->family, highest(engine, spec->family));
	}
}

void scale_recover(struct engine *engine)
{
	struct process *process;

	for (process = NULL; (process = table_next(&engine->table, process));)
		adopt(engine, process);
	recover_cut(engine);
	scale_config(engine, &engine->config);
}

void scale_close(struct engine *engine)
{
	struct scale *scale;

	while ((scale = engine->scales)) {
		engine->scales = scale->next;
		free(scale);
	}
}
