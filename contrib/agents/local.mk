# What clients want in their configurations; tests/e2e_mcp.sh holds them to what --print-config prints.
EXTRA_DIST += \
	%D%/README.md \
	%D%/claude.json \
	%D%/codex.toml \
	%D%/cursor.json \
	%D%/gemini.json \
	%D%/vscode.json
