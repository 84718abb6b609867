# The configuration room's own sources, so that its tests need no supervisor.
check_LTLIBRARIES += libtestconfig.la
libtestconfig_la_SOURCES = $(brummerd_config_sources) %D%/config_help.c %D%/config_help.h \
	%D%/config_fixture.c %D%/config_fixture.h
libtestconfig_la_CPPFLAGS = $(TEST_CPPFLAGS) -I$(top_srcdir)/supervisord
libtestconfig_la_CFLAGS = $(TEST_CFLAGS) $(JANSSON_CFLAGS) $(YAML_CFLAGS)
TEST_CONFIG_CPPFLAGS = $(libtestconfig_la_CPPFLAGS)
TEST_CONFIG_CFLAGS = $(libtestconfig_la_CFLAGS)
TEST_CONFIG_LIBS = libtestconfig.la $(TEST_LIBS) $(JANSSON_LIBS) $(YAML_LIBS)

check_PROGRAMS += %D%/test_model %D%/test_env %D%/test_procfile %D%/test_npm %D%/test_npm_env %D%/test_npm_run \
	%D%/test_discover
TESTS += %D%/test_model %D%/test_env %D%/test_procfile %D%/test_npm %D%/test_npm_env %D%/test_npm_run \
	%D%/test_discover
EXTRA_DIST += %D%/data/npm

%C%_test_model_SOURCES = %D%/test_model.c
%C%_test_model_CPPFLAGS = $(TEST_CONFIG_CPPFLAGS)
%C%_test_model_CFLAGS = $(TEST_CONFIG_CFLAGS)
%C%_test_model_LDADD = $(TEST_CONFIG_LIBS)
%C%_test_env_SOURCES = %D%/test_env.c
%C%_test_env_CPPFLAGS = $(TEST_CONFIG_CPPFLAGS)
%C%_test_env_CFLAGS = $(TEST_CONFIG_CFLAGS)
%C%_test_env_LDADD = $(TEST_CONFIG_LIBS)
%C%_test_procfile_SOURCES = %D%/test_procfile.c
%C%_test_procfile_CPPFLAGS = $(TEST_CONFIG_CPPFLAGS)
%C%_test_procfile_CFLAGS = $(TEST_CONFIG_CFLAGS)
%C%_test_procfile_LDADD = $(TEST_CONFIG_LIBS)
%C%_test_npm_SOURCES = %D%/test_npm.c
%C%_test_npm_CPPFLAGS = $(TEST_CONFIG_CPPFLAGS)
%C%_test_npm_CFLAGS = $(TEST_CONFIG_CFLAGS)
%C%_test_npm_LDADD = $(TEST_CONFIG_LIBS)
%C%_test_npm_env_SOURCES = %D%/test_npm_env.c
%C%_test_npm_env_CPPFLAGS = $(TEST_CONFIG_CPPFLAGS)
%C%_test_npm_env_CFLAGS = $(TEST_CONFIG_CFLAGS)
%C%_test_npm_env_LDADD = $(TEST_CONFIG_LIBS)
%C%_test_npm_run_SOURCES = %D%/test_npm_run.c
%C%_test_npm_run_CPPFLAGS = $(TEST_CONFIG_CPPFLAGS)
%C%_test_npm_run_CFLAGS = $(TEST_CONFIG_CFLAGS)
%C%_test_npm_run_LDADD = $(TEST_CONFIG_LIBS)
%C%_test_discover_SOURCES = %D%/test_discover.c clients/common/find.c clients/common/find.h
%C%_test_discover_CPPFLAGS = $(TEST_CONFIG_CPPFLAGS)
%C%_test_discover_CFLAGS = $(TEST_CONFIG_CFLAGS)
%C%_test_discover_LDADD = $(TEST_CONFIG_LIBS)

check_PROGRAMS += %D%/test_keys
TESTS += %D%/test_keys
%C%_test_keys_SOURCES = %D%/test_keys.c %D%/json_schema.c %D%/json_schema.h
%C%_test_keys_CPPFLAGS = $(TEST_CONFIG_CPPFLAGS)
%C%_test_keys_CFLAGS = $(TEST_CONFIG_CFLAGS)
%C%_test_keys_LDADD = $(TEST_CONFIG_LIBS)

check_PROGRAMS += %D%/test_yaml
TESTS += %D%/test_yaml
%C%_test_yaml_SOURCES = %D%/test_yaml.c
%C%_test_yaml_CPPFLAGS = $(TEST_CONFIG_CPPFLAGS)
%C%_test_yaml_CFLAGS = $(TEST_CONFIG_CFLAGS)
%C%_test_yaml_LDADD = $(TEST_CONFIG_LIBS)

check_PROGRAMS += %D%/test_scripts
TESTS += %D%/test_scripts
EXTRA_DIST += %D%/data/discover
%C%_test_scripts_SOURCES = %D%/test_scripts.c
%C%_test_scripts_CPPFLAGS = $(TEST_CONFIG_CPPFLAGS)
%C%_test_scripts_CFLAGS = $(TEST_CONFIG_CFLAGS)
%C%_test_scripts_LDADD = $(TEST_CONFIG_LIBS)

check_PROGRAMS += %D%/test_toml %D%/test_ignore
TESTS += %D%/test_toml %D%/test_ignore
%C%_test_toml_SOURCES = %D%/test_toml.c
%C%_test_toml_CPPFLAGS = $(TEST_CONFIG_CPPFLAGS)
%C%_test_toml_CFLAGS = $(TEST_CONFIG_CFLAGS)
%C%_test_toml_LDADD = $(TEST_CONFIG_LIBS)
%C%_test_ignore_SOURCES = %D%/test_ignore.c
%C%_test_ignore_CPPFLAGS = $(TEST_CONFIG_CPPFLAGS)
%C%_test_ignore_CFLAGS = $(TEST_CONFIG_CFLAGS)
%C%_test_ignore_LDADD = $(TEST_CONFIG_LIBS)

check_PROGRAMS += %D%/test_compose
TESTS += %D%/test_compose
%C%_test_compose_SOURCES = %D%/test_compose.c
%C%_test_compose_CPPFLAGS = $(TEST_CONFIG_CPPFLAGS)
%C%_test_compose_CFLAGS = $(TEST_CONFIG_CFLAGS)
%C%_test_compose_LDADD = $(TEST_CONFIG_LIBS)

check_PROGRAMS += %D%/test_import
TESTS += %D%/test_import
EXTRA_DIST += %D%/data/import
%C%_test_import_SOURCES = %D%/test_import.c
%C%_test_import_CPPFLAGS = $(TEST_CONFIG_CPPFLAGS)
%C%_test_import_CFLAGS = $(TEST_CONFIG_CFLAGS)
%C%_test_import_LDADD = $(TEST_CONFIG_LIBS)

# The manual of brummer.yaml is made of the tables of its keys.
check_PROGRAMS += %D%/manual_keys
dist_check_SCRIPTS += %D%/manual_keys.sh
TESTS += %D%/manual_keys.sh
%C%_manual_keys_SOURCES = %D%/manual_keys.c
%C%_manual_keys_CPPFLAGS = $(TEST_CONFIG_CPPFLAGS)
%C%_manual_keys_CFLAGS = $(TEST_CONFIG_CFLAGS)
%C%_manual_keys_LDADD = $(TEST_CONFIG_LIBS)

check_PROGRAMS += %D%/test_export
TESTS += %D%/test_export
%C%_test_export_SOURCES = %D%/test_export.c
%C%_test_export_CPPFLAGS = $(TEST_CONFIG_CPPFLAGS)
%C%_test_export_CFLAGS = $(TEST_CONFIG_CFLAGS)
%C%_test_export_LDADD = $(TEST_CONFIG_LIBS)
