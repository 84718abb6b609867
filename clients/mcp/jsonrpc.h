/* SPDX-License-Identifier: MIT */
#ifndef CLIENTS_MCP_JSONRPC_H
#define CLIENTS_MCP_JSONRPC_H

#include <stddef.h>

#include "clients/common/json.h"

#include <jansson.h>

/*
 * mcp/jsonrpc.h - JSON-RPC 2.0: one message in, one message out
 *
 * Knows nothing of MCP but its narrower rules: an id is a string or an integer, never null; parameters are an object;
 * an array of messages is refused.
 *
 * Errors   A message that cannot be used is of kind RPC_BAD, with the code and sentence to answer.
 * Threads  Pure functions of their arguments.
 */

enum rpc_code {
	RPC_PARSE_ERROR = -32700,
	RPC_INVALID_REQUEST = -32600,
	RPC_METHOD_NOT_FOUND = -32601,
	RPC_INVALID_PARAMS = -32602,
	RPC_INTERNAL_ERROR = -32603,
	RPC_RESOURCE_NOT_FOUND = -32002,  /* up to 2025-11-25 */
	RPC_HEADER_MISMATCH = -32020,     /* from 2026-07-28 on */
	RPC_MISSING_CAPABILITY = -32021,  /* the same */
	RPC_UNSUPPORTED_VERSION = -32022, /* the same */
};

enum rpc_kind {
	RPC_REQUEST,
	RPC_NOTIFICATION,
	RPC_RESPONSE, /* never answered */
	RPC_BAD,
};

struct rpc {
	enum rpc_kind kind;
	json_t *root;       /* the whole message; owned; NULL when it was not JSON */
	json_t *id;         /* in root; NULL when there is none that can be read */
	const char *method; /* in root; NULL for a response */
	json_t *params;     /* in root; an object, or NULL when there are none */
	enum rpc_code code; /* of RPC_BAD */
	const char *error;  /* of RPC_BAD; static */
};

/* Read one message. *out is to be finished with rpc_finish() whatever its kind. */
void rpc_parse(const char *text, size_t length, struct rpc *out);
void rpc_finish(struct rpc *rpc);

/* Both are the same string or the same integer. */
bool rpc_same_id(const json_t *a, const json_t *b);

/* Write an id or a token as it came: a string or an integer. */
void rpc_put_id(struct json *json, const json_t *id);

/* {"jsonrpc":"2.0","id":ID,"result":{ ... rpc_end_result() closes both objects. */
void rpc_begin_result(struct json *json, const json_t *id);
void rpc_end_result(struct json *json);

/* {"jsonrpc":"2.0","method":METHOD,"params":{ ... rpc_end_notification() closes both objects. */
void rpc_begin_notification(struct json *json, const char *method);
void rpc_end_notification(struct json *json);

/* A whole error. An id that could not be read (NULL) is left out. data: an object that is already JSON, or NULL. */
void rpc_put_error(struct json *json, const json_t *id, enum rpc_code code, const char *message, const char *data);

#endif
