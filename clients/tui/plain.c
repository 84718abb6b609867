/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "clients/tui/actions.h"
#include "clients/tui/status.h"

/*
 * The same without a screen: what happens as lines, one after another, and commands as lines, for screen readers, slow
 * links and terminals that can do nothing else.
 */

#define LOG_LINES 10

static const char help[] = "Commands, each on a line of its own:\n"
			   "  ls            all processes\n"
			   "  l NAME        the last lines of its log\n"
			   "  e             the errors\n"
			   "  r NAME        restart it, or start it when it is not running\n"
			   "  S NAME        start it\n"
			   "  s NAME        stop it\n"
			   "  u             start a supervisor, when none is there\n"
			   "  q             leave; everything keeps running\n"
			   "  ?             this\n";

/* A line, with nothing in it that a terminal would act on. */
static void say(const char *text)
{
	char clean[2048];
	size_t length = strlen(text);

	length = brm_text_clean(text, length < sizeof clean / 3 ? length : sizeof clean / 3, clean, sizeof clean);
	printf("%.*s\n", (int)length, clean);
}

static void say_process(struct tui *tui, const struct process *process)
{
	enum brm_status status = brm_state_status(&process->state);
	char text[BRM_NAME_MAX + WHEN_MAX + 256], note[WHEN_MAX];
	const char *url = brm_strings_next(&process->urls, NULL);

	status_note(&tui->ticker, &process->state, note);
	snprintf(text, sizeof text, "%s %s%s%s%s%.100s", process->identity.name, status_look(status).word,
		 note[0] ? " " : "", note, url ? ", " : "", url ? url : "");
	say(text);
}

static void say_all(struct tui *tui)
{
	const struct snapshot *snapshot = feed_snapshot(&tui->feed);

	for (uint32_t i = 0; snapshot && i < snapshot->count; i++)
		say_process(tui, &snapshot->processes[i]);
	if (!snapshot || snapshot->count == 0)
		say("Nothing runs here yet.");
}

static void say_event(struct tui *tui, const struct brm_event *event)
{
	char name[BRM_NAME_MAX], at[WHEN_MAX], detail[HAPPENING_MAX], text[HAPPENING_MAX + BRM_NAME_MAX + 64];

	when_clock(event->time_ns, at);
	if (event->entry == UINT32_MAX) {
		snprintf(text, sizeof text, "%s The supervisor was restarted; no process was touched.", at);
	} else if (event->entry == HAPPENING_MISSED) {
		snprintf(text, sizeof text, "%s %llu events were missed.", at, (unsigned long long)event->version);
	} else {
		if (brm_event_name(feed_reader(&tui->feed), event, name) != 0)
			return;
		happening_detail(event, name, detail);
		snprintf(text, sizeof text, "%s %s %s%s%s", at, name, status_look(event->to).word,
			 detail[0] ? ": " : "", detail);
	}
	say(text);
}

/* What has happened since the last call. */
static void say_events(struct tui *tui, uint64_t *next)
{
	const struct happenings *all = &tui->events.all;
	size_t i = 0;

	if (!feed_events(tui))
		return;
	while (i < all->count && all->list[i].seq < *next)
		i++;
	for (; i < all->count; i++) {
		say_event(tui, &all->list[i]);
		*next = all->list[i].seq + 1;
	}
}

static void say_health(struct tui *tui, enum health *told)
{
	static const char *const words[] = {
		[HEALTH_NONE] = "No supervisor runs here; u starts one.",
		[HEALTH_LIVE] = "The supervisor runs.",
		[HEALTH_STUCK] = "The supervisor does not answer. What is read is right still; commands must wait.",
		[HEALTH_RESTART] = "The supervisor is being restarted. Processes keep running.",
		[HEALTH_DEAD] = "The supervisor is gone; u starts one, which takes over what still runs.",
		[HEALTH_ENDED] = "The supervisor has ended; everything was stopped on request.",
		[HEALTH_UNREADABLE] = "The supervisor's region cannot be read.",
	};

	if (tui->feed.health != *told)
		say(words[tui->feed.health]);
	*told = tui->feed.health;
}

static void say_message(struct tui *tui)
{
	if (tui->message.text[0])
		say(tui->message.text);
	tui->message.text[0] = '\0';
}

/* ---- commands ---- */

static void say_log(struct tui *tui, const struct process *process)
{
	struct logpane *pane = &tui->logs;
	struct logplace place[LOG_LINES];
	struct brm_log_line line[LOG_LINES];
	int count = 0;

	logpane_choose(pane, &process, 1);
	logset_refresh(&pane->set, feed_snapshot(&tui->feed), feed_reader(&tui->feed));
	pane->set.budget = LOGPANE_BUDGET;
	logset_from_end(&pane->set);
	while (count < LOG_LINES && logset_previous(&pane->set, &place[count], &line[count]))
		count++;
	if (count == 0)
		say("Nothing was logged yet.");
	while (count-- > 0) {
		char bytes[1024], text[1200], at[WHEN_MAX];
		size_t length = logset_text(&pane->set, place[count], &line[count], bytes, sizeof bytes - 1);

		bytes[length] = '\0';
		snprintf(text, sizeof text, "%s %s%s", when_clock(line[count].time_us * 1000, at),
			 line[count].level == BRM_LEVEL_ERROR  ? "error: "
			 : line[count].level == BRM_LEVEL_WARN ? "warning: "
							       : "",
			 bytes);
		say(text);
	}
}

static void say_errors(struct tui *tui)
{
	errors_refresh(tui);
	for (uint32_t i = 0; i < tui->errors.all.count; i++) {
		const struct error_group *group = &tui->errors.all.list[i];
		char text[ERROR_MESSAGE + ERROR_KIND + BRM_NAME_MAX + 64];

		snprintf(text, sizeof text, "%s %s: %s, %llu times", group->name, group->kind, group->message,
			 (unsigned long long)group->count);
		say(text);
	}
	if (tui->errors.all.count == 0)
		say("No error so far.");
}

static void command_process(struct tui *tui, char key, const char *name)
{
	const struct snapshot *snapshot = feed_snapshot(&tui->feed);
	const struct process *process = snapshot ? snapshot_find(snapshot, name) : NULL;
	const char *reason;

	if (!process) {
		tui_say(tui, TONE_FAILED, "there is no process %s", name);
		return;
	}
	if (key == 'l') {
		say_log(tui, process);
		return;
	}
	drawn_set(tui, process);
	reason = key == 'r' ? why_not_restart(tui) : key == 's' ? why_not_stop(tui) : why_not_start(tui);
	if (reason)
		tui_say(tui, TONE_FAILED, "cannot %s %s: %s",
			key == 'r'   ? "restart"
			: key == 's' ? "stop"
				     : "start",
			name, reason);
	else if (key == 'r')
		act_restart(tui);
	else if (key == 's')
		act_stop(tui);
	else
		act_start(tui);
}

static void command(struct tui *tui, char *line)
{
	line[strcspn(line, "\r\n")] = '\0';
	if (strcmp(line, "q") == 0)
		tui->leaving = true;
	else if (strcmp(line, "ls") == 0)
		say_all(tui);
	else if (strcmp(line, "e") == 0)
		say_errors(tui);
	else if (strcmp(line, "u") == 0 && !why_supervisor(tui))
		control_start_supervisor(tui, NULL);
	else if (line[0] && strchr("rSsl", line[0]) && line[1] == ' ')
		command_process(tui, line[0], line + 2 + strspn(line + 2, " "));
	else if (line[0])
		fputs(help, stdout);
}

/* Whole lines of what has come. */
static void read_commands(struct tui *tui)
{
	static char typed[1024];
	static size_t length;
	ssize_t n = read(STDIN_FILENO, typed + length, sizeof typed - 1 - length);
	char *end;

	if (n <= 0) {
		tui->leaving = n == 0 || errno != EINTR;
		return;
	}
	length += (size_t)n;
	typed[length] = '\0';
	while ((end = strchr(typed, '\n')) && !tui->leaving) {
		*end = '\0';
		command(tui, typed);
		say_message(tui);
		length -= (size_t)(end + 1 - typed);
		memmove(typed, end + 1, length + 1);
	}
	if (length == sizeof typed - 1)
		length = 0; /* no command is so long */
}

/* ---- the loop ---- */

static int wait_ms(const struct tui *tui)
{
	uint64_t now = now_read().boot_ns, at = tui->feed.retry_boot_ns;

	if (at == 0)
		return 10000; /* a look at the supervisor's health */
	return at > now ? (int)((at - now) / 1000000) + 1 : 0;
}

static void take_news(struct tui *tui)
{
	ticker_begin(&tui->ticker, now_read());
	if (feed_look(&tui->feed, tui->jobs))
		tui_snapshot(tui);
	feed_check(&tui->feed, tui->ticker.now.boot_ns);
}

int plain_run(struct tui *tui)
{
	enum health told = HEALTH_LIVE;
	uint64_t next = 0;

	take_news(tui);
	say_all(tui);
	if (feed_events(tui) && tui->events.all.count > 0) /* what was before is told by the states */
		next = tui->events.all.list[tui->events.all.count - 1].seq + 1;
	while (!tui->leaving) {
		struct pollfd fds[] = {{.fd = STDIN_FILENO, .events = POLLIN},
				       {.fd = feed_fd(&tui->feed), .events = POLLIN},
				       {.fd = jobs_fd(tui->jobs), .events = POLLIN}};

		say_events(tui, &next);
		say_health(tui, &told);
		say_message(tui);
		if (fflush(stdout) != 0)
			return 1; /* nobody reads it any more */
		if (poll(fds, 3, wait_ms(tui)) < 0 && errno != EINTR)
			return 1;
		if (fds[2].revents)
			jobs_reap(tui->jobs, tui);
		take_news(tui);
		if (fds[0].revents)
			read_commands(tui);
	}
	return 0;
}
