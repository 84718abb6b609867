EXTRA_DIST += %D%/HACKING.md %D%/MIGRATING.md %D%/m4/brm_probe.m4 %D%/common.sh
dist_noinst_SCRIPTS += %D%/quickstart %D%/check %D%/screenshots/make %D%/screenshots/svg.py
EXTRA_DIST += \
	%D%/screenshots/errors.svg %D%/screenshots/events.svg %D%/screenshots/logs.svg \
	%D%/screenshots/palette.svg %D%/screenshots/processes.svg
include %D%/agents/local.mk
include %D%/samples/local.mk
include %D%/completion/local.mk
include %D%/systemd/local.mk

# A whole viewer on the public library, as others would write one.
check_PROGRAMS += viewer
viewer_SOURCES = %D%/viewer.c
viewer_LDADD = libbrummer.la
