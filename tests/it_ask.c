/* SPDX-License-Identifier: MIT */

/* it_ask.c - requests to the supervisor of an integration test, and their answers */

#include <stdio.h>

#include "tests/it_help.h"

static uint32_t send_of(struct client *client)
{
	uint32_t id;

	ck_assert_int_eq(client_send(client, &id), 0);
	return id;
}

static struct reply wait_of(struct client *client, uint32_t id)
{
	struct reply reply;

	ck_assert_int_eq(client_wait(client, id, IT_WAIT_MS * INT64_C(1000000), &reply), 0);
	return reply;
}

uint32_t it_send(void)
{
	return send_of(it.client);
}

struct reply it_wait(uint32_t id)
{
	return wait_of(it.client, id);
}

struct reply it_answer_of(struct client *client)
{
	return wait_of(client, send_of(client));
}

struct reply it_answer(void)
{
	return it_answer_of(it.client);
}

void it_obeyed(struct reply reply)
{
	ck_assert_msg(reply.refused == BRM_REFUSED_NOT, "%s", reply.message);
	reply_finish(&reply);
}

void it_obey(void)
{
	it_obeyed(it_answer());
}

uint32_t it_send_about(enum brm_method method, const char *name)
{
	const char *names[] = {name, NULL};

	client_begin(it.client, method);
	client_put_list(it.client, "names", names);
	return it_send();
}

struct reply it_ask(enum brm_method method, const char *name)
{
	return it_wait(it_send_about(method, name));
}

enum brm_refusal it_refusal(enum brm_method method, const char *name)
{
	struct reply reply = it_ask(method, name);
	enum brm_refusal refused = reply.refused;

	reply_finish(&reply);
	return refused;
}

void it_do(enum brm_method method, const char *name)
{
	it_obeyed(it_ask(method, name));
}

void it_begin_run(const char *name, const char *line)
{
	client_begin(it.client, BRM_RUN);
	client_put_string(it.client, "name", name);
	client_put_string(it.client, "command", line);
	client_put_string(it.client, "dir", it.instance.dir);
}

void it_run(const char *name, const char *line)
{
	it_begin_run(name, line);
	it_obey();
}

void it_run_numbers(const char *name, int count, int code)
{
	char line[128];

	snprintf(line, sizeof line, "i=0; while [ $i -lt %d ]; do echo $i; i=$((i+1)); done; exit %d", count, code);
	it_run(name, line);
}
