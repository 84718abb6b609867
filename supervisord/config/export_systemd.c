/* SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <string.h>

#include "config/export_formats.h"
#include "config/units.h"

#define TARGET "brummer.target"
#define S      1000000000.0

/* Part of a unit's name: what systemd does not allow there becomes \xNN. */
static void write_name(const char *name, FILE *out)
{
	static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789:_.-";

	fputs("brummer-", out);
	for (; *name; name++) {
		if (strchr(plain, *name))
			fputc(*name, out);
		else
			fprintf(out, "\\x%02x", (unsigned char)*name);
	}
	fputs(".service", out);
}

/* A word in quotes. Of a command a `$` is doubled, of anything a `%`. */
static void write_word(const char *word, bool is_command, FILE *out)
{
	fputc('"', out);
	for (; *word; word++) {
		if ((unsigned char)*word < 0x20)
			fprintf(out, "\\x%02x", (unsigned char)*word);
		else if (*word == '"' || *word == '\\')
			fprintf(out, "\\%c", *word);
		else if (*word == '%' || (*word == '$' && is_command))
			fprintf(out, "%c%c", *word, *word);
		else
			fputc(*word, out);
	}
	fputc('"', out);
}

/* A value that is no word: without quotes, to the end of the line. */
static void write_plain(const char *text, FILE *out)
{
	for (; *text; text++)
		fputs((unsigned char)*text < 0x20 ? "?" : *text == '%' ? "%%" : (const char[]){*text, '\0'}, out);
}

static void write_exec(const struct spec *spec, FILE *out)
{
	const char *program = spec->argv[0];

	fputs("ExecStart=", out);
	if (spec->command) {
		fputs("/bin/sh -c ", out);
		write_word(spec->command, true, out);
	} else if (program && *program != '/') {
		fputs("/usr/bin/env ", out); /* looks in PATH, and below WorkingDirectory */
	}
	for (size_t i = 0; !spec->command && spec->argv[i]; i++) {
		fputs(i > 0 ? " " : "", out);
		write_word(spec->argv[i], true, out);
	}
	fputc('\n', out);
	if (*spec->stop_command) {
		fputs("ExecStop=/bin/sh -c ", out);
		write_word(spec->stop_command, true, out);
		fputc('\n', out);
	}
}

static const struct spec *started(const struct config *config, const char *name, size_t *from)
{
	for (; *from < config->count; ++*from) {
		const struct spec *spec = config->specs[*from];

		if (spec->autostart && (strcmp(spec->name, name) == 0 || strcmp(spec->family, name) == 0))
			return config->specs[(*from)++];
	}
	return NULL;
}

static void write_depends(const struct config *config, const struct spec *spec, FILE *out)
{
	for (size_t i = 0; i < spec->depends_count; i++) {
		const struct dependency *on = &spec->depends_on[i];
		const struct spec *other;
		size_t from = 0;

		while ((other = started(config, on->name, &from))) {
			fputs(on->follow ? "BindsTo=" : "Wants=", out);
			write_name(other->name, out);
			fputs("\nAfter=", out);
			write_name(other->name, out);
			fputc('\n', out);
		}
	}
}

static void write_unit(const struct config *config, const struct spec *spec, FILE *out)
{
	fputs("[Unit]\nDescription=", out);
	write_plain(spec->name, out);
	fputs("\nPartOf=" TARGET "\n", out);
	write_depends(config, spec, out);
	if (spec->restart_limit > 0)
		fprintf(out, "StartLimitIntervalSec=%.3fs\nStartLimitBurst=%" PRIu32 "\n",
			(double)spec->restart_window_ns / S, spec->restart_limit);
}

static void write_environment(const struct spec *spec, FILE *out)
{
	for (size_t i = 0; spec->env[i]; i++) {
		bool sets = strchr(spec->env[i], '=') != NULL;

		fputs(sets ? "Environment=" : "UnsetEnvironment=", out);
		write_word(spec->env[i], false, out);
		fputc('\n', out);
	}
}

static void write_codes(const struct spec *spec, FILE *out)
{
	bool any = false;

	for (unsigned code = 1; code < 256; code++) {
		if (!(spec->success_codes[code / 32] >> (code % 32) & 1))
			continue;
		fprintf(out, "%s%u", any ? " " : "SuccessExitStatus=", code);
		any = true;
	}
	fputs(any ? "\n" : "", out);
}

static void write_stop(const struct spec *spec, FILE *out)
{
	char signal[UNITS_TEXT_MAX];

	units_print_signal(spec->stop_signal, signal, sizeof signal);
	fprintf(out, "KillSignal=%s%s\nTimeoutStopSec=%.3fs\n", signal[0] >= '0' && signal[0] <= '9' ? "" : "SIG",
		signal, (double)spec->stop_grace_ns / S);
}

static void write_rights(const struct spec *spec, FILE *out)
{
	const char *const texts[][2] = {{"User", spec->user}, {"Group", spec->group}};

	for (size_t i = 0; i < 2; i++) {
		if (!*texts[i][1])
			continue;
		fprintf(out, "%s=", texts[i][0]);
		write_plain(texts[i][1], out);
		fputc('\n', out);
	}
	if (spec->umask >= 0)
		fprintf(out, "UMask=%04o\n", (unsigned)spec->umask);
	if (spec->nice != NICE_INHERIT)
		fprintf(out, "Nice=%d\n", spec->nice);
	if (spec->open_files > 0)
		fprintf(out, "LimitNOFILE=%" PRIu64 "\n", spec->open_files);
	if (spec->memory_limit_bytes > 0)
		fprintf(out, "MemoryMax=%" PRIu64 "\n", spec->memory_limit_bytes);
}

static void write_service(const struct spec *spec, FILE *out)
{
	static const char *const when[] = {"no", "on-failure", "always"};
	bool notifies = spec->ready.kind == PROBE_NOTIFY && spec->ready.target && !*spec->ready.target;

	fprintf(out, "\n[Service]\nType=%s\nWorkingDirectory=", notifies ? "notify" : "exec");
	write_plain(spec->dir, out);
	fputc('\n', out);
	write_environment(spec, out);
	write_exec(spec, out);
	fprintf(out, "Restart=%s\n", when[spec->restart]);
	if (spec->restart != RESTART_NEVER)
		fprintf(out, "RestartSec=%.3fs\n", (double)spec->backoff_first_ns / S);
	write_codes(spec, out);
	write_stop(spec, out);
	write_rights(spec, out);
	fputs("\n[Install]\nWantedBy=" TARGET "\n\n", out);
}

void export_systemd(const struct config *config, FILE *out, struct report *report)
{
	static const struct export_loss losses[] = {
		{"alive", "a service has no such question"}, {"watch", "that is a path unit's"},
		{"schedule", "that is a timer's"},           {"tty", "output goes to the journal"},
		{"essential", "no service ends the others"}, {0}};

	fputs("# " TARGET "\n[Unit]\nDescription=What Brummer runs\n", out);
	for (size_t i = 0; i < config->count; i++) {
		if (!config->specs[i]->autostart)
			continue;
		fputs("Wants=", out);
		write_name(config->specs[i]->name, out);
		fputc('\n', out);
	}
	fputs("\n[Install]\nWantedBy=default.target\n\n", out);
	for (size_t i = 0; i < config->count; i++) {
		const struct spec *spec = config->specs[i];

		if (!spec->autostart)
			continue;
		export_losses(spec, losses, report);
		if (spec->ready.kind != PROBE_NONE && spec->ready.kind != PROBE_NOTIFY)
			report_warning(report, "%s: ready is left out: a service is ready once it runs", spec->name);
		fputs("# ", out);
		write_name(spec->name, out);
		fputc('\n', out);
		write_unit(config, spec, out);
		write_service(spec, out);
	}
}
