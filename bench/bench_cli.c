/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <brummer/logstore.h>

#include "bench/bench.h"
#include "bench/world.h"

/*
 * The command line, from its start to its end: `ls` beside /bin/true, and the search of a log beside ripgrep on the
 * same file. The programs are those of the directory that the benchmarks are run in; output goes to a file.
 */

#define SEARCHED       (UINT64_C(1) << 30)
#define SEARCHED_QUICK (UINT64_C(128) << 20)
#define BLOCK          (1u << 20)

static char instance[BRM_INSTANCE_MAX];
static char text_path[600];

extern char **environ;

/* Run a program so many times; it may exit with 0, or 1 for "nothing found". */
static uint64_t run_program(void *arg, uint64_t times)
{
	char *const *argv = arg;
	posix_spawn_file_actions_t actions;
	uint64_t sum = 0;

	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
	for (; times > 0; times--) {
		pid_t pid;
		int status;
		int rc = posix_spawnp(&pid, argv[0], &actions, NULL, argv, environ);

		if (rc != 0 || waitpid(pid, &status, 0) != pid || !WIFEXITED(status) || WEXITSTATUS(status) > 1)
			bench_fail(argv[0], rc ? rc : ECHILD);
		sum += (uint64_t)pid;
	}
	posix_spawn_file_actions_destroy(&actions);
	return sum;
}

static void bench_ls(uint32_t count)
{
	char what[64], stem[32];
	const char *ls[] = {"./brummer-cli", "-q", "--instance", instance, "ls", NULL};
	const char *nothing[] = {"/bin/true", NULL};
	const struct bench_side sides[] = {{.name = "brummer-cli", .run = run_program, .arg = ls, .waits = true},
					   {.name = "/bin/true", .run = run_program, .arg = nothing, .waits = true}};
	const double target = 1;
	struct brm_writer *writer;

	snprintf(stem, sizeof stem, "ls-%u", count);
	writer = world_writer(stem, BRM_CAPACITY_FIRST > count ? BRM_CAPACITY_FIRST : count);
	for (uint32_t i = 0; i < count; i++)
		world_add(writer, world_name(i));
	brm_writer_commit(writer);
	snprintf(instance, sizeof instance, "%s", strchr(strchr(world_region(stem), '.') + 1, '.') + 1);
	snprintf(what, sizeof what, "brummer-cli ls, %u processes", count);
	bench_compare(what, sides, 2, &target);
	brm_writer_close(writer);
}

/* Lines as a server writes them. Returns the bytes that were put. */
static size_t fill(char *block, unsigned *number)
{
	size_t length = 0;

	while (length < BLOCK - 200) {
		unsigned n = ++*number;

		length += (size_t)snprintf(block + length, BLOCK - length,
					   "12:44:%02u.%03u INFO request id=%08x path=/api/items/%u status=%d took %u "
					   "ms user=alice%u\n",
					   n % 60, n % 1000, n * 2654435761u, n % 5000, n % 10000 == 0 ? 503 : 200,
					   n % 977, n % 100);
	}
	return length;
}

/* A store of one segment, and the name of its file. */
static void write_store(uint64_t size)
{
	const struct brm_logstore_options options = {.segment_bytes = 4 * size, .keep = 1};
	char state[512], *block = malloc(BLOCK);
	struct brm_logstore *store;
	uint64_t done = 0;
	unsigned number = 0;

	snprintf(state, sizeof state, "%s/brummer", bench_dir());
	mkdir(state, 0700);
	snprintf(state, sizeof state, "%s/brummer/%s", bench_dir(), instance);
	mkdir(state, 0700);
	if (!block || brm_logstore_open(state, "big", &options, &store) != 0)
		bench_fail("make a log store", errno);
	while (done < size) {
		size_t length = fill(block, &number);
		off_t offset;
		int fd;

		if (brm_logstore_target(store, BRM_OUT, &fd, &offset) != 0 ||
		    pwrite(fd, block, length, offset) != (ssize_t)length ||
		    brm_logstore_wrote(store, BRM_OUT, length, 1 + done) != 0)
			bench_fail("write a log store", errno);
		done += length;
	}
	brm_logstore_close(store);
	free(block);
	snprintf(text_path, sizeof text_path, "%s/big/out.%020d", state, 0);
}

static bool is_installed(const char *program)
{
	char command[64];

	snprintf(command, sizeof command, "command -v %s >/dev/null 2>&1", program);
	return system(command) == 0;
}

static void bench_search(const char *what, const char *pattern)
{
	const char *ours[] = {"./brummer-cli", "-q", "--instance", instance, "logs", "big", "--grep", pattern, NULL};
	const char *theirs[] = {"rg", "-j1", "-N", pattern, text_path, NULL};
	const struct bench_side sides[] = {{.name = "brummer-cli", .run = run_program, .arg = ours, .waits = true},
					   {.name = "rg -j1", .run = run_program, .arg = theirs, .waits = true}};
	const double target = 1;
	char name[128];

	if (is_installed("rg")) {
		bench_compare(what, sides, 2, &target);
		return;
	}
	snprintf(name, sizeof name, "%s / rg -j1", what);
	bench_row(&(struct bench_row){
		.name = name, .unit = "ns", .ours = NAN, .baseline = NAN, .target = target, .skipped = true});
}

void bench_cli(void)
{
	setenv("XDG_STATE_HOME", bench_dir(), 1);
	setenv("BRUMMER_BINDIR", ".", 1);
	bench_ls(10);
	bench_ls(100);
	bench_ls(1000);
	strcpy(instance, "bench-search");
	write_store(bench_quick() ? SEARCHED_QUICK : SEARCHED);
	bench_search("logs --grep, a text that is seldom", "status=503");
	bench_search("logs --grep, a text that is not there", "nowhere to be seen");
	bench_search("logs --grep, an expression that is seldom", "status=5\\d+ took \\d+ ms user=alice0");
	bench_search("logs --grep, an expression that is not there", "nowh[aeiou]re to");
}
