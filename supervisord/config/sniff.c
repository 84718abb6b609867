/* SPDX-License-Identifier: MIT */
#include "config/sniff.h"

#include <ctype.h>
#include <fnmatch.h>
#include <string.h>

#define COUNT(table) (sizeof(table) / sizeof *(table))

#define BRUMMER     "brummer.yaml"
#define COMPOSE     "process-compose.yaml"
#define MPROCS      "mprocs.yaml"
#define PROCFILE    "Procfile"
#define SUPERVISORD "supervisord.conf"
#define ECOSYSTEM   "ecosystem.config.json"
#define SCRIPT      "ecosystem.config.js"
#define BRUM        ".brum.toml"

/* By the last part of its name. */
static const struct {
	const char *glob, *kind;
} names[] = {
	{"brummer*.y*ml", BRUMMER},
	{"*process-compose*.y*ml", COMPOSE},
	{"*mprocs*.y*ml", MPROCS},
	{"Procfile*", PROCFILE},
	{"*.procfile", PROCFILE},
	{"*supervisor*.conf", SUPERVISORD},
	{"*ecosystem*.json", ECOSYSTEM},
	{"*pm2*.json", ECOSYSTEM},
	{"*ecosystem*.js", SCRIPT},
	{"*ecosystem*.cjs", SCRIPT},
	{".brum.toml", BRUM},
	{"*.brum.toml", BRUM},
};

/* By a line that begins so (blanks before it do not count); the first that fits. */
static const struct {
	const char *beginning, *kind;
} lines[] = {
	{"[program:", SUPERVISORD},   {"[supervisord]", SUPERVISORD}, {"procs:", MPROCS},
	{"proc_list_width:", MPROCS}, {"is_strict:", COMPOSE},        {"log_level:", COMPOSE},
	{"log_location:", COMPOSE},   {"availability:", COMPOSE},     {"readiness_probe:", COMPOSE},
	{"liveness_probe:", COMPOSE}, {"working_dir:", COMPOSE},      {"environment:", COMPOSE},
	{"is_daemon:", COMPOSE},      {"process_log_ready", COMPOSE}, {"disabled:", COMPOSE},
	{"namespace:", COMPOSE},      {"\"apps\"", ECOSYSTEM},        {"apps:", ECOSYSTEM},
	{"module.exports", SCRIPT},
};

/* By a line that begins so, when nothing above fits. */
static const struct {
	const char *beginning, *kind;
} keys[] = {{"processes:", BRUMMER}, {"include:", BRUMMER}, {"env:", BRUMMER}, {"env_file:", BRUMMER}};

static bool begins(const struct text *text, size_t at, const char *with)
{
	size_t length = strlen(with);

	while (at < text->length && (text->bytes[at] == ' ' || text->bytes[at] == '\t' || text->bytes[at] == '{'))
		at++;
	return text->length - at >= length && memcmp(text->bytes + at, with, length) == 0;
}

/* The offset of the line after the one at `at`. */
static size_t next_line(const struct text *text, size_t at)
{
	const char *end = memchr(text->bytes + at, '\n', text->length - at);

	return end ? (size_t)(end - text->bytes) + 1 : text->length;
}

static bool has_line(const struct text *text, const char *beginning)
{
	for (size_t at = 0; at < text->length; at = next_line(text, at))
		if (begins(text, at, beginning))
			return true;
	return false;
}

/* "web: node server.js", with a command behind each name and nothing indented. */
static bool is_procfile(const struct text *text)
{
	bool any = false;

	for (size_t at = 0; at < text->length; at = next_line(text, at)) {
		size_t i = at;

		if (text->bytes[at] == '#' || text->bytes[at] == '\n' || text->bytes[at] == '\r')
			continue;
		while (i < text->length && (isalnum((unsigned char)text->bytes[i]) || strchr("_-", text->bytes[i])))
			i++;
		if (i == at || text->length - i < 3 || text->bytes[i] != ':' || strchr("\r\n", text->bytes[i + 1]))
			return false;
		any = true;
	}
	return any;
}

const char *sniff(const struct text *text)
{
	const char *slash = strrchr(text->file, '/');
	const char *name = slash ? slash + 1 : text->file;

	for (size_t i = 0; i < COUNT(names); i++)
		if (fnmatch(names[i].glob, name, 0) == 0)
			return names[i].kind;
	for (size_t i = 0; i < COUNT(lines); i++)
		if (has_line(text, lines[i].beginning))
			return lines[i].kind;
	for (size_t i = 0; i < COUNT(keys); i++)
		if (has_line(text, keys[i].beginning))
			return keys[i].kind;
	if (is_procfile(text))
		return PROCFILE;
	return fnmatch("*.y*ml", name, 0) == 0 ? BRUMMER : NULL;
}
