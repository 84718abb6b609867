/* SPDX-License-Identifier: MIT */
#include "control/status.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <brummer/logs.h>

#include "control/rpc.h"
#include "engine/announce.h"
#include "engine/metrics.h"
#include "engine/process.h"
#include "engine/publish.h"

static void pack_info(msgpack_packer *packer, const struct brm_info *info)
{
	const struct {
		const char *key;
		uint64_t value;
	} numbers[] = {
		{"abiMajor", info->abi_major},
		{"abiMinor", info->abi_minor},
		{"size", info->size},
		{"pidNamespace", info->pid_namespace},
		{"enginePid", (uint64_t)info->engine_pid},
		{"keeperPid", (uint64_t)info->keeper_pid},
		{"engineStart", info->engine_start},
		{"keeperStart", info->keeper_start},
		{"started", info->started_ns},
		{"created", info->created_ns},
		{"uid", info->uid},
		{"tag", info->tag},
		{"generation", info->generation},
	};
	const struct {
		const char *key;
		const char *value;
	} strings[] = {
		{"name", info->name},          {"dir", info->dir},         {"control", info->control},
		{"stateDir", info->state_dir}, {"version", info->version}, {"bootId", info->boot_id},
	};

	msgpack_pack_map(packer, sizeof numbers / sizeof *numbers + sizeof strings / sizeof *strings + 1);
	for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
		rpc_put_uint(packer, numbers[i].key, numbers[i].value);
	for (size_t i = 0; i < sizeof strings / sizeof *strings; i++)
		rpc_put_string(packer, strings[i].key, strings[i].value);
	rpc_put_bytes(packer, "uuid", info->uuid, sizeof info->uuid);
}

/* What the capture and sampling threads say of a process: they write it to the region alone. */
struct sampled {
	bool has_log;
	bool has_metrics;
	struct brm_log_mark log;
	struct brm_metrics metrics;
};

static void sample(const struct engine *engine, uint32_t entry, const struct brm_state *state, struct sampled *out)
{
	struct brm_handle handle = {.entry = entry, .tenant = brm_head_tenant(state->head)};

	*out = (struct sampled){.has_log = false};
	if (!engine->mirror)
		return;
	out->has_log = brm_reader_log_mark(engine->mirror, handle, &out->log) == 0;
	out->has_metrics = brm_reader_metrics(engine->mirror, handle, &out->metrics) == 0;
}

static void pack_log(msgpack_packer *packer, const struct brm_log_mark *log)
{
	rpc_put_text(packer, "log");
	msgpack_pack_map(packer, 3);
	rpc_put_uint(packer, "lines", log->lines);
	rpc_put_uint(packer, "lost", log->lost_bytes);
	rpc_put_text(packer, "bytes");
	msgpack_pack_array(packer, 2);
	msgpack_pack_uint64(packer, log->bytes[BRM_OUT]);
	msgpack_pack_uint64(packer, log->bytes[BRM_ERR]);
}

static void pack_metrics(msgpack_packer *packer, const struct brm_metrics *metrics)
{
	rpc_put_text(packer, "metrics");
	msgpack_pack_map(packer, 6);
	rpc_put_uint(packer, "time", metrics->time_ns);
	rpc_put_uint(packer, "memory", metrics->memory_bytes);
	rpc_put_uint(packer, "cpu", metrics->cpu_permille);
	rpc_put_uint(packer, "threads", metrics->threads);
	rpc_put_uint(packer, "files", metrics->files);
	rpc_put_uint(packer, "processes", metrics->processes);
}

/* What it has announced: kept in the region alone. */
static void pack_announced(msgpack_packer *packer, const struct engine *engine, const struct brm_state *state)
{
	char buffer[ANNOUNCE_URLS_BYTES];
	uint16_t ports[METRICS_PORTS_MAX];
	struct brm_strings urls = {.count = 0};
	uint32_t count = 0;

	if (engine->mirror && brm_reader_urls(engine->mirror, state, buffer, sizeof buffer, &urls) != 0)
		urls = (struct brm_strings){.count = 0};
	if (engine->mirror)
		count = brm_reader_ports(engine->mirror, state, ports, METRICS_PORTS_MAX);
	rpc_put_text(packer, "urls");
	msgpack_pack_array(packer, urls.count);
	for (const char *url = NULL; (url = brm_strings_next(&urls, url));)
		rpc_put_text(packer, url);
	rpc_put_text(packer, "ports");
	msgpack_pack_array(packer, count);
	for (uint32_t i = 0; i < count; i++)
		msgpack_pack_uint16(packer, ports[i]);
}

static void pack_process(msgpack_packer *packer, const struct process *process, const struct brm_state *state,
			 void *buffer)
{
	struct brm_identity identity;
	struct sampled sampled;
	size_t length = 0;
	char *store;

	if (spec_identity(process->spec, &identity, &store) == 0) {
		length = brm_identity_encode(&identity, buffer, BRM_IDENTITY_MAX);
		free(store);
	}
	sample(process->engine, process->entry, state, &sampled);
	msgpack_pack_map(packer, 4u + (length > 0) + sampled.has_log + sampled.has_metrics);
	rpc_put_uint(packer, "entry", process->entry);
	rpc_put_bytes(packer, "state", state, sizeof *state);
	pack_announced(packer, process->engine, state);
	if (length)
		rpc_put_bytes(packer, "identity", buffer, length);
	if (sampled.has_log)
		pack_log(packer, &sampled.log);
	if (sampled.has_metrics)
		pack_metrics(packer, &sampled.metrics);
}

int status_pack(struct engine *engine, msgpack_packer *packer)
{
	void *buffer = malloc(BRM_IDENTITY_MAX);
	uint64_t epoch = 0;

	if (!buffer)
		return -ENOMEM;
	announce_mirror(engine);
	msgpack_pack_map(packer, 3);
	rpc_put_text(packer, "info");
	pack_info(packer, brm_writer_info(engine->writer));
	rpc_put_text(packer, "processes");
	msgpack_pack_array(packer, engine->table.count);
	for (struct process *process = NULL; (process = table_next(&engine->table, process));) {
		struct brm_state state = publish_state_of(process);

		epoch = state.epoch > epoch ? state.epoch : epoch;
		pack_process(packer, process, &state, buffer);
	}
	rpc_put_uint(packer, "epoch", epoch);
	free(buffer);
	return 0;
}
