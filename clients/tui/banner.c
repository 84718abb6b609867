/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#include <brummer/region.h>

#include "clients/tui/actions.h"
#include "clients/tui/proc.h"

/*
 * Banners: one or two lines under the header that say how the supervisor is, when it is not well. They come and leave
 * by themselves.
 */

#define REPLACED_NS UINT64_C(10000000000) /* how long "was replaced" stands there */

struct banner {
	const char *shape;
	enum role role; /* ROLE_TEXT: there is none */
	char first[256];
	char second[256];
};

/* Those that run still, though nobody vouches for them. Looked at once a second at most. */
static unsigned still_count(struct tui *tui, const struct snapshot *snapshot)
{
	uint64_t second = tui->ticker.now.boot_ns / UINT64_C(1000000000);

	if (second == tui->still_second)
		return tui->still_count;
	tui->still_second = second;
	tui->still_count = 0;
	for (uint32_t i = 0; i < snapshot->count; i++) {
		const struct brm_state *state = &snapshot->processes[i].state;

		if (brm_status_is_alive(brm_state_status(state)))
			tui->still_count += proc_is_still(state->pid, state->pid_start);
	}
	return tui->still_count;
}

static void stuck(const struct snapshot *snapshot, const char *since, struct banner *out)
{
	int pid = snapshot->info.engine_pid;

	out->shape = "▲";
	out->role = ROLE_WARN;
	if (proc_is_stopped(pid))
		snprintf(out->first, sizeof out->first,
			 "brummerd (pid %d) does not answer: it is stopped (SIGSTOP) since %s.", pid, since);
	else
		snprintf(out->first, sizeof out->first, "brummerd (pid %d) does not answer: it has been busy since %s.",
			 pid, since);
	snprintf(out->second, sizeof out->second,
		 "What you see is live where processes write; starting and stopping must wait.");
}

static void dead(struct tui *tui, const struct snapshot *snapshot, const char *since, struct banner *out)
{
	unsigned alive = alive_count(tui);
	char ago[WHEN_MAX];

	out->shape = "✗";
	out->role = ROLE_BAD;
	snprintf(out->first, sizeof out->first, "brummerd (pid %d) is gone since %s (%s). Last known state below.",
		 snapshot->info.engine_pid, since, ticker_since(&tui->ticker, tui->feed.since_ns, ago));
	if (alive > 0)
		snprintf(out->second, sizeof out->second,
			 "%u of %u processes still run. u starts a supervisor, which takes them over.",
			 still_count(tui, snapshot), alive);
	else
		snprintf(out->second, sizeof out->second, "Nothing ran then. u starts a supervisor.");
}

static void replaced(struct tui *tui, const struct snapshot *snapshot, struct banner *out)
{
	const char *before = tui->feed.version_before, *now = snapshot->info.version;
	uint64_t end_ns = tui->feed.replaced_ns + REPLACED_NS;
	char at[WHEN_MAX];

	if (!tui->feed.replaced_ns || tui->ticker.now.real_ns >= end_ns)
		return;
	ticker_at(&tui->ticker, tui->ticker.now.boot_ns + (end_ns - tui->ticker.now.real_ns));
	out->shape = "↻";
	out->role = ROLE_OK;
	when_clock(tui->feed.replaced_ns, at);
	if (strcmp(before, now) != 0)
		snprintf(out->first, sizeof out->first,
			 "brummerd was replaced at %s (%s → %s). No process was touched.", at, before, now);
	else
		snprintf(out->first, sizeof out->first, "brummerd was restarted at %s. No process was touched.", at);
}

static void unreadable(const struct tui *tui, struct banner *out)
{
	out->shape = "▲";
	out->role = ROLE_WARN;
	if (tui->feed.error == -BRM_ETOONEW)
		snprintf(out->first, sizeof out->first, "This viewer is too old for the running supervisor.");
	else if (tui->feed.error == -BRM_ETOOOLD)
		snprintf(out->first, sizeof out->first, "This viewer is too new for the running supervisor.");
	else
		snprintf(out->first, sizeof out->first, "The supervisor's region cannot be read: %s.",
			 brm_strerror(tui->feed.error));
	snprintf(out->second, sizeof out->second,
		 tui->feed.error == -BRM_ETOONEW || tui->feed.error == -BRM_ETOOOLD
			 ? "Install the same version of both."
			 : "--read-path rpc asks the supervisor itself.");
}

static void make_banner(struct tui *tui, struct banner *out)
{
	const struct snapshot *snapshot = feed_snapshot(&tui->feed);
	char since[WHEN_MAX];

	*out = (struct banner){.role = ROLE_TEXT};
	when_clock(tui->feed.since_ns, since);
	if (tui->feed.health == HEALTH_UNREADABLE) {
		unreadable(tui, out);
		return;
	}
	if (!snapshot)
		return;
	switch (tui->feed.health) {
	case HEALTH_STUCK:
		stuck(snapshot, since, out);
		break;
	case HEALTH_RESTART:
		out->shape = "↻";
		out->role = ROLE_WARN;
		snprintf(out->first, sizeof out->first, "brummerd is being restarted since %s. Processes keep running.",
			 since);
		break;
	case HEALTH_DEAD:
		dead(tui, snapshot, since, out);
		break;
	case HEALTH_ENDED:
		out->shape = "■";
		out->role = ROLE_DIM;
		snprintf(out->first, sizeof out->first, "brummerd ended at %s: everything was stopped on request.",
			 since);
		snprintf(out->second, sizeof out->second, "u starts a supervisor again.   n runs one thing.");
		break;
	case HEALTH_LIVE:
		replaced(tui, snapshot, out);
		break;
	case HEALTH_NONE:
	case HEALTH_UNREADABLE:
		break;
	}
}

int banner_rows(struct tui *tui)
{
	struct banner banner;

	make_banner(tui, &banner);
	return (banner.first[0] != '\0') + (banner.second[0] != '\0');
}

void banner_draw(struct tui *tui)
{
	struct area area = tui->frame.banner;
	struct banner banner;
	struct pen pen;

	if (area.rows == 0)
		return;
	make_banner(tui, &banner);
	area.cols--;
	pen = pen_at(&tui->cells, area, 0, 1);
	pen_text(&pen, banner.role, banner.shape);
	pen_text(&pen, 0, " ");
	pen_rest(&pen, banner.role, banner.first);
	pen = pen_at(&tui->cells, area, 1, 3);
	pen_rest(&pen, ROLE_TEXT, banner.second);
}
