EXTRA_DIST += %D%/m4/brm_probe.m4
