/* SPDX-License-Identifier: MIT */
#include "clients/mcp/refresh.h"

#include "clients/mcp/server.h"
#include "clients/mcp/site.h"

void refresh_init(struct refresh *refresh, struct site *site)
{
	*refresh = (struct refresh){.site = site};
}

void refresh_finish(struct refresh *refresh)
{
	snapshot_finish(&refresh->snapshot);
}

/* On the job's thread. */
static void work(struct job *job)
{
	struct refresh *refresh = (struct refresh *)job;

	refresh->error = 0;
	if (!refresh->source)
		refresh->error = source_open(&refresh->site->instance, READ_RPC, &refresh->source);
	if (!refresh->error)
		refresh->error = source_snapshot(refresh->source, &refresh->snapshot);
}

/* The call that waits for an answer and has it now; NULL: none. *more: others wait for the next one. */
static struct call *next_waiting(struct refresh *refresh, bool *more)
{
	struct call *call;

	*more = false;
	TAILQ_FOREACH(call, &refresh->site->server->calls, link)
	{
		if (!call->looked || call->site != refresh->site)
			continue;
		if (call->look_at <= refresh->count)
			return call;
		*more = true;
	}
	return NULL;
}

static void done(struct job *job)
{
	struct refresh *refresh = (struct refresh *)job;
	struct call *call;
	bool more;

	refresh->running = false;
	refresh->count++;
	view_take(&refresh->site->view, refresh->source, refresh->error, &refresh->snapshot);
	while ((call = next_waiting(refresh, &more))) {
		void (*run)(struct call * call) = call->looked;

		call->looked = NULL;
		run(call);
	}
	site_ring(refresh->site);
	if (more)
		refresh_begin(refresh->site);
}

bool refresh_begin(struct site *site)
{
	struct refresh *refresh = &site->refresh;

	if (site->view.path != READ_RPC)
		return false;
	if (refresh->running)
		return true;
	refresh->job = (struct job){.work = work, .done = done};
	refresh->running = jobs_start(&site->server->jobs, &refresh->job) == 0;
	return true;
}

void refresh_then(struct call *call, void (*run)(struct call *call))
{
	struct site *site = call->site;

	if (!site || site->view.path != READ_RPC) {
		run(call);
		return;
	}
	call->looked = run;
	/* An answer that is on its way was asked for before. */
	call->look_at = site->refresh.count + (site->refresh.running ? 2 : 1);
	refresh_begin(site);
	if (!site->refresh.running)
		call_error(call, RPC_INTERNAL_ERROR, "no thread could be started");
}
