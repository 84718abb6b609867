/* SPDX-License-Identifier: MIT */
#include "engine/capture.h"
#include "engine/probe_inner.h"

/* Has it written a certain line? The capture thread looks for it. */

static int ask(struct question *question)
{
	const struct process *process = question->process;

	return capture_expect(process->engine->capture, process->serial, question->probe->target);
}

static void drop(struct question *question)
{
	const struct process *process = question->process;

	capture_expect(process->engine->capture, process->serial, NULL);
}

void probe_matched(struct process *process)
{
	struct probing *probing = process->probing;

	if (probing && probing->ready.asking && probing->ready.probe->kind == PROBE_LOG)
		probe_answer(&probing->ready, true, NULL);
}

const struct prober probe_log = {.ask = ask, .drop = drop, .waits = true};
