# Two programs that are one to the user: brummer-cli reads (read.c), and leaves what it does not know to brummer-command.
# The small one is linked without any library where configure finds how; see MUSL_CC there.
CLI_BOTH = \
	%D%/cli.h \
	%D%/cmd_errors.c \
	%D%/cmd_events.c \
	%D%/cmd_instances.c \
	%D%/cmd_logs.c \
	%D%/cmd_ls.c \
	%D%/cmd_metrics.c \
	%D%/cmd_ports.c \
	%D%/cmd_show.c \
	%D%/cmd_urls.c \
	%D%/cmd_wait.c \
	%D%/commands.h \
	%D%/list.c \
	%D%/list.h \
	%D%/main.c \
	%D%/mapped.c \
	%D%/mapped.h \
	%D%/merge.c \
	%D%/merge.h \
	%D%/options.c \
	%D%/printer.c \
	%D%/printer.h \
	%D%/reading.c \
	%D%/reading.h \
	%D%/sieve.c \
	%D%/sieve.h \
	%D%/style.c \
	%D%/style.h

bin_PROGRAMS += brummer-cli
brummer_cli_SOURCES = $(CLI_BOTH) %D%/read.c
brummer_cli_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir) -I$(top_builddir) -DPKGLIBEXECDIR='"$(pkglibexecdir)"'
brummer_cli_CFLAGS = $(AM_CFLAGS)
if SMALL_STATIC
# All sources again: no object of another C library fits.
brummer_cli_SOURCES += %D%/heap.c $(libread_la_SOURCES) $(libshm_la_SOURCES)
$(brummer_cli_OBJECTS): CC = $(SMALL_CC)
# Each segment is one mapping more, and each of its first pages a fault: two segments in place of four.
# No warnings once more: those of all files as one (-flto) are guesses that differ from compiler to compiler.
brummer_cli_LINK = $(SMALL_CC) $(brummer_cli_CFLAGS) $(CFLAGS) $(AM_LDFLAGS) $(LDFLAGS) -static -Wl,--gc-sections \
	-Wl,-z,noseparate-code -Wl,-z,norelro -w -o $@
brummer_cli_CFLAGS += -ffunction-sections -fdata-sections $(SMALL_CFLAGS) $(SMALL_LTO)
# No compiler may take the memory's functions for those it knows.
%D%/brummer_cli-heap.$(OBJEXT): SMALL_LTO =
else
brummer_cli_LDADD = libread.la libshm.la
brummer_cli_LINK = $(LIBTOOL) $(AM_V_lt) --tag=CC $(AM_LIBTOOLFLAGS) $(LIBTOOLFLAGS) --mode=link $(CCLD) \
	$(brummer_cli_CFLAGS) $(CFLAGS) $(AM_LDFLAGS) $(LDFLAGS) -o $@
endif

pkglibexec_PROGRAMS += brummer-command
brummer_command_SOURCES = $(CLI_BOTH) \
	%D%/cmd_attach.c \
	%D%/cmd_completion.c \
	%D%/cmd_config.c \
	%D%/cmd_control.c \
	%D%/cmd_doctor.c \
	%D%/cmd_down.c \
	%D%/cmd_help.c \
	%D%/cmd_reload.c \
	%D%/cmd_run.c \
	%D%/cmd_scripts.c \
	%D%/cmd_send.c \
	%D%/cmd_up.c \
	%D%/commands.c \
	%D%/control.c \
	%D%/control.h \
	%D%/daemon.c \
	%D%/daemon.h \
	%D%/doctor.h \
	%D%/doctor_system.c \
	%D%/front.c \
	%D%/front.h \
	%D%/leave.c \
	%D%/leave.h \
	%D%/progress.c \
	%D%/progress.h \
	%D%/terminal.c \
	%D%/terminal.h
brummer_command_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir) -I$(top_builddir)
brummer_command_CFLAGS = $(AM_CFLAGS) $(MSGPACK_CFLAGS)
brummer_command_LDADD = libcommon.la libshm.la $(MSGPACK_LIBS) $(JANSSON_LIBS) $(PCRE2_LIBS)
dist_man_MANS += %D%/brummer-cli.1

# The completions' texts as C. An object needs it before the dependencies are known.
BUILT_SOURCES += %D%/completion.inc
CLEANFILES += %D%/completion.inc
COMPLETION = $(srcdir)/contrib/completion
%D%/completion.inc: $(COMPLETION)/brummer-cli.bash $(COMPLETION)/brummer-cli.fish $(COMPLETION)/brummer-cli.zsh
	@$(MKDIR_P) %D%
	$(AM_V_GEN)for shell in bash fish zsh; do \
		echo "static const char completion_$$shell[] ="; \
		$(SED) -e 's/[\\"]/\\&/g' -e 's/^/"/' -e 's/$$/\\n"/' $(COMPLETION)/brummer-cli.$$shell; \
		echo ";"; \
	done >$@.new && mv $@.new $@
%D%/brummer_command-cmd_completion.$(OBJEXT): %D%/completion.inc
