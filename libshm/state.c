/* SPDX-License-Identifier: MIT */
#include <brummer/state.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "libshm/head.h"
#include "libshm/text.h"

_Static_assert(sizeof(struct brm_state) == 256, "a state is a slot of the region");

static const char *const status_words[BRM_STATUS_COUNT] = {
	[BRM_ABSENT] = "absent",   [BRM_PENDING] = "pending",   [BRM_STARTING] = "starting",
	[BRM_RUNNING] = "running", [BRM_STOPPING] = "stopping", [BRM_BACKOFF] = "backoff",
	[BRM_STOPPED] = "stopped", [BRM_FAILED] = "failed",     [BRM_SUCCESS] = "success",
};

static const char *const reason_words[BRM_REASON_COUNT] = {
	[BRM_REASON_NONE] = "",
	[BRM_REASON_EXIT] = "exit",
	[BRM_REASON_SIGNAL] = "signal",
	[BRM_REASON_SPAWN] = "spawn",
	[BRM_REASON_ASKED] = "asked",
	[BRM_REASON_DEPENDENCY] = "dependency",
	[BRM_REASON_READY] = "ready",
	[BRM_REASON_NOT_READY] = "not_ready",
	[BRM_REASON_LIMIT] = "limit",
	[BRM_REASON_MEMORY] = "memory",
	[BRM_REASON_WATCH] = "watch",
	[BRM_REASON_SCHEDULE] = "schedule",
	[BRM_REASON_RECOVERED] = "recovered",
	[BRM_REASON_SHUTDOWN] = "shutdown",
	[BRM_REASON_UPGRADED] = "upgraded",
	[BRM_REASON_NOT_UPGRADED] = "not_upgraded",
	[BRM_REASON_KEEPER_LOST] = "keeper_lost",
	[BRM_REASON_SET_ASIDE] = "set_aside",
};

uint64_t brm_head_make(uint64_t version, unsigned tenant, enum brm_status status)
{
	return head_make(version, tenant, status);
}

uint64_t brm_head_version(uint64_t head)
{
	return head_version(head);
}

unsigned brm_head_tenant(uint64_t head)
{
	return head_tenant(head);
}

enum brm_status brm_head_status(uint64_t head)
{
	return head_status(head);
}

const char *brm_status_word(enum brm_status status)
{
	return (unsigned)status < BRM_STATUS_COUNT ? status_words[status] : "unknown";
}

int brm_status_parse(const char *word, enum brm_status *out)
{
	for (unsigned i = 0; i < BRM_STATUS_COUNT; i++) {
		if (strcmp(word, status_words[i]) == 0) {
			*out = (enum brm_status)i;
			return 0;
		}
	}
	return -EINVAL;
}

const char *brm_reason_word(enum brm_reason reason)
{
	return (unsigned)reason < BRM_REASON_COUNT ? reason_words[reason] : "";
}

bool brm_status_is_finished(enum brm_status status)
{
	return status == BRM_STOPPED || status == BRM_FAILED || status == BRM_SUCCESS;
}

bool brm_status_is_alive(enum brm_status status)
{
	return status == BRM_STARTING || status == BRM_RUNNING || status == BRM_STOPPING;
}

enum brm_status brm_state_status(const struct brm_state *state)
{
	return head_status(state->head);
}

bool brm_state_is_running(const struct brm_state *state)
{
	return brm_state_status(state) == BRM_RUNNING;
}

bool brm_state_is_finished(const struct brm_state *state)
{
	return brm_status_is_finished(brm_state_status(state));
}

bool brm_state_is_ready(const struct brm_state *state)
{
	return brm_state_is_running(state) && (state->flags & BRM_FLAG_READY);
}

bool brm_state_stop_requested(const struct brm_state *state)
{
	return state->flags & BRM_FLAG_STOP_REQUESTED;
}

static uint64_t since(uint64_t from, uint64_t to)
{
	return to > from ? to - from : 0;
}

uint64_t brm_state_duration_ns(const struct brm_state *state, uint64_t now_boot_ns)
{
	if (state->start_ns == 0)
		return 0;
	if (state->end_ns != 0)
		return since(state->start_ns, state->end_ns);
	return since(state->start_boot_ns, now_boot_ns);
}

char *brm_state_id(const struct brm_state *state, const char *name, char out[BRM_ID_MAX])
{
	if (state->run == 0)
		snprintf(out, BRM_ID_MAX, "%.*s", BRM_NAME_MAX - 1, name);
	else
		snprintf(out, BRM_ID_MAX, "%.*s#%u", BRM_NAME_MAX - 1, name, state->run);
	return out;
}

size_t brm_state_string(const struct brm_state *state, const char *name, char *out, size_t size)
{
	char id[BRM_ID_MAX];

	return (size_t)snprintf(out, size, "Process[%s: %s]", brm_state_id(state, name, id),
				brm_status_word(brm_state_status(state)));
}

/* Copy text into out[size]: control characters as spaces, cut between characters with an ellipsis, padded with NUL. */
static void copy_text(char *out, size_t size, const char *text, size_t length)
{
	size_t kept = length;

	memset(out, 0, size);
	if (length >= size)
		kept = text_cut(text, length, size);
	for (size_t i = 0; i < kept; i++)
		out[i] = (unsigned char)text[i] < 0x20 || text[i] == 0x7f ? ' ' : text[i];
	if (kept < length)
		memcpy(out + kept, TEXT_ELLIPSIS, TEXT_ELLIPSIS_BYTES);
}

static void set_reason(struct brm_state *state, enum brm_reason code, const char *text)
{
	state->reason_code = (uint16_t)code;
	copy_text(state->reason, sizeof state->reason, text, strlen(text));
}

static void set_status(struct brm_state *state, enum brm_status status)
{
	state->head = (state->head & ~HEAD_STATUS_MASK) | (uint64_t)status;
}

/* The run is over: its end, as far from its start as CLOCK_BOOTTIME went, and no process any more. */
static void set_end(struct brm_state *state, struct brm_now now)
{
	state->pid = 0;
	state->pid_start = 0;
	if (state->end_ns != 0)
		return;
	if (state->start_ns == 0)
		state->end_ns = now.real_ns;
	else
		state->end_ns = state->start_ns + since(state->start_boot_ns, now.boot_ns);
}

struct brm_state brm_state_with_status(const struct brm_state *state, enum brm_status status, struct brm_now now)
{
	struct brm_state next = *state;

	set_status(&next, status);
	if (brm_status_is_finished(status))
		set_end(&next, now);
	return next;
}

struct brm_state brm_state_with_run(const struct brm_state *state, int32_t pid, uint64_t pid_start, struct brm_now now)
{
	struct brm_state next = {
		.epoch = state->epoch,
		.head = state->head,
		.start_ns = now.real_ns,
		.start_boot_ns = now.boot_ns,
		.pid = pid,
		.pid_start = pid_start,
		.run = state->run + 1,
		.restarts = state->restarts,
		.order = state->order,
		.identity = state->identity,
	};

	set_status(&next, BRM_STARTING);
	return next;
}

static void set_exit(struct brm_state *state, struct brm_exit how)
{
	char text[BRM_REASON_MAX];

	state->flags &= (uint16_t) ~(BRM_FLAG_EXITED | BRM_FLAG_SIGNALED | BRM_FLAG_EXIT_LOST);
	state->exit_code = 0;
	state->signal = 0;
	if (how.lost) {
		state->flags |= BRM_FLAG_EXIT_LOST;
		set_reason(state, BRM_REASON_EXIT, "nobody saw how it ended");
	} else if (how.signal != 0) {
		state->flags |= BRM_FLAG_SIGNALED;
		state->signal = how.signal;
		snprintf(text, sizeof text, "signal %d", how.signal);
		set_reason(state, BRM_REASON_SIGNAL, text);
	} else {
		state->flags |= BRM_FLAG_EXITED;
		state->exit_code = how.code;
		snprintf(text, sizeof text, "exit code %d", how.code);
		set_reason(state, BRM_REASON_EXIT, text);
	}
}

static enum brm_status status_of_exit(const struct brm_state *state, struct brm_exit how)
{
	if (brm_state_stop_requested(state))
		return BRM_STOPPED;
	return !how.lost && how.signal == 0 && (how.code == 0 || how.success) ? BRM_SUCCESS : BRM_FAILED;
}

struct brm_state brm_state_with_exit(const struct brm_state *state, struct brm_exit how, struct brm_now now)
{
	struct brm_state next = *state;

	set_exit(&next, how);
	set_status(&next, status_of_exit(state, how));
	set_end(&next, now);
	return next;
}

struct brm_state brm_state_with_spawn_error(const struct brm_state *state, const char *reason, struct brm_now now)
{
	struct brm_state next = *state;

	next.flags &= (uint16_t) ~(BRM_FLAG_EXITED | BRM_FLAG_SIGNALED | BRM_FLAG_EXIT_LOST);
	next.exit_code = 0;
	next.signal = 0;
	set_reason(&next, BRM_REASON_SPAWN, reason);
	set_status(&next, BRM_FAILED);
	set_end(&next, now);
	return next;
}

struct brm_state brm_state_with_ready(const struct brm_state *state, struct brm_now now)
{
	struct brm_state next = *state;

	next.flags |= BRM_FLAG_READY;
	next.ready_ns = now.real_ns;
	set_status(&next, BRM_RUNNING);
	return next;
}

struct brm_state brm_state_with_stop_requested(const struct brm_state *state)
{
	struct brm_state next = *state;

	next.flags |= BRM_FLAG_STOP_REQUESTED;
	return next;
}

struct brm_state brm_state_with_backoff(const struct brm_state *state, struct brm_exit how, uint64_t next_ns,
					struct brm_now now)
{
	struct brm_state next = brm_state_with_exit(state, how, now);

	set_status(&next, BRM_BACKOFF);
	next.next_ns = next_ns;
	return next;
}

struct brm_state brm_state_with_reason(const struct brm_state *state, enum brm_reason code, const char *text)
{
	struct brm_state next = *state;

	set_reason(&next, code, text ? text : "");
	return next;
}

struct brm_state brm_state_with_last_error(const struct brm_state *state, const char *text, size_t length)
{
	struct brm_state next = *state;

	copy_text(next.last_error, sizeof next.last_error, text, length);
	return next;
}

const char *brm_strings_next(const struct brm_strings *list, const char *at)
{
	if (list->count == 0)
		return NULL;
	if (!at)
		return list->first;
	at += strlen(at) + 1;
	return at < list->first + list->size ? at : NULL;
}
