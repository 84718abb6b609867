/* SPDX-License-Identifier: MIT */
#include "control/methods.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include <brummer/region.h>

#include "control/adhoc.h"
#include "control/call.h"
#include "control/status.h"
#include "control/terminal.h"
#include "engine/publish.h"
#include "engine/scale.h"
#include "engine/shutdown.h"
#include "engine/upgrade.h"
#include "say.h"

#define TIMEOUT_MAX_MS UINT64_C(86400000)

typedef msgpack_object_map params;

/* "names", or "name" for the methods that have one. False: the call was refused. */
static bool select_names(struct call *call, const params *p, const char *key, bool scripts, struct selection *out)
{
	enum brm_refusal refused = BRM_REFUSED_NOT;
	const char *wrong = NULL;
	bool autostart = false;
	char **names;

	if (call->method == BRM_START && rpc_bool(p, "autostart", &autostart, &wrong) && autostart) {
		refused = select_autostart(call->engine, out);
		if (refused)
			call_refuse_selected(call, refused, out);
		return !refused;
	}
	if (!rpc_list(p, key, &names, &wrong)) {
		call_refuse_parameter(call, key);
		return false;
	}
	for (char **name = names; *name && !refused; name++)
		refused = select_add(call->engine, out, *name, scripts);
	if (refused)
		call_refuse_selected(call, refused, out);
	list_free(names);
	return !refused;
}

/* Is it the run and the revision that the client saw? False: the call was refused. */
static bool check_expected(struct call *call, const params *p, const struct selection *selection)
{
	uint64_t run = 0, revision = 0;
	const char *wrong = NULL;
	bool has_run = rpc_uint(p, "run", UINT32_MAX, &run, &wrong);
	bool has_revision = rpc_uint(p, "revision", UINT64_MAX, &revision, &wrong);
	struct brm_state state = {0};

	if (wrong || ((has_run || has_revision) && selection->count != 1)) {
		call_refuse_parameter(call, wrong ? wrong : has_run ? "run" : "revision");
		return false;
	}
	if (!has_run && !has_revision)
		return true;
	if (selection->list[0].process)
		state = publish_state_of(selection->list[0].process);
	if ((!has_run || run == state.run) && (!has_revision || revision == brm_head_version(state.head)))
		return true;
	call_refuse(call, BRM_MOVED_ON, "%s is at run %u and revision %llu now", selection->list[0].spec->name,
		    state.run, (unsigned long long)brm_head_version(state.head));
	return false;
}

/* What nearly all begin with: whom is it about? False: the call was refused. */
static bool take_targets(struct call *call, const params *p, bool scripts, struct selection *selection)
{
	if (!select_names(call, p, "names", scripts, selection) || !check_expected(call, p, selection)) {
		select_finish(selection);
		return false;
	}
	if (call_take(call, selection) == 0)
		return true;
	select_finish(selection);
	call_refuse(call, BRM_LIMIT, "no memory");
	return false;
}

static bool take_timeout(struct call *call, const params *p, uint64_t *timeout_ms)
{
	const char *wrong = NULL;

	*timeout_ms = 0;
	rpc_uint(p, "timeout_ms", TIMEOUT_MAX_MS, timeout_ms, &wrong);
	if (wrong)
		call_refuse_parameter(call, wrong);
	return !wrong;
}

static void call_hello(struct call *call, const params *p)
{
	const struct brm_info *info = brm_writer_info(call->engine->writer);
	msgpack_packer *packer;
	struct answer answer;

	(void)p;
	*peer_asker(call->peer) = call->asker;
	packer = answer_begin(&answer, call);
	msgpack_pack_map(packer, 5);
	rpc_put_string(packer, "instance", info->name);
	rpc_put_string(packer, "version", info->version);
	rpc_put_uint(packer, "protocol", BRM_CONTROL_PROTOCOL);
	rpc_put_int(packer, "enginePid", info->engine_pid);
	rpc_put_int(packer, "keeperPid", info->keeper_pid);
	answer_send(&answer, call);
}

/* Make those that were never started. False: the call was refused. */
static bool make_processes(struct call *call, const struct selection *selection)
{
	int error = 0;

	for (size_t i = 0; i < call->count; i++) {
		const struct process *process = call_process(call, &call->items[i], selection->list[i].spec, &error);

		if (process && process->doomed) {
			call_refuse(call, BRM_CONFLICT, "%s is being removed", call->items[i].name);
			return false;
		}
		if (process)
			continue;
		call_refuse(call, BRM_LIMIT, "cannot start %s: %s", selection->list[i].spec->name, brm_strerror(error));
		return false;
	}
	return true;
}

static void call_start(struct call *call, const params *p)
{
	struct selection selection = {0};
	uint64_t timeout_ms;
	bool made;

	if (!take_timeout(call, p, &timeout_ms) || !take_targets(call, p, true, &selection))
		return;
	made = make_processes(call, &selection);
	select_finish(&selection);
	if (!made)
		return;
	for (size_t i = 0; i < call->count; i++) {
		struct call_item *item = &call->items[i];

		if (call->method == BRM_RESTART) {
			process_restart(item->process, call->asker);
			continue;
		}
		item->already = item->process->phase == PHASE_STARTING || item->process->phase == PHASE_RUNNING;
		process_ask(item->process, ON_START, call->asker);
	}
	call_wait(call, process_has_started, timeout_ms);
}

static void call_stop(struct call *call, const params *p)
{
	struct selection selection = {0};
	uint64_t timeout_ms;

	if (!take_timeout(call, p, &timeout_ms) || !take_targets(call, p, true, &selection))
		return;
	select_finish(&selection);
	for (size_t i = 0; i < call->count; i++) {
		struct call_item *item = &call->items[i];

		item->already = !item->process || process_has_finished(item->process);
		if (item->process)
			process_ask(item->process, ON_STOP, call->asker);
	}
	call_wait(call, process_has_finished, timeout_ms);
}

static void call_signal(struct call *call, const params *p)
{
	struct selection selection = {0};
	const char *wrong = NULL;
	uint64_t signal = 0;

	if (!rpc_uint(p, "signal", (uint64_t)SIGRTMAX, &signal, &wrong) || signal == 0) {
		call_refuse_parameter(call, "signal");
		return;
	}
	if (!take_targets(call, p, true, &selection))
		return;
	select_finish(&selection);
	for (size_t i = 0; i < call->count; i++) {
		struct process *process = call->items[i].process;
		int rc = process && process->pidfd >= 0 ? stop_signal(process->leader, process->pidfd, (int)signal)
							: -ESRCH;

		if (rc == 0)
			continue;
		call_refuse(call, BRM_CONFLICT, rc == -ESRCH ? "%s is not running" : "%s cannot be signalled",
			    call->items[i].name);
		return;
	}
	call_answer_items(call);
}

static void call_rm(struct call *call, const params *p)
{
	struct selection selection = {0};

	if (!take_targets(call, p, false, &selection))
		return;
	select_finish(&selection);
	for (size_t i = 0; i < call->count; i++) {
		const struct process *process = call->items[i].process;

		if (!process || process_is_at_rest(process) || process->phase == PHASE_BACKOFF)
			continue;
		call_refuse(call, BRM_CONFLICT, "%s is running: stop it first", call->items[i].name);
		return;
	}
	for (size_t i = 0; i < call->count; i++)
		if (call->items[i].process)
			process_forget(call->items[i].process, true);
	call_wait(call, process_is_at_rest, 0);
}

static void call_run(struct call *call, const params *p)
{
	struct process *process;
	struct selection selection = {0};
	char message[256];
	enum brm_refusal refused = adhoc_make(call->engine, p, &process, message, sizeof message);

	if (refused) {
		call_refuse(call, refused, "%s", message);
		return;
	}
	if (select_add(call->engine, &selection, process->spec->name, false) || call_take(call, &selection) != 0) {
		select_finish(&selection);
		call_refuse(call, BRM_LIMIT, "no memory");
		return;
	}
	select_finish(&selection);
	process_ask(process, ON_START, call->asker);
	call_wait(call, process_has_started, 0);
}

/* What a scaling has made is started, and what it forgets is waited for. */
static void finish_scale(struct call *call, const char *family, uint32_t replicas)
{
	struct selection selection = {0};
	struct process *process;
	int rc = 0;

	for (process = NULL; rc == 0 && (process = table_next(&call->engine->table, process));)
		if (scale_is_of(process->spec, family))
			rc = select_process(&selection, process) ? -ENOMEM : 0;
	if (rc == 0)
		rc = call_take(call, &selection);
	select_finish(&selection);
	if (rc != 0) {
		call_refuse(call, BRM_LIMIT, "no memory");
		return;
	}
	for (size_t i = 0; i < call->count; i++) {
		process = call->items[i].process;
		call->items[i].already = !process->doomed && process->phase != PHASE_IDLE;
		if (replicas > 0 && !process->doomed && process->phase == PHASE_IDLE)
			process_ask(process, ON_START, call->asker);
	}
	call_wait(call, process_has_scaled, 0);
}

static void call_scale(struct call *call, const params *p)
{
	const char *wrong = NULL;
	char taken[BRM_NAME_MAX];
	enum brm_refusal refused;
	uint64_t replicas;
	char *family;

	if (!rpc_uint(p, "replicas", SCALE_MAX, &replicas, &wrong) || !rpc_string(p, "name", &family, &wrong)) {
		call_refuse_parameter(call, "name, replicas");
		return;
	}
	refused = scale_set(call->engine, family, (uint32_t)replicas, taken);
	if (refused == BRM_UNKNOWN)
		call_refuse_selected(call, refused, &(struct selection){.wrong = family});
	else if (refused == BRM_CONFLICT)
		call_refuse(call, refused, "%s is something else, or is being removed", taken);
	else if (refused)
		call_refuse(call, refused, "there is no memory, or no port, for so many");
	else
		finish_scale(call, family, (uint32_t)replicas);
	free(family);
}

static void on_reloaded(struct reload_waiter *waiter, const struct reloaded *result)
{
	struct call *call = (struct call *)((char *)waiter - offsetof(struct call, reload));
	msgpack_packer *packer;
	struct answer answer;

	if (result->report->errors && result->report->errors[0]) {
		call_refuse(call, BRM_CONFLICT, "nothing was changed: %s", result->report->errors[0]);
		return;
	}
	packer = answer_begin(&answer, call);
	msgpack_pack_map(packer, 3);
	rpc_put_uint(packer, "added", result->added);
	rpc_put_uint(packer, "changed", result->changed);
	rpc_put_uint(packer, "removed", result->removed);
	answer_send(&answer, call);
}

static void hand_over(struct call *call)
{
	int rc = upgrade_begin(call->engine);

	call->hands_over = rc == 0;
	if (rc == -EPIPE)
		call_refuse(call, BRM_CONFLICT, "cannot hand over: the keeper was killed; down and up");
	else if (rc != 0)
		call_refuse(call, BRM_LIMIT, "cannot hand over: %s", strerror(-rc));
}

void method_handed_over(struct call *call)
{
	answer_number(call, NULL, 0);
}

static void call_reload(struct call *call, const params *p)
{
	const char *wrong = NULL;
	bool exec = false;
	int rc;

	rpc_bool(p, "exec", &exec, &wrong);
	if (wrong) {
		call_refuse_parameter(call, wrong);
		return;
	}
	if (exec) {
		hand_over(call);
		return;
	}
	call->reload.done = on_reloaded;
	rc = reload_ask(call->engine->reload, &call->reload);
	if (rc != 0)
		call_refuse(call, BRM_LIMIT, "cannot read the configuration: %s", strerror(-rc));
}

static void call_shutdown(struct call *call, const params *p)
{
	uint64_t timeout_ms;

	if (!take_timeout(call, p, &timeout_ms))
		return;
	if (!call->engine->shutdown)
		shutdown_begin(call->engine, timeout_ms * 1000000u);
}

void method_farewell(struct call *call)
{
	const struct shutdown *shutdown = call->engine->shutdown;

	answer_number(call, "stopped", shutdown ? shutdown_count(shutdown) : 0);
}

static void call_status(struct call *call, const params *p)
{
	struct answer answer;

	(void)p;
	if (status_pack(call->engine, answer_begin(&answer, call)) == 0) {
		answer_send(&answer, call);
		return;
	}
	msgpack_sbuffer_destroy(&answer.buffer);
	call_refuse(call, BRM_LIMIT, "no memory");
}

static const struct {
	void (*call)(struct call *call, const params *p);
	bool when_closing; /* also while the supervisor shuts down */
} methods[BRM_METHOD_COUNT] = {
	[BRM_HELLO] = {call_hello, true},
	[BRM_START] = {call_start, false},
	[BRM_STOP] = {call_stop, true},
	[BRM_RESTART] = {call_start, false},
	[BRM_SIGNAL] = {call_signal, true},
	[BRM_SCALE] = {call_scale, false},
	[BRM_RM] = {call_rm, false},
	[BRM_RUN] = {call_run, false},
	[BRM_SEND] = {terminal_send, true},
	[BRM_RESIZE] = {terminal_resize, true},
	[BRM_ATTACH] = {terminal_attach, true},
	[BRM_DETACH] = {terminal_detach, true},
	[BRM_RELOAD] = {call_reload, false},
	[BRM_SHUTDOWN] = {call_shutdown, true},
	[BRM_STATUS] = {call_status, true},
};

/* Every request may say who asks. */
static void take_asker(struct asker *asker, const params *p)
{
	const char *wrong = NULL;
	uint64_t pid;
	char *word;

	if (rpc_uint(p, "pid", INT32_MAX, &pid, &wrong))
		asker->pid = (int32_t)pid;
	if (!rpc_string(p, "kind", &word, &wrong))
		return;
	for (int kind = BRM_BY_CLI; kind <= BRM_BY_MCP; kind++)
		if (strcmp(word, brm_by_word((enum brm_by)kind)) == 0)
			asker->kind = (enum brm_by)kind;
	free(word);
}

void method_call(struct peer *peer, const struct rpc_request *request)
{
	enum brm_method method = BRM_HELLO;
	const struct brm_method_info *info = brm_method_find(request->method, &method);
	struct call *call = call_new(peer, request->id, method);

	if (!call) {
		say("cannot answer a request: no memory");
		return;
	}
	take_asker(&call->asker, request->params);
	if (!info)
		call_refuse(call, BRM_USAGE, "there is no method \"%s\"", request->method);
	else if (call->engine->shutdown && !methods[method].when_closing)
		call_refuse(call, BRM_CLOSING, "the supervisor is shutting down");
	else if (upgrade_is_near(call->engine) && info->changes)
		call_refuse(call, BRM_RETRY, "the supervisor is being replaced by a new one");
	else
		methods[method].call(call, request->params);
}
