/* SPDX-License-Identifier: MIT */
#include "engine/announce.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "engine/metrics.h"
#include "engine/publish.h"
#include "engine/reload.h"
#include "say.h"

#define PATTERN_FILE "/brummer-log-patterns"

/* The file that is named, or lies beside this program where it was built, or was installed. */
static const char *pattern_file(char path[PATH_MAX])
{
	const char *named = getenv("BRUMMER_LOG_PATTERNS");
	ssize_t length = readlink("/proc/self/exe", path, PATH_MAX - sizeof PATTERN_FILE);

	if (named && *named)
		return named;
	path[length > 0 ? length : 0] = '\0';
	if (strrchr(path, '/')) {
		strcpy(strrchr(path, '/'), PATTERN_FILE);
		if (access(path, R_OK) == 0)
			return path;
	}
	return PKGDATADIR PATTERN_FILE;
}

struct patterns *announce_read_patterns(const char *dir, struct report *report)
{
	char path[PATH_MAX];
	struct patterns *patterns = patterns_new();

	if (patterns && patterns_load(patterns, pattern_file(path), dir, report) == 0)
		return patterns;
	patterns_free(patterns);
	return NULL;
}

void announce_open(struct engine *engine)
{
	struct report report = {0};
	struct patterns *patterns = announce_read_patterns(engine->options->instance.dir, &report);

	reload_say(&report);
	report_finish(&report);
	announce_patterns(engine, patterns);
}

void announce_patterns(struct engine *engine, struct patterns *patterns)
{
	if (patterns)
		capture_set_patterns(engine->capture, patterns);
	else
		say("cannot look for errors in the output: no memory");
}

struct brm_reader *announce_mirror(struct engine *engine)
{
	int rc = engine->mirror ? brm_reader_refresh(engine->mirror)
				: brm_reader_open(engine->options->instance.region, &engine->mirror);

	if (rc < 0 && engine->mirror) {
		brm_reader_close(engine->mirror);
		engine->mirror = NULL;
	}
	return engine->mirror;
}

/* The URLs so far. */
static struct brm_strings urls_of(struct engine *engine, const struct brm_state *state, char buf[ANNOUNCE_URLS_BYTES])
{
	struct brm_reader *mirror = state->urls.length ? announce_mirror(engine) : NULL;
	struct brm_strings urls = {.first = buf};

	if (mirror && brm_reader_urls(mirror, state, buf, ANNOUNCE_URLS_BYTES, &urls) != 0)
		urls = (struct brm_strings){.first = buf};
	return urls;
}

static bool has(const struct brm_strings *urls, const char *url)
{
	for (const char *at = NULL; (at = brm_strings_next(urls, at));)
		if (strcmp(at, url) == 0)
			return true;
	return false;
}

void announce_url(struct engine *engine, uint32_t serial, const char *url)
{
	struct process *process = table_find_serial(&engine->table, serial);
	uint32_t length = (uint32_t)strlen(url) + 1;
	struct brm_strings urls;
	struct brm_state state;
	char buf[ANNOUNCE_URLS_BYTES];

	if (!process)
		return;
	state = publish_state_of(process);
	urls = urls_of(engine, &state, buf);
	if (urls.count >= DETECT_URLS_MAX || urls.size + length > sizeof buf || has(&urls, url))
		return;
	memmove(buf, urls.first, urls.size);
	memcpy(buf + urls.size, url, length);
	urls = (struct brm_strings){.first = buf, .count = urls.count + 1, .size = urls.size + length};
	publish_urls(process, &urls);
	metrics_look(engine->metrics, serial);
}

void announce_ports(struct engine *engine, uint32_t serial, const uint16_t *ports, uint32_t count)
{
	struct process *process = table_find_serial(&engine->table, serial);
	struct brm_state state;
	uint16_t before[METRICS_PORTS_MAX];
	struct brm_reader *mirror;

	if (!process)
		return;
	state = publish_state_of(process);
	mirror = state.ports.length ? announce_mirror(engine) : NULL;
	if ((count == 0 && !mirror) ||
	    (mirror && brm_reader_ports(mirror, &state, before, METRICS_PORTS_MAX) == count &&
	     memcmp(before, ports, count * sizeof *ports) == 0))
		return;
	publish_ports(process, ports, count);
}
