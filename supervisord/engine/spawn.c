/* SPDX-License-Identifier: MIT */
#include "engine/spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "engine/cgroup.h"
#include "engine/child.h"
#include "engine/ends.h"
#include "engine/lookup.h"
#include "engine/mailbox.h"
#include "engine/owner.h"
#include "engine/proc.h"
#include "engine/tag.h"

#define DEATH_MS         5000 /* for a child that could not exec, to be gone */
#define FILES_LEFT_SHARE 16u  /* of our descriptors one in so many is left for other things... */
#define FILES_LEFT_MAX   256u /* ...and no more */

struct job {
	struct letter letter;
	struct spawn_request *request;
	struct spawn_result result;
};

struct spawner {
	struct worker worker;
	struct keeperlink *link;
	char *stack;
	bool shares_memory;
	bool shares_files;
	struct seats seats;
	bool tags_refused;
	int null_fd;
	struct rlimit nofile;          /* of the children: as it was before we raised ours */
	struct rlimit rttime;          /* ours, between two clones */
	const struct cgroups *cgroups; /* NULL: none */
	struct owner owner;            /* of the run that is being started */
};

static void fail(struct job *job, enum spawn_stage stage, int error)
{
	job->result.stage = stage;
	job->result.error = error;
}

/* "name#run" out of BRUMMER_RUN=INSTANCE/NAME#RUN. */
static void find_id(char *const *env, char id[BRM_ID_MAX])
{
	static const char key[] = "BRUMMER_RUN=";

	for (; *env; env++) {
		const char *slash = strchr(*env, '/');

		if (strncmp(*env, key, sizeof key - 1) != 0 || !slash)
			continue;
		snprintf(id, BRM_ID_MAX, "%s", slash + 1);
		return;
	}
}

/* Without a keeper nothing is held: -EPIPE is no failure. */
static bool hold(struct spawner *spawner, struct job *job, const struct ends *ends)
{
	struct held_run run = {
		.serial = job->request->serial, .instance = (uint32_t)(job->request->tag >> 32), .fds = ends->ours};
	int error;

	run.fds.say = job->request->say ? job->request->say : -1;
	if (!job->request->silent)
		find_id(job->request->env, run.id);
	error = keeperlink_hold(spawner->link, &run);
	if (!error || error == -EPIPE)
		return true;
	fail(job, SPAWN_KEEPER, -error);
	return false;
}

/* The environment with the tag as its first variable, for where limits cannot carry it. NULL: no memory. */
static char **marked_env(const struct spawn_request *request, char *mark, size_t size)
{
	size_t count = 0;
	char **env;

	while (request->env[count])
		count++;
	env = malloc((count + 2) * sizeof *env);
	if (!env)
		return NULL;
	snprintf(mark, size, TAG_VARIABLE "=%016llx", (unsigned long long)request->tag);
	env[0] = mark;
	memcpy(env + 1, request->env, (count + 1) * sizeof *env);
	return env;
}

/* Clone while our own limit is the tag: the child has it from birth. */
static pid_t clone_tagged(struct spawner *spawner, struct child_plan *plan, uint64_t tag, int *pidfd)
{
	struct rlimit born = {.rlim_cur = tag, .rlim_max = spawner->rttime.rlim_max};
	bool sibling = keeperlink_keeper(spawner->link) != 0;
	pid_t pid;

	if (!spawner->tags_refused)
		setrlimit(RLIMIT_RTTIME, &born);
	pid = child_clone(plan, spawner->stack, sibling, pidfd);
	if (!spawner->tags_refused)
		setrlimit(RLIMIT_RTTIME, &spawner->rttime);
	return pid;
}

/* Where memory is not shared, the child's report comes by a pipe: an end of file means that it has exec'd. */
static void read_report(struct child_plan *plan, int from)
{
	int report[2];

	if (read(from, report, sizeof report) != sizeof report)
		return;
	plan->stage = report[0];
	plan->error = report[1];
}

static pid_t clone_reported(struct spawner *spawner, struct child_plan *plan, uint64_t tag, int *pidfd)
{
	int ends[2];
	pid_t pid;

	if (spawner->shares_memory)
		return clone_tagged(spawner, plan, tag, pidfd);
	if (pipe2(ends, O_CLOEXEC) != 0)
		return -errno;
	plan->report_fd = ends[1];
	pid = clone_tagged(spawner, plan, tag, pidfd);
	close(ends[1]);
	if (pid > 0)
		read_report(plan, ends[0]);
	close(ends[0]);
	return pid;
}

/* It could not exec, and is dead or about to be: nobody else will ask for its status. */
static void bury(struct spawner *spawner, pid_t pid, int pidfd)
{
	struct pollfd death = {.fd = pidfd, .events = POLLIN};

	poll(&death, 1, DEATH_MS);
	keeperlink_tell_reap(spawner->link, pid);
	close(pidfd);
}

static void run_child(struct spawner *spawner, struct job *job, struct child_plan *plan)
{
	struct spawn_result *result = &job->result;
	struct proc_stat stat;
	int pidfd = -1;
	pid_t pid = clone_reported(spawner, plan, job->request->tag, &pidfd);

	if (pid < 0) {
		fail(job, SPAWN_CLONE, -pid);
		return;
	}
	keeperlink_born(spawner->link, job->request->serial, pid);
	if (pidfd < 0)
		pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
	if (plan->error) {
		bury(spawner, pid, pidfd);
		fail(job, (enum spawn_stage)plan->stage, plan->error);
		return;
	}
	result->pid = pid;
	result->pidfd = pidfd;
	result->pid_start = proc_stat(pid, &stat) == 0 ? stat.start : 0;
}

/* The limit of open files: the one that was asked for, within what the supervisor may, or as it was for us. */
static struct rlimit nofile_of(const struct spawner *spawner, const struct spawn_request *request)
{
	struct rlimit limit = spawner->nofile;

	if (request->open_files == 0)
		return limit;
	limit.rlim_cur = request->open_files;
	if (limit.rlim_max < limit.rlim_cur)
		limit.rlim_max = limit.rlim_cur; /* root may raise it; for others it is the reason of the failure */
	return limit;
}

static void start_child(struct spawner *spawner, struct job *job, struct ends *ends, int dir_fd, const char *path)
{
	struct spawn_request *request = job->request;
	const int *seats = spawner->seats.numbers;
	char mark[sizeof TAG_VARIABLE + 20];
	char **marked = spawner->tags_refused ? marked_env(request, mark, sizeof mark) : NULL;
	struct child_plan plan = {
		.path = path,
		.argv = request->argv,
		.env = marked ? marked : request->env,
		.dir_fd = seats[SEAT_DIR],
		.fds = {seats[SEAT_IN], seats[SEAT_OUT], seats[SEAT_ERR]},
		.tty = ends->tty < 0 ? -1 : seats[SEAT_IN],
		.keep_below = spawner->shares_files ? spawner->seats.below : 0,
		.nofile = nofile_of(spawner, request),
		.umask = request->umask,
		.nice = request->nice,
		.notify_fd = ends->notify[1] < 0 ? -1 : seats[SEAT_NOTIFY],
		.notify_as = request->notify,
		.owner = &spawner->owner,
		.cgroup_fd = spawner->cgroups && !request->silent ? cgroup_make(spawner->cgroups, request->serial) : -1,
		.report_fd = -1,
		.stage = SPAWN_CLONE};

	seats_take(&spawner->seats, ends, dir_fd);
	run_child(spawner, job, &plan);
	seats_leave(&spawner->seats);
	if (plan.cgroup_fd >= 0)
		close(plan.cgroup_fd);
	free(marked);
}

/*
 * Numbers are given out from below: when ours are high, the rest is left for clients, logs and sweeps, without which
 * what runs already could not be seen or stopped.
 */
static bool are_scarce(const struct spawner *spawner, const struct ends *ends)
{
	rlim_t max = spawner->nofile.rlim_max, left = max / FILES_LEFT_SHARE;

	if (left > FILES_LEFT_MAX)
		left = FILES_LEFT_MAX;
	return (rlim_t)ends->ours.out + left >= max;
}

static void with_program(struct spawner *spawner, struct job *job, int dir_fd, const char *path)
{
	struct ends ends;
	int error = ends_make(&ends, job->request, spawner->null_fd);

	if (!error && ends.ours.out >= 0 && are_scarce(spawner, &ends)) {
		ends_close_ours(&ends);
		ends_close_childs(&ends);
		error = -EMFILE;
	}
	if (error) {
		fail(job, SPAWN_PIPES, -error);
		return;
	}
	if (hold(spawner, job, &ends))
		start_child(spawner, job, &ends, dir_fd, path);
	ends_close_childs(&ends);
	if (job->result.stage == SPAWN_OK) {
		job->result.fds = ends.ours;
		job->result.notify = ends.notify[0];
		return;
	}
	ends_close_ours(&ends);
	keeperlink_tell_drop(spawner->link, job->request->serial);
	if (spawner->cgroups)
		cgroup_remove(spawner->cgroups, job->request->serial);
}

/* As whom, and where. -1: it cannot be, which is in the result. */
static int find_place(struct spawner *spawner, struct job *job)
{
	struct spawn_request *request = job->request;
	enum spawn_stage stage = SPAWN_USER;
	int dir_fd, error = owner_find(request, &spawner->owner, &stage);

	if (!error && spawner->owner.changes)
		error = owner_set_env(&spawner->owner, &request->env);
	if (error) {
		fail(job, stage, error);
		return -1;
	}
	dir_fd = open(request->dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (dir_fd < 0)
		fail(job, SPAWN_DIR, errno);
	return dir_fd;
}

static void spawn(struct spawner *spawner, struct job *job)
{
	struct spawn_request *request = job->request;
	char path[PATH_MAX];
	int dir_fd = find_place(spawner, job);
	int error;

	if (dir_fd < 0)
		return;
	error = lookup_program(dir_fd, request->argv[0], request->env, path);
	if (error)
		fail(job, SPAWN_EXEC, -error);
	else
		with_program(spawner, job, dir_fd, path);
	close(dir_fd);
}

static void *run(void *arg)
{
	struct spawner *spawner = arg;
	struct job *job;

	while ((job = (struct job *)mailbox_wait(&spawner->worker.in))) {
		if (mailbox_is_shut(&spawner->worker.in))
			fail(job, SPAWN_CLONE, ECANCELED);
		else
			spawn(spawner, job);
		spawn_request_free(job->request);
		mailbox_put(&spawner->worker.out, &job->letter);
	}
	return NULL;
}

/* Descriptors 0 to 2 must be taken, so that none of a child's is one of them. */
static int open_null(void)
{
	int fd;

	do {
		fd = open("/dev/null", O_RDWR);
	} while (fd >= 0 && fd <= STDERR_FILENO);
	if (fd < 0)
		return -errno;
	fcntl(fd, F_SETFD, FD_CLOEXEC);
	return fd;
}

static void dispose(struct spawner *spawner)
{
	seats_close(&spawner->seats);
	if (spawner->null_fd >= 0)
		close(spawner->null_fd);
	if (spawner->stack)
		child_stack_free(spawner->stack);
	free(spawner);
}

static int prepare(struct spawner *spawner)
{
	struct rlimit nofile;
	int error;

	spawner->tags_refused = tag_is_refused();
	getrlimit(RLIMIT_RTTIME, &spawner->rttime);
	getrlimit(RLIMIT_NOFILE, &spawner->nofile);
	nofile = (struct rlimit){.rlim_cur = spawner->nofile.rlim_max, .rlim_max = spawner->nofile.rlim_max};
	setrlimit(RLIMIT_NOFILE, &nofile);
	spawner->null_fd = open_null();
	error = spawner->null_fd < 0 ? spawner->null_fd : seats_open(&spawner->seats, spawner->null_fd);
	if (error)
		return error;
	spawner->stack = child_stack_make();
	if (!spawner->stack)
		return -ENOMEM;
	spawner->shares_memory = child_shares_memory(spawner->stack);
	spawner->shares_files = spawner->shares_memory && child_shares_files(spawner->stack);
	return 0;
}

int spawner_open(struct keeperlink *link, struct spawner **out)
{
	struct spawner *spawner = calloc(1, sizeof *spawner);
	int error;

	if (!spawner)
		return -ENOMEM;
	spawner->link = link;
	spawner->seats = (struct seats){.numbers = {-1, -1, -1, -1, -1}};
	error = prepare(spawner);
	if (!error)
		error = worker_start(&spawner->worker, run, spawner);
	if (error)
		dispose(spawner);
	else
		*out = spawner;
	return error;
}

void spawner_use_cgroups(struct spawner *spawner, const struct cgroups *cgroups)
{
	spawner->cgroups = cgroups;
}

int spawner_fd(const struct spawner *spawner)
{
	return spawner->worker.out.fd;
}

int spawner_submit(struct spawner *spawner, struct spawn_request *request)
{
	struct job *job = calloc(1, sizeof *job);

	if (!job) {
		spawn_request_free(request);
		return -ENOMEM;
	}
	job->request = request;
	job->result = (struct spawn_result){
		.token = request->token, .serial = request->serial, .pidfd = -1, .fds = {-1, -1, -1, -1}, .notify = -1};
	mailbox_put(&spawner->worker.in, &job->letter);
	return 0;
}

bool spawner_next(struct spawner *spawner, struct spawn_result *out)
{
	struct job *job = (struct job *)mailbox_take(&spawner->worker.out);

	if (!job)
		return false;
	*out = job->result;
	free(job);
	return true;
}

void spawner_close(struct spawner *spawner)
{
	struct spawn_result unread;

	if (!spawner)
		return;
	worker_join(&spawner->worker);
	while (spawner_next(spawner, &unread)) {
		if (unread.pidfd >= 0)
			close(unread.pidfd);
		run_fds_close(&unread.fds);
		if (unread.notify >= 0)
			close(unread.notify);
	}
	worker_finish(&spawner->worker);
	dispose(spawner);
}
