# to be filled
TESTS += %D%/e2e_mcp.sh
dist_check_SCRIPTS += %D%/e2e_mcp.sh
