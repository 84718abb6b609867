/* SPDX-License-Identifier: MIT */
#include "engine/sameness.h"

#include <string.h>

typedef bool same_fn(const void *a, const void *b, size_t size);

static bool same_bytes(const void *a, const void *b, size_t size)
{
	return memcmp(a, b, size) == 0;
}

static bool same_strings(const char *a, const char *b)
{
	return a == b || (a && b && strcmp(a, b) == 0);
}

static bool same_text(const void *a, const void *b, size_t size)
{
	(void)size;
	return same_strings(*(const char *const *)a, *(const char *const *)b);
}

static bool same_list(const void *a, const void *b, size_t size)
{
	char *const *left = *(char *const *const *)a, *const *right = *(char *const *const *)b;

	(void)size;
	while (*left && *right && strcmp(*left, *right) == 0)
		left++, right++;
	return !*left && !*right;
}

static bool same_probe(const void *a, const void *b, size_t size)
{
	const struct probe *left = a, *right = b;

	return left->kind == right->kind && same_text(&left->target, &right->target, size) &&
	       same_list(&left->argv, &right->argv, size) && left->http_status == right->http_status &&
	       left->delay_ns == right->delay_ns && left->interval_ns == right->interval_ns &&
	       left->attempt_ns == right->attempt_ns && left->timeout_ns == right->timeout_ns &&
	       left->successes == right->successes && left->failures == right->failures;
}

/* What a run is born with of its readiness check: where it is to say so by itself. */
static bool same_notify(const void *a, const void *b, size_t size)
{
	const struct probe *left = a, *right = b;

	if (left->kind != PROBE_NOTIFY && right->kind != PROBE_NOTIFY)
		return true;
	return left->kind == right->kind && same_text(&left->target, &right->target, size);
}

/* The lists themselves; their lengths are a row of their own. */
static bool same_dependencies(const void *a, const void *b, size_t size)
{
	const struct spec *left = a, *right = b;

	(void)size;
	if (left->depends_count != right->depends_count)
		return false;
	for (size_t i = 0; i < left->depends_count; i++)
		if (!same_strings(left->depends_on[i].name, right->depends_on[i].name) ||
		    left->depends_on[i].condition != right->depends_on[i].condition ||
		    left->depends_on[i].follow != right->depends_on[i].follow)
			return false;
	return true;
}

#define KEY(member, same, differs)                                                               \
	{                                                                                        \
		offsetof(struct spec, member), sizeof(((struct spec *)0)->member), same, differs \
	}

/* The name is what two specs are compared under. */
static const struct {
	size_t offset;
	size_t size;
	same_fn *same;
	enum sameness differs;
} keys[] = {
	KEY(command, same_text, SPECS_RUN_ELSE),
	KEY(argv, same_list, SPECS_RUN_ELSE),
	KEY(shell, same_list, SPECS_RUN_ELSE),
	KEY(dir, same_text, SPECS_RUN_ELSE),
	KEY(env, same_list, SPECS_RUN_ELSE),
	KEY(tty, same_bytes, SPECS_RUN_ELSE),
	KEY(stdin_kind, same_bytes, SPECS_RUN_ELSE),
	KEY(ready, same_notify, SPECS_RUN_ELSE),
	KEY(open_files, same_bytes, SPECS_RUN_ELSE),
	KEY(user, same_text, SPECS_RUN_ELSE),
	KEY(group, same_text, SPECS_RUN_ELSE),
	KEY(umask, same_bytes, SPECS_RUN_ELSE),
	KEY(nice, same_bytes, SPECS_RUN_ELSE),
	{0, sizeof(struct spec), same_dependencies, SPECS_RUN_ELSE},
	KEY(script, same_text, SPECS_DIFFER),
	KEY(source, same_text, SPECS_DIFFER),
	KEY(manager, same_text, SPECS_DIFFER),
	KEY(labels, same_list, SPECS_DIFFER),
	KEY(family, same_text, SPECS_DIFFER),
	KEY(replica, same_bytes, SPECS_DIFFER),
	KEY(configured, same_bytes, SPECS_DIFFER),
	KEY(autostart, same_bytes, SPECS_DIFFER),
	KEY(essential, same_bytes, SPECS_DIFFER),
	KEY(ready, same_probe, SPECS_DIFFER),
	KEY(alive, same_probe, SPECS_DIFFER),
	KEY(restart, same_bytes, SPECS_DIFFER),
	KEY(backoff_first_ns, same_bytes, SPECS_DIFFER),
	KEY(backoff_last_ns, same_bytes, SPECS_DIFFER),
	KEY(restart_limit, same_bytes, SPECS_DIFFER),
	KEY(restart_window_ns, same_bytes, SPECS_DIFFER),
	KEY(success_codes, same_bytes, SPECS_DIFFER),
	KEY(schedule, same_text, SPECS_DIFFER),
	KEY(watch_paths, same_list, SPECS_DIFFER),
	KEY(watch_ignore, same_list, SPECS_DIFFER),
	KEY(watch_debounce_ns, same_bytes, SPECS_DIFFER),
	KEY(memory_limit_bytes, same_bytes, SPECS_DIFFER),
	KEY(log_segment_bytes, same_bytes, SPECS_DIFFER),
	KEY(log_keep, same_bytes, SPECS_DIFFER),
	KEY(stop_signal, same_bytes, SPECS_DIFFER),
	KEY(stop_grace_ns, same_bytes, SPECS_DIFFER),
	KEY(stop_command, same_text, SPECS_DIFFER),
	KEY(order, same_bytes, SPECS_DIFFER),
};

enum sameness spec_compare(const struct spec *a, const struct spec *b)
{
	enum sameness worst = SPECS_SAME;

	for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
		const char *left = (const char *)a + keys[i].offset, *right = (const char *)b + keys[i].offset;

		if (keys[i].differs > worst && !keys[i].same(left, right, keys[i].size))
			worst = keys[i].differs;
	}
	return worst;
}
