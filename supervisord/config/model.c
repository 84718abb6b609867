/* SPDX-License-Identifier: MIT */
#include "config/model.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/text.h"

#define MS 1000000ull
#define S  (1000 * MS)

int name_check(const char *name, size_t *at)
{
	size_t length = strlen(name);
	size_t bad = 0;

	if (length > 0 && length < BRM_NAME_MAX) {
		size_t valid = text_utf8_length(name, length);

		while (bad < valid && !text_is_control(name + bad))
			bad++;
		if (bad == length)
			return 0;
	} else {
		bad = length;
	}
	if (at)
		*at = bad;
	return -EINVAL;
}

/* The strings and lists of a spec: one place to make, copy and free them. */
static const size_t spec_strings[] = {
	offsetof(struct spec, name),     offsetof(struct spec, script),       offsetof(struct spec, dir),
	offsetof(struct spec, command),  offsetof(struct spec, source),       offsetof(struct spec, manager),
	offsetof(struct spec, family),   offsetof(struct spec, ready.target), offsetof(struct spec, alive.target),
	offsetof(struct spec, schedule), offsetof(struct spec, stop_command), offsetof(struct spec, user),
	offsetof(struct spec, group)};
static const size_t spec_lists[] = {offsetof(struct spec, argv),        offsetof(struct spec, shell),
				    offsetof(struct spec, env),         offsetof(struct spec, labels),
				    offsetof(struct spec, ready.argv),  offsetof(struct spec, alive.argv),
				    offsetof(struct spec, watch_paths), offsetof(struct spec, watch_ignore)};

#define COUNT(table) (sizeof(table) / sizeof *(table))

static char **string_at(struct spec *spec, size_t i)
{
	return (char **)((char *)spec + spec_strings[i]);
}

static char ***list_at(struct spec *spec, size_t i)
{
	return (char ***)((char *)spec + spec_lists[i]);
}

void spec_finish(struct spec *spec)
{
	for (size_t i = 0; i < COUNT(spec_strings); i++)
		free(*string_at(spec, i));
	for (size_t i = 0; i < COUNT(spec_lists); i++)
		list_free(*list_at(spec, i));
	for (size_t i = 0; i < spec->depends_count; i++) {
		free(spec->depends_on[i].name);
		free(spec->depends_on[i].place);
	}
	free(spec->depends_on);
}

void spec_free(struct spec *spec)
{
	if (spec)
		spec_finish(spec);
	free(spec);
}

size_t spec_bytes(const struct spec *spec)
{
	struct spec own = *spec;
	size_t bytes = sizeof own + spec->depends_count * (sizeof *spec->depends_on + BRM_NAME_MAX);

	for (size_t i = 0; i < COUNT(spec_strings); i++)
		bytes += *string_at(&own, i) ? strlen(*string_at(&own, i)) : 0;
	for (size_t i = 0; i < COUNT(spec_lists); i++)
		for (char **text = *list_at(&own, i); text && *text; text++)
			bytes += sizeof *text + strlen(*text);
	return bytes;
}

static bool copy_depends(struct spec *copy, const struct spec *spec)
{
	copy->depends_count = 0;
	copy->depends_on = calloc(spec->depends_count + 1, sizeof *copy->depends_on);
	if (!copy->depends_on)
		return false;
	for (size_t i = 0; i < spec->depends_count; i++) {
		const struct dependency *from = &spec->depends_on[i];
		struct dependency *to = &copy->depends_on[copy->depends_count++];

		*to = *from;
		to->name = strdup(from->name);
		to->place = from->place ? strdup(from->place) : NULL;
		if (!to->name || (from->place && !to->place))
			return false;
	}
	return true;
}

/* Every pointer of *from is copied or, where there is none, stays NULL. */
struct spec *spec_copy(const struct spec *from)
{
	struct spec original = *from;
	struct spec *copy = malloc(sizeof *copy);
	bool ok;

	if (!copy)
		return NULL;
	*copy = original;
	ok = copy_depends(copy, from);
	for (size_t i = 0; i < COUNT(spec_strings); i++) {
		char *text = *string_at(&original, i);

		*string_at(copy, i) = text ? strdup(text) : NULL;
		ok = ok && (!text || *string_at(copy, i));
	}
	for (size_t i = 0; i < COUNT(spec_lists); i++) {
		*list_at(copy, i) = list_copy(*list_at(&original, i));
		ok = ok && *list_at(copy, i);
	}
	if (!ok)
		spec_free(copy);
	return ok ? copy : NULL;
}

struct spec *spec_new(const char *name)
{
	static char none[] = "", root[] = "/", sh[] = "/bin/sh", dash_c[] = "-c";
	static char *shell[] = {sh, dash_c, NULL};
	const struct probe probe = {
		.target = none, .interval_ns = 250 * MS, .attempt_ns = 5 * S, .successes = 1, .failures = 3};
	const struct probe alive = {
		.target = none, .interval_ns = 10 * S, .attempt_ns = 5 * S, .successes = 1, .failures = 3};
	const struct spec defaults = {.name = (char *)name, /* only to be copied */
				      .script = none,
				      .dir = root,
				      .source = none,
				      .manager = none,
				      .shell = shell,
				      .stdin_kind = BRM_STDIN_NULL,
				      .restart = RESTART_NEVER,
				      .backoff_first_ns = 200 * MS,
				      .backoff_last_ns = 30 * S,
				      .stop_signal = SIGTERM,
				      .stop_grace_ns = 10 * S,
				      .stop_command = none,
				      .family = none,
				      .ready = probe,
				      .alive = alive,
				      .schedule = none,
				      .watch_debounce_ns = 300 * MS,
				      .user = none,
				      .group = none,
				      .umask = -1,
				      .nice = NICE_INHERIT};

	return spec_copy(&defaults);
}

static size_t list_bytes(char *const *list, size_t from)
{
	size_t bytes = 0;

	for (size_t i = from; i < list_length(list); i++)
		bytes += strlen(list[i]) + 1;
	return bytes;
}

/* Where the next string of an identity's lists goes. */
struct pour {
	char *at;
};

static void pour(struct pour *to, struct brm_strings *list, const char *text, size_t length)
{
	if (list->count == 0)
		list->first = to->at;
	memcpy(to->at, text, length);
	to->at[length] = '\0';
	to->at += length + 1;
	list->count++;
	list->size += (uint32_t)length + 1;
}

static void pour_list(struct pour *to, struct brm_strings *out, char *const *list, size_t from)
{
	for (size_t i = from; i < list_length(list); i++)
		pour(to, out, list[i], strlen(list[i]));
}

static void pour_env_names(struct pour *to, struct brm_strings *out, char *const *env)
{
	for (size_t i = 0; env[i]; i++) {
		const char *end = strchr(env[i], '=');

		if (end)
			pour(to, out, env[i], (size_t)(end - env[i]));
	}
}

static void pour_depends(struct pour *to, struct brm_strings *out, const struct spec *spec)
{
	static const char *const words[] = {
		[CONDITION_STARTED] = "started",
		[CONDITION_READY] = "ready",
		[CONDITION_SUCCESS] = "success",
		[CONDITION_EXIT] = "exit",
	};

	for (size_t i = 0; i < spec->depends_count; i++) {
		const struct dependency *on = &spec->depends_on[i];
		char text[BRM_NAME_MAX + 16];
		int length = snprintf(text, sizeof text, "%s=%s", on->name, words[on->condition]);

		pour(to, out, text, (size_t)length < sizeof text ? (size_t)length : sizeof text - 1);
	}
}

#define READY_WORDS_MAX 512 /* bytes of a readiness check in words; more are cut */

int spec_identity(const struct spec *spec, struct brm_identity *out, char **store)
{
	struct pour to;
	size_t bytes = list_bytes(spec->argv, 1) + list_bytes(spec->env, 0) + list_bytes(spec->labels, 0);
	char words[READY_WORDS_MAX];

	probe_words(&spec->ready, words, sizeof words);
	*store = malloc(bytes + spec->depends_count * (BRM_NAME_MAX + 16) + sizeof words);
	if (!*store)
		return -ENOMEM;
	memcpy(*store, words, sizeof words);
	to.at = *store + sizeof words;
	*out = (struct brm_identity){.name = spec->name,
				     .script = spec->script,
				     .command = spec->command   ? spec->command
						: spec->argv[0] ? spec->argv[0]
								: "",
				     .dir = spec->dir,
				     .source = spec->source,
				     .ready = *store,
				     .stdin_kind = spec->stdin_kind,
				     .tty = spec->tty};
	pour_list(&to, &out->args, spec->argv, 1);
	pour_env_names(&to, &out->env, spec->env);
	pour_list(&to, &out->labels, spec->labels, 0);
	pour_depends(&to, &out->depends_on, spec);
	return 0;
}
