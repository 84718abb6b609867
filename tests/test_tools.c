/* SPDX-License-Identifier: MIT */
#include "clients/mcp/tools.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/check_main.h"
#include "tests/mcp_help.h"

static struct help *help;

static void setup(void)
{
	help = help_open("tools", true, NULL);
}

static void teardown(void)
{
	help_close(help);
}

/* The structured content of a tool's answer; fails if it is an error. Decref the root. */
static json_t *objects(const char *tool, const char *args, json_t **root)
{
	json_t *content;

	*root = json_loads(help_call(help, tool, args), 0, NULL);
	content = json_object_get(json_object_get(*root, "result"), "structuredContent");
	ck_assert_msg(json_is_object(content), "%s %s gave %s", tool, args, json_dumps(*root, 0));
	return content;
}

static const char *string_of(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	ck_assert_msg(text, "no %s in %s", key, json_dumps(object, 0));
	return text;
}

/* The text of an answer that must be an error. Static storage. */
static const char *error_of(const char *tool, const char *args)
{
	static char text[4096];
	json_t *root = json_loads(help_call(help, tool, args), 0, NULL), *result = json_object_get(root, "result");

	ck_assert_msg(json_is_true(json_object_get(result, "isError")), "%s %s gave %s", tool, args,
		      json_dumps(root, 0));
	snprintf(text, sizeof text, "%s", string_of(json_array_get(json_object_get(result, "content"), 0), "text"));
	json_decref(root);
	return text;
}

/* Every tool that needs no supervisor to act, as it answers. */
static const struct {
	const char *golden, *tool, *args;
} answers[] = {
	{"scripts_status", "scripts_status", "{}"},
	{"scripts_status_one", "scripts_status", "{\"name\":\"web#3\"}"},
	{"scripts_status_failed", "scripts_status", "{\"status\":\"failed\"}"},
	{"logs_stream", "logs_stream", "{}"},
	{"logs_stream_one", "logs_stream", "{\"name\":\"worker\",\"limit\":2}"},
	{"logs_stream_level", "logs_stream", "{\"level\":\"warn\"}"},
	{"logs_search", "logs_search", "{\"query\":\"connection refused\",\"context\":1}"},
	{"logs_search_regex", "logs_search", "{\"query\":\"^GET /(bad)?\",\"regex\":true,\"name\":\"web\"}"},
	{"logs_search_count", "logs_search", "{\"query\":\"e\",\"count_only\":true}"},
	{"errors_list", "errors_list", "{}"},
	{"urls_list", "urls_list", "{}"},
	{"events_list", "events_list", "{}"},
	{"scripts_wait", "scripts_wait", "{\"name\":\"web\",\"until\":\"log\",\"pattern\":\"listening on .*:3000\"}"},
};

START_TEST(answers_as_promised)
{
	help_golden(answers[_i].golden, help_call(help, answers[_i].tool, answers[_i].args));
}
END_TEST

START_TEST(the_list_of_tools_is_as_promised)
{
	help_golden("tools_list", help_ask(help, "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/list\"}"));
}
END_TEST

START_TEST(resources_and_prompts_are_as_promised)
{
	help_golden("resources_list", help_ask(help, "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"resources/list\"}"));
	help_golden("resource_logs",
		    help_ask(help, "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"resources/read\",\"params\":{\"uri\":"
				   "\"brummer://logs/worker\"}}"));
	help_golden("resource_status",
		    help_ask(help, "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"resources/read\",\"params\":{\"uri\":"
				   "\"brummer://status\"}}"));
	help_golden("prompts_list", help_ask(help, "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"prompts/list\"}"));
	help_golden("completion",
		    help_ask(help,
			     "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"completion/complete\",\"params\":{\"ref\":{"
			     "\"type\":\"ref/resource\",\"uri\":\"brummer://logs/{name}\"},\"argument\":{\"name\":"
			     "\"name\",\"value\":\"w\"}}}"));
}
END_TEST

START_TEST(status_since_tells_what_changed)
{
	char args[128];
	json_t *root, *content = objects("scripts_status", "{}", &root);

	ck_assert_uint_eq(json_array_size(json_object_get(content, "processes")), 5);
	snprintf(args, sizeof args, "{\"since\":\"%s\"}", string_of(content, "since"));
	json_decref(root);
	content = objects("scripts_status", args, &root);
	ck_assert_uint_eq(json_array_size(json_object_get(content, "processes")), 0);
	json_decref(root);
	help_set_status(help, "db", BRM_STARTING);
	content = objects("scripts_status", args, &root);
	ck_assert_uint_eq(json_array_size(json_object_get(content, "processes")), 1);
	json_decref(root);
	/* A mark of another life of the instance says nothing of this one. */
	content = objects("scripts_status", "{\"since\":\"00000000.ffff\"}", &root);
	ck_assert_uint_eq(json_array_size(json_object_get(content, "processes")), 5);
	json_decref(root);
}
END_TEST

START_TEST(a_cursor_gives_each_line_once)
{
	char args[128];
	json_t *root, *content = objects("logs_stream", "{\"name\":\"web\",\"limit\":1}", &root);

	snprintf(args, sizeof args, "{\"name\":\"web\",\"cursor\":\"%s\",\"limit\":2}",
		 string_of(content, "next_cursor"));
	json_decref(root);
	content = objects("logs_stream", args, &root);
	ck_assert_uint_eq(json_array_size(json_object_get(content, "lines")), 0);
	ck_assert(json_is_false(json_object_get(content, "truncated")));
	json_decref(root);
	help_print(help, "web", BRM_OUT, "one");
	help_print(help, "web", BRM_OUT, "two");
	help_print(help, "web", BRM_ERR, "three");
	content = objects("logs_stream", args, &root);
	ck_assert_uint_eq(json_array_size(json_object_get(content, "lines")), 2);
	ck_assert(json_is_true(json_object_get(content, "truncated")));
	snprintf(args, sizeof args, "{\"name\":\"web\",\"cursor\":\"%s\"}", string_of(content, "next_cursor"));
	json_decref(root);
	content = objects("logs_stream", args, &root);
	ck_assert_uint_eq(json_array_size(json_object_get(content, "lines")), 1);
	ck_assert_str_eq(string_of(json_array_get(json_object_get(content, "lines"), 0), "text"), "three");
	json_decref(root);
}
END_TEST

START_TEST(an_answer_is_bounded_and_goes_on_behind_its_cursor)
{
	char line[5000], args[256] = "{\"cursor\":\"\",\"limit\":1000}";
	size_t lines = 0, answers_given = 0;

	memset(line, 'x', sizeof line - 1);
	line[sizeof line - 1] = '\0';
	for (int i = 0; i < 50; i++)
		help_print(help, "web", BRM_OUT, line);
	for (bool more = true; more; answers_given++) {
		const char *answer = help_call(help, "logs_stream", args);
		json_t *root = json_loads(answer, 0, NULL);
		json_t *content = json_object_get(json_object_get(root, "result"), "structuredContent");

		ck_assert_uint_lt(strlen(answer), 60000);
		lines += json_array_size(json_object_get(content, "lines"));
		more = json_is_true(json_object_get(content, "truncated"));
		snprintf(args, sizeof args, "{\"cursor\":\"%s\",\"limit\":1000}", string_of(content, "next_cursor"));
		json_decref(root);
	}
	ck_assert_uint_eq(lines, 50 + 9);
	ck_assert_uint_gt(answers_given, 4);
}
END_TEST

START_TEST(waiting_for_output_ends_with_the_first_line)
{
	char message[512];
	json_t *root, *content = objects("logs_stream", "{\"name\":\"web\"}", &root);

	snprintf(message, sizeof message,
		 "{\"jsonrpc\":\"2.0\",\"id\":\"w\",\"method\":\"tools/call\",\"params\":{\"name\":\"logs_stream\","
		 "\"arguments\":{\"name\":\"web\",\"cursor\":\"%s\",\"wait_ms\":20000}}}",
		 string_of(content, "next_cursor"));
	json_decref(root);
	help_say(help, message);
	ck_assert(help_is_silent(help));
	/* Others are answered meanwhile. */
	ck_assert_ptr_nonnull(strstr(help_ask(help, "{\"jsonrpc\":\"2.0\",\"id\":2,\"method\":\"ping\"}"), "\"id\":2"));
	help_print(help, "web", BRM_OUT, "at last");
	ck_assert_ptr_nonnull(strstr(help_hear(help), "at last"));
}
END_TEST

START_TEST(a_wait_that_is_over_is_a_normal_result)
{
	json_t *root, *content;

	content = objects("scripts_wait", "{\"name\":\"db\",\"until\":\"ready\",\"timeout_ms\":30}", &root);
	ck_assert(json_is_false(json_object_get(content, "matched")));
	ck_assert(json_is_true(json_object_get(content, "timed_out")));
	ck_assert_str_eq(string_of(content, "state"), "pending");
	json_decref(root);
	content = objects("scripts_wait", "{\"name\":\"worker\",\"until\":\"ready\"}", &root);
	ck_assert(json_is_false(json_object_get(content, "matched")));
	ck_assert(json_is_false(json_object_get(content, "timed_out")));
	json_decref(root);
	content = objects("scripts_wait", "{\"name\":\"build\",\"until\":\"exit\"}", &root);
	ck_assert(json_is_true(json_object_get(content, "matched")));
	json_decref(root);
}
END_TEST

START_TEST(a_wait_comes_true_when_the_state_does)
{
	help_say(help, "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/call\",\"params\":{\"name\":\"scripts_wait\","
		       "\"arguments\":{\"name\":\"db\",\"until\":\"ready\",\"timeout_ms\":20000}}}");
	help_set_status(help, "db", BRM_STARTING);
	ck_assert(help_is_silent(help));
	help_set_status(help, "db", BRM_RUNNING);
	ck_assert_ptr_nonnull(strstr(help_hear(help), "\"matched\":true"));
}
END_TEST

START_TEST(who_waits_is_told_so_if_asked)
{
	help_say(help, "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/call\",\"params\":{\"name\":\"scripts_wait\","
		       "\"_meta\":{\"progressToken\":\"p\"},"
		       "\"arguments\":{\"name\":\"db\",\"until\":\"ready\",\"timeout_ms\":1500}}}");
	ck_assert_ptr_nonnull(strstr(help_hear(help), "\"progressToken\":\"p\",\"progress\":"));
	ck_assert_ptr_nonnull(strstr(help_hear(help), "\"timed_out\":true"));
}
END_TEST

START_TEST(a_cancelled_request_is_never_answered)
{
	help_say(help, "{\"jsonrpc\":\"2.0\",\"id\":5,\"method\":\"tools/call\",\"params\":{\"name\":\"scripts_wait\","
		       "\"arguments\":{\"name\":\"db\",\"until\":\"ready\",\"timeout_ms\":20000}}}");
	help_say(help, "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/cancelled\",\"params\":{\"requestId\":\"5\"}}");
	ck_assert(server_busy(help->server, &help->peer));
	help_say(help, "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/cancelled\",\"params\":{\"requestId\":5}}");
	ck_assert(!server_busy(help->server, &help->peer));
	help_set_status(help, "db", BRM_RUNNING);
	ck_assert(help_is_silent(help));
}
END_TEST

START_TEST(requests_in_flight_are_bounded)
{
	char message[256];
	int refused = 0;

	for (int i = 0; i < 300; i++) {
		snprintf(message, sizeof message,
			 "{\"jsonrpc\":\"2.0\",\"id\":%d,\"method\":\"tools/"
			 "call\",\"params\":{\"name\":\"scripts_wait\","
			 "\"arguments\":{\"name\":\"db\",\"until\":\"ready\",\"timeout_ms\":20000}}}",
			 i);
		help_say(help, message);
	}
	while (help->read < help->count)
		refused += strstr(help_hear(help), "-32603") != NULL;
	ck_assert_int_eq(refused, 300 - 256);
	help_set_status(help, "db", BRM_RUNNING);
	for (int i = 0; i < 256; i++)
		ck_assert_ptr_nonnull(strstr(help_hear(help), "\"matched\":true"));
}
END_TEST

START_TEST(errors_name_the_next_step)
{
	ck_assert_str_eq(
		error_of("scripts_status", "{\"name\":\"wev\"}"),
		"no process is named \"wev\"; did you mean web? scripts_list shows what can be run, scripts_status "
		"what was started.");
	ck_assert_ptr_nonnull(strstr(error_of("scripts_stop", "{\"name\":\"all\"}"), "no process is named"));
	ck_assert_ptr_nonnull(
		strstr(error_of("scripts_run", "{\"name\":\"x\",\"args\":[\"y\"]}"), "belong to a command"));
	ck_assert_ptr_nonnull(strstr(error_of("scripts_run", "{\"name\":\"w*\"}"), "by its name"));
	ck_assert_ptr_nonnull(strstr(error_of("logs_stream", "{\"cursor\":\"rubbish\"}"), "Leave it out"));
	ck_assert_ptr_nonnull(
		strstr(error_of("logs_search", "{\"query\":\"(\",\"regex\":true}"), "regular expression"));
	ck_assert_ptr_nonnull(
		strstr(error_of("scripts_wait", "{\"name\":\"web\",\"until\":\"log\"}"), "needs a pattern"));
	ck_assert_ptr_nonnull(strstr(error_of("scripts_send", "{\"name\":\"nobody\",\"text\":\"x\"}"), "nobody"));
}
END_TEST

START_TEST(what_runs_already_is_a_duplicate_without_asking_anybody)
{
	json_t *root, *content = objects("scripts_run", "{\"name\":\"web\",\"wait\":{\"until\":\"ready\"}}", &root);

	ck_assert(json_is_true(json_object_get(content, "duplicate")));
	ck_assert(json_is_true(json_object_get(json_object_get(content, "wait"), "matched")));
	ck_assert_str_eq(string_of(json_object_get(content, "process"), "id"), "web#3");
	json_decref(root);
}
END_TEST

START_TEST(what_has_ended_is_stopped_already)
{
	json_t *root, *content = objects("scripts_stop", "{\"name\":\"build\"}", &root);

	ck_assert(json_is_true(json_object_get(content, "already")));
	json_decref(root);
}
END_TEST

START_TEST(without_a_supervisor_nothing_runs_and_logs_can_still_be_read)
{
	json_t *root, *content;

	brm_writer_close(help->writer);
	help->writer = NULL;
	content = objects("scripts_status", "{}", &root);
	ck_assert_str_eq(string_of(json_object_get(content, "supervisor"), "state"), "none");
	json_decref(root);
	content = objects("logs_stream", "{\"name\":\"worker\"}", &root);
	ck_assert_uint_eq(json_array_size(json_object_get(content, "lines")), 5);
	json_decref(root);
	content = objects("logs_stream", "{}", &root);
	ck_assert_uint_eq(json_array_size(json_object_get(content, "lines")), 9);
	json_decref(root);
	ck_assert_ptr_nonnull(strstr(error_of("events_list", "{}"), "no supervisor"));
}
END_TEST

START_TEST(a_dead_supervisors_last_states_are_called_stale)
{
	json_t *root, *content;

	brm_writer_abandon(help->writer);
	help->writer = NULL;
	content = objects("scripts_status", "{}", &root);
	ck_assert_str_eq(string_of(json_object_get(content, "supervisor"), "state"), "dead");
	ck_assert(json_is_true(json_object_get(json_object_get(content, "supervisor"), "stale")));
	ck_assert_uint_eq(json_array_size(json_object_get(content, "processes")), 5);
	json_decref(root);
}
END_TEST

START_TEST(read_only_offers_nothing_that_changes)
{
	struct server_options options = {.read_only = true};
	json_t *root, *tools;

	teardown();
	help = help_open("tools", true, &options);
	root = json_loads(help_ask(help, "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/list\"}"), 0, NULL);
	tools = json_object_get(json_object_get(root, "result"), "tools");
	ck_assert_uint_eq(json_array_size(tools), 8);
	for (size_t i = 0; i < json_array_size(tools); i++)
		ck_assert(json_is_true(
			json_object_get(json_object_get(json_array_get(tools, i), "annotations"), "readOnlyHint")));
	json_decref(root);
	ck_assert_ptr_nonnull(strstr(error_of("scripts_stop", "{\"name\":\"web\"}"), "--read-only"));
}
END_TEST

START_TEST(allow_scripts_refuses_commands)
{
	struct server_options options = {.scripts_only = true};

	teardown();
	help = help_open("tools", true, &options);
	ck_assert_ptr_nonnull(
		strstr(error_of("scripts_run", "{\"name\":\"x\",\"command\":\"true\"}"), "--allow scripts"));
}
END_TEST

START_TEST(the_environment_has_names_but_no_values)
{
	const char *answer = help_call(help, "scripts_status", "{\"name\":\"web\"}");

	ck_assert_ptr_nonnull(strstr(answer, "\"env\":[\"PORT\"]"));
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("tools");
	TCase *tcase = tcase_create("tools");

	tcase_set_timeout(tcase, 30);
	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_loop_test(tcase, answers_as_promised, 0, sizeof answers / sizeof *answers);
	tcase_add_test(tcase, the_list_of_tools_is_as_promised);
	tcase_add_test(tcase, resources_and_prompts_are_as_promised);
	tcase_add_test(tcase, status_since_tells_what_changed);
	tcase_add_test(tcase, a_cursor_gives_each_line_once);
	tcase_add_test(tcase, an_answer_is_bounded_and_goes_on_behind_its_cursor);
	tcase_add_test(tcase, waiting_for_output_ends_with_the_first_line);
	tcase_add_test(tcase, a_wait_that_is_over_is_a_normal_result);
	tcase_add_test(tcase, a_wait_comes_true_when_the_state_does);
	tcase_add_test(tcase, who_waits_is_told_so_if_asked);
	tcase_add_test(tcase, a_cancelled_request_is_never_answered);
	tcase_add_test(tcase, requests_in_flight_are_bounded);
	tcase_add_test(tcase, errors_name_the_next_step);
	tcase_add_test(tcase, what_runs_already_is_a_duplicate_without_asking_anybody);
	tcase_add_test(tcase, what_has_ended_is_stopped_already);
	tcase_add_test(tcase, without_a_supervisor_nothing_runs_and_logs_can_still_be_read);
	tcase_add_test(tcase, a_dead_supervisors_last_states_are_called_stale);
	tcase_add_test(tcase, read_only_offers_nothing_that_changes);
	tcase_add_test(tcase, allow_scripts_refuses_commands);
	tcase_add_test(tcase, the_environment_has_names_but_no_values);
	suite_add_tcase(suite, tcase);
	return suite;
}
