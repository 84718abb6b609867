/* SPDX-License-Identifier: MIT */
#include "control/terminal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "control/rpc.h"
#include "engine/announce.h"
#include "engine/input.h"
#include "engine/publish.h"

typedef msgpack_object_map params;

/* To write to the process of a name. */
struct right {
	struct right *next;
	struct peer *peer;
	struct asker holder;
	char name[];
};

static struct right **find_right(struct engine *engine, const char *name)
{
	struct right **at = &engine->rights;

	while (*at && strcmp((*at)->name, name) != 0)
		at = &(*at)->next;
	return at;
}

static void drop(struct right **at)
{
	struct right *right = *at;

	*at = right->next;
	free(right);
}

bool terminal_is_attached(const struct peer *peer)
{
	const struct right *right = server_engine(peer_server(peer))->rights;

	while (right && right->peer != peer)
		right = right->next;
	return right != NULL;
}

void terminal_forget(struct peer *peer)
{
	struct right **at = &server_engine(peer_server(peer))->rights;

	while (*at) {
		if ((*at)->peer == peer)
			drop(at);
		else
			at = &(*at)->next;
	}
}

/* [2, "detached", [{name}]] */
static void tell_loss(struct right *right)
{
	msgpack_sbuffer buffer;
	msgpack_packer packer;

	msgpack_sbuffer_init(&buffer);
	msgpack_packer_init(&packer, &buffer, msgpack_sbuffer_write);
	msgpack_pack_array(&packer, 3);
	msgpack_pack_int(&packer, 2);
	rpc_put_text(&packer, "detached");
	msgpack_pack_array(&packer, 1);
	msgpack_pack_map(&packer, 1);
	rpc_put_string(&packer, "name", right->name);
	peer_send(right->peer, &buffer);
	msgpack_sbuffer_destroy(&buffer);
}

/* The one process of "name", never started or not. NULL: the call was refused. */
static struct process *take_process(struct call *call, const params *p)
{
	struct selection selection = {0};
	const char *wrong = NULL;
	enum brm_refusal refused;
	struct process *process;
	char *name;

	if (!rpc_string(p, "name", &name, &wrong)) {
		call_refuse_parameter(call, "name");
		return NULL;
	}
	refused = select_add(call->engine, &selection, name, true);
	process = !refused && selection.count == 1 ? selection.list[0].process : NULL;
	if (refused)
		call_refuse_selected(call, refused, &selection);
	else if (!process)
		call_refuse(call, BRM_CONFLICT, selection.count == 1 ? "%s is not running" : "%s is not one process",
			    name);
	free(name);
	select_finish(&selection);
	return process;
}

/* May it be written to? False: the call was refused. */
static bool check_input(struct call *call, const struct process *process)
{
	if (process->input)
		return true;
	call_refuse(call, BRM_CONFLICT,
		    process_is_alive(process) ? "%s has no standard input (tty or stdin: pipe)" : "%s is not running",
		    process->spec->name);
	return false;
}

/* Is nobody else writing to it? False: the call was refused. */
static bool check_right(struct call *call, const struct process *process)
{
	const struct right *right = *find_right(call->engine, process->spec->name);

	if (!right || right->peer == call->peer)
		return true;
	call_refuse_held(call, process->spec->name, right->holder);
	return false;
}

/* The process of a request that wants to write to it. NULL: the call was refused. */
static struct process *take_writable(struct call *call, const params *p)
{
	struct process *process = take_process(call, p);
	uint64_t run = 0;
	const char *wrong = NULL;
	uint32_t current;

	if (!process)
		return NULL;
	current = publish_state_of(process).run;
	if (rpc_uint(p, "run", UINT32_MAX, &run, &wrong) && run != current) {
		call_refuse(call, BRM_MOVED_ON, "%s is at run %u now", process->spec->name, current);
		return NULL;
	}
	if (wrong) {
		call_refuse_parameter(call, wrong);
		return NULL;
	}
	return check_input(call, process) && check_right(call, process) ? process : NULL;
}

void terminal_send(struct call *call, const params *p)
{
	const char *wrong = NULL, *text;
	struct process *process;
	size_t length;
	int rc;

	if (!rpc_bytes(p, "text", &text, &length, &wrong)) {
		call_refuse_parameter(call, "text");
		return;
	}
	process = take_writable(call, p);
	if (!process)
		return;
	rc = input_write(process->input, text, length);
	if (rc == 0)
		answer_number(call, "bytes", length);
	else if (rc == -EPIPE)
		call_refuse(call, BRM_CONFLICT, "%s has closed its standard input", process->spec->name);
	else
		call_refuse(call, BRM_LIMIT, "%s does not read its standard input", process->spec->name);
}

struct size {
	uint64_t rows;
	uint64_t columns;
};

/* Both, and possible. */
static bool take_size(const params *p, struct size *out)
{
	const char *wrong = NULL;

	return rpc_uint(p, "rows", UINT16_MAX, &out->rows, &wrong) &&
	       rpc_uint(p, "columns", UINT16_MAX, &out->columns, &wrong) && out->rows > 0 && out->columns > 0;
}

void terminal_resize(struct call *call, const params *p)
{
	struct process *process;
	struct size size;

	if (!take_size(p, &size)) {
		call_refuse_parameter(call, "rows, columns");
		return;
	}
	process = take_writable(call, p);
	if (!process)
		return;
	if (input_resize(process->input, (uint16_t)size.rows, (uint16_t)size.columns) == 0)
		answer_number(call, NULL, 0);
	else
		call_refuse(call, BRM_CONFLICT, "%s has no terminal", process->spec->name);
}

/* Where the output is now. */
static uint64_t output_end(struct process *process, const struct brm_state *state)
{
	struct brm_handle handle = {.entry = process->entry, .tenant = brm_head_tenant(state->head)};
	struct brm_reader *mirror = announce_mirror(process->engine);
	struct brm_log_mark mark;

	return mirror && brm_reader_log_mark(mirror, handle, &mark) == 0 ? mark.bytes[BRM_OUT] : 0;
}

static void answer_attached(struct call *call, struct process *process, bool write)
{
	struct brm_state state = publish_state_of(process);
	struct answer answer;
	msgpack_packer *packer = answer_begin(&answer, call);

	msgpack_pack_map(packer, 4);
	rpc_put_uint(packer, "run", state.run);
	rpc_put_bool(packer, "tty", process->spec->tty);
	rpc_put_bool(packer, "write", write);
	rpc_put_uint(packer, "offset", output_end(process, &state));
	answer_send(&answer, call);
}

/* Give the right to the call's peer; who had it is told. False: the call was refused. */
static bool give_right(struct call *call, const struct process *process, bool steal)
{
	const char *name = process->spec->name;
	struct right **at = find_right(call->engine, name);
	struct right *right;

	if (*at && (*at)->peer == call->peer)
		return true;
	if (*at && !steal) {
		call_refuse_held(call, name, (*at)->holder);
		return false;
	}
	right = calloc(1, sizeof *right + strlen(name) + 1);
	if (!right) {
		call_refuse(call, BRM_LIMIT, "no memory");
		return false;
	}
	if (*at) {
		tell_loss(*at);
		drop(at);
	}
	strcpy(right->name, name);
	right->peer = call->peer;
	right->holder = call->asker;
	right->next = call->engine->rights;
	call->engine->rights = right;
	return true;
}

void terminal_attach(struct call *call, const params *p)
{
	bool write = true, steal = false;
	const char *wrong = NULL;
	struct process *process;
	struct size size;

	rpc_bool(p, "write", &write, &wrong);
	rpc_bool(p, "steal", &steal, &wrong);
	if (wrong) {
		call_refuse_parameter(call, wrong);
		return;
	}
	process = take_process(call, p);
	if (!process || (write && (!check_input(call, process) || !give_right(call, process, steal))))
		return;
	if (write && take_size(p, &size))
		input_resize(process->input, (uint16_t)size.rows, (uint16_t)size.columns); /* a pipe has none */
	answer_attached(call, process, write);
}

void terminal_detach(struct call *call, const params *p)
{
	struct process *process = take_process(call, p);
	struct right **at;

	if (!process)
		return;
	at = find_right(call->engine, process->spec->name);
	if (*at && (*at)->peer == call->peer)
		drop(at);
	answer_number(call, NULL, 0);
}
