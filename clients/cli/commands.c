/* SPDX-License-Identifier: MIT */
#include "clients/cli/commands.h"

/* The whole program has them all. */
const struct command *const commands[] = {
	&command_up,        &command_down,   &command_ls,      &command_show,       &command_start,  &command_stop,
	&command_restart,   &command_reload, &command_signal,  &command_scale,      &command_rm,     &command_run,
	&command_send,      &command_attach, &command_logs,    &command_errors,     &command_urls,   &command_ports,
	&command_events,    &command_wait,   &command_scripts, &command_check,      &command_import, &command_export,
	&command_instances, &command_doctor, &command_metrics, &command_completion, &command_help,   &command_version,
};

const size_t command_count = sizeof commands / sizeof *commands;

void (*const become_whole)(char **argv) = NULL;
