/* SPDX-License-Identifier: MIT */
#ifndef CLIENTS_CLI_COMMANDS_H
#define CLIENTS_CLI_COMMANDS_H

#include "clients/cli/cli.h"

/* commands.h - the rows of the table of commands; each is at the end of its file */

extern const struct command command_up;
extern const struct command command_down;
extern const struct command command_ls;
extern const struct command command_show;
extern const struct command command_start;
extern const struct command command_stop;
extern const struct command command_restart;
extern const struct command command_reload;
extern const struct command command_signal;
extern const struct command command_rm;
extern const struct command command_run;
extern const struct command command_logs;
extern const struct command command_events;
extern const struct command command_wait;
extern const struct command command_scripts;
extern const struct command command_instances;
extern const struct command command_urls;
extern const struct command command_ports;
extern const struct command command_errors;
extern const struct command command_metrics;
extern const struct command command_scale;
extern const struct command command_send;
extern const struct command command_attach;
extern const struct command command_check;
extern const struct command command_import;
extern const struct command command_export;
extern const struct command command_doctor;
extern const struct command command_completion;
extern const struct command command_help;
extern const struct command command_version;

#endif
