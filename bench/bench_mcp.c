/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "bench/bench.h"
#include "bench/rawclient.h"
#include "bench/world.h"
#include "clients/common/when.h"
#include "clients/mcp/site.h"

/*
 * brummer-mcp as its clients meet it: how long an answer takes over pipes and over HTTP, of what that is made, how long
 * the start takes, and what it costs at rest. The instance is a region of 20 running processes that nobody changes.
 * Beside it the reference server from npm, where `make check-mcp` has installed it.
 */

#define PROCESSES  20
#define ROUNDS     5
#define SCRIPTS    100
#define STARTS     10
#define PAUSE_NS   3000000
#define EVERYTHING "/node_modules/@modelcontextprotocol/server-everything/dist/index.js"

#define CALL(tool, args)                                                                       \
	"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/call\",\"params\":{\"name\":\"" tool \
	"\",\"arguments\":" args "}}"

static const char initialize[] =
	"{\"jsonrpc\":\"2.0\",\"id\":0,\"method\":\"initialize\",\"params\":{\"protocolVersion\":\"2025-11-25\","
	"\"capabilities\":{},\"clientInfo\":{\"name\":\"bench\",\"version\":\"1\"}}}";
static const char status[] = CALL("scripts_status", "{}");

static char instance_name[BRM_INSTANCE_MAX];
static const char program[] = "./brummer-mcp"; /* of the build: `make bench` runs there */

/* A figure, beside a goal or another server's. */
static void row(const char *name, const char *unit, double ours, double beside, double target, const double *spread)
{
	bench_row(&(struct bench_row){.name = name,
				      .unit = unit,
				      .ours = ours,
				      .baseline = beside,
				      .target = target,
				      .min = spread ? spread[0] : ours,
				      .max = spread ? spread[1] : ours});
}

static void skipped(const char *name)
{
	bench_row(&(struct bench_row){.name = name, .unit = "us", .ours = NAN, .baseline = NAN, .skipped = true});
}

static struct brm_writer *make_instance(void)
{
	struct brm_writer *writer = world_writer("mcp", BRM_CAPACITY_FIRST);

	snprintf(instance_name, sizeof instance_name, "%s", strchr(strchr(world_region("mcp"), '.') + 1, '.') + 1);
	for (unsigned i = 0; i < PROCESSES; i++) {
		struct brm_identity identity = {.script = "dev",
						.command = "node server.js --port 3000",
						.ready = "",
						.source = "package.json"};
		struct brm_state state = {.order = i};
		char name[32];
		uint32_t entry;

		snprintf(name, sizeof name, "service-%u", i);
		identity.name = name;
		identity.dir = "/srv/shop/packages/web";
		state = brm_state_with_run(&state, (int32_t)(1000 + i), 1, now_read());
		state = brm_state_with_ready(&state, now_read());
		if (brm_writer_add(writer, &identity, &state, &entry) != 0)
			bench_fail("add a process", EINVAL);
		brm_writer_metrics(writer, entry, &(struct brm_metrics){1, 40 << 20, 125, 7, 20, 1});
		brm_writer_log_mark(writer, entry, &(struct brm_log_mark){.lines = 1000 * i, .bytes = {100000 * i, 0}});
	}
	brm_writer_commit(writer);
	return writer;
}

static int by_value(const void *a, const void *b)
{
	const double *p = a, *q = b;

	return (*p > *q) - (*p < *q);
}

/* The median of a share of each round's times, and its spread. */
static double median(double *values, double spread[2])
{
	qsort(values, ROUNDS, sizeof *values, by_value);
	spread[0] = values[0];
	spread[1] = values[ROUNDS - 1];
	return values[ROUNDS / 2];
}

struct latency {
	double p50, p99;
	double p50_spread[2], p99_spread[2];
};

static struct latency measure(struct rawclient *client, const char *text, size_t length, long pause_ns, size_t count)
{
	double *times = calloc(count, sizeof *times), p50[ROUNDS], p99[ROUNDS];
	struct latency latency;

	if (!times)
		bench_fail("keep times", ENOMEM);
	for (int round = 0; round < ROUNDS; round++) {
		rawclient_measure(client, text, length, pause_ns, times, count);
		p50[round] = bench_at(times, count, 0.5);
		p99[round] = bench_at(times, count, 0.99);
	}
	free(times);
	latency.p50 = median(p50, latency.p50_spread);
	latency.p99 = median(p99, latency.p99_spread);
	return latency;
}

static size_t line_of(const char *message, char out[1024])
{
	return (size_t)snprintf(out, 1024, "%s\n", message);
}

/* The first number behind a word in a file of /proc. */
static double proc_number(pid_t pid, const char *word)
{
	char path[64], line[256];
	double value = NAN;
	FILE *file;

	snprintf(path, sizeof path, "/proc/%d/status", (int)pid);
	file = fopen(path, "re");
	while (file && fgets(line, sizeof line, file))
		if (strncmp(line, word, strlen(word)) == 0)
			value = strtod(line + strlen(word), NULL);
	if (file)
		fclose(file);
	return value;
}

static double wakeups(pid_t pid)
{
	return proc_number(pid, "voluntary_ctxt_switches:") + proc_number(pid, "nonvoluntary_ctxt_switches:");
}

/* What a server that nobody asks anything costs. */
static void measure_rest(const struct rawclient *client)
{
	struct timespec rest = {.tv_sec = bench_quick() ? 1 : 3};
	double before;

	nanosleep(&(struct timespec){.tv_nsec = 200000000}, NULL);
	before = wakeups(client->pid);
	nanosleep(&rest, NULL);
	row("mcp, wake-ups at rest", "a sec", (wakeups(client->pid) - before) / (double)rest.tv_sec, NAN, 0, NULL);
	row("mcp, largest resident size / goal", "KiB", proc_number(client->pid, "VmHWM:"), 8192, 1, NULL);
}

static double measure_starts(const char *const *argv, const char *text, size_t length)
{
	double times[STARTS];

	for (int i = 0; i < STARTS; i++) {
		struct rawclient client = {0};
		uint64_t before = bench_now_ns();

		rawclient_start(&client, argv);
		rawclient_ask(&client, text, length);
		times[i] = (double)(bench_now_ns() - before) / 1e3;
		rawclient_stop(&client);
	}
	bench_sort(times, STARTS);
	return times[STARTS / 2];
}

/* The reference server of a cache that `make check-mcp` filled. False: there is none. */
static bool find_everything(char out[PATH_MAX])
{
	const char *cache = getenv("BRUMMER_MCP_CACHE"), *home = getenv("HOME");

	if (cache)
		snprintf(out, PATH_MAX, "%s" EVERYTHING, cache);
	else
		snprintf(out, PATH_MAX, "%s/.cache/brummer-check-mcp" EVERYTHING, home ? home : "");
	return access(out, R_OK) == 0;
}

struct reference {
	bool there;
	double p50, start;
};

static struct reference measure_reference(void)
{
	char script[PATH_MAX], line[1024];
	const char *const argv[] = {"node", script, "stdio", NULL};
	struct reference it = {.there = find_everything(script), .p50 = NAN, .start = NAN};
	struct rawclient client = {0};
	size_t length;

	if (!it.there)
		return it;
	it.start = measure_starts(argv, line, line_of(initialize, line));
	rawclient_start(&client, argv);
	rawclient_ask(&client, line, strlen(line));
	length = line_of(CALL("echo", "{\"message\":\"x\"}"), line);
	it.p50 = measure(&client, line, length, 0, bench_quick() ? 300 : 3000).p50;
	rawclient_stop(&client);
	return it;
}

static double measure_stdio(const struct reference *reference)
{
	const char *const argv[] = {program, "--instance", instance_name, NULL};
	struct rawclient client = {0};
	char line[1024];
	size_t length = line_of(status, line);
	struct latency fast, slow;

	rawclient_start(&client, argv);
	fast = measure(&client, line, length, 0, bench_quick() ? 2000 : 20000);
	slow = measure(&client, line, length, PAUSE_NS, bench_quick() ? 50 : 200);
	row("mcp stdio, scripts_status p50 / goal", "us", fast.p50, 12, 1, fast.p50_spread);
	row("mcp stdio, scripts_status p99 / goal", "us", fast.p99, 60, 1, fast.p99_spread);
	row("mcp stdio, scripts_status p50, 3 ms apart", "us", slow.p50, NAN, 0, slow.p50_spread);
	if (reference->there)
		row("mcp stdio, scripts_status p50 / server-everything's echo", "us", fast.p50, reference->p50, 0,
		    fast.p50_spread);
	else
		skipped("mcp stdio, scripts_status p50 / server-everything's echo");
	measure_rest(&client);
	rawclient_stop(&client);
	return fast.p50;
}

static void measure_http(void)
{
	static const char head[] = "POST /mcp HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
				   "Accept: application/json, text/event-stream\r\nMcp-Method: tools/call\r\n"
				   "Mcp-Name: scripts_status\r\nMCP-Protocol-Version: 2026-07-28\r\n";
	static const char body[] =
		"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/call\",\"params\":{\"name\":\"scripts_status\","
		"\"_meta\":{\"io.modelcontextprotocol/protocolVersion\":\"2026-07-28\","
		"\"io.modelcontextprotocol/clientCapabilities\":{}}}}";
	unsigned port = 20000 + (unsigned)getpid() % 20000;
	char place[16], text[2048];
	const char *const argv[] = {program, "--instance", instance_name, "--http", place, NULL};
	size_t length =
		(size_t)snprintf(text, sizeof text, "%sContent-Length: %zu\r\n\r\n%s", head, strlen(body), body);
	struct rawclient server = {0}, client = {0};
	struct latency latency;

	snprintf(place, sizeof place, "%u", port);
	rawclient_start(&server, argv);
	rawclient_connect(&client, port);
	latency = measure(&client, text, length, 0, bench_quick() ? 1000 : 10000);
	row("mcp HTTP keep-alive, scripts_status p50 / goal", "us", latency.p50, 40, 1, latency.p50_spread);
	row("mcp HTTP keep-alive, scripts_status p99", "us", latency.p99, NAN, 0, latency.p99_spread);
	rawclient_stop(&client);
	rawclient_stop(&server);
}

static void swallow(struct peer *peer, enum message kind, const char *message, size_t length)
{
	(void)peer, (void)kind, (void)message, (void)length;
}

/* Microseconds of each of many calls. */
static double each_us(struct server *server, void (*step)(struct server *server), int times)
{
	uint64_t before = bench_now_ns();

	for (int i = 0; i < times; i++)
		step(server);
	return (double)(bench_now_ns() - before) / 1e3 / times;
}

static void step_parse(struct server *server)
{
	struct rpc rpc;

	(void)server;
	rpc_parse(status, strlen(status), &rpc);
	rpc_finish(&rpc);
}

static void step_read(struct server *server)
{
	view_look(&server->site->view);
}

static void step_all(struct server *server)
{
	struct peer peer = {.send = swallow};

	server_receive(server, &peer, status, strlen(status));
}

/* Of what the time over pipes is made; in this process, without pipes. */
static void measure_parts(double whole)
{
	struct brm_instance instance;
	struct server_options options = {.instance = &instance, .base = event_base_new()};
	struct server *server;
	int times = bench_quick() ? 2000 : 20000;
	double parse, read, all;

	if (!options.base || brm_instance_of_name(instance_name, &instance) != 0 || server_open(&options, &server) != 0)
		bench_fail("serve in this process", ENOMEM);
	step_all(server);
	parse = each_us(server, step_parse, times);
	read = each_us(server, step_read, times);
	all = each_us(server, step_all, times);
	row("mcp stdio, of which: parse", "us", parse, NAN, 0, NULL);
	row("mcp stdio, of which: read", "us", read, NAN, 0, NULL);
	row("mcp stdio, of which: format", "us", all - parse - read, NAN, 0, NULL);
	row("mcp stdio, of which: pipes and the client", "us", whole - all, NAN, 0, NULL);
	server_close(server);
	event_base_free(options.base);
}

static void run_starts(const struct reference *reference)
{
	const char *const argv[] = {program, "--instance", instance_name, NULL};
	char line[1024];
	double start = measure_starts(argv, line, line_of(initialize, line));

	row("mcp, start to the answer to initialize / goal", "us", start, 10000, 1, NULL);
	if (reference->there)
		row("mcp, start to the answer to initialize / server-everything", "us", start, reference->start, 0,
		    NULL);
	else
		skipped("mcp, start to the answer to initialize / server-everything");
}

/* Many scripts of a supervisor of their own run; then all are stopped by one server while another is asked. */
static void measure_stops(struct rawclient *stopper, struct rawclient *asker)
{
	char line[1024];
	size_t length = line_of(status, line), count = bench_quick() ? 300 : 1000, answers = 0;
	struct latency rest, stopping;
	double *times = calloc(count, sizeof *times);

	if (!times)
		bench_fail("keep times", ENOMEM);
	rest = measure(asker, line, length, 0, count);
	for (int i = 0; i < SCRIPTS; i++) {
		char stop[256];
		int n = snprintf(stop, sizeof stop, CALL("scripts_stop", "{\"name\":\"s%d\"}") "\n", i);

		if (write(stopper->to, stop, (size_t)n) != n)
			bench_fail("ask for a stop", errno);
	}
	rawclient_measure(asker, line, length, 0, times, count);
	stopping.p50 = bench_at(times, count, 0.5);
	free(times);
	row("mcp stdio, scripts_status p50 while 100 scripts stop / at rest", "us", stopping.p50, rest.p50, 0, NULL);
	while (answers < SCRIPTS) {
		ssize_t n = read(stopper->from, stopper->bytes, stopper->size);

		if (n <= 0)
			bench_fail("hear of the stops", n < 0 ? errno : EPIPE);
		for (ssize_t i = 0; i < n; i++)
			answers += stopper->bytes[i] == '\n';
	}
}

static void run_stops(void)
{
	char dir[PATH_MAX], down[PATH_MAX + 64];
	const char *const argv[] = {program, "-C", dir, NULL};
	struct rawclient stopper = {0}, asker = {0};

	if (access("./brummerd", X_OK) != 0 || access("./brummer-cli", X_OK) != 0) {
		skipped("mcp stdio, scripts_status p50 while 100 scripts stop / at rest");
		return;
	}
	snprintf(dir, sizeof dir, "%s/mcp", bench_dir());
	mkdir(dir, 0700);
	setenv("BRUMMER_BINDIR", ".", 1);
	setenv("XDG_RUNTIME_DIR", bench_dir(), 1);
	setenv("XDG_STATE_HOME", bench_dir(), 1);
	rawclient_start(&stopper, argv);
	for (int i = 0; i < SCRIPTS; i++) {
		char run[256];
		int n = snprintf(run, sizeof run,
				 CALL("scripts_run", "{\"name\":\"s%d\",\"command\":\"exec sleep 1000\"}") "\n", i);

		rawclient_ask(&stopper, run, (size_t)n);
	}
	rawclient_start(&asker, argv);
	measure_stops(&stopper, &asker);
	rawclient_stop(&asker);
	rawclient_stop(&stopper);
	snprintf(down, sizeof down, "./brummer-cli -q -C '%s' down", dir);
	if (system(down) != 0)
		fputs("bench: cannot end the supervisor of the stops\n", stderr);
}

void bench_mcp(void)
{
	struct brm_writer *writer;
	struct reference reference;

	if (access(program, X_OK) != 0) {
		skipped("mcp, for want of ./brummer-mcp");
		return;
	}
	writer = make_instance();

	reference = measure_reference();
	measure_parts(measure_stdio(&reference));
	measure_http();
	run_starts(&reference);
	brm_writer_close(writer);
	run_stops();
}
