# brummer-mcp: its core inside a test, its transport over descriptors, and the whole program as its clients meet it.
MCP_TEST_CPPFLAGS = $(TEST_CPPFLAGS) -I$(top_builddir)
MCP_TEST_CFLAGS = $(TEST_CFLAGS) $(EVENT_CFLAGS) $(MSGPACK_CFLAGS) $(JANSSON_CFLAGS)
MCP_TEST_LIBS = libmcphelp.la libmcp.la libcommon.la $(TEST_LIBS) $(EVENT_LIBS) $(MSGPACK_LIBS) $(JANSSON_LIBS)
MCP_TEST_CLOCK = -Wl,--wrap=now_read # by the one of mcp_help.c

check_LTLIBRARIES += libmcphelp.la
libmcphelp_la_SOURCES = %D%/mcp_help.c %D%/mcp_help.h
libmcphelp_la_CPPFLAGS = $(MCP_TEST_CPPFLAGS)
libmcphelp_la_CFLAGS = $(MCP_TEST_CFLAGS)

MCP_TESTS = test_jsonrpc test_era test_schema test_pattern test_piece test_call test_tools test_subscribe test_stdio test_http
check_PROGRAMS += $(MCP_TESTS)
TESTS += $(MCP_TESTS)

test_jsonrpc_SOURCES = %D%/test_jsonrpc.c
test_jsonrpc_CPPFLAGS = $(MCP_TEST_CPPFLAGS)
test_jsonrpc_CFLAGS = $(MCP_TEST_CFLAGS)
test_jsonrpc_LDADD = $(MCP_TEST_LIBS)
test_era_SOURCES = %D%/test_era.c
test_era_CPPFLAGS = $(MCP_TEST_CPPFLAGS)
test_era_CFLAGS = $(MCP_TEST_CFLAGS)
test_era_LDADD = $(MCP_TEST_LIBS)
test_era_LDFLAGS = $(AM_LDFLAGS) $(MCP_TEST_CLOCK)
test_schema_SOURCES = %D%/test_schema.c
test_schema_CPPFLAGS = $(MCP_TEST_CPPFLAGS)
test_schema_CFLAGS = $(MCP_TEST_CFLAGS)
test_schema_LDADD = $(MCP_TEST_LIBS)
test_pattern_SOURCES = %D%/test_pattern.c
test_pattern_CPPFLAGS = $(MCP_TEST_CPPFLAGS)
test_pattern_CFLAGS = $(MCP_TEST_CFLAGS)
test_pattern_LDADD = $(MCP_TEST_LIBS)
test_piece_SOURCES = %D%/test_piece.c
test_piece_CPPFLAGS = $(MCP_TEST_CPPFLAGS)
test_piece_CFLAGS = $(MCP_TEST_CFLAGS)
test_piece_LDADD = $(MCP_TEST_LIBS)
test_call_SOURCES = %D%/test_call.c
test_call_CPPFLAGS = $(MCP_TEST_CPPFLAGS)
test_call_CFLAGS = $(MCP_TEST_CFLAGS)
test_call_LDADD = $(MCP_TEST_LIBS)
test_call_LDFLAGS = $(AM_LDFLAGS) $(MCP_TEST_CLOCK)
test_tools_SOURCES = %D%/test_tools.c
test_tools_CPPFLAGS = $(MCP_TEST_CPPFLAGS)
test_tools_CFLAGS = $(MCP_TEST_CFLAGS)
test_tools_LDADD = $(MCP_TEST_LIBS)
test_tools_LDFLAGS = $(AM_LDFLAGS) $(MCP_TEST_CLOCK)
test_subscribe_SOURCES = %D%/test_subscribe.c
test_subscribe_CPPFLAGS = $(MCP_TEST_CPPFLAGS)
test_subscribe_CFLAGS = $(MCP_TEST_CFLAGS)
test_subscribe_LDADD = $(MCP_TEST_LIBS)
test_subscribe_LDFLAGS = $(AM_LDFLAGS) $(MCP_TEST_CLOCK)
test_http_SOURCES = %D%/test_http.c
test_http_CPPFLAGS = $(MCP_TEST_CPPFLAGS)
test_http_CFLAGS = $(MCP_TEST_CFLAGS)
test_http_LDADD = $(MCP_TEST_LIBS)
test_http_LDFLAGS = $(AM_LDFLAGS) $(MCP_TEST_CLOCK)
test_stdio_SOURCES = %D%/test_stdio.c
test_stdio_CPPFLAGS = $(MCP_TEST_CPPFLAGS)
test_stdio_CFLAGS = $(MCP_TEST_CFLAGS)
test_stdio_LDADD = $(MCP_TEST_LIBS)
test_stdio_LDFLAGS = $(AM_LDFLAGS) $(MCP_TEST_CLOCK)

# What the conformance suite wants to be there, on the same core.
EXTRA_PROGRAMS += mcp-fixture
mcp_fixture_SOURCES = %D%/mcp/fixture.c
mcp_fixture_CPPFLAGS = $(MCP_CPPFLAGS)
mcp_fixture_CFLAGS = $(MCP_CFLAGS)
mcp_fixture_LDADD = $(MCP_LIBS)

EXTRA_DIST += \
	%D%/data/mcp.completion.golden \
	%D%/data/mcp.discover.golden \
	%D%/data/mcp.e2e_scripts_list.golden \
	%D%/data/mcp.e2e_scripts_restart.golden \
	%D%/data/mcp.e2e_scripts_run.golden \
	%D%/data/mcp.e2e_scripts_run_failed.golden \
	%D%/data/mcp.e2e_scripts_send.golden \
	%D%/data/mcp.e2e_scripts_stop.golden \
	%D%/data/mcp.errors_list.golden \
	%D%/data/mcp.events_list.golden \
	%D%/data/mcp.listen.golden \
	%D%/data/mcp.logs_search.golden \
	%D%/data/mcp.logs_search_count.golden \
	%D%/data/mcp.logs_search_regex.golden \
	%D%/data/mcp.logs_stream.golden \
	%D%/data/mcp.logs_stream_level.golden \
	%D%/data/mcp.logs_stream_one.golden \
	%D%/data/mcp.prompts_list.golden \
	%D%/data/mcp.resource_logs.golden \
	%D%/data/mcp.resource_status.golden \
	%D%/data/mcp.resources_list.golden \
	%D%/data/mcp.scripts_status.golden \
	%D%/data/mcp.scripts_status_failed.golden \
	%D%/data/mcp.scripts_status_one.golden \
	%D%/data/mcp.scripts_wait.golden \
	%D%/data/mcp.tools_list.golden \
	%D%/data/mcp.urls_list.golden \
	%D%/mcp/check.sh \
	%D%/mcp/package.json \
	%D%/mcp/sdk.mjs

# What others wrote, from npm. Not a part of `make check`: it needs the network once.
check-mcp: brummer-mcp brummer-cli brummerd mcp-fixture
	@top_builddir='$(abs_top_builddir)' $(SHELL) $(srcdir)/%D%/mcp/check.sh
