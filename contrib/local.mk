EXTRA_DIST += %D%/HACKING.md %D%/MIGRATING.md %D%/m4/brm_probe.m4 %D%/common.sh
dist_noinst_SCRIPTS += %D%/quickstart %D%/check
include %D%/samples/local.mk
