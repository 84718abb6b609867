/* SPDX-License-Identifier: MIT */
#ifndef CLIENTS_MCP_COMPLETE_H
#define CLIENTS_MCP_COMPLETE_H

#include "clients/mcp/call.h"

/* mcp/complete.h - names of processes, for what a person is typing: the handler of completion/complete */
void complete(struct call *call);

#endif
