/* SPDX-License-Identifier: MIT */
#ifndef TESTS_SHM_HELP_H
#define TESTS_SHM_HELP_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include <brummer/reader.h>
#include <brummer/writer.h>

/* shm_help.h - regions for the tests of libshm; whatever fails fails the test */

/* An instance whose region is test_region(stem). Static storage, overwritten by the next call. */
const struct brm_instance *shm_instance(const char *stem);

/* A writer on that region with these options; instance and version are set. */
struct brm_writer *shm_writer(const char *stem, struct brm_writer_options options);
struct brm_reader *shm_reader(const char *stem);

/* Add a process with nothing but a name, in that status; returns its entry. */
uint32_t shm_add(struct brm_writer *writer, const char *name, enum brm_status status);

/* The state that an entry's process has now, and publish it again in another status. */
struct brm_state shm_state(const struct brm_writer *writer, uint32_t entry);
void shm_set(struct brm_writer *writer, uint32_t entry, enum brm_status status);

/* How often to do what is done many times: less under a sanitizer, which makes each time slower. */
#if defined(__SANITIZE_THREAD__) || defined(__SANITIZE_ADDRESS__)
#define SHM_MANY(n) ((n) / 10)
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer) || __has_feature(address_sanitizer)
#define SHM_MANY(n) ((n) / 10)
#endif
#endif
#ifndef SHM_MANY
#define SHM_MANY(n) (n)
#endif

/* Numbers that fit together only in a whole copy of a state: put in, and checked. */
void shm_seal(struct brm_state *state, uint64_t number);
bool shm_is_sealed(const struct brm_state *state, uint64_t *number);

/* Run work in a child of its own; *pid is its. It tells that it is ready by shm_ready(). */
typedef void shm_child_fn(const char *stem);
pid_t shm_child(shm_child_fn *work, const char *stem);
void shm_ready(void);
/* Kill with SIGKILL and reap. */
void shm_kill(pid_t pid);
/* Reap a child that ends by itself; its exit status. */
int shm_wait_exit(pid_t pid);

/* CLOCK_MONOTONIC, ns. */
uint64_t shm_now(void);

/* Poll until `condition` holds; the test fails after ten seconds. */
#define SHM_UNTIL(condition)                                                     \
	do {                                                                     \
		uint64_t until_ = shm_now() + UINT64_C(10000000000);             \
		while (!(condition)) {                                           \
			ck_assert_msg(shm_now() < until_, "never: " #condition); \
			shm_pause();                                             \
		}                                                                \
	} while (0)
void shm_pause(void);

#endif
