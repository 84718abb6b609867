/* SPDX-License-Identifier: MIT */
#include "clients/cli/reading.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "clients/common/near.h"
#include "clients/common/select.h"

int reading_find(const struct cli *cli, const char *doing, struct brm_instance *out)
{
	int rc = find_instance(&cli->where, out);
	const char *what = cli->where.instance ? cli->where.instance : cli->where.dir ? cli->where.dir : ".";

	if (rc == 0)
		return EXIT_DONE;
	if (rc == -EPERM)
		return fail(EXIT_FAILED, "cannot %s: the configuration belongs to another user", doing);
	if (rc == -EINVAL)
		return fail(EXIT_USAGE, "cannot %s: %s is not the name of an instance; see brummer-cli instances",
			    doing, what);
	if (rc == -ENAMETOOLONG)
		return fail(EXIT_FAILED,
			    "cannot %s: %s: its socket's path is too long; XDG_RUNTIME_DIR can be a shorter one", doing,
			    what);
	return fail(EXIT_FAILED, "cannot %s: %s: %s", doing, what, brm_strerror(-rc));
}

int reading_fail(const struct cli *cli, const char *doing, const struct brm_instance *instance, int error)
{
	const char *where = *instance->dir ? instance->dir : instance->name;

	if (error == -ENOENT)
		return fail(EXIT_NONE, "cannot %s: no supervisor runs for %s; brummer-cli up starts one", doing, where);
	if (error == -ETIMEDOUT)
		return fail(EXIT_FAILED, "cannot %s: the supervisor did not answer; --read-path shm reads its memory",
			    doing);
	return fail(EXIT_FAILED, "cannot %s: %s: %s%s", doing, instance->name, brm_strerror(error),
		    cli->read_path == READ_SHM ? "; --read-path rpc asks the supervisor" : "");
}

static int look_at_liveness(const struct cli *cli, const struct reading *reading)
{
	const char *name = reading->snapshot.info.name;

	switch (reading->snapshot.liveness) {
	case BRM_DEAD:
		fail(EXIT_DEAD, "the supervisor of %s has died; this is its last state", name);
		return EXIT_DEAD;
	case BRM_RESTARTING:
		warn(cli, "the supervisor of %s is being restarted; this is its last state", name);
		return EXIT_DONE;
	case BRM_UNRESPONSIVE:
		warn(cli, "the supervisor of %s does not respond; this is what it last published", name);
		return EXIT_DONE;
	default:
		if (reading->snapshot.info.keeper_pid <= 0 && reading->snapshot.liveness == BRM_LIVE)
			warn(cli, "the supervisor of %s has lost its keeper; what runs goes on, down and up mends it",
			     name);
		return EXIT_DONE;
	}
}

/* It could not be opened. What is said of it names its directory, which may take a longer look. */
static int say_unopened(const struct cli *cli, const char *doing, struct reading *reading, int error)
{
	int status = *reading->instance.dir ? EXIT_DONE : reading_find(cli, doing, &reading->instance);

	return status == EXIT_DONE ? reading_fail(cli, doing, &reading->instance, error) : status;
}

/* Find and attach. A negated errno value, and nothing was said. */
static int attach(const struct cli *cli, struct reading *out)
{
	int rc;

	out->source = NULL;
	snapshot_init(&out->snapshot);
	out->status = EXIT_DONE;
	/* It is large: what is not filled in stays as it is. */
	out->instance.dir[0] = '\0';
	rc = find_region(&cli->where, &out->instance);
	return rc == 0 ? source_open(&out->instance, cli->read_path, &out->source) : rc;
}

/* A first snapshot was taken, or the first part of one. */
static void look_first(const struct cli *cli, struct reading *reading)
{
	struct brm_instance *instance = &reading->instance;

	if (!*instance->dir)
		snprintf(instance->dir, sizeof instance->dir, "%s", reading->snapshot.info.dir);
	reading->status = look_at_liveness(cli, reading);
}

int reading_open(const struct cli *cli, const char *doing, struct reading *out)
{
	int rc = attach(cli, out);

	if (rc == 0)
		rc = source_snapshot(out->source, &out->snapshot);
	if (rc != 0)
		return say_unopened(cli, doing, out, rc);
	look_first(cli, out);
	return EXIT_DONE;
}

int reading_walk(const struct cli *cli, const char *doing, struct reading *out, enum source_depth depth,
		 source_part *each, void *arg)
{
	int rc = attach(cli, out);

	if (rc == 0)
		rc = source_walk(out->source, &out->snapshot, depth, each, arg);
	if (rc != 0)
		return say_unopened(cli, doing, out, rc);
	look_first(cli, out);
	return EXIT_DONE;
}

void reading_finish(struct reading *reading)
{
	source_close(reading->source);
	snapshot_finish(&reading->snapshot);
	reading->source = NULL;
}

int reading_again(struct reading *reading, const char *doing)
{
	int rc = source_snapshot(reading->source, &reading->snapshot);

	if (rc != 0)
		return fail(EXIT_FAILED, "cannot %s: %s: %s", doing, reading->instance.name, brm_strerror(rc));
	return EXIT_DONE;
}

int reading_look(struct reading *reading, const char *doing, bool *changed)
{
	*changed = source_changed(reading->source, &reading->snapshot);
	return *changed ? reading_again(reading, doing) : EXIT_DONE;
}

bool reading_log_moved(struct reading *reading, uint32_t at)
{
	struct process *process = &reading->snapshot.processes[at];
	struct brm_handle handle = {process->entry, brm_head_tenant(process->state.head)};
	struct brm_log_mark mark;

	if (brm_reader_log_mark(source_reader(reading->source), handle, &mark) != 0 ||
	    (process->has_log && mark.lines == process->log.lines))
		return false;
	process->has_log = true;
	process->log = mark;
	return true;
}

int reading_unknown(const struct reading *reading, const char *doing, const char *name)
{
	const char *found[3];
	size_t count = snapshot_nearest(&reading->snapshot, name, found, 3);
	char hint[800];

	return fail(EXIT_FAILED, "cannot %s %s: no such process%s", doing, name,
		    near_hint(found, count, hint, sizeof hint));
}

bool *reading_select(const struct reading *reading, const struct cli *cli, const char *doing)
{
	bool *chosen = must(calloc(reading->snapshot.count + 1, sizeof *chosen));
	const char *unknown = select_processes(&reading->snapshot, (const char *const *)cli->operands,
					       (size_t)cli->operand_count, chosen);

	if (!unknown)
		return chosen;
	free(chosen);
	reading_unknown(reading, doing, unknown);
	return NULL;
}

bool reading_is_over(const struct reading *reading)
{
	return reading->snapshot.liveness == BRM_DEAD || reading->snapshot.liveness == BRM_CLOSED;
}

enum woken reading_sleep(struct reading *reading, unsigned what, int64_t timeout_ns)
{
	/* No event is asked of standard output: that its reader has gone is told anyway. */
	struct pollfd fds[2] = {{.fd = source_bell(reading->source, what), .events = POLLIN}, {.fd = STDOUT_FILENO}};
	struct timespec timeout = {.tv_sec = timeout_ns / 1000000000, .tv_nsec = timeout_ns % 1000000000};
	int rc;

	if (fds[0].fd < 0)
		exit(fail(EXIT_FAILED, "cannot wait for changes: %s", brm_strerror(fds[0].fd)));
	rc = ppoll(fds, 2, timeout_ns < 0 ? NULL : &timeout, NULL);
	if (rc < 0 && errno != EINTR)
		exit(fail(EXIT_FAILED, "cannot wait for changes: %s", strerror(errno)));
	if (rc > 0 && fds[1].revents & (POLLERR | POLLHUP | POLLNVAL))
		return WOKEN_GONE;
	if (rc == 0)
		return WOKEN_TIMEOUT;
	source_bell_clear(reading->source);
	return WOKEN_CHANGE;
}
