# A target is fuzz_NAME.c with LLVMFuzzerTestOneInput(), a corpus in corpus/NAME/. `make check` replays the corpora;
# `make fuzz` (configure --enable-fuzzing CC=clang) lets libFuzzer go on from them for FUZZ_SECONDS each.
.PHONY: fuzz
FUZZ_SECONDS = 60
FUZZ_TARGETS = region rpc mcp http tui toml manifest yaml
dist_check_SCRIPTS += %D%/replay.sh
TESTS += %D%/replay.sh
EXTRA_DIST += %D%/corpus

check_PROGRAMS += fuzz_region_replay
fuzz_region_replay_SOURCES = %D%/fuzz_region.c %D%/replay.c
fuzz_region_replay_CPPFLAGS = $(TEST_CPPFLAGS)
fuzz_region_replay_LDADD = libshm.la

# What the decoder of requests needs: compiled into its target, so that the fuzzer sees its branches.
fuzz_rpc_sources = \
	%D%/fuzz_rpc.c \
	supervisord/config/env.c \
	supervisord/control/rpc.c supervisord/control/rpc.h
check_PROGRAMS += fuzz_rpc_replay
fuzz_rpc_replay_SOURCES = $(fuzz_rpc_sources) %D%/replay.c
fuzz_rpc_replay_CPPFLAGS = $(TEST_CPPFLAGS) -I$(top_srcdir)/supervisord
fuzz_rpc_replay_CFLAGS = $(AM_CFLAGS) $(MSGPACK_CFLAGS)
fuzz_rpc_replay_LDADD = libshm.la $(MSGPACK_LIBS)

fuzz_instance = %D%/mcp_instance.c %D%/mcp_instance.h
check_PROGRAMS += fuzz_mcp_replay fuzz_http_replay
fuzz_mcp_replay_SOURCES = %D%/fuzz_mcp.c $(fuzz_instance) %D%/replay.c
fuzz_mcp_replay_CPPFLAGS = $(MCP_CPPFLAGS)
fuzz_mcp_replay_CFLAGS = $(MCP_CFLAGS)
fuzz_mcp_replay_LDADD = $(MCP_LIBS)
fuzz_http_replay_SOURCES = %D%/fuzz_http.c $(fuzz_instance) %D%/replay.c
fuzz_http_replay_CPPFLAGS = $(MCP_CPPFLAGS)
fuzz_http_replay_CFLAGS = $(MCP_CFLAGS)
fuzz_http_replay_LDADD = $(MCP_LIBS)

check_PROGRAMS += fuzz_tui_replay
fuzz_tui_replay_SOURCES = %D%/fuzz_tui.c %D%/replay.c
fuzz_tui_replay_CPPFLAGS = $(TUI_CPPFLAGS)
fuzz_tui_replay_CFLAGS = $(TUI_CFLAGS)
fuzz_tui_replay_LDADD = $(TUI_LIBS)

# The readers of manifests.
check_PROGRAMS += fuzz_toml_replay fuzz_manifest_replay
fuzz_toml_replay_SOURCES = %D%/fuzz_toml.c %D%/replay.c
fuzz_toml_replay_CPPFLAGS = $(TEST_CONFIG_CPPFLAGS)
fuzz_toml_replay_CFLAGS = $(TEST_CONFIG_CFLAGS)
fuzz_toml_replay_LDADD = libtestconfig.la libshm.la $(JANSSON_LIBS) $(YAML_LIBS)
fuzz_manifest_replay_SOURCES = %D%/fuzz_manifest.c %D%/replay.c
fuzz_manifest_replay_CPPFLAGS = $(TEST_CONFIG_CPPFLAGS)
fuzz_manifest_replay_CFLAGS = $(TEST_CONFIG_CFLAGS)
fuzz_manifest_replay_LDADD = libtestconfig.la libshm.la $(JANSSON_LIBS) $(YAML_LIBS)

# The readers of configurations; everything but main() is in the configuration room's library.
FUZZ_CONFIG_LIBS = libtestconfig.la libshm.la $(JANSSON_LIBS) $(YAML_LIBS)
check_PROGRAMS += fuzz_yaml_replay
fuzz_yaml_replay_SOURCES = %D%/fuzz_yaml.c %D%/replay.c
fuzz_yaml_replay_CPPFLAGS = $(TEST_CONFIG_CPPFLAGS)
fuzz_yaml_replay_CFLAGS = $(TEST_CONFIG_CFLAGS)
fuzz_yaml_replay_LDADD = $(FUZZ_CONFIG_LIBS)

if ENABLE_FUZZING
noinst_PROGRAMS += fuzz_yaml
fuzz_yaml_SOURCES = %D%/fuzz_yaml.c
fuzz_yaml_CPPFLAGS = $(TEST_CONFIG_CPPFLAGS)
fuzz_yaml_CFLAGS = $(TEST_CONFIG_CFLAGS) -fsanitize=fuzzer,address,undefined
fuzz_yaml_LDFLAGS = $(AM_LDFLAGS) -fsanitize=fuzzer,address,undefined
fuzz_yaml_LDADD = $(FUZZ_CONFIG_LIBS)

noinst_PROGRAMS += fuzz_tui
fuzz_tui_SOURCES = %D%/fuzz_tui.c
fuzz_tui_CPPFLAGS = $(TUI_CPPFLAGS)
fuzz_tui_CFLAGS = $(TUI_CFLAGS) -fsanitize=fuzzer,address,undefined
fuzz_tui_LDFLAGS = $(AM_LDFLAGS) -fsanitize=fuzzer,address,undefined
fuzz_tui_LDADD = $(TUI_LIBS)

noinst_PROGRAMS += fuzz_region
fuzz_region_SOURCES = %D%/fuzz_region.c
fuzz_region_CPPFLAGS = $(TEST_CPPFLAGS)
fuzz_region_CFLAGS = $(AM_CFLAGS) -fsanitize=fuzzer,address,undefined
fuzz_region_LDFLAGS = $(AM_LDFLAGS) -fsanitize=fuzzer,address,undefined
fuzz_region_LDADD = libshm.la

noinst_PROGRAMS += fuzz_rpc
fuzz_rpc_SOURCES = $(fuzz_rpc_sources)
fuzz_rpc_CPPFLAGS = $(TEST_CPPFLAGS) -I$(top_srcdir)/supervisord
fuzz_rpc_CFLAGS = $(AM_CFLAGS) $(MSGPACK_CFLAGS) -fsanitize=fuzzer,address,undefined
fuzz_rpc_LDFLAGS = $(AM_LDFLAGS) -fsanitize=fuzzer,address,undefined
fuzz_rpc_LDADD = libshm.la $(MSGPACK_LIBS)

noinst_PROGRAMS += fuzz_mcp fuzz_http
fuzz_mcp_SOURCES = %D%/fuzz_mcp.c $(fuzz_instance)
fuzz_mcp_CPPFLAGS = $(MCP_CPPFLAGS)
fuzz_mcp_CFLAGS = $(MCP_CFLAGS) -fsanitize=fuzzer,address,undefined
fuzz_mcp_LDFLAGS = $(AM_LDFLAGS) -fsanitize=fuzzer,address,undefined
fuzz_mcp_LDADD = $(MCP_LIBS)
fuzz_http_SOURCES = %D%/fuzz_http.c $(fuzz_instance)
fuzz_http_CPPFLAGS = $(MCP_CPPFLAGS)
fuzz_http_CFLAGS = $(MCP_CFLAGS) -fsanitize=fuzzer,address,undefined
fuzz_http_LDFLAGS = $(AM_LDFLAGS) -fsanitize=fuzzer,address,undefined
fuzz_http_LDADD = $(MCP_LIBS)

noinst_PROGRAMS += fuzz_toml fuzz_manifest
fuzz_toml_SOURCES = %D%/fuzz_toml.c
fuzz_toml_CPPFLAGS = $(TEST_CONFIG_CPPFLAGS)
fuzz_toml_CFLAGS = $(TEST_CONFIG_CFLAGS) -fsanitize=fuzzer,address,undefined
fuzz_toml_LDFLAGS = $(AM_LDFLAGS) -fsanitize=fuzzer,address,undefined
fuzz_toml_LDADD = libtestconfig.la libshm.la $(JANSSON_LIBS) $(YAML_LIBS)
fuzz_manifest_SOURCES = %D%/fuzz_manifest.c
fuzz_manifest_CPPFLAGS = $(TEST_CONFIG_CPPFLAGS)
fuzz_manifest_CFLAGS = $(TEST_CONFIG_CFLAGS) -fsanitize=fuzzer,address,undefined
fuzz_manifest_LDFLAGS = $(AM_LDFLAGS) -fsanitize=fuzzer,address,undefined
fuzz_manifest_LDADD = libtestconfig.la libshm.la $(JANSSON_LIBS) $(YAML_LIBS)

fuzz: $(FUZZ_TARGETS:%=fuzz_%)
	for target in $(FUZZ_TARGETS); do \
		mkdir -p corpus/$$target && \
		./fuzz_$$target -max_total_time=$(FUZZ_SECONDS) -print_final_stats=1 corpus/$$target \
			$(srcdir)/%D%/corpus/$$target || exit 1; \
	done
else
fuzz:
	@echo "fuzzing needs: configure --enable-fuzzing CC=clang" >&2; exit 1
endif
