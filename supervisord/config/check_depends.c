/* SPDX-License-Identifier: MIT */
#include "config/check_depends.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum colour { UNSEEN = 0, ON_PATH, DONE };

/* A walk in depth without recursion: ten thousand may stand in a row. */
struct walk {
	const struct config *config;
	struct report *report;
	unsigned char *colours; /* of each spec */
	struct step {
		size_t spec;
		size_t next; /* of its dependencies */
	} * path;
	size_t depth;
	bool failed;
};

/* The spec of a name; of a family its first replica, for whom all of them stand. NULL: there is none. */
static const struct spec *target(const struct config *config, const char *name)
{
	const struct spec *spec = config_find(config, name);
	char first[BRM_NAME_MAX + 4];

	if (spec && spec->replica <= 1)
		return spec;
	snprintf(first, sizeof first, "%s.1", spec ? spec->family : name);
	spec = config_find(config, first);
	return spec && spec->replica == 1 ? spec : NULL;
}

static const char *place_of(const struct spec *spec, const struct dependency *on)
{
	return on->place ? on->place : *spec->source ? spec->source : "configuration";
}

static void report_unknown(struct walk *walk, const struct spec *spec, const struct dependency *on)
{
	const char *nearest;
	size_t found = config_nearest(walk->config, on->name, &nearest, 1);

	walk->failed = true;
	report_error(walk->report, "%s: %s depends on %s, which is not there, expected %s%s", place_of(spec, on),
		     *spec->family ? spec->family : spec->name, on->name, found > 0 ? "" : "the name of a process",
		     found > 0 ? nearest : "");
}

static const char *shown_name(const struct spec *spec)
{
	return *spec->family ? spec->family : spec->name;
}

/* "a -> b -> a": what leads from a spec back to it. */
static void report_cycle(struct walk *walk, const struct spec *back, const struct dependency *on)
{
	char text[600] = "";
	size_t length = 0, i = walk->depth;

	while (i > 0 && walk->config->specs[walk->path[i - 1].spec] != back)
		i--;
	for (i = i > 0 ? i - 1 : 0; i < walk->depth && length < sizeof text - 1; i++) {
		const struct spec *spec = walk->config->specs[walk->path[i].spec];
		int n = snprintf(text + length, sizeof text - length, "%s -> ", shown_name(spec));

		length += n > 0 ? (size_t)n : 0;
	}
	walk->failed = true;
	report_error(walk->report, "%s: a circle of dependencies, expected none: %s%s",
		     place_of(walk->config->specs[walk->path[walk->depth - 1].spec], on), text, shown_name(back));
}

static void enter(struct walk *walk, size_t spec)
{
	walk->colours[spec] = ON_PATH;
	walk->path[walk->depth++] = (struct step){.spec = spec};
}

/* Follow the next dependency of the last step, or leave it. */
static void step(struct walk *walk)
{
	struct step *last = &walk->path[walk->depth - 1];
	const struct spec *spec = walk->config->specs[last->spec], *on;
	const struct dependency *dependency;

	if (last->next == spec->depends_count) {
		walk->colours[last->spec] = DONE;
		walk->depth--;
		return;
	}
	dependency = &spec->depends_on[last->next++];
	on = target(walk->config, dependency->name);
	if (!on)
		report_unknown(walk, spec, dependency);
	else if (walk->colours[on->order] == ON_PATH)
		report_cycle(walk, on, dependency);
	else if (walk->colours[on->order] == UNSEEN)
		enter(walk, on->order);
}

int check_depends(const struct config *config, struct report *report)
{
	struct walk walk = {.config = config, .report = report};

	walk.colours = calloc(config->count + 1, sizeof *walk.colours);
	walk.path = calloc(config->count + 1, sizeof *walk.path);
	for (size_t i = 0; walk.colours && walk.path && i < config->count && !report_is_full(report); i++) {
		if (walk.colours[i] != UNSEEN || config->specs[i]->replica > 1)
			continue;
		enter(&walk, i);
		while (walk.depth > 0 && !report_is_full(report))
			step(&walk);
	}
	free(walk.colours);
	free(walk.path);
	if (!walk.colours || !walk.path)
		return -ENOMEM;
	return walk.failed ? -EINVAL : 0;
}
