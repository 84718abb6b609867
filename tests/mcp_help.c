/* SPDX-License-Identifier: MIT */
#include "tests/mcp_help.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <brummer/errors.h>

#include "clients/common/when.h"
#include "tests/check_main.h"

#define SECOND    UINT64_C(1000000000)
#define HOUR      (3600 * SECOND)
#define WAIT_MS   10000
#define PROCESSES 5

static const struct {
	const char *name, *script, *command, *source;
	enum brm_status status;
	int exit_code;
	uint32_t run;
} processes[PROCESSES] = {
	{"web", "dev", "node server.js", "package.json", BRM_RUNNING, 0, 3},
	{"worker", "worker", "node worker.js", "package.json", BRM_FAILED, 3, 1},
	{"build", "build", "node build.js", "package.json", BRM_SUCCESS, 0, 2},
	{"db", "db", "sh db.sh", "Procfile", BRM_PENDING, 0, 0},
	{"odd näme/1", "", "sleep 1", "brummer-mcp", BRM_STOPPED, 0, 1},
};

/* Lines of web's output; those of worker's are its error. */
static const struct {
	const char *process;
	enum brm_stream stream;
	const char *text;
} lines[] = {
	{"web", BRM_OUT, "listening on http://127.0.0.1:3000"},
	{"web", BRM_OUT, "GET /  200 12 ms"},
	{"web", BRM_ERR, "\x1b[33mwarn\x1b[0m: cache is cold"},
	{"worker", BRM_OUT, "job 1 done"},
	{"worker", BRM_ERR, "Error: connection refused after 30 ms"},
	{"worker", BRM_ERR, "    at connect (worker.js:12)"},
	{"worker", BRM_ERR, "Error: connection refused after 45 ms"},
	{"worker", BRM_ERR, "    at connect (worker.js:12)"},
	{"web", BRM_OUT, "GET /bad \xff\xfe bytes"},
};

struct brm_now __real_now_read(void);
struct brm_now __wrap_now_read(void);

/* The clock of all that is linked here, by --wrap: a machine that has just booted runs for an hour already. */
struct brm_now __wrap_now_read(void)
{
	struct brm_now now = __real_now_read();

	now.boot_ns += HOUR;
	return now;
}

static uint32_t entry_of(const char *process)
{
	for (uint32_t i = 0; i < PROCESSES; i++)
		if (strcmp(processes[i].name, process) == 0)
			return i;
	ck_abort_msg("no process %s", process);
}

static struct brm_state state_of(uint32_t i)
{
	struct brm_state state = {.order = i};
	struct brm_now start = {.real_ns = HELP_TIME_NS, .boot_ns = now_read().boot_ns - HOUR};
	struct brm_now end = {.real_ns = start.real_ns + 5 * SECOND, .boot_ns = start.boot_ns + 5 * SECOND};

	state = brm_state_with_status(&state, BRM_PENDING, start);
	if (processes[i].run == 0)
		return state;
	state.run = processes[i].run - 1;
	state = brm_state_with_run(&state, 4242, 1, start);
	state = brm_state_with_ready(&state, start);
	if (processes[i].status == BRM_RUNNING)
		return state;
	if (processes[i].status == BRM_STOPPED)
		state = brm_state_with_stop_requested(&state);
	state = brm_state_with_exit(&state, (struct brm_exit){.code = processes[i].exit_code}, end);
	if (processes[i].status == BRM_FAILED)
		state = brm_state_with_last_error(&state, "Error: connection refused after 45 ms", 37);
	return state;
}

static void add_process(struct help *help, uint32_t i)
{
	static const char env[] = "PORT", labels[] = "tier=front", urls[] = "http://127.0.0.1:3000";
	struct brm_identity identity = {
		.name = processes[i].name,
		.script = processes[i].script,
		.command = processes[i].command,
		.dir = "/srv/shop",
		.source = processes[i].source,
		.ready = "",
		.env = {env, i == 0, i == 0 ? sizeof env : 0},
		.labels = {labels, i == 0, i == 0 ? sizeof labels : 0},
	};
	struct brm_strings list = {urls, 1, sizeof urls};
	struct brm_state state = state_of(i);
	struct brm_metrics metrics = {HELP_TIME_NS, 30 << 20, 125, 7, 20, 1};
	struct brm_event event = {.time_ns = HELP_TIME_NS, .entry = i, .run = state.run, .pid = state.pid};
	uint32_t entry;

	if (i == 0) {
		ck_assert_int_eq(brm_writer_urls(help->writer, &list, &state.urls), 0);
		ck_assert_int_eq(brm_writer_ports(help->writer, &(uint16_t){3000}, 1, &state.ports), 0);
	}
	ck_assert_int_eq(brm_writer_add(help->writer, &identity, &state, &entry), 0);
	ck_assert_uint_eq(entry, i);
	if (i == 0)
		brm_writer_metrics(help->writer, entry, &metrics);
	ck_assert_int_eq(brm_writer_state(help->writer, entry, &state), 0);
	event.identity = state.identity;
	event.from = BRM_STARTING;
	event.to = (uint8_t)brm_state_status(&state);
	event.flags = (uint8_t)(state.flags & (BRM_FLAG_EXITED | BRM_FLAG_SIGNALED));
	event.exit_code = state.exit_code;
	event.by_kind = BRM_BY_CLI;
	brm_writer_event(help->writer, &event);
}

/* What the supervisor's detection would find: an error and the line of its stack. */
static void find_error(void *arg, struct brm_logstore *store, const struct brm_log_line *line, const char *text,
		       size_t length, bool plain)
{
	const struct brm_log_error error = {
		.seq = line->seq - 1, .lines = 2, .time_us = line->time_us - 1000, .group = 7, .stream = line->stream};

	(void)arg, (void)plain;
	if (length > 6 && strncmp(text, "    at", 6) == 0)
		brm_logstore_error(store, &error);
}

static void nothing(void *arg)
{
	(void)arg;
}

static void quiet(void *arg, struct brm_logstore *store, enum brm_stream stream)
{
	(void)arg, (void)store, (void)stream;
}

static void put_line(struct help *help, const char *process, enum brm_stream stream, const char *line, uint64_t now_us)
{
	const struct brm_logstore_options options = {.watch = {.line = find_error, .quiet = quiet, .forget = nothing}};
	struct brm_logstore *store;
	struct brm_log_mark mark;
	loff_t offset;
	int fd;

	ck_assert_int_eq(brm_logstore_open(help->instance.state_dir, process, &options, &store), 0);
	ck_assert_int_eq(brm_logstore_target(store, stream, &fd, &offset), 0);
	ck_assert_int_eq(pwrite(fd, line, strlen(line), offset), (ssize_t)strlen(line));
	ck_assert_int_eq(pwrite(fd, "\n", 1, offset + (loff_t)strlen(line)), 1);
	ck_assert_int_eq(brm_logstore_wrote(store, stream, strlen(line) + 1, now_us), 0);
	brm_logstore_mark(store, &mark);
	brm_logstore_close(store);
	brm_writer_log_mark(help->writer, entry_of(process), &mark);
}

void help_print(struct help *help, const char *process, enum brm_stream stream, const char *line)
{
	put_line(help, process, stream, line, HELP_TIME_NS / 1000 + 60000000);
	brm_writer_ring_logs(help->writer);
}

static void start_supervisor(struct help *help)
{
	struct brm_writer_options options = {
		.instance = &help->instance,
		.uuid = {0x12, 0x34, 0x56, 0x78},
		.started_ns = HELP_TIME_NS,
		.version = "0.1.0",
	};

	ck_assert_int_eq(brm_writer_create(&options, &help->writer), 0);
	for (uint32_t i = 0; i < PROCESSES; i++) {
		/* Another test of this program may have left one. */
		brm_logstore_remove(help->instance.state_dir, processes[i].name);
		add_process(help, i);
	}
	brm_writer_commit(help->writer);
	for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
		put_line(help, lines[i].process, lines[i].stream, lines[i].text, HELP_TIME_NS / 1000 + 1000 * i);
	brm_writer_ring_logs(help->writer);
}

static void keep_message(struct peer *peer, enum message kind, const char *message, size_t length)
{
	struct help *help = (struct help *)((char *)peer - offsetof(struct help, peer));

	(void)kind;
	ck_assert_uint_lt(help->count, sizeof help->messages / sizeof *help->messages);
	ck_assert_ptr_null(memchr(message, '\n', length));
	ck_assert_uint_eq(strlen(message), length);
	help->messages[help->count++] = strdup(message);
}

struct help *help_open(const char *stem, bool supervisor, const struct server_options *options)
{
	struct help *help = calloc(1, sizeof *help);
	struct server_options all = options ? *options : (struct server_options){0};
	char name[BRM_INSTANCE_MAX];

	/* The name that belongs to the region's: "/brummer.UID.NAME". */
	snprintf(name, sizeof name, "%s", strchr(strchr(test_region(stem), '.') + 1, '.') + 1);
	ck_assert_int_eq(brm_instance_of_name(name, &help->instance), 0);
	ck_assert_int_eq(brm_instance_make_places(&help->instance), 0);
	strcpy(help->instance.dir, "/srv/shop");
	if (supervisor)
		start_supervisor(help);
	help->base = event_base_new();
	help->peer.send = keep_message;
	all.base = help->base;
	all.instance = &help->instance;
	ck_assert_int_eq(server_open(&all, &help->server), 0);
	return help;
}

void help_close(struct help *help)
{
	server_forget(help->server, &help->peer);
	server_close(help->server);
	event_base_free(help->base);
	brm_writer_close(help->writer);
	for (size_t i = 0; i < help->count; i++)
		free(help->messages[i]);
	free(help);
}

void help_say(struct help *help, const char *message)
{
	server_receive(help->server, &help->peer, message, strlen(message));
}

bool help_is_silent(struct help *help)
{
	event_base_loop(help->base, EVLOOP_NONBLOCK);
	return help->read == help->count;
}

const char *help_hear(struct help *help)
{
	uint64_t end = now_read().boot_ns + WAIT_MS * UINT64_C(1000000);
	struct timeval tick = {.tv_usec = 10000};

	while (help->read == help->count) {
		ck_assert_msg(now_read().boot_ns < end, "no answer came");
		event_base_loopexit(help->base, &tick);
		event_base_loop(help->base, EVLOOP_ONCE);
	}
	return help->messages[help->read++];
}

const char *help_ask(struct help *help, const char *message)
{
	help_say(help, message);
	return help_hear(help);
}

const char *help_call(struct help *help, const char *tool, const char *args)
{
	char message[8192];

	snprintf(message, sizeof message,
		 "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/"
		 "call\",\"params\":{\"name\":\"%s\",\"arguments\":%s}}",
		 tool, args);
	return help_ask(help, message);
}

void help_set_status(struct help *help, const char *process, enum brm_status status)
{
	uint32_t entry = entry_of(process);
	struct brm_state state;

	ck_assert_int_eq(brm_writer_state(help->writer, entry, &state), 0);
	state = brm_state_with_status(&state, status, now_read());
	ck_assert_int_eq(brm_writer_publish(help->writer, entry, &state), 0);
	brm_writer_commit(help->writer);
}

/* Copy without what differs from run to run. */
static char *normalise(const char *text)
{
	static const char *const numbers[] = {"\"duration\":", "\\\"duration\\\":", "\"waited_ms\":"};
	char *out = malloc(strlen(text) + 2), *to = out;

	while (*text) {
		size_t hex = strspn(text, "0123456789abcdef");
		bool number = false;

		for (size_t i = 0; i < 3 && !number && isdigit((unsigned char)*text); i++)
			number = to - out >= (ptrdiff_t)strlen(numbers[i]) &&
				 strncmp(to - strlen(numbers[i]), numbers[i], strlen(numbers[i])) == 0;
		if (number) {
			text += strspn(text, "0123456789.");
			*to++ = '0';
		} else if (hex == 16 && text[16] == ':') {
			text += 16;
			to = stpcpy(to, "ID");
		} else if (hex > 0) {
			memcpy(to, text, hex);
			to += hex;
			text += hex;
		}
		if (*text)
			*to++ = *text++;
	}
	strcpy(to, "\n");
	return out;
}

/* The bytes up to which two texts are the same. */
static size_t same_length(const char *a, const char *b)
{
	size_t length = 0;

	while (a[length] && a[length] == b[length])
		length++;
	return length;
}

void help_golden(const char *name, const char *answer)
{
	const char *top = getenv("top_srcdir");
	char path[4096], want[262144];
	char *got = normalise(answer);
	size_t same;
	FILE *file;

	snprintf(path, sizeof path, "%s/tests/data/mcp.%s.golden", top ? top : ".", name);
	if (getenv("BRUMMER_UPDATE_GOLDEN")) {
		file = fopen(path, "w");
		ck_assert_ptr_nonnull(file);
		fputs(got, file);
	} else {
		file = fopen(path, "r");
		ck_assert_msg(file != NULL, "no file %s", path);
		want[fread(want, 1, sizeof want - 1, file)] = '\0';
		same = same_length(got, want);
		/* Check's own message has no room for such texts. */
		ck_assert_msg(!got[same] && !want[same], "%s: is    ...%.200s", path,
			      got + (same < 60 ? 0 : same - 60));
	}
	fclose(file);
	free(got);
}
