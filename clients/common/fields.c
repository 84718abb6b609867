/* SPDX-License-Identifier: MIT */
#include "clients/common/fields.h"

#include <string.h>
#include <strings.h>

#include "clients/common/when.h"

static const struct value absent;

static struct value number(int64_t n)
{
	return (struct value){.present = true, .number = n};
}

static struct value when(bool present, uint64_t n)
{
	return present ? number((int64_t)n) : absent;
}

static struct value text(const char *s)
{
	return s && *s ? (struct value){.present = true, .text = s} : absent;
}

static struct value list(const struct brm_strings *strings)
{
	return (struct value){.present = true, .list = *strings};
}

static struct value ints(const uint16_t *first, uint32_t count)
{
	return (struct value){.present = true, .ints = first, .count = count};
}

/* A getter: p is the process, s the snapshot, scratch the caller's. */
#define GETTER(name, expression)                                                                                       \
	static struct value get_##name(const struct process *p, const struct snapshot *s, char scratch[FIELD_SCRATCH]) \
	{                                                                                                              \
		(void)p, (void)s, (void)scratch;                                                                       \
		return expression;                                                                                     \
	}

GETTER(id, text(brm_state_id(&p->state, p->identity.name, scratch)))
GETTER(name, text(p->identity.name))
GETTER(script, text(p->identity.script))
GETTER(status, text(brm_status_word(brm_state_status(&p->state))))
GETTER(pid, when(p->state.pid > 0, (uint64_t)p->state.pid))
GETTER(start_time, when(p->state.start_ns != 0, p->state.start_ns))
GETTER(end_time, when(p->state.end_ns != 0, p->state.end_ns))
GETTER(duration, when(p->state.start_ns != 0, brm_state_duration_ns(&p->state, s->now.boot_ns)))
GETTER(exit_code, (p->state.flags & BRM_FLAG_EXITED) ? number(p->state.exit_code) : absent)
GETTER(signal, (p->state.flags & BRM_FLAG_SIGNALED) ? text(signal_word(p->state.signal)) : absent)
GETTER(run, when(p->state.run > 0, p->state.run))
GETTER(restarts, number(p->state.restarts))
GETTER(ready, number(process_is_ready(p)))
GETTER(revision, number((int64_t)brm_head_version(p->state.head)))
GETTER(stop_requested, number(brm_state_stop_requested(&p->state)))
GETTER(command, text(p->identity.command))
GETTER(args, list(&p->identity.args))
GETTER(env, list(&p->identity.env))
GETTER(dir, text(p->identity.dir))
GETTER(cpu, when(p->has_metrics, p->metrics.cpu_permille))
GETTER(memory, when(p->has_metrics, p->metrics.memory_bytes))
GETTER(urls, list(&p->urls))
GETTER(ports, ints(p->ports, p->port_count))
GETTER(log_lines, when(p->has_log, p->log.lines))
GETTER(log_bytes, when(p->has_log, p->log.bytes[0] + p->log.bytes[1]))
GETTER(log_lost, when(p->has_log && p->log.lost_bytes > 0, p->log.lost_bytes))
GETTER(last_error, text(p->state.last_error))
GETTER(reason, text(p->state.reason))
GETTER(labels, list(&p->identity.labels))

const struct field fields[] = {
	{"id", NULL, FIELD_STRING, 0, "The run: NAME#RUN, or NAME before the first one.", get_id},
	{"name", "NAME", FIELD_STRING, 8, "The name commands take.", get_name},
	{"script", NULL, FIELD_STRING, 0, "The key in the manifest it comes from.", get_script},
	{"status", "STATUS", FIELD_STRING, 8,
	 "pending, starting, running, stopping, backoff, stopped, failed or success.", get_status},
	{"pid", "PID", FIELD_INT, 5, "The process id while it is alive.", get_pid},
	{"startTime", NULL, FIELD_TIME, 0, "When this run was started.", get_start_time},
	{"endTime", NULL, FIELD_TIME, 0, "When this run ended.", get_end_time},
	{"duration", "UPTIME", FIELD_SECONDS, 6, "How long this run has lasted, to its end or to now.", get_duration},
	{"exitCode", NULL, FIELD_INT, 0, "What it exited with.", get_exit_code},
	{"signal", NULL, FIELD_STRING, 0, "The signal that ended it.", get_signal},
	{"run", NULL, FIELD_INT, 0, "Counts the runs of this name.", get_run},
	{"restarts", "RESTARTS", FIELD_INT, 8, "Automatic restarts so far.", get_restarts},
	{"ready", NULL, FIELD_BOOL, 0, "It runs, and its readiness check, if it has one, has succeeded.", get_ready},
	{"revision", NULL, FIELD_INT, 0, "The version of this state; it grows with each change.", get_revision},
	{"stopRequested", NULL, FIELD_BOOL, 0, "Somebody asked this run to stop.", get_stop_requested},
	{"command", NULL, FIELD_STRING, 0, "What the shell was given, or the program.", get_command},
	{"args", NULL, FIELD_STRINGS, 0, "The program's arguments.", get_args},
	{"env", NULL, FIELD_STRINGS, 0, "Names of the environment variables set for it.", get_env},
	{"dir", NULL, FIELD_STRING, 0, "Its working directory.", get_dir},
	{"cpuPercent", "CPU", FIELD_PERCENT, 5, "Processor time of its process tree; 100 is one core.", get_cpu},
	{"memoryBytes", "MEM", FIELD_BYTES, 5, "Resident memory of its process tree.", get_memory},
	{"urls", "URL", FIELD_STRINGS, 3, "URLs its output announced.", get_urls},
	{"ports", NULL, FIELD_INTS, 0, "TCP ports its processes listen on.", get_ports},
	{"logLines", NULL, FIELD_INT, 0, "Lines it has written.", get_log_lines},
	{"logBytes", NULL, FIELD_BYTES, 0, "Bytes it has written.", get_log_bytes},
	{"logLostBytes", NULL, FIELD_BYTES, 0, "Bytes it has written that could not be stored.", get_log_lost},
	{"lastError", NULL, FIELD_STRING, 0, "The newest error line of its output.", get_last_error},
	{"reason", NULL, FIELD_STRING, 0, "Why its state is as it is, in words.", get_reason},
	{"labels", NULL, FIELD_MAP, 0, "Labels it was given.", get_labels},
};

const size_t field_count = sizeof fields / sizeof *fields;

const struct field *field_find(const char *name)
{
	for (size_t i = 0; i < field_count; i++)
		if (strcasecmp(fields[i].key, name) == 0 ||
		    (fields[i].column && strcasecmp(fields[i].column, name) == 0))
			return &fields[i];
	return NULL;
}

void fields_json_process(struct json *json, const struct process *process, const struct snapshot *snapshot)
{
	char scratch[FIELD_SCRATCH];

	json_open_object(json);
	for (size_t i = 0; i < field_count; i++) {
		struct value value = fields[i].get(process, snapshot, scratch);

		if (!value.present)
			continue;
		json_key(json, fields[i].key);
		value_json(json, fields[i].type, &value);
	}
	json_close_object(json);
}

static void put_known(struct json *json, const char *key, const char *value)
{
	if (*value)
		json_pair(json, key, value);
}

static void put_pid(struct json *json, const char *key, int32_t pid)
{
	if (pid <= 0)
		return;
	json_key(json, key);
	json_int(json, pid);
}

void fields_json_about(struct json *json, const struct snapshot *snapshot, enum read_path path)
{
	const struct brm_info *info = &snapshot->info;
	char time[WHEN_MAX];

	json_open_object(json);
	put_known(json, "name", info->name);
	put_known(json, "dir", info->dir);
	json_key(json, "supervisor");
	json_open_object(json);
	put_pid(json, "pid", info->engine_pid);
	put_pid(json, "keeperPid", info->keeper_pid);
	put_known(json, "state", brm_liveness_word(snapshot->liveness));
	put_known(json, "version", info->version);
	put_known(json, "startTime", info->started_ns ? when_rfc3339(info->started_ns, time) : "");
	put_known(json, "readPath", read_path_word(path));
	json_close_object(json);
	json_close_object(json);
}

void fields_json_instance(struct json *json, const struct snapshot *snapshot, enum read_path path)
{
	json_open_object(json);
	json_key(json, "instance");
	fields_json_about(json, snapshot, path);
	json_key(json, "processes");
	json_open_array(json);
	for (uint32_t i = 0; i < snapshot->count; i++)
		fields_json_process(json, &snapshot->processes[i], snapshot);
	json_close_array(json);
	json_close_object(json);
}

size_t field_text(const struct field *field, const struct process *process, const struct snapshot *snapshot, char *out,
		  size_t size)
{
	char scratch[FIELD_SCRATCH];
	struct value value = field->get(process, snapshot, scratch);

	return value_text(field->type, &value, out, size);
}

/* JSON Schema of each type: "type", and one keyword more, whose value is a word or {"type": word}. */
static const struct {
	const char *type;
	const char *keyword; /* NULL: none */
	const char *word;
	bool nested;
} schemas[] = {
	[FIELD_STRING] = {"string", NULL, NULL, false},
	[FIELD_INT] = {"integer", NULL, NULL, false},
	[FIELD_SECONDS] = {"number", NULL, NULL, false},
	[FIELD_TIME] = {"string", "format", "date-time", false},
	[FIELD_PERCENT] = {"number", NULL, NULL, false},
	[FIELD_BYTES] = {"integer", NULL, NULL, false},
	[FIELD_BOOL] = {"boolean", NULL, NULL, false},
	[FIELD_STRINGS] = {"array", "items", "string", true},
	[FIELD_INTS] = {"array", "items", "integer", true},
	[FIELD_MAP] = {"object", "additionalProperties", "string", true},
};

static void schema_of(struct json *json, const struct field *field)
{
	json_key(json, field->key);
	json_open_object(json);
	json_pair(json, "type", schemas[field->type].type);
	json_pair(json, "description", field->help);
	if (schemas[field->type].nested) {
		json_key(json, schemas[field->type].keyword);
		json_open_object(json);
		json_pair(json, "type", schemas[field->type].word);
		json_close_object(json);
	} else if (schemas[field->type].keyword) {
		json_pair(json, schemas[field->type].keyword, schemas[field->type].word);
	}
	json_close_object(json);
}

void fields_json_schema(struct json *json)
{
	static const char *const always[] = {"id",   "name", "status", "restarts", "ready", "revision", "stopRequested",
					     "args", "env",  "urls",   "ports",    "labels"};

	json_open_object(json);
	json_pair(json, "type", "object");
	json_key(json, "properties");
	json_open_object(json);
	for (size_t i = 0; i < field_count; i++)
		schema_of(json, &fields[i]);
	json_close_object(json);
	json_key(json, "required");
	json_open_array(json);
	for (size_t i = 0; i < sizeof always / sizeof *always; i++)
		json_put_string(json, always[i]);
	json_close_array(json);
	json_close_object(json);
}
