/* SPDX-License-Identifier: MIT */
#include "clients/common/select.h"

#include <fnmatch.h>
#include <string.h>

static bool is_glob(const char *word)
{
	return strpbrk(word, "*?[") != NULL;
}

bool select_matches(const char *word, const char *name)
{
	return strcmp(word, name) == 0 || (is_glob(word) && fnmatch(word, name, 0) == 0);
}

static bool has_label(const struct process *process, const char *word)
{
	for (const char *label = NULL; (label = brm_strings_next(&process->identity.labels, label)) != NULL;)
		if (strcmp(label, word) == 0)
			return true;
	return false;
}

static bool is_meant(const struct process *process, const char *word)
{
	if (strcmp(word, "all") == 0)
		return true;
	if (strchr(word, '=') && has_label(process, word))
		return true;
	return is_glob(word) && fnmatch(word, process->identity.name, 0) == 0;
}

bool select_word(const struct snapshot *snapshot, const char *word, bool *chosen)
{
	const struct process *one = snapshot_find(snapshot, word);
	bool any = strcmp(word, "all") == 0;

	if (one) {
		chosen[one - snapshot->processes] = true;
		return true;
	}
	for (uint32_t i = 0; i < snapshot->count; i++) {
		if (is_meant(&snapshot->processes[i], word))
			any = chosen[i] = true;
	}
	return any;
}

const char *select_processes(const struct snapshot *snapshot, const char *const *words, size_t count, bool *chosen)
{
	for (uint32_t i = 0; i < snapshot->count; i++)
		chosen[i] = count == 0;
	for (size_t i = 0; i < count; i++)
		if (!select_word(snapshot, words[i], chosen))
			return words[i];
	return NULL;
}
