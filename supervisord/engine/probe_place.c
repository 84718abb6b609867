/* SPDX-License-Identifier: MIT */
#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <event2/dns.h>

#include "engine/probe_inner.h"

static int parse_port(const char *text, uint16_t *out)
{
	char *end;
	unsigned long port = strtoul(text, &end, 10);

	if (*text < '0' || *text > '9' || *end || port == 0 || port > UINT16_MAX)
		return -EINVAL;
	*out = (uint16_t)port;
	return 0;
}

int place_parse(const char *text, struct place *out)
{
	const char *colon = strrchr(text, ':');
	const char *host = colon ? text : "localhost";
	size_t length = colon ? (size_t)(colon - text) : strlen(host);
	struct place place = {.port = 0};

	if (length >= 2 && host[0] == '[' && host[length - 1] == ']') {
		host++;
		length -= 2;
	}
	if (length >= sizeof place.host || parse_port(colon ? colon + 1 : text, &place.port) != 0)
		return -EINVAL;
	memcpy(place.host, host, length);
	place.local = length == 0 || strcmp(place.host, "localhost") == 0;
	*out = place;
	return 0;
}

const char *place_address(const struct place *place, unsigned attempt)
{
	static const char *const local[] = {"127.0.0.1", "::1"};

	if (place->local)
		return attempt < 2 ? local[attempt] : NULL;
	return attempt == 0 ? place->host : NULL;
}

struct evdns_base *place_dns(struct engine *engine)
{
	if (!engine->dns)
		engine->dns = evdns_base_new(engine->base,
					     EVDNS_BASE_INITIALIZE_NAMESERVERS | EVDNS_BASE_DISABLE_WHEN_INACTIVE);
	return engine->dns;
}
