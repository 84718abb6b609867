/* SPDX-License-Identifier: MIT */
#include "tests/check_main.h"

#include <dirent.h>
#include <errno.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static char dir[4096];
static pid_t main_pid;

const char *test_dir(void)
{
	return dir;
}

const char *test_path(const char *name)
{
	static char path[sizeof dir + 256];

	snprintf(path, sizeof path, "%s/%s", dir, name);
	return path;
}

const char *test_region(const char *stem)
{
	static char name[128];

	snprintf(name, sizeof name, "/brummer.%u.test-%d-%s", (unsigned)geteuid(), (int)main_pid, stem);
	return name;
}

static int remove_one(const char *path, const struct stat *st, int kind, struct FTW *at)
{
	(void)st, (void)kind, (void)at;
	return remove(path);
}

static void remove_regions(void)
{
	char prefix[64];
	struct dirent *entry;
	DIR *shm = opendir("/dev/shm");

	if (!shm)
		return;
	snprintf(prefix, sizeof prefix, "brummer.%u.test-%d-", (unsigned)geteuid(), (int)main_pid);
	while ((entry = readdir(shm)))
		if (strncmp(entry->d_name, prefix, strlen(prefix)) == 0)
			shm_unlink(entry->d_name);
	closedir(shm);
}

static int make_places(void)
{
	/* Short, because a socket's whole path must fit into 108 bytes. */
	static const char *const places[][2] = {
		{"TMPDIR", "tmp"}, {"HOME", "home"}, {"XDG_RUNTIME_DIR", "run"}, {"XDG_STATE_HOME", "state"}};
	const char *tmp = getenv("TMPDIR");

	snprintf(dir, sizeof dir, "%s/brm.XXXXXX", tmp ? tmp : "/tmp");
	if (!mkdtemp(dir))
		return -errno;
	for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
		char path[sizeof dir + 32];

		snprintf(path, sizeof path, "%s/%s", dir, places[i][1]);
		if (mkdir(path, 0700) != 0 || setenv(places[i][0], path, 1) != 0)
			return -errno;
	}
	return 0;
}

int main(void)
{
	SRunner *runner;
	int failed;

	main_pid = getpid();
	if (make_places() != 0) {
		perror("cannot make the test's directory");
		return 99;
	}
	runner = srunner_create(test_suite());
	srunner_set_tap(runner, "-");
	srunner_run_all(runner, CK_SILENT);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	nftw(dir, remove_one, 32, FTW_DEPTH | FTW_PHYS);
	remove_regions();
	return failed != 0;
}
