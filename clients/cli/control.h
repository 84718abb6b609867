/* SPDX-License-Identifier: MIT */
#ifndef CLIENTS_CLI_CONTROL_H
#define CLIENTS_CLI_CONTROL_H

#include "clients/cli/cli.h"
#include "clients/common/client.h"

/*
 * control.h - what the commanding commands have in common
 *
 * Only these make a connection.
 */

struct control {
	const struct cli *cli;
	const char *doing;    /* "stop" */
	const char *conflict; /* after the refusal of what another holds: what could be done; NULL: nothing */
	struct brm_instance instance;
	struct client *client;
};

/* Find the supervisor and connect. EXIT_DONE, or an exit status, and it was said why. Finish it in either case. */
int control_open(const struct cli *cli, const char *doing, struct control *out);
void control_finish(struct control *control);

/* An error of client_open() said; returns the exit status. */
int control_fail(const struct control *control, int error);

/*
 * Send what was begun and put, and wait for the answer (timeout_ns < 0: for ever). A supervisor that is being restarted
 * is asked again where asking twice is asking once. *reply is to be finished when EXIT_DONE was returned; a refusal was
 * said.
 */
int control_ask(struct control *control, void (*put)(struct client *client, void *arg), void *arg,
		enum brm_method method, int64_t timeout_ns, struct reply *reply);

/* A refusal said; returns the exit status. */
int control_refused(const struct control *control, const struct reply *reply);

/* The operands from `first` on as a NULL-terminated list; they stay the command line's. */
const char *const *control_names(const struct cli *cli, int first);

/*
 * The {processes: [...]} of an answer in the form -o asks for, as they are in a snapshot that was taken later; NULL: as
 * the answer says. Nothing with -q.
 */
int control_print(const struct cli *cli, const msgpack_object *result, const struct snapshot *snapshot);

#endif
