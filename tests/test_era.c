/* SPDX-License-Identifier: MIT */
#include "clients/mcp/era.h"

#include <string.h>

#include "tests/check_main.h"
#include "tests/mcp_help.h"

#define META                                                                                               \
	"\"_meta\":{\"io.modelcontextprotocol/protocolVersion\":\"2026-07-28\",\"io.modelcontextprotocol/" \
	"clientCapabilities\":{}}"
#define REQUEST(method, params) "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"" method "\",\"params\":{" params "}}"

static struct help *help;

static void setup(void)
{
	help = help_open("era", true, NULL);
}

static void teardown(void)
{
	help_close(help);
}

static json_t *answer(const char *message)
{
	json_t *root = json_loads(help_ask(help, message), 0, NULL);

	ck_assert_ptr_nonnull(root);
	return root;
}

static void expect_error(const char *message, int code)
{
	json_t *root = answer(message);

	ck_assert_msg(json_integer_value(json_object_get(json_object_get(root, "error"), "code")) == code, "%s gave %s",
		      message, json_dumps(root, 0));
	json_decref(root);
}

START_TEST(initialize_agrees_on_a_version)
{
	static const char *const cases[][2] = {
		{"2024-11-05", "2024-11-05"}, {"2025-03-26", "2025-03-26"}, {"2025-06-18", "2025-06-18"},
		{"2025-11-25", "2025-11-25"}, {"2026-07-28", "2025-11-25"}, {"1999-01-01", "2025-11-25"},
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		char message[256];
		json_t *root;

		snprintf(message, sizeof message, REQUEST("initialize", "\"protocolVersion\":\"%s\""), cases[i][0]);
		root = answer(message);
		ck_assert_str_eq(json_string_value(json_object_get(json_object_get(root, "result"), "protocolVersion")),
				 cases[i][1]);
		json_decref(root);
	}
}
END_TEST

START_TEST(discover_needs_no_handshake)
{
	help_golden("discover", help_ask(help, REQUEST("server/discover", META)));
}
END_TEST

START_TEST(each_modern_result_says_what_it_is)
{
	static const char *const messages[] = {
		REQUEST("tools/list", META),
		REQUEST("resources/list", META),
		REQUEST("resources/templates/list", META),
		REQUEST("prompts/list", META),
		REQUEST("resources/read", META ",\"uri\":\"brummer://status\""),
	};

	for (size_t i = 0; i < sizeof messages / sizeof *messages; i++) {
		json_t *root = answer(messages[i]), *result = json_object_get(root, "result");

		ck_assert_str_eq(json_string_value(json_object_get(result, "resultType")), "complete");
		ck_assert(json_is_integer(json_object_get(result, "ttlMs")));
		ck_assert_str_eq(json_string_value(json_object_get(result, "cacheScope")), "private");
		ck_assert(json_is_object(
			json_object_get(json_object_get(result, "_meta"), "io.modelcontextprotocol/serverInfo")));
		json_decref(root);
	}
}
END_TEST

START_TEST(a_legacy_result_knows_nothing_of_the_modern_era)
{
	json_t *root = answer(REQUEST("tools/list", "")), *result = json_object_get(root, "result");

	ck_assert_uint_eq(json_object_size(result), 1);
	json_decref(root);
}
END_TEST

START_TEST(each_wrong_request_gets_its_error)
{
	expect_error(REQUEST("server/discover", ""), RPC_INVALID_PARAMS);
	expect_error(REQUEST("tools/list", "\"_meta\":{\"io.modelcontextprotocol/protocolVersion\":\"2026-07-28\"}"),
		     RPC_INVALID_PARAMS);
	expect_error(REQUEST("tools/list", "\"_meta\":{\"io.modelcontextprotocol/protocolVersion\":7}"),
		     RPC_INVALID_PARAMS);
	expect_error(REQUEST("tools/list", "\"_meta\":{\"io.modelcontextprotocol/protocolVersion\":\"2099-01-01\"}"),
		     RPC_UNSUPPORTED_VERSION);
	expect_error(REQUEST("initialize", META ",\"protocolVersion\":\"2026-07-28\""), RPC_METHOD_NOT_FOUND);
	expect_error(REQUEST("ping", META), RPC_METHOD_NOT_FOUND);
	expect_error(REQUEST("logging/setLevel", META ",\"level\":\"info\""), RPC_METHOD_NOT_FOUND);
	expect_error(REQUEST("resources/subscribe", META ",\"uri\":\"brummer://status\""), RPC_METHOD_NOT_FOUND);
	expect_error(REQUEST("subscriptions/listen", ""), RPC_METHOD_NOT_FOUND);
	expect_error(REQUEST("nothing/such", ""), RPC_METHOD_NOT_FOUND);
	expect_error(REQUEST("initialize", ""), RPC_INVALID_PARAMS);
	expect_error(REQUEST("logging/setLevel", "\"level\":\"loud\""), RPC_INVALID_PARAMS);
	expect_error(REQUEST("tools/list", "\"cursor\":\"x\""), RPC_INVALID_PARAMS);
	expect_error(REQUEST("tools/call", "\"name\":\"nothing\""), RPC_INVALID_PARAMS);
	expect_error(REQUEST("tools/call", "\"name\":\"scripts_status\",\"arguments\":[]"), RPC_INVALID_PARAMS);
	expect_error(REQUEST("resources/read", "\"uri\":\"brummer://nothing\""), RPC_RESOURCE_NOT_FOUND);
	expect_error(REQUEST("resources/read", META ",\"uri\":\"brummer://logs/nobody\""), RPC_INVALID_PARAMS);
	expect_error(REQUEST("prompts/get", "\"name\":\"nothing\""), RPC_INVALID_PARAMS);
	expect_error(REQUEST("prompts/get", "\"name\":\"debug_error\""), RPC_INVALID_PARAMS);
	expect_error(REQUEST("completion/complete", ""), RPC_INVALID_PARAMS);
}
END_TEST

START_TEST(notifications_and_responses_are_never_answered)
{
	static const char *const messages[] = {
		"{\"jsonrpc\":\"2.0\",\"method\":\"notifications/initialized\"}",
		"{\"jsonrpc\":\"2.0\",\"method\":\"notifications/unheard\"}",
		"{\"jsonrpc\":\"2.0\",\"method\":\"tools/list\"}",
		"{\"jsonrpc\":\"2.0\",\"method\":\"notifications/cancelled\",\"params\":{\"requestId\":77}}",
		"{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{}}",
	};

	for (size_t i = 0; i < sizeof messages / sizeof *messages; i++)
		help_say(help, messages[i]);
	ck_assert(help_is_silent(help));
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("era");
	TCase *tcase = tcase_create("eras");

	tcase_set_timeout(tcase, 30);
	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, initialize_agrees_on_a_version);
	tcase_add_test(tcase, discover_needs_no_handshake);
	tcase_add_test(tcase, each_modern_result_says_what_it_is);
	tcase_add_test(tcase, a_legacy_result_knows_nothing_of_the_modern_era);
	tcase_add_test(tcase, each_wrong_request_gets_its_error);
	tcase_add_test(tcase, notifications_and_responses_are_never_answered);
	suite_add_tcase(suite, tcase);
	return suite;
}
