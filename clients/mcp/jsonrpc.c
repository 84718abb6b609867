/* SPDX-License-Identifier: MIT */
#include "clients/mcp/jsonrpc.h"

#include <string.h>

static void bad(struct rpc *rpc, enum rpc_code code, const char *error)
{
	rpc->kind = RPC_BAD;
	rpc->code = code;
	rpc->error = error;
}

static bool is_id(const json_t *value)
{
	return json_is_string(value) || json_is_integer(value);
}

/* A whole string without NUL inside, so that it can be compared as C compares. */
static const char *plain_string(const json_t *value)
{
	const char *text = json_string_value(value);

	return text && strlen(text) == json_string_length(value) ? text : NULL;
}

static void read_object(struct rpc *rpc)
{
	const json_t *method = json_object_get(rpc->root, "method");
	const char *version = json_string_value(json_object_get(rpc->root, "jsonrpc"));
	json_t *id = json_object_get(rpc->root, "id");

	if (is_id(id))
		rpc->id = id;
	if (!version || strcmp(version, "2.0") != 0) {
		bad(rpc, RPC_INVALID_REQUEST, "jsonrpc must be \"2.0\"");
		return;
	}
	if (!method && (json_object_get(rpc->root, "result") || json_object_get(rpc->root, "error"))) {
		rpc->kind = RPC_RESPONSE;
		return;
	}
	rpc->method = plain_string(method);
	rpc->params = json_object_get(rpc->root, "params");
	if (!rpc->method)
		bad(rpc, RPC_INVALID_REQUEST, "method must be a string");
	else if (id && !rpc->id)
		bad(rpc, RPC_INVALID_REQUEST, "id must be a string or an integer");
	else if (!id)
		rpc->kind = RPC_NOTIFICATION;
	else if (rpc->params && !json_is_object(rpc->params))
		bad(rpc, RPC_INVALID_PARAMS, "params must be an object");
	else
		rpc->kind = RPC_REQUEST;
	if (!json_is_object(rpc->params))
		rpc->params = NULL;
}

void rpc_parse(const char *text, size_t length, struct rpc *out)
{
	*out = (struct rpc){.kind = RPC_BAD};
	out->root = json_loadb(text, length, JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);
	if (!out->root)
		bad(out, RPC_PARSE_ERROR, "Parse error: not JSON in UTF-8");
	else if (json_is_array(out->root))
		bad(out, RPC_INVALID_REQUEST, "Batches are not supported: send one message a line");
	else if (!json_is_object(out->root))
		bad(out, RPC_INVALID_REQUEST, "A message is an object");
	else
		read_object(out);
}

void rpc_finish(struct rpc *rpc)
{
	json_decref(rpc->root);
	rpc->root = NULL;
}

bool rpc_same_id(const json_t *a, const json_t *b)
{
	return is_id(a) && is_id(b) && json_equal(a, b);
}

void rpc_put_id(struct json *json, const json_t *id)
{
	if (json_is_integer(id))
		json_int(json, json_integer_value(id));
	else
		json_put_string_n(json, json_string_value(id), json_string_length(id));
}

static void begin(struct json *json)
{
	json_open_object(json);
	json_key(json, "jsonrpc");
	json_put_string_n(json, "2.0", 3);
}

static void end(struct json *json)
{
	json_close_object(json);
	json_close_object(json);
}

void rpc_begin_result(struct json *json, const json_t *id)
{
	begin(json);
	json_key(json, "id");
	rpc_put_id(json, id);
	json_key(json, "result");
	json_open_object(json);
}

void rpc_end_result(struct json *json)
{
	end(json);
}

void rpc_begin_notification(struct json *json, const char *method)
{
	begin(json);
	json_pair(json, "method", method);
	json_key(json, "params");
	json_open_object(json);
}

void rpc_end_notification(struct json *json)
{
	end(json);
}

void rpc_put_error(struct json *json, const json_t *id, enum rpc_code code, const char *message, const char *data)
{
	begin(json);
	if (id) {
		json_key(json, "id");
		rpc_put_id(json, id);
	}
	json_key(json, "error");
	json_open_object(json);
	json_key(json, "code");
	json_int(json, code);
	json_pair(json, "message", message);
	if (data) {
		json_key(json, "data");
		json_raw(json, data, strlen(data));
	}
	end(json);
}
