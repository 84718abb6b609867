/* SPDX-License-Identifier: MIT */
#include <errno.h>

#include "config/import_keys.h"
#include "config/toml.h"

/* .brum.toml has no processes: what it sets is said, and where it belongs now. */

const struct import_key brum_keys[] = {
	{"preferred_package_manager", KEY_REFUSED, "packageManager in package.json and the lock file decide"},
	{"mcp_port", KEY_REFUSED, "say brummer-mcp --http PORT"},
	{"no_mcp", KEY_REFUSED, "brummer-mcp is a program of its own, which nothing starts"},
	{"use_robust_networking", KEY_REFUSED, "viewers read shared memory"},
	{"proxy_port", KEY_REFUSED, "there is no proxy"},
	{"proxy_mode", KEY_REFUSED, "there is no proxy"},
	{"proxy_url", KEY_REFUSED, "there is no proxy"},
	{"standard_proxy", KEY_REFUSED, "there is no proxy"},
	{"no_proxy", KEY_REFUSED, "there is no proxy"},
	{"ai_coders", KEY_REFUSED, "nothing starts programs that write code"},
	{0},
};

int brum_read(struct text *text, const struct finding *finding)
{
	char place[TEXT_PLACE_MAX];
	struct toml toml;
	const char *key;
	json_t *value;
	int result = toml_parse(text, &toml, finding->report);

	if (result != 0)
		return result;
	json_object_foreach(toml.root, key, value)
	{
		text_place(text, toml_where(&toml, toml.root, key), place);
		import_key_is_good(brum_keys, key, place, finding->source, finding->report);
	}
	toml_finish(&toml);
	return 0;
}
