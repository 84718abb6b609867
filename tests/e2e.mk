# The whole programs, with real processes.
TESTS += %D%/e2e_main.sh %D%/e2e_mcp.sh %D%/e2e_mcp_chaos.sh
dist_check_SCRIPTS += %D%/e2e_main.sh %D%/e2e_mcp.sh %D%/e2e_mcp_chaos.sh
TESTS += %D%/e2e_cli.sh %D%/e2e_cli_tools.sh
dist_check_SCRIPTS += %D%/e2e_cli.sh %D%/e2e_cli_tools.sh
EXTRA_DIST += %D%/lib.sh %D%/tui_lib.sh
TESTS += %D%/e2e_tui.sh %D%/e2e_tui_matrix.sh
dist_check_SCRIPTS += %D%/e2e_tui.sh %D%/e2e_tui_matrix.sh
EXTRA_DIST += \
	%D%/data/tui.10x2.golden \
	%D%/data/tui.120x32.golden \
	%D%/data/tui.20x5.golden \
	%D%/data/tui.40x10.golden \
	%D%/data/tui.80x24.golden \
	%D%/data/tui.errors.golden \
	%D%/data/tui.help.golden \
	%D%/data/tui.logs.golden \
	%D%/data/tui.merged.golden \
	%D%/data/tui.urls.golden
TESTS += %D%/systemd.sh
dist_check_SCRIPTS += %D%/systemd.sh
TESTS += %D%/e2e_config.sh
dist_check_SCRIPTS += %D%/e2e_config.sh
TESTS += %D%/e2e_picture.sh
dist_check_SCRIPTS += %D%/e2e_picture.sh
