/* SPDX-License-Identifier: MIT */
#include "clients/tui/status.h"

#include <stdio.h>

#include "clients/common/fields.h"

static const struct status_look looks[BRM_STATUS_COUNT] = {
	[BRM_ABSENT] = {" ", "gone", ROLE_DIM, ROLE_DIM},
	[BRM_PENDING] = {"○", "pending", ROLE_DIM, ROLE_DIM},
	[BRM_STARTING] = {"◐", "starting", ROLE_BUSY, ROLE_BUSY},
	[BRM_RUNNING] = {"●", "running", ROLE_OK, ROLE_TEXT},
	[BRM_STOPPING] = {"◑", "stopping", ROLE_BUSY, ROLE_BUSY},
	[BRM_BACKOFF] = {"↻", "backoff", ROLE_WARN, ROLE_WARN},
	[BRM_STOPPED] = {"■", "stopped", ROLE_DIM, ROLE_DIM},
	[BRM_FAILED] = {"✗", "failed", ROLE_BAD, ROLE_BAD_WORD},
	[BRM_SUCCESS] = {"✓", "success", ROLE_OK, ROLE_TEXT},
};

struct status_look status_look(unsigned status)
{
	if (status < BRM_STATUS_COUNT)
		return looks[status];
	return (struct status_look){"?", "unknown", ROLE_WARN, ROLE_WARN};
}

static void ending_note(const struct brm_state *state, char out[WHEN_MAX])
{
	out[0] = '\0';
	if (state->flags & BRM_FLAG_SIGNALED)
		snprintf(out, WHEN_MAX, "%s", signal_word(state->signal));
	else if (state->flags & BRM_FLAG_EXITED)
		snprintf(out, WHEN_MAX, "exit %d", (int)state->exit_code);
	else if (state->reason_code == BRM_REASON_SPAWN)
		snprintf(out, WHEN_MAX, "no start");
}

static void waiting_note(uint64_t seconds, char out[WHEN_MAX])
{
	char text[WHEN_MAX];

	if (seconds == 0)
		snprintf(out, WHEN_MAX, "now");
	else if (seconds >= 60 && seconds < 3600) /* with its seconds it would not fit the column */
		snprintf(out, WHEN_MAX, "in %um", (unsigned)(seconds + 59) / 60);
	else
		snprintf(out, WHEN_MAX, "in %.30s", when_duration(seconds * UINT64_C(1000000000), text));
}

char *status_note(struct ticker *ticker, const struct brm_state *state, char out[WHEN_MAX])
{
	out[0] = '\0';
	switch (brm_state_status(state)) {
	case BRM_STARTING:
	case BRM_RUNNING:
	case BRM_STOPPING:
		if (state->start_boot_ns > 0)
			ticker_since_boot(ticker, state->start_boot_ns, out);
		break;
	case BRM_BACKOFF:
		if (state->next_ns > 0)
			waiting_note(ticker_until(ticker, state->next_ns), out);
		break;
	case BRM_FAILED:
		ending_note(state, out);
		break;
	case BRM_SUCCESS:
		snprintf(out, WHEN_MAX, "done");
		break;
	case BRM_ABSENT:
	case BRM_PENDING:
	case BRM_STOPPED:
	case BRM_STATUS_COUNT:
		break;
	}
	return out;
}

unsigned status_trouble(enum brm_status status)
{
	static const unsigned char ranks[BRM_STATUS_COUNT] = {
		[BRM_FAILED] = 0,  [BRM_BACKOFF] = 1, [BRM_STARTING] = 2, [BRM_STOPPING] = 2, [BRM_ABSENT] = 3,
		[BRM_PENDING] = 3, [BRM_RUNNING] = 3, [BRM_STOPPED] = 3,  [BRM_SUCCESS] = 3};

	return status < BRM_STATUS_COUNT ? ranks[status] : 3;
}
