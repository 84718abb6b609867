/* SPDX-License-Identifier: MIT */
#include "clients/common/client.h"

#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "clients/common/source.h"
#include "tests/check_main.h"
#include "tests/shm_help.h"

/*
 * The client against a supervisor that is a thread here: it answers hello, then does what the test tells it with each
 * request.
 */

struct peer {
	int fd;
	msgpack_unpacker unpacker;
	msgpack_unpacked request;
};

typedef void script_fn(struct peer *peer);

static struct brm_instance instance;
static int listening = -1;
static script_fn *script;
static pthread_t thread;

/* The next request of the client's: its id; 0 when the client has gone. */
static uint32_t take(struct peer *peer)
{
	ssize_t got;

	while (msgpack_unpacker_next(&peer->unpacker, &peer->request) != MSGPACK_UNPACK_SUCCESS) {
		if (!msgpack_unpacker_reserve_buffer(&peer->unpacker, 4096))
			abort();
		got = read(peer->fd, msgpack_unpacker_buffer(&peer->unpacker), 4096);
		if (got <= 0)
			return 0;
		msgpack_unpacker_buffer_consumed(&peer->unpacker, (size_t)got);
	}
	return (uint32_t)peer->request.data.via.array.ptr[1].via.u64;
}

static void say(const struct peer *peer, const msgpack_sbuffer *message)
{
	if (send(peer->fd, message->data, message->size, MSG_NOSIGNAL) != (ssize_t)message->size)
		abort();
}

static void pack_text(msgpack_packer *packer, const char *text)
{
	msgpack_pack_str(packer, strlen(text));
	msgpack_pack_str_body(packer, text, strlen(text));
}

/* [1, id, nil, {key: number}] */
static void answer(const struct peer *peer, uint32_t id, const char *key, int number)
{
	msgpack_sbuffer buffer;
	msgpack_packer packer;

	msgpack_sbuffer_init(&buffer);
	msgpack_packer_init(&packer, &buffer, msgpack_sbuffer_write);
	msgpack_pack_array(&packer, 4);
	msgpack_pack_int(&packer, 1);
	msgpack_pack_uint32(&packer, id);
	msgpack_pack_nil(&packer);
	msgpack_pack_map(&packer, 1);
	pack_text(&packer, key);
	msgpack_pack_int(&packer, number);
	say(peer, &buffer);
	msgpack_sbuffer_destroy(&buffer);
}

static void *serve(void *arg)
{
	struct peer peer = {.fd = accept(listening, NULL, NULL)};

	(void)arg;
	if (!msgpack_unpacker_init(&peer.unpacker, 4096))
		abort();
	msgpack_unpacked_init(&peer.request);
	script(&peer);
	close(peer.fd);
	msgpack_unpacked_destroy(&peer.request);
	msgpack_unpacker_destroy(&peer.unpacker);
	return NULL;
}

static void start(script_fn *what)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};

	script = what;
	instance = *shm_instance("client");
	snprintf(instance.control, sizeof instance.control, "%s", test_path("control"));
	unlink(instance.control);
	strcpy(address.sun_path, instance.control);
	listening = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	ck_assert_int_eq(bind(listening, (struct sockaddr *)&address, sizeof address), 0);
	ck_assert_int_eq(listen(listening, 5), 0);
	ck_assert_int_eq(pthread_create(&thread, NULL, serve, NULL), 0);
}

static void finish(struct client *client)
{
	client_close(client);
	pthread_join(thread, NULL);
	close(listening);
}

static struct client *open_client(script_fn *what)
{
	struct client *client;

	start(what);
	ck_assert_int_eq(client_open(&instance, BRM_BY_CLI, &client), 0);
	return client;
}

static uint32_t ask(struct client *client, enum brm_method method)
{
	uint32_t id;

	client_begin(client, method);
	ck_assert_int_eq(client_send(client, &id), 0);
	return id;
}

static void hello(struct peer *peer)
{
	answer(peer, take(peer), "protocol", BRM_CONTROL_PROTOCOL);
}

static void answer_in_reverse(struct peer *peer)
{
	uint32_t ids[3];

	hello(peer);
	for (int i = 0; i < 3; i++)
		ids[i] = take(peer);
	for (int i = 2; i >= 0; i--)
		answer(peer, ids[i], "n", i);
	take(peer);
}

START_TEST(answers_may_come_in_any_order)
{
	struct client *client = open_client(answer_in_reverse);
	struct reply reply;
	uint32_t ids[3];

	for (int i = 0; i < 3; i++)
		ids[i] = ask(client, BRM_STOP);
	for (int i = 0; i < 3; i++) {
		ck_assert_int_eq(client_wait(client, ids[i], -1, &reply), 0);
		ck_assert_uint_eq(reply.id, ids[i]);
		ck_assert_int_eq(reply.refused, BRM_REFUSED_NOT);
		ck_assert_int_eq(reply_int(&reply.result, "n", -1), i);
		reply_finish(&reply);
	}
	finish(client);
}
END_TEST

START_TEST(polling_gives_them_as_they_come)
{
	struct client *client = open_client(answer_in_reverse);
	struct reply reply;
	int found = 0;

	for (int i = 0; i < 3; i++)
		ask(client, BRM_STOP);
	while (found < 3) {
		int rc = client_poll(client, &reply);

		ck_assert_int_ge(rc, 0);
		if (rc == 0)
			continue;
		ck_assert_int_eq(reply_int(&reply.result, "n", -1), 2 - found++);
		reply_finish(&reply);
	}
	finish(client);
}
END_TEST

static void answer_never(struct peer *peer)
{
	hello(peer);
	while (take(peer))
		;
}

START_TEST(what_nobody_took_is_freed)
{
	struct client *client = open_client(answer_in_reverse);
	struct reply reply;
	uint32_t first = ask(client, BRM_STOP);

	ask(client, BRM_STOP);
	ask(client, BRM_STOP);
	ck_assert_int_eq(client_wait(client, first, -1, &reply), 0);
	reply_finish(&reply);
	finish(client);
}
END_TEST

START_TEST(a_wait_has_an_end)
{
	struct client *client = open_client(answer_never);
	uint64_t begin = shm_now();
	struct reply reply;

	ck_assert_int_eq(client_wait(client, ask(client, BRM_STOP), 50000000, &reply), -ETIMEDOUT);
	ck_assert_uint_ge(shm_now() - begin, 50000000);
	ck_assert_int_eq(client_poll(client, &reply), 0);
	finish(client);
}
END_TEST

static void refuse(struct peer *peer)
{
	msgpack_sbuffer buffer;
	msgpack_packer packer;

	hello(peer);
	msgpack_sbuffer_init(&buffer);
	msgpack_packer_init(&packer, &buffer, msgpack_sbuffer_write);
	/* A notification comes in between. */
	msgpack_pack_array(&packer, 3);
	msgpack_pack_int(&packer, 2);
	pack_text(&packer, "output");
	msgpack_pack_array(&packer, 0);
	msgpack_pack_array(&packer, 4);
	msgpack_pack_int(&packer, 1);
	msgpack_pack_uint32(&packer, take(peer));
	msgpack_pack_map(&packer, 3);
	pack_text(&packer, "code");
	pack_text(&packer, "moved_on");
	pack_text(&packer, "message");
	pack_text(&packer, "web is at run 4 now");
	pack_text(&packer, "data");
	msgpack_pack_map(&packer, 1);
	pack_text(&packer, "run");
	msgpack_pack_int(&packer, 4);
	msgpack_pack_nil(&packer);
	say(peer, &buffer);
	msgpack_sbuffer_destroy(&buffer);
	take(peer);
}

START_TEST(a_refusal_has_a_code_a_sentence_and_data)
{
	struct client *client = open_client(refuse);
	struct reply reply;

	ck_assert_int_eq(client_wait(client, ask(client, BRM_STOP), -1, &reply), 0);
	ck_assert_int_eq(reply.refused, BRM_MOVED_ON);
	ck_assert_str_eq(reply.message, "web is at run 4 now");
	ck_assert_int_eq(reply_int(&reply.data, "run", 0), 4);
	reply_finish(&reply);
	finish(client);
}
END_TEST

static void look_at_parameters(struct peer *peer)
{
	const msgpack_object *part, *map;
	uint32_t id;

	hello(peer);
	id = take(peer);
	part = peer->request.data.via.array.ptr;
	map = part[3].via.array.ptr;
	if (part[2].via.str.size == 4 && memcmp(part[2].via.str.ptr, "send", 4) == 0 && part[3].via.array.size == 1 &&
	    map->via.map.size == 5 && reply_int(map, "int", 0) == -5 &&
	    reply_get(map, "bytes")->type == MSGPACK_OBJECT_BIN && reply_get(map, "bytes")->via.bin.size == 3 &&
	    reply_get(map, "bool")->via.boolean && reply_get(map, "list")->via.array.size == 2 &&
	    reply_get(map, "string")->via.str.size == 2)
		answer(peer, id, "well", 1);
	else
		answer(peer, id, "wrong", 1);
	take(peer);
}

START_TEST(parameters_arrive_as_they_were_put)
{
	static const char *const list[] = {"a", "b", NULL};
	struct client *client = open_client(look_at_parameters);
	struct reply reply;
	uint32_t id;

	client_begin(client, BRM_STOP);
	client_put_string(client, "forgotten", "by the next begin");
	client_begin(client, BRM_SEND);
	client_put_string(client, "string", "xy");
	client_put_bytes(client, "bytes", "a\0b", 3);
	client_put_int(client, "int", -5);
	client_put_bool(client, "bool", true);
	client_put_list(client, "list", list);
	ck_assert_int_eq(client_send(client, &id), 0);
	ck_assert_int_eq(client_wait(client, id, -1, &reply), 0);
	ck_assert_int_eq(reply_int(&reply.result, "well", 0), 1);
	reply_finish(&reply);
	finish(client);
}
END_TEST

START_TEST(a_request_that_is_too_long_is_not_sent)
{
	struct client *client = open_client(answer_never);
	char *text = calloc(1, BRM_CONTROL_REQUEST_MAX);
	uint32_t id;

	memset(text, 'x', BRM_CONTROL_REQUEST_MAX - 1);
	client_begin(client, BRM_SEND);
	client_put_string(client, "text", text);
	ck_assert_int_eq(client_send(client, &id), -EMSGSIZE);
	free(text);
	finish(client);
}
END_TEST

static sem_t enough;

static void take_nothing(struct peer *peer)
{
	hello(peer);
	while (sem_wait(&enough) != 0)
		;
}

START_TEST(a_supervisor_that_takes_nothing_does_not_block)
{
	char *text = calloc(1, 900000);
	struct client *client;
	uint32_t id;
	int rc = 0;

	sem_init(&enough, 0, 0);
	client = open_client(take_nothing);
	memset(text, 'x', 899999);
	for (int i = 0; i < 100 && rc == 0; i++) {
		client_begin(client, BRM_SEND);
		client_put_string(client, "text", text);
		rc = client_send(client, &id);
	}
	ck_assert_int_eq(rc, -ETIMEDOUT);
	free(text);
	sem_post(&enough);
	finish(client);
}
END_TEST

static void leave(struct peer *peer)
{
	hello(peer);
	take(peer);
}

START_TEST(one_that_goes_away_is_noticed)
{
	struct client *client = open_client(leave);
	struct reply reply;

	ck_assert_int_eq(client_wait(client, ask(client, BRM_STOP), -1, &reply), -EPIPE);
	finish(client);
}
END_TEST

static void babble(struct peer *peer)
{
	hello(peer);
	take(peer);
	if (write(peer->fd, "\xc1\xc1\xc1", 3) != 3)
		abort();
	take(peer);
}

START_TEST(garbage_is_not_understood)
{
	struct client *client = open_client(babble);
	struct reply reply;

	ck_assert_int_eq(client_wait(client, ask(client, BRM_STOP), -1, &reply), -EPROTO);
	finish(client);
}
END_TEST

static void speak_another(struct peer *peer)
{
	answer(peer, take(peer), "protocol", BRM_CONTROL_PROTOCOL + 1);
	take(peer);
}

static void stay_silent(struct peer *peer)
{
	while (take(peer))
		;
}

static void go_at_once(struct peer *peer)
{
	(void)peer;
}

static const struct {
	script_fn *script;
	int rc;
} openings[] = {{speak_another, -EPROTO}, {stay_silent, -ETIMEDOUT}, {go_at_once, -ECONNREFUSED}};

START_TEST(an_opening_fails_in_its_own_way)
{
	struct client *client;

	start(openings[_i].script);
	ck_assert_int_eq(client_open(&instance, BRM_BY_CLI, &client), openings[_i].rc);
	finish(NULL);
}
END_TEST

START_TEST(no_socket_is_no_supervisor)
{
	struct client *client;

	instance = *shm_instance("client");
	snprintf(instance.control, sizeof instance.control, "%s", test_path("nothing"));
	ck_assert_int_eq(client_open(&instance, BRM_BY_CLI, &client), -ENOENT);
	start(go_at_once);
	close(listening);
	ck_assert_int_eq(client_open(&instance, BRM_BY_CLI, &client), -ECONNREFUSED);
	pthread_cancel(thread);
	pthread_join(thread, NULL);
}
END_TEST

/* A `status` whose every part is of another type than it should be, or absent. */
static void answer_nonsense(struct peer *peer)
{
	hello(peer);
	for (uint32_t id; (id = take(peer)) != 0;)
		answer(peer, id, "processes", 7);
}

START_TEST(a_snapshot_of_nonsense_is_refused)
{
	struct snapshot snapshot = {0};
	struct source *source;

	start(answer_nonsense);
	ck_assert_int_eq(source_open(&instance, READ_RPC, &source), 0);
	ck_assert_int_eq(source_snapshot(source, &snapshot), -EPROTO);
	ck_assert_ptr_null(source_reader(source));
	snapshot_finish(&snapshot);
	source_close(source);
	finish(NULL);
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("client");
	TCase *tcase = tcase_create("client");

	tcase_set_timeout(tcase, 30);
	tcase_add_test(tcase, answers_may_come_in_any_order);
	tcase_add_test(tcase, polling_gives_them_as_they_come);
	tcase_add_test(tcase, what_nobody_took_is_freed);
	tcase_add_test(tcase, a_wait_has_an_end);
	tcase_add_test(tcase, a_refusal_has_a_code_a_sentence_and_data);
	tcase_add_test(tcase, parameters_arrive_as_they_were_put);
	tcase_add_test(tcase, a_request_that_is_too_long_is_not_sent);
	tcase_add_test(tcase, a_supervisor_that_takes_nothing_does_not_block);
	tcase_add_test(tcase, one_that_goes_away_is_noticed);
	tcase_add_test(tcase, garbage_is_not_understood);
	tcase_add_loop_test(tcase, an_opening_fails_in_its_own_way, 0, sizeof openings / sizeof *openings);
	tcase_add_test(tcase, no_socket_is_no_supervisor);
	tcase_add_test(tcase, a_snapshot_of_nonsense_is_refused);
	suite_add_tcase(suite, tcase);
	return suite;
}
