/* SPDX-License-Identifier: MIT */
#ifndef CLIENTS_CLI_TERMINAL_H
#define CLIENTS_CLI_TERMINAL_H

#include <stdbool.h>
#include <stdint.h>

/*
 * terminal.h - the caller's terminal, given to a process for a while
 *
 * What was changed is changed back when the program ends, however it does, but for SIGKILL.
 */

/* Keys go through as they are typed. False: standard input is no terminal, and nothing was changed. */
bool terminal_raw(void);

/* As it was; and without what a full-screen program may have left: its screen, its mouse, a hidden cursor. */
void terminal_restore(void);

/* Rows and columns of the terminal on standard output. False: there is none. */
bool terminal_size(uint16_t *rows, uint16_t *columns);

#endif
