/* SPDX-License-Identifier: MIT */
#include "config/export.h"

#include <errno.h>
#include <string.h>

#include "config/export_formats.h"
#include "config/quote.h"

static const struct {
	const char *word;
	void (*write)(const struct config *config, FILE *out, struct report *report);
} formats[] = {
	[EXPORT_SYSTEMD] = {"systemd", export_systemd},
	[EXPORT_PROCFILE] = {"procfile", export_procfile},
	[EXPORT_COMPOSE] = {"compose", export_compose},
};

int export_format_parse(const char *word, enum export_format *out)
{
	for (size_t i = 0; i < EXPORT_FORMAT_COUNT; i++) {
		if (strcmp(formats[i].word, word) == 0) {
			*out = (enum export_format)i;
			return 0;
		}
	}
	return -EINVAL;
}

void export_losses(const struct spec *spec, const struct export_loss *losses, struct report *report)
{
	const struct {
		const char *key;
		bool is_set;
	} keys[] = {
		{"ready", spec->ready.kind != PROBE_NONE},
		{"alive", spec->alive.kind != PROBE_NONE},
		{"depends_on", spec->depends_count > 0},
		{"restart", spec->restart != RESTART_NEVER},
		{"stop", *spec->stop_command || spec->stop_signal != 15 || spec->stop_grace_ns != 10000000000ull},
		{"watch", spec->watch_paths[0] != NULL},
		{"schedule", *spec->schedule != '\0'},
		{"limits", spec->memory_limit_bytes > 0 || spec->open_files > 0},
		{"tty", spec->tty},
		{"essential", spec->essential},
		{"user", *spec->user || *spec->group},
		{"umask", spec->umask >= 0},
		{"nice", spec->nice != NICE_INHERIT},
	};

	for (; losses->key; losses++)
		for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
			if (strcmp(keys[i].key, losses->key) == 0 && keys[i].is_set)
				report_warning(report, "%s: %s is left out: %s", spec->name, losses->key, losses->why);
}

int config_export(const struct config *config, enum export_format format, FILE *out, struct report *report)
{
	errno = 0;
	formats[format].write(config, out, report);
	if (fflush(out) == 0 && !ferror(out))
		return 0;
	return errno ? -errno : -EIO;
}

/* ---- Procfile ---- */

static void write_procfile_command(const struct spec *spec, FILE *out)
{
	const char *before = "";

	for (size_t i = 0; spec->env[i]; i++) {
		fputs(i == 0 ? "env " : " ", out);
		if (!strchr(spec->env[i], '='))
			fputs("-u ", out);
		quote_shell(out, spec->env[i]);
		before = " ";
	}
	if (!spec->command) {
		for (size_t i = 0; spec->argv[i]; i++) {
			fputs(i > 0 ? " " : before, out);
			quote_shell(out, spec->argv[i]);
		}
	} else if (spec->env[0]) {
		fputs(" sh -c ", out);
		quote_shell(out, spec->command);
	} else {
		fputs(spec->command, out);
	}
}

/* A line of one command: does everything in it stay in the line? */
static bool has_lines(const struct spec *spec)
{
	bool has = spec->command && strchr(spec->command, '\n');

	for (size_t i = 0; spec->argv[i]; i++)
		has = has || strchr(spec->argv[i], '\n');
	for (size_t i = 0; spec->env[i]; i++)
		has = has || strchr(spec->env[i], '\n');
	return has || strchr(spec->dir, '\n');
}

static void write_procfile_name(const char *name, FILE *out)
{
	static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-";

	for (; *name; name++)
		fputc(strchr(plain, *name) ? *name : '_', out);
	fputs(": ", out);
}

void export_procfile(const struct config *config, FILE *out, struct report *report)
{
	static const struct export_loss losses[] = {
		{"ready", "a Procfile has commands alone"},      {"alive", "a Procfile has commands alone"},
		{"depends_on", "a Procfile has commands alone"}, {"restart", "a Procfile has commands alone"},
		{"stop", "a Procfile has commands alone"},       {"watch", "a Procfile has commands alone"},
		{"schedule", "a Procfile has commands alone"},   {"limits", "a Procfile has commands alone"},
		{"tty", "a Procfile has commands alone"},        {"essential", "a Procfile has commands alone"},
		{"user", "a Procfile has commands alone"},       {"umask", "a Procfile has commands alone"},
		{"nice", "a Procfile has commands alone"},       {0}};

	for (size_t i = 0; i < config->count; i++) {
		const struct spec *spec = config->specs[i];

		if (!spec->autostart)
			continue;
		if (has_lines(spec)) {
			report_warning(report, "%s is left out: it has several lines, which a Procfile cannot have",
				       spec->name);
			continue;
		}
		export_losses(spec, losses, report);
		write_procfile_name(spec->name, out);
		fputs("cd ", out);
		quote_shell(out, spec->dir);
		fputs(" && ", out);
		write_procfile_command(spec, out);
		fputc('\n', out);
	}
}
