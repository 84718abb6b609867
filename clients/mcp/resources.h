/* SPDX-License-Identifier: MIT */
#ifndef CLIENTS_MCP_RESOURCES_H
#define CLIENTS_MCP_RESOURCES_H

#include "clients/mcp/call.h"

/*
 * mcp/resources.h - what a client can attach to a conversation: brummer://status, scripts, errors, events, logs/NAME
 *
 * They are read as the tools of the same content are; each has a stamp that changes when its content does.
 */

/*
 * A server of every instance names it in the URI: brummer://status?instance=NAME. The site of a URI; NULL: no such
 * instance.
 */
struct site *resource_site(struct server *server, const char *uri);

/* Handlers of resources/list, resources/templates/list and resources/read. */
void resources_list(struct call *call);
void resources_templates(struct call *call);
void resources_read(struct call *call);

/*
 * For tools that are run to read a resource (call->resource is set): the answer, and there being none. Both free call.
 */
void resource_answer(struct call *call, const char *text, size_t length);
void resource_not_found(struct call *call);
/* It is the tool's text that is read, not its objects. */
bool resource_is_text(const struct call *call);

/* As of the view's last look: a number that changes when what a URI names does; 0 when there is no such resource. */
uint64_t resource_stamp(struct site *site, const char *uri);
/* And one that changes when resources/list does. */
uint64_t resources_stamp(struct site *site);

#endif
