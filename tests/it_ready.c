/* SPDX-License-Identifier: MIT */
#include <arpa/inet.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/it_help.h"

/* Readiness, liveness, and what depends on them, with real processes. */

static const char *const idle[] = {"--no-autostart", NULL};

/* A port of this machine that nobody has, for now. */
static int free_port(void)
{
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t size = sizeof address;
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	ck_assert_int_eq(bind(fd, (struct sockaddr *)&address, size), 0);
	ck_assert_int_eq(getsockname(fd, (struct sockaddr *)&address, &size), 0);
	close(fd);
	return ntohs(address.sin_port);
}

static const char *speaker(void)
{
	static char path[PATH_MAX + 16];

	snprintf(path, sizeof path, "%s/speaker", it_build());
	return path;
}

/* Write brummer.yaml; what the format names: the speaker, a port. */
static void configure(const char *format, const char *program, int port)
{
	char text[2 * PATH_MAX];

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
	snprintf(text, sizeof text, format, program, port, port);
#pragma GCC diagnostic pop
	it_write("brummer.yaml", text);
}

static const char *reason_of(const char *name)
{
	static struct brm_state state;

	state = it_state(name);
	return state.reason;
}

struct wanted {
	const char *name;
	const char *text;
};

static bool has_reason(void *arg)
{
	const struct wanted *wanted = arg;

	return strstr(reason_of(wanted->name), wanted->text) != NULL;
}

static void await_reason(const char *name, const char *text)
{
	struct wanted wanted = {name, text};

	it_until(has_reason, &wanted);
}

START_TEST(an_http_answer_makes_it_ready)
{
	struct brm_state state;

	it_project("http");
	configure("processes:\n"
		  "  web:\n"
		  "    command: exec %s http %d here\n"
		  "    ready: {http: \"http://localhost:%d/\", interval: 20ms}\n",
		  speaker(), free_port());
	it_up(NULL);
	it_await("web", BRM_STARTING);
	it_write("here", "");
	state = it_await("web", BRM_RUNNING);
	ck_assert(brm_state_is_ready(&state));
	ck_assert_uint_eq(state.run, 1);
	it_down();
}
END_TEST

START_TEST(one_that_stops_answering_is_restarted_with_the_reason)
{
	struct brm_state state;

	it_project("alive");
	it_write("here", "");
	configure("processes:\n"
		  "  web:\n"
		  "    command: exec %s http %d here\n"
		  "    restart: {when: never, backoff: 10ms}\n"
		  "    alive: {http: \"http://127.0.0.1:%d/\", interval: 20ms, failures: 2, delay: 100ms}\n",
		  speaker(), free_port());
	it_up(NULL);
	it_await("web", BRM_RUNNING);
	ck_assert_int_eq(unlink(test_path("alive/here")), 0);
	it_await("web", BRM_STOPPING);
	it_write("here", "");
	it_await_run("web", 2);
	state = it_state("web");
	ck_assert_uint_ge(state.restarts, 1);
	ck_assert_int_eq(state.reason_code, BRM_REASON_NOT_READY);
	ck_assert_ptr_nonnull(strstr(state.reason, "not alive: HTTP status 503"));
	it_down();
}
END_TEST

START_TEST(a_port_that_is_served_makes_it_ready)
{
	it_project("tcp");
	configure("processes:\n"
		  "  web:\n"
		  "    command: sleep 0.3; exec %s http %d here\n"
		  "    ready: {tcp: %d, interval: 20ms}\n",
		  speaker(), free_port());
	it_up(NULL);
	it_await("web", BRM_STARTING);
	it_await("web", BRM_RUNNING);
	it_down();
}
END_TEST

START_TEST(a_command_that_succeeds_makes_it_ready_and_is_no_run)
{
	it_project("exec");
	it_write("brummer.yaml", "processes:\n"
				 "  web:\n"
				 "    command: exec sleep 99981.1\n"
				 "    ready: {exec: \"test -e ok; x=$?; echo never seen; exit $x\", interval: 20ms}\n");
	it_up(NULL);
	it_await("web", BRM_STARTING);
	it_write("ok", "");
	it_await("web", BRM_RUNNING);
	ck_assert_uint_eq(it_state("web").run, 1);
	ck_assert_str_eq(it_output("web"), "");
	it_down();
}
END_TEST

START_TEST(a_command_that_hangs_is_ended_with_all_it_started)
{
	it_project("hang");
	it_write("brummer.yaml", "processes:\n"
				 "  web:\n"
				 "    command: exec sleep 99982.1\n"
				 "    ready: {exec: \"setsid sleep 99982.2 & sleep 99982.3\", attempt: 100ms,\n"
				 "            timeout: 400ms, interval: 20ms}\n");
	it_up(NULL);
	it_await("web", BRM_FAILED);
	ck_assert_ptr_nonnull(strstr(reason_of("web"), "not ready within 400ms: no answer in tim"));
	it_await_count("99982.", 0);
	it_down();
}
END_TEST

START_TEST(a_line_of_output_makes_it_ready)
{
	it_project("line");
	it_write("brummer.yaml",
		 "processes:\n"
		 "  web:\n"
		 "    command: \"echo starting; sleep 0.2; echo 'listening on port 80' >&2; exec sleep 99983.1\"\n"
		 "    ready: {log: \"listening on port \\\\d+\"}\n"
		 "  mute:\n"
		 "    command: \"echo listens; exec sleep 99983.2\"\n"
		 "    ready: {log: ^listening, timeout: 500ms}\n");
	it_up(NULL);
	it_await("web", BRM_STARTING);
	it_await("web", BRM_RUNNING);
	it_await("mute", BRM_FAILED);
	ck_assert_int_eq(it_state("mute").reason_code, BRM_REASON_NOT_READY);
	it_down();
}
END_TEST

START_TEST(one_that_notifies_is_ready_and_nobody_else_can_say_so)
{
	char text[4 * PATH_MAX];

	it_project("notify");
	snprintf(text, sizeof text,
		 "processes:\n"
		 "  web:\n"
		 "    command: \"%s tell STATUS=loading; echo $NOTIFY_SOCKET; until test -e go; do sleep 0.02; done; "
		 "%s tell "
		 "READY=1; exec sleep 99984.1\"\n"
		 "    ready: {notify: true}\n",
		 speaker(), speaker());
	it_write("brummer.yaml", text);
	it_up(NULL);
	it_await("web", BRM_STARTING);
	await_reason("web", "loading");
	/* A stranger that knows the name: another run. */
	snprintf(text, sizeof text, "NOTIFY_SOCKET=$(cat %s/web/out.*) %s insist READY=1 & sleep 0.2; echo said; wait",
		 it.instance.state_dir, speaker());
	it_run("stranger", text);
	it_await_output("stranger", "said\n");
	ck_assert_int_eq(it_status("web"), BRM_STARTING);
	it_write("go", "");
	it_await("web", BRM_RUNNING);
	it_down();
}
END_TEST

static bool has_said(void *arg)
{
	(void)arg;
	return access(test_path("unheard/said"), F_OK) == 0;
}

START_TEST(what_is_said_while_no_engine_lives_is_heard_by_the_next)
{
	pid_t keeper, engine;
	char text[4 * PATH_MAX];

	it_project("unheard");
	snprintf(text, sizeof text,
		 "processes:\n"
		 "  web:\n"
		 "    command: \"until test -e go; do sleep 0.02; done; %s tell READY=1; touch said; exec sleep "
		 "99984.2\"\n"
		 "    ready: {notify: true}\n",
		 speaker());
	it_write("brummer.yaml", text);
	it_up(NULL);
	it_await("web", BRM_STARTING);
	keeper = brm_reader_info(it.reader)->keeper_pid;
	engine = it_engine();
	ck_assert_int_eq(kill(keeper, SIGSTOP), 0);
	ck_assert_int_eq(kill(engine, SIGKILL), 0);
	it_await_gone(engine);
	it_write("go", "");
	it_until(has_said, NULL);
	ck_assert_int_eq(kill(keeper, SIGCONT), 0);
	it_await("web", BRM_RUNNING);
	ck_assert_uint_eq(it_state("web").run, 1);
	it_connect();
	it_down();
}
END_TEST

START_TEST(a_newline_on_a_descriptor_makes_it_ready_also_over_an_engine)
{
	it_project("descriptor");
	it_write("brummer.yaml",
		 "processes:\n"
		 "  web:\n"
		 "    command: \"until test -e go; do sleep 0.02; done; echo ready >&7; echo said; exec sleep "
		 "99985.1\"\n"
		 "    ready: {notify: 7}\n"
		 "  late:\n"
		 "    command: \"until test -e after; do sleep 0.02; done; echo ready >&3; exec sleep 99985.2\"\n"
		 "    ready: {notify: 3}\n");
	it_up(NULL);
	it_await("web", BRM_STARTING);
	it_await("late", BRM_STARTING);
	it_write("go", "");
	it_await("web", BRM_RUNNING);
	it_kill_engine();
	it_connect();
	ck_assert_int_eq(it_status("web"), BRM_RUNNING);
	ck_assert(it_state("web").flags & BRM_FLAG_READY);
	ck_assert_int_eq(it_status("late"), BRM_STARTING);
	it_write("after", "");
	it_await("late", BRM_RUNNING);
	ck_assert_uint_eq(it_state("late").run, 1);
	it_down();
}
END_TEST

START_TEST(probes_go_on_over_an_engine)
{
	it_project("over");
	it_write("brummer.yaml", "processes:\n"
				 "  lines:\n"
				 "    command: \"until test -e go; do sleep 0.02; done; echo up; exec sleep 99986.1\"\n"
				 "    ready: {log: ^up$}\n"
				 "  asks:\n"
				 "    command: exec sleep 99986.2\n"
				 "    ready: {exec: test -e go, interval: 20ms}\n"
				 "  slow:\n"
				 "    command: exec sleep 99986.3\n"
				 "    ready: {exec: \"false\", interval: 20ms, timeout: 1500ms}\n");
	it_up(NULL);
	it_await("lines", BRM_STARTING);
	it_await("asks", BRM_STARTING);
	it_await("slow", BRM_STARTING);
	it_kill_engine();
	it_connect();
	ck_assert_int_eq(it_status("asks"), BRM_STARTING);
	it_write("go", "");
	it_await("asks", BRM_RUNNING);
	it_await("lines", BRM_RUNNING);
	it_await("slow", BRM_FAILED);
	ck_assert_uint_eq(it_state("slow").run, 1);
	it_down();
}
END_TEST

START_TEST(one_that_dies_before_it_is_ready_is_what_its_exit_says)
{
	it_project("dies");
	it_write("brummer.yaml", "processes:\n"
				 "  bad: {command: exit 4, ready: {exec: \"false\"}}\n"
				 "  waits: {command: exec sleep 99987.1, depends_on: {bad: ready}}\n"
				 "  behind: {command: exec sleep 99987.2, depends_on: {waits: ready}}\n");
	it_up(NULL);
	it_await("bad", BRM_FAILED);
	ck_assert_int_eq(it_state("bad").exit_code, 4);
	await_reason("waits", "bad failed");
	await_reason("behind", "waits waits in vain");
	ck_assert_int_eq(it_status("waits"), BRM_PENDING);
	ck_assert_int_eq(it_refusal(BRM_START, "waits"), BRM_FAILED_TO_START); /* tried again, and said */
	ck_assert_uint_eq(it_state("bad").run, 2);
	ck_assert_int_eq(it_count("99987."), 0);
	it_down();
}
END_TEST

START_TEST(a_start_waits_for_what_it_needs_and_a_stop_for_what_needs_it)
{
	char text[64];
	FILE *ends;

	it_project("order");
	it_write("brummer.yaml",
		 "processes:\n"
		 "  web:\n"
		 "    command: \"trap 'sleep 0.3; echo web >>ends; exit' TERM; echo web >>begins; while :; do sleep "
		 "0.02; done\"\n"
		 "    depends_on: {db: ready, migrate: success}\n"
		 "  migrate:\n"
		 "    command: echo migrate >>begins\n"
		 "    depends_on: {db: ready}\n"
		 "  db:\n"
		 "    command: \"trap 'echo db >>ends; exit' TERM; sleep 0.2; echo db >>begins; echo up; while :; do "
		 "sleep "
		 "0.02; done\"\n"
		 "    ready: {log: up}\n");
	it_up(NULL);
	await_reason("web", "waits for");
	it_await("web", BRM_RUNNING);
	it_await("migrate", BRM_SUCCESS);
	it_run("seen", "until grep -q web begins; do sleep 0.02; done; cat begins");
	it_await("seen", BRM_SUCCESS);
	ck_assert_str_eq(it_output("seen"), "db\nmigrate\nweb\n");
	it_down();
	ends = fopen(test_path("order/ends"), "r");
	ck_assert_ptr_nonnull(ends);
	ck_assert_uint_eq(fread(text, 1, sizeof text, ends), strlen("web\ndb\n"));
	ck_assert_int_eq(memcmp(text, "web\ndb\n", strlen("web\ndb\n")), 0);
	fclose(ends);
}
END_TEST

START_TEST(each_condition_is_waited_for)
{
	it_project("conditions");
	it_write("brummer.yaml", "processes:\n"
				 "  job: {command: \"until test -e go; do sleep 0.02; done; exit 3\"}\n"
				 "  soon: {command: exec sleep 99979.1, depends_on: {job: started}}\n"
				 "  late: {command: exec sleep 99979.2, depends_on: {job: exit}}\n"
				 "  never: {command: exec sleep 99979.3, depends_on: {job: success}}\n");
	it_up(NULL);
	it_await("soon", BRM_RUNNING);
	ck_assert_int_eq(it_status("job"), BRM_RUNNING);
	ck_assert_int_eq(it_status("late"), BRM_PENDING);
	ck_assert_int_eq(it_status("never"), BRM_PENDING);
	it_write("go", "");
	it_await("late", BRM_RUNNING);
	await_reason("never", "job failed");
	ck_assert_int_eq(it_status("never"), BRM_PENDING);
	it_down();
}
END_TEST

START_TEST(who_follows_is_restarted_with_what_it_depends_on)
{
	it_project("follow");
	it_write("brummer.yaml", "processes:\n"
				 "  db: {command: exec sleep 99988.1}\n"
				 "  web:\n"
				 "    command: exec sleep 99988.2\n"
				 "    depends_on: {db: {condition: ready, follow: true}}\n"
				 "  calm: {command: exec sleep 99988.3, depends_on: [db]}\n");
	it_up(NULL);
	it_await("web", BRM_RUNNING);
	it_await("calm", BRM_RUNNING);
	it_do(BRM_RESTART, "db");
	it_await_run("web", 2);
	ck_assert_uint_eq(it_state("calm").run, 1);
	it_do(BRM_STOP, "db");
	await_reason("web", "db was stopped");
	ck_assert_int_eq(it_status("calm"), BRM_RUNNING);
	it_await_count("99988.2", 0);
	it_do(BRM_START, "db");
	it_await("web", BRM_RUNNING);
	ck_assert_uint_eq(it_state("web").run, 3);
	it_down();
}
END_TEST

START_TEST(a_family_is_ready_when_all_of_it_are)
{
	it_project("family");
	it_write("brummer.yaml",
		 "processes:\n"
		 "  api:\n"
		 "    command: \"until test -e go$PORT; do sleep 0.02; done; echo up; exec sleep 99989.1\"\n"
		 "    env: {PORT: 3}\n"
		 "    ready: {log: up}\n"
		 "    replicas: 2\n"
		 "  web: {command: exec sleep 99989.2, depends_on: {api: ready}}\n");
	it_up(NULL);
	it_write("go3", "");
	it_await("api.1", BRM_RUNNING);
	await_reason("web", "waits for api.2");
	it_write("go4", "");
	it_await("api.2", BRM_RUNNING);
	it_await("web", BRM_RUNNING);
	it_down();
}
END_TEST

START_TEST(a_stop_while_it_starts_ends_it_stopped)
{
	it_project("starting");
	it_write("brummer.yaml", "processes:\n"
				 "  web: {command: exec sleep 99980.1, ready: {exec: \"false\"}}\n");
	it_up(idle);
	for (int i = 0; i < 3; i++) {
		it_do(BRM_START, "web");
		it_await("web", BRM_STARTING);
		it_do(BRM_STOP, "web");
		ck_assert_int_eq(it_status("web"), BRM_STOPPED);
	}
	ck_assert_int_eq(it_count("99980."), 0);
	it_down();
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("it_ready");
	TCase *tcase = tcase_create("ready");

	tcase_set_timeout(tcase, 60);
	tcase_add_unchecked_fixture(tcase, NULL, it_sweep);
	tcase_add_test(tcase, an_http_answer_makes_it_ready);
	tcase_add_test(tcase, one_that_stops_answering_is_restarted_with_the_reason);
	tcase_add_test(tcase, a_port_that_is_served_makes_it_ready);
	tcase_add_test(tcase, a_command_that_succeeds_makes_it_ready_and_is_no_run);
	tcase_add_test(tcase, a_command_that_hangs_is_ended_with_all_it_started);
	tcase_add_test(tcase, a_line_of_output_makes_it_ready);
	tcase_add_test(tcase, one_that_notifies_is_ready_and_nobody_else_can_say_so);
	tcase_add_test(tcase, what_is_said_while_no_engine_lives_is_heard_by_the_next);
	tcase_add_test(tcase, a_newline_on_a_descriptor_makes_it_ready_also_over_an_engine);
	tcase_add_test(tcase, probes_go_on_over_an_engine);
	tcase_add_test(tcase, one_that_dies_before_it_is_ready_is_what_its_exit_says);
	tcase_add_test(tcase, a_start_waits_for_what_it_needs_and_a_stop_for_what_needs_it);
	tcase_add_test(tcase, each_condition_is_waited_for);
	tcase_add_test(tcase, who_follows_is_restarted_with_what_it_depends_on);
	tcase_add_test(tcase, a_family_is_ready_when_all_of_it_are);
	tcase_add_test(tcase, a_stop_while_it_starts_ends_it_stopped);
	suite_add_tcase(suite, tcase);
	return suite;
}
