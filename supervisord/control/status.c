/* SPDX-License-Identifier: MIT */
#include "control/status.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "control/rpc.h"
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

static void pack_process(msgpack_packer *packer, const struct process *process, const struct brm_state *state,
			 void *buffer)
{
	struct brm_identity identity;
	size_t length = 0;
	char *store;

	if (spec_identity(process->spec, &identity, &store) == 0) {
		length = brm_identity_encode(&identity, buffer, BRM_IDENTITY_MAX);
		free(store);
	}
	msgpack_pack_map(packer, length ? 3 : 2);
	rpc_put_uint(packer, "entry", process->entry);
	rpc_put_bytes(packer, "state", state, sizeof *state);
	if (length)
		rpc_put_bytes(packer, "identity", buffer, length);
}

int status_pack(struct engine *engine, msgpack_packer *packer)
{
	void *buffer = malloc(BRM_IDENTITY_MAX);
	uint64_t epoch = 0;

	if (!buffer)
		return -ENOMEM;
	msgpack_pack_map(packer, 3);
	rpc_put_key(packer, "info");
	pack_info(packer, brm_writer_info(engine->writer));
	rpc_put_key(packer, "processes");
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
