/* SPDX-License-Identifier: MIT */
#include "tests/check_main.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clients/tui/actions.h"
#include "clients/tui/commands.h"
#include "clients/tui/found.h"
#include "tests/tui_help.h"

static struct tui_help help;

static void setup(void)
{
	help_tui_shop(&help, 32, 120);
}

static void teardown(void)
{
	help_tui_end(&help);
}

static const char *bar_name(void)
{
	return help.tui.list.name;
}

static bool on_db(void)
{
	return strcmp(bar_name(), "db") == 0;
}

static bool on_web(void)
{
	return strcmp(bar_name(), "web") == 0;
}

static bool on_lint(void)
{
	return strcmp(bar_name(), "lint") == 0;
}

static bool in_processes(void)
{
	return help.tui.view == &view_processes;
}

static bool in_logs(void)
{
	return help.tui.view == &view_logs;
}

static bool in_log_pane(void)
{
	return help.tui.panes.on_log;
}

static bool in_list_pane(void)
{
	return !help.tui.panes.on_log;
}

static bool is_zoomed(void)
{
	return help.tui.panes.zoom && help.tui.split.log.rows == 0;
}

static bool has_moved_divider(void)
{
	return help.tui.panes.moved[1] != 0;
}

static bool has_no_details(void)
{
	return help.tui.split.details.rows == 0;
}

static bool shows_web_log(void)
{
	return in_logs() && help.tui.logs.set.count == 1 && strcmp(help.tui.logs.set.sources[0].name, "web") == 0;
}

static bool shows_all_logs(void)
{
	return in_logs() && help.tui.logs.set.count == 3;
}

static bool says(const char *text)
{
	return strstr(help.tui.message.text, text) != NULL;
}

static bool asks_stop(void)
{
	return help.tui.asked && says("Stop 2 processes and leave?");
}

static bool asks_restart_all(void)
{
	return help.tui.asked && says("Restart all 2 processes?");
}

static bool asks_marked(void)
{
	return help.tui.asked && says("Stop 3 marked processes?");
}

static bool has_two_marks(void)
{
	return list_marked(&help.tui.list) == 2;
}

static bool has_all_marks(void)
{
	return list_marked(&help.tui.list) == 3;
}

static bool has_scripts(void)
{
	return help.tui.overlay == &overlay_scripts;
}

static bool has_filter(void)
{
	return help.tui.overlay == &overlay_filter && help.tui.list.count == 1 && on_lint();
}

static bool has_search(void)
{
	return help.tui.overlay == &overlay_search && strcmp(help.tui.logs.match.text, "thr") == 0;
}

static bool has_help(void)
{
	return help.tui.overlay == &overlay_help;
}

static bool lint_is_first(void)
{
	return strcmp(help.tui.list.rows[0]->identity.name, "lint") == 0;
}

static bool is_by_name(void)
{
	return help.tui.list.sort == SORT_NAME;
}

static bool is_by_restarts(void)
{
	return help.tui.list.sort == SORT_RESTARTS;
}

static bool is_paused(void)
{
	return help.tui.logs.paused;
}

static bool is_following(void)
{
	return !help.tui.logs.paused && !help.tui.side.paused;
}

static bool shows_errors_only(void)
{
	return help.tui.logs.level == BRM_LEVEL_ERROR && help.tui.logs.shown_count == 1;
}

static bool is_unwrapped(void)
{
	return help.tui.logs.no_wrap;
}

static bool shows_no_time(void)
{
	return help.tui.logs.time == LOGTIME_OFF && help_tui_find(&help, "03:04:0") < 0;
}

static bool is_selecting(void)
{
	return help.tui.logs.selecting && help_tui_find(&help, "selecting lines") >= 0;
}

static bool is_cleared(void)
{
	return help.tui.logs.shown_count == 0;
}

static bool is_not_cleared(void)
{
	return help.tui.logs.shown_count > 0;
}

static bool on_error_line(void)
{
	struct brm_log_line line;
	struct logplace place;

	return is_paused() && logpane_current(&help.tui.logs, &place, &line) && line.level == BRM_LEVEL_ERROR;
}

static bool on_top(void)
{
	return is_paused() && help.tui.logs.bar_row == 0;
}

static bool sent_clipboard(void)
{
	return says("to the terminal's clipboard") && help.tui.tty.out_length > 0;
}

static bool sent_event(void)
{
	return sent_clipboard() && says("the event");
}

static bool has_typed_w(void)
{
	return help.tui.overlay == &overlay_filter && strcmp(help.tui.field.text, "w") == 0;
}

static bool has_mouse(void)
{
	return help.tui.tty.mouse && says("the mouse is used here");
}

static bool is_leaving(void)
{
	return help.tui.leaving;
}

static bool tells_how_to_leave(void)
{
	return !help.tui.leaving && says("q leaves (all keep running), Q stops all");
}

static bool has_asked_stop(void)
{
	return help.tui.commands_running == 1 && help_tui_find(&help, "→stopping") >= 0;
}

static bool has_asked_start(void)
{
	return help.tui.commands_running == 1 && help_tui_find(&help, "→starting") >= 0;
}

static bool cannot_stop(void)
{
	return says("cannot stop lint: it is not running") && help.tui.commands_running == 0;
}

static bool cannot_start(void)
{
	return says("cannot start web: it is running") && help.tui.commands_running == 0;
}

static bool has_supervisor(void)
{
	return says("cannot start supervisor: a supervisor runs here");
}

static bool in_urls(void)
{
	return help.tui.view == &view_urls && help_tui_find(&help, "http://localhost:3000") >= 0;
}

static bool in_events(void)
{
	return help.tui.view == &view_events && help_tui_find(&help, "what happened") >= 0;
}

static bool opens_url(void)
{
	return says("opening http://localhost:3000");
}

static bool lists_urls_again(void)
{
	return in_urls() && help.tui.urls.list.count > 0;
}

static bool lists_processes_again(void)
{
	return in_processes() && help.tui.list.count == help.tui.list.total;
}

static bool lists_one_url(void)
{
	return help.tui.overlay == &overlay_filter && help.tui.urls.list.count == 1;
}

static bool on_event(void)
{
	return help.tui.events.paused && strcmp(help.tui.drawn.name, "lint") == 0;
}

static bool shows_trouble_only(void)
{
	return help.tui.events.problems && help.tui.events.row_count == 1 && help_tui_find(&help, "trouble only") >= 0;
}

static bool is_finer(void)
{
	return help_tui_find(&help, "a column is 1 s") >= 0;
}

static bool is_coarser(void)
{
	return help_tui_find(&help, "a column is 15 s") >= 0;
}

static bool follows_events(void)
{
	return in_events() && !help.tui.events.paused;
}

static bool has_palette(void)
{
	return help.tui.overlay == &overlay_palette && help_tui_find(&help, "── commands ") >= 0;
}

static bool offers_web_first(void)
{
	return help_tui_find(&help, "▌restart web") >= 0 && help_tui_find(&help, "restart all") >= 0 &&
	       help_tui_find(&help, "search logs for \"re\"") >= 0;
}

static bool completes(void)
{
	return strcmp(help.tui.field.text, "restart web") == 0;
}

static bool sends_one(void)
{
	return help.tui.commands_running == 1 && !help.tui.overlay;
}

static bool searches(void)
{
	return in_logs() && strcmp(help.tui.logs.match.text, "thre") == 0 && is_paused();
}

static bool filters(void)
{
	return in_processes() && help.tui.list.count == 1 && on_web();
}

static bool offers_glob(void)
{
	return help_tui_find(&help, "▌stop [dw]*") >= 0 && help_tui_find(&help, "2 match") >= 0;
}

static bool shows_each_line(void)
{
	return help.tui.logs.no_fold && help_tui_find(&help, "fold off") >= 0;
}

static bool shows_whole_line(void)
{
	return help.tui.overlay == &overlay_line && help_tui_find(&help, "one line of") >= 0;
}

static bool takes_a_line(void)
{
	return help.tui.overlay == &overlay_input && help_tui_find(&help, "line for web:") >= 0;
}

static bool lists_signals(void)
{
	return help.tui.overlay == &overlay_signals && help_tui_find(&help, "signal for web#1") >= 0 &&
	       help_tui_find(&help, "▌HUP") < help_tui_find(&help, "KILL");
}

static bool shows_only_thr(void)
{
	return in_logs() && help.tui.logs.shown_count == 1 && help_tui_find(&help, "three") >= 0 &&
	       help_tui_find(&help, "show thr") >= 0;
}

static bool hides_lines(void)
{
	return in_logs() && help_tui_find(&help, "three") >= 0 && help_tui_find(&help, "line 100") < 0;
}

static bool needs_a_number(void)
{
	return says("write a name and a number") && help.tui.commands_running == 0;
}

static bool in_errors(void)
{
	return help.tui.view == &view_errors && help_tui_find(&help, "▌✗ error") >= 0 &&
	       help_tui_find(&help, "around it") >= 0;
}

static bool has_no_errors(void)
{
	return help.tui.view == &view_errors && help_tui_find(&help, "✗ error") < 0;
}

static bool tells_no_search(void)
{
	return says("no search: ^F searches, + runs");
}

static bool has_asked_start_unseen(void)
{
	return help.tui.commands_running == 1;
}

static bool in_about(void)
{
	return help.tui.view == &view_about && help_tui_find(&help, "supervisor") >= 0;
}

static bool tells_nothing_to_do(void)
{
	return says("nothing is done with this");
}

static bool has_next_theme(void)
{
	return help.tui.theme == THEME_DARK && says("theme dark");
}

static bool lists_settings(void)
{
	return help_tui_find(&help, "brummer/tui.conf") >= 0 && help_tui_find(&help, "supervisor") < 0;
}

static bool is_grouped(void)
{
	return help_tui_find(&help, "▾ running  2") >= 0 && help_tui_find(&help, "▾ failed  1") >= 0 &&
	       help_tui_find(&help, "▌● db") >= 0;
}

static bool is_closed(void)
{
	return help_tui_find(&help, "▌▸ running  2") >= 0 && help_tui_find(&help, "● db") < 0 &&
	       help_tui_find(&help, "● web") < 0 && help_tui_find(&help, "lint") >= 0;
}

static bool cannot_stop_group(void)
{
	return says("there is no process") && help.tui.commands_running == 0;
}

static bool has_no_terminal(void)
{
	return says("cannot attach to web: it has no terminal");
}

static bool tells_where(void)
{
	return says("w is for Logs: wrap long lines");
}

static const struct {
	const char *keys;
	bool (*then)(void);
} effects[] = {
	{"2", in_logs},
	{"2 1", in_processes},
	{"Tab", in_logs},
	{"Tab Tab Tab Tab Tab Tab", in_processes},
	{"S-Tab", in_about},
	{"3", in_errors},
	{"3 Enter", on_error_line},
	{"3 x", has_no_errors},
	{"3 x X", in_errors},
	{"3 C-f t w o", in_errors},
	{"3 C-f f o u r", has_no_errors},
	{"3 C-f t w o Enter n N", in_errors},
	{"3 n", tells_no_search},
	{"3 c", sent_clipboard},
	{"3 C", sent_clipboard},
	{"3 r", has_asked_start_unseen},
	{"j e", in_errors},
	{"6", in_about},
	{"6 j Enter", tells_nothing_to_do},
	{"6 t", has_next_theme},
	{"6 c", sent_clipboard},
	{"6 C-f s e t t i n g s", lists_settings},
	{"5 C-f l i n t Enter k n", on_event},
	{"5 n", tells_no_search},
	{"w", tells_where},
	{"4", in_urls},
	{"j o", opens_url},
	{"4 o", opens_url},
	{"4 Enter", opens_url},
	{"4 c", sent_clipboard},
	{"4 C-f 3 0", lists_one_url},
	{"4 C-f x Esc", in_urls},
	{"4 C-f x Enter Esc", lists_urls_again},
	{"C-f l i Enter Esc", lists_processes_again},
	{"5", in_events},
	{"5 k", on_event},
	{"5 k c", sent_event},
	{"5 k f", follows_events},
	{"5 k G", follows_events},
	{"5 g k Enter", in_logs},
	{"5 p", shows_trouble_only},
	{"5 p Esc", follows_events},
	{"5 < < <", is_finer},
	{"5 < < < > >", is_coarser},
	{"j", on_web},
	{"Down Down", on_lint},
	{"j j j k", on_web},
	{"Down Up", on_db},
	{"G", on_lint},
	{"End g", on_db},
	{"End Home", on_db},
	{"PgDn", on_lint},
	{"PgDn PgUp", on_db},
	{"C-d", on_lint},
	{"C-d C-u", on_db},
	{"Right", in_log_pane},
	{"l Left", in_list_pane},
	{"l h", in_list_pane},
	{"l k f", is_following},
	{"z", is_zoomed},
	{"z Esc Right", in_log_pane},
	{"{", has_moved_divider},
	{"}", has_moved_divider},
	{"d", has_no_details},
	{"j Enter", shows_web_log},
	{"j Enter Esc", in_processes},
	{"j Enter M-2", in_logs}, /* Esc and a key in one piece */
	{"j Enter M-j", in_processes},
	{"C-f w M-b", has_typed_w},
	{"2 *", shows_all_logs},
	{"2 ] ]", shows_web_log},
	{"2 [ [", shows_web_log},
	{"j s", has_asked_stop},
	{"j r", has_asked_start},
	{"G r", has_asked_start},
	{"G S", has_asked_start},
	{"G s", cannot_stop},
	{"j S", cannot_start},
	{"C-r", asks_restart_all},
	{"n", has_scripts},
	{"+", has_scripts},
	{"2 +", has_scripts},
	{"C-f l i", has_filter},
	{"Space Space", has_two_marks},
	{"Space Space Enter", in_logs},
	{"*", has_all_marks},
	{"* s", asks_marked},
	{"p", lint_is_first},
	{"b", is_grouped},
	{"b Left", is_closed},
	{"b Left s", cannot_stop_group},
	{"b Left Right", is_grouped},
	{"b b b b", on_db},
	{"j a", has_no_terminal},
	{"-", lint_is_first},
	{">", is_by_name},
	{"<", is_by_restarts},
	{"2 C-f t h r", has_search},
	{"2 C-f t h r Enter", is_paused},
	{"2 C-f t h r Enter N n", is_paused},
	{"2 E", on_error_line},
	{"2 g e", on_error_line},
	{"2 p p", shows_errors_only},
	{"2 w", is_unwrapped},
	{"2 =", shows_each_line},
	{"2 g Enter", shows_whole_line},
	{"j i", takes_a_line},
	{"j !", lists_signals},
	{"j ! j j Enter", sends_one},
	{"/ s h o w Space t h r Enter", shows_only_thr},
	{"/ h i d e Space l i n e Enter", hides_lines},
	{"/ h i d e Space l i n e Enter Esc", shows_all_logs},
	{"/ s c a l e Space w Space 3 Enter", sends_one},
	{"/ s c a l e Space w Enter", needs_a_number},
	{"/ r e l o a d Enter", sends_one},
	{"2 t t t", shows_no_time},
	{"2 v k", is_selecting},
	{"2 x", is_cleared},
	{"2 x X", is_not_cleared},
	{"2 g", on_top},
	{"2 k k f", is_following},
	{"2 k G", is_following},
	{"2 PgUp Space Space", is_following},
	{"c", sent_clipboard},
	{"y", sent_clipboard},
	{"C", sent_clipboard},
	{"2 c", sent_clipboard},
	{"M", has_mouse},
	{"u", has_supervisor},
	{"/", has_palette},
	{"2 :", has_palette},
	{"/ Esc", in_processes},
	{"j / r e", offers_web_first},
	{"j / r e Tab", completes},
	{"/ r e s t a r t Space w Enter", sends_one},
	{"/ s t o p Space [ d w ] *", offers_glob},
	{"/ s t o p Space [ d w ] * Enter", sends_one},
	{"/ s t a r t Space l i n t Enter", sends_one},
	{"/ l o g s Space w e Enter", shows_web_log},
	{"/ z o o m Enter", is_zoomed},
	{"/ r e s t a r t Space a l l Enter", asks_restart_all},
	{"/ / t h r e Enter", searches},
	{"/ t h r e Enter", searches},
	{"/ w e b Down Enter", filters},
	{"?", has_help},
	{"F1", has_help},
	{"? Esc", in_processes},
	{"q", is_leaving},
	{"Q", asks_stop},
	{"C-c", tells_how_to_leave},
	{"C-c C-c", is_leaving},
};

START_TEST(test_each_key_does_what_it_says)
{
	unsetenv("TMUX");
	help.tui.tty.asks = true; /* so that the clipboard goes by the terminal */
	help_tui_keys(&help, effects[_i].keys);
	ck_assert_msg(effects[_i].then(), "after %s: %s", effects[_i].keys, help.tui.message.text);
	if (!in_list_pane() || in_logs())
		ck_assert_ptr_nonnull(strstr(help_tui_row(&help, 0), "shop"));
}
END_TEST

/* A key without an effect above would go untested. Redraw and suspend need a terminal: the end-to-end test has them. */
START_TEST(test_every_key_has_its_effect_tested)
{
	for (size_t c = 0; c < command_count; c++) {
		bool tested = !commands[c].keys[0] || commands[c].run == act_redraw || commands[c].run == act_suspend;

		for (size_t e = 0; !tested && e < sizeof effects / sizeof *effects; e++) {
			const char *keys = commands[c].keys;
			size_t length = strcspn(keys, " ");

			for (const char *at = effects[e].keys; *at;) {
				size_t n = strcspn(at, " ");

				tested = tested || (n == length && strncmp(at, keys, n) == 0);
				at += n;
				at += *at == ' ';
			}
		}
		ck_assert_msg(tested, "%s (%s)", commands[c].name, commands[c].keys);
	}
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("tui_keys");
	TCase *tcase = tcase_create("keys");

	tcase_set_timeout(tcase, 60);
	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_loop_test(tcase, test_each_key_does_what_it_says, 0, (int)(sizeof effects / sizeof *effects));
	tcase_add_test(tcase, test_every_key_has_its_effect_tested);
	suite_add_tcase(suite, tcase);
	return suite;
}
