/* SPDX-License-Identifier: MIT */
#ifndef SUPERVISORD_ENGINE_INPUT_H
#define SUPERVISORD_ENGINE_INPUT_H

#include <stddef.h>
#include <stdint.h>

#include "engine/engine.h"

/*
 * engine/input.h - write to a run's standard input or terminal without waiting for it
 *
 * What the run does not read yet is kept, up to INPUT_MAX bytes.
 */

#define INPUT_MAX (1u << 20)

struct input;

/* Takes the descriptor over, also when there is no memory (NULL). */
struct input *input_open(struct engine *engine, int fd);
void input_close(struct input *input); /* NULL is accepted; drops what was not written yet */

/* 0; -ENOBUFS: it does not read, and too much is waiting; -EPIPE: it has closed it; -ENOMEM. All or nothing. */
int input_write(struct input *input, const void *bytes, size_t length);

/* The size of a terminal. 0; -ENOTTY: it is a pipe. */
int input_resize(struct input *input, uint16_t rows, uint16_t columns);

#endif
