/* SPDX-License-Identifier: MIT */
#ifndef CLIENTS_MCP_PATTERN_H
#define CLIENTS_MCP_PATTERN_H

#include "clients/common/match.h"

/*
 * mcp/pattern.h - what a client looks for in lines, as common/match.h has it, with the hostile ones refused: those that
 * would cost much time or memory
 */

#define PATTERN_MAX 1000 /* bytes */

/* False, with the reason in why[size]; then there is nothing to finish. */
bool pattern_init(struct match *match, const char *text, bool regex, char *why, size_t size);

#endif
