/* SPDX-License-Identifier: MIT */
#include "clients/common/client.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include <brummer/reader.h>

#define HELLO_TIMEOUT_NS 2000000000ll
#define SEND_TIMEOUT_MS  2000
#define PARAMETERS_MAX   16
#define RECEIVE_BYTES    65536
#define MESSAGE_MAX      (256u << 20) /* bytes of one answer: those of `status` are as large as the table */

/* An answer that came while another was waited for. */
struct pending {
	struct pending *next;
	struct reply reply;
};

struct client {
	int fd;
	uint32_t last_id;
	enum brm_method method;       /* of the request being built */
	uint32_t parameters;          /* put into it so far */
	msgpack_sbuffer buffer;       /* its parameters */
	msgpack_packer packer;        /* into buffer */
	msgpack_unpacker unpacker;    /* what has come */
	struct pending *first, *last; /* answers nobody has taken yet, oldest first */
};

static int64_t now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000000000ll + ts.tv_nsec;
}

void reply_finish(struct reply *reply)
{
	msgpack_unpacked_destroy(&reply->unpacked);
	memset(reply, 0, sizeof *reply);
}

/* Connect within the time of a hello: a supervisor whose backlog is full is as good as silent. */
static int connect_to(const char *path)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	struct timeval patience = {.tv_sec = HELLO_TIMEOUT_NS / 1000000000ll};
	struct ucred peer = {.uid = (uid_t)-1};
	socklen_t length = sizeof peer;
	int fd, rc = 0;

	if (strlen(path) >= sizeof address.sun_path)
		return -ENAMETOOLONG;
	strcpy(address.sun_path, path);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	if (setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience) != 0 ||
	    connect(fd, (const struct sockaddr *)&address, sizeof address) != 0)
		rc = errno == EAGAIN ? -ETIMEDOUT : -errno;
	else if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &length) != 0)
		rc = -errno;
	else if (peer.uid != geteuid())
		rc = -EACCES;
	else if (fcntl(fd, F_SETFL, O_NONBLOCK) != 0)
		rc = -errno;
	if (rc == 0)
		return fd;
	close(fd);
	return rc;
}

/* All of it, or -ETIMEDOUT when the supervisor takes nothing for a while. */
static int write_all(int fd, const char *bytes, size_t size)
{
	while (size > 0) {
		ssize_t written = send(fd, bytes, size, MSG_NOSIGNAL);
		struct pollfd room = {.fd = fd, .events = POLLOUT};

		if (written >= 0) {
			bytes += written;
			size -= (size_t)written;
			continue;
		}
		if (errno == EINTR)
			continue;
		if (errno != EAGAIN)
			return errno == ECONNRESET ? -EPIPE : -errno;
		if (poll(&room, 1, SEND_TIMEOUT_MS) == 0)
			return -ETIMEDOUT;
	}
	return 0;
}

static int hello(struct client *client, enum brm_by kind)
{
	struct reply reply;
	uint32_t id;
	int rc;

	client_begin(client, BRM_HELLO);
	client_put_string(client, "kind", brm_by_word(kind));
	client_put_int(client, "pid", getpid());
	client_put_int(client, "protocol", BRM_CONTROL_PROTOCOL);
	rc = client_send(client, &id);
	if (rc == 0)
		rc = client_wait(client, id, HELLO_TIMEOUT_NS, &reply);
	if (rc != 0)
		return rc == -EPIPE ? -ECONNREFUSED : rc;
	if (reply.refused != BRM_REFUSED_NOT ||
	    reply_int(&reply.result, "protocol", BRM_CONTROL_PROTOCOL) != BRM_CONTROL_PROTOCOL)
		rc = -EPROTO;
	reply_finish(&reply);
	return rc;
}

/* Where the socket would be for us, else where the region says: a service has a runtime directory of its own. */
static int connect_to_instance(const struct brm_instance *instance)
{
	int fd = connect_to(instance->control);
	struct brm_reader *reader;

	if ((fd != -ENOENT && fd != -ECONNREFUSED) || brm_reader_open(instance->region, &reader) != 0)
		return fd;
	if (strcmp(brm_reader_info(reader)->control, instance->control) != 0)
		fd = connect_to(brm_reader_info(reader)->control);
	brm_reader_close(reader);
	return fd;
}

int client_open(const struct brm_instance *instance, enum brm_by kind, struct client **out)
{
	struct client *client;
	int fd = connect_to_instance(instance);
	int rc;

	if (fd < 0)
		return fd;
	client = calloc(1, sizeof *client);
	if (!client) {
		close(fd);
		return -ENOMEM;
	}
	client->fd = fd;
	msgpack_sbuffer_init(&client->buffer);
	msgpack_packer_init(&client->packer, &client->buffer, msgpack_sbuffer_write);
	rc = msgpack_unpacker_init(&client->unpacker, RECEIVE_BYTES) ? hello(client, kind) : -ENOMEM;
	if (rc != 0) {
		client_close(client);
		return rc;
	}
	*out = client;
	return 0;
}

void client_close(struct client *client)
{
	struct pending *next;

	if (!client)
		return;
	for (struct pending *at = client->first; at; at = next) {
		next = at->next;
		reply_finish(&at->reply);
		free(at);
	}
	if (client->unpacker.buffer)
		msgpack_unpacker_destroy(&client->unpacker);
	msgpack_sbuffer_destroy(&client->buffer);
	close(client->fd);
	free(client);
}

int client_fd(const struct client *client)
{
	return client->fd;
}

static void pack_string(msgpack_packer *packer, const char *text)
{
	size_t length = strlen(text);

	msgpack_pack_str(packer, length);
	msgpack_pack_str_body(packer, text, length);
}

void client_begin(struct client *client, enum brm_method method)
{
	client->method = method;
	client->parameters = 0;
	msgpack_sbuffer_clear(&client->buffer);
}

static void put_key(struct client *client, const char *key)
{
	assert(client->parameters < PARAMETERS_MAX);
	client->parameters++;
	pack_string(&client->packer, key);
}

void client_put_string(struct client *client, const char *key, const char *value)
{
	put_key(client, key);
	pack_string(&client->packer, value);
}

void client_put_bytes(struct client *client, const char *key, const void *bytes, size_t length)
{
	put_key(client, key);
	msgpack_pack_bin(&client->packer, length);
	msgpack_pack_bin_body(&client->packer, bytes, length);
}

void client_put_int(struct client *client, const char *key, int64_t value)
{
	put_key(client, key);
	msgpack_pack_int64(&client->packer, value);
}

void client_put_bool(struct client *client, const char *key, bool value)
{
	put_key(client, key);
	if (value)
		msgpack_pack_true(&client->packer);
	else
		msgpack_pack_false(&client->packer);
}

void client_put_list(struct client *client, const char *key, const char *const *values)
{
	size_t count = 0;

	while (values[count])
		count++;
	put_key(client, key);
	msgpack_pack_array(&client->packer, count);
	for (size_t i = 0; i < count; i++)
		pack_string(&client->packer, values[i]);
}

int client_send(struct client *client, uint32_t *id)
{
	msgpack_sbuffer head;
	msgpack_packer packer;
	int rc;

	msgpack_sbuffer_init(&head);
	msgpack_packer_init(&packer, &head, msgpack_sbuffer_write);
	msgpack_pack_array(&packer, 4);
	msgpack_pack_int(&packer, 0);
	msgpack_pack_uint32(&packer, ++client->last_id);
	pack_string(&packer, brm_method_info(client->method)->name);
	msgpack_pack_array(&packer, 1);
	msgpack_pack_map(&packer, client->parameters);
	if (head.size + client->buffer.size > BRM_CONTROL_REQUEST_MAX)
		rc = -EMSGSIZE;
	else
		rc = msgpack_sbuffer_write(&head, client->buffer.data, client->buffer.size) == 0
			     ? write_all(client->fd, head.data, head.size)
			     : -ENOMEM;
	msgpack_sbuffer_destroy(&head);
	if (rc == 0)
		*id = client->last_id;
	return rc;
}

static bool is_word(const msgpack_object *object, const char *word)
{
	return object->type == MSGPACK_OBJECT_STR && object->via.str.size == strlen(word) &&
	       memcmp(object->via.str.ptr, word, object->via.str.size) == 0;
}

const msgpack_object *reply_get(const msgpack_object *map, const char *key)
{
	if (map->type != MSGPACK_OBJECT_MAP)
		return NULL;
	for (uint32_t i = 0; i < map->via.map.size; i++)
		if (is_word(&map->via.map.ptr[i].key, key))
			return &map->via.map.ptr[i].val;
	return NULL;
}

int64_t reply_int(const msgpack_object *map, const char *key, int64_t absent)
{
	const msgpack_object *value = reply_get(map, key);

	if (value && value->type == MSGPACK_OBJECT_POSITIVE_INTEGER && value->via.u64 <= INT64_MAX)
		return (int64_t)value->via.u64;
	if (value && value->type == MSGPACK_OBJECT_NEGATIVE_INTEGER)
		return value->via.i64;
	return absent;
}

bool reply_string(const msgpack_object *map, const char *key, char *out, size_t size)
{
	const msgpack_object *value = reply_get(map, key);
	size_t length;

	if (!value || value->type != MSGPACK_OBJECT_STR)
		return false;
	length = value->via.str.size < size ? value->via.str.size : size - 1;
	memcpy(out, value->via.str.ptr, length);
	out[length] = '\0';
	return true;
}

/* [2, method, [params]] as a reply to nothing. */
static bool as_notice(msgpack_unpacked *unpacked, struct reply *out)
{
	const msgpack_object *message = &unpacked->data;
	const msgpack_object *part = message->via.array.ptr;
	size_t length;

	if (message->type != MSGPACK_OBJECT_ARRAY || message->via.array.size != 3 ||
	    part[0].type != MSGPACK_OBJECT_POSITIVE_INTEGER || part[0].via.u64 != 2 ||
	    part[1].type != MSGPACK_OBJECT_STR || part[2].type != MSGPACK_OBJECT_ARRAY)
		return false;
	memset(out, 0, sizeof *out);
	length = part[1].via.str.size < sizeof out->notice ? part[1].via.str.size : sizeof out->notice - 1;
	memcpy(out->notice, part[1].via.str.ptr, length);
	if (part[2].via.array.size == 1)
		out->result = part[2].via.array.ptr[0];
	out->unpacked = *unpacked;
	msgpack_unpacked_init(unpacked);
	return true;
}

/* [1, msgid, error, result] as a reply. */
static bool as_reply(msgpack_unpacked *unpacked, struct reply *out)
{
	const msgpack_object *message = &unpacked->data;
	const msgpack_object *part = message->via.array.ptr;
	char code[32];

	if (message->type != MSGPACK_OBJECT_ARRAY || message->via.array.size != 4 ||
	    part[0].type != MSGPACK_OBJECT_POSITIVE_INTEGER || part[0].via.u64 != 1 ||
	    part[1].type != MSGPACK_OBJECT_POSITIVE_INTEGER)
		return false;
	memset(out, 0, sizeof *out);
	out->id = (uint32_t)part[1].via.u64;
	out->result = part[3];
	if (part[2].type != MSGPACK_OBJECT_NIL) {
		const msgpack_object *data = reply_get(&part[2], "data");

		out->refused =
			reply_string(&part[2], "code", code, sizeof code) ? brm_refusal_parse(code) : BRM_INTERNAL;
		if (!reply_string(&part[2], "message", out->message, sizeof out->message))
			strcpy(out->message, "refused without a reason");
		if (data)
			out->data = *data;
	}
	out->unpacked = *unpacked;
	msgpack_unpacked_init(unpacked); /* its zone is the reply's now */
	return true;
}

/* The next whole reply of what has been received: 1, 0, -EPROTO, -ENOMEM. */
static int next_reply(struct client *client, struct reply *out)
{
	msgpack_unpacked unpacked;
	msgpack_unpack_return rc;

	msgpack_unpacked_init(&unpacked);
	while ((rc = msgpack_unpacker_next(&client->unpacker, &unpacked)) == MSGPACK_UNPACK_SUCCESS)
		if (as_reply(&unpacked, out) || as_notice(&unpacked, out))
			return 1;
	msgpack_unpacked_destroy(&unpacked);
	return rc == MSGPACK_UNPACK_CONTINUE ? 0 : rc == MSGPACK_UNPACK_NOMEM_ERROR ? -ENOMEM : -EPROTO;
}

/* Take what the socket has: 1 when there was something, 0 when nothing, -EPIPE at its end. */
static int receive(struct client *client)
{
	ssize_t got;

	if (msgpack_unpacker_message_size(&client->unpacker) > MESSAGE_MAX)
		return -EPROTO;
	if (!msgpack_unpacker_reserve_buffer(&client->unpacker, RECEIVE_BYTES))
		return -ENOMEM;
	do
		got = recv(client->fd, msgpack_unpacker_buffer(&client->unpacker), RECEIVE_BYTES, 0);
	while (got < 0 && errno == EINTR);
	if (got == 0)
		return -EPIPE;
	if (got < 0)
		return errno == EAGAIN ? 0 : errno == ECONNRESET ? -EPIPE : -errno;
	msgpack_unpacker_buffer_consumed(&client->unpacker, (size_t)got);
	return 1;
}

/* A reply of the socket, in the order they come: 1, 0 for nothing yet, or an error. */
static int fetch(struct client *client, struct reply *out)
{
	for (;;) {
		int rc = next_reply(client, out);

		if (rc != 0)
			return rc;
		rc = receive(client);
		if (rc <= 0)
			return rc;
	}
}

static int keep(struct client *client, const struct reply *reply)
{
	struct pending *pending = malloc(sizeof *pending);

	if (!pending)
		return -ENOMEM;
	*pending = (struct pending){.reply = *reply};
	if (client->last)
		client->last->next = pending;
	else
		client->first = pending;
	client->last = pending;
	return 0;
}

/* Take the pending reply to `id` (0: the oldest) out of the list. */
static bool take(struct client *client, uint32_t id, struct reply *out)
{
	struct pending *before = NULL;

	for (struct pending *at = client->first; at; before = at, at = at->next) {
		if (id != 0 && at->reply.id != id)
			continue;
		*(before ? &before->next : &client->first) = at->next;
		if (client->last == at)
			client->last = before;
		*out = at->reply;
		free(at);
		return true;
	}
	return false;
}

/* Wait for more, until the deadline (< 0: none). */
static int wait_readable(const struct client *client, int64_t deadline)
{
	struct pollfd more = {.fd = client->fd, .events = POLLIN};
	int64_t left = deadline < 0 ? -1 : deadline - now_ns();
	int rc;

	if (deadline >= 0 && left <= 0)
		return -ETIMEDOUT;
	rc = poll(&more, 1,
		  left < 0                       ? -1
		  : left > INT32_MAX * 1000000ll ? INT32_MAX
						 : (int)((left + 999999) / 1000000));
	return rc < 0 && errno != EINTR ? -errno : 0;
}

int client_wait(struct client *client, uint32_t id, int64_t timeout_ns, struct reply *out)
{
	int64_t deadline = timeout_ns < 0 ? -1 : now_ns() + timeout_ns;
	struct reply reply;

	if (take(client, id, out))
		return 0;
	for (;;) {
		int rc = fetch(client, &reply);

		if (rc < 0)
			return rc;
		if (rc == 0)
			rc = wait_readable(client, deadline);
		else if (reply.id == id)
			break;
		else
			rc = keep(client, &reply);
		if (rc < 0)
			return rc;
	}
	*out = reply;
	return 0;
}

int client_poll(struct client *client, struct reply *out)
{
	return take(client, 0, out) ? 1 : fetch(client, out);
}
