include %D%/common/local.mk
include %D%/cli/local.mk
include %D%/mcp/local.mk
include %D%/tui/local.mk
