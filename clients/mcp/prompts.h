/* SPDX-License-Identifier: MIT */
#ifndef CLIENTS_MCP_PROMPTS_H
#define CLIENTS_MCP_PROMPTS_H

#include "clients/mcp/call.h"

/* mcp/prompts.h - ready-made requests a person can choose: debug_error, performance_analysis, script_configuration */

/* Handlers of prompts/list and prompts/get. */
void prompts_list(struct call *call);
void prompts_get(struct call *call);

/* What an argument of a prompt is completed with: "process" for names of processes, "" for nothing; NULL: none such. */
const char *prompt_completes(const char *prompt, const char *argument);

#endif
