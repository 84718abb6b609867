/* SPDX-License-Identifier: MIT */
#ifndef BENCH_MCP_REFERENCE_H
#define BENCH_MCP_REFERENCE_H

#include <stdbool.h>

/*
 * mcp_reference.h - the reference server, server-everything from npm, as brummer-mcp is measured beside it
 *
 * It is looked for where `make check-mcp` installs it, then in $PEERS_NODE_MODULES. It is asked for its echo.
 */

struct reference {
	bool there;
	double p50, http_p50; /* us: over pipes, over HTTP */
	double start;         /* us: to the answer to initialize */
};

struct reference reference_measure(void);

#endif
