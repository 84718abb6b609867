/* SPDX-License-Identifier: MIT */
#ifndef CLIENTS_MCP_SITE_H
#define CLIENTS_MCP_SITE_H

#include "clients/mcp/refresh.h"
#include "clients/mcp/server.h"

/*
 * mcp/site.h - one instance that is served: what is seen of it, its supervisor's connection, its doorbell
 *
 * A server of one instance has one site, server->site. One that serves all (--instances) opens a site when it is first
 * asked about an instance, and keeps it.
 */

#define SITES_MAX 64

struct site {
	TAILQ_ENTRY(site) link;
	struct server *server;
	struct brm_instance instance;
	struct view view;
	struct commands commands;
	struct doorbell doorbell;
	struct refresh refresh;
};

/* Something changed, and the view shows it: tell who listens. */
void site_ring(struct site *site);

/* NULL: no memory. */
struct site *site_open(struct server *server, const struct brm_instance *instance);
void site_close(struct site *site);

/* Its project's directory; "" while nobody could tell. */
const char *site_dir(struct site *site);

/*
 * The site of the instance of that name, or, for NULL, of the only one that there is. NULL: there is none, or more than
 * one; why[size] says so in a sentence.
 */
struct site *site_find(struct server *server, const char *name, char *why, size_t size);

#endif
