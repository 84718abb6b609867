/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "config/schema.h"
#include "config/units.h"

#define PORT_MAX 65535

/* Ask something else: `target` becomes the probe's (NULL: argv is set by the caller). */
static void set_target(struct probe *probe, enum probe_kind kind, char *target)
{
	free(probe->target);
	probe->target = target;
	probe->kind = kind;
}

static int take_target(struct schema_take *take, const struct yaml_node *node, const struct schema_key *key,
		       struct probe *probe, enum probe_kind kind, bool (*is_good)(const char *))
{
	char *text;
	int result = schema_text(take, node, key, &text);

	if (result != 0)
		return result;
	if (!*text || (is_good && !is_good(text))) {
		free(text);
		return schema_wrong(take, node, key);
	}
	set_target(probe, kind, text);
	return 0;
}

static void print_target(FILE *out, const void *base, enum probe_kind kind)
{
	const struct probe *probe = base;

	if (probe->kind == kind && probe->target)
		fputs(probe->target, out);
}

static bool is_url(const char *text)
{
	return strncmp(text, "http://", 7) == 0 && text[7] && text[7] != '/' && !strpbrk(text, " \t\r\n");
}

static int take_http(struct schema_take *take, const struct yaml_node *node, const struct schema_key *key, void *base)
{
	return take_target(take, node, key, base, PROBE_HTTP, is_url);
}

static void print_http(FILE *out, const struct schema_key *key, const void *base)
{
	(void)key;
	print_target(out, base, PROBE_HTTP);
}

const struct schema_type type_http = {"a URL such as http://127.0.0.1:3000/health",
				      "{\"type\":\"string\",\"pattern\":\"^http://[^/ \\t\\r\\n][^ "
				      "\\t\\r\\n]*$\"}",
				      false, take_http, print_http};

/* A port of this machine, or HOST:PORT with [] around an IPv6 address. */
static int take_tcp(struct schema_take *take, const struct yaml_node *node, const struct schema_key *key, void *base)
{
	char *text, *target = NULL;
	const char *port;
	uint64_t number;
	int result = schema_text(take, node, key, &text);

	if (result != 0)
		return result;
	port = strrchr(text, ':');
	if (port == text || units_count(port ? port + 1 : text, 1, PORT_MAX, &number) != 0 || strpbrk(text, " /\t")) {
		free(text);
		return schema_wrong(take, node, key);
	}
	if (asprintf(&target, "%s%s", port ? "" : "127.0.0.1:", text) < 0)
		target = NULL;
	free(text);
	if (!target)
		return -ENOMEM;
	set_target(base, PROBE_TCP, target);
	return 0;
}

static void print_tcp(FILE *out, const struct schema_key *key, const void *base)
{
	(void)key;
	print_target(out, base, PROBE_TCP);
}

const struct schema_type type_tcp = {"a port or HOST:PORT",
				     "{\"anyOf\":[{\"type\":\"integer\",\"minimum\":1,\"maximum\":65535},"
				     "{\"type\":\"string\",\"pattern\":\"^([^ /\\t]+:)?[0-9]+$\"}]}",
				     false, take_tcp, print_tcp};

static int take_exec(struct schema_take *take, const struct yaml_node *node, const struct schema_key *key, void *base)
{
	struct probe *probe = base;
	char **argv = NULL;
	char *text = NULL;
	int result;

	if (node->kind == YAML_MAP || (node->kind == YAML_SCALAR && !*node->text))
		return schema_wrong(take, node, key);
	if (node->kind == YAML_SCALAR) {
		argv = list_copy(NULL);
		text = strdup(node->text); /* the shell's: nothing in it is replaced */
		result = argv && text ? 0 : -ENOMEM;
	} else {
		result = schema_list(take, node, key, &argv);
		if (result == 0 && (!argv[0] || !*argv[0]))
			result = schema_wrong(take, node, key);
	}
	if (result != 0) {
		list_free(argv);
		free(text);
		return result;
	}
	list_free(probe->argv);
	probe->argv = argv;
	set_target(probe, PROBE_EXEC, text);
	return 0;
}

static void print_exec(FILE *out, const struct schema_key *key, const void *base)
{
	const struct probe *probe = base;

	(void)key;
	print_target(out, base, PROBE_EXEC);
	for (size_t i = 0; probe->kind == PROBE_EXEC && probe->argv[i]; i++)
		fprintf(out, "%s%s", i > 0 ? " " : "", probe->argv[i]);
}

const struct schema_type type_exec = {"a command, or a list of a program and its arguments",
				      "{\"anyOf\":[{\"type\":[\"string\",\"number\",\"boolean\"],\"minLength\":1},"
				      "{\"$ref\":\"#/$defs/argv\"}]}",
				      false, take_exec, print_exec};

static int take_line(struct schema_take *take, const struct yaml_node *node, const struct schema_key *key, void *base)
{
	return take_target(take, node, key, base, PROBE_LOG, NULL);
}

static void print_line(FILE *out, const struct schema_key *key, const void *base)
{
	(void)key;
	print_target(out, base, PROBE_LOG);
}

const struct schema_type type_line = {"a pattern", "{\"type\":[\"string\",\"number\",\"boolean\"],\"minLength\":1}",
				      true, take_line, print_line};

#define DESCRIPTOR_MAX 1023

static int take_notify(struct schema_take *take, const struct yaml_node *node, const struct schema_key *key, void *base)
{
	uint64_t descriptor;
	char *text;
	int result = schema_text(take, node, key, &text);
	bool yes;

	if (result != 0)
		return result;
	if ((yaml_is_bool(node, &yes) && yes) || strcmp(text, "true") == 0)
		*text = '\0';
	else if (units_count(text, 3, DESCRIPTOR_MAX, &descriptor) != 0)
		result = schema_wrong(take, node, key);
	if (result == 0)
		set_target(base, PROBE_NOTIFY, text);
	else
		free(text);
	return result;
}

static void print_notify(FILE *out, const struct schema_key *key, const void *base)
{
	const struct probe *probe = base;

	(void)key;
	if (probe->kind == PROBE_NOTIFY)
		fputs(probe->target && *probe->target ? probe->target : "true", out);
}

const struct schema_type type_notify = {"true, or a descriptor of 3 or more",
					"{\"anyOf\":[{\"enum\":[true,\"true\"]},{\"type\":\"integer\",\"minimum\":3,"
					"\"maximum\":1023},{\"type\":\"string\",\"pattern\":\"^[0-9]+$\"}]}",
					false, take_notify, print_notify};

/* An inner mapping, or a plain value for its one key. */
static int take_group(struct schema_take *take, const struct yaml_node *node, const struct schema_key *key, void *base)
{
	const struct schema_key *outer = take->outer;
	const struct schema_key *brief = key->brief ? schema_find(key->inner, key->brief) : NULL;
	void *inner = (char *)base + key->offset;
	int result;

	if (node->kind != YAML_MAP && !brief)
		return schema_wrong(take, node, key);
	take->outer = key;
	if (node->kind == YAML_MAP)
		result = schema_take_map(take, node, key->inner, inner);
	else
		result = schema_take_row(take, node, brief, inner);
	take->outer = outer;
	return result;
}

const struct schema_type type_group = {"a mapping", "", false, take_group, NULL};

const char *const probe_kinds[] = {"http", "tcp", "exec", "log", "notify", NULL};

/* A mapping that asks one thing. */
static int take_probe(struct schema_take *take, const struct yaml_node *node, const struct schema_key *key, void *base)
{
	const struct probe *probe = (struct probe *)((char *)base + key->offset);
	unsigned asked = 0;
	int result = take_group(take, node, key, base);

	for (const char *const *kind = probe_kinds; *kind; kind++) {
		const struct yaml_node *value = yaml_get(node, *kind);

		asked += value && !yaml_is_null(value) && schema_find(key->inner, *kind);
	}
	if (result != 0 || (asked <= 1 && probe->kind != PROBE_NONE))
		return result;
	yaml_error(take->report, node, "%s asks %s, expected one of http, tcp, exec%s", key->name,
		   asked > 1 ? "several things" : "nothing", schema_find(key->inner, "log") ? ", log or notify" : "");
	return -EINVAL;
}

const struct schema_type type_probe = {"a mapping", "", false, take_probe, NULL};
