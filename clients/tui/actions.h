/* SPDX-License-Identifier: MIT */
#ifndef CLIENTS_TUI_ACTIONS_H
#define CLIENTS_TUI_ACTIONS_H

#include "clients/tui/tui.h"

/*
 * tui/actions.h - what the commands of the table do, and when they cannot
 */

void act_processes(struct tui *tui);
void act_logs_view(struct tui *tui);
void act_next_view(struct tui *tui);
void act_previous_view(struct tui *tui);
void act_down(struct tui *tui);
void act_up(struct tui *tui);
void act_left(struct tui *tui);
void act_right(struct tui *tui);
void act_top(struct tui *tui);
void act_bottom(struct tui *tui);
void act_page_up(struct tui *tui);
void act_page_down(struct tui *tui);
void act_half_up(struct tui *tui);
void act_half_down(struct tui *tui);
void act_back(struct tui *tui);
void act_zoom(struct tui *tui);
void act_details(struct tui *tui);
void act_narrower(struct tui *tui);
void act_wider(struct tui *tui);

void act_open_logs(struct tui *tui);
void act_restart(struct tui *tui);
void act_start(struct tui *tui);
void act_stop(struct tui *tui);
void act_restart_all(struct tui *tui);
void act_run(struct tui *tui);
void act_filter(struct tui *tui);
void act_mark(struct tui *tui);
void act_reload(struct tui *tui);
void act_input(struct tui *tui);
void act_signal(struct tui *tui);
void act_terminal(struct tui *tui);
void act_group(struct tui *tui);
void act_process_errors(struct tui *tui);
void act_mark_all(struct tui *tui);
void act_problems(struct tui *tui);
void act_sort_next(struct tui *tui);
void act_sort_previous(struct tui *tui);
void act_reverse(struct tui *tui);

void act_search(struct tui *tui);
void act_next_match(struct tui *tui);
void act_previous_match(struct tui *tui);
void act_next_error(struct tui *tui);
void act_previous_error(struct tui *tui);
void act_follow(struct tui *tui);
void act_level(struct tui *tui);
void act_wrap(struct tui *tui);
void act_fold(struct tui *tui);
void act_open_line(struct tui *tui);
void act_time(struct tui *tui);
void act_select(struct tui *tui);
void act_previous_process(struct tui *tui);
void act_next_process(struct tui *tui);
void act_all_processes(struct tui *tui);
void act_clear(struct tui *tui);
void act_unclear(struct tui *tui);

void act_errors(struct tui *tui);
void act_error_log(struct tui *tui);
void act_aside(struct tui *tui);
void act_unaside(struct tui *tui);
void act_about(struct tui *tui);
void act_about_row(struct tui *tui);
void act_theme(struct tui *tui);
void act_urls(struct tui *tui);
void act_open_process_url(struct tui *tui);
void act_open_url(struct tui *tui);
void act_events(struct tui *tui);
void act_event_log(struct tui *tui);
void act_event_problems(struct tui *tui);
void act_event_follow(struct tui *tui);
void act_scale_finer(struct tui *tui);
void act_scale_coarser(struct tui *tui);

void act_copy(struct tui *tui);
void act_copy_all(struct tui *tui);
void act_mouse(struct tui *tui);
void act_start_supervisor(struct tui *tui);
void act_help(struct tui *tui);
void act_palette(struct tui *tui);
void act_redraw(struct tui *tui);
void act_suspend(struct tui *tui);
void act_quit(struct tui *tui);
void act_stop_and_quit(struct tui *tui);
void act_interrupt(struct tui *tui);

const char *why_no_supervisor(const struct tui *tui);
const char *why_not_start(const struct tui *tui);
const char *why_not_stop(const struct tui *tui);
const char *why_not_restart(const struct tui *tui);
const char *why_not_input(const struct tui *tui);
const char *why_not_terminal(const struct tui *tui);
const char *why_not_signal(const struct tui *tui);
const char *why_no_process(const struct tui *tui);
const char *why_not_open(const struct tui *tui);
const char *why_supervisor(const struct tui *tui);
const char *why_no_filter(const struct tui *tui);
const char *why_no_search(const struct tui *tui);

/* The process a command means, as it was drawn; NULL: there is none. */
const struct process *target_process(const struct tui *tui);
/* Show a process's log, paused at the first line not before a time. */
void show_log_at(struct tui *tui, const char *name, uint64_t time_us);
/* The same, at a line of it. */
void show_log_line(struct tui *tui, const char *name, uint64_t seq);
/* The pane whose lines are meant. */
struct logpane *current_pane(struct tui *tui);
/* The names of the marked, in their order on the screen; NULL-terminated, the caller's to free. */
const char **marked_names(struct tui *tui);
/* Processes that are alive. */
unsigned alive_count(const struct tui *tui);

#endif
