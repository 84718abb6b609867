/* SPDX-License-Identifier: MIT */
#include "clients/tui/found.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

struct search {
	struct job job;
	char dir[PATH_MAX];
	struct scripts scripts;
	char why[256];
	int error;
};

static void search_work(struct job *job)
{
	struct search *search = (struct search *)job;

	search->error = discover_scripts(search->dir, NULL, &search->scripts, search->why, sizeof search->why);
}

static void search_done(struct job *job, void *arg)
{
	struct search *search = (struct search *)job;
	struct tui *tui = arg;
	struct found *found = tui->found;

	found->looking = false;
	if (!found->known || search->error == 0)
		scripts_finish(&found->scripts);
	if (search->error == 0)
		found->scripts = search->scripts;
	else if (!found->known)
		found->scripts = (struct scripts){0};
	found->known = true;
	snprintf(found->why, sizeof found->why, "%s", search->error && search->error != -ENOENT ? search->why : "");
	tui->dirty = true;
	free(search);
}

void found_look(struct tui *tui)
{
	struct search *search;

	if (tui->found->looking)
		return;
	search = calloc(1, sizeof *search);
	if (!search)
		return;
	search->job = (struct job){.work = search_work, .done = search_done};
	snprintf(search->dir, sizeof search->dir, "%s", tui->instance.dir);
	tui->found->looking = jobs_start(tui->jobs, &search->job) == 0;
	if (!tui->found->looking)
		free(search);
}

void found_finish(struct tui *tui)
{
	scripts_finish(&tui->found->scripts);
}

static bool has_letters(const char *name, const char *typed)
{
	for (; *name && *typed; name++)
		typed += tolower((unsigned char)*name) == tolower((unsigned char)*typed);
	return !*typed;
}

int found_rank(const char *name, const char *typed)
{
	size_t length = strlen(typed);

	if (strncasecmp(name, typed, length) == 0)
		return 3;
	for (const char *at = name; *at; at++)
		if (at > name && !isalnum((unsigned char)at[-1]) && strncasecmp(at, typed, length) == 0)
			return 2;
	return has_letters(name, typed);
}

const struct process *found_process(const struct tui *tui, const struct script *script)
{
	const struct snapshot *snapshot = feed_snapshot(&tui->feed);

	return snapshot ? snapshot_find(snapshot, script->name) : NULL;
}
