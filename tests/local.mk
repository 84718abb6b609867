# Every test program speaks TAP. A room's tests are in its own fragment; a unit test links check_main.c, which gives it
# its own temporary directory and the common main().
LOG_DRIVER = env AM_TAP_AWK='$(AWK)' $(SHELL) $(top_srcdir)/contrib/build-aux/tap-driver.sh
SH_LOG_DRIVER = $(LOG_DRIVER)
PY_LOG_DRIVER = $(LOG_DRIVER)
TEST_EXTENSIONS = .sh .py
AM_TESTS_ENVIRONMENT = \
	top_srcdir='$(abs_top_srcdir)'; export top_srcdir; \
	top_builddir='$(abs_top_builddir)'; export top_builddir; \
	BRUMMER_LOG_PATTERNS='$(abs_top_srcdir)/supervisord/brummer-log-patterns'; export BRUMMER_LOG_PATTERNS;

TEST_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)
TEST_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)

if HAVE_CHECK
check_LTLIBRARIES += libcheckmain.la
libcheckmain_la_SOURCES = %D%/check_main.c %D%/check_main.h
libcheckmain_la_CPPFLAGS = $(TEST_CPPFLAGS)
libcheckmain_la_CFLAGS = $(TEST_CFLAGS)
TEST_LIBS = libcheckmain.la libshm.la $(CHECK_LIBS)

include %D%/libshm.mk
include %D%/logs.mk
include %D%/supervisord.mk
include %D%/keeper.mk
include %D%/config.mk
include %D%/clients.mk
include %D%/mcp.mk
include %D%/tui.mk
endif
include %D%/e2e.mk

include %D%/model/local.mk
include %D%/soak/local.mk
include %D%/fuzz/local.mk

TESTS += %D%/walls.sh %D%/aarch64.sh %D%/e2e_viewer.sh
dist_check_SCRIPTS += %D%/walls.sh %D%/aarch64.sh %D%/e2e_viewer.sh
