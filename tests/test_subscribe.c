/* SPDX-License-Identifier: MIT */
#include "clients/mcp/subscribe.h"

#include <string.h>

#include "tests/check_main.h"
#include "tests/mcp_help.h"

#define META                                                                                               \
	"\"_meta\":{\"io.modelcontextprotocol/protocolVersion\":\"2026-07-28\",\"io.modelcontextprotocol/" \
	"clientCapabilities\":{}}"
#define LISTEN(id, what)                                                                           \
	"{\"jsonrpc\":\"2.0\",\"id\":" id ",\"method\":\"subscriptions/listen\",\"params\":{" META \
	",\"notifications\":{" what "}}}"
#define SUBSCRIBE(method, uri) \
	"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"resources/" method "\",\"params\":{\"uri\":\"" uri "\"}}"

static struct help *help;

static void setup(void)
{
	help = help_open("subscribe", true, NULL);
}

static void teardown(void)
{
	help_close(help);
}

START_TEST(a_legacy_subscriber_is_told_of_changes_until_it_ends)
{
	ck_assert_str_eq(help_ask(help, SUBSCRIBE("subscribe", "brummer://status")),
			 "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{}}");
	ck_assert(help_is_silent(help));
	help_set_status(help, "db", BRM_STARTING);
	ck_assert_str_eq(help_hear(help),
			 "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/resources/updated\",\"params\":{"
			 "\"uri\":\"brummer://status\"}}");
	ck_assert_str_eq(help_ask(help, SUBSCRIBE("unsubscribe", "brummer://status")),
			 "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{}}");
	help_set_status(help, "db", BRM_RUNNING);
	ck_assert(help_is_silent(help));
}
END_TEST

START_TEST(output_of_one_process_is_no_news_of_another)
{
	help_ask(help, SUBSCRIBE("subscribe", "brummer://logs/odd%20n%C3%A4me%2F1"));
	help_ask(help, SUBSCRIBE("subscribe", "brummer://logs/worker"));
	help_print(help, "web", BRM_OUT, "not this one");
	ck_assert(help_is_silent(help));
	help_print(help, "odd n\xc3\xa4me/1", BRM_OUT, "this one");
	ck_assert_ptr_nonnull(strstr(help_hear(help), "\"uri\":\"brummer://logs/odd%20n%C3%A4me%2F1\""));
	ck_assert(help_is_silent(help));
}
END_TEST

START_TEST(a_storm_of_changes_is_told_a_few_times)
{
	size_t before;

	help_ask(help, SUBSCRIBE("subscribe", "brummer://logs/web"));
	before = help->count;
	for (int i = 0; i < 200; i++) {
		help_print(help, "web", BRM_OUT, "x");
		help_is_silent(help);
	}
	help_hear(help);
	ck_assert_uint_le(help->count - before, 3);
}
END_TEST

START_TEST(a_modern_subscription_is_acknowledged_tagged_and_cancelled)
{
	help_golden("listen", help_ask(help, LISTEN("\"l\"", "\"toolsListChanged\":true,\"resourcesListChanged\":true,"
							     "\"resourceSubscriptions\":[\"brummer://status\",7]")));
	help_set_status(help, "db", BRM_STARTING);
	ck_assert_str_eq(help_hear(help),
			 "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/resources/updated\",\"params\":{"
			 "\"_meta\":{\"io.modelcontextprotocol/subscriptionId\":\"l\"},"
			 "\"uri\":\"brummer://status\"}}");
	help_say(help, "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/cancelled\",\"params\":{\"requestId\":\"l\"}}");
	help_set_status(help, "db", BRM_RUNNING);
	ck_assert(help_is_silent(help));
	ck_assert_uint_eq(help->server->subscriptions.count, 0);
}
END_TEST

START_TEST(a_new_process_changes_the_list)
{
	struct brm_identity identity = {
		.name = "new", .script = "", .command = "x", .dir = "/", .source = "", .ready = ""};
	struct brm_state state = {0};
	uint32_t entry;

	help_ask(help, LISTEN("1", "\"resourcesListChanged\":true"));
	state = brm_state_with_status(&state, BRM_PENDING, (struct brm_now){1, 1});
	ck_assert_int_eq(brm_writer_add(help->writer, &identity, &state, &entry), 0);
	brm_writer_commit(help->writer);
	ck_assert_ptr_nonnull(strstr(help_hear(help), "notifications/resources/list_changed"));
}
END_TEST

START_TEST(the_end_of_the_server_ends_what_listens)
{
	help_ask(help, LISTEN("7", "\"resourceSubscriptions\":[\"brummer://status\",\"brummer://events\"]"));
	help_ask(help, SUBSCRIBE("subscribe", "brummer://status"));
	subscriptions_end(&help->server->subscriptions);
	ck_assert_str_eq(help_hear(help), "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/cancelled\",\"params\":{"
					  "\"requestId\":7}}");
	ck_assert(help_is_silent(help));
}
END_TEST

START_TEST(a_supervisor_that_comes_later_is_noticed)
{
	teardown();
	help = help_open("subscribe", false, NULL);
	help_ask(help, SUBSCRIBE("subscribe", "brummer://status"));
	help->writer = NULL;
	{
		struct brm_writer_options options = {.instance = &help->instance, .version = "0.1.0"};

		ck_assert_int_eq(brm_writer_create(&options, &help->writer), 0);
	}
	ck_assert_ptr_nonnull(strstr(help_hear(help), "brummer://status"));
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("subscribe");
	TCase *tcase = tcase_create("subscriptions");

	tcase_set_timeout(tcase, 30);
	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, a_legacy_subscriber_is_told_of_changes_until_it_ends);
	tcase_add_test(tcase, output_of_one_process_is_no_news_of_another);
	tcase_add_test(tcase, a_storm_of_changes_is_told_a_few_times);
	tcase_add_test(tcase, a_modern_subscription_is_acknowledged_tagged_and_cancelled);
	tcase_add_test(tcase, a_new_process_changes_the_list);
	tcase_add_test(tcase, the_end_of_the_server_ends_what_listens);
	tcase_add_test(tcase, a_supervisor_that_comes_later_is_noticed);
	suite_add_tcase(suite, tcase);
	return suite;
}
