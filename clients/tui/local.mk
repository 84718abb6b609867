# The viewer but for main(), so that its tests can link it.
noinst_LTLIBRARIES += libtui.la
libtui_la_SOURCES = \
	%D%/act_logs.c \
	%D%/act_processes.c \
	%D%/actions.c \
	%D%/actions.h \
	%D%/ansi.c \
	%D%/ansi.h \
	%D%/banner.c \
	%D%/bars.c \
	%D%/bars_header.c \
	%D%/bars_hints.c \
	%D%/cells.c \
	%D%/cells.h \
	%D%/commands.c \
	%D%/commands.h \
	%D%/compose.c \
	%D%/control.c \
	%D%/details.c \
	%D%/dispatch.c \
	%D%/error_detail.c \
	%D%/errors.c \
	%D%/errors.h \
	%D%/feed.c \
	%D%/feed.h \
	%D%/field.c \
	%D%/field.h \
	%D%/finder.c \
	%D%/finder.h \
	%D%/first_run.c \
	%D%/found.c \
	%D%/found.h \
	%D%/happenings.c \
	%D%/happenings.h \
	%D%/input.c \
	%D%/input.h \
	%D%/jobs.c \
	%D%/jobs.h \
	%D%/layout.c \
	%D%/layout.h \
	%D%/list.c \
	%D%/list.h \
	%D%/logcount.c \
	%D%/logcount.h \
	%D%/logdraw.c \
	%D%/logevents.c \
	%D%/logfill.c \
	%D%/logfill.h \
	%D%/logfold.c \
	%D%/logpane.c \
	%D%/logpane.h \
	%D%/logset.c \
	%D%/logset.h \
	%D%/loop.c \
	%D%/move.h \
	%D%/outside.c \
	%D%/overlay.c \
	%D%/overlay.h \
	%D%/overlay_help.c \
	%D%/overlay_line.c \
	%D%/overlay_palette.c \
	%D%/overlay_search.c \
	%D%/overlay_send.c \
	%D%/overlay_terminal.c \
	%D%/overlay_scripts.c \
	%D%/plain.c \
	%D%/proc.c \
	%D%/proc.h \
	%D%/process_list.c \
	%D%/rows.c \
	%D%/rows.h \
	%D%/screen.c \
	%D%/screen.h \
	%D%/session.c \
	%D%/session.h \
	%D%/settings.c \
	%D%/settings.h \
	%D%/status.c \
	%D%/status.h \
	%D%/tty.c \
	%D%/tty.h \
	%D%/text.c \
	%D%/text.h \
	%D%/term.c \
	%D%/term.h \
	%D%/theme.c \
	%D%/theme.h \
	%D%/ticker.c \
	%D%/ticker.h \
	%D%/timeline.c \
	%D%/timeline.h \
	%D%/tui.h \
	%D%/view_about.c \
	%D%/view_errors.c \
	%D%/view_events.c \
	%D%/view_logs.c \
	%D%/view_processes.c \
	%D%/view_urls.c \
	%D%/views.c
TUI_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir) -I$(top_builddir)
TUI_CFLAGS = $(AM_CFLAGS) $(NCURSESW_CFLAGS) $(MSGPACK_CFLAGS) $(VTERM_CFLAGS)
TUI_LIBS = libtui.la libcommon.la libshm.la $(NCURSESW_LIBS) $(VTERM_LIBS) $(MSGPACK_LIBS) $(JANSSON_LIBS)
libtui_la_CPPFLAGS = $(TUI_CPPFLAGS)
libtui_la_CFLAGS = $(TUI_CFLAGS)

bin_PROGRAMS += brummer-tui
brummer_tui_SOURCES = %D%/main.c
brummer_tui_CPPFLAGS = $(TUI_CPPFLAGS)
brummer_tui_CFLAGS = $(TUI_CFLAGS)
brummer_tui_LDADD = $(TUI_LIBS)
dist_man_MANS += %D%/brummer-tui.1
