# The whole programs, with real processes.
TESTS += %D%/e2e_main.sh %D%/e2e_mcp.sh
dist_check_SCRIPTS += %D%/e2e_main.sh %D%/e2e_mcp.sh
TESTS += %D%/e2e_cli.sh
dist_check_SCRIPTS += %D%/e2e_cli.sh
EXTRA_DIST += %D%/lib.sh
