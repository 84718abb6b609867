/* SPDX-License-Identifier: MIT */
#include "clients/mcp/setup.h"

#include <errno.h>
#include <string.h>

#include "clients/common/json.h"

/* What differs between clients: all but codex want JSON, under one key or another. */
static const struct client_format {
	const char *name;
	const char *file;    /* where it belongs, for the person */
	const char *section; /* JSON: key of the servers; NULL: TOML */
	bool typed;          /* JSON: says "type": "stdio" */
} formats[] = {
	{"claude", ".mcp.json in the project", "mcpServers", true}, {"vscode", ".vscode/mcp.json", "servers", true},
	{"cursor", ".cursor/mcp.json", "mcpServers", false},        {"codex", "~/.codex/config.toml", NULL, false},
	{"gemini", ".gemini/settings.json", "mcpServers", false},
};
#define FORMATS (sizeof formats / sizeof *formats)

const char *setup_clients(void)
{
	return "claude, vscode, cursor, codex or gemini";
}

/* ["-C", DIR]: a JSON list of strings is one of TOML too. */
static void put_args(struct json *json, const char *dir)
{
	json_open_array(json);
	json_put_string(json, "-C");
	json_put_string(json, dir);
	json_close_array(json);
}

static void print_json(FILE *out, const struct client_format *format, const char *program, const char *dir)
{
	struct json json;

	json_init(&json);
	json_open_object(&json);
	json_key(&json, format->section);
	json_open_object(&json);
	json_key(&json, "brummer");
	json_open_object(&json);
	if (format->typed)
		json_pair(&json, "type", "stdio");
	json_pair(&json, "command", program);
	json_key(&json, "args");
	put_args(&json, dir);
	json_close_object(&json);
	json_close_object(&json);
	json_close_object(&json);
	fprintf(out, "%s\n", json_text(&json));
	json_finish(&json);
}

static void print_toml(FILE *out, const char *program, const char *dir)
{
	struct json command, args;

	json_init(&command);
	json_init(&args);
	json_put_string(&command, program);
	put_args(&args, dir);
	fprintf(out, "[mcp_servers.brummer]\ncommand = %s\nargs = %s\n", json_text(&command), json_text(&args));
	json_finish(&command);
	json_finish(&args);
}

int setup_print(FILE *out, const char *client, const char *program, const char *dir)
{
	for (size_t i = 0; i < FORMATS; i++) {
		if (strcmp(formats[i].name, client) != 0)
			continue;
		fprintf(stderr, "brummer-mcp: this belongs into %s\n", formats[i].file);
		if (formats[i].section)
			print_json(out, &formats[i], program, dir);
		else
			print_toml(out, program, dir);
		return 0;
	}
	return -EINVAL;
}
