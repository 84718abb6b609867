# The benchmarks. `make check` compiles them; `make bench BENCHFLAGS=--quick` runs them. What make prints while it
# compiles goes to standard error, so that `make -s bench BENCHFLAGS=--json` prints one line.
check_PROGRAMS += %D%/brummer-bench
bench_brummer_bench_SOURCES = \
	%D%/bench.c %D%/bench.h \
	%D%/bench_cli.c \
	%D%/bench_discover.c \
	%D%/bench_latency.c \
	%D%/bench_life.c \
	%D%/bench_list.c \
	%D%/bench_logs.c \
	%D%/bench_mcp.c \
	%D%/bench_lookup.c \
	%D%/bench_publish.c \
	%D%/bench_recover.c \
	%D%/bench_state.c \
	%D%/bench_status.c \
	%D%/bench_tui.c \
	%D%/cell.c %D%/cell.h \
	%D%/guard.c \
	%D%/mcp_beside.c %D%/mcp_beside.h \
	%D%/mcp_reference.c %D%/mcp_reference.h \
	%D%/measure.c \
	%D%/messages.c %D%/messages.h \
	%D%/names.c %D%/names.h \
	%D%/rawclient.c %D%/rawclient.h \
	%D%/world.c %D%/world.h \
	supervisord/detect/detect.c supervisord/detect/fingerprint.c supervisord/detect/hints.c \
	supervisord/detect/patterns.c supervisord/detect/patterns_parse.c supervisord/detect/prefix.c \
	supervisord/detect/urls.c
bench_brummer_bench_CPPFLAGS = $(MCP_CPPFLAGS) -I$(top_srcdir)/supervisord \
	-DLOG_PATTERNS='"$(abs_top_srcdir)/supervisord/brummer-log-patterns"'
bench_brummer_bench_CFLAGS = $(MCP_CFLAGS) $(PCRE2_CFLAGS)
bench_brummer_bench_LDADD = $(MCP_LIBS) $(PCRE2_LIBS) -lm

.PHONY: bench
bench:
	@$(MAKE) $(AM_MAKEFLAGS) %D%/brummer-bench$(EXEEXT) brummer-cli$(EXEEXT) brummer-command$(EXEEXT) brummer-mcp$(EXEEXT) brummer-tui$(EXEEXT) brummerd$(EXEEXT) >&2
	@./%D%/brummer-bench$(EXEEXT) $(BENCHFLAGS)

# Beside other supervisors: `make bench-peers PEERSFLAGS=--quick`; needs Python 3, installs nothing.
check_PROGRAMS += %D%/peers/peer_child
bench_peers_peer_child_SOURCES = %D%/peers/peer_child.c
bench_peers_peer_child_CFLAGS = $(AM_CFLAGS)
dist_noinst_SCRIPTS += %D%/peers/peers.py

.PHONY: bench-peers
bench-peers:
	@$(MAKE) $(AM_MAKEFLAGS) all %D%/peers/peer_child$(EXEEXT) >&2
	@$(srcdir)/%D%/peers/peers.py --build . $(PEERSFLAGS)
