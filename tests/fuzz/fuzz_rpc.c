/* SPDX-License-Identifier: MIT */
/*
 * fuzz_rpc.c - whatever a peer sends to the control socket
 *
 * The input is a stream: its messages are scanned, in one piece and byte by byte with the same result, decoded, and
 * every kind of parameter is looked for. Nothing may crash, hang, or allocate more than the scan has bounded.
 */
#include <stdlib.h>

#include "config/model.h"
#include "control/rpc.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void look(const struct rpc_request *request)
{
	static const char *const keys[] = {"names", "name", "run", "text", "autostart", "env"};

	for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
		const char *wrong = NULL, *bytes;
		size_t length;
		uint64_t number;
		char **list;
		char *text;
		bool flag;

		if (rpc_list(request->params, keys[i], &list, &wrong))
			list_free(list);
		if (rpc_string(request->params, keys[i], &text, &wrong))
			free(text);
		rpc_uint(request->params, keys[i], 1000, &number, &wrong);
		rpc_bool(request->params, keys[i], &flag, &wrong);
		rpc_bytes(request->params, keys[i], &bytes, &length, &wrong);
	}
}

/* The same in pieces: must come to the same end. */
static void check_pieces(const uint8_t *data, size_t size, int expected, size_t used)
{
	struct rpc_scan scan = {0};
	int rc = 0;

	for (size_t length = 0; length <= size && rc == 0; length++)
		rc = rpc_scan(&scan, data, length);
	if (rc != expected || (rc == 1 && scan.at != used))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t at = 0;
	int rc = 1;

	while (rc == 1 && at < size) {
		struct rpc_scan scan = {0};
		struct rpc_request request;

		rc = rpc_scan(&scan, data + at, size - at);
		if (size - at <= 4096)
			check_pieces(data + at, size - at, rc, scan.at);
		if (rc != 1)
			break;
		if (rpc_decode(data + at, scan.at, &request) == 0)
			look(&request);
		rpc_finish(&request);
		at += scan.at;
	}
	return 0;
}
