/* SPDX-License-Identifier: MIT */
#ifndef CLIENTS_MCP_SETUP_H
#define CLIENTS_MCP_SETUP_H

#include <stdio.h>

/*
 * mcp/setup.h - what to put into the configuration of a client, so that it starts this server
 */

/* "claude, vscode, ..."; for messages. */
const char *setup_clients(void);

/*
 * Write what to paste for a client, with a comment where its format has them.
 *
 *  -EINVAL  no such client
 */
int setup_print(FILE *out, const char *client, const char *program, const char *dir);

#endif
