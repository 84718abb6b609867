/* SPDX-License-Identifier: MIT */
#include "clients/tui/commands.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clients/tui/actions.h"

const char *const group_titles[GROUP_COUNT] = {
	[GROUP_MOVE] = "MOVE",     [GROUP_PROCESSES] = "PROCESSES",   [GROUP_LOGS] = "LOGS",
	[GROUP_ERRORS] = "ERRORS", [GROUP_ABOUT] = "ABOUT",           [GROUP_URLS] = "URLS",
	[GROUP_EVENTS] = "EVENTS", [GROUP_EVERYWHERE] = "EVERYWHERE",
};

#define PROCESSES VIEW_PROCESSES
#define LOGS      VIEW_LOGS
#define ERRORS    VIEW_ERRORS
#define URLS      VIEW_URLS
#define EVENTS    VIEW_EVENTS
#define ABOUT     VIEW_ABOUT
#define ALL       VIEW_ALL

const struct command commands[] = {
	{"processes", "1", ALL, GROUP_MOVE, "views", NULL, 0, "show the list of processes", act_processes, NULL},
	{"logs", "2", ALL, GROUP_MOVE, "views", NULL, 0, "show the logs", act_logs_view, NULL},
	{"errors", "3", ALL, GROUP_MOVE, "views", NULL, 0, "show the errors, the same ones as one", act_errors, NULL},
	{"urls", "4", ALL, GROUP_MOVE, "views", NULL, 0, "show the URLs and ports", act_urls, NULL},
	{"events", "5", ALL, GROUP_MOVE, "views", NULL, 0, "show what happened", act_events, NULL},
	{"about", "6", ALL, GROUP_MOVE, "views", NULL, 0, "show what this is and where things are", act_about, NULL},
	{"next view", "Tab", ALL, GROUP_MOVE, "views", NULL, 0, "go to the next view", act_next_view, NULL},
	{"previous view", "S-Tab", ALL, GROUP_MOVE, NULL, NULL, 0, "go to the view before", act_previous_view, NULL},
	{"down", "j Down", ALL, GROUP_MOVE, "rows", NULL, 0, "move the bar down", act_down, NULL},
	{"up", "k Up", ALL, GROUP_MOVE, "rows", NULL, 0, "move the bar up", act_up, NULL},
	{"left", "Left h", ALL, GROUP_MOVE, "panes", NULL, 0, "go to the pane on the left; sideways in unwrapped logs",
	 act_left, NULL},
	{"right", "Right l", ALL, GROUP_MOVE, "panes", NULL, 0,
	 "go to the pane on the right; sideways in unwrapped logs", act_right, NULL},
	{"top", "g Home", ALL, GROUP_MOVE, "top, bottom", NULL, 0, "go to the first row", act_top, NULL},
	{"bottom", "G End", ALL, GROUP_MOVE, "top, bottom", NULL, 0, "go to the last row; logs follow there",
	 act_bottom, NULL},
	{"page up", "PgUp", ALL, GROUP_MOVE, "pages", NULL, 0, "go up by a page", act_page_up, NULL},
	{"page down", "PgDn", ALL, GROUP_MOVE, "pages", NULL, 0, "go down by a page", act_page_down, NULL},
	{"half page up", "C-u", ALL, GROUP_MOVE, "half pages", NULL, 0, "go up by half a page", act_half_up, NULL},
	{"half page down", "C-d", ALL, GROUP_MOVE, "half pages", NULL, 0, "go down by half a page", act_half_down,
	 NULL},
	{"back", "Esc", ALL, GROUP_MOVE, "one step back", NULL, 0,
	 "go one step back: selection, search, filter, zoom, marks, then Processes", act_back, NULL},
	{"zoom", "z", ALL, GROUP_MOVE, "zoom a pane", NULL, 0, "give the pane all the room, or take it back", act_zoom,
	 NULL},
	{"narrower", "{", PROCESSES, GROUP_MOVE, "divider", NULL, 0, "move the divider towards the list", act_narrower,
	 NULL},
	{"wider", "}", PROCESSES, GROUP_MOVE, "divider", NULL, 0, "move the divider towards the log", act_wider, NULL},
	{"details", "d", PROCESSES, GROUP_MOVE, "details", NULL, 0, "show or hide the details of the process",
	 act_details, NULL},

	{"open logs", "Enter", PROCESSES, GROUP_PROCESSES, "logs", "logs", 1,
	 "show the log of the process, or of those marked", act_open_logs, why_not_open},
	{"restart", "r", ALL, GROUP_PROCESSES, "restart, start", "restart", 2,
	 "restart the process, or start it when it is not running", act_restart, why_not_restart},
	{"stop", "s", ALL, GROUP_PROCESSES, "stop", "stop", 3, "stop the process; one that waits gives up waiting",
	 act_stop, why_not_stop},
	{"start", "S", ALL, GROUP_PROCESSES, "start only", NULL, 0, "start the process if it is not running", act_start,
	 why_not_start},
	{"restart all", "C-r", ALL, GROUP_PROCESSES, "restart all", NULL, 0,
	 "restart everything that runs, after asking", act_restart_all, why_no_supervisor},
	{"run", "n +", PROCESSES, GROUP_PROCESSES, "run something", "run", 4,
	 "choose a script or type a command to run", act_run, NULL},
	{"run something", "+", LOGS | ERRORS | URLS | EVENTS | ABOUT, GROUP_PROCESSES, "run something", NULL, 0,
	 "choose a script or type a command to run", act_run, NULL},
	{"attach to", "a", ALL, GROUP_PROCESSES, "terminal", "terminal", 5,
	 "use the terminal of the process; Ctrl-] d leaves it", act_terminal, why_not_terminal},
	{"send a line to", "i", ALL, GROUP_PROCESSES, "send a line", NULL, 0,
	 "send one line to the input of the process", act_input, why_not_input},
	{"signal", "!", ALL, GROUP_PROCESSES, "send a signal", NULL, 0, "send a signal to the process", act_signal,
	 why_not_signal},
	{"filter", "C-f", PROCESSES, GROUP_PROCESSES, "filter by name", "filter", 6,
	 "show only processes whose name holds what you type", act_filter, NULL},
	{"its errors", "e", PROCESSES, GROUP_PROCESSES, "its errors", "errors", 7, "show the errors of the process",
	 act_process_errors, why_not_open},
	{"open its url", "o", PROCESSES, GROUP_PROCESSES, "open its url", NULL, 0,
	 "open the URL the process has announced in a browser", act_open_process_url, why_not_open},
	{"mark", "Space", PROCESSES, GROUP_PROCESSES, "mark", NULL, 0,
	 "mark the process: Enter, r, s and S then act on all marked", act_mark, why_not_open},
	{"mark all", "*", PROCESSES, GROUP_PROCESSES, "mark all", NULL, 0, "mark every process, or none", act_mark_all,
	 why_no_process},
	{"problems", "p", PROCESSES, GROUP_PROCESSES, "trouble first", NULL, 0,
	 "list what failed, waits or starts before all else", act_problems, why_no_process},
	{"group", "b", PROCESSES, GROUP_PROCESSES, "group by", NULL, 0,
	 "group by state, by label, by what is needed, or not", act_group, why_no_process},
	{"sort by the column before", "<", PROCESSES, GROUP_PROCESSES, "sort, reverse", NULL, 0,
	 "sort by the column before", act_sort_previous, why_no_process},
	{"sort by the next column", ">", PROCESSES, GROUP_PROCESSES, "sort, reverse", NULL, 0,
	 "sort by the next column", act_sort_next, why_no_process},
	{"reverse", "-", PROCESSES, GROUP_PROCESSES, "sort, reverse", NULL, 0, "reverse the order", act_reverse,
	 why_no_process},

	{"search", "C-f", LOGS, GROUP_LOGS, "search", "search", 4, "search the logs", act_search, NULL},
	{"next match", "n", LOGS, GROUP_LOGS, "matches", NULL, 0, "go to the next match", act_next_match,
	 why_no_search},
	{"previous match", "N", LOGS, GROUP_LOGS, "matches", NULL, 0, "go to the match before", act_previous_match,
	 why_no_search},
	{"next error", "e", LOGS, GROUP_LOGS, "errors", NULL, 0, "go to the next error", act_next_error, NULL},
	{"previous error", "E", LOGS, GROUP_LOGS, "errors", "last error", 6, "go to the error before",
	 act_previous_error, NULL},
	{"follow", "f", PROCESSES | LOGS, GROUP_LOGS, "follow", NULL, 0, "follow the newest line", act_follow, NULL},
	{"level", "p", LOGS, GROUP_LOGS, "level", "level", 7, "show all lines, warnings and errors, or errors",
	 act_level, NULL},
	{"wrap", "w", LOGS, GROUP_LOGS, "wrap lines", "wrap", 8, "wrap long lines, or cut them", act_wrap, NULL},
	{"fold", "=", LOGS, GROUP_LOGS, "fold repeats", NULL, 0, "show equal lines as one, or each", act_fold, NULL},
	{"open line", "Enter", LOGS, GROUP_LOGS, "whole line", NULL, 0,
	 "show repeated lines one by one, or a long line as a whole", act_open_line, NULL},
	{"time", "t", LOGS, GROUP_LOGS, "time", "time", 9,
	 "show the clock, the time since the start, the date, or nothing", act_time, NULL},
	{"select", "v", LOGS, GROUP_LOGS, "select lines", NULL, 0, "select lines from here on, to copy them",
	 act_select, NULL},
	{"previous process", "[", LOGS, GROUP_LOGS, "process", NULL, 0, "show the log of the process before",
	 act_previous_process, NULL},
	{"next process", "]", LOGS, GROUP_LOGS, "process", "process", 10, "show the log of the next process",
	 act_next_process, NULL},
	{"all processes", "*", LOGS, GROUP_LOGS, "all processes", "all", 11, "show all logs as one", act_all_processes,
	 NULL},
	{"clear", "x", LOGS, GROUP_LOGS, "clear, undo", NULL, 0, "show only lines from now on; nothing is deleted",
	 act_clear, NULL},
	{"undo clear", "X", LOGS, GROUP_LOGS, "clear, undo", NULL, 0, "show the lines from before again", act_unclear,
	 NULL},
	{"page", "Space", LOGS, GROUP_LOGS, NULL, NULL, 0, "go down by a page", act_page_down, NULL},

	{"error in the log", "Enter", ERRORS, GROUP_ERRORS, "in the log", "in the log", 1,
	 "show the log at the newest of these errors", act_error_log, NULL},
	{"set aside", "x", ERRORS, GROUP_ERRORS, "set aside", "set aside", 4,
	 "leave these errors out until they happen again", act_aside, NULL},
	{"show what was set aside", "X", ERRORS, GROUP_ERRORS, "undo", NULL, 0, "show what was set aside again",
	 act_unaside, NULL},
	{"filter errors", "C-f", ERRORS, GROUP_ERRORS, "filter", "filter", 5,
	 "show only errors that hold what you type", act_filter, NULL},
	{"next row that fits", "n", ERRORS | EVENTS, GROUP_ERRORS, "matches", NULL, 0,
	 "go to the next row that fits the filter", act_down, why_no_filter},
	{"previous row that fits", "N", ERRORS | EVENTS, GROUP_ERRORS, "matches", NULL, 0,
	 "go to the row before that fits the filter", act_up, why_no_filter},

	{"do the row", "Enter", ABOUT, GROUP_ABOUT, "do it", "do it", 1, "do what is underlined in the row",
	 act_about_row, NULL},
	{"theme", "t", ABOUT, GROUP_ABOUT, "theme", "theme", 2, "take the next theme", act_theme, NULL},
	{"filter about", "C-f", ABOUT, GROUP_ABOUT, "filter", NULL, 0, "show only rows that hold what you type",
	 act_filter, NULL},

	{"open url", "Enter o", URLS, GROUP_URLS, "open", "open", 1, "open the URL in a browser", act_open_url, NULL},
	{"filter urls", "C-f", URLS, GROUP_URLS, "filter", "filter", 5, "show only what holds what you type",
	 act_filter, NULL},

	{"open log", "Enter", EVENTS, GROUP_EVENTS, "in the log", "in the log", 1, "show the log from that moment on",
	 act_event_log, NULL},
	{"filter events", "C-f", EVENTS, GROUP_EVENTS, "filter", "filter", 4, "show only events of a name or a state",
	 act_filter, NULL},
	{"trouble only", "p", EVENTS, GROUP_EVENTS, "trouble only", "trouble only", 5,
	 "list only failures, waits and restarts of the supervisor", act_event_problems, NULL},
	{"finer scale", "<", EVENTS, GROUP_EVENTS, "time scale", NULL, 0,
	 "let a column of the history be a shorter time", act_scale_finer, NULL},
	{"coarser scale", ">", EVENTS, GROUP_EVENTS, "time scale", "time scale", 6,
	 "let a column of the history be a longer time", act_scale_coarser, NULL},
	{"follow events", "f", EVENTS, GROUP_EVENTS, "follow", NULL, 0, "follow the newest event", act_event_follow,
	 NULL},

	{"copy", "c y", ALL, GROUP_EVERYWHERE, "copy", "copy", 95, "copy the name, the line or the selection", act_copy,
	 NULL},
	{"copy all", "C", ALL, GROUP_EVERYWHERE, "copy more", NULL, 0,
	 "copy the command line, or lines with time and name", act_copy_all, NULL},
	{"mouse", "M", ALL, GROUP_EVERYWHERE, "mouse on, off", NULL, 0,
	 "use the mouse here, or leave it to the terminal", act_mouse, NULL},
	{"start supervisor", "u", ALL, GROUP_EVERYWHERE, "start brummerd", "start supervisor", 0,
	 "start a supervisor, only when none is there", act_start_supervisor, why_supervisor},
	{"reload", "", ALL, GROUP_EVERYWHERE, NULL, NULL, 0, "read the configuration again", act_reload,
	 why_no_supervisor},
	{"redraw", "C-l", ALL, GROUP_EVERYWHERE, "redraw", NULL, 0, "draw the screen again", act_redraw, NULL},
	{"suspend", "C-z", ALL, GROUP_EVERYWHERE, "suspend", NULL, 0, "go back to the shell for a while", act_suspend,
	 NULL},
	{"interrupt", "C-c", ALL, GROUP_EVERYWHERE, NULL, NULL, 0, "say how to leave; twice: leave", act_interrupt,
	 NULL},
	{"commands", "/ :", ALL, GROUP_EVERYWHERE, "commands", "commands", 5,
	 "type a command, or what to search or filter for", act_palette, NULL},
	{"help", "? F1", ALL, GROUP_EVERYWHERE, "this help", NULL, 0, "show what the keys do", act_help, NULL},
	{"leave", "q", ALL, GROUP_EVERYWHERE, "leave", NULL, 0, "leave; everything keeps running", act_quit, NULL},
	{"stop all and leave", "Q", ALL, GROUP_EVERYWHERE, "stop and leave", NULL, 0,
	 "stop everything and leave, after asking", act_stop_and_quit, NULL},
};

const size_t command_count = sizeof commands / sizeof *commands;

#define COMMANDS_MOST 128

/* Keys that the settings give a command in the place of the table's, and the line that did. */
static struct {
	char *keys;
	unsigned line;
} own[COMMANDS_MOST];

static const char *keys_of(const struct command *command)
{
	size_t i = (size_t)(command - commands);

	return i < COMMANDS_MOST && own[i].keys ? own[i].keys : command->keys;
}

/* The n-th word of keys. NULL: there are fewer. */
static const char *key_word(const char *keys, unsigned n, size_t *length)
{
	for (;; n--) {
		*length = strcspn(keys, " ");
		if (n == 0 || *length == 0)
			break;
		keys += *length;
		keys += *keys == ' ';
	}
	return *length > 0 ? keys : NULL;
}

static bool has_key(const struct command *command, uint32_t key, unsigned mods)
{
	const char *keys = keys_of(command), *word;
	size_t length;

	for (unsigned n = 0; (word = key_word(keys, n, &length)); n++) {
		uint32_t own_key;
		unsigned own_mods;

		if (key_parse(word, length, &own_key, &own_mods) && own_key == key && own_mods == mods)
			return true;
	}
	return false;
}

const struct command *command_of_key(unsigned view, uint32_t key, unsigned mods)
{
	for (const struct command *command = commands; command < commands + command_count; command++)
		if (command->views & view && has_key(command, key, mods))
			return command;
	return NULL;
}

/* ---- the user's own keys ---- */

/* "restart-all" is "restart all". */
static const struct command *find_command(const char *name)
{
	for (size_t i = 0; i < command_count; i++) {
		const char *at = commands[i].name, *wanted = name;

		while (*at && (*at == *wanted || (*at == ' ' && *wanted == '-')))
			at++, wanted++;
		if (!*at && !*wanted)
			return &commands[i];
	}
	return NULL;
}

/* Another command that the settings have given one of these keys where both can be meant. */
static const struct command *find_clash(const struct command *command, const char *keys)
{
	const char *word;
	size_t length;

	for (unsigned n = 0; (word = key_word(keys, n, &length)); n++)
		for (size_t i = 0; i < command_count; i++) {
			uint32_t key;
			unsigned mods;

			if (&commands[i] != command && own[i].keys && own[i].line &&
			    commands[i].views & command->views && key_parse(word, length, &key, &mods) &&
			    has_key(&commands[i], key, mods))
				return &commands[i];
		}
	return NULL;
}

int command_set_keys(const char *name, const char *keys, unsigned line, char *why, size_t size)
{
	const struct command *command = find_command(name), *other;
	const char *word;
	size_t length;
	uint32_t key;
	unsigned mods;

	if (!command || command - commands >= COMMANDS_MOST) {
		snprintf(why, size, "there is no command %s", name);
		return -EINVAL;
	}
	for (unsigned n = 0; (word = key_word(keys, n, &length)); n++)
		if (!key_parse(word, length, &key, &mods)) {
			snprintf(why, size, "%.*s is no key", (int)length, word);
			return -EINVAL;
		}
	other = find_clash(command, keys);
	if (other) {
		snprintf(why, size, "line %u gives a key of it to %s already", own[other - commands].line, other->name);
		return -EINVAL;
	}
	free(own[command - commands].keys);
	own[command - commands].keys = strdup(keys);
	own[command - commands].line = line;
	return own[command - commands].keys ? 0 : -ENOMEM;
}

/* The keys of a command without those that the settings gave to another. */
static void drop_given(size_t index)
{
	const char *keys = commands[index].keys, *word;
	char left[128] = "";
	size_t length, used = 0;

	for (unsigned n = 0; (word = key_word(keys, n, &length)); n++) {
		char one[32];

		snprintf(one, sizeof one, "%.*s", (int)length, word);
		if (!find_clash(&commands[index], one) && used + length + 2 < sizeof left)
			used += (size_t)snprintf(left + used, sizeof left - used, "%s%s", used ? " " : "", one);
	}
	if (strcmp(left, keys) != 0)
		own[index].keys = strdup(left);
}

void commands_settle(void)
{
	for (size_t i = 0; i < command_count && i < COMMANDS_MOST; i++)
		if (!own[i].keys)
			drop_given(i);
}

bool command_key(const struct command *command, unsigned n, char out[KEY_TEXT_MAX])
{
	size_t length;
	const char *word = key_word(keys_of(command), n, &length);
	uint32_t key;
	unsigned mods;

	if (!word || !key_parse(word, length, &key, &mods))
		return false;
	key_text(key, mods, out);
	return true;
}

const char *command_why_not(const struct tui *tui, const struct command *command)
{
	return command->why_not ? command->why_not(tui) : NULL;
}

void command_do(struct tui *tui, const struct command *command)
{
	const char *reason = command_why_not(tui, command);
	bool named = command->group == GROUP_PROCESSES && tui->drawn.name[0];

	if (reason)
		tui_say(tui, TONE_FAILED, "cannot %s%s%s: %s", command->name, named ? " " : "",
			named ? tui->drawn.name : "", reason);
	else
		command->run(tui);
}
