/* SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <string.h>

#include "config/export_formats.h"
#include "config/units.h"
#include "config/write_yaml.h"

/* What containers are made of is not known here: it is asked for. */
#define IMAGE "\"${IMAGE:?name the image to run these processes in}\""

static void write_words(char *const *words, FILE *out)
{
	fputc('[', out);
	for (size_t i = 0; words[i]; i++) {
		fputs(i > 0 ? ", " : "", out);
		write_quoted(out, words[i], false);
	}
	fputs("]\n", out);
}

static void write_command(const struct spec *spec, FILE *out)
{
	if (!spec->command) {
		fputs("    command: ", out);
		write_words(spec->argv, out);
		return;
	}
	fputs("    command: [\"/bin/sh\", \"-c\", ", out);
	write_quoted(out, spec->command, false);
	fputs("]\n", out);
}

static void write_environment(const struct spec *spec, FILE *out)
{
	bool any = false;

	for (size_t i = 0; spec->env[i]; i++) {
		if (!strchr(spec->env[i], '='))
			continue; /* nothing of this machine's gets in */
		fputs(any ? "      - " : "    environment:\n      - ", out);
		write_quoted(out, spec->env[i], false);
		fputc('\n', out);
		any = true;
	}
}

/* A name as compose allows it. */
static void write_name(const char *name, FILE *out)
{
	static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.-";

	fputc('"', out);
	for (; *name; name++)
		fputc(strchr(plain, *name) ? *name : '_', out);
	fputc('"', out);
}

static bool has_check(const struct spec *spec)
{
	return spec->ready.kind != PROBE_NONE && spec->ready.kind <= PROBE_EXEC;
}

static const char *condition_of(const struct dependency *on, const struct spec *other)
{
	if (on->condition == CONDITION_SUCCESS || on->condition == CONDITION_EXIT)
		return "service_completed_successfully";
	return on->condition == CONDITION_READY && has_check(other) ? "service_healthy" : "service_started";
}

/* A process, or each replica of a family. */
static void write_depends(const struct config *config, const struct spec *spec, FILE *out)
{
	bool any = false;

	for (size_t i = 0; i < spec->depends_count; i++) {
		const struct dependency *on = &spec->depends_on[i];

		for (size_t j = 0; j < config->count; j++) {
			const struct spec *other = config->specs[j];

			if (!other->autostart ||
			    (strcmp(other->name, on->name) != 0 && strcmp(other->family, on->name) != 0))
				continue;
			fputs(any ? "      " : "    depends_on:\n      ", out);
			write_name(other->name, out);
			fprintf(out, ": {condition: %s}\n", condition_of(on, other));
			any = true;
		}
	}
}

static void write_check(const struct spec *spec, FILE *out)
{
	const struct probe *probe = &spec->ready;
	char text[UNITS_TEXT_MAX], *const http[] = {(char *)"CMD", (char *)"curl", (char *)"-fsS", probe->target, NULL};

	if (!has_check(spec))
		return;
	fputs("    healthcheck:\n      test: ", out);
	if (probe->kind == PROBE_HTTP) {
		write_words(http, out);
	} else if (probe->kind == PROBE_TCP) {
		const char *colon = strrchr(probe->target, ':');

		fprintf(out, "[\"CMD\", \"nc\", \"-z\", \"%.*s\", \"%s\"]\n", (int)(colon - probe->target),
			probe->target, colon + 1);
	} else {
		fputs(probe->target ? "[\"CMD-SHELL\"" : "[\"CMD\"", out);
		for (size_t i = 0; !probe->target && probe->argv[i]; i++) {
			fputs(", ", out);
			write_quoted(out, probe->argv[i], false);
		}
		if (probe->target) {
			fputs(", ", out);
			write_quoted(out, probe->target, false);
		}
		fputs("]\n", out);
	}
	fprintf(out, "      interval: %s\n", units_print_duration(probe->interval_ns, text, sizeof text));
}

static void write_rest(const struct spec *spec, FILE *out)
{
	static const char *const when[] = {"no", "on-failure", "unless-stopped"};
	char text[UNITS_TEXT_MAX];

	fprintf(out, "    restart: \"%s\"\n", when[spec->restart]);
	units_print_signal(spec->stop_signal, text, sizeof text);
	fprintf(out, "    stop_signal: \"%s%s\"\n", *text >= '0' && *text <= '9' ? "" : "SIG", text);
	fprintf(out, "    stop_grace_period: %s\n", units_print_duration(spec->stop_grace_ns, text, sizeof text));
	if (spec->tty)
		fputs("    tty: true\n", out);
	if (spec->memory_limit_bytes > 0)
		fprintf(out, "    mem_limit: %" PRIu64 "\n", spec->memory_limit_bytes);
	if (spec->open_files > 0)
		fprintf(out, "    ulimits: {nofile: %" PRIu64 "}\n", spec->open_files);
	if (*spec->user) {
		fputs("    user: ", out);
		write_quoted(out, spec->user, false);
		fputc('\n', out);
	}
}

static void write_service(const struct config *config, const struct spec *spec, FILE *out)
{
	fputs("  ", out);
	write_name(spec->name, out);
	fputs(":\n    image: " IMAGE "\n", out);
	write_command(spec, out);
	fputs("    working_dir: ", out);
	write_quoted(out, spec->dir, false);
	fputs("\n    volumes:\n      - {type: bind, source: ", out);
	write_quoted(out, spec->dir, false);
	fputs(", target: ", out);
	write_quoted(out, spec->dir, false);
	fputs("}\n", out);
	write_environment(spec, out);
	write_depends(config, spec, out);
	write_check(spec, out);
	write_rest(spec, out);
}

void export_compose(const struct config *config, FILE *out, struct report *report)
{
	static const struct export_loss losses[] = {
		{"alive", "compose restarts no container that is unhealthy"},
		{"watch", "that is `docker compose watch`, of images"},
		{"schedule", "compose starts nothing at a time"},
		{"essential", "say `docker compose up --abort-on-container-failure`"},
		{"umask", "a container has its image's"},
		{"nice", "a container has none"},
		{0}};

	fputs("services:\n", out);
	for (size_t i = 0; i < config->count; i++) {
		const struct spec *spec = config->specs[i];

		if (!spec->autostart)
			continue;
		export_losses(spec, losses, report);
		if (spec->ready.kind > PROBE_EXEC)
			report_warning(report, "%s: ready is left out: compose asks by a command alone", spec->name);
		write_service(config, spec, out);
	}
}
