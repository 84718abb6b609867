/* SPDX-License-Identifier: MIT */
#ifndef CLIENTS_TUI_PROC_H
#define CLIENTS_TUI_PROC_H

#include <stdbool.h>
#include <stdint.h>

/*
 * tui/proc.h - a look at a process itself, for when nobody vouches for it
 */

/* Is a pid still the process that started then (clock ticks since boot)? */
bool proc_is_still(int pid, uint64_t start);

/* Is it stopped, by SIGSTOP or a debugger? */
bool proc_is_stopped(int pid);

#endif
