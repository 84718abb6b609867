/* SPDX-License-Identifier: MIT */
#include "clients/cli/progress.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "clients/common/table.h"

#define LINE_MAX_BYTES 1024

void progress_init(struct progress *progress, const struct cli *cli, const struct brm_instance *instance,
		   const char *doing)
{
	const char *term = getenv("TERM");

	*progress = (struct progress){.cli = cli, .instance = instance, .doing = doing};
	progress->wanted = !cli->quiet && term && strcmp(term, "dumb") != 0 && isatty(STDERR_FILENO);
}

static bool is_on_the_way(const struct process *process)
{
	enum brm_status status = brm_state_status(&process->state);

	return status == BRM_STARTING || status == BRM_STOPPING || status == BRM_BACKOFF;
}

/* "stop: 7 of 12 running, 2 on the way: web, worker" */
static void compose(const struct progress *progress, char *line, size_t size)
{
	char names[LINE_MAX_BYTES / 2] = "", clean[BRM_NAME_MAX];
	unsigned running = 0, count = 0;

	for (uint32_t i = 0; i < progress->snapshot.count; i++) {
		const struct process *process = &progress->snapshot.processes[i];
		size_t used = strlen(names);

		running += brm_state_status(&process->state) == BRM_RUNNING;
		if (!is_on_the_way(process))
			continue;
		snprintf(clean, sizeof clean, "%s", process->identity.name);
		if (used + strlen(clean) + 3 < sizeof names)
			snprintf(names + used, sizeof names - used, "%s%s", count ? ", " : ": ", clean);
		count++;
	}
	snprintf(line, size, "%s: %u of %u running, %u on the way%s", progress->doing, running,
		 progress->snapshot.count, count, names);
}

void progress_show(struct progress *progress)
{
	char line[LINE_MAX_BYTES];
	struct winsize size;
	size_t width = 79;

	if (!progress->wanted)
		return;
	if (!progress->source && source_open(progress->instance, READ_SHM, &progress->source) != 0)
		return;
	if (source_snapshot(progress->source, &progress->snapshot) != 0)
		return;
	if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 1)
		width = size.ws_col - 1u;
	compose(progress, line, sizeof line);
	fprintf(stderr, "\r%.*s\033[K", (int)text_fit(line, width), line);
	progress->shown = true;
}

void progress_finish(struct progress *progress)
{
	if (progress->shown)
		fputs("\r\033[K", stderr);
	source_close(progress->source);
	snapshot_finish(&progress->snapshot);
	*progress = (struct progress){.wanted = false};
}
