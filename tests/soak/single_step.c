/* SPDX-License-Identifier: MIT */
/*
 * single_step.c - a crash at every instruction of everything a writer does to a live region
 *
 * A traced writer makes one change an instruction at a time. After each, what a crash there would leave is what the
 * region holds now: the process that is being changed must be readable and whole, as it was before or as it is after,
 * and its neighbour untouched. At every STRIDE-th instruction the writer is really killed, and a successor takes over.
 *
 * Prints TAP; one point a kind of change.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

#include <brummer/writer.h>

#include "tests/soak/verified.h"

#define STRIDE    97
#define STEPS_MAX 2000000 /* of one change; more is a change that never ends */

static struct brm_instance instance;

/* --- what the writer does, entry 0 being changed, entry 1 its neighbour --- */

static void publish(struct brm_writer *writer)
{
	struct brm_state old, state = verified_state(2);

	brm_writer_state(writer, 0, &old);
	state.identity = old.identity;
	brm_writer_publish(writer, 0, &state);
}

static struct brm_state next_state(const struct brm_state *state, void *arg)
{
	struct brm_state next = verified_state(2);

	(void)arg;
	next.identity = state->identity;
	return next;
}

static void update(struct brm_writer *writer)
{
	brm_writer_update(writer, 0, next_state, NULL, NULL);
}

static void commit(struct brm_writer *writer)
{
	publish(writer);
	brm_writer_commit(writer);
}

static void event(struct brm_writer *writer)
{
	brm_writer_event(writer, &(struct brm_event){.entry = 0, .from = BRM_RUNNING, .to = BRM_STOPPING});
	brm_writer_commit(writer);
}

static void add(struct brm_writer *writer)
{
	struct brm_identity identity = {.name = "newcomer"};
	struct brm_state state = verified_state(1);
	uint32_t entry;

	brm_writer_add(writer, &identity, &state, &entry);
	brm_writer_commit(writer);
}

static void remove_other(struct brm_writer *writer)
{
	brm_writer_remove(writer, 2);
	brm_writer_commit(writer);
}

static void sample(struct brm_writer *writer)
{
	brm_writer_metrics(writer, 0, &(struct brm_metrics){.time_ns = 1, .memory_bytes = 2});
	brm_writer_log_mark(writer, 0, &(struct brm_log_mark){.lines = 1, .bytes = {10, 0}});
	brm_writer_ring_logs(writer);
}

static const struct change {
	const char *name;
	void (*make)(struct brm_writer *writer);
} changes[] = {
	{"publish", publish}, {"update", update},       {"publish and commit", commit},   {"event", event},
	{"add", add},         {"remove", remove_other}, {"metrics and log mark", sample},
};

#define CHANGES (sizeof changes / sizeof *changes)

/* --- the traced writer --- */

static struct brm_writer *create(const struct brm_reader *previous)
{
	struct brm_writer_options options = {.instance = &instance, .version = "step", .previous = previous};
	struct brm_writer *writer;

	return brm_writer_create(&options, &writer) == 0 ? writer : NULL;
}

static void be_traced(const struct change *change)
{
	struct brm_writer *writer = create(NULL);

	for (unsigned i = 0; writer && i < 3; i++) {
		const char *const names[] = {"changed", "neighbour", "removed"};
		struct brm_state state = verified_state(1);
		uint32_t entry;

		brm_writer_add(writer, &(struct brm_identity){.name = names[i]}, &state, &entry);
	}
	if (!writer || ptrace(PTRACE_TRACEME, 0, NULL, NULL) != 0)
		_exit(99);
	brm_writer_commit(writer);
	raise(SIGSTOP);
	change->make(writer);
	raise(SIGSTOP);
	_exit(0);
}

/* A writer that is about to make its change; 0 when it cannot be traced. */
static pid_t start(const struct change *change)
{
	int status;
	pid_t pid = fork();

	if (pid == 0)
		be_traced(change);
	if (waitpid(pid, &status, 0) != pid || !WIFSTOPPED(status))
		return 0;
	return pid;
}

static void end(pid_t pid)
{
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

/* One instruction. False when the change is made. */
static bool step(pid_t pid)
{
	int status;

	ptrace(PTRACE_SINGLESTEP, pid, NULL, NULL);
	return waitpid(pid, &status, 0) == pid && WIFSTOPPED(status) && WSTOPSIG(status) == SIGTRAP;
}

/* --- what must hold after each --- */

static const char *complaint(const struct brm_reader *reader, uint64_t *newest)
{
	struct brm_handle handle;
	struct brm_state state;
	struct brm_cut cut;

	if (brm_reader_state(reader, 0, &state) != 0 || !verified_is_whole(&state))
		return "the process being changed cannot be read";
	if (verified_number(&state) < *newest)
		return "the process being changed went back";
	*newest = verified_number(&state);
	if (brm_reader_state(reader, 1, &state) != 0 || !verified_is_whole(&state) || verified_number(&state) != 1)
		return "its neighbour has changed";
	if (brm_reader_find(reader, "changed", &handle) != 0 || handle.entry != 0)
		return "its name cannot be found";
	brm_reader_list(reader, NULL, NULL, 0, &cut);
	if (cut.count < 2)
		return "the list has lost it";
	return NULL;
}

/* Kill a writer after `steps` instructions; the region must be readable and continued. */
static const char *crash_after(const struct change *change, long steps)
{
	const char *problem = "the writer cannot be traced";
	struct brm_reader *reader = NULL;
	struct brm_writer *successor;
	uint64_t newest = 1;
	pid_t pid = start(change);

	if (pid == 0)
		return problem;
	while (steps-- > 0 && step(pid))
		;
	end(pid);
	if (brm_reader_open(instance.region, &reader) != 0)
		return "the region of a crashed writer cannot be opened";
	problem = complaint(reader, &newest);
	if (!problem && brm_reader_liveness(reader) != BRM_DEAD)
		problem = "the crash is not noticed";
	successor = problem ? NULL : create(reader);
	if (!problem && !successor)
		problem = "no successor can take over";
	if (!problem && brm_reader_refresh(reader) != 1)
		problem = "the successor's region is not found";
	if (!problem)
		problem = complaint(reader, &newest);
	brm_reader_close(reader);
	brm_writer_close(successor);
	return problem;
}

static const char *step_through(const struct change *change, long *steps)
{
	const char *problem = NULL;
	struct brm_reader *reader;
	uint64_t newest = 1;
	pid_t pid = start(change);

	*steps = 0;
	if (pid == 0)
		return "the writer cannot be traced";
	if (brm_reader_open(instance.region, &reader) != 0) {
		end(pid);
		return "the region cannot be opened";
	}
	do {
		problem = complaint(reader, &newest);
	} while (!problem && ++*steps < STEPS_MAX && step(pid));
	brm_reader_close(reader);
	end(pid);
	return problem;
}

static bool can_trace(void)
{
	pid_t pid = fork();
	int status;

	if (pid == 0)
		_exit(ptrace(PTRACE_TRACEME, 0, NULL, NULL) != 0);
	return waitpid(pid, &status, 0) == pid && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

int main(void)
{
	char name[BRM_INSTANCE_MAX];
	int failed = 0;

	setvbuf(stdout, NULL, _IOLBF, 0);
	snprintf(name, sizeof name, "step-%d", (int)getpid());
	if (!can_trace() || brm_instance_of_name(name, &instance) != 0) {
		puts("1..0 # SKIP processes cannot be traced here");
		return 0;
	}
	printf("1..%zu\n", CHANGES);
	for (size_t i = 0; i < CHANGES; i++) {
		long steps, crashes = 0;
		const char *problem = step_through(&changes[i], &steps);

		for (long at = 0; !problem && at < steps; at += STRIDE, crashes++)
			problem = crash_after(&changes[i], at);
		printf("%sok %zu - %s: readable after each of %ld instructions, %ld crashes%s%s\n",
		       problem ? "not " : "", i + 1, changes[i].name, steps, crashes, problem ? ": " : "",
		       problem ? problem : "");
		failed += problem != NULL;
		shm_unlink(instance.region);
	}
	return failed != 0;
}
