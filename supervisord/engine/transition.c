/* SPDX-License-Identifier: MIT */
#include "engine/transition.h"

/* clang-format off */
#define TO(next, action) {PHASE_##next, DO_##action}

/* A line for each happening that is possible in a phase; what is not named cannot happen there. */
#define NEVER(phase) [0 ... HAPPENING_COUNT - 1] = {PHASE_##phase, DO_IMPOSSIBLE}

/* A finished process, or one that waits to be restarted, or one that was never started. */
#define AT_REST(phase) \
	[ON_START] = TO(WAITING, PREPARE), \
	[ON_GONE] = TO(phase, NOTHING)

/* A run whose end has not come yet. */
#define EXITS_TO(next, action) \
	[ON_EXIT_GOOD] = TO(next, action), [ON_EXIT_BAD] = TO(next, action), [ON_EXIT_AGAIN] = TO(next, action)
#define EXITS_BY_ITSELF \
	[ON_EXIT_GOOD] = TO(SUCCESS, FINISH), [ON_EXIT_BAD] = TO(FAILED, FINISH), [ON_EXIT_AGAIN] = TO(BACKOFF, BACKOFF)
#define CAN_BE_STOPPED \
	[ON_STOP] = TO(STOPPING, TERM), [ON_KILL] = TO(KILLING, STOP_KILL), [ON_LAPSE] = TO(ENDING, LAPSE)

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Woverride-init"
#ifdef __clang__
#pragma clang diagnostic ignored "-Winitializer-overrides"
#endif
const struct transition transition[PHASE_COUNT][HAPPENING_COUNT] = {
	[PHASE_IDLE]      = { NEVER(IDLE), AT_REST(IDLE),
	                      [ON_STOP] = TO(STOPPED, END), [ON_KILL] = TO(STOPPED, END) },
	[PHASE_WAITING]   = { NEVER(WAITING), [ON_START] = TO(WAITING, URGE),
	                      [ON_STOP] = TO(STOPPED, END), [ON_KILL] = TO(STOPPED, END),
	                      [ON_CLEAR] = TO(SPAWNING, SPAWN), [ON_GONE] = TO(WAITING, CHECK) },
	[PHASE_SPAWNING]  = { NEVER(SPAWNING), [ON_START] = TO(SPAWNING, NOTHING),
	                      [ON_STOP] = TO(CANCELLED, NOT_AGAIN), [ON_KILL] = TO(CANCELLED, NOT_AGAIN),
	                      [ON_SPAWNED] = TO(RUNNING, RUN), [ON_BORN] = TO(STARTING, RUN),
	                      [ON_NOT_SPAWNED] = TO(FAILED, FAIL), [ON_REFUSED] = TO(BACKOFF, FAIL_LATE) },
	[PHASE_CANCELLED] = { NEVER(CANCELLED), [ON_START] = TO(CANCELLED, AGAIN),
	                      [ON_STOP] = TO(CANCELLED, NOT_AGAIN), [ON_KILL] = TO(CANCELLED, NOT_AGAIN),
	                      [ON_SPAWNED] = TO(STOPPING, RUN_STOP), [ON_BORN] = TO(STOPPING, RUN_STOP),
	                      [ON_NOT_SPAWNED] = TO(STOPPED, END), [ON_REFUSED] = TO(STOPPED, END) },
	[PHASE_STARTING]  = { NEVER(STARTING), [ON_START] = TO(STARTING, NOTHING), [ON_READY] = TO(RUNNING, READY),
	                      [ON_DEADLINE] = TO(ENDING, UNREADY), CAN_BE_STOPPED, EXITS_BY_ITSELF },
	[PHASE_RUNNING]   = { NEVER(RUNNING), [ON_START] = TO(RUNNING, NOTHING),
	                      CAN_BE_STOPPED, EXITS_BY_ITSELF },
	[PHASE_STOPPING]  = { NEVER(STOPPING), [ON_START] = TO(STOPPING, AGAIN),
	                      [ON_STOP] = TO(STOPPING, NOT_AGAIN), [ON_KILL] = TO(KILLING, STOP_KILL),
	                      [ON_DEADLINE] = TO(KILLING, SWEEP), EXITS_TO(CLEARING, LOOK) },
	[PHASE_KILLING]   = { NEVER(KILLING), [ON_START] = TO(KILLING, AGAIN),
	                      [ON_STOP] = TO(KILLING, NOT_AGAIN), [ON_KILL] = TO(KILLING, NOT_AGAIN),
	                      [ON_GONE] = TO(KILLING, NOTHING), EXITS_TO(CLEARING, SWEEP) },
	[PHASE_CLEARING]  = { NEVER(CLEARING), [ON_START] = TO(CLEARING, AGAIN),
	                      [ON_STOP] = TO(CLEARING, NOT_AGAIN), [ON_KILL] = TO(CLEARING, STOP_KILL),
	                      [ON_DEADLINE] = TO(CLEARING, SWEEP), [ON_LEFT] = TO(CLEARING, LOOK_LATER),
	                      [ON_GONE] = TO(STOPPED, FINISH) },
	[PHASE_ENDING]    = { NEVER(ENDING), [ON_START] = TO(ENDING, AGAIN),
	                      [ON_STOP] = TO(STOPPING, CLAIM), [ON_KILL] = TO(KILLING, STOP_KILL),
	                      [ON_DEADLINE] = TO(EXPELLING, SWEEP), EXITS_TO(VACATING, LOOK) },
	[PHASE_EXPELLING] = { NEVER(EXPELLING), [ON_START] = TO(EXPELLING, AGAIN),
	                      [ON_STOP] = TO(KILLING, CLAIM), [ON_KILL] = TO(KILLING, CLAIM),
	                      [ON_GONE] = TO(EXPELLING, NOTHING), EXITS_TO(VACATING, SWEEP) },
	[PHASE_VACATING]  = { NEVER(VACATING), [ON_START] = TO(VACATING, AGAIN),
	                      [ON_STOP] = TO(CLEARING, CLAIM), [ON_KILL] = TO(CLEARING, STOP_KILL),
	                      [ON_DEADLINE] = TO(VACATING, SWEEP), [ON_LEFT] = TO(VACATING, LOOK_LATER),
	                      [ON_GONE] = TO(VACATING, CONCLUDE), [ON_RENEW] = TO(WAITING, RENEW),
	                      [ON_EXIT_BAD] = TO(FAILED, FINISH), [ON_EXIT_AGAIN] = TO(BACKOFF, BACKOFF) },
	[PHASE_BACKOFF]   = { NEVER(BACKOFF), AT_REST(BACKOFF), [ON_DEADLINE] = TO(WAITING, RESTART),
	                      [ON_STOP] = TO(STOPPED, END), [ON_KILL] = TO(STOPPED, END) },
	[PHASE_STOPPED]   = { NEVER(STOPPED), AT_REST(STOPPED),
	                      [ON_STOP] = TO(STOPPED, REST), [ON_KILL] = TO(STOPPED, REST) },
	[PHASE_FAILED]    = { NEVER(FAILED), AT_REST(FAILED),
	                      [ON_STOP] = TO(FAILED, REST), [ON_KILL] = TO(FAILED, REST) },
	[PHASE_SUCCESS]   = { NEVER(SUCCESS), AT_REST(SUCCESS),
	                      [ON_STOP] = TO(SUCCESS, REST), [ON_KILL] = TO(SUCCESS, REST) },
};
#pragma GCC diagnostic pop

static const struct {
	const char *word;
	enum brm_status status;
} phases[PHASE_COUNT] = {
	[PHASE_IDLE]      = {"idle", BRM_PENDING},
	[PHASE_WAITING]   = {"waiting", BRM_PENDING},
	[PHASE_SPAWNING]  = {"spawning", BRM_PENDING},
	[PHASE_CANCELLED] = {"cancelled", BRM_PENDING},
	[PHASE_STARTING]  = {"starting", BRM_STARTING},
	[PHASE_RUNNING]   = {"running", BRM_RUNNING},
	[PHASE_STOPPING]  = {"stopping", BRM_STOPPING},
	[PHASE_KILLING]   = {"killing", BRM_STOPPING},
	[PHASE_CLEARING]  = {"clearing", BRM_STOPPING},
	[PHASE_ENDING]    = {"ending", BRM_STOPPING},
	[PHASE_EXPELLING] = {"expelling", BRM_STOPPING},
	[PHASE_VACATING]  = {"vacating", BRM_STOPPING},
	[PHASE_BACKOFF]   = {"backoff", BRM_BACKOFF},
	[PHASE_STOPPED]   = {"stopped", BRM_STOPPED},
	[PHASE_FAILED]    = {"failed", BRM_FAILED},
	[PHASE_SUCCESS]   = {"success", BRM_SUCCESS},
};

static const char *const happenings[HAPPENING_COUNT] = {
	[ON_START] = "start", [ON_STOP] = "stop", [ON_KILL] = "kill", [ON_CLEAR] = "clear",
	[ON_SPAWNED] = "spawned", [ON_BORN] = "born", [ON_NOT_SPAWNED] = "not-spawned",
	[ON_REFUSED] = "refused", [ON_READY] = "ready", [ON_LAPSE] = "lapse", [ON_RENEW] = "renew",
	[ON_EXIT_GOOD] = "exit-good", [ON_EXIT_BAD] = "exit-bad", [ON_EXIT_AGAIN] = "exit-again",
	[ON_DEADLINE] = "deadline", [ON_LEFT] = "left", [ON_GONE] = "gone",
};

static const char *const actions[ACTION_COUNT] = {
	[DO_NOTHING] = "-", [DO_PREPARE] = "prepare", [DO_RESTART] = "restart",
	[DO_URGE] = "urge", [DO_RENEW] = "renew", [DO_FAIL_LATE] = "fail-late", [DO_LAPSE] = "lapse", [DO_UNREADY] = "unready",
	[DO_CONCLUDE] = "conclude", [DO_CLAIM] = "claim",
	[DO_CHECK] = "check", [DO_SPAWN] = "spawn", [DO_RUN] = "run",
	[DO_RUN_STOP] = "run+term", [DO_FAIL] = "fail", [DO_READY] = "ready", [DO_TERM] = "term",
	[DO_SWEEP] = "sweep", [DO_STOP_KILL] = "stop+sweep", [DO_LOOK] = "look", [DO_LOOK_LATER] = "look-later", [DO_FINISH] = "finish",
	[DO_BACKOFF] = "back-off", [DO_END] = "end", [DO_REST] = "sweep-rest", [DO_AGAIN] = "again",
	[DO_NOT_AGAIN] = "not-again", [DO_IMPOSSIBLE] = "impossible",
};
/* clang-format on */

enum brm_status phase_status(enum phase phase)
{
	return phases[phase].status;
}

const char *phase_word(enum phase phase)
{
	return phases[phase].word;
}

const char *happening_word(enum happening happening)
{
	return happenings[happening];
}

const char *action_word(enum action action)
{
	return actions[action];
}

void transition_print(FILE *out)
{
	for (int phase = 0; phase < PHASE_COUNT; phase++) {
		for (int happening = 0; happening < HAPPENING_COUNT; happening++) {
			const struct transition *cell = &transition[phase][happening];

			if (cell->action == DO_IMPOSSIBLE)
				continue;
			fprintf(out, "%-10s %-12s -> %-10s %s\n", phases[phase].word, happenings[happening],
				phases[cell->next].word, actions[cell->action]);
		}
	}
}
