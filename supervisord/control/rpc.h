/* SPDX-License-Identifier: MIT */
#ifndef SUPERVISORD_CONTROL_RPC_H
#define SUPERVISORD_CONTROL_RPC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <msgpack.h>

#include <brummer/control.h>

/*
 * control/rpc.h - msgpack-RPC, in and out; pure
 *
 * Requests come from anybody who can open the socket. Before a byte is given to the decoder a message is scanned: its
 * length, depth and number of objects are bounded first, so that what the decoder allocates is, too.
 */

/* Objects in one message: the decoder needs some 24 bytes for each. */
#define RPC_OBJECTS_MAX 65536u

/* How far the first message of a stream was scanned; {0} is its beginning. */
struct rpc_scan {
	size_t at;                            /* bytes that were looked at */
	uint32_t objects;                     /* so far */
	uint32_t left[BRM_CONTROL_DEPTH_MAX]; /* objects that are still to come, in each open array or map */
	unsigned depth;
};

/*
 * Go on scanning a message that lies in bytes[0 .. length) as far as it has come.
 *
 * Returns 1 when it is whole (scan->at bytes), 0 when more must come.
 *  -EMSGSIZE  longer than BRM_CONTROL_REQUEST_MAX, deeper than BRM_CONTROL_DEPTH_MAX, or too many objects
 *  -EBADMSG   not msgpack
 */
int rpc_scan(struct rpc_scan *scan, const uint8_t *bytes, size_t length);

/* A request, decoded; the objects live in `unpacked`, their texts in the message's bytes. */
struct rpc_request {
	uint32_t id;
	char method[32]; /* "" when it is longer */
	const msgpack_object_map *params;
	msgpack_unpacked unpacked;
};

/*
 * Decode a scanned message. *out is to be finished with rpc_finish(), also after an error.
 *
 *  -EBADMSG   not a request of msgpack-RPC
 */
int rpc_decode(const uint8_t *bytes, size_t length, struct rpc_request *out);
void rpc_finish(struct rpc_request *request);

/*
 * Parameters by type. Absent (or nil): false, and *out is as it was. Of another type, or not possible: false, and
 * *wrong is the key. Strings hold no NUL; theirs is a fresh copy.
 */
bool rpc_string(const msgpack_object_map *params, const char *key, char **out, const char **wrong);
bool rpc_uint(const msgpack_object_map *params, const char *key, uint64_t max, uint64_t *out, const char **wrong);
bool rpc_bool(const msgpack_object_map *params, const char *key, bool *out, const char **wrong);
bool rpc_bytes(const msgpack_object_map *params, const char *key, const char **out, size_t *length, const char **wrong);
/* A list of strings that ends with NULL, to be freed with list_free(). */
bool rpc_list(const msgpack_object_map *params, const char *key, char ***out, const char **wrong);

/* Packing: what msgpack-c has, for C strings and maps by key. */
void rpc_put_text(msgpack_packer *packer, const char *text);
void rpc_put_string(msgpack_packer *packer, const char *key, const char *value);
void rpc_put_int(msgpack_packer *packer, const char *key, int64_t value);
void rpc_put_uint(msgpack_packer *packer, const char *key, uint64_t value);
void rpc_put_bool(msgpack_packer *packer, const char *key, bool value);
void rpc_put_bytes(msgpack_packer *packer, const char *key, const void *bytes, size_t length);

/* The head of a response; its result (a map) is to follow. */
void rpc_result(msgpack_packer *packer, uint32_t id);
/* A whole response that refuses; data: `size` bytes of one packed map, or NULL. */
void rpc_error(msgpack_packer *packer, uint32_t id, enum brm_refusal refusal, const char *message,
	       const msgpack_sbuffer *data);

#endif
