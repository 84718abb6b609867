/* SPDX-License-Identifier: MIT */
#include "bench/bench.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include <fcntl.h>
#include <jansson.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/*
 * What could be run in a repository of 500 packages: `./brummerd --discover`, from its start to its end with all that
 * it prints, beside only reading and parsing the 500 files in this process, and beside 20 ms.
 */

#define PACKAGES  500u
#define BUDGET_NS 20e6
#define RUNS      25u

static char root[512];

static void write_file(const char *path, const char *text)
{
	FILE *out = fopen(path, "w");

	if (!out || fputs(text, out) < 0 || fclose(out) != 0)
		bench_fail("write a package", errno);
}

static const char *path_of(unsigned i, const char *below)
{
	static char path[1024];

	snprintf(path, sizeof path, "%s/packages/p%u%s", root, i, below);
	return path;
}

/* One with scripts and dependencies as they are; beside it what is not to be looked into. */
static void write_package(unsigned i)
{
	static char text[4096];
	int length =
		snprintf(text, sizeof text,
			 "{\n  \"name\": \"@many/p%u\",\n  \"version\": \"1.0.0\",\n  \"scripts\": {\n"
			 "    \"dev\": \"vite\",\n    \"build\": \"tsc -b && vite build\",\n"
			 "    \"test\": \"vitest run\",\n    \"lint\": \"eslint .\"\n  },\n  \"dependencies\": {\n",
			 i);

	for (unsigned d = 0; d < 20; d++)
		length += snprintf(text + length, sizeof text - (size_t)length, "    \"dependency-%u\": \"^%u.0.0\",\n",
				   d, d);
	snprintf(text + length, sizeof text - (size_t)length, "    \"last\": \"*\"\n  }\n}\n");
	mkdir(path_of(i, ""), 0700);
	write_file(path_of(i, "/package.json"), text);
	mkdir(path_of(i, "/node_modules"), 0700);
	mkdir(path_of(i, "/node_modules/x"), 0700);
	write_file(path_of(i, "/node_modules/x/package.json"), text);
}

static void write_repository(void)
{
	char path[1024];

	snprintf(root, sizeof root, "%s/repository", bench_dir());
	mkdir(root, 0700);
	snprintf(path, sizeof path, "%s/packages", root);
	mkdir(path, 0700);
	snprintf(path, sizeof path, "%s/package.json", root);
	write_file(path, "{\"workspaces\": [\"packages/*\"], \"scripts\": {\"dev\": \"turbo dev\"}}\n");
	snprintf(path, sizeof path, "%s/.gitignore", root);
	write_file(path, "node_modules\ndist\n*.log\n");
	for (unsigned i = 0; i < PACKAGES; i++)
		write_package(i);
}

/* Run it once, to its end. Returns its processor time, nanoseconds: of the process as it lies there, not yet reaped. */
static double discover_once(void)
{
	struct timespec used;
	siginfo_t how;
	clockid_t clock;
	pid_t pid = fork();

	if (pid == 0) {
		execl("./brummerd", "brummerd", "-C", root, "--discover", (char *)NULL);
		_exit(127);
	}
	if (pid < 0 || waitid(P_PID, (id_t)pid, &how, WEXITED | WNOWAIT) != 0 || how.si_code != CLD_EXITED ||
	    how.si_status != 0)
		bench_fail("run ./brummerd --discover", EINVAL);
	if (clock_getcpuclockid(pid, &clock) != 0 || clock_gettime(clock, &used) != 0)
		bench_fail("read a processor time", errno);
	waitpid(pid, NULL, 0);
	return 1e9 * (double)used.tv_sec + (double)used.tv_nsec;
}

static uint64_t discover(void *arg, uint64_t times)
{
	double sum = 0;

	(void)arg;
	for (; times > 0; times--)
		sum += discover_once();
	return (uint64_t)sum;
}

static uint64_t only_read(void *arg, uint64_t times)
{
	uint64_t sum = 0;

	(void)arg;
	for (; times > 0; times--) {
		for (unsigned i = 0; i < PACKAGES; i++) {
			json_t *json = json_load_file(path_of(i, "/package.json"), 0, NULL);

			if (!json)
				bench_fail("read a package", EINVAL);
			sum += json_object_size(json);
			json_decref(json);
		}
	}
	return sum;
}

/* What the program prints is for nobody; standard output is the table's again afterwards. */
static int silence(void)
{
	int kept = dup(STDOUT_FILENO), null = open("/dev/null", O_WRONLY | O_CLOEXEC);

	fflush(stdout);
	if (kept < 0 || null < 0 || dup2(null, STDOUT_FILENO) < 0)
		bench_fail("set standard output aside", errno);
	close(null);
	return kept;
}

static void speak(int kept)
{
	dup2(kept, STDOUT_FILENO);
	close(kept);
}

/* The processor time of one call, the middle of several: what else the machine does counts little. */
static void within_budget(void)
{
	struct bench_row row = {.name = "discover, 500 packages, processor time / 20 ms",
				.unit = "ns",
				.baseline = BUDGET_NS,
				.target = 1};
	double took[RUNS];
	int kept = silence();

	discover_once();
	for (size_t i = 0; i < RUNS; i++)
		took[i] = discover_once();
	speak(kept);
	bench_sort(took, RUNS);
	row.ours = bench_at(took, RUNS, 0.5);
	row.min = took[0];
	row.max = took[RUNS - 1];
	bench_row(&row);
}

/* In a process of its own, which ends. */
static void begin_silence(void *arg)
{
	(void)arg;
	close(silence());
}

void bench_discover(void)
{
	static const struct bench_side sides[] = {{.name = "", .run = discover, .begin = begin_silence, .waits = true},
						  {.name = "reading the files alone", .run = only_read, .waits = true}};

	write_repository();
	bench_compare("discover, 500 packages", sides, 2, NULL);
	within_budget();
}
