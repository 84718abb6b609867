#!/bin/sh
# SPDX-License-Identifier: MIT
#
# check.sh - what others wrote meets brummer-mcp: the official clients of package.json. Prints TAP.
#
# They are installed with npm into a cache that is kept: $BRUMMER_MCP_CACHE, or brummer-check-mcp below the user's cache
# directory. Without node and npm, or where they cannot be installed, it says so and skips.

set -u
here=$(cd "$(dirname "$0")" && pwd) || exit 99
build=${top_builddir:-$(pwd)}
cache=${BRUMMER_MCP_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/brummer-check-mcp}

skip() {
  echo "1..0 # SKIP $1"
  exit 0
}

install_clients() {
  mkdir -p "$cache" || return 1
  cmp -s "$here/package.json" "$cache/installed.json" && return 0
  cp "$here/package.json" "$cache/package.json" &&
    (cd "$cache" && npm install --ignore-scripts --no-audit --no-fund --no-package-lock) >"$cache/npm.log" 2>&1 &&
    cp "$here/package.json" "$cache/installed.json"
}

make_project() {
  mkdir -p "$work/shop" "$work/run" "$work/state" && chmod 700 "$work/run" || exit 99
  cat >"$work/shop/package.json" <<'END'
{
  "name": "shop",
  "scripts": {
    "web": "echo listening; while :; do sleep 0.2; echo tick; done",
    "fail": "echo Error: it broke >&2; exit 3"
  }
}
END
}

cleanup() {
  "$build/brummer-cli" -C "$work/shop" down >/dev/null 2>&1
  rm -rf "$work"
}

for tool in node npm; do
  command -v $tool >/dev/null || skip "$tool is not there"
done
install_clients || skip "the clients could not be installed: see $cache/npm.log"

work=$(mktemp -d "${TMPDIR:-/tmp}/brummer-check-mcp.XXXXXX") || exit 99
trap cleanup EXIT
make_project
XDG_RUNTIME_DIR=$work/run XDG_STATE_HOME=$work/state BRUMMER_BINDIR=$build
export XDG_RUNTIME_DIR XDG_STATE_HOME BRUMMER_BINDIR
unset BRUMMER_INSTANCE BRUMMER_READ_PATH
cp "$here/sdk.mjs" "$cache/sdk.mjs" && node "$cache/sdk.mjs" "$build/brummer-mcp" "$work/shop"
