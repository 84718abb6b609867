/* SPDX-License-Identifier: MIT */
#ifndef TESTS_FUZZ_MCP_INSTANCE_H
#define TESTS_FUZZ_MCP_INSTANCE_H

#include "clients/mcp/server.h"

/*
 * mcp_instance.h - what a fuzzed brummer-mcp serves: two processes and some output; commands are refused, so that
 * nothing is started. It is gone when the program ends.
 */

/* Once. What fails ends the program. */
struct server *mcp_instance_open(void);
void must(bool condition, const char *what);

#endif
