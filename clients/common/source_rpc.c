/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "clients/common/backend.h"
#include "clients/common/client.h"
#include "clients/common/when.h"

#define STATUS_TIMEOUT_NS 2000000000ll
#define BELL_NS           500000000l

/* A source that asks the supervisor. It connects again after the connection was lost. */
struct rpc_source {
	struct source base;
	struct brm_instance instance;
	struct client *client;
	int timer; /* -1 until source_bell() */
};

static struct rpc_source *rpc_of(struct source *source)
{
	return (struct rpc_source *)source;
}

static void rpc_close(struct source *source)
{
	struct rpc_source *rpc = rpc_of(source);

	client_close(rpc->client);
	if (rpc->timer >= 0)
		close(rpc->timer);
	free(rpc);
}

/* The members of struct brm_info that are numbers, and those that are text. */
static const struct {
	const char *key;
	size_t offset;
	size_t size; /* of the member */
	bool text;
} members[] = {
#define NUMBER(key, member)                                                                           \
	{                                                                                             \
		key, offsetof(struct brm_info, member), sizeof(((struct brm_info *)0)->member), false \
	}
#define TEXT(key, member)                                                                            \
	{                                                                                            \
		key, offsetof(struct brm_info, member), sizeof(((struct brm_info *)0)->member), true \
	}
	NUMBER("abiMajor", abi_major),
	NUMBER("abiMinor", abi_minor),
	NUMBER("size", size),
	TEXT("name", name),
	TEXT("dir", dir),
	TEXT("control", control),
	TEXT("stateDir", state_dir),
	TEXT("version", version),
	TEXT("bootId", boot_id),
	NUMBER("pidNamespace", pid_namespace),
	NUMBER("enginePid", engine_pid),
	NUMBER("keeperPid", keeper_pid),
	NUMBER("engineStart", engine_start),
	NUMBER("keeperStart", keeper_start),
	NUMBER("started", started_ns),
	NUMBER("created", created_ns),
	NUMBER("uid", uid),
	NUMBER("tag", tag),
	NUMBER("generation", generation),
#undef NUMBER
#undef TEXT
};

static void decode_info(const msgpack_object *map, struct brm_info *out)
{
	const msgpack_object *uuid = reply_get(map, "uuid");

	memset(out, 0, sizeof *out);
	for (size_t i = 0; i < sizeof members / sizeof *members; i++) {
		char *at = (char *)out + members[i].offset;
		uint64_t number;

		if (members[i].text) {
			reply_string(map, members[i].key, at, members[i].size);
			continue;
		}
		number = (uint64_t)reply_int(map, members[i].key, 0);
		memcpy(at, &number, members[i].size); /* little-endian: the low bytes come first */
	}
	if (uuid && uuid->type == MSGPACK_OBJECT_BIN && uuid->via.bin.size == sizeof out->uuid)
		memcpy(out->uuid, uuid->via.bin.ptr, sizeof out->uuid);
}

/* A member that is a list, NULL when it is none. */
static const msgpack_object_array *list_of(const msgpack_object *map, const char *key)
{
	const msgpack_object *value = reply_get(map, key);

	return value && value->type == MSGPACK_OBJECT_ARRAY ? &value->via.array : NULL;
}

/* Strings one after another, each NUL-terminated, from a list of texts; room for them at `out` if it is not NULL. */
static size_t copy_strings(const msgpack_object_array *texts, char *out, struct brm_strings *strings)
{
	size_t used = 0;

	*strings = (struct brm_strings){.first = out};
	for (uint32_t i = 0; texts && i < texts->size; i++) {
		const msgpack_object_str *text = &texts->ptr[i].via.str;

		if (texts->ptr[i].type != MSGPACK_OBJECT_STR)
			continue;
		if (out) {
			memcpy(out + used, text->ptr, text->size);
			out[used + text->size] = '\0';
		}
		used += (size_t)text->size + 1;
		strings->count++;
	}
	strings->size = (uint32_t)used;
	return used;
}

static size_t rounded(size_t length)
{
	return (length + 7) & ~(size_t)7;
}

static size_t bytes_of(const msgpack_object *process)
{
	const msgpack_object *identity = reply_get(process, "identity");
	const msgpack_object_array *ports = list_of(process, "ports");
	struct brm_strings strings;
	size_t bytes = rounded(copy_strings(list_of(process, "urls"), NULL, &strings));

	if (identity && identity->type == MSGPACK_OBJECT_BIN)
		bytes += rounded(identity->via.bin.size);
	return bytes + (ports ? rounded(ports->size * sizeof(uint16_t)) : 0);
}

static int decode_identity(struct snapshot *snapshot, const msgpack_object *map, struct process *out)
{
	const msgpack_object *bytes = reply_get(map, "identity");
	void *copy;

	if (!bytes || bytes->type != MSGPACK_OBJECT_BIN)
		return -EPROTO;
	copy = snapshot_take(snapshot, bytes->via.bin.size);
	if (!copy)
		return -EPROTO;
	memcpy(copy, bytes->via.bin.ptr, bytes->via.bin.size);
	return brm_identity_decode(copy, bytes->via.bin.size, &out->identity) == 0 ? 0 : -EPROTO;
}

static void decode_ports(struct snapshot *snapshot, const msgpack_object *map, struct process *out)
{
	const msgpack_object_array *ports = list_of(map, "ports");
	uint16_t *copy = ports ? snapshot_take(snapshot, ports->size * sizeof *copy) : NULL;

	out->ports = copy;
	for (uint32_t i = 0; copy && i < ports->size; i++)
		if (ports->ptr[i].type == MSGPACK_OBJECT_POSITIVE_INTEGER && ports->ptr[i].via.u64 <= UINT16_MAX)
			copy[out->port_count++] = (uint16_t)ports->ptr[i].via.u64;
}

static void decode_metrics(const msgpack_object *map, struct process *out)
{
	const msgpack_object *metrics = reply_get(map, "metrics");

	if (!metrics || metrics->type != MSGPACK_OBJECT_MAP)
		return;
	out->has_metrics = true;
	out->metrics.time_ns = (uint64_t)reply_int(metrics, "time", 0);
	out->metrics.memory_bytes = (uint64_t)reply_int(metrics, "memory", 0);
	out->metrics.cpu_permille = (uint32_t)reply_int(metrics, "cpu", 0);
	out->metrics.threads = (uint32_t)reply_int(metrics, "threads", 0);
	out->metrics.files = (uint32_t)reply_int(metrics, "files", 0);
	out->metrics.processes = (uint32_t)reply_int(metrics, "processes", 0);
}

static void decode_log(const msgpack_object *map, struct process *out)
{
	const msgpack_object *log = reply_get(map, "log");
	const msgpack_object_array *bytes = log ? list_of(log, "bytes") : NULL;

	if (!log || log->type != MSGPACK_OBJECT_MAP)
		return;
	out->has_log = true;
	out->log.lines = (uint64_t)reply_int(log, "lines", 0);
	out->log.lost_bytes = (uint64_t)reply_int(log, "lost", 0);
	for (uint32_t i = 0; bytes && i < bytes->size && i < 2; i++)
		if (bytes->ptr[i].type == MSGPACK_OBJECT_POSITIVE_INTEGER)
			out->log.bytes[i] = bytes->ptr[i].via.u64;
}

static int decode_process(struct snapshot *snapshot, const msgpack_object *map, struct process *out)
{
	const msgpack_object *state = reply_get(map, "state");
	const msgpack_object_array *urls = list_of(map, "urls");
	struct brm_strings strings;
	char *copy;
	int rc;

	memset(out, 0, sizeof *out);
	if (!state || state->type != MSGPACK_OBJECT_BIN || state->via.bin.size != sizeof out->state)
		return -EPROTO;
	out->entry = (uint32_t)reply_int(map, "entry", 0);
	memcpy(&out->state, state->via.bin.ptr, sizeof out->state);
	out->state.reason[sizeof out->state.reason - 1] = '\0';
	out->state.last_error[sizeof out->state.last_error - 1] = '\0';
	rc = decode_identity(snapshot, map, out);
	copy = snapshot_take(snapshot, copy_strings(urls, NULL, &strings));
	if (rc == 0 && copy)
		copy_strings(urls, copy, &out->urls);
	decode_ports(snapshot, map, out);
	decode_metrics(map, out);
	decode_log(map, out);
	return rc;
}

static int decode(const msgpack_object *result, struct snapshot *snapshot)
{
	const msgpack_object_array *processes = list_of(result, "processes");
	const msgpack_object *info = reply_get(result, "info");
	size_t bytes = 0;
	int rc;

	if (!processes || !info)
		return -EPROTO;
	for (uint32_t i = 0; i < processes->size; i++)
		bytes += bytes_of(&processes->ptr[i]);
	rc = snapshot_reserve(snapshot, processes->size, bytes);
	if (rc != 0)
		return rc;
	decode_info(info, &snapshot->info);
	snapshot->epoch = (uint64_t)reply_int(result, "epoch", 0);
	snapshot->consistent = true;
	for (uint32_t i = 0; rc == 0 && i < processes->size; i++) {
		rc = decode_process(snapshot, &processes->ptr[i], &snapshot->processes[i]);
		if (rc == 0)
			snapshot->count++;
	}
	snapshot_order(snapshot);
	return rc;
}

static int ask(struct rpc_source *rpc, struct reply *reply)
{
	uint32_t id;
	int rc = 0;

	if (!rpc->client)
		rc = client_open(&rpc->instance, BRM_BY_OTHER, &rpc->client);
	if (rc != 0)
		return rc == -ECONNREFUSED ? -ENOENT : rc;
	client_begin(rpc->client, BRM_STATUS);
	rc = client_send(rpc->client, &id);
	if (rc == 0)
		rc = client_wait(rpc->client, id, STATUS_TIMEOUT_NS, reply);
	if (rc != 0) {
		client_close(rpc->client);
		rpc->client = NULL;
	}
	return rc;
}

static int rpc_snapshot(struct source *source, struct snapshot *snapshot)
{
	struct rpc_source *rpc = rpc_of(source);
	struct reply reply;
	bool fresh = rpc->client == NULL;
	int rc = ask(rpc, &reply);

	/* A connection to an engine that was restarted since: once again. */
	if (rc == -EPIPE && !fresh)
		rc = ask(rpc, &reply);
	if (rc != 0)
		return rc;
	rc = reply.refused == BRM_REFUSED_NOT ? decode(&reply.result, snapshot) : -EPROTO;
	reply_finish(&reply);
	snapshot->liveness = BRM_LIVE;
	snapshot->now = now_read();
	return rc;
}

static bool rpc_changed(const struct source *source, const struct snapshot *snapshot)
{
	(void)source, (void)snapshot;
	return true;
}

static struct brm_reader *rpc_reader(struct source *source)
{
	(void)source;
	return NULL;
}

static int rpc_bell(struct source *source, unsigned what)
{
	const struct itimerspec each = {.it_interval = {.tv_nsec = BELL_NS}, .it_value = {.tv_nsec = BELL_NS}};
	struct rpc_source *rpc = rpc_of(source);

	(void)what;
	if (rpc->timer >= 0)
		return rpc->timer;
	rpc->timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	if (rpc->timer < 0 || timerfd_settime(rpc->timer, 0, &each, NULL) != 0)
		return -errno;
	return rpc->timer;
}

static void rpc_bell_clear(struct source *source)
{
	uint64_t count;

	if (read(rpc_of(source)->timer, &count, sizeof count) < 0)
		return;
}

static const struct backend rpc_backend = {
	.close = rpc_close,
	.snapshot = rpc_snapshot,
	.changed = rpc_changed,
	.reader = rpc_reader,
	.bell = rpc_bell,
	.bell_clear = rpc_bell_clear,
};

int source_open_rpc(const struct brm_instance *instance, struct source **out)
{
	struct rpc_source *rpc = calloc(1, sizeof *rpc);
	int rc;

	if (!rpc)
		return -ENOMEM;
	rpc->base.backend = &rpc_backend;
	rpc->instance = *instance;
	rpc->timer = -1;
	rc = client_open(instance, BRM_BY_OTHER, &rpc->client);
	if (rc != 0) {
		free(rpc);
		return rc == -ECONNREFUSED ? -ENOENT : rc;
	}
	*out = &rpc->base;
	return 0;
}
