# The server but for main(), so that its tests can link it.
noinst_LTLIBRARIES += libmcp.la
libmcp_la_SOURCES = \
	%D%/call.c \
	%D%/call.h \
	%D%/command.c \
	%D%/command.h \
	%D%/complete.c \
	%D%/complete.h \
	%D%/connection.c \
	%D%/connection.h \
	%D%/doorbell.c \
	%D%/doorbell.h \
	%D%/era.c \
	%D%/era.h \
	%D%/guard.c \
	%D%/guard.h \
	%D%/http.c \
	%D%/http.h \
	%D%/job.c \
	%D%/job.h \
	%D%/jsonrpc.c \
	%D%/jsonrpc.h \
	%D%/lines.c \
	%D%/lines.h \
	%D%/pattern.c \
	%D%/pattern.h \
	%D%/piece.c \
	%D%/piece.h \
	%D%/prompts.c \
	%D%/prompts.h \
	%D%/refresh.c \
	%D%/refresh.h \
	%D%/resources.c \
	%D%/resources.h \
	%D%/schema.c \
	%D%/schema.h \
	%D%/server.c \
	%D%/server.h \
	%D%/session.c \
	%D%/session.h \
	%D%/setup.c \
	%D%/setup.h \
	%D%/site.c \
	%D%/site.h \
	%D%/stdio.c \
	%D%/stdio.h \
	%D%/stream.c \
	%D%/stream.h \
	%D%/subscribe.c \
	%D%/subscribe.h \
	%D%/text.c \
	%D%/text.h \
	%D%/tool_errors.c \
	%D%/tool_events.c \
	%D%/tool_instances.c \
	%D%/tool_list.c \
	%D%/tool_logs.c \
	%D%/tool_run.c \
	%D%/tool_search.c \
	%D%/tool_send.c \
	%D%/tool_status.c \
	%D%/tool_stop.c \
	%D%/tool_urls.c \
	%D%/tool_wait.c \
	%D%/tools.c \
	%D%/tools.h \
	%D%/view.c \
	%D%/view.h \
	%D%/waiting.c \
	%D%/waiting.h
MCP_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir) -I$(top_builddir)
MCP_CFLAGS = $(AM_CFLAGS) $(EVENT_CFLAGS) $(MSGPACK_CFLAGS) $(JANSSON_CFLAGS)
MCP_LIBS = libmcp.la libcommon.la libshm.la $(EVENT_LIBS) $(MSGPACK_LIBS) $(JANSSON_LIBS)
libmcp_la_CPPFLAGS = $(MCP_CPPFLAGS)
libmcp_la_CFLAGS = $(MCP_CFLAGS)

bin_PROGRAMS += brummer-mcp
brummer_mcp_SOURCES = %D%/main.c
brummer_mcp_CPPFLAGS = $(MCP_CPPFLAGS)
brummer_mcp_CFLAGS = $(MCP_CFLAGS)
brummer_mcp_LDADD = $(MCP_LIBS)
dist_man_MANS += %D%/brummer-mcp.1
