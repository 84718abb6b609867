/* SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <stdio.h>

#include "clients/cli/commands.h"
#include "clients/cli/reading.h"

/*
 * metrics - what is known, as OpenMetrics text
 *
 * For a scraper that runs a command, or for node_exporter's directory of text files.
 */

static const char doing[] = "measure";

/* A label's value: backslash, quote and newline are escaped; what is no text is not there (names are UTF-8). */
static void put_label(const char *key, const char *value)
{
	printf("%s=\"", key);
	for (; *value; value++) {
		if (*value == '\n')
			fputs("\\n", stdout);
		else if (*value == '"' || *value == '\\')
			printf("\\%c", *value);
		else
			putchar(*value);
	}
	putchar('"');
}

static void put_family(const char *name, const char *type, const char *unit, const char *help)
{
	printf("# TYPE brummer_%s %s\n", name, type);
	if (*unit)
		printf("# UNIT brummer_%s %s\n", name, unit);
	printf("# HELP brummer_%s %s\n", name, help);
}

/* A sample of one process; suffix "_total" for a counter. more: a further label, or NULL. */
static void begin_sample(const char *family, const char *suffix, const struct snapshot *snapshot,
			 const struct process *process)
{
	printf("brummer_%s%s{", family, suffix);
	put_label("instance", snapshot->info.name);
	putchar(',');
	put_label("name", process->identity.name);
}

/* One number of a process: how it is called, and how it is got. False: it is not known. */
struct metric {
	const char *name, *type, *unit, *help;
	bool (*get)(const struct process *process, const struct snapshot *snapshot, double *out);
};

#define GETTER(name, known, expression)                                                        \
	static bool get_##name(const struct process *p, const struct snapshot *s, double *out) \
	{                                                                                      \
		(void)s;                                                                       \
		*out = (double)(expression);                                                   \
		return known;                                                                  \
	}

GETTER(ready, true, process_is_ready(p))
GETTER(runs, true, p->state.run)
GETTER(restarts, true, p->state.restarts)
GETTER(uptime, p->state.pid > 0, (double)brm_state_duration_ns(&p->state, s->now.boot_ns) / 1e9)
GETTER(exit_code, p->state.flags &BRM_FLAG_EXITED, p->state.exit_code)
GETTER(cpu, p->has_metrics, (double)p->metrics.cpu_permille / 1000)
GETTER(memory, p->has_metrics, p->metrics.memory_bytes)
GETTER(threads, p->has_metrics, p->metrics.threads)
GETTER(tasks, p->has_metrics, p->metrics.processes)
GETTER(log_lines, p->has_log, p->log.lines)
GETTER(log_lost, p->has_log, p->log.lost_bytes)

static const struct metric metrics[] = {
	{"process_ready", "gauge", "", "Whether it runs and its readiness check, if any, has succeeded.", get_ready},
	{"process_runs", "counter", "", "Runs of this name.", get_runs},
	{"process_restarts", "counter", "", "Automatic restarts.", get_restarts},
	{"process_uptime_seconds", "gauge", "seconds", "How long the run that is alive has lasted.", get_uptime},
	{"process_exit_code", "gauge", "", "What the last run exited with.", get_exit_code},
	{"process_cpu_cores", "gauge", "cores", "Processor time of its tree; 1 is one core.", get_cpu},
	{"process_memory_bytes", "gauge", "bytes", "Resident memory of its tree.", get_memory},
	{"process_threads", "gauge", "", "Threads of its tree.", get_threads},
	{"process_tasks", "gauge", "", "Processes of its tree.", get_tasks},
	{"log_lines", "counter", "", "Lines it has written.", get_log_lines},
	{"log_lost_bytes", "counter", "bytes", "Output that could not be stored.", get_log_lost},
};

static void put_metric(const struct metric *metric, const struct snapshot *snapshot)
{
	const char *suffix = metric->type[0] == 'c' ? "_total" : "";
	double number;

	put_family(metric->name, metric->type, metric->unit, metric->help);
	for (uint32_t i = 0; i < snapshot->count; i++) {
		if (!metric->get(&snapshot->processes[i], snapshot, &number))
			continue;
		begin_sample(metric->name, suffix, snapshot, &snapshot->processes[i]);
		printf("} %.17g\n", number);
	}
}

/* A state set: of the words of the state, one is 1. */
static void put_states(const struct snapshot *snapshot)
{
	put_family("process_status", "stateset", "", "The state of the process.");
	for (uint32_t i = 0; i < snapshot->count; i++) {
		const struct process *process = &snapshot->processes[i];

		for (int status = BRM_PENDING; status < BRM_STATUS_COUNT; status++) {
			begin_sample("process_status", "", snapshot, process);
			putchar(',');
			put_label("brummer_process_status", brm_status_word((enum brm_status)status));
			printf("} %d\n", brm_state_status(&process->state) == (enum brm_status)status);
		}
	}
}

static void put_log_bytes(const struct snapshot *snapshot)
{
	static const char *const streams[] = {"out", "err"};

	put_family("log_bytes", "counter", "bytes", "Bytes it has written.");
	for (uint32_t i = 0; i < snapshot->count; i++) {
		const struct process *process = &snapshot->processes[i];

		for (int stream = 0; process->has_log && stream < 2; stream++) {
			begin_sample("log_bytes", "_total", snapshot, process);
			putchar(',');
			put_label("stream", streams[stream]);
			printf("} %" PRIu64 "\n", process->log.bytes[stream]);
		}
	}
}

/* The instance: what it is, whether it lives, and how it was read. */
static void put_instance(const struct cli *cli, const struct snapshot *snapshot, unsigned retries)
{
	const struct brm_info *info = &snapshot->info;

	put_family("instance", "info", "", "The supervisor.");
	fputs("brummer_instance_info{", stdout);
	put_label("instance", info->name);
	putchar(',');
	put_label("version", info->version);
	putchar(',');
	put_label("read_path", read_path_word(cli->read_path));
	fputs("} 1\n", stdout);
	put_family("instance_live", "gauge", "", "Whether the supervisor lives and responds.");
	fputs("brummer_instance_live{", stdout);
	put_label("instance", info->name);
	printf("} %d\n", snapshot->liveness == BRM_LIVE);
	put_family("instance_start_time_seconds", "gauge", "seconds", "When the supervisor was started, since 1970.");
	fputs("brummer_instance_start_time_seconds{", stdout);
	put_label("instance", info->name);
	printf("} %.3f\n", (double)info->started_ns / 1e9);
	put_family("read_retries", "gauge", "", "How often this reading had to begin again for one consistent cut.");
	fputs("brummer_read_retries{", stdout);
	put_label("instance", info->name);
	printf("} %u\n", retries);
}

/* Until all states are of one instant, within reason. */
static int read_whole(struct reading *reading, unsigned *retries)
{
	int status = EXIT_DONE;

	for (*retries = 0; status == EXIT_DONE && !reading->snapshot.consistent && *retries < 8; ++*retries)
		status = reading_again(reading, doing);
	return status;
}

static int run_metrics(struct cli *cli)
{
	struct reading reading;
	unsigned retries = 0;
	int status = reading_open(cli, doing, &reading);

	if (status == EXIT_DONE)
		status = read_whole(&reading, &retries);
	if (status == EXIT_DONE) {
		put_instance(cli, &reading.snapshot, retries);
		put_states(&reading.snapshot);
		for (size_t i = 0; i < sizeof metrics / sizeof *metrics; i++)
			put_metric(&metrics[i], &reading.snapshot);
		put_log_bytes(&reading.snapshot);
		puts("# EOF");
		status = reading.status;
	}
	reading_finish(&reading);
	return status;
}

const struct command command_metrics = {
	.name = "metrics",
	.operands = "",
	.help = "print what is known as OpenMetrics text",
	.more = "A file of it can be given to node_exporter's collector of text files.",
	.example = "metrics > /var/lib/node_exporter/brummer.prom",
	.run = run_metrics,
};
