/* SPDX-License-Identifier: MIT */
/*
 * fuzz_mcp.c - brummer-mcp's core against hostile clients
 *
 * The input is what a client sends: messages, a line each. Nothing may crash, hang or leak, and each answer is one line
 * of JSON.
 */
#include <stdlib.h>
#include <string.h>

#include "tests/fuzz/mcp_instance.h"

static struct server *server;

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerInitialize(int *argc, char ***argv);

static void check_message(struct peer *peer, enum message kind, const char *message, size_t length)
{
	json_t *root = json_loadb(message, length, JSON_ALLOW_NUL, NULL);

	(void)peer, (void)kind;
	if (!json_is_object(root) || memchr(message, '\n', length))
		abort();
	json_decref(root);
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc, (void)argv;
	server = mcp_instance_open();
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct peer peer = {.send = check_message};
	const char *at = (const char *)data, *end = at + size;

	while (at < end) {
		const char *newline = memchr(at, '\n', (size_t)(end - at));
		size_t length = newline ? (size_t)(newline - at) : (size_t)(end - at);

		server_receive(server, &peer, at, length);
		event_base_loop(server->options.base, EVLOOP_NONBLOCK);
		at += length + 1;
	}
	server_forget(server, &peer);
	return 0;
}
