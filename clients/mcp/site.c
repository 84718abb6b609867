/* SPDX-License-Identifier: MIT */
#include "clients/mcp/site.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A step may end its own call, and no other. */
void site_ring(struct site *site)
{
	struct server *server = site->server;
	struct call *next;

	for (struct call *call = TAILQ_FIRST(&server->calls); call; call = next) {
		next = TAILQ_NEXT(call, link);
		if (call->site == site && call->listens && !call->again)
			call->step(call, WAKE_BELL);
	}
	subscriptions_look(&server->subscriptions);
}

/* The doorbell: something changed. */
static void rang(void *arg)
{
	struct site *site = arg;

	if (!refresh_begin(site))
		site_ring(site);
}

struct site *site_open(struct server *server, const struct brm_instance *instance)
{
	struct site *site = calloc(1, sizeof *site);

	if (!site)
		return NULL;
	site->server = server;
	site->instance = *instance;
	view_init(&site->view, &site->instance, server->options.path);
	refresh_init(&site->refresh, site);
	commands_init(&site->commands, site);
	doorbell_init(&site->doorbell, server->options.base, &site->view, rang, site);
	TAILQ_INSERT_TAIL(&server->sites, site, link);
	server->site_count++;
	return site;
}

void site_close(struct site *site)
{
	struct server *server = site->server;

	TAILQ_REMOVE(&server->sites, site, link);
	server->site_count--;
	doorbell_finish(&site->doorbell);
	commands_finish(&site->commands);
	refresh_finish(&site->refresh);
	view_finish(&site->view);
	free(site);
}

/* That of an instance that was asked for by its name is known where its states are. */
const char *site_dir(struct site *site)
{
	struct brm_instance *instance = &site->instance;

	if (!*instance->dir && view_look(&site->view))
		snprintf(instance->dir, sizeof instance->dir, "%s", site->view.snapshot.info.dir);
	return instance->dir;
}

/* What there is to choose from. */
struct choice {
	char names[1024]; /* "a, b" */
	char only[BRM_INSTANCE_MAX];
	size_t count;
};

static int choose(const char *name, const char *region, void *arg)
{
	struct choice *choice = arg;
	size_t length = strlen(choice->names);

	(void)region;
	snprintf(choice->names + length, sizeof choice->names - length, "%s%s", length ? ", " : "", name);
	snprintf(choice->only, sizeof choice->only, "%s", name);
	choice->count++;
	return 0;
}

static int is_it(const char *name, const char *region, void *arg)
{
	(void)region;
	return strcmp(name, arg) == 0;
}

/* The one of a name that was asked for, which may be any text: only what there is is opened, and so kept. */
static struct site *open_by_name(struct server *server, const char *name, char *why, size_t size)
{
	struct brm_instance instance;
	struct site *site = NULL;
	char text[BRM_INSTANCE_MAX];

	snprintf(text, sizeof text, "%s", name);
	if (server->site_count >= SITES_MAX)
		snprintf(why, size, "this server serves %d instances already", SITES_MAX);
	else if (strcmp(text, name) != 0 || brm_instance_each(is_it, text) != 1 ||
		 brm_instance_of_name(text, &instance) != 0 || !(site = site_open(server, &instance)))
		snprintf(why, size, "no instance is named \"%s\"", text);
	if (site)
		site_dir(site);
	return site;
}

struct site *site_find(struct server *server, const char *name, char *why, size_t size)
{
	struct choice choice = {0};
	struct site *site;

	if (!name) {
		brm_instance_each(choose, &choice);
		name = choice.count == 1 ? choice.only : NULL;
	}
	TAILQ_FOREACH(site, &server->sites, link)
	{
		if (name && strcmp(site->instance.name, name) == 0)
			return site;
	}
	if (name)
		return open_by_name(server, name, why, size);
	if (choice.count == 0)
		snprintf(why, size, "no instance runs; `brummer-cli up` in a project's directory starts one");
	else
		snprintf(why, size, "say which instance: %s", choice.names);
	return NULL;
}
