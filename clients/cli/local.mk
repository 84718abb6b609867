bin_PROGRAMS += brummer-cli
brummer_cli_SOURCES = \
	%D%/cli.h \
	%D%/cmd_control.c \
	%D%/cmd_down.c \
	%D%/cmd_events.c \
	%D%/cmd_help.c \
	%D%/cmd_instances.c \
	%D%/cmd_logs.c \
	%D%/cmd_ls.c \
	%D%/cmd_reload.c \
	%D%/cmd_run.c \
	%D%/cmd_scripts.c \
	%D%/cmd_show.c \
	%D%/cmd_up.c \
	%D%/cmd_urls.c \
	%D%/cmd_wait.c \
	%D%/commands.c \
	%D%/commands.h \
	%D%/control.c \
	%D%/control.h \
	%D%/front.c \
	%D%/front.h \
	%D%/help.h \
	%D%/leave.c \
	%D%/leave.h \
	%D%/list.c \
	%D%/list.h \
	%D%/main.c \
	%D%/merge.c \
	%D%/merge.h \
	%D%/options.c \
	%D%/printer.c \
	%D%/printer.h \
	%D%/reading.c \
	%D%/reading.h \
	%D%/style.c \
	%D%/style.h
brummer_cli_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir) -I$(top_builddir)
brummer_cli_CFLAGS = $(AM_CFLAGS) $(MSGPACK_CFLAGS)
brummer_cli_LDADD = libcommon.la libshm.la $(MSGPACK_LIBS) $(JANSSON_LIBS)
dist_man_MANS += %D%/brummer-cli.1
