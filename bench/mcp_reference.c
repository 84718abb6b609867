/* SPDX-License-Identifier: MIT */
#include "bench/mcp_reference.h"

#include <errno.h>
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bench/bench.h"
#include "bench/mcp_beside.h"

#define EVERYTHING "/@modelcontextprotocol/server-everything/dist/index.js"

static const char echo[] = REQUEST_CALL("echo", "{\"message\":\"x\"}");

/* The reference server. False: there is none. */
static bool find_everything(char out[PATH_MAX])
{
	const char *cache = getenv("BRUMMER_MCP_CACHE"), *home = getenv("HOME");
	const char *modules = getenv("PEERS_NODE_MODULES");

	if (cache)
		snprintf(out, PATH_MAX, "%s/node_modules" EVERYTHING, cache);
	else
		snprintf(out, PATH_MAX, "%s/.cache/brummer-check-mcp/node_modules" EVERYTHING, home ? home : "");
	if (access(out, R_OK) != 0 && modules)
		snprintf(out, PATH_MAX, "%s" EVERYTHING, modules);
	return access(out, R_OK) == 0;
}

/* It would listen everywhere. */
static void write_loopback(char path[PATH_MAX])
{
	FILE *file;

	snprintf(path, PATH_MAX, "%s/loopback.cjs", bench_dir());
	file = fopen(path, "we");
	if (!file || fputs("const { Server } = require('net');\n"
			   "const listen = Server.prototype.listen;\n"
			   "Server.prototype.listen = function (port, ...rest) {\n"
			   "  return listen.call(this, { port, host: '127.0.0.1' }, ...rest);\n"
			   "};\n",
			   file) < 0)
		bench_fail("write a script", errno);
	fclose(file);
}

static double measure_reference_http(const char *script)
{
	unsigned port = request_port();
	char loopback[PATH_MAX], place[16], text[2048], session[256] = "";
	const char *const argv[] = {"node", "-r", loopback, script, "streamableHttp", NULL};
	struct rawclient server = {0}, client = {0};
	const char *id;
	size_t length;
	double p50;

	write_loopback(loopback);
	snprintf(place, sizeof place, "%u", port);
	setenv("PORT", place, 1);
	rawclient_start(&server, argv);
	rawclient_connect(&client, port);
	rawclient_ask(&client, text, request_post(text, sizeof text, "", request_initialize));
	id = strcasestr(client.bytes, "mcp-session-id: ");
	if (id)
		snprintf(session, sizeof session, "%.*s\r\n", (int)strcspn(id, "\r"), id);
	length = request_post(text, sizeof text, session, echo);
	p50 = side_measure(&client, server.pid, text, length, 0, bench_quick() ? 50 : 500).p50;
	rawclient_stop(&client);
	rawclient_stop(&server);
	return p50;
}

struct reference reference_measure(void)
{
	char script[PATH_MAX], line[1024];
	const char *const argv[] = {"node", script, "stdio", NULL};
	struct reference it = {.there = find_everything(script), .p50 = NAN, .start = NAN, .http_p50 = NAN};
	struct rawclient client = {0};
	size_t length;

	if (!it.there)
		return it;
	it.start = starts_measure(argv, line, request_line(request_initialize, line));
	rawclient_start(&client, argv);
	rawclient_ask(&client, line, strlen(line));
	length = request_line(echo, line);
	it.p50 = side_measure(&client, client.pid, line, length, 0, bench_quick() ? 300 : 3000).p50;
	rawclient_stop(&client);
	it.http_p50 = measure_reference_http(script);
	return it;
}
