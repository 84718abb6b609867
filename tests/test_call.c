/* SPDX-License-Identifier: MIT */
#include "clients/mcp/call.h"

#include <stdio.h>
#include <string.h>

#include "tests/check_main.h"
#include "tests/mcp_help.h"

/*
 * A call is answered once, and looked at no more: every way in which a handler gives up, wherever it may be asked. The
 * second half of that is seen with the address sanitizer.
 */

static struct help *help;

/* Where requests are made that go wrong. */
enum place { HERE, NO_SUPERVISOR, DEAD_SUPERVISOR, READ_ONLY, SCRIPTS_ONLY, ALL_INSTANCES, PLACES };

static void open_at(enum place place)
{
	struct server_options options = {.read_only = place == READ_ONLY, .scripts_only = place == SCRIPTS_ONLY};

	help = help_open("call", true, &options);
	if (place == NO_SUPERVISOR)
		brm_writer_close(help->writer);
	if (place == DEAD_SUPERVISOR)
		brm_writer_abandon(help->writer);
	if (place == NO_SUPERVISOR || place == DEAD_SUPERVISOR)
		help->writer = NULL;
	if (place != ALL_INSTANCES)
		return;
	server_close(help->server);
	options.base = help->base;
	ck_assert_int_eq(server_open(&options, &help->server), 0);
}

#define TOOL(name, args) "tools/call", "{\"name\":\"" name "\",\"arguments\":" args "}"

/* Each way in which a handler gives up. None of these asks a supervisor for anything. */
static const struct {
	const char *method, *params;
} failing[] = {
	{TOOL("no_such_tool", "{}")},
	{TOOL("scripts_status", "[]")},
	{TOOL("scripts_status", "{\"nonsense\":1}")},
	{TOOL("scripts_status", "{\"limit\":0}")},
	{TOOL("scripts_status", "{\"name\":\"nobody\"}")},
	{TOOL("scripts_status", "{\"since\":\"rubbish\"}")},
	{TOOL("scripts_status", "{\"instance\":5}")},
	{TOOL("scripts_status", "{\"instance\":\"nowhere\"}")},
	{TOOL("scripts_run", "{}")},
	{TOOL("scripts_run", "{\"name\":\"w*\"}")},
	{TOOL("scripts_run", "{\"name\":\"x\",\"args\":[\"y\"]}")},
	{TOOL("scripts_run", "{\"name\":\"x\",\"wait\":{\"until\":\"log\"}}")},
	{TOOL("scripts_run", "{\"name\":\"x\",\"wait\":{\"until\":\"log\",\"pattern\":\"(\"}}")},
	{TOOL("scripts_run", "{\"name\":\"x\",\"wait\":5}")},
	{TOOL("scripts_restart", "{}")},
	{TOOL("scripts_restart", "{\"name\":\"web\",\"wait\":{\"until\":\"log\"}}")},
	{TOOL("scripts_stop", "{\"name\":\"nobody\"}")},
	{TOOL("scripts_stop", "{\"name\":\"web\",\"timeout_ms\":1}")},
	{TOOL("scripts_send", "{\"name\":\"nobody\",\"text\":\"x\"}")},
	{TOOL("scripts_send", "{\"name\":\"web\"}")},
	{TOOL("scripts_wait", "{\"name\":\"nobody\",\"until\":\"exit\"}")},
	{TOOL("scripts_wait", "{\"name\":\"web\",\"until\":\"log\"}")},
	{TOOL("scripts_wait", "{\"name\":\"web\",\"until\":\"log\",\"pattern\":\"(\"}")},
	{TOOL("logs_stream", "{\"name\":\"nobody\"}")},
	{TOOL("logs_stream", "{\"cursor\":\"rubbish\"}")},
	{TOOL("logs_stream", "{\"name\":\"nobody\",\"cursor\":\"rubbish\",\"wait_ms\":10}")},
	{TOOL("logs_search", "{\"query\":\"(\",\"regex\":true}")},
	{TOOL("logs_search", "{\"query\":\"x\",\"since\":\"rubbish\"}")},
	{TOOL("logs_search", "{\"query\":\"x\",\"name\":\"nobody\"}")},
	{TOOL("errors_list", "{\"since\":\"rubbish\"}")},
	{TOOL("errors_list", "{\"name\":\"nobody\"}")},
	{TOOL("urls_list", "{\"name\":\"nobody\"}")},
	{TOOL("events_list", "{\"cursor\":\"rubbish\"}")},
	{TOOL("instances_list", "{\"x\":1}")},
	{"tools/list", "{\"cursor\":\"rubbish\"}"},
	{"resources/list", "{\"cursor\":\"rubbish\"}"},
	{"resources/templates/list", "{\"cursor\":\"rubbish\"}"},
	{"resources/read", "{}"},
	{"resources/read", "{\"uri\":\"brummer://nothing\"}"},
	{"resources/read", "{\"uri\":\"brummer://logs/nobody\"}"},
	{"resources/read", "{\"uri\":\"brummer://status?instance=nowhere\"}"},
	{"resources/subscribe", "{}"},
	{"resources/unsubscribe", "{}"},
	{"prompts/get", "{\"name\":\"nothing\"}"},
	{"prompts/get", "{\"name\":\"debug_error\"}"},
	{"completion/complete", "{}"},
	{"logging/setLevel", "{\"level\":\"rubbish\"}"},
	{"initialize", "{}"},
	{"no/such/method", "{}"},
};

/* Is it the answer to request 1, and no more? */
static void expect_failure(const char *answer, const char *method, const char *params)
{
	json_t *root = json_loads(answer, 0, NULL);
	const json_t *result = json_object_get(root, "result");

	ck_assert_int_eq(json_integer_value(json_object_get(root, "id")), 1);
	ck_assert_msg(!result != !json_object_get(root, "error"), "%s %s gave %s", method, params, answer);
	ck_assert_msg(help_is_silent(help), "%s %s was answered twice", method, params);
	json_decref(root);
}

START_TEST(what_fails_is_answered_once_wherever_it_is_asked)
{
	char message[512];

	open_at((enum place)_i);
	for (size_t i = 0; i < sizeof failing / sizeof *failing; i++) {
		snprintf(message, sizeof message, "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"%s\",\"params\":%s}",
			 failing[i].method, failing[i].params);
		expect_failure(help_ask(help, message), failing[i].method, failing[i].params);
	}
	help_close(help);
}
END_TEST

/* Its control socket is not there, though its region is. */
START_TEST(a_supervisor_that_cannot_be_reached_fails_each_command_once)
{
	static const char *const commands[][2] = {{TOOL("scripts_stop", "{\"name\":\"web\"}")},
						  {TOOL("scripts_send", "{\"name\":\"web\",\"text\":\"x\"}")}};

	open_at(HERE);
	for (size_t i = 0; i < 2; i++) {
		char message[512];
		const char *answer;

		snprintf(message, sizeof message, "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"%s\",\"params\":%s}",
			 commands[i][0], commands[i][1]);
		answer = help_ask(help, message);
		ck_assert_ptr_nonnull(strstr(answer, "\"isError\":true"));
		expect_failure(answer, commands[i][0], commands[i][1]);
	}
	help_close(help);
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("call");
	TCase *tcase = tcase_create("call");

	tcase_set_timeout(tcase, 30);
	tcase_add_loop_test(tcase, what_fails_is_answered_once_wherever_it_is_asked, 0, PLACES);
	tcase_add_test(tcase, a_supervisor_that_cannot_be_reached_fails_each_command_once);
	suite_add_tcase(suite, tcase);
	return suite;
}
