/* SPDX-License-Identifier: MIT */
#include "engine/recover.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <brummer/region.h>

#include "engine/action.h"
#include "engine/crash.h"
#include "engine/ends.h"
#include "engine/lapse.h"
#include "engine/probe.h"
#include "engine/proc.h"
#include "engine/process.h"
#include "engine/publish.h"
#include "engine/restart.h"
#include "engine/tag.h"
#include "say.h"

#define ASIDE_MAX 8

/* What is being rebuilt. */
struct recovery {
	struct engine *engine;
	const struct brm_reader *old; /* NULL: no region was left */
	char *identity;               /* BRM_IDENTITY_MAX bytes */
	struct held_run *held;
	size_t held_count;
	size_t held_room;
	char aside[ASIDE_MAX][BRM_ID_MAX]; /* names that engines crashed on too often */
	size_t aside_count;
};

static const enum phase phase_of[BRM_STATUS_COUNT] = {
	[BRM_PENDING] = PHASE_IDLE,      [BRM_STARTING] = PHASE_STARTING, [BRM_RUNNING] = PHASE_RUNNING,
	[BRM_STOPPING] = PHASE_STOPPING, [BRM_BACKOFF] = PHASE_BACKOFF,   [BRM_STOPPED] = PHASE_STOPPED,
	[BRM_FAILED] = PHASE_FAILED,     [BRM_SUCCESS] = PHASE_SUCCESS,
};

struct brm_reader *recover_open(const struct engine_options *options)
{
	struct brm_reader *reader;
	int rc = brm_reader_open(options->instance.region, &reader);

	if (rc == -ENOENT)
		return NULL;
	if (rc != 0) {
		say("cannot continue the region %s: %s", options->instance.region, brm_strerror(rc));
		return NULL;
	}
	if (memcmp(brm_reader_info(reader)->uuid, options->uuid, sizeof options->uuid) == 0)
		return reader;
	brm_reader_close(reader);
	return NULL;
}

static int copy_list(char ***list, const struct brm_strings *strings)
{
	int rc = 0;

	for (const char *s = NULL; rc == 0 && (s = brm_strings_next(strings, s));)
		rc = list_append(list, s);
	return rc;
}

static int copy_text(char **to, const char *text)
{
	char *copy = strdup(text);

	if (!copy)
		return -ENOMEM;
	free(*to);
	*to = copy;
	return 0;
}

/* What can be run again of what only its identity tells. NULL: no memory. */
static struct spec *spec_of_identity(const struct brm_identity *identity)
{
	struct spec *spec = spec_new(identity->name);
	int rc = spec ? 0 : -ENOMEM;

	if (rc == 0 && identity->args.count > 0) {
		rc = list_append(&spec->argv, identity->command);
		if (rc == 0)
			rc = copy_list(&spec->argv, &identity->args);
	} else if (rc == 0) {
		rc = spec_set_command(spec, identity->command);
	}
	if (rc == 0)
		rc = copy_text(&spec->script, identity->script);
	if (rc == 0)
		rc = copy_text(&spec->dir, identity->dir);
	if (rc == 0)
		rc = copy_text(&spec->source, identity->source);
	if (rc == 0)
		rc = copy_list(&spec->labels, &identity->labels);
	if (rc != 0) {
		spec_free(spec);
		return NULL;
	}
	spec->tty = identity->tty;
	spec->stdin_kind = identity->stdin_kind;
	return spec;
}

static struct spec *spec_of(struct engine *engine, const struct brm_identity *identity, bool *adhoc)
{
	const struct spec *known = config_find(&engine->config, identity->name);

	*adhoc = !known;
	return known ? spec_copy(known) : spec_of_identity(identity);
}

/* Wait out what remains of a back-off, and go on with the series. */
static void resume_backoff(struct process *process, const struct brm_state *state)
{
	const struct spec *spec = process->spec;
	uint64_t now = engine_now().real_ns, delay = state->next_ns - state->end_ns;

	while (process->streak < 32 &&
	       restart_delay_ns(spec->backoff_first_ns, spec->backoff_last_ns, process->streak) < delay)
		process->streak++;
	process->streak++;
	delay = state->next_ns > now ? state->next_ns - now : 0;
	action_deadline(process, delay < spec->backoff_last_ns ? delay : spec->backoff_last_ns);
}

static int rebuild(struct recovery *recovery, uint32_t entry, const struct brm_identity *identity)
{
	struct engine *engine = recovery->engine;
	struct process *process;
	struct brm_state state;
	struct spec *spec;
	bool adhoc;
	int rc = brm_writer_state(engine->writer, entry, &state);

	if (rc != 0)
		return rc;
	spec = spec_of(engine, identity, &adhoc);
	rc = spec ? process_adopt(engine, spec, entry, &process) : -ENOMEM;
	if (rc != 0) {
		spec_free(spec);
		return rc;
	}
	process->adhoc = adhoc;
	process->phase = phase_of[brm_state_status(&state)];
	process->leader = state.pid;
	lapse_recover(process, &state);
	if (state.serial && !table_find_serial(&engine->table, state.serial))
		table_set_serial(&engine->table, process, state.serial);
	process->held = process->serial != 0;
	if (state.serial > engine->last_serial)
		engine->last_serial = state.serial;
	if (process->phase == PHASE_BACKOFF)
		resume_backoff(process, &state);
	return 0;
}

static void find_aside(struct recovery *recovery)
{
	char id[BRM_ID_MAX];
	int crashes;

	for (uint32_t i = 0; (crashes = keeperlink_suspect(recovery->engine->keeper, i, id)) >= 0; i++)
		if (crashes >= CRASH_LIMIT && recovery->aside_count < ASIDE_MAX)
			memcpy(recovery->aside[recovery->aside_count++], id, sizeof id);
}

/* Is the process of this name, or of this id (the name ends where length says), to be left alone? */
static bool is_aside(const struct recovery *recovery, const char *name, size_t length)
{
	for (size_t i = 0; i < recovery->aside_count; i++)
		if (strlen(recovery->aside[i]) == length && memcmp(recovery->aside[i], name, length) == 0)
			return true;
	return false;
}

/* What runs of it goes on, but not under this supervisor. */
static void set_aside(struct recovery *recovery, uint32_t entry, const char *name)
{
	struct brm_writer *writer = recovery->engine->writer;
	struct brm_event event = {.entry = entry, .reason_code = BRM_REASON_SET_ASIDE, .by_kind = BRM_BY_SUPERVISOR};
	struct brm_state state;

	if (brm_writer_state(writer, entry, &state) != 0)
		return;
	say("%s is set aside: the supervisor has crashed on it %d times%s", name, CRASH_LIMIT,
	    state.pid ? "; what runs of it is not supervised any more" : "");
	event.run = state.run;
	event.pid = state.pid;
	event.tenant = (uint16_t)brm_head_tenant(state.head);
	event.from = (uint8_t)brm_state_status(&state);
	event.identity = state.identity;
	brm_writer_event(writer, &event);
	brm_writer_remove(writer, entry);
}

/* One entry of the old region, or nothing if it holds none. */
static int rebuild_entry(struct recovery *recovery, uint32_t entry)
{
	struct brm_identity identity;
	struct brm_state state;
	int rc;

	if (brm_reader_state(recovery->old, entry, &state) != 0)
		return 0;
	rc = brm_reader_identity(recovery->old, &state, recovery->identity, BRM_IDENTITY_MAX, &identity);
	if (rc != 0)
		return rc;
	if (is_aside(recovery, identity.name, strlen(identity.name))) {
		set_aside(recovery, entry, identity.name);
		return 0;
	}
	crash_enter(identity.name);
	rc = rebuild(recovery, entry, &identity);
	crash_leave();
	return rc;
}

/* All that the old region holds and the new one has taken over. */
static void rebuild_table(struct recovery *recovery)
{
	uint32_t used = recovery->old ? brm_reader_used(recovery->old) : 0;

	for (uint32_t entry = 0; entry < used; entry++) {
		int rc = rebuild_entry(recovery, entry);

		if (rc == 0)
			continue;
		say("cannot recover entry %u of the region: %s", entry, brm_strerror(rc));
		brm_writer_remove(recovery->engine->writer, entry);
	}
}

static void close_fds(struct run_fds fds)
{
	run_fds_close(&fds);
}

static void collect(const struct held_run *run, void *arg)
{
	struct recovery *recovery = arg;
	size_t room = recovery->held_room ? 2 * recovery->held_room : 64;
	struct held_run *held = recovery->held;

	if (recovery->held_count == recovery->held_room) {
		held = realloc(held, room * sizeof *held);
		if (!held) {
			say("cannot recover %s: no memory", run->id);
			close_fds(run->fds);
			return;
		}
		recovery->held = held;
		recovery->held_room = room;
	}
	held[recovery->held_count++] = *run;
}

/* The process that a held run is one of, when its serial is in no state: by name, made anew if the region was lost. */
static struct process *find_by_id(struct engine *engine, const struct held_run *run)
{
	char name[BRM_ID_MAX];
	const struct spec *known;
	struct process *process;
	struct spec *spec;
	char *mark;

	memcpy(name, run->id, sizeof name);
	mark = strrchr(name, '#');
	if (!mark)
		return NULL;
	*mark = '\0';
	process = table_find(&engine->table, name);
	if (process)
		return process_is_alive(process) ? NULL : process;
	known = config_find(&engine->config, name);
	spec = known ? spec_copy(known) : spec_new(name);
	if (!spec || process_create(engine, spec, &process) != 0) {
		spec_free(spec);
		return NULL;
	}
	process->adhoc = !known;
	return process;
}

/* Watch a leader of which pid and start are known. -ESRCH: it is gone, and so is how it ended. */
static int watch(struct process *process, pid_t pid, uint64_t start)
{
	int pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
	struct proc_stat stat;
	int rc;

	if (pidfd < 0)
		return -errno;
	rc = proc_stat(pid, &stat);
	if (rc == 0 && start && stat.start != start)
		rc = -ESRCH;
	if (rc != 0) {
		close(pidfd);
		return rc;
	}
	return process_watch(process, pid, pidfd);
}

/* How many runs there were before the one of this id. */
static uint32_t run_of_id(const char *id)
{
	const char *mark = strrchr(id, '#');
	unsigned long run = mark ? strtoul(mark + 1, NULL, 10) : 0;

	return run > 0 && run <= UINT32_MAX ? (uint32_t)run - 1 : 0;
}

/* It was born, and the old engine died before it could tell. */
static void publish_birth(struct process *process, const struct held_run *run)
{
	struct brm_state state = publish_state_of(process);
	struct brm_now now = engine_now();
	struct proc_stat stat = {0};

	process->phase = process->spec->ready.kind == PROBE_NONE ? PHASE_RUNNING : PHASE_STARTING;
	proc_stat(run->pid, &stat);
	if (state.run == 0) /* the old region was lost, but the id tells */
		state.run = run_of_id(run->id);
	state = brm_state_with_run(&state, run->pid, stat.start, now);
	state = brm_state_with_status(&state, phase_status(process->phase), now);
	state.serial = run->serial;
	process->leader = run->pid;
	publish_state(process, &state);
}

/* Of a run that had ended when the old engine died: what it has left, and perhaps the reap. */
static void take_rest(struct process *process, const struct held_run *run)
{
	process->left = true;
	if (run->pid <= 0)
		return;
	process->leader = run->pid;
	keeperlink_tell_reap(process->engine->keeper, run->pid);
}

/* What the supervisor itself ran (engine/errand.h): its answer is of no use any more. */
static void end_errand(struct engine *engine, const struct held_run *run)
{
	if (run->pid > 0)
		kill(-run->pid, SIGKILL); /* ours, and not reaped: the number is still its own */
	sweeper_submit(engine->sweeper, run->serial, tag_make(engine->options->tag, run->serial), run->pid);
	keeperlink_tell_drop(engine->keeper, run->serial);
	close_fds(run->fds);
}

static void take_held(struct recovery *recovery, const struct held_run *run)
{
	struct engine *engine = recovery->engine;
	struct process *process = table_find_serial(&engine->table, run->serial);
	const char *mark = strrchr(run->id, '#');

	if (mark && is_aside(recovery, run->id, (size_t)(mark - run->id))) {
		close_fds(run->fds);
		return;
	}
	if (!process && run->id[0] == '\0' && run->instance == engine->options->tag) {
		end_errand(engine, run);
		return;
	}
	if (!process && run->instance == engine->options->tag)
		process = find_by_id(engine, run);
	if (!process) {
		say("cannot tell whose run %u (%s, pid %d) is", run->serial, run->id, (int)run->pid);
		close_fds(run->fds);
		return;
	}
	if (process->serial != run->serial)
		table_set_serial(&engine->table, process, run->serial);
	if (run->serial > engine->last_serial)
		engine->last_serial = run->serial;
	process->held = true;
	action_connect(process, run->fds, true);
	probe_adopt(process, run->fds.say);
	if (process_is_alive(process))
		process->left = true;
	else if (phase_status(process->phase) == BRM_PENDING && run->pid > 0)
		publish_birth(process, run);
	else
		take_rest(process, run);
}

/* Watch the leader of a process that lived when the old engine died. */
static void resume(struct process *process)
{
	struct brm_state state = publish_state_of(process);
	int rc;

	if (!process_is_alive(process))
		return;
	process->left = true;
	rc = watch(process, state.pid, state.pid_start);
	if (rc != 0) {
		process_lost(process);
		return;
	}
	if (process->phase == PHASE_STOPPING || process->phase == PHASE_ENDING)
		action_end(process); /* once more: the engine may have died before it signalled */
	else if (process->phase == PHASE_STARTING && process->spec->ready.kind == PROBE_NONE)
		process_feed(process, ON_READY);
	else
		probe_begin(process, -1);
}

bool recover_processes(struct engine *engine, const struct brm_reader *old)
{
	struct recovery recovery = {.engine = engine, .old = old, .identity = malloc(BRM_IDENTITY_MAX)};
	int rc;

	if (!recovery.identity) {
		say("cannot recover: no memory");
		return old;
	}
	find_aside(&recovery);
	rebuild_table(&recovery);
	rc = keeperlink_held(engine->keeper, collect, &recovery);
	if (rc != 0)
		say("cannot ask the keeper what it holds: %s", strerror(-rc));
	for (size_t i = 0; i < recovery.held_count; i++)
		take_held(&recovery, &recovery.held[i]);
	for (struct process *process = NULL; (process = table_next(&engine->table, process));)
		resume(process);
	free(recovery.held);
	free(recovery.identity);
	return old || recovery.held_count > 0;
}
