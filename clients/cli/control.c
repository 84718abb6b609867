/* SPDX-License-Identifier: MIT */
#include "clients/cli/control.h"

#include <errno.h>
#include <string.h>
#include <time.h>

#include "clients/cli/list.h"
#include "clients/cli/progress.h"
#include "clients/cli/reading.h"
#include "clients/common/near.h"

#define RETRY_NS    5000000000ll /* how long a supervisor may take to come back */
#define RETRY_PAUSE 50000000l

int control_fail(const struct control *control, int error)
{
	const char *doing = control->doing;
	const char *where = *control->instance.dir ? control->instance.dir : control->instance.name;

	switch (error) {
	case -ENOENT:
	case -ECONNREFUSED:
		return fail(EXIT_NONE, "cannot %s: no supervisor runs for %s; brummer-cli up starts one", doing, where);
	case -EACCES:
		return fail(EXIT_FAILED, "cannot %s: the supervisor is another user's", doing);
	case -EPROTO:
		return fail(EXIT_FAILED, "cannot %s: the supervisor speaks another protocol; install the same version",
			    doing);
	case -ETIMEDOUT:
		return fail(EXIT_FAILED, "cannot %s: the supervisor does not answer; brummer-cli ls says how it is",
			    doing);
	case -EPIPE:
		return fail(EXIT_FAILED, "cannot %s: the supervisor went away; brummer-cli ls says how it is", doing);
	default:
		return fail(EXIT_FAILED, "cannot %s: %s", doing, brm_strerror(error));
	}
}

int control_open(const struct cli *cli, const char *doing, struct control *out)
{
	int status, rc;

	*out = (struct control){.cli = cli, .doing = doing};
	status = reading_find(cli, doing, &out->instance);
	if (status != EXIT_DONE)
		return status;
	rc = client_open(&out->instance, BRM_BY_CLI, &out->client);
	return rc == 0 ? EXIT_DONE : control_fail(out, rc);
}

void control_finish(struct control *control)
{
	client_close(control->client);
	control->client = NULL;
}

/* The nearest names that came with a refusal. */
static void hint_of(const struct reply *reply, char *out, size_t size)
{
	const msgpack_object *nearest = reply_get(&reply->data, "nearest");
	const char *words[3];
	char texts[3][BRM_NAME_MAX];
	size_t count = 0;

	for (uint32_t i = 0; nearest && nearest->type == MSGPACK_OBJECT_ARRAY && i < nearest->via.array.size; i++) {
		const msgpack_object *name = &nearest->via.array.ptr[i];

		if (count == 3 || name->type != MSGPACK_OBJECT_STR || name->via.str.size >= BRM_NAME_MAX)
			continue;
		memcpy(texts[count], name->via.str.ptr, name->via.str.size);
		texts[count][name->via.str.size] = '\0';
		words[count] = texts[count];
		count++;
	}
	near_hint(words, count, out, size);
}

int control_refused(const struct control *control, const struct reply *reply)
{
	static const int statuses[BRM_REFUSAL_COUNT] = {[BRM_USAGE] = EXIT_USAGE, [BRM_TIMED_OUT] = EXIT_TIMEOUT};
	char hint[900], name[BRM_NAME_MAX];
	int status = statuses[reply->refused] ? statuses[reply->refused] : EXIT_FAILED;

	if (reply->refused == BRM_UNKNOWN && reply_string(&reply->data, "name", name, sizeof name)) {
		hint_of(reply, hint, sizeof hint);
		return fail(status, "cannot %s %s: no such process or script%s", control->doing, name,
			    *hint ? hint : "; see brummer-cli scripts");
	}
	if (strncmp(reply->message, "cannot ", 7) == 0)
		return fail(status, "%s", reply->message);
	return fail(status, "cannot %s: %s%s", control->doing, reply->message,
		    reply->refused == BRM_CONFLICT && control->conflict ? control->conflict : "");
}

/* Wait for the answer, and tell meanwhile who is on the way. */
static int wait_answer(struct control *control, uint32_t id, int64_t timeout_ns, struct reply *reply)
{
	struct progress progress;
	int rc;

	progress_init(&progress, control->cli, &control->instance, control->doing);
	if (!progress.wanted)
		return client_wait(control->client, id, timeout_ns, reply);
	for (;;) {
		int64_t slice = timeout_ns >= 0 && timeout_ns < PROGRESS_EACH_NS ? timeout_ns : PROGRESS_EACH_NS;

		rc = client_wait(control->client, id, slice, reply);
		if (timeout_ns >= 0)
			timeout_ns -= slice;
		if (rc != -ETIMEDOUT || timeout_ns == 0)
			break;
		progress_show(&progress);
	}
	progress_finish(&progress);
	return rc;
}

/* Once: 0, or an error of the client's. */
static int ask_once(struct control *control, void (*put)(struct client *client, void *arg), void *arg,
		    enum brm_method method, int64_t timeout_ns, struct reply *reply)
{
	uint32_t id;
	int rc = control->client ? 0 : client_open(&control->instance, BRM_BY_CLI, &control->client);

	if (rc != 0)
		return rc;
	client_begin(control->client, method);
	if (put)
		put(control->client, arg);
	rc = client_send(control->client, &id);
	return rc == 0 ? wait_answer(control, id, timeout_ns, reply) : rc;
}

static bool is_worth_retrying(enum brm_method method, int rc, const struct reply *reply)
{
	if (!brm_method_info(method)->safe_to_retry)
		return false;
	return rc == -EPIPE || rc == -ECONNREFUSED || (rc == 0 && reply->refused == BRM_RETRY);
}

int control_ask(struct control *control, void (*put)(struct client *client, void *arg), void *arg,
		enum brm_method method, int64_t timeout_ns, struct reply *reply)
{
	const struct timespec pause = {.tv_nsec = RETRY_PAUSE};
	int rc = ask_once(control, put, arg, method, timeout_ns, reply);

	for (int64_t left = RETRY_NS; left > 0 && is_worth_retrying(method, rc, reply); left -= RETRY_PAUSE) {
		if (rc == 0)
			reply_finish(reply);
		control_finish(control);
		nanosleep(&pause, NULL);
		rc = ask_once(control, put, arg, method, timeout_ns, reply);
	}
	if (rc == -ETIMEDOUT && timeout_ns >= 0)
		return fail(EXIT_TIMEOUT, "cannot %s: not in time", control->doing);
	if (rc != 0)
		return control_fail(control, rc);
	if (reply->refused == BRM_REFUSED_NOT)
		return EXIT_DONE;
	/* One of several could not be started: what became of the others? */
	if (reply->refused == BRM_FAILED_TO_START)
		control_print(control->cli, &reply->data, NULL);
	rc = control_refused(control, reply);
	reply_finish(reply);
	return rc;
}

const char *const *control_names(const struct cli *cli, int first)
{
	return (const char *const *)cli->operands + first;
}

static const struct list_column columns[] = {
	{"name", "NAME", FIELD_STRING, 8}, {"status", "STATUS", FIELD_STRING, 8}, {"run", "RUN", FIELD_INT, 3},
	{"pid", "PID", FIELD_INT, 5},      {"exitCode", "EXIT", FIELD_INT, 4},    {"signal", NULL, FIELD_STRING, 0},
	{"revision", NULL, FIELD_INT, 0},  {"reason", "REASON", FIELD_STRING, 6}, {"already", NULL, FIELD_BOOL, 0},
};

/* What the answer says in a column; a text is put into `text`. */
static struct value value_of_reply(const msgpack_object *process, size_t column, char text[BRM_NAME_MAX])
{
	const char *key = columns[column].key;
	const msgpack_object *value = reply_get(process, key);
	int number;

	if (!value)
		return (struct value){.present = false};
	if (columns[column].type == FIELD_BOOL)
		return value_number(true, value->type == MSGPACK_OBJECT_BOOLEAN && value->via.boolean);
	if (columns[column].type == FIELD_INT)
		return value_number(true, reply_int(process, key, 0));
	if (reply_string(process, key, text, BRM_NAME_MAX))
		return (struct value){.present = true, .text = text};
	number = (int)reply_int(process, key, 0);
	return value_text_of(number ? signal_word(number) : "");
}

/* A process of the answer, as a snapshot has it if there is one. */
static void add_process(struct list *list, const msgpack_object *reply, const struct snapshot *snapshot)
{
	char name[BRM_NAME_MAX], text[FIELD_SCRATCH];
	const struct process *process = NULL;

	if (snapshot && reply_string(reply, "name", name, sizeof name))
		process = snapshot_find(snapshot, name);
	for (size_t i = 0; i < sizeof columns / sizeof *columns; i++) {
		const struct field *field = process ? field_find(columns[i].key) : NULL;
		struct value value = field ? field->get(process, snapshot, text) : value_of_reply(reply, i, text);

		list_value(list, i, &value);
	}
}

int control_print(const struct cli *cli, const msgpack_object *result, const struct snapshot *snapshot)
{
	const msgpack_object *processes = reply_get(result, "processes");
	struct list list;

	if (cli->quiet)
		return EXIT_DONE;
	list_init(&list, cli, "processes", columns, sizeof columns / sizeof *columns);
	for (uint32_t i = 0; processes && processes->type == MSGPACK_OBJECT_ARRAY && i < processes->via.array.size; i++)
		add_process(&list, &processes->via.array.ptr[i], snapshot);
	return list_finish(&list);
}
