/* SPDX-License-Identifier: MIT */
#include "clients/mcp/jsonrpc.h"

#include <string.h>

#include "tests/check_main.h"

static struct rpc parsed(const char *text)
{
	struct rpc rpc;

	rpc_parse(text, strlen(text), &rpc);
	return rpc;
}

START_TEST(reads_each_kind_of_message)
{
	static const struct {
		const char *text;
		enum rpc_kind kind;
		enum rpc_code code;
	} cases[] = {
		{"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\"}", RPC_REQUEST, 0},
		{"{\"jsonrpc\":\"2.0\",\"id\":\"a\",\"method\":\"ping\",\"params\":{}}", RPC_REQUEST, 0},
		{"{\"jsonrpc\":\"2.0\",\"method\":\"x\"}", RPC_NOTIFICATION, 0},
		{"{\"jsonrpc\":\"2.0\",\"method\":\"x\",\"params\":[]}", RPC_NOTIFICATION, 0},
		{"{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{}}", RPC_RESPONSE, 0},
		{"{\"jsonrpc\":\"2.0\",\"id\":1,\"error\":{}}", RPC_RESPONSE, 0},
		{"", RPC_BAD, RPC_PARSE_ERROR},
		{"{", RPC_BAD, RPC_PARSE_ERROR},
		{"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"\xff\"}", RPC_BAD, RPC_PARSE_ERROR},
		{"{\"jsonrpc\":\"2.0\",\"id\":99999999999999999999,\"method\":\"x\"}", RPC_BAD, RPC_PARSE_ERROR},
		{"[]", RPC_BAD, RPC_INVALID_REQUEST},
		{"[{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\"}]", RPC_BAD, RPC_INVALID_REQUEST},
		{"7", RPC_BAD, RPC_INVALID_REQUEST},
		{"{\"id\":1,\"method\":\"ping\"}", RPC_BAD, RPC_INVALID_REQUEST},
		{"{\"jsonrpc\":\"1.0\",\"id\":1,\"method\":\"ping\"}", RPC_BAD, RPC_INVALID_REQUEST},
		{"{\"jsonrpc\":\"2.0\",\"id\":1}", RPC_BAD, RPC_INVALID_REQUEST},
		{"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":7}", RPC_BAD, RPC_INVALID_REQUEST},
		{"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"a\\u0000b\"}", RPC_BAD, RPC_INVALID_REQUEST},
		{"{\"jsonrpc\":\"2.0\",\"id\":null,\"method\":\"ping\"}", RPC_BAD, RPC_INVALID_REQUEST},
		{"{\"jsonrpc\":\"2.0\",\"id\":1.5,\"method\":\"ping\"}", RPC_BAD, RPC_INVALID_REQUEST},
		{"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\",\"params\":[]}", RPC_BAD, RPC_INVALID_PARAMS},
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct rpc rpc = parsed(cases[i].text);

		ck_assert_msg(rpc.kind == cases[i].kind, "%s: kind %d", cases[i].text, rpc.kind);
		ck_assert_msg(rpc.kind != RPC_BAD || rpc.code == cases[i].code, "%s: code %d", cases[i].text, rpc.code);
		rpc_finish(&rpc);
	}
}
END_TEST

START_TEST(echoes_an_id_exactly_as_it_came)
{
	static const char *const ids[] = {"1", "-1", "\"1\"", "\"\"", "9007199254740993", "\"a\\\"\\u0000\xc3\xa4\""};

	for (size_t i = 0; i < sizeof ids / sizeof *ids; i++) {
		char text[128], want[160];
		struct json json;
		struct rpc rpc;

		snprintf(text, sizeof text, "{\"jsonrpc\":\"2.0\",\"id\":%s,\"method\":\"ping\"}", ids[i]);
		snprintf(want, sizeof want, "{\"jsonrpc\":\"2.0\",\"id\":%s,\"result\":{}}", ids[i]);
		rpc = parsed(text);
		json_init(&json);
		rpc_begin_result(&json, rpc.id);
		rpc_end_result(&json);
		ck_assert_str_eq(json_text(&json), want);
		json_finish(&json);
		rpc_finish(&rpc);
	}
}
END_TEST

START_TEST(an_error_without_a_readable_id_has_none)
{
	struct rpc rpc = parsed("{\"jsonrpc\":\"2.0\",\"id\":null,\"method\":\"ping\"}");
	struct json json;

	json_init(&json);
	rpc_put_error(&json, rpc.id, rpc.code, "no", "{\"a\":1}");
	ck_assert_str_eq(json_text(&json),
			 "{\"jsonrpc\":\"2.0\",\"error\":{\"code\":-32600,\"message\":\"no\",\"data\":{\"a\":1}}}");
	json_finish(&json);
	rpc_finish(&rpc);
}
END_TEST

START_TEST(ids_are_compared_with_their_type)
{
	json_t *one = json_integer(1), *text = json_string("1"), *again = json_integer(1);

	ck_assert(rpc_same_id(one, again));
	ck_assert(!rpc_same_id(one, text));
	ck_assert(!rpc_same_id(NULL, NULL));
	json_decref(one);
	json_decref(text);
	json_decref(again);
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("jsonrpc");
	TCase *tcase = tcase_create("messages");

	tcase_add_test(tcase, reads_each_kind_of_message);
	tcase_add_test(tcase, echoes_an_id_exactly_as_it_came);
	tcase_add_test(tcase, an_error_without_a_readable_id_has_none);
	tcase_add_test(tcase, ids_are_compared_with_their_type);
	suite_add_tcase(suite, tcase);
	return suite;
}
