/* SPDX-License-Identifier: MIT */
#include <errno.h>

#include "clients/cli/commands.h"
#include "clients/cli/list.h"

static const struct list_column columns[] = {
	{"name", "NAME", FIELD_STRING, 8},     {"state", "STATE", FIELD_STRING, 5},
	{"pid", "PID", FIELD_INT, 5},          {"keeperPid", NULL, FIELD_INT, 0},
	{"running", "RUNNING", FIELD_INT, 7},  {"processes", "PROCESSES", FIELD_INT, 9},
	{"version", NULL, FIELD_STRING, 0},    {"startTime", NULL, FIELD_TIME, 0},
	{"dir", "DIRECTORY", FIELD_STRING, 9}, {"reason", NULL, FIELD_STRING, 0},
};

/* Regions that cannot be read are listed too: somebody has to remove them. */
static void add_unreadable(struct list *list, const char *name, int error)
{
	const struct value values[] = {value_text_of(name),
				       value_text_of("unreadable"), [8] = value_text_of(brm_strerror(error)),
				       [9] = value_text_of(brm_strerror(error))};

	list_row(list, values);
}

static void add_instance(struct list *list, const struct brm_reader *reader)
{
	const struct brm_info *info = brm_reader_info(reader);
	uint32_t used = brm_reader_used(reader), processes = 0, running = 0;

	for (uint32_t i = 0; i < used; i++) {
		enum brm_status status = brm_head_status(brm_reader_peek(reader, i));

		processes += status != BRM_ABSENT;
		running += brm_status_is_alive(status);
	}
	const struct value values[] = {value_text_of(info->name),
				       value_text_of(brm_liveness_word(brm_reader_liveness(reader))),
				       value_number(info->engine_pid > 0, info->engine_pid),
				       value_number(info->keeper_pid > 0, info->keeper_pid),
				       value_number(true, running),
				       value_number(true, processes),
				       value_text_of(info->version),
				       value_number(info->started_ns != 0, (int64_t)info->started_ns),
				       value_text_of(info->dir),
				       {.present = false}};

	list_row(list, values);
}

static int each(const char *name, const char *region, void *arg)
{
	struct brm_reader *reader;
	int rc = brm_reader_open(region, &reader);

	if (rc == -ENOENT)
		return 0;
	if (rc != 0) {
		add_unreadable(arg, name, rc);
		return 0;
	}
	add_instance(arg, reader);
	brm_reader_close(reader);
	return 0;
}

static int run_instances(struct cli *cli)
{
	struct list list;
	int rc;

	list_init(&list, cli, "instances", columns, sizeof columns / sizeof *columns);
	rc = brm_instance_each(each, &list);
	if (list_finish(&list) != EXIT_DONE)
		return EXIT_FAILED;
	return rc == 0 ? EXIT_DONE : fail(EXIT_FAILED, "cannot list instances: %s", brm_strerror(rc));
}

const struct command command_instances = {
	.name = "instances",
	.operands = "",
	.help = "list this user's supervisors: live, unresponsive, restarting, dead",
	.example = "instances",
	.run = run_instances,
};
