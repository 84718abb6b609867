/* SPDX-License-Identifier: MIT */
#ifndef TESTS_IT_HELP_H
#define TESTS_IT_HELP_H

#include <stdbool.h>
#include <stdint.h>

#include <brummer/reader.h>

#include "clients/common/client.h"
#include "tests/check_main.h"

/*
 * it_help.h - a real supervisor for an integration test
 *
 * One project a test, in its own directory below test_dir(). it_sweep() is the teardown: it ends whatever a test that
 * failed has left. it_help.c has the supervisor and processes, it_ask.c requests, it_see.c what is published and
 * stored.
 *
 *  it_start    how a supervisor starts, reloads on a signal, ends; its terminal; no room for a region
 *  it_born     what a run is born with, and one that dies before its program
 *  it_life     start, stop, restart, what cannot be run, descendants, many at once, regions that grow
 *  it_ready    readiness of each kind, liveness, dependencies and the order of stops
 *  it_again    limits of restarts and of memory, essential, watch, stop commands, replicas, reload, owners, a second
 *              supervisor beside and inside
 *  it_time     clocks that jump, schedules, back-offs, quiet times, delays and counts of probes
 *  it_control  the control socket: peers that misbehave, names, expected run and revision, input
 *  it_output   URLs, ports, samples, errors, a gigabyte without a newline, terminals
 *  it_fault    no process, descriptor or watch to be had; children that misbehave
 *  it_recover  the engine is killed, or the keeper, or both; it_keeper: between two engines; it_upgrade: a new program
 *  it_readpath both read paths say the same; it_many: many processes, few descriptors
 */

#define IT_WAIT_MS 20000

struct it {
	struct brm_instance instance;
	struct client *client; /* after it_up() */
	struct brm_reader *reader;
};
extern struct it it;

/* A project directory of this name, and the instance that it will be. */
void it_project(const char *name);
/* Unchecked teardown: end every supervisor below test_dir(), and all it ran. */
void it_sweep(void);

/* Where the programs of the build are: absolute, and as it was at the first call. */
const char *it_build(void);

/* Write a file of the project. */
void it_write(const char *file, const char *text);

/* Run brummerd -C PROJECT ARGS... (up to a NULL) to its end; its exit status, and its standard error in said. */
int it_brummerd(const char *const *args, char *said, size_t size);

/*
 * What goes wrong from now on in the supervisors that are started, for the test to change: tests/fault.c, which keeps
 * it in a file of this name. Not with sanitizers, which must be the first that is preloaded.
 */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define IT_CAN_PRELOAD false
#else
#define IT_CAN_PRELOAD true
#endif
struct fault *it_fault(const char *name);

/* Start the supervisor with these arguments (NULL: none), connect to it, attach to its region. */
void it_up(const char *const *args);
/* Connect (again). */
void it_connect(void);
/* Shut it down, and check that nothing is left. */
void it_down(void);
void it_nothing_left(void);

/* Send the request that client_begin() began with it.client; its id. */
uint32_t it_send(void);
/* Wait for the answer to it, which the caller finishes. */
struct reply it_wait(uint32_t id);
/* Both; the same for another client. */
struct reply it_answer(void);
struct reply it_answer_of(struct client *client);
/* Finish an answer, asserting that it was no refusal; send, wait and do so. */
void it_obeyed(struct reply reply);
void it_obey(void);

/* Send a request about one name; the same, and wait for its answer, which the caller finishes. */
uint32_t it_send_about(enum brm_method method, const char *name);
struct reply it_ask(enum brm_method method, const char *name);
/* The same, for how it was refused. */
enum brm_refusal it_refusal(enum brm_method method, const char *name);
/* The same, asserting that it was not refused. */
void it_do(enum brm_method method, const char *name);
/* Begin the request to run a line of shell in the project as an ad-hoc process: more can be put before it is sent. */
void it_begin_run(const char *name, const char *line);
/* The same, and send it. */
void it_run(const char *name, const char *line);
/* Run what writes the numbers from 0 on, `count` lines, and exits with this code. */
void it_run_numbers(const char *name, int count, int code);
/* Its output is those, in order, none missing and none twice. */
void it_assert_numbers(const char *name, int count);

/* The newest state of a process; follows the region. Asserts that there is one. */
struct brm_state it_state(const char *name);
enum brm_status it_status(const char *name);
/* Wait until there is one of this status; asserts that it comes to that. Returns the state. */
struct brm_state it_await(const char *name, enum brm_status status);
/* Wait until there is one in this run or a later one. Returns the state. */
struct brm_state it_await_run(const char *name, uint32_t run);
/* Is there a process of this name? Wait until there is none. */
bool it_exists(const char *name);
void it_await_removal(const char *name);
/* Wait until some of its output could not be stored. */
void it_await_loss(const char *name);
/* Wait until met(arg) is true; asserts that it becomes so. */
void it_until(bool (*met)(void *arg), void *arg);

/* How many living processes have this text in their command line, and a directory of ours. */
int it_count(const char *text);
/* Wait until there are as many. */
void it_await_count(const char *text, int count);

/* What /proc/PID/status has in the row that begins so, as a number to this base. */
unsigned long long it_status_row(pid_t pid, const char *row, int base);

/* Wait until a process has ended, if only as a zombie of somebody else's. */
void it_await_gone(pid_t pid);

/* How many events of this reason there are, and wait until there are as many. */
uint32_t it_count_events(enum brm_reason reason);
void it_await_event(enum brm_reason reason, uint32_t count);

/* The engine's pid, from the region's header. */
pid_t it_engine(void);
/* Kill the engine and wait until another one publishes. */
void it_kill_engine(void);

/* The whole of a process's standard output, from its store's file; "" if there is none. Static storage. */
const char *it_output(const char *name);
/* Wait until that is the text. */
void it_await_output(const char *name, const char *text);

#endif
