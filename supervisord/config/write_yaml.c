/* SPDX-License-Identifier: MIT */
#include "config/write_yaml.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "config/text.h"
#include "config/units.h"

/* A spec beside what it would be without any key. */
struct writing {
	FILE *out;
	const struct config *config;
	const struct spec *spec;
	const struct spec *initial;
	const struct write_notes *notes;
};

/* Is the character of these bytes one that YAML takes for the end of a line, or does not take at all? */
static unsigned special(const unsigned char *p)
{
	unsigned code = (p[0] & 0xf0) == 0xe0 ? (p[0] & 0xfu) << 12 | (p[1] & 0x3fu) << 6 | (p[2] & 0x3fu) : 0;

	return code == 0x2028 || code == 0x2029 || code == 0xfeff || code >= 0xfffe ? code : 0;
}

/* One character, whose length is returned. */
static size_t write_character(FILE *out, const char *text, bool literal)
{
	const unsigned char *p = (const unsigned char *)text;

	if (*p == '\n' || *p == '\t') {
		fputs(*p == '\n' ? "\\n" : "\\t", out);
	} else if (*p < 0x20 || *p == 0x7f) {
		fprintf(out, "\\x%02x", *p);
	} else if (*p == 0xc2 && p[1] < 0xa0) {
		fprintf(out, "\\x%02x", p[1]);
		return 2;
	} else if (special(p)) {
		fprintf(out, "\\u%04x", special(p));
		return 3;
	} else if (*p == '"' || *p == '\\') {
		fprintf(out, "\\%c", *p);
	} else {
		fputs(*p == '$' && !literal ? "$$" : (const char[]){text[0], '\0'}, out);
	}
	return 1;
}

void write_quoted(FILE *out, const char *text, bool literal)
{
	fputc('"', out);
	while (*text)
		text += write_character(out, text, literal);
	fputc('"', out);
}

static void write_list(FILE *out, const char *key, char *const *list, bool literal)
{
	if (!list[0])
		return;
	fprintf(out, "    %s: [", key);
	for (size_t i = 0; list[i]; i++) {
		fputs(i > 0 ? ", " : "", out);
		write_quoted(out, list[i], literal);
	}
	fputs("]\n", out);
}

static void write_text(const struct writing *w, const char *key, const char *text, const char *initial, bool literal)
{
	if (strcmp(text, initial) == 0)
		return;
	fprintf(w->out, "    %s: ", key);
	write_quoted(w->out, text, literal);
	fputc('\n', w->out);
}

static bool same_list(char *const *a, char *const *b)
{
	while (*a && *b && strcmp(*a, *b) == 0)
		a++, b++;
	return !*a && !*b;
}

/* A shell of its own: not the one that such a command gets anyhow. */
static void write_shell(const struct writing *w)
{
	struct spec *plain = spec_new(w->spec->name);

	if (plain && w->spec->command && spec_set_command(plain, w->spec->command) == 0 &&
	    !same_list(plain->shell, w->spec->shell))
		write_list(w->out, "shell", w->spec->shell, false);
	spec_free(plain);
}

static void write_command(const struct writing *w)
{
	if (w->spec->command)
		write_text(w, "command", w->spec->command, "", true);
	else
		write_list(w->out, "command", w->spec->argv, false);
	write_shell(w);
}

/* Relative to the file, where it is below it. */
static void write_dir(const struct writing *w)
{
	size_t length = strlen(w->notes->dir);
	const char *dir = w->spec->dir;

	if (strcmp(dir, w->notes->dir) == 0)
		return;
	if (strncmp(dir, w->notes->dir, length) == 0 && dir[length] == '/')
		dir += length + 1;
	write_text(w, "dir", dir, "", false);
}

static bool is_in_file(const struct writing *w, const char *entry)
{
	for (size_t i = 0; w->notes->file_env && w->notes->file_env[i]; i++)
		if (strcmp(w->notes->file_env[i], entry) == 0)
			return true;
	return false;
}

/* "NAME=value", or "NAME" alone, which unsets. */
static void write_variable(const struct writing *w, const char *entry)
{
	size_t length = strcspn(entry, "=");
	char name[BRM_NAME_MAX * 4];

	if (length >= sizeof name)
		return;
	memcpy(name, entry, length);
	name[length] = '\0';
	fputs("      ", w->out);
	write_quoted(w->out, name, true);
	fputs(entry[length] ? ": " : ": null", w->out);
	if (entry[length])
		write_quoted(w->out, entry + length + 1, false);
	fputc('\n', w->out);
}

static void write_env(const struct writing *w)
{
	bool any = false;

	if (*w->notes->env_file && w->notes->file_env)
		write_text(w, "env_file", w->notes->env_file, "", false);
	for (size_t i = 0; w->spec->env[i]; i++) {
		if (is_in_file(w, w->spec->env[i]))
			continue;
		if (!any)
			fputs("    env:\n", w->out);
		any = true;
		write_variable(w, w->spec->env[i]);
	}
}

static void write_dependency(FILE *out, const char *name, const struct dependency *on)
{
	static const char *const words[] = {"started", "ready", "success", "exit"};

	fputs("      ", out);
	write_quoted(out, name, true);
	fprintf(out, on->follow ? ": {condition: %s, follow: true}\n" : ": %s\n", words[on->condition]);
}

/* A family becomes all its replicas: each is a process of its own in what is written. */
static void write_depends(const struct writing *w)
{
	if (w->spec->depends_count > 0)
		fputs("    depends_on:\n", w->out);
	for (size_t i = 0; i < w->spec->depends_count; i++) {
		const struct dependency *on = &w->spec->depends_on[i];

		if (config_find(w->config, on->name))
			write_dependency(w->out, on->name, on);
		for (size_t j = 0; j < w->config->count && !config_find(w->config, on->name); j++)
			if (strcmp(w->config->specs[j]->family, on->name) == 0)
				write_dependency(w->out, w->config->specs[j]->name, on);
	}
}

static void write_duration(FILE *out, const char *key, uint64_t ns, uint64_t initial_ns)
{
	char text[UNITS_TEXT_MAX];

	if (ns != initial_ns)
		fprintf(out, "      %s: %s\n", key, units_print_duration(ns, text, sizeof text));
}

static void write_count(FILE *out, const char *key, uint64_t count, uint64_t initial)
{
	if (count != initial)
		fprintf(out, "      %s: %" PRIu64 "\n", key, count);
}

static void write_question(FILE *out, const struct probe *probe)
{
	static const char *const kinds[] = {"", "http", "tcp", "exec", "log", "notify"};
	bool literal = probe->kind == PROBE_EXEC || probe->kind == PROBE_LOG;

	fprintf(out, "      %s: ", kinds[probe->kind]);
	if (probe->kind == PROBE_NOTIFY && !*probe->target)
		fputs("true", out);
	else if (probe->target)
		write_quoted(out, probe->target, literal);
	for (size_t i = 0; !probe->target && probe->argv[i]; i++) {
		fputs(i == 0 ? "[" : ", ", out);
		write_quoted(out, probe->argv[i], false);
	}
	fputs(probe->target ? "\n" : "]\n", out);
}

static void write_probe(const struct writing *w, const char *key, const struct probe *probe,
			const struct probe *initial)
{
	if (probe->kind == PROBE_NONE)
		return;
	fprintf(w->out, "    %s:\n", key);
	write_question(w->out, probe);
	write_count(w->out, "status", (uint64_t)probe->http_status, (uint64_t)initial->http_status);
	write_duration(w->out, "delay", probe->delay_ns, initial->delay_ns);
	write_duration(w->out, "interval", probe->interval_ns, initial->interval_ns);
	write_duration(w->out, "attempt", probe->attempt_ns, initial->attempt_ns);
	write_duration(w->out, "timeout", probe->timeout_ns, initial->timeout_ns);
	write_count(w->out, "successes", probe->successes, initial->successes);
	write_count(w->out, "failures", probe->failures, initial->failures);
}

static void write_restart(const struct writing *w)
{
	static const char *const words[] = {"never", "on-failure", "always"};
	const struct spec *spec = w->spec, *initial = w->initial;
	char first[UNITS_TEXT_MAX], last[UNITS_TEXT_MAX];

	if (spec->restart == initial->restart && spec->backoff_first_ns == initial->backoff_first_ns &&
	    spec->backoff_last_ns == initial->backoff_last_ns && spec->restart_limit == initial->restart_limit)
		return;
	fprintf(w->out, "    restart:\n      when: %s\n", words[spec->restart]);
	if (spec->backoff_first_ns != initial->backoff_first_ns || spec->backoff_last_ns != initial->backoff_last_ns)
		fprintf(w->out, "      backoff: %s..%s\n",
			units_print_duration(spec->backoff_first_ns, first, sizeof first),
			units_print_duration(spec->backoff_last_ns, last, sizeof last));
	if (spec->restart_limit > 0)
		fprintf(w->out, "      limit: %" PRIu32 " in %s\n", spec->restart_limit,
			units_print_duration(spec->restart_window_ns, first, sizeof first));
}

static void write_stop(const struct writing *w)
{
	const struct spec *spec = w->spec, *initial = w->initial;
	bool has_command = *spec->stop_command != '\0';
	char signal[UNITS_TEXT_MAX];

	if (spec->stop_signal == initial->stop_signal && spec->stop_grace_ns == initial->stop_grace_ns && !has_command)
		return;
	fputs("    stop:\n", w->out);
	if (spec->stop_signal != initial->stop_signal)
		fprintf(w->out, "      signal: %s\n", units_print_signal(spec->stop_signal, signal, sizeof signal));
	write_duration(w->out, "grace", spec->stop_grace_ns, initial->stop_grace_ns);
	if (has_command) {
		fputs("      command: ", w->out);
		write_quoted(w->out, spec->stop_command, true);
		fputc('\n', w->out);
	}
}

/* A path relative to the process's folder, where it is below it. */
static const char *relative(const struct spec *spec, const char *path)
{
	size_t length = strlen(spec->dir);

	if (strcmp(path, spec->dir) == 0)
		return ".";
	return strncmp(path, spec->dir, length) == 0 && path[length] == '/' ? path + length + 1 : path;
}

static void write_watch(const struct writing *w)
{
	if (!w->spec->watch_paths[0])
		return;
	fputs("    watch:\n      paths: [", w->out);
	for (size_t i = 0; w->spec->watch_paths[i]; i++) {
		fputs(i > 0 ? ", " : "", w->out);
		write_quoted(w->out, relative(w->spec, w->spec->watch_paths[i]), false);
	}
	fputs("]\n", w->out);
	if (w->spec->watch_ignore[0])
		fputs("  ", w->out);
	write_list(w->out, "ignore", w->spec->watch_ignore, false);
	write_duration(w->out, "debounce", w->spec->watch_debounce_ns, w->initial->watch_debounce_ns);
}

static void write_codes(const struct writing *w)
{
	const char *before = "    success_codes: [";
	bool any = false;

	for (unsigned code = 1; code < 256; code++) {
		if (!(w->spec->success_codes[code / 32] >> (code % 32) & 1))
			continue;
		fprintf(w->out, "%s%u", any ? ", " : before, code);
		any = true;
	}
	fputs(any ? "]\n" : "", w->out);
}

static void write_labels(const struct writing *w)
{
	if (w->spec->labels[0])
		fputs("    labels:\n", w->out);
	for (size_t i = 0; w->spec->labels[i]; i++)
		write_variable(w, w->spec->labels[i]);
}

static void write_limits(const struct writing *w)
{
	const struct spec *spec = w->spec;
	char size[UNITS_TEXT_MAX];

	if (spec->memory_limit_bytes > 0 || spec->open_files > 0)
		fputs("    limits:\n", w->out);
	if (spec->memory_limit_bytes > 0)
		fprintf(w->out, "      memory: %s\n", units_print_size(spec->memory_limit_bytes, size, sizeof size));
	write_count(w->out, "open_files", spec->open_files, 0);
	if (spec->log_segment_bytes > 0 || spec->log_keep > 0)
		fputs("    log:\n", w->out);
	if (spec->log_segment_bytes > 0)
		fprintf(w->out, "      max_size: %s\n", units_print_size(spec->log_segment_bytes, size, sizeof size));
	write_count(w->out, "keep", spec->log_keep, 0);
}

static void write_rest(const struct writing *w)
{
	const struct spec *spec = w->spec;

	if (spec->stdin_kind == BRM_STDIN_PIPE)
		fputs("    stdin: pipe\n", w->out);
	if (spec->tty)
		fputs("    tty: true\n", w->out);
	if (spec->essential)
		fputs("    essential: true\n", w->out);
	if (!spec->autostart)
		fputs("    autostart: false\n", w->out);
	write_text(w, "schedule", spec->schedule, "", false);
	write_text(w, "user", spec->user, "", false);
	write_text(w, "group", spec->group, "", false);
	if (spec->umask >= 0)
		fprintf(w->out, "    umask: \"%03o\"\n", (unsigned)spec->umask);
	if (spec->nice != NICE_INHERIT)
		fprintf(w->out, "    nice: %d\n", spec->nice);
}

static void write_process(const struct writing *w)
{
	fputs("  ", w->out);
	write_quoted(w->out, w->spec->name, true);
	fputs(":\n", w->out);
	write_command(w);
	write_dir(w);
	write_env(w);
	write_depends(w);
	write_probe(w, "ready", &w->spec->ready, &w->initial->ready);
	write_probe(w, "alive", &w->spec->alive, &w->initial->alive);
	write_restart(w);
	write_stop(w);
	write_codes(w);
	write_watch(w);
	write_limits(w);
	write_labels(w);
	write_rest(w);
}

int write_yaml(FILE *out, const struct config *config, const struct write_notes *notes)
{
	struct spec *initial = spec_new("initial");
	struct writing writing = {.out = out, .config = config, .initial = initial, .notes = notes};

	if (!initial)
		return -ENOMEM;
	fputs(config->count > 0 ? "processes:\n" : "processes: {}\n", out);
	for (size_t i = 0; i < config->count; i++) {
		writing.spec = config->specs[i];
		write_process(&writing);
	}
	spec_free(initial);
	return 0;
}
