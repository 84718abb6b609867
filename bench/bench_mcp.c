/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "bench/bench.h"
#include "bench/mcp_beside.h"
#include "bench/mcp_reference.h"
#include "bench/world.h"
#include "clients/common/when.h"
#include "clients/mcp/site.h"

/*
 * brummer-mcp as its clients meet it: how long an answer takes over pipes and over HTTP, of what that is made, how long
 * the start takes, and what it costs at rest. The instance is a region of 20 running processes that nobody changes.
 * Beside it stubs, and the reference server from npm, where `make check-mcp` has installed it, or $PEERS_NODE_MODULES.
 */

#define PROCESSES   20
#define SCRIPTS     100
#define PART_ROUNDS 10
#define WRITES      16 /* that a pipe takes while nobody reads */
#define PAUSE_NS    3000000

static const char status[] = REQUEST_CALL("scripts_status", "{}");

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

/* Beside a stub, both with their clients on one processor, and on two. Returns the first's time on one. */
static double compare(const char *what, struct side sides[2], size_t count)
{
	static const struct {
		enum placement where;
		const char *words;
	} places[] = {{PLACED_ON_ONE, "on one processor"}, {PLACED_ON_TWO, "on two processors"}};

	double on_one = NAN;

	for (size_t i = 0; i < 2; i++) {
		char name[96];

		snprintf(name, sizeof name, "mcp %s, scripts_status p50, %s / stub", what, places[i].words);
		if (!placement_is_possible(places[i].where)) {
			skipped(name);
			continue;
		}
		sides_measure(sides, 2, places[i].where, 0, count);
		row(name, "us", sides[0].latency.p50, sides[1].latency.p50, 0, sides[0].latency.p50_spread);
		if (places[i].where == PLACED_ON_ONE)
			on_one = sides[0].latency.p50;
	}
	return on_one;
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

/* What the reference server takes for echo, if it is there. */
static void row_beside_reference(const char *name, const struct latency *ours, bool there, double theirs)
{
	if (there)
		row(name, "us", ours->p50, theirs, 0, ours->p50_spread);
	else
		skipped(name);
}

static double measure_stdio(const struct reference *reference)
{
	const char *const argv[] = {program, "--instance", instance_name, NULL};
	struct rawclient client = {0}, stub = {0};
	char line[1024];
	size_t length = request_line(status, line), count = bench_quick() ? 2000 : 20000;
	struct latency fast, slow;
	double on_one;
	struct side sides[2] = {{.client = &client, .text = line, .length = length},
				{.client = &stub, .text = line, .length = length}};

	rawclient_start(&client, argv);
	fast = side_measure(&client, client.pid, line, length, 0, count);
	slow = side_measure(&client, client.pid, line, length, PAUSE_NS, bench_quick() ? 50 : 200);
	row("mcp stdio, scripts_status p50 / goal", "us", fast.p50, 12, 1, fast.p50_spread);
	row("mcp stdio, scripts_status p99 / goal", "us", fast.p99, 60, 1, fast.p99_spread);
	row("mcp stdio, scripts_status p50, 3 ms apart", "us", slow.p50, NAN, 0, slow.p50_spread);
	row_beside_reference("mcp stdio, scripts_status p50 / server-everything's echo", &fast, reference->there,
			     reference->p50);
	stub_start(&stub, rawclient_ask(&client, line, length));
	sides[0].server = client.pid;
	sides[1].server = stub.pid;
	on_one = compare("stdio", sides, count);
	rawclient_stop(&stub);
	measure_rest(&client);
	rawclient_stop(&client);
	return on_one;
}

static void measure_http(const struct reference *reference)
{
	static const char headers[] = "Mcp-Method: tools/call\r\nMcp-Name: scripts_status\r\n"
				      "MCP-Protocol-Version: 2026-07-28\r\n";
	static const char body[] =
		"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/call\",\"params\":{\"name\":\"scripts_status\","
		"\"_meta\":{\"io.modelcontextprotocol/protocolVersion\":\"2026-07-28\","
		"\"io.modelcontextprotocol/clientCapabilities\":{}}}}";
	unsigned port = request_port(), stub_port;
	char place[16], text[2048];
	const char *const argv[] = {program, "--instance", instance_name, "--http", place, NULL};
	size_t length = request_post(text, sizeof text, headers, body), count = bench_quick() ? 1000 : 10000, bytes;
	struct rawclient server = {0}, client = {0}, stub = {0}, stub_client = {0};
	struct side sides[2] = {{.client = &client, .text = text, .length = length},
				{.client = &stub_client, .text = text, .length = length}};

	snprintf(place, sizeof place, "%u", port);
	rawclient_start(&server, argv);
	rawclient_connect(&client, port);
	bytes = rawclient_ask(&client, text, length);
	bytes -= (size_t)(strstr(client.bytes, "\r\n\r\n") + 4 - client.bytes);
	sides[0].server = server.pid;
	sides_measure(sides, 1, PLACED_FREELY, 0, count);
	row("mcp HTTP keep-alive, scripts_status p50 / goal", "us", sides[0].latency.p50, 40, 1,
	    sides[0].latency.p50_spread);
	row("mcp HTTP keep-alive, scripts_status p99", "us", sides[0].latency.p99, NAN, 0, sides[0].latency.p99_spread);
	row_beside_reference("mcp HTTP keep-alive, scripts_status p50 / server-everything's echo", &sides[0].latency,
			     reference->there, reference->http_p50);
	stub_start_http(&stub, bytes, &stub_port);
	rawclient_connect(&stub_client, stub_port);
	sides[1].server = stub.pid;
	compare("HTTP", sides, count);
	rawclient_stop(&stub_client);
	rawclient_stop(&stub);
	rawclient_stop(&client);
	rawclient_stop(&server);
}

static size_t answer_bytes;

static void swallow(struct peer *peer, enum message kind, const char *message, size_t length)
{
	(void)peer, (void)kind, (void)message;
	answer_bytes = length + 1;
}

/* Microseconds of the processor of each of many calls: the least of some rounds. */
static double each_us(struct server *server, void (*step)(struct server *server), int times)
{
	double least = INFINITY;

	for (int round = 0; round < PART_ROUNDS; round++) {
		uint64_t before = bench_cpu_ns();
		double each;

		for (int i = 0; i < times / PART_ROUNDS; i++)
			step(server);
		each = (double)(bench_cpu_ns() - before) / 1e3 / (times / PART_ROUNDS);
		least = each < least ? each : least;
	}
	return least;
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

/* Microseconds of the processor to write an answer of so many bytes into a pipe. */
static double write_us(size_t bytes)
{
	char *answer = calloc(bytes, 1);
	double least = INFINITY;
	int ends[2];

	if (!answer || pipe(ends) != 0 || fcntl(ends[1], F_SETPIPE_SZ, (int)(2 * WRITES * bytes)) < 0)
		bench_fail("make a pipe", errno);
	for (int round = 0; round < 10 * PART_ROUNDS; round++) {
		uint64_t before = bench_cpu_ns();
		double each;

		for (int i = 0; i < WRITES; i++)
			if (write(ends[1], answer, bytes) != (ssize_t)bytes)
				bench_fail("write into a pipe", errno);
		each = (double)(bench_cpu_ns() - before) / 1e3 / WRITES;
		least = each < least ? each : least;
		for (size_t rest = WRITES * bytes; rest > 0;)
			rest -= (size_t)read(ends[0], answer, bytes < rest ? bytes : rest);
	}
	close(ends[0]);
	close(ends[1]);
	free(answer);
	return least;
}

/* Of what the time over pipes on one processor is made. */
static void measure_parts(double whole)
{
	struct brm_instance instance;
	struct server_options options = {.instance = &instance, .base = event_base_new()};
	struct server *server;
	int times = bench_quick() ? 2000 : 20000;
	double parse, read, all, write;

	if (!options.base || brm_instance_of_name(instance_name, &instance) != 0 || server_open(&options, &server) != 0)
		bench_fail("serve in this process", ENOMEM);
	step_all(server);
	parse = each_us(server, step_parse, times);
	read = each_us(server, step_read, times);
	all = each_us(server, step_all, times);
	row("mcp stdio, of which: parse", "us", parse, NAN, 0, NULL);
	row("mcp stdio, of which: read", "us", read, NAN, 0, NULL);
	write = write_us(answer_bytes);
	row("mcp stdio, of which: format", "us", all - parse - read, NAN, 0, NULL);
	row("mcp stdio, of which: write", "us", write, NAN, 0, NULL);
	row("mcp stdio, of which: switches and the client", "us", whole - all - write, NAN, 0, NULL);
	server_close(server);
	event_base_free(options.base);
}

static void run_starts(const struct reference *reference)
{
	const char *const argv[] = {program, "--instance", instance_name, NULL};
	char line[1024];
	double start = starts_measure(argv, line, request_line(request_initialize, line));

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
	size_t length = request_line(status, line), count = bench_quick() ? 300 : 1000, answers = 0;
	struct latency rest, stopping;
	double *times = calloc(count, sizeof *times);

	if (!times)
		bench_fail("keep times", ENOMEM);
	rest = side_measure(asker, asker->pid, line, length, 0, count);
	for (int i = 0; i < SCRIPTS; i++) {
		char stop[256];
		int n = snprintf(stop, sizeof stop, REQUEST_CALL("scripts_stop", "{\"name\":\"s%d\"}") "\n", i);

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
				 REQUEST_CALL("scripts_run", "{\"name\":\"s%d\",\"command\":\"exec sleep 1000\"}") "\n",
				 i);

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

	reference = reference_measure();
	measure_parts(measure_stdio(&reference));
	measure_http(&reference);
	run_starts(&reference);
	brm_writer_close(writer);
	run_stops();
}
