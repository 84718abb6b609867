/* SPDX-License-Identifier: MIT */
#include "bench/bench.h"

#include <dirent.h>
#include <errno.h>
#include <ftw.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

/*
 * guard.c - nothing is left behind
 *
 * The work is done by a child; its parent waits, however it ends, and removes the regions and the directory that carry
 * the parent's number in their names.
 */

static char dir[64];
static char region_prefix[64];
static volatile sig_atomic_t worker;

const char *bench_dir(void)
{
	return dir;
}

const char *bench_region_prefix(void)
{
	return region_prefix;
}

static int remove_one(const char *path, const struct stat *st, int kind, struct FTW *at)
{
	(void)st, (void)kind, (void)at;
	return remove(path);
}

static void clean_up(void)
{
	DIR *shm = opendir("/dev/shm");
	struct dirent *entry;

	nftw(dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
	while (shm && (entry = readdir(shm)))
		if (strncmp(entry->d_name, region_prefix + 1, strlen(region_prefix + 1)) == 0)
			shm_unlink(entry->d_name);
	if (shm)
		closedir(shm);
}

static void make_dir(void)
{
	static const char *const places[] = {"/dev/shm", "/tmp"};

	for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
		snprintf(dir, sizeof dir, "%s/brummer-bench.XXXXXX", places[i]);
		if (mkdtemp(dir))
			return;
	}
	bench_fail("make a directory", errno);
}

static void pass_on(int number)
{
	kill(worker, number);
}

int bench_guard(void (*work)(void *arg), void *arg)
{
	struct sigaction action = {.sa_handler = pass_on, .sa_flags = SA_RESTART};
	sigset_t all, old;
	int status;

	make_dir();
	snprintf(region_prefix, sizeof region_prefix, "/brummer.%u.bench-%d-", (unsigned)geteuid(), (int)getpid());
	/* No signal between the fork and the handlers that need its result. */
	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, &old);
	worker = fork();
	if (worker < 0)
		bench_fail("fork", errno);
	if (worker == 0) {
		sigprocmask(SIG_SETMASK, &old, NULL);
		work(arg);
		exit(fflush(stdout) == 0 && !ferror(stdout) ? 0 : 1);
	}
	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGHUP, &action, NULL);
	sigprocmask(SIG_SETMASK, &old, NULL);
	while (waitpid(worker, &status, 0) < 0)
		if (errno != EINTR)
			bench_fail("wait", errno);
	clean_up();
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
