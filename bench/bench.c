/* SPDX-License-Identifier: MIT */
#include "bench/bench.h"

#include <errno.h>
#include <getopt.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct {
	const char *name;
	void (*run)(void);
} suites[] = {
	{"status", bench_status}, {"state", bench_state},     {"latency", bench_latency},   {"lookup", bench_lookup},
	{"list", bench_list},     {"publish", bench_publish}, {"logs", bench_logs},         {"mcp", bench_mcp},
	{"tui", bench_tui},       {"recover", bench_recover}, {"discover", bench_discover}, {"cli", bench_cli},
	{"life", bench_life},
};

static struct {
	bool quick;
	bool json;
	unsigned rows;
} options;

bool bench_quick(void)
{
	return options.quick;
}

_Noreturn void bench_fail(const char *what, int error)
{
	fprintf(stderr, "bench: cannot %s: %s\n", what, strerror(error < 0 ? -error : error));
	exit(1);
}

static double ratio_of(const struct bench_row *row)
{
	return row->ours > 0 && !row->skipped ? row->baseline / row->ours : NAN;
}

/* A JSON number, or null for what is not one. */
static const char *number(double value, char out[32])
{
	snprintf(out, 32, isfinite(value) ? "%.6g" : "null", value);
	return out;
}

static void print_json(const struct bench_row *row)
{
	double ratio = ratio_of(row);
	bool judged = row->target > 0 && isfinite(ratio);
	char text[6][32];

	printf("%s{\"name\":\"%s\",\"unit\":\"%s\",\"ours\":%s,\"baseline\":%s,\"ratio\":%s,\"target\":%s,\"reached\":%"
	       "s,"
	       "\"skipped\":%s,\"min\":%s,\"max\":%s}",
	       options.rows ? "," : "", row->name, row->unit, number(row->ours, text[0]),
	       number(row->baseline, text[1]), number(ratio, text[2]),
	       number(row->target > 0 ? row->target : NAN, text[3]),
	       judged ? (ratio >= row->target ? "true" : "false") : "null", row->skipped ? "true" : "false",
	       number(row->min, text[4]), number(row->max, text[5]));
}

/* Three digits that count, without an exponent. */
static const char *amount(double value, char out[32])
{
	int digits = value == 0 || fabs(value) >= 100 ? 0 : fabs(value) >= 10 ? 1 : fabs(value) >= 1 ? 2 : 3;

	if (isfinite(value))
		snprintf(out, 32, "%.*f", digits, value);
	else
		snprintf(out, 32, "-");
	return out;
}

static void print_row(const struct bench_row *row)
{
	double ratio = ratio_of(row);
	char ours[32], baseline[32], least[32], most[32], text[32] = "-", target[32] = "-";
	const char *mark = " ";

	if (isfinite(ratio))
		snprintf(text, sizeof text, "%.*fx", ratio < 10 ? 2 : 0, ratio);
	if (row->target > 0)
		snprintf(target, sizeof target, ">= %gx", row->target);
	if (row->target > 0 && isfinite(ratio))
		mark = ratio >= row->target ? "+" : "!";
	printf("%-64s %9s %9s %-8s %8s %9s %s %s - %s%s\n", row->name, amount(row->ours, ours),
	       amount(row->baseline, baseline), row->unit, text, target, mark, amount(row->min, least),
	       amount(row->max, most), row->skipped ? "  (not installed)" : "");
	fflush(stdout);
}

void bench_row(const struct bench_row *row)
{
	if (options.json)
		print_json(row);
	else
		print_row(row);
	options.rows++;
}

static void usage(FILE *to)
{
	fputs("usage: brummer-bench [--quick] [--json] [SUITE...]\nsuites:", to);
	for (size_t i = 0; i < sizeof suites / sizeof *suites; i++)
		fprintf(to, " %s", suites[i].name);
	fputs("\n", to);
}

static void parse(int argc, char **argv)
{
	static const struct option longs[] = {{"quick", no_argument, NULL, 'q'},
					      {"json", no_argument, NULL, 'j'},
					      {"help", no_argument, NULL, 'h'},
					      {0}};
	int c;

	while ((c = getopt_long(argc, argv, "qjh", longs, NULL)) != -1) {
		if (c == 'q')
			options.quick = true;
		else if (c == 'j')
			options.json = true;
		else {
			usage(c == 'h' ? stdout : stderr);
			exit(c == 'h' ? 0 : 2);
		}
	}
}

static bool is_wanted(const char *suite, char **names)
{
	if (!*names)
		return true;
	for (; *names; names++)
		if (strcmp(*names, suite) == 0)
			return true;
	return false;
}

static void run_suites(void *arg)
{
	char **names = arg;

	if (options.json)
		printf("{\"rows\":[");
	else
		printf("%-64s %9s %9s %-8s %8s %9s   %s\n", "what / beside what", "ours", "baseline", "unit", "ratio",
		       "target", "spread");
	for (size_t i = 0; i < sizeof suites / sizeof *suites; i++)
		if (is_wanted(suites[i].name, names))
			suites[i].run();
	if (options.json)
		printf("]}\n");
}

int main(int argc, char **argv)
{
	parse(argc, argv);
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN);
	return bench_guard(run_suites, argv + optind);
}
