sbin_PROGRAMS += brummerd
dist_man_MANS += %D%/brummerd.8 %D%/brummer.yaml.5 %D%/brummer-import.7
brummerd_SOURCES = \
	%D%/main.c \
	%D%/launch.c %D%/launch.h \
	%D%/options.c %D%/options.h
brummerd_CPPFLAGS = $(AM_CPPFLAGS) -I$(srcdir)/%D% -I$(top_builddir)
brummerd_CFLAGS = $(AM_CFLAGS) $(EVENT_CFLAGS) $(EVENT_PTHREADS_CFLAGS) $(MSGPACK_CFLAGS) $(JANSSON_CFLAGS) \
	$(PCRE2_CFLAGS) $(YAML_CFLAGS)
brummerd_LDADD = libshm.la $(EVENT_LIBS) $(EVENT_PTHREADS_LIBS) $(MSGPACK_LIBS) $(JANSSON_LIBS) \
	$(PCRE2_LIBS) $(YAML_LIBS)

# What could be run here: also linked into the tests of this room.
brummerd_config_sources = \
	%D%/config/check.c %D%/config/check.h \
	%D%/config/check_depends.c %D%/config/check_depends.h \
	%D%/config/command.c \
	%D%/config/cron.c %D%/config/cron.h \
	%D%/config/discover.c %D%/config/discover.h \
	%D%/config/discover_below.c \
	%D%/config/discover_cargo.c \
	%D%/config/discover_compose.c \
	%D%/config/discover_deno.c \
	%D%/config/discover_dotnet.c \
	%D%/config/discover_go.c \
	%D%/config/discover_jvm.c \
	%D%/config/discover_make.c \
	%D%/config/discover_npm.c %D%/config/npm.h \
	%D%/config/discover_php.c \
	%D%/config/discover_python.c \
	%D%/config/discover_ruby.c \
	%D%/config/discover_scripts.c \
	%D%/config/discover_task.c \
	%D%/config/discover_vscode.c \
	%D%/config/discover_workspaces.c \
	%D%/config/dotenv.c %D%/config/dotenv.h \
	%D%/config/drafts.c %D%/config/drafts.h \
	%D%/config/env.c \
	%D%/config/explain.c %D%/config/explain.h \
	%D%/config/export.c %D%/config/export.h %D%/config/export_formats.h \
	%D%/config/export_compose.c \
	%D%/config/export_systemd.c \
	%D%/config/folders.c %D%/config/folders.h \
	%D%/config/ignore.c %D%/config/ignore.h \
	%D%/config/import.c %D%/config/import.h \
	%D%/config/import_brum.c \
	%D%/config/import_keys.c %D%/config/import_keys.h \
	%D%/config/import_mprocs.c \
	%D%/config/import_pm2.c \
	%D%/config/import_pm2_keys.c \
	%D%/config/import_process_compose.c %D%/config/import_process_compose.h \
	%D%/config/import_process_compose_keys.c \
	%D%/config/import_process_compose_probe.c \
	%D%/config/import_procfile.c %D%/config/import_procfile.h \
	%D%/config/import_procfile_settings.c \
	%D%/config/import_supervisord.c %D%/config/import_supervisord.h \
	%D%/config/import_supervisord_keys.c \
	%D%/config/import_supervisord_program.c \
	%D%/config/import_supervisord_text.c \
	%D%/config/ini.c %D%/config/ini.h \
	%D%/config/interpolate.c %D%/config/interpolate.h \
	%D%/config/json_where.c %D%/config/json_where.h \
	%D%/config/jsonc.c %D%/config/jsonc.h \
	%D%/config/model.c %D%/config/model.h \
	%D%/config/model_config.c \
	%D%/config/npm_env.c \
	%D%/config/npm_manager.c \
	%D%/config/print_json.c \
	%D%/config/quote.c %D%/config/quote.h \
	%D%/config/replica.c \
	%D%/config/report.c \
	%D%/config/scripts.c %D%/config/scripts.h \
	%D%/config/schema.c %D%/config/schema.h \
	%D%/config/schema_depends.c \
	%D%/config/schema_env.c \
	%D%/config/schema_json.c \
	%D%/config/schema_list.c \
	%D%/config/schema_probe.c \
	%D%/config/schema_scalar.c \
	%D%/config/schema_value.c \
	%D%/config/sniff.c %D%/config/sniff.h \
	%D%/config/sources.h \
	%D%/config/text.c %D%/config/text.h \
	%D%/config/toml.c %D%/config/toml.h %D%/config/toml_inner.h \
	%D%/config/toml_value.c \
	%D%/config/units.c %D%/config/units.h \
	%D%/config/write_yaml.c %D%/config/write_yaml.h \
	%D%/config/yaml.c %D%/config/yaml.h \
	%D%/config/yaml_brummer.c \
	%D%/config/yaml_files.c %D%/config/yaml_files.h \
	%D%/config/yaml_node.c
brummerd_SOURCES += $(brummerd_config_sources)

# The keeper, and what touches processes and pipes: also linked into the tests of this room.
brummerd_mechanics_sources = \
	%D%/engine/capture.c %D%/engine/capture.h \
	%D%/engine/capture_expect.c \
	%D%/engine/capture_inner.h \
	%D%/engine/capture_loop.c \
	%D%/engine/capture_marks.c \
	%D%/engine/capture_runs.c \
	%D%/engine/cgroup.c %D%/engine/cgroup.h \
	%D%/engine/child.c %D%/engine/child.h \
	%D%/engine/clock.h \
	%D%/engine/clone_into.c %D%/engine/clone_into.h \
	%D%/engine/ends.c %D%/engine/ends.h \
	%D%/engine/keeperlink.c %D%/engine/keeperlink.h \
	%D%/engine/look.c %D%/engine/look.h \
	%D%/engine/lookup.c %D%/engine/lookup.h \
	%D%/engine/mailbox.c %D%/engine/mailbox.h \
	%D%/engine/metrics.c %D%/engine/metrics.h %D%/engine/metrics_inner.h \
	%D%/engine/metrics_tree.c \
	%D%/engine/outlet.c %D%/engine/outlet.h \
	%D%/engine/ports.c %D%/engine/ports.h \
	%D%/engine/owner.c %D%/engine/owner.h \
	%D%/engine/proc.c %D%/engine/proc.h \
	%D%/engine/pty.c %D%/engine/pty.h \
	%D%/engine/recency.h \
	%D%/engine/spawn.c %D%/engine/spawn.h \
	%D%/engine/spawntext.c \
	%D%/engine/stop.c %D%/engine/stop.h \
	%D%/engine/tag.c %D%/engine/tag.h \
	%D%/engine/watch.c %D%/engine/watch.h \
	%D%/engine/watch_tree.c %D%/engine/watch_tree.h \
	%D%/keeper/answer.c \
	%D%/keeper/handover.c \
	%D%/keeper/image.c \
	%D%/keeper/inner.h \
	%D%/keeper/keeper.c %D%/keeper/keeper.h \
	%D%/keeper/launch.c \
	%D%/keeper/notify.c \
	%D%/keeper/store.c %D%/keeper/store.h \
	%D%/keeper/wire.c %D%/keeper/wire.h
brummerd_SOURCES += $(brummerd_mechanics_sources)

# The engine's decisions and the control socket: also linked into the tests of this room.
brummerd_policy_sources = \
	%D%/control/adhoc.c %D%/control/adhoc.h \
	%D%/control/call.c %D%/control/call.h \
	%D%/control/methods.c %D%/control/methods.h \
	%D%/control/rpc.c %D%/control/rpc.h \
	%D%/control/server.c %D%/control/server.h \
	%D%/control/status.c %D%/control/status.h \
	%D%/control/terminal.c %D%/control/terminal.h \
	%D%/engine/action.c %D%/engine/action.h \
	%D%/engine/action_end.c \
	%D%/engine/action_inner.h \
	%D%/engine/action_start.c \
	%D%/engine/announce.c %D%/engine/announce.h \
	%D%/engine/crash.c %D%/engine/crash.h \
	%D%/engine/depend.c %D%/engine/depend.h \
	%D%/engine/engine.c %D%/engine/engine.h \
	%D%/engine/errand.c %D%/engine/errand.h \
	%D%/engine/guard.c %D%/engine/guard.h \
	%D%/engine/input.c %D%/engine/input.h \
	%D%/engine/lapse.c %D%/engine/lapse.h \
	%D%/engine/probe.c %D%/engine/probe.h \
	%D%/engine/probe_exec.c \
	%D%/engine/probe_http.c \
	%D%/engine/probe_inner.h \
	%D%/engine/probe_log.c \
	%D%/engine/probe_notify.c \
	%D%/engine/probe_place.c \
	%D%/engine/probe_tcp.c \
	%D%/engine/process.c %D%/engine/process.h \
	%D%/engine/publish.c %D%/engine/publish.h \
	%D%/engine/recover.c %D%/engine/recover.h \
	%D%/engine/reload.c %D%/engine/reload.h \
	%D%/engine/request.c %D%/engine/request.h \
	%D%/engine/restart.c %D%/engine/restart.h \
	%D%/engine/sameness.c %D%/engine/sameness.h \
	%D%/engine/scale.c %D%/engine/scale.h \
	%D%/engine/schedule.c %D%/engine/schedule.h \
	%D%/engine/select.c %D%/engine/select.h \
	%D%/engine/shutdown.c %D%/engine/shutdown.h \
	%D%/engine/sources.c %D%/engine/sources.h \
	%D%/engine/table.c %D%/engine/table.h \
	%D%/engine/transition.c %D%/engine/transition.h \
	%D%/engine/upgrade.c %D%/engine/upgrade.h \
	%D%/say.c %D%/say.h
brummerd_SOURCES += $(brummerd_policy_sources)

# Errors and URLs in output: also linked into the tests of this room.
brummerd_detect_sources = \
	%D%/detect/detect.c %D%/detect/detect.h \
	%D%/detect/fingerprint.c %D%/detect/fingerprint.h \
	%D%/detect/hints.c %D%/detect/hints.h \
	%D%/detect/patterns.c %D%/detect/patterns.h %D%/detect/patterns_inner.h \
	%D%/detect/patterns_parse.c \
	%D%/detect/patterns_load.c \
	%D%/detect/prefix.c %D%/detect/prefix.h \
	%D%/detect/urls.c %D%/detect/urls.h
brummerd_SOURCES += $(brummerd_detect_sources)
brummerd_CPPFLAGS += -DPKGDATADIR='"$(pkgdatadir)"'
dist_pkgdata_DATA += %D%/brummer-log-patterns

# Beside the program, for one that runs where it was built.
BUILT_SOURCES += brummer-log-patterns
CLEANFILES += brummer-log-patterns
brummer-log-patterns: %D%/brummer-log-patterns
	$(AM_V_GEN)cp $(srcdir)/%D%/brummer-log-patterns $@.new && mv $@.new $@
