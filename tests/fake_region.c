/* SPDX-License-Identifier: MIT */

/*
 * fake_region.c - plays a supervisor for tests of the screen: `fake_region DIR` publishes what its standard input says
 *
 * A line a command, each answered with "ok" or "no REASON" on standard output:
 *
 *   process NAME STATUS [KEY=VALUE ...]   add or change one; keys: run pid up restarts exit signal next reason error
 *                                         command dir source script ready needs url port cpu memory
 *   remove NAME
 *   log NAME out|err SECONDS TEXT         a line captured SECONDS after 2026-01-02 03:04:05 UTC; \e \t \r \xHH in TEXT
 *   error NAME SECONDS GROUP LINE[|LINE]  an error, as the supervisor would have found it: lines of its stack after |
 *   base SECONDS                          times of lines count from so long ago, and not from 2026-01-02 03:04:05 UTC
 *   flood NAME COUNT                      that many lines, numbered
 *   supersede | closing | close | end
 *
 * In values, '_' stands for a blank. up, next: seconds from now, into the past and the future. cpu: permille.
 */

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <brummer/errors.h>
#include <brummer/logstore.h>
#include <brummer/writer.h>

#define SECOND    UINT64_C(1000000000)
#define MOST      8192
#define LINE_MOST (1 << 20)

struct known {
	char name[BRM_NAME_MAX];
	uint32_t entry;
	struct brm_logstore *store;
};

static uint64_t base_us = UINT64_C(1767323045) * 1000000; /* 2026-01-02 03:04:05 UTC */
static struct brm_writer *writer;
static struct brm_instance instance;
static struct known *known;
static unsigned known_count;

static uint64_t clock_ns(clockid_t clock)
{
	struct timespec ts;

	clock_gettime(clock, &ts);
	return (uint64_t)ts.tv_sec * SECOND + (uint64_t)ts.tv_nsec;
}

static struct known *find(const char *name)
{
	for (unsigned i = 0; i < known_count; i++)
		if (strcmp(known[i].name, name) == 0)
			return &known[i];
	return NULL;
}

/* ---- errors ---- */

static struct brm_log_error finding; /* an error that is being written; of so many lines yet to come */
static unsigned finding_left;

static void watch_line(void *arg, struct brm_logstore *store, const struct brm_log_line *line, const char *text,
		       size_t length, bool plain)
{
	(void)arg;
	(void)text;
	(void)length;
	(void)plain;
	if (finding_left == 0)
		return;
	if (finding.lines++ == 0) {
		finding.seq = line->seq;
		finding.time_us = line->time_us;
		finding.stream = line->stream;
	}
	if (--finding_left == 0)
		brm_logstore_error(store, &finding);
}

static void watch_quiet(void *arg, struct brm_logstore *store, enum brm_stream stream)
{
	(void)arg;
	(void)store;
	(void)stream;
}

static void watch_forget(void *arg)
{
	(void)arg;
}

/* ---- processes ---- */

struct change {
	struct brm_state state;
	struct brm_identity identity;
	struct brm_metrics metrics;
	const char *url;
	unsigned port;
	char needs[256];
};

typedef void change_fn(struct change *change, const char *value);

static void set_run(struct change *c, const char *v)
{
	c->state.run = (uint32_t)atoi(v);
}

static void set_pid(struct change *c, const char *v)
{
	c->state.pid = strcmp(v, "self") == 0 ? (int32_t)getpid() : (int32_t)atoi(v);
}

static void set_up(struct change *c, const char *v)
{
	uint64_t ago = (uint64_t)atoll(v) * SECOND;

	c->state.start_ns = clock_ns(CLOCK_REALTIME) - ago;
	c->state.start_boot_ns = clock_ns(CLOCK_BOOTTIME) - ago;
}

static void set_restarts(struct change *c, const char *v)
{
	c->state.restarts = (uint32_t)atoi(v);
}

static void set_exit(struct change *c, const char *v)
{
	c->state.exit_code = atoi(v);
	c->state.flags |= BRM_FLAG_EXITED;
}

static void set_signal(struct change *c, const char *v)
{
	c->state.signal = atoi(v);
	c->state.flags |= BRM_FLAG_SIGNALED;
}

static void set_next(struct change *c, const char *v)
{
	c->state.next_ns = clock_ns(CLOCK_REALTIME) + (uint64_t)atoll(v) * SECOND;
}

static void set_reason(struct change *c, const char *v)
{
	snprintf(c->state.reason, sizeof c->state.reason, "%s", v);
}

static void set_error(struct change *c, const char *v)
{
	snprintf(c->state.last_error, sizeof c->state.last_error, "%s", v);
}

static void set_command(struct change *c, const char *v)
{
	c->identity.command = v;
}

static void set_dir(struct change *c, const char *v)
{
	c->identity.dir = v;
}

static void set_source(struct change *c, const char *v)
{
	c->identity.source = v;
}

static void set_script(struct change *c, const char *v)
{
	c->identity.script = v;
}

static void set_ready(struct change *c, const char *v)
{
	c->identity.ready = v;
	c->state.flags |= BRM_FLAG_READY;
	c->state.ready_ns = c->state.start_ns;
}

static void set_needs(struct change *c, const char *v)
{
	size_t length = strlen(v);

	if (length >= sizeof c->needs)
		return;
	memcpy(c->needs, v, length + 1);
	c->identity.depends_on = (struct brm_strings){c->needs, 1, (uint32_t)length + 1};
	for (char *at = c->needs; (at = strchr(at, ','));) {
		*at++ = '\0';
		c->identity.depends_on.count++;
	}
}

static void set_url(struct change *c, const char *v)
{
	c->url = v;
}

static void set_port(struct change *c, const char *v)
{
	c->port = (unsigned)atoi(v);
}

static void set_cpu(struct change *c, const char *v)
{
	c->metrics.cpu_permille = (uint32_t)atoi(v);
	c->metrics.time_ns = clock_ns(CLOCK_REALTIME);
}

static void set_memory(struct change *c, const char *v)
{
	c->metrics.memory_bytes = (uint64_t)atoll(v) << 20;
	c->metrics.time_ns = clock_ns(CLOCK_REALTIME);
}

static const struct {
	const char *key;
	change_fn *set;
} keys[] = {{"run", set_run},       {"pid", set_pid},         {"up", set_up},        {"restarts", set_restarts},
	    {"exit", set_exit},     {"signal", set_signal},   {"next", set_next},    {"reason", set_reason},
	    {"error", set_error},   {"command", set_command}, {"dir", set_dir},      {"source", set_source},
	    {"script", set_script}, {"ready", set_ready},     {"needs", set_needs},  {"url", set_url},
	    {"port", set_port},     {"cpu", set_cpu},         {"memory", set_memory}};

static bool apply(struct change *change, char *word)
{
	char *value = strchr(word, '=');

	if (!value)
		return false;
	*value++ = '\0';
	for (char *at = value; *at; at++)
		*at = *at == '_' ? ' ' : *at;
	for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
		if (strcmp(keys[i].key, word) == 0) {
			keys[i].set(change, value);
			return true;
		}
	return false;
}

static void publish(struct known *process, struct change *change, enum brm_status before)
{
	struct brm_strings urls = {change->url, 1, change->url ? (uint32_t)strlen(change->url) + 1 : 0};
	uint16_t port = (uint16_t)change->port;
	struct brm_event event = {.entry = process->entry, .run = change->state.run, .pid = change->state.pid};
	struct brm_state now;

	if (change->url)
		brm_writer_urls(writer, &urls, &change->state.urls);
	if (port)
		brm_writer_ports(writer, &port, 1, &change->state.ports);
	brm_writer_publish(writer, process->entry, &change->state);
	if (change->metrics.time_ns)
		brm_writer_metrics(writer, process->entry, &change->metrics);
	brm_writer_state(writer, process->entry, &now);
	event.tenant = (uint16_t)brm_head_tenant(now.head);
	event.version = brm_head_version(now.head);
	event.from = (uint8_t)before;
	event.to = (uint8_t)brm_state_status(&now);
	event.identity = now.identity;
	event.exit_code = now.exit_code;
	event.signal = (uint8_t)now.signal;
	event.flags = (uint8_t)now.flags;
	if (event.from != event.to)
		brm_writer_event(writer, &event);
}

static int add(struct known *process, const struct change *change)
{
	int error = brm_writer_add(writer, &change->identity, &change->state, &process->entry);

	if (error == -BRM_ECAPACITY || error == -BRM_EARENA)
		error = brm_writer_supersede(writer, brm_writer_capacity(writer) * 2);
	else
		return error;
	return error ? error : brm_writer_add(writer, &change->identity, &change->state, &process->entry);
}

static const char *do_process(char *rest)
{
	static uint32_t order;
	char *name = strtok(rest, " "), *word = strtok(NULL, " ");
	struct known *process = name ? find(name) : NULL;
	struct change change = {.identity = {.name = name,
					     .script = "",
					     .command = "sleep 1",
					     .dir = instance.dir,
					     .source = "Procfile",
					     .ready = ""}};
	enum brm_status status, before = BRM_PENDING;

	if (!word || brm_status_parse(word, &status) != 0 || known_count == MOST)
		return "usage";
	if (process) {
		brm_writer_state(writer, process->entry, &change.state);
		before = brm_state_status(&change.state);
		change.state.flags = 0;
		change.state.pid = 0;
	} else {
		change.state.order = order++;
	}
	while ((word = strtok(NULL, " ")))
		if (!apply(&change, word))
			return "unknown key";
	change.state.head = brm_head_make(0, 0, status);
	if (!process) {
		process = &known[known_count];
		snprintf(process->name, sizeof process->name, "%s", name);
		if (add(process, &change) != 0)
			return "cannot add";
		known_count++;
		brm_writer_state(writer, process->entry, &change.state);
	}
	publish(process, &change, before);
	brm_writer_commit(writer);
	return NULL;
}

static const char *do_remove(char *rest)
{
	struct known *process = find(rest);

	if (!process)
		return "unknown";
	brm_writer_remove(writer, process->entry);
	brm_writer_commit(writer);
	brm_logstore_close(process->store);
	*process = known[--known_count];
	return NULL;
}

/* ---- logs ---- */

static size_t unescape(char *text)
{
	char *out = text;

	for (const char *at = text; *at; at++) {
		if (at[0] != '\\' || !at[1]) {
			*out++ = *at;
		} else if (*++at == 'x' && at[1] && at[2]) {
			char hex[3] = {at[1], at[2], '\0'};

			*out++ = (char)strtoul(hex, NULL, 16);
			at += 2;
		} else {
			*out++ = *at == 'e' ? '\033' : *at == 't' ? '\t' : *at == 'r' ? '\r' : *at;
		}
	}
	return (size_t)(out - text);
}

static int store_line(struct known *process, enum brm_stream stream, uint64_t time_us, const char *text, size_t length)
{
	struct brm_logstore_options options = {
		.watch = {.line = watch_line, .quiet = watch_quiet, .forget = watch_forget}};
	loff_t offset;
	int fd, error = 0;

	if (!process->store)
		error = brm_logstore_open(instance.state_dir, process->name, &options, &process->store);
	if (error == 0)
		error = brm_logstore_target(process->store, stream, &fd, &offset);
	if (error == 0 && pwrite(fd, text, length, offset) != (ssize_t)length)
		error = -EIO;
	return error ? error : brm_logstore_wrote(process->store, stream, length, time_us);
}

static void mark(struct known *process)
{
	struct brm_log_mark at;

	brm_logstore_mark(process->store, &at);
	brm_writer_log_mark(writer, process->entry, &at);
	brm_writer_ring_logs(writer);
}

static const char *do_log(char *rest)
{
	char *name = strtok(rest, " "), *stream = strtok(NULL, " "), *seconds = strtok(NULL, " ");
	char *text = strtok(NULL, "");
	struct known *process = name ? find(name) : NULL;
	size_t length;
	char *line;
	int error;

	if (!process || !stream || !seconds)
		return "usage";
	line = strdup(text ? text : "");
	if (!line)
		return "memory";
	length = unescape(line);
	line[length] = '\n';
	error = store_line(process, strcmp(stream, "err") == 0 ? BRM_ERR : BRM_OUT,
			   base_us + (uint64_t)(atof(seconds) * 1e6), line, length + 1);
	free(line);
	if (error)
		return strerror(-error);
	mark(process);
	return NULL;
}

static const char *do_error(char *rest)
{
	char *name = strtok(rest, " "), *seconds = strtok(NULL, " "), *group = strtok(NULL, " ");
	char *text = strtok(NULL, ""), *next;
	const char *failed = NULL;
	char line[4096];

	if (!text)
		return "usage";
	finding = (struct brm_log_error){.group = (uint64_t)atoll(group)};
	finding_left = 1;
	for (const char *at = text; (at = strchr(at, '|')); at++)
		finding_left++;
	for (; text && !failed; text = next) {
		next = strchr(text, '|');
		if (next)
			*next++ = '\0';
		snprintf(line, sizeof line, "%s err %s %s", name, seconds, text);
		failed = do_log(line);
	}
	return failed;
}

static const char *do_base(char *rest)
{
	base_us = clock_ns(CLOCK_REALTIME) / 1000 - (uint64_t)(atof(rest) * 1e6);
	return NULL;
}

static const char *do_flood(char *rest)
{
	char *name = strtok(rest, " "), *count = strtok(NULL, " "), block[65536];
	struct known *process = name ? find(name) : NULL;
	size_t used = 0;

	if (!process || !count)
		return "usage";
	for (long i = 1; i <= atol(count); i++) {
		used += (size_t)snprintf(block + used, sizeof block - used, "line %ld of a flood\n", i);
		if (used < sizeof block - 64 && i < atol(count))
			continue;
		if (store_line(process, BRM_OUT, base_us + 1000000, block, used) != 0)
			return "cannot write";
		used = 0;
		mark(process);
	}
	return NULL;
}

/* ---- the whole ---- */

static const char *do_supersede(char *rest)
{
	(void)rest;
	return brm_writer_supersede(writer, 0) == 0 ? NULL : "cannot supersede";
}

static const char *do_closing(char *rest)
{
	(void)rest;
	brm_writer_closing(writer);
	return NULL;
}

static const char *do_close(char *rest)
{
	(void)rest;
	brm_writer_close(writer);
	writer = NULL;
	return NULL;
}

static const struct {
	const char *word;
	const char *(*act)(char *rest);
} commands[] = {{"process", do_process},     {"remove", do_remove},   {"log", do_log},
		{"error", do_error},         {"base", do_base},       {"flood", do_flood},
		{"supersede", do_supersede}, {"closing", do_closing}, {"close", do_close}};

static const char *act(char *line)
{
	size_t length = strcspn(line, " ");

	for (size_t i = 0; i < sizeof commands / sizeof *commands; i++)
		if (strlen(commands[i].word) == length && strncmp(commands[i].word, line, length) == 0)
			return commands[i].act(line + length + (line[length] == ' '));
	return "unknown command";
}

int main(int argc, char **argv)
{
	struct brm_writer_options options = {.instance = &instance, .tag = 1, .version = "0.1.0"};
	char *line = malloc(LINE_MOST);
	const char *reason;

	known = calloc(MOST, sizeof *known);
	if (argc != 2 || !line || !known || brm_instance_of_dir(argv[1], &instance) != 0 ||
	    brm_instance_make_places(&instance) != 0 || brm_writer_create(&options, &writer) != 0) {
		puts("no region");
		return 1;
	}
	setvbuf(stdout, NULL, _IOLBF, 0);
	puts("ok");
	while (fgets(line, LINE_MOST, stdin) && strcmp(line, "end\n") != 0) {
		line[strcspn(line, "\n")] = '\0';
		reason = act(line);
		if (reason)
			printf("no %s\n", reason);
		else
			puts("ok");
	}
	brm_writer_close(writer);
	return 0;
}
