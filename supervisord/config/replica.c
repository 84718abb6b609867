/* SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/model.h"

#define PORT_MAX 65535

/* PORT of the n-th replica: n - 1 higher than the family's. False: there is no such port, or no memory. */
static bool move_port(struct spec *spec, uint32_t n)
{
	const char *text = env_get(spec->env, "PORT");
	char *end, moved[16];
	unsigned long port = text ? strtoul(text, &end, 10) : 0;

	if (!text || end == text || *end || port == 0 || port > PORT_MAX)
		return true;
	if (n - 1 > PORT_MAX - port)
		return false;
	snprintf(moved, sizeof moved, "%lu", port + n - 1);
	return env_set(&spec->env, "PORT", moved) == 0;
}

struct spec *spec_replica(const struct spec *spec, const char *family, uint32_t n)
{
	char name[BRM_NAME_MAX + 12];
	struct spec *copy;

	snprintf(name, sizeof name, "%s.%" PRIu32, family, n);
	if (name_check(name, NULL) != 0)
		return NULL;
	copy = spec_copy(spec);
	if (!copy)
		return NULL;
	copy->replica = n;
	if (string_set(&copy->name, name) == 0 && string_set(&copy->family, family) == 0 && move_port(copy, n))
		return copy;
	spec_free(copy);
	return NULL;
}

bool spec_is_success(const struct spec *spec, int code)
{
	if (code < 0 || code > 255)
		return false;
	return code == 0 || (spec->success_codes[code / 32] >> (code % 32) & 1) != 0;
}

char *probe_words(const struct probe *probe, char *out, size_t size)
{
	static const char *const kinds[] = {
		[PROBE_NONE] = "",     [PROBE_HTTP] = "http", [PROBE_TCP] = "tcp",
		[PROBE_EXEC] = "exec", [PROBE_LOG] = "log",   [PROBE_NOTIFY] = "notify",
	};
	const char *target = probe->target ? probe->target : probe->argv[0] ? probe->argv[0] : "";

	snprintf(out, size, "%s%s%s", kinds[probe->kind], *target ? " " : "", target);
	return out;
}
