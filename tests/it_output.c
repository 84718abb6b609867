/* SPDX-License-Identifier: MIT */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <brummer/errors.h>

#include "tests/it_help.h"

/* What a supervisor finds out about its processes, and their terminals. */

static const char *const idle[] = {"--no-autostart", NULL};
static const char *const unsampled[] = {"--no-autostart", "--disable", "metrics", NULL};

static void set_up(void)
{
	char path[512];

	snprintf(path, sizeof path, "%s/supervisord/brummer-log-patterns", getenv("top_srcdir"));
	setenv("BRUMMER_LOG_PATTERNS", path, 1);
}

/* Run "listen". */
static void run_server(const char *name)
{
	char line[PATH_MAX + 32];

	snprintf(line, sizeof line, "exec %s/listen 1", it_build());
	it_run(name, line);
}

static bool has_url_and_port(void *arg)
{
	struct brm_state state = it_state(arg);

	return state.urls.length > 0 && state.ports.length > 0;
}

static void expect_url_of_port(const char *name)
{
	struct brm_state state = it_state(name);
	struct brm_strings urls;
	uint16_t port = 0;
	char buf[1024], expected[64];

	ck_assert_uint_eq(brm_reader_ports(it.reader, &state, &port, 1), 1);
	ck_assert_int_eq(brm_reader_urls(it.reader, &state, buf, sizeof buf, &urls), 0);
	ck_assert_uint_eq(urls.count, 1);
	snprintf(expected, sizeof expected, "http://localhost:%u/", port);
	ck_assert_str_eq(urls.first, expected);
}

START_TEST(urls_and_ports_are_those_of_the_newest_run)
{
	struct brm_state first, second;

	it_project("urls");
	it_up(idle);
	run_server("web");
	it_until(has_url_and_port, (char[]){"web"});
	expect_url_of_port("web");
	first = it_state("web");
	it_do(BRM_STOP, "web");
	it_run("web", "echo no URL; exec sleep 99981.1");
	it_await_output("web", it_output("web"));
	second = it_state("web");
	ck_assert_uint_gt(second.run, first.run);
	ck_assert_uint_eq(second.urls.length + second.ports.length, 0);
	it_down();
}
END_TEST

START_TEST(urls_outlive_the_engine)
{
	it_project("outlive");
	it_up(idle);
	run_server("web");
	it_until(has_url_and_port, (char[]){"web"});
	it_kill_engine();
	it_until(has_url_and_port, (char[]){"web"});
	expect_url_of_port("web");
	it_connect();
	it_down();
}
END_TEST

static bool is_sampled(void *arg)
{
	struct brm_state state = it_state("a");
	struct brm_metrics *metrics = arg;
	struct brm_handle handle;

	return brm_reader_find(it.reader, "a", &handle) == 0 && brm_reader_metrics(it.reader, handle, metrics) == 0 &&
	       metrics->processes == 2 && state.run == 1;
}

START_TEST(runs_are_sampled_with_what_they_started)
{
	struct brm_metrics metrics = {0};

	it_project("sampled");
	it_up(idle);
	it_run("a", "sleep 99981.2 & exec sleep 99981.3");
	it_until(is_sampled, &metrics);
	ck_assert_uint_eq(metrics.threads, 2);
	ck_assert_uint_gt(metrics.memory_bytes, 100000);
	it_down();
}
END_TEST

START_TEST(without_metrics_nothing_is_sampled)
{
	struct brm_metrics metrics;
	struct brm_handle handle;

	it_project("unsampled");
	it_up(unsampled);
	run_server("a");
	it_until(has_url_and_port, (char[]){"a"});
	ck_assert_int_eq(brm_reader_find(it.reader, "a", &handle), 0);
	ck_assert_int_ne(brm_reader_metrics(it.reader, handle, &metrics), 0);
	it_down();
}
END_TEST

static bool has_errors(void *arg)
{
	struct brm_log *log;
	uint64_t first, end = 0;

	if (brm_log_open(it.instance.state_dir, "bad", &log) != 0)
		return false;
	brm_log_errors_range(log, &first, &end);
	brm_log_close(log);
	return end - first == *(const uint64_t *)arg;
}

START_TEST(errors_are_in_their_index_also_after_the_engine_was_killed)
{
	uint64_t count = 2;

	it_project("errors");
	it_up(idle);
	it_run("bad", "echo 'panic: one' >&2; echo ordinary >&2; echo 'TypeError: two'; exec sleep 99981.4");
	it_until(has_errors, &count);
	it_kill_engine();
	it_connect();
	it_do(BRM_STOP, "bad");
	ck_assert(has_errors(&count));
	it_down();
}
END_TEST

START_TEST(patterns_are_read_again_with_a_reload)
{
	uint64_t count = 1;
	char dir[PATH_MAX + 16];

	it_project("patterns");
	snprintf(dir, sizeof dir, "%s/.brummer", it.instance.dir);
	ck_assert_int_eq(mkdir(dir, 0700), 0);
	it_up(idle);
	it_run("bad", "echo 'oops: one'; while [ ! -e go ]; do sleep 0.02; done; echo 'oops: two'; exec sleep 99981.5");
	it_await_output("bad", "oops: one\n");
	it_write(".brummer/log-patterns", "- begin \"^oops: \" ^oops:\\s\n");
	client_begin(it.client, BRM_RELOAD);
	it_obey();
	it_write("go", "");
	it_await_output("bad", "oops: one\noops: two\n");
	it_do(BRM_STOP, "bad");
	it_until(has_errors, &count);
	it_down();
}
END_TEST

/* Of the index, too: 1,024 lines of a mebibyte. */
START_TEST(a_gigabyte_without_a_newline_takes_neither_memory_nor_disk)
{
	unsigned long long before, after;
	struct brm_handle handle;
	struct brm_log_mark mark;
	char line[PATH_MAX + 64];

	it_project("gigabyte");
	it_write("brummer.yaml", "processes:\n"
				 "  huge:\n"
				 "    command: head -c 1073741824 /dev/zero | tr '\\0' x\n"
				 "    log: {max_size: 4MiB, keep: 2}\n");
	it_up(unsampled);
	it_run("first", "echo yes");
	it_await("first", BRM_SUCCESS);
	before = it_status_row(it_engine(), "VmHWM:", 10);
	it_do(BRM_START, "huge");
	it_await("huge", BRM_SUCCESS);
	after = it_status_row(it_engine(), "VmHWM:", 10);
	ck_assert_int_eq(brm_reader_find(it.reader, "huge", &handle), 0);
	ck_assert_int_eq(brm_reader_log_mark(it.reader, handle, &mark), 0);
	ck_assert_uint_eq(mark.bytes[0], UINT64_C(1) << 30);
	ck_assert_uint_eq(mark.lines, 1025); /* of the next one */
	ck_assert_uint_eq(mark.lost_bytes, 0);
	if (IT_CAN_PRELOAD) /* a sanitizer keeps what was freed */
		ck_assert_uint_le(after, before + 4096);
	snprintf(line, sizeof line, "test $(du -sk '%s/huge' | cut -f1) -le 13000", it.instance.state_dir);
	ck_assert_int_eq(system(line), 0);
	it_down();
}
END_TEST

/* ---- terminals ---- */

static void run_on_terminal(const char *name, const char *line)
{
	it_begin_run(name, line);
	client_put_bool(it.client, "tty", true);
	it_obey();
}

static struct reply attach(struct client *client, const char *name, bool write, bool steal, int rows)
{
	client_begin(client, BRM_ATTACH);
	client_put_string(client, "name", name);
	client_put_bool(client, "write", write);
	client_put_bool(client, "steal", steal);
	if (rows > 0) {
		client_put_int(client, "rows", rows);
		client_put_int(client, "columns", 100);
	}
	return it_answer_of(client);
}

static void detach(const char *name)
{
	client_begin(it.client, BRM_DETACH);
	client_put_string(it.client, "name", name);
	it_obey();
}

static enum brm_refusal send_text(struct client *client, const char *name, const char *text, size_t length)
{
	enum brm_refusal refused;
	struct reply reply;

	client_begin(client, BRM_SEND);
	client_put_string(client, "name", name);
	client_put_bytes(client, "text", text, length);
	reply = it_answer_of(client);
	refused = reply.refused;
	reply_finish(&reply);
	return refused;
}

static bool says(void *text)
{
	return strstr(it_output("term"), text) != NULL;
}

static void await_text(char *text)
{
	it_until(says, text);
}

START_TEST(a_terminal_has_the_size_of_who_attaches)
{
	struct reply reply;

	it_project("size");
	it_up(idle);
	run_on_terminal("term", "trap 'stty size' WINCH; stty size; while :; do sleep 0.02; done");
	await_text((char[]){"24 80\r\n"});
	reply = attach(it.client, "term", true, false, 50);
	ck_assert_int_eq(reply.refused, BRM_REFUSED_NOT);
	ck_assert(reply_get(&reply.result, "tty")->via.boolean);
	ck_assert_int_eq(reply_int(&reply.result, "run", 0), 1);
	reply_finish(&reply);
	await_text((char[]){"50 100\r\n"});
	client_begin(it.client, BRM_RESIZE);
	client_put_string(it.client, "name", "term");
	client_put_int(it.client, "rows", 33);
	client_put_int(it.client, "columns", 44);
	it_obey();
	await_text((char[]){"33 44\r\n"});
	it_down();
}
END_TEST

static void expect_notice(struct client *client, const char *word)
{
	struct pollfd ready = {.fd = client_fd(client), .events = POLLIN};
	struct reply reply;
	int got;

	while ((got = client_poll(client, &reply)) == 0)
		ck_assert_int_eq(poll(&ready, 1, IT_WAIT_MS), 1);
	ck_assert_int_eq(got, 1);
	ck_assert_str_eq(reply.notice, word);
	reply_finish(&reply);
}

START_TEST(one_at_a_time_may_write_and_one_may_steal_that)
{
	struct client *other;
	struct reply reply;
	char kind[32];

	it_project("steal");
	it_up(idle);
	run_on_terminal("term", "stty -echo; exec cat");
	ck_assert_int_eq(client_open(&it.instance, BRM_BY_MCP, &other), 0);
	ck_assert_int_eq(send_text(it.client, "term", "before\n", 7), BRM_REFUSED_NOT);
	await_text((char[]){"before\r\n"});
	reply = attach(other, "term", true, false, 0);
	ck_assert_int_eq(reply.refused, BRM_REFUSED_NOT);
	ck_assert_int_ge(reply_int(&reply.result, "offset", -1), 0);
	reply_finish(&reply);
	ck_assert_int_eq(send_text(it.client, "term", "no\n", 3), BRM_CONFLICT);
	reply = attach(it.client, "term", true, false, 0);
	ck_assert_int_eq(reply.refused, BRM_CONFLICT);
	ck_assert(reply_string(&reply.data, "kind", kind, sizeof kind));
	ck_assert_str_eq(kind, "brummer-mcp");
	ck_assert_int_eq(reply_int(&reply.data, "pid", 0), getpid());
	reply_finish(&reply);
	reply = attach(it.client, "term", false, false, 0); /* to watch */
	ck_assert_int_eq(reply.refused, BRM_REFUSED_NOT);
	reply_finish(&reply);
	reply = attach(it.client, "term", true, true, 0);
	ck_assert_int_eq(reply.refused, BRM_REFUSED_NOT);
	reply_finish(&reply);
	expect_notice(other, "detached");
	ck_assert_int_eq(send_text(other, "term", "no\n", 3), BRM_CONFLICT);
	ck_assert_int_eq(send_text(it.client, "term", "mine\n", 5), BRM_REFUSED_NOT);
	await_text((char[]){"mine\r\n"});
	detach("term");
	ck_assert_int_eq(send_text(other, "term", "both\n", 5), BRM_REFUSED_NOT);
	reply = attach(other, "term", true, false, 0);
	ck_assert_int_eq(reply.refused, BRM_REFUSED_NOT);
	reply_finish(&reply);
	client_close(other);
	detach("term"); /* a turn later at the latest its right is gone */
	ck_assert_int_eq(send_text(it.client, "term", "last\n", 5), BRM_REFUSED_NOT);
	await_text((char[]){"last\r\n"});
	it_down();
}
END_TEST

START_TEST(input_that_is_not_read_is_refused_and_holds_up_nobody)
{
	static char block[256 * 1024];
	enum brm_refusal refused = BRM_REFUSED_NOT;

	it_project("unread");
	it_up(idle);
	run_on_terminal("term", "stty raw -echo; exec sleep 99981.5");
	memset(block, 'x', sizeof block);
	for (int i = 0; i < 16 && refused == BRM_REFUSED_NOT; i++)
		refused = send_text(it.client, "term", block, sizeof block);
	ck_assert_int_eq(refused, BRM_LIMIT);
	it_run("other", "exec sleep 99981.6");
	it_await("other", BRM_RUNNING);
	it_down();
}
END_TEST

START_TEST(without_input_there_is_nothing_to_write_to)
{
	struct reply reply;

	it_project("none");
	it_up(idle);
	it_run("term", "exec sleep 99981.7");
	reply = attach(it.client, "term", true, false, 0);
	ck_assert_int_eq(reply.refused, BRM_CONFLICT);
	reply_finish(&reply);
	reply = attach(it.client, "term", false, false, 0);
	ck_assert_int_eq(reply.refused, BRM_REFUSED_NOT);
	reply_finish(&reply);
	reply = attach(it.client, "nobody", false, false, 0);
	ck_assert_int_eq(reply.refused, BRM_UNKNOWN);
	reply_finish(&reply);
	it_down();
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("output");
	TCase *found = tcase_create("found"), *terminals = tcase_create("terminals");

	tcase_set_timeout(found, 60);
	tcase_set_timeout(terminals, 60);
	tcase_add_checked_fixture(found, set_up, NULL);
	tcase_add_unchecked_fixture(found, NULL, it_sweep);
	tcase_add_unchecked_fixture(terminals, NULL, it_sweep);
	tcase_add_test(found, urls_and_ports_are_those_of_the_newest_run);
	tcase_add_test(found, urls_outlive_the_engine);
	tcase_add_test(found, runs_are_sampled_with_what_they_started);
	tcase_add_test(found, without_metrics_nothing_is_sampled);
	tcase_add_test(found, errors_are_in_their_index_also_after_the_engine_was_killed);
	tcase_add_test(found, patterns_are_read_again_with_a_reload);
	tcase_add_test(found, a_gigabyte_without_a_newline_takes_neither_memory_nor_disk);
	tcase_add_test(terminals, a_terminal_has_the_size_of_who_attaches);
	tcase_add_test(terminals, one_at_a_time_may_write_and_one_may_steal_that);
	tcase_add_test(terminals, input_that_is_not_read_is_refused_and_holds_up_nobody);
	tcase_add_test(terminals, without_input_there_is_nothing_to_write_to);
	suite_add_tcase(suite, found);
	suite_add_tcase(suite, terminals);
	return suite;
}
