/* SPDX-License-Identifier: MIT */
#ifndef CLIENTS_MCP_STDIO_H
#define CLIENTS_MCP_STDIO_H

#include "clients/mcp/server.h"

/*
 * mcp/stdio.h - the transport over two descriptors: one message a line
 *
 * A line that is too long is answered with a parse error and skipped to its end. While the client does not read what it
 * was sent, nothing more is read from it. At the end of input, answers that are about to come are still given a moment.
 */

#define STDIO_LINE_MAX (4u << 20) /* bytes of one message */

struct stdio;

/* The descriptors stay the caller's. 0 or -errno. */
int stdio_open(struct server *server, int in, int out, struct stdio **stdio);
void stdio_close(struct stdio *stdio);

#endif
