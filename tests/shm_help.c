/* SPDX-License-Identifier: MIT */
#include "tests/shm_help.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "tests/check_main.h"

static int ready_fd = -1;

const struct brm_instance *shm_instance(const char *stem)
{
	static struct brm_instance instance;

	memset(&instance, 0, sizeof instance);
	snprintf(instance.name, sizeof instance.name, "%s", stem);
	snprintf(instance.region, sizeof instance.region, "%s", test_region(stem));
	snprintf(instance.dir, sizeof instance.dir, "/project/%s", stem);
	snprintf(instance.control, sizeof instance.control, "/run/%s/control", stem);
	snprintf(instance.state_dir, sizeof instance.state_dir, "%s", test_dir());
	return &instance;
}

struct brm_writer *shm_writer(const char *stem, struct brm_writer_options options)
{
	struct brm_writer *writer;
	int rc;

	options.instance = shm_instance(stem);
	options.version = "test";
	rc = brm_writer_create(&options, &writer);
	ck_assert_msg(rc == 0, "cannot create the region: %s", brm_strerror(rc));
	return writer;
}

struct brm_reader *shm_reader(const char *stem)
{
	struct brm_reader *reader;
	int rc = brm_reader_open(test_region(stem), &reader);

	ck_assert_msg(rc == 0, "cannot read the region: %s", brm_strerror(rc));
	return reader;
}

uint32_t shm_add(struct brm_writer *writer, const char *name, enum brm_status status)
{
	struct brm_identity identity = {.name = name};
	struct brm_state state = {.head = brm_head_make(0, 0, status)};
	uint32_t entry;
	int rc = brm_writer_add(writer, &identity, &state, &entry);

	ck_assert_msg(rc == 0, "cannot add %s: %s", name, brm_strerror(rc));
	return entry;
}

struct brm_state shm_state(const struct brm_writer *writer, uint32_t entry)
{
	struct brm_state state;

	ck_assert_int_eq(brm_writer_state(writer, entry, &state), 0);
	return state;
}

void shm_set(struct brm_writer *writer, uint32_t entry, enum brm_status status)
{
	struct brm_state state = shm_state(writer, entry);

	state.head = brm_head_make(0, 0, status);
	ck_assert_int_eq(brm_writer_publish(writer, entry, &state), 0);
}

static uint64_t mix(uint64_t number, unsigned part)
{
	return (number + part) * UINT64_C(0x9e3779b97f4a7c15);
}

static void fill(char *out, size_t size, uint64_t number, unsigned part)
{
	for (size_t i = 0; i + 1 < size; i++)
		out[i] = (char)('a' + (mix(number, part + (unsigned)i) >> 40) % 26);
	out[size - 1] = '\0';
}

void shm_seal(struct brm_state *state, uint64_t number)
{
	state->start_ns = number;
	state->end_ns = mix(number, 1);
	state->start_boot_ns = mix(number, 2);
	state->ready_ns = mix(number, 3);
	state->next_ns = mix(number, 4);
	state->pid_start = mix(number, 5);
	state->run = (uint32_t)number;
	state->pid = (int32_t)mix(number, 6);
	state->exit_code = (int32_t)mix(number, 7);
	state->signal = (int32_t)mix(number, 8);
	state->restarts = (uint32_t)mix(number, 9);
	state->order = (uint32_t)mix(number, 10);
	fill(state->reason, sizeof state->reason, number, 11);
	fill(state->last_error, sizeof state->last_error, number, 77);
}

bool shm_is_sealed(const struct brm_state *state, uint64_t *number)
{
	struct brm_state wanted = *state;

	shm_seal(&wanted, state->start_ns);
	*number = state->start_ns;
	return memcmp(&wanted, state, sizeof wanted) == 0;
}

pid_t shm_child(shm_child_fn *work, const char *stem)
{
	int fds[2];
	char byte;
	pid_t pid;

	ck_assert_int_eq(pipe(fds), 0);
	pid = fork();
	ck_assert_int_ge(pid, 0);
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		close(fds[0]);
		ready_fd = fds[1];
		work(stem);
		_exit(0);
	}
	close(fds[1]);
	ck_assert_int_eq(read(fds[0], &byte, 1), 1);
	close(fds[0]);
	return pid;
}

void shm_ready(void)
{
	if (write(ready_fd, "r", 1) != 1)
		_exit(1);
}

void shm_kill(pid_t pid)
{
	kill(pid, SIGKILL);
	ck_assert_int_eq(waitpid(pid, NULL, 0), pid);
}

int shm_wait_exit(pid_t pid)
{
	int status;

	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_msg(WIFEXITED(status), "child ended by signal %d", WTERMSIG(status));
	return WEXITSTATUS(status);
}

uint64_t shm_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

void shm_pause(void)
{
	nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
}
