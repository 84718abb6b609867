/* SPDX-License-Identifier: MIT */
#include "control/rpc.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "config/model.h"

/* What the first byte of an object says: bytes of a length field, bytes without one, objects inside. */
struct head {
	uint8_t length_bytes; /* a big-endian length follows in as many bytes */
	uint8_t more_bytes;   /* fixed bytes after that */
	uint8_t per_length;   /* objects inside for each of the length; 0: it counts bytes */
	bool valid;
};

/* 0xc0 to 0xdf, in order. */
static const struct head heads[32] = {
	{0, 0, 0, true},                                                                       /* nil */
	{0, 0, 0, false},                                                                      /* never used */
	{0, 0, 0, true},                                                                       /* false */
	{0, 0, 0, true},                                                                       /* true */
	{1, 0, 0, true},  {2, 0, 0, true}, {4, 0, 0, true},                                    /* bin */
	{1, 1, 0, true},  {2, 1, 0, true}, {4, 1, 0, true},                                    /* ext */
	{0, 4, 0, true},  {0, 8, 0, true},                                                     /* float */
	{0, 1, 0, true},  {0, 2, 0, true}, {0, 4, 0, true}, {0, 8, 0, true},                   /* uint */
	{0, 1, 0, true},  {0, 2, 0, true}, {0, 4, 0, true}, {0, 8, 0, true},                   /* int */
	{0, 2, 0, true},  {0, 3, 0, true}, {0, 5, 0, true}, {0, 9, 0, true}, {0, 17, 0, true}, /* fixext */
	{1, 0, 0, true},  {2, 0, 0, true}, {4, 0, 0, true},                                    /* str */
	{2, 0, 1, true},  {4, 0, 1, true},                                                     /* array */
	{2, 0, 2, true},  {4, 0, 2, true},                                                     /* map */
};

/* One object's own bytes and how many objects are inside it. Returns 1, 0 (more must come), -EBADMSG. */
static int scan_object(const uint8_t *bytes, size_t length, uint64_t *size, uint64_t *inside)
{
	const struct head *head;
	uint64_t count = 0;

	if (length == 0)
		return 0;
	*inside = 0;
	*size = 1;
	if (bytes[0] < 0x80 || bytes[0] >= 0xe0) /* a small integer */
		return 1;
	if (bytes[0] < 0x90)
		*inside = 2u * (bytes[0] & 0x0fu);
	else if (bytes[0] < 0xa0)
		*inside = bytes[0] & 0x0fu;
	else if (bytes[0] < 0xc0)
		*size += bytes[0] & 0x1fu;
	if (bytes[0] < 0xc0)
		return 1;
	head = &heads[bytes[0] - 0xc0];
	if (!head->valid)
		return -EBADMSG;
	if (length < 1u + head->length_bytes)
		return 0;
	for (unsigned i = 0; i < head->length_bytes; i++)
		count = count << 8 | bytes[1 + i];
	*size += head->length_bytes + head->more_bytes + (head->per_length ? 0 : count);
	*inside = head->per_length * count;
	return 1;
}

/* One object is complete: so may be those around it. True when that was the message. */
static bool close_object(struct rpc_scan *scan)
{
	while (scan->depth > 0 && --scan->left[scan->depth - 1] == 0)
		scan->depth--;
	return scan->depth == 0;
}

int rpc_scan(struct rpc_scan *scan, const uint8_t *bytes, size_t length)
{
	for (;;) {
		uint64_t size, inside;
		int rc = scan_object(bytes + scan->at, length - scan->at, &size, &inside);

		if (rc != 1)
			return rc;
		if (scan->at + size > BRM_CONTROL_REQUEST_MAX || scan->objects + inside > RPC_OBJECTS_MAX)
			return -EMSGSIZE;
		if (size > length - scan->at)
			return 0;
		scan->at += size;
		scan->objects += (uint32_t)inside;
		if (inside == 0) {
			if (close_object(scan))
				return 1;
			continue;
		}
		if (scan->depth == BRM_CONTROL_DEPTH_MAX)
			return -EMSGSIZE;
		scan->left[scan->depth++] = (uint32_t)inside;
	}
}

static bool is_text(const msgpack_object *object)
{
	return object->type == MSGPACK_OBJECT_STR &&
	       (object->via.str.size == 0 || !memchr(object->via.str.ptr, '\0', object->via.str.size));
}

int rpc_decode(const uint8_t *bytes, size_t length, struct rpc_request *out)
{
	static const msgpack_object_map no_params = {0, NULL};
	const msgpack_object *part;
	size_t at = 0;

	*out = (struct rpc_request){.params = &no_params};
	msgpack_unpacked_init(&out->unpacked);
	if (msgpack_unpack_next(&out->unpacked, (const char *)bytes, length, &at) != MSGPACK_UNPACK_SUCCESS)
		return -EBADMSG;
	if (out->unpacked.data.type != MSGPACK_OBJECT_ARRAY || out->unpacked.data.via.array.size != 4)
		return -EBADMSG;
	part = out->unpacked.data.via.array.ptr;
	if (part[0].type != MSGPACK_OBJECT_POSITIVE_INTEGER || part[0].via.u64 != 0 ||
	    part[1].type != MSGPACK_OBJECT_POSITIVE_INTEGER || part[1].via.u64 > UINT32_MAX || !is_text(&part[2]) ||
	    part[3].type != MSGPACK_OBJECT_ARRAY || part[3].via.array.size > 1)
		return -EBADMSG;
	if (part[3].via.array.size == 1) {
		if (part[3].via.array.ptr[0].type != MSGPACK_OBJECT_MAP)
			return -EBADMSG;
		out->params = &part[3].via.array.ptr[0].via.map;
	}
	out->id = (uint32_t)part[1].via.u64;
	if (part[2].via.str.size > 0 && part[2].via.str.size < sizeof out->method)
		memcpy(out->method, part[2].via.str.ptr, part[2].via.str.size);
	return 0;
}

void rpc_finish(struct rpc_request *request)
{
	msgpack_unpacked_destroy(&request->unpacked);
}

static const msgpack_object *find(const msgpack_object_map *params, const char *key)
{
	size_t length = strlen(key);

	for (uint32_t i = 0; i < params->size; i++) {
		const msgpack_object_kv *pair = &params->ptr[i];

		if (pair->key.type == MSGPACK_OBJECT_STR && pair->key.via.str.size == length &&
		    memcmp(pair->key.via.str.ptr, key, length) == 0 && pair->val.type != MSGPACK_OBJECT_NIL)
			return &pair->val;
	}
	return NULL;
}

/* The parameter if it is there and well; *wrong when it is not well. */
static const msgpack_object *get(const msgpack_object_map *params, const char *key,
				 bool (*well)(const msgpack_object *), const char **wrong)
{
	const msgpack_object *object = find(params, key);

	if (object && !well(object)) {
		*wrong = key;
		return NULL;
	}
	return object;
}

static bool is_uint(const msgpack_object *object)
{
	return object->type == MSGPACK_OBJECT_POSITIVE_INTEGER;
}

static bool is_bool(const msgpack_object *object)
{
	return object->type == MSGPACK_OBJECT_BOOLEAN;
}

static bool is_bytes(const msgpack_object *object)
{
	return object->type == MSGPACK_OBJECT_BIN || object->type == MSGPACK_OBJECT_STR;
}

static bool is_list(const msgpack_object *object)
{
	if (object->type != MSGPACK_OBJECT_ARRAY)
		return false;
	for (uint32_t i = 0; i < object->via.array.size; i++)
		if (!is_text(&object->via.array.ptr[i]))
			return false;
	return true;
}

/* An empty string may have no bytes to point at. */
static char *copy_text(const msgpack_object_str *text)
{
	return text->size ? strndup(text->ptr, text->size) : strdup("");
}

bool rpc_string(const msgpack_object_map *params, const char *key, char **out, const char **wrong)
{
	const msgpack_object *object = get(params, key, is_text, wrong);

	if (!object)
		return false;
	*out = copy_text(&object->via.str);
	if (!*out)
		*wrong = key;
	return *out;
}

bool rpc_uint(const msgpack_object_map *params, const char *key, uint64_t max, uint64_t *out, const char **wrong)
{
	const msgpack_object *object = get(params, key, is_uint, wrong);

	if (!object)
		return false;
	if (object->via.u64 > max) {
		*wrong = key;
		return false;
	}
	*out = object->via.u64;
	return true;
}

bool rpc_bool(const msgpack_object_map *params, const char *key, bool *out, const char **wrong)
{
	const msgpack_object *object = get(params, key, is_bool, wrong);

	if (object)
		*out = object->via.boolean;
	return object;
}

bool rpc_bytes(const msgpack_object_map *params, const char *key, const char **out, size_t *length, const char **wrong)
{
	const msgpack_object *object = get(params, key, is_bytes, wrong);

	if (!object)
		return false;
	*out = object->type == MSGPACK_OBJECT_BIN ? object->via.bin.ptr : object->via.str.ptr;
	*length = object->type == MSGPACK_OBJECT_BIN ? object->via.bin.size : object->via.str.size;
	return true;
}

bool rpc_list(const msgpack_object_map *params, const char *key, char ***out, const char **wrong)
{
	const msgpack_object *object = get(params, key, is_list, wrong);
	uint32_t size = object ? object->via.array.size : 0;
	char **list = object ? calloc(size + 1u, sizeof *list) : NULL;

	if (object && !list)
		*wrong = key;
	if (!list)
		return false;
	for (uint32_t i = 0; i < size; i++) {
		list[i] = copy_text(&object->via.array.ptr[i].via.str);
		if (!list[i]) {
			*wrong = key;
			list_free(list);
			return false;
		}
	}
	*out = list;
	return true;
}

void rpc_put_text(msgpack_packer *packer, const char *text)
{
	size_t length = strlen(text);

	msgpack_pack_str(packer, length);
	msgpack_pack_str_body(packer, text, length);
}

void rpc_put_string(msgpack_packer *packer, const char *key, const char *value)
{
	rpc_put_text(packer, key);
	rpc_put_text(packer, value);
}

void rpc_put_int(msgpack_packer *packer, const char *key, int64_t value)
{
	rpc_put_text(packer, key);
	msgpack_pack_int64(packer, value);
}

void rpc_put_uint(msgpack_packer *packer, const char *key, uint64_t value)
{
	rpc_put_text(packer, key);
	msgpack_pack_uint64(packer, value);
}

void rpc_put_bool(msgpack_packer *packer, const char *key, bool value)
{
	rpc_put_text(packer, key);
	if (value)
		msgpack_pack_true(packer);
	else
		msgpack_pack_false(packer);
}

void rpc_put_bytes(msgpack_packer *packer, const char *key, const void *bytes, size_t length)
{
	rpc_put_text(packer, key);
	msgpack_pack_bin(packer, length);
	msgpack_pack_bin_body(packer, bytes, length);
}

void rpc_result(msgpack_packer *packer, uint32_t id)
{
	msgpack_pack_array(packer, 4);
	msgpack_pack_int(packer, 1);
	msgpack_pack_uint32(packer, id);
	msgpack_pack_nil(packer);
}

void rpc_error(msgpack_packer *packer, uint32_t id, enum brm_refusal refusal, const char *message,
	       const msgpack_sbuffer *data)
{
	msgpack_pack_array(packer, 4);
	msgpack_pack_int(packer, 1);
	msgpack_pack_uint32(packer, id);
	msgpack_pack_map(packer, data ? 3 : 2);
	rpc_put_string(packer, "code", brm_refusal_word(refusal));
	rpc_put_string(packer, "message", message);
	if (data) {
		rpc_put_text(packer, "data");
		packer->callback(packer->data, data->data, data->size);
	}
	msgpack_pack_nil(packer);
}
