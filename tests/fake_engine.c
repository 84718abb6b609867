/* SPDX-License-Identifier: MIT */

/*
 * fake_engine.c - what a keeper starts in test_keeper: `fake_engine SCENARIO DIR`
 *
 * It speaks to its keeper as an engine does and writes what it sees, a line each, into DIR/said. A scenario knows by
 * how often it was started before (lines of DIR/starts) what to do now. What goes wrong is said too.
 */

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "engine/child.h"
#include "engine/keeperlink.h"
#include "engine/look.h"
#include "engine/proc.h"
#include "engine/spawn.h"
#include "engine/tag.h"
#include "keeper/wire.h"
#include "tests/run_help.h"

static const char *dir;
static struct keeperlink *keeper;
static struct spawner *spawner;

__attribute__((format(printf, 2, 0))) static void append(const char *name, const char *format, va_list args)
{
	char line[512];
	int length = vsnprintf(line, sizeof line, format, args);
	char path[512];
	int fd;

	snprintf(path, sizeof path, "%s/%s", dir, name);
	fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	if (fd < 0 || write(fd, line, (size_t)length) != length)
		abort();
	close(fd);
}

__attribute__((format(printf, 1, 2))) static void say(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	append("said", format, args);
	va_end(args);
}

/* 1 for the first start, 2 for the second, ... */
static int count_start(void)
{
	char path[512];
	struct stat st;
	int fd;

	snprintf(path, sizeof path, "%s/starts", dir);
	fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	if (fd < 0 || write(fd, "\n", 1) != 1 || fstat(fd, &st) != 0)
		abort();
	close(fd);
	return (int)st.st_size;
}

static void open_all(void)
{
	if (keeperlink_open(KEEPER_FD, &keeper) != 0 || spawner_open(keeper, &spawner) != 0)
		abort();
	if (keeperlink_keeper(keeper) != getppid())
		say("the keeper is not the parent\n");
}

static int leave(void)
{
	int error = keeperlink_end(keeper);

	if (error)
		say("end %d\n", error);
	return 0;
}

static void die(void)
{
	kill(getpid(), SIGKILL);
}

static struct ended status_of(pid_t pid)
{
	struct ended ended = {.alive = true};
	int pidfd = (int)syscall(SYS_pidfd_open, pid, 0);

	help_readable(pidfd);
	close(pidfd);
	if (keeperlink_status(keeper, pid, &ended) != 0)
		say("no status of %d\n", (int)pid);
	return ended;
}

/* Up; say the signals that come; TERM ends it. */
static int idle(int start)
{
	sigset_t heard;
	int number = 0;

	(void)start;
	sigemptyset(&heard);
	sigaddset(&heard, SIGTERM);
	sigaddset(&heard, SIGINT);
	sigaddset(&heard, SIGHUP);
	sigprocmask(SIG_BLOCK, &heard, NULL);
	open_all();
	keeperlink_up(keeper);
	say("up %d\n", (int)getpid());
	while (sigwait(&heard, &number) == 0 && number != SIGTERM)
		say("signal %d\n", number);
	say("signal %d\n", number);
	return leave();
}

/* It never comes up, and never ends. */
static int hang(int start)
{
	while (pause() != 0)
		continue;
	return start;
}

/* What does it inherit? */
static int inherited(int start)
{
	sigset_t mask;
	struct rlimit nofile;
	char path[64];

	(void)start;
	for (int fd = 3; fd < 64; fd++)
		if (fcntl(fd, F_GETFD) >= 0)
			say("fd %d\n", fd);
	sigprocmask(SIG_SETMASK, NULL, &mask);
	for (int number = 1; number < NSIG; number++)
		if (sigismember(&mask, number) == 1)
			say("blocked %d\n", number);
	if (signal(SIGPIPE, SIG_DFL) != SIG_DFL)
		say("ignored\n");
	getrlimit(RLIMIT_NOFILE, &nofile);
	say("files %d\n", (int)nofile.rlim_cur);
	say("group %d\n", getpgrp() == getpid());
	snprintf(path, sizeof path, "/proc/self/fd/%d", KEEPER_LOCK_FD);
	say("lock %d\n", access(path, F_OK));
	open_all();
	return leave();
}

static int crash(int start)
{
	const struct rlimit none = {0, 0};

	setrlimit(RLIMIT_CORE, &none);
	say("crash %d\n", start);
	abort();
}

static int leave_early(int start)
{
	say("leave %d\n", start);
	return 3;
}

static int crash_when_up(int start)
{
	open_all();
	keeperlink_up(keeper);
	return start <= 5 ? crash(start) : leave();
}

/* A status is there for as many engines as ask, until one of them has it reaped. */
static int statuses(int start)
{
	static const char *const lines[] = {"exit 7", "kill -9 $$", "exit 0"};
	struct spawn_result results[3];
	char path[512];
	FILE *pids;

	open_all();
	snprintf(path, sizeof path, "%s/pids", dir);
	pids = fopen(path, start == 1 ? "w" : "r");
	for (uint32_t i = 0; i < 3; i++) {
		struct ended ended;

		if (start == 1) {
			results[i] = help_spawn(spawner, help_shell(i + 1, "/", lines[i]));
			fprintf(pids, "%d\n", results[i].pid);
		} else if (fscanf(pids, "%d", &results[i].pid) != 1) {
			abort();
		}
		ended = status_of(results[i].pid);
		say("%u: %d %d\n", i, ended.code, ended.signal);
		ended = status_of(results[i].pid);
		if (start == 3)
			say("reap %d\n", keeperlink_reap(keeper, results[i].pid));
		if (start == 3)
			say("then %d %d\n", keeperlink_status(keeper, results[i].pid, &ended),
			    keeperlink_reap(keeper, results[i].pid));
	}
	fclose(pids);
	if (start < 3)
		die();
	return leave();
}

static struct held_run found[8];
static int found_count;

static void find(const struct held_run *run, void *arg)
{
	(void)arg;
	if (found_count < 8)
		found[found_count++] = *run;
}

static int hand_over(void)
{
	struct spawn_request *request = help_shell(21, "/", "echo out; echo err >&2; read x; echo got $x; kill -9 $$");

	request->stdin_pipe = true;
	help_setenv(request, "BRUMMER_RUN=instance/web#4");
	help_spawn(spawner, request);
	die();
	return 1;
}

/* The successor gets what the first one had, and goes on with it. */
static int inherit(int start)
{
	struct held_run *run = &found[0];
	char text[64];

	open_all();
	if (start == 1)
		return hand_over();
	say("held %d\n", keeperlink_held(keeper, find, NULL));
	say("%d: %u %s %s\n", found_count, run->serial, run->instance == help_instance() ? "ours" : "strange", run->id);
	say("alive %d\n", !help_is_gone(run->pid));
	if (write(run->fds.in, "hello\n", 6) != 6)
		say("cannot write\n");
	help_read(run->fds.out, text, sizeof text);
	say("out %s", text);
	help_read(run->fds.err, text, sizeof text);
	say("err %s", text);
	say("signal %d\n", status_of(run->pid).signal);
	say("drop %d\n", keeperlink_drop(keeper, run->serial));
	found_count = 0;
	keeperlink_held(keeper, find, NULL);
	say("%d: pid is the same %d, out %d\n", found_count, found[0].pid == run->pid, found[0].fds.out);
	say("reap %d\n", keeperlink_reap(keeper, run->pid));
	found_count = 0;
	keeperlink_held(keeper, find, NULL);
	say("%d\n", found_count);
	return leave();
}

/* Number of dead children of the keeper. */
static int dead;

static void count_dead(pid_t pid, void *arg)
{
	struct proc_stat stat;

	(void)arg;
	if (proc_stat(pid, &stat) == 0 && stat.ppid == getppid() && stat.dead)
		dead++;
}

static bool are_dead(void *arg)
{
	const int *wanted = arg;

	dead = 0;
	proc_each(count_dead, NULL);
	return dead == *wanted;
}

static void say_dead(int wanted)
{
	help_until(are_dead, &wanted);
	say("dead %d\n", dead);
}

/* A run is cloned, its orphan with the same tag has its own session and dies first, and nobody has told of any. */
static void clone_untold(void)
{
	static const struct owner ourselves;
	struct spawn_request *request = help_shell(5, "/", "(setsid sh -c 'exit 3' &) ; sleep 0.1; exit 9");
	int null_fd = fcntl(open("/dev/null", O_RDWR), F_DUPFD, 10);
	struct held_run run = {.serial = 5, .instance = help_instance(), .id = "web#1", .fds = {-1, -1, -1, -1}};
	struct held_run never = {.serial = 6, .instance = help_instance(), .fds = {-1, -1, -1, -1}};
	struct child_plan plan = {.path = "/bin/sh",
				  .argv = request->argv,
				  .env = request->env,
				  .dir_fd = open("/", O_PATH),
				  .fds = {null_fd, null_fd, null_fd},
				  .tty = -1,
				  .umask = -1,
				  .nice = NICE_INHERIT,
				  .notify_fd = -1,
				  .owner = &ourselves,
				  .cgroup_fd = -1,
				  .report_fd = -1};
	struct rlimit tagged = {.rlim_cur = request->tag, .rlim_max = RLIM_INFINITY};
	int pidfd;

	getrlimit(RLIMIT_NOFILE, &plan.nofile);
	say("hold %d %d\n", keeperlink_hold(keeper, &run), keeperlink_hold(keeper, &never));
	setrlimit(RLIMIT_RTTIME, &tagged);
	say("pid %d\n", child_clone(&plan, child_stack_make(), true, &pidfd));
	die();
}

static int untold(int start)
{
	open_all();
	if (start == 1)
		clone_untold();
	if (start == 2) {
		say_dead(2); /* both carry the tag: neither may be reaped before it is known which is the run */
		die();
	}
	say("held %d\n", keeperlink_held(keeper, find, NULL));
	say("%d: %u pid %d\n", found_count, found[0].serial, found[0].pid);
	say("code %d\n", status_of(found[0].pid).code);
	say("reap %d\n", keeperlink_reap(keeper, found[0].pid));
	say("drop %d %d\n", keeperlink_drop(keeper, 5), keeperlink_drop(keeper, 6));
	return leave();
}

/* Only the run itself still lives. */
static bool is_left_alone(void *arg)
{
	const struct spawn_result *run = arg;
	struct look *look;
	int count;

	if (look_take(&look) != 0)
		return false;
	count = look_count(look, tag_make(help_instance(), run->serial), run->pid);
	look_free(look);
	return count == 1;
}

/* Orphans are reaped though nobody asks, and a run is not. */
static int orphans(int start)
{
	static const char line[] =
		"i=0; while [ $i -lt 30 ]; do (setsid true & true &); i=$((i+1)); done; echo; read x";
	struct spawn_request *request = help_shell(1, "/", line);
	struct spawn_result run;
	struct spawn_result ended;
	char text[8];

	(void)start;
	open_all();
	request->stdin_pipe = true;
	run = help_spawn(spawner, request);
	help_readable(run.fds.out);
	help_until(is_left_alone, &run);
	say_dead(0);
	ended = help_spawn(spawner, help_shell(2, "/", "exit 8"));
	say("code %d\n", status_of(ended.pid).code);
	say_dead(1);
	say("early %d\n", keeperlink_reap(keeper, run.pid));
	close(run.fds.in);
	keeperlink_drop(keeper, 1);
	help_read(run.fds.out, text, sizeof text);
	say("code %d\n", status_of(run.pid).code);
	say_dead(2);
	say("reap %d %d\n", keeperlink_reap(keeper, run.pid), keeperlink_reap(keeper, ended.pid));
	say_dead(0);
	return leave();
}

/* More descriptors than the keeper may have. */
static int scarce(int start)
{
	struct held_run run = {.fds = {0, 0, 0}};
	uint32_t held = 0;
	int error;

	open_all();
	if (start == 2) {
		keeperlink_held(keeper, find, NULL);
		say("found %d\n", found_count);
		return leave();
	}
	do {
		run.serial++;
		error = keeperlink_hold(keeper, &run);
		held += error == 0;
	} while (error == 0 && held < 1000);
	say("some %d error %d\n", held > 5 && held < 100, error);
	die();
	return 1;
}

/* The keeper is killed: what runs goes on, and new runs are our own. */
static int alone(int start)
{
	struct spawn_result before;
	struct spawn_result after;
	struct ended ended;

	(void)start;
	open_all();
	before = help_spawn(spawner, help_shell(1, "/", "read x; exit 1"));
	keeperlink_up(keeper);
	if (!help_readable(keeperlink_fd(keeper)))
		say("nobody killed the keeper\n");
	say("keeper %d\n", (int)keeperlink_keeper(keeper));
	after = help_spawn(spawner, help_shell(2, "/", "exit 6"));
	say("stage %d\n", (int)after.stage);
	say("code %d\n", status_of(after.pid).code);
	say("reap %d\n", keeperlink_reap(keeper, after.pid));
	help_dies(before.pid);
	say("lost %d\n", keeperlink_status(keeper, before.pid, &ended));
	say("end %d\n", keeperlink_end(keeper));
	return 0;
}

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		int (*play)(int start);
	} scenarios[] = {
		{"idle", idle},         {"hang", hang},        {"inherited", inherited}, {"crash", crash},
		{"leave", leave_early}, {"up", crash_when_up}, {"statuses", statuses},   {"inherit", inherit},
		{"untold", untold},     {"orphans", orphans},  {"scarce", scarce},       {"alone", alone},
	};

	if (argc != 3)
		return 2;
	dir = argv[2];
	for (size_t i = 0; i < sizeof scenarios / sizeof *scenarios; i++)
		if (strcmp(argv[1], scenarios[i].name) == 0)
			return scenarios[i].play(count_start());
	return 2;
}
