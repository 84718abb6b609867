/* SPDX-License-Identifier: MIT */
#include "clients/common/source.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "clients/common/backend.h"

static const char *const words[] = {[READ_SHM] = "shm", [READ_RPC] = "rpc"};

int read_path_parse(const char *word, enum read_path *out)
{
	if (!word)
		word = getenv("BRUMMER_READ_PATH");
	if (!word || !*word)
		word = words[READ_SHM];
	for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
		if (strcmp(word, words[i]) == 0) {
			*out = (enum read_path)i;
			return 0;
		}
	}
	return -EINVAL;
}

const char *read_path_word(enum read_path path)
{
	return words[path];
}

int source_open(const struct brm_instance *instance, enum read_path path, struct source **out)
{
	int rc = source_openers[path](instance, out);

	if (rc == 0)
		(*out)->path = path;
	return rc;
}

void source_close(struct source *source)
{
	if (source)
		source->backend->close(source);
}

int source_snapshot(struct source *source, struct snapshot *snapshot)
{
	return source->backend->snapshot(source, snapshot);
}

int source_walk(struct source *source, struct snapshot *snapshot, enum source_depth depth, source_part *each, void *arg)
{
	int rc = source->backend->walk ? source->backend->walk(source, snapshot, depth, each, arg) : -EAGAIN;

	if (rc != -EAGAIN)
		return rc;
	each(NULL, arg);
	rc = source_snapshot(source, snapshot);
	if (rc == 0)
		each(snapshot, arg);
	return rc;
}

bool source_changed(const struct source *source, const struct snapshot *snapshot)
{
	return source->backend->changed(source, snapshot);
}

struct brm_reader *source_reader(struct source *source)
{
	return source->backend->reader(source);
}

int source_bell(struct source *source, unsigned what)
{
	return source->backend->bell(source, what);
}

void source_bell_clear(struct source *source)
{
	source->backend->bell_clear(source);
}

enum read_path source_path(const struct source *source)
{
	return source->path;
}
