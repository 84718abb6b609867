/* SPDX-License-Identifier: MIT */
#include "tests/it_help.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <brummer/region.h>

#include "tests/fault.h"

#define ARGS_MAX 16

struct it it;

static int64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

void it_until(bool (*met)(void *arg), void *arg)
{
	static const struct timespec pause = {.tv_nsec = 2000000};
	int64_t deadline = now_ms() + IT_WAIT_MS;

	while (!met(arg)) {
		ck_assert_msg(now_ms() < deadline, "it did not happen in time");
		nanosleep(&pause, NULL);
	}
}

void it_project(const char *name)
{
	char dir[PATH_MAX];

	snprintf(dir, sizeof dir, "%s", test_path(name));
	ck_assert(mkdir(dir, 0700) == 0 || errno == EEXIST);
	ck_assert_int_eq(brm_instance_of_dir(dir, &it.instance), 0);
}

void it_write(const char *file, const char *text)
{
	char path[PATH_MAX + 64];
	FILE *out;

	snprintf(path, sizeof path, "%s/%s", it.instance.dir, file);
	out = fopen(path, "w");
	ck_assert_ptr_nonnull(out);
	ck_assert_int_ge(fputs(text, out), 0);
	ck_assert_int_eq(fclose(out), 0);
}

const char *it_build(void)
{
	static char build[PATH_MAX];
	const char *dir = getenv("top_builddir");

	if (!build[0])
		ck_assert_ptr_nonnull(realpath(dir ? dir : ".", build));
	return build;
}

static _Noreturn void exec_brummerd(const char *const *args, int complaints)
{
	const char *builddir = getenv("top_builddir");
	const char *argv[ARGS_MAX] = {NULL, "-C", it.instance.dir};
	char program[PATH_MAX];
	int count = 3;

	snprintf(program, sizeof program, "%s/brummerd", builddir ? builddir : ".");
	argv[0] = program;
	for (; args && *args && count < ARGS_MAX - 1; args++)
		argv[count++] = *args;
	dup2(complaints, STDERR_FILENO);
	unsetenv("BRUMMER_INSTANCE");
	execv(program, (char *const *)argv);
	_exit(127);
}

int it_brummerd(const char *const *args, char *said, size_t size)
{
	size_t length = 0;
	int pipes[2], status;
	ssize_t got;
	pid_t pid;

	ck_assert_int_eq(pipe2(pipes, O_CLOEXEC), 0);
	pid = fork();
	if (pid == 0)
		exec_brummerd(args, pipes[1]);
	ck_assert_int_gt(pid, 0);
	close(pipes[1]);
	while (length + 1 < size && (got = read(pipes[0], said + length, size - 1 - length)) > 0)
		length += (size_t)got;
	said[length] = '\0';
	close(pipes[0]);
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert(WIFEXITED(status));
	return WEXITSTATUS(status);
}

void it_connect(void)
{
	client_close(it.client);
	it.client = NULL;
	ck_assert_int_eq(client_open(&it.instance, BRM_BY_CLI, &it.client), 0);
}

struct fault *it_fault(const char *name)
{
	char path[PATH_MAX], library[PATH_MAX + 32];
	struct fault *fault;
	int fd;

	snprintf(path, sizeof path, "%s", test_path(name));
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	ck_assert_int_eq(ftruncate(fd, sizeof *fault), 0);
	fault = mmap(NULL, sizeof *fault, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	ck_assert_ptr_ne(fault, MAP_FAILED);
	close(fd);
	snprintf(library, sizeof library, "%s/.libs/fault.so", it_build());
	ck_assert_int_eq(access(library, R_OK), 0);
	setenv("FAULT", path, 1);
	setenv("LD_PRELOAD", library, 1);
	return fault;
}

void it_up(const char *const *args)
{
	char said[4096];
	int status = it_brummerd(args, said, sizeof said);

	ck_assert_msg(status == 0, "exit status %d: %s", status, said);
	ck_assert_int_eq(brm_reader_open(it.instance.region, &it.reader), 0);
	it_connect();
}

void it_nothing_left(void)
{
	char shm[sizeof it.instance.region + 16];
	struct stat st;

	snprintf(shm, sizeof shm, "/dev/shm%s", it.instance.region);
	ck_assert_int_ne(stat(shm, &st), 0);
	ck_assert_int_ne(stat(it.instance.control, &st), 0);
	ck_assert_int_ne(stat(it.instance.lock, &st), 0);
	ck_assert_int_ne(stat(it.instance.runtime_dir, &st), 0);
}

/* A sanitizer's complaint ends in the supervisor's own log. */
static void assert_no_complaint(void)
{
	static const char *const complaints[] = {"Sanitizer", "runtime error", "Assertion"};
	static char text[65536];
	char path[PATH_MAX + 32];
	size_t length;
	FILE *log;

	snprintf(path, sizeof path, "%s/.brummerd.log", it.instance.state_dir);
	log = fopen(path, "r");
	if (!log)
		return;
	length = fread(text, 1, sizeof text - 1, log);
	text[length] = '\0';
	fclose(log);
	for (size_t i = 0; i < sizeof complaints / sizeof *complaints; i++)
		ck_assert_msg(!strstr(text, complaints[i]), "the supervisor says: %s", text);
}

void it_down(void)
{
	pid_t keeper = brm_reader_info(it.reader)->keeper_pid;

	client_begin(it.client, BRM_SHUTDOWN);
	it_obey();
	it_nothing_left();
	it_await_gone(keeper);
	assert_no_complaint();
	client_close(it.client);
	brm_reader_close(it.reader);
	it.client = NULL;
	it.reader = NULL;
}

/* The state letter of a process; 'Z' also when there is none. */
static char state_letter(pid_t pid)
{
	char path[64], state = 'Z';
	FILE *stat;

	snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
	stat = fopen(path, "r");
	if (!stat)
		return 'Z';
	if (fscanf(stat, "%*d (%*[^)]) %c", &state) != 1)
		state = 'Z';
	fclose(stat);
	return state;
}

/* All its threads have: a zombie may be the first one alone. */
static bool is_gone(void *arg)
{
	struct pollfd end = {.events = POLLIN};
	bool gone;

	end.fd = (int)syscall(SYS_pidfd_open, *(pid_t *)arg, 0);
	if (end.fd < 0)
		return true;
	gone = poll(&end, 1, 0) == 1;
	close(end.fd);
	return gone;
}

void it_await_gone(pid_t pid)
{
	it_until(is_gone, &pid);
}

/* It was started in a directory of this program's tests: others may run the same tests at the same time. */
static bool is_ours(pid_t pid)
{
	char path[64], dir[PATH_MAX];
	ssize_t length;

	snprintf(path, sizeof path, "/proc/%d/cwd", (int)pid);
	length = readlink(path, dir, sizeof dir - 1);
	dir[length > 0 ? length : 0] = '\0';
	return strncmp(dir, test_dir(), strlen(test_dir())) == 0;
}

static bool has_text(pid_t pid, const char *text)
{
	char path[64], line[8192];
	ssize_t length;
	int fd;

	snprintf(path, sizeof path, "/proc/%d/cmdline", (int)pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	length = read(fd, line, sizeof line);
	close(fd);
	return length > 0 && memmem(line, (size_t)length, text, strlen(text)) && state_letter(pid) != 'Z' &&
	       is_ours(pid);
}

int it_count(const char *text)
{
	DIR *proc = opendir("/proc");
	struct dirent *entry;
	int count = 0;

	ck_assert_ptr_nonnull(proc);
	while ((entry = readdir(proc)))
		if (entry->d_name[0] >= '1' && entry->d_name[0] <= '9' && atoi(entry->d_name) != getpid())
			count += has_text(atoi(entry->d_name), text);
	closedir(proc);
	return count;
}

struct expected_count {
	const char *text;
	int count;
};

static bool has_count(void *arg)
{
	const struct expected_count *expected = arg;

	return it_count(expected->text) == expected->count;
}

void it_await_count(const char *text, int count)
{
	struct expected_count expected = {text, count};

	it_until(has_count, &expected);
}

pid_t it_engine(void)
{
	ck_assert_int_ge(brm_reader_refresh(it.reader), 0);
	return brm_reader_info(it.reader)->engine_pid;
}

static bool is_another(void *arg)
{
	return it_engine() != *(pid_t *)arg && brm_reader_liveness(it.reader) == BRM_LIVE;
}

void it_kill_engine(void)
{
	pid_t engine = it_engine();

	ck_assert_int_eq(kill(engine, SIGKILL), 0);
	it_until(is_another, &engine);
}

static void kill_runs(const struct brm_reader *reader)
{
	struct brm_state state;

	for (uint32_t i = 0; i < brm_reader_used(reader); i++)
		if (brm_reader_state(reader, i, &state) == 0 && state.pid > 1)
			kill(-state.pid, SIGKILL);
}

static int end_one(const char *name, const char *region, void *arg)
{
	struct brm_reader *reader;
	const struct brm_info *info;

	(void)name, (void)arg;
	if (brm_reader_open(region, &reader) != 0)
		return 0;
	info = brm_reader_info(reader);
	if (strncmp(info->dir, test_dir(), strlen(test_dir())) == 0) {
		kill(info->keeper_pid, SIGKILL);
		kill(info->engine_pid, SIGKILL);
		kill_runs(reader);
		shm_unlink(region);
	}
	brm_reader_close(reader);
	return 0;
}

void it_sweep(void)
{
	brm_instance_each(end_one, NULL);
}
