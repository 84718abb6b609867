/* SPDX-License-Identifier: MIT */
#ifndef CLIENTS_MCP_ERA_H
#define CLIENTS_MCP_ERA_H

#include "clients/mcp/jsonrpc.h"

/*
 * mcp/era.h - the two eras of the protocol
 *
 * Legacy (2024-11-05 to 2025-11-25) agrees on a version once, by `initialize`. Modern (2026-07-28) has no handshake and
 * no state of a connection: each request says in its _meta what it speaks. One server serves both at once; a request is
 * modern when it names a version in its _meta, or is `server/discover`, or comes by a transport that says so.
 */

enum era { ERA_LEGACY = 1, ERA_MODERN = 2 };
#define ERA_BOTH (ERA_LEGACY | ERA_MODERN)

/* declared: the version that the transport says is spoken, or NULL. One that is not of the legacy era is modern. */
enum era era_of(const struct rpc *rpc, const char *declared);

/* Is that a version of the legacy era? */
bool era_is_legacy(const char *version);

/*
 * Has a modern request all that it must have? True, or false with the error to send written to json.
 */
bool era_accepts(const struct rpc *rpc, struct json *json);

/* The version `initialize` answers: the one asked for when we know it, else the last of the legacy ones. */
const char *era_negotiate(const char *requested);

/* Fields of the results of initialize and server/discover, after rpc_begin_result(). */
void era_put_initialize(struct json *json, const char *version, const char *instructions);
void era_put_discover(struct json *json, const char *instructions);

/* What ends every result in this era: resultType and who answered; nothing in the legacy one. */
void era_put_result_end(struct json *json, enum era era);
/* For results a client may keep for a while: ttlMs and cacheScope; nothing in the legacy era. */
void era_put_cache(struct json *json, enum era era, unsigned ttl_ms);

#endif
