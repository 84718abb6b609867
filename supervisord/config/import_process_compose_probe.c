/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "config/import_process_compose.h"
#include "config/units.h"

/* Probes of process-compose.yaml: http_get, exec, and a line of the log. */

#define PROBE(field) offsetof(struct probe, field)
#define S            1000000000ull

/* What http_get says, as a URL. */
struct http_get {
	char *host, *scheme, *path, *port;
};

static int take_part(struct schema_take *take, const struct yaml_node *node, const struct schema_key *key, void *base)
{
	char *text;
	int result = compose_take_name(take, node, key, &text);

	if (result != 0)
		return result;
	free(*(char **)((char *)base + key->offset));
	*(char **)((char *)base + key->offset) = text;
	return 0;
}

static const struct schema_type type_part = {"a text", "", false, take_part, NULL};

#define PART(field) offsetof(struct http_get, field)
static const struct schema_key http_get_keys[] = {
	{"host", &type_part, PART(host), HONOURED, "", NULL, NULL, 0, 0},
	{"scheme", &type_part, PART(scheme), APPROXIMATED, "https is asked as tcp.", NULL, NULL, 0, 0},
	{"path", &type_part, PART(path), HONOURED, "", NULL, NULL, 0, 0},
	{"port", &type_part, PART(port), HONOURED, "", NULL, NULL, 0, 0},
	{"num_port", &type_part, PART(port), HONOURED, "", NULL, NULL, 0, 0},
	{"status_code", &type_passed, 0, HONOURED, "", NULL, NULL, 0, 0},
	{"headers", &type_refused, 0, REFUSED, "questions have no headers of their own.", NULL, NULL, 0, 0},
	{0},
};

/* Where the parts lead: a URL, or HOST:PORT when it is not plain HTTP. */
static int set_http(struct schema_take *take, const struct yaml_node *node, const struct http_get *parts,
		    struct probe *probe)
{
	const char *host = parts->host ? parts->host : "127.0.0.1", *path = parts->path ? parts->path : "/";
	bool secure = parts->scheme && strcmp(parts->scheme, "https") == 0;
	const char *port = parts->port ? parts->port : secure ? "443" : "80";
	uint64_t number;
	char *target;
	int n;

	if (units_count(port, 1, 65535, &number) != 0 || strpbrk(host, " /\t\r\n") || strpbrk(path, " \t\r\n")) {
		yaml_error(take->report, node, "http_get leads nowhere, expected host, path and a port of 1 to 65535");
		return -EINVAL;
	}
	if (secure)
		yaml_warning(take->report, node, "http_get with https is taken as a question for an open port");
	if (secure)
		n = asprintf(&target, "%s:%s", host, port);
	else
		n = asprintf(&target, "http://%s:%s%s%s", host, port, *path == '/' ? "" : "/", path);
	if (n < 0)
		return -ENOMEM;
	free(probe->target);
	probe->target = target;
	probe->kind = secure ? PROBE_TCP : PROBE_HTTP;
	return 0;
}

static int take_http_get(struct schema_take *take, const struct yaml_node *node, const struct schema_key *key,
			 void *base)
{
	static const struct schema_key status = {.name = "status_code", .type = &type_count, .min = 100, .max = 599};
	const struct yaml_node *code = yaml_get(node, "status_code");
	struct http_get parts = {0};
	uint32_t expected = 0;
	int result;

	if (node->kind != YAML_MAP)
		return schema_wrong(take, node, key);
	result = schema_take_map(take, node, key->inner, &parts);
	if (result == 0 && code && !yaml_is_null(code))
		result = type_count.take(take, code, &status, &expected);
	if (result == 0)
		result = set_http(take, node, &parts, base);
	if (result == 0)
		((struct probe *)base)->http_status = (int)expected;
	free(parts.host);
	free(parts.scheme);
	free(parts.path);
	free(parts.port);
	return result;
}

static const struct schema_type type_http_get = {"a mapping", "", false, take_http_get, NULL};

static const struct schema_key exec_keys[] = {
	{"command", &type_passed, 0, HONOURED, "", NULL, NULL, 0, 0},
	{"working_dir", &type_refused, 0, REFUSED, "it is asked in the folder of the process.", NULL, NULL, 0, 0},
	{0},
};

static int take_exec(struct schema_take *take, const struct yaml_node *node, const struct schema_key *key, void *base)
{
	const struct yaml_node *command = yaml_get(node, "command");
	struct probe *probe = base;
	char *text;
	int result;

	if (node->kind != YAML_MAP || !command)
		return schema_wrong(take, node, key);
	result = schema_take_map(take, node, key->inner, base);
	if (result == 0)
		result = compose_take_name(take, command, key, &text);
	if (result != 0)
		return result;
	free(probe->target);
	probe->target = text;
	probe->kind = PROBE_EXEC;
	return 0;
}

static const struct schema_type type_pc_exec = {"a mapping with a command", "", false, take_exec, NULL};

const struct schema_key compose_probe[] = {
	{"exec", &type_pc_exec, 0, HONOURED, "", exec_keys, NULL, 0, 0},
	{"http_get", &type_http_get, 0, HONOURED, "", http_get_keys, NULL, 0, 0},
	{"initial_delay_seconds", &type_seconds, PROBE(delay_ns), HONOURED, "", NULL, NULL, 0, 0},
	{"period_seconds", &type_seconds, PROBE(interval_ns), APPROXIMATED,
	 "the time between the end of a question and the next one.", NULL, NULL, 1, 0},
	{"timeout_seconds", &type_seconds, PROBE(attempt_ns), HONOURED, "", NULL, NULL, 1, 0},
	{"success_threshold", &type_count, PROBE(successes), HONOURED, "", NULL, NULL, 1, 1000},
	{"failure_threshold", &type_count, PROBE(failures), HONOURED, "", NULL, NULL, 1, 1000},
	{0},
};

static int take_probe(struct schema_take *take, const struct yaml_node *node, const struct schema_key *key, void *base)
{
	struct probe *probe = (struct probe *)((char *)base + key->offset);

	if (node->kind != YAML_MAP)
		return schema_wrong(take, node, key);
	if (probe->kind == PROBE_NONE) {
		probe->interval_ns = 10 * S;
		probe->attempt_ns = S;
	}
	return schema_take_map(take, node, key->inner, probe);
}

const struct schema_type type_pc_probe = {"a mapping", "", false, take_probe, NULL};

static int take_ready_line(struct schema_take *take, const struct yaml_node *node, const struct schema_key *key,
			   void *base)
{
	struct probe *probe = &take->draft->spec.ready;
	char *text;
	int result = compose_take_name(take, node, key, &text);

	(void)base;
	if (result != 0)
		return result;
	if (probe->kind != PROBE_NONE)
		yaml_warning(take->report, node, "ready_log_line is taken in place of readiness_probe");
	free(probe->target);
	probe->target = text;
	probe->kind = PROBE_LOG;
	return 0;
}

const struct schema_type type_ready_line = {"a pattern", "", false, take_ready_line, NULL};
