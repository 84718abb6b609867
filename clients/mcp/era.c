/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "clients/mcp/era.h"

#include <stdio.h>
#include <string.h>

#define META         "io.modelcontextprotocol/"
#define MODERN       "2026-07-28"
#define MODERN_LIST  "[\"" MODERN "\"]"
#define DISCOVER_TTL 3600000

static const char *const legacy_versions[] = {"2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25"};
#define LEGACY_COUNT (sizeof legacy_versions / sizeof *legacy_versions)

static json_t *meta_get(const struct rpc *rpc, const char *key)
{
	return json_object_get(json_object_get(rpc->params, "_meta"), key);
}

bool era_is_legacy(const char *version)
{
	for (size_t i = 0; i < LEGACY_COUNT; i++)
		if (strcmp(version, legacy_versions[i]) == 0)
			return true;
	return false;
}

enum era era_of(const struct rpc *rpc, const char *declared)
{
	if (meta_get(rpc, META "protocolVersion") || (rpc->method && strcmp(rpc->method, "server/discover") == 0))
		return ERA_MODERN;
	return declared && !era_is_legacy(declared) ? ERA_MODERN : ERA_LEGACY;
}

static void put_unsupported(struct json *json, const struct rpc *rpc, const json_t *requested)
{
	struct json data;

	json_init(&data);
	json_open_object(&data);
	json_key(&data, "supported");
	json_raw(&data, MODERN_LIST, strlen(MODERN_LIST));
	json_key(&data, "requested");
	json_put_string_n(&data, json_string_value(requested), json_string_length(requested));
	json_close_object(&data);
	rpc_put_error(json, rpc->id, RPC_UNSUPPORTED_VERSION, "Unsupported protocol version", json_text(&data));
	json_finish(&data);
}

bool era_accepts(const struct rpc *rpc, struct json *json)
{
	const json_t *version = meta_get(rpc, META "protocolVersion");

	if (!json_is_string(version))
		rpc_put_error(json, rpc->id, RPC_INVALID_PARAMS, "_meta must have " META "protocolVersion", NULL);
	else if (strcmp(json_string_value(version), MODERN) != 0)
		put_unsupported(json, rpc, version);
	else if (!json_is_object(meta_get(rpc, META "clientCapabilities")))
		rpc_put_error(json, rpc->id, RPC_INVALID_PARAMS, "_meta must have " META "clientCapabilities", NULL);
	else
		return true;
	return false;
}

const char *era_negotiate(const char *requested)
{
	for (size_t i = 0; i < LEGACY_COUNT; i++)
		if (requested && strcmp(requested, legacy_versions[i]) == 0)
			return legacy_versions[i];
	return legacy_versions[LEGACY_COUNT - 1];
}

static void put_server_info(struct json *json)
{
	json_open_object(json);
	json_pair(json, "name", "brummer-mcp");
	json_pair(json, "title", "Brummer");
	json_pair(json, "version", PACKAGE_VERSION);
	json_close_object(json);
}

static void put_capabilities(struct json *json, enum era era)
{
	static const char common[] = "{\"tools\":{},\"resources\":{\"subscribe\":true,\"listChanged\":true},"
				     "\"prompts\":{},\"completions\":{}";

	/* `logging` is deprecated in the modern era, and never used there. */
	static const char logging[] = ",\"logging\":{}}";
	char text[sizeof common + sizeof logging];

	snprintf(text, sizeof text, "%s%s", common, era == ERA_LEGACY ? logging : "}");
	json_key(json, "capabilities");
	json_raw(json, text, strlen(text));
}

static void put_instructions(struct json *json, const char *instructions)
{
	json_pair(json, "instructions", instructions);
}

void era_put_initialize(struct json *json, const char *version, const char *instructions)
{
	json_pair(json, "protocolVersion", version);
	put_capabilities(json, ERA_LEGACY);
	json_key(json, "serverInfo");
	put_server_info(json);
	put_instructions(json, instructions);
}

void era_put_discover(struct json *json, const char *instructions)
{
	json_key(json, "supportedVersions");
	json_raw(json, MODERN_LIST, strlen(MODERN_LIST));
	put_capabilities(json, ERA_MODERN);
	put_instructions(json, instructions);
	era_put_cache(json, ERA_MODERN, DISCOVER_TTL);
}

void era_put_result_end(struct json *json, enum era era)
{
	if (era != ERA_MODERN)
		return;
	json_pair(json, "resultType", "complete");
	json_key(json, "_meta");
	json_open_object(json);
	json_key(json, META "serverInfo");
	put_server_info(json);
	json_close_object(json);
}

void era_put_cache(struct json *json, enum era era, unsigned ttl_ms)
{
	if (era != ERA_MODERN)
		return;
	json_key(json, "ttlMs");
	json_int(json, ttl_ms);
	json_pair(json, "cacheScope", "private");
}
