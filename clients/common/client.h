/* SPDX-License-Identifier: MIT */
#ifndef CLIENTS_COMMON_CLIENT_H
#define CLIENTS_COMMON_CLIENT_H

#include <stdbool.h>
#include <stdint.h>

#include <brummer/control.h>
#include <brummer/events.h>
#include <brummer/instance.h>

#include <msgpack.h>

/*
 * common/client.h - send commands to the supervisor
 *
 * A blocking client with deadlines, and its descriptor for event loops: client_send() returns the id of a request,
 * client_poll() gives answers as they come, in any order.
 */

struct client;

/* What came back. */
struct reply {
	uint32_t id;               /* of the request; 0: a notification */
	char notice[16];           /* its method; "" for a reply */
	enum brm_refusal refused;  /* BRM_REFUSED_NOT: done */
	char message[256];         /* why not, a sentence */
	msgpack_object result;     /* in the reply's zone; nil when refused */
	msgpack_object data;       /* of the error, or nil */
	msgpack_unpacked unpacked; /* private; reply_finish() */
};
void reply_finish(struct reply *reply);

/*
 * Connect and say hello (kind: who we are, for the events).
 *
 *  -ENOENT, -ECONNREFUSED  no supervisor runs here
 *  -EACCES                 not this user's
 *  -EPROTO                 not a supervisor of this protocol
 *  -ETIMEDOUT              it did not answer within 2 s
 */
int client_open(const struct brm_instance *instance, enum brm_by kind, struct client **out);
void client_close(struct client *client);
int client_fd(const struct client *client);

/*
 * Parameters: begin, put, send. One request at a time is being built.
 */
void client_begin(struct client *client, enum brm_method method);
void client_put_string(struct client *client, const char *key, const char *value);
void client_put_bytes(struct client *client, const char *key, const void *bytes, size_t length);
void client_put_int(struct client *client, const char *key, int64_t value);
void client_put_bool(struct client *client, const char *key, bool value);
/* A list of strings; a map of "KEY=value" strings. NULL-terminated. */
void client_put_list(struct client *client, const char *key, const char *const *values);
int client_send(struct client *client, uint32_t *id);

/* Wait for the answer to one request. timeout_ns < 0: for ever. 0, -ETIMEDOUT, -EPIPE (the supervisor went away),
 * -EPROTO */
int client_wait(struct client *client, uint32_t id, int64_t timeout_ns, struct reply *out);

/* Whatever has come, without waiting: 1 and a reply, 0 for nothing, or an error. For event loops. */
int client_poll(struct client *client, struct reply *out);

/* Fields of a map. Absent or of another type: the default. */
const msgpack_object *reply_get(const msgpack_object *map, const char *key);
int64_t reply_int(const msgpack_object *map, const char *key, int64_t absent);
/* Copied, NUL-terminated, cut to size. False when absent. */
bool reply_string(const msgpack_object *map, const char *key, char *out, size_t size);

/*
 * Start a supervisor for a directory if none runs: brummerd, daemonised; returns when its region is up.
 *
 *  -EEXIST  one runs already
 *  -ECHILD  it could not start: *why has its one line
 *
 * On success *why has its first warning, "" for none.
 */
int client_start_supervisor(const struct brm_instance *instance, const char *const *extra_args, char *why,
			    size_t why_size);

#endif
