/* SPDX-License-Identifier: MIT */
#include <brummer/control.h>

#include <string.h>

static const struct brm_method_info methods[BRM_METHOD_COUNT] = {
	[BRM_HELLO] = {"hello", false, true, "Say who answers, and which version of the protocol it speaks."},
	[BRM_START] = {"start", true, true, "Start processes; those that run already stay as they are."},
	[BRM_STOP] = {"stop", true, true, "Stop processes and answer when they have ended."},
	[BRM_RESTART] = {"restart", true, false, "Stop processes and start them again."},
	[BRM_SIGNAL] = {"signal", true, false, "Send a signal to processes."},
	[BRM_SCALE] = {"scale", true, true, "Run as many replicas of a process as asked."},
	[BRM_RM] = {"rm", true, false, "Forget finished processes."},
	[BRM_RUN] = {"run", true, false, "Supervise a command that is in no configuration."},
	[BRM_SEND] = {"send", true, false, "Write to the standard input of a process."},
	[BRM_RESIZE] = {"resize", true, true, "Tell the terminal of a process its size."},
	[BRM_ATTACH] = {"attach", false, true, "Stream the output of a process over this connection."},
	[BRM_DETACH] = {"detach", false, true, "End what attach began."},
	[BRM_RELOAD] = {"reload", true, true, "Read the configuration again and change only what has changed."},
	[BRM_SHUTDOWN] = {"shutdown", true, true, "Stop all processes, then the supervisor."},
	[BRM_STATUS] = {"status", false, true, "Give the snapshot of all processes from the supervisor's own table."},
};

static const char *const refusals[BRM_REFUSAL_COUNT] = {
	[BRM_REFUSED_NOT] = "",
	[BRM_USAGE] = "usage",
	[BRM_UNKNOWN] = "unknown",
	[BRM_MOVED_ON] = "moved_on",
	[BRM_CONFLICT] = "conflict",
	[BRM_DENIED] = "denied",
	[BRM_LIMIT] = "limit",
	[BRM_RETRY] = "retry",
	[BRM_CLOSING] = "closing",
	[BRM_INTERNAL] = "internal",
	[BRM_FAILED_TO_START] = "failed",
	[BRM_TIMED_OUT] = "timeout",
};

const struct brm_method_info *brm_method_info(enum brm_method method)
{
	return (unsigned)method < BRM_METHOD_COUNT ? &methods[method] : NULL;
}

const struct brm_method_info *brm_method_find(const char *name, enum brm_method *method)
{
	for (unsigned i = 0; i < BRM_METHOD_COUNT; i++) {
		if (strcmp(name, methods[i].name) == 0) {
			if (method)
				*method = (enum brm_method)i;
			return &methods[i];
		}
	}
	return NULL;
}

const char *brm_refusal_word(enum brm_refusal refusal)
{
	return (unsigned)refusal < BRM_REFUSAL_COUNT ? refusals[refusal] : refusals[BRM_INTERNAL];
}

enum brm_refusal brm_refusal_parse(const char *word)
{
	for (unsigned i = 0; i < BRM_REFUSAL_COUNT; i++)
		if (strcmp(word, refusals[i]) == 0)
			return (enum brm_refusal)i;
	return BRM_INTERNAL;
}
