/* SPDX-License-Identifier: MIT */
#ifndef TESTS_SOAK_ENGINE_SOAK_H
#define TESTS_SOAK_ENGINE_SOAK_H

#include <stdbool.h>
#include <stdio.h>

#include <brummer/control.h>
#include <check.h>

/* engine_soak.h - what the files of the soak share */

#define SOAK_SHORT 4 /* kills of a `make check` */

/* How often to kill; long: also what takes its time. */
int soak_kills(void);
bool soak_is_long(void);
unsigned soak_random(unsigned below);

/* A project; the seed of its chance is printed. */
void soak_begin(const char *name);
void soak_connect(void);
void soak_kill_engine(void); /* and be connected to the next one */
void soak_ask(enum brm_method method, const char *name);

/* moments.c: the whole standard output that is kept of a process, oldest first; to be closed by pclose(). */
FILE *soak_open_store(const char *name);
/* Until it has ended, or was never begun; then it is started. */
void soak_await_rest(const char *name);

TCase *soak_moments(void);
TCase *soak_full_disk(void);
TCase *soak_frozen_disk(void);

#endif
