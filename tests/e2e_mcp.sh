#!/bin/sh
# SPDX-License-Identifier: MIT
#
# e2e_mcp.sh - brummer-mcp as its clients meet it: the program, a real supervisor, real processes. Prints TAP.
#
# Functions are called by check() and by traps; what is quoted is for the processes' own shell:
# shellcheck disable=SC2317,SC2016

# shellcheck source=tests/lib.sh
. "${top_srcdir:-.}/tests/lib.sh"
work_begin e2e-mcp
shop=$work/shop
mcp=$build/brummer-mcp
mkdir "$shop" || exit 99
cat >"$shop/Procfile" <<'END'
web: echo listening on http://127.0.0.1:3999; exec sleep 1000
fail: echo Error: it broke >&2; exit 3
stubborn: trap "sleep 2; exit 0" TERM; echo up; while :; do sleep 0.1; done
END

open_server() { # [OPTION...]: a server behind descriptors 3 and 4, of the shop unless they say another
  [ $# -gt 0 ] || set -- -C "$shop"
  rm -f "$work/to" "$work/from"
  mkfifo "$work/to" "$work/from" || exit 99
  "$mcp" "$@" <"$work/to" >"$work/from" &
  server=$!
  exec 3>"$work/to" 4<"$work/from"
}

close_server() { # its exit status
  exec 3>&- 4<&-
  wait "$server"
}

say() { printf '%s\n' "$1" >&3; }
# The next message, in $out, and where check() shows it from.
hear() {
  IFS= read -r out <&4
  printf '%s\n' "$out" >"$work/out"
}

call() { # TOOL ARGUMENTS: its answer in $out
  say "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/call\",\"params\":{\"name\":\"$1\",\"arguments\":$2}}"
  hear
}

engine() { brummer-cli -C "$shop" ls --json | sed -n 's/.*"supervisor":{"pid":\([0-9]*\).*/\1/p'; }

# What differs from run to run, replaced.
normalised() {
  printf '%s\n' "$out" | sed -E \
    -e "s#$work#WORK#g" \
    -e 's/[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]+Z/TIME/g' \
    -e 's/[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{3}/TIME/g' \
    -e 's/"(pid|duration|waited_ms|revision|seq)":[0-9.]+/"\1":0/g' \
    -e 's/[0-9a-f]{16}:[0-9]+/CURSOR/g' \
    -e 's/(running|starting)  [0-9]+  [0-9]+s/\1  PID  0s/g' \
    -e 's/after [0-9.]+ s/after 0.0 s/g' \
    -e 's/,"(cpuPercent|memoryBytes)":[0-9.]+//g' \
    -e 's#"urls":\["http://127.0.0.1:3999"\]#"urls":[]#g; s#  http://127.0.0.1:3999  #  -  #g' \
    -e 's/,"(logLines|logBytes)":[0-9]+//g' \
    -e 's/"exitCode":0|"signal":"SIGTERM"/"end":0/; s/exit code 0|signal 15/END/g'
}

as_promised() { # NAME: $out is what the golden file holds
  golden=${top_srcdir:-.}/tests/data/mcp.$1.golden
  [ -z "${BRUMMER_UPDATE_GOLDEN:-}" ] || normalised >"$golden"
  normalised | diff - "$golden" >"$work/err"
}

plan 60

# Without a supervisor.
open_server
say '{"jsonrpc":"2.0","id":0,"method":"initialize","params":{"protocolVersion":"2025-06-18","capabilities":{}}}'
hear
check 'answers to initialize' out_has '"protocolVersion":"2025-06-18"'
say '{"jsonrpc":"2.0","method":"notifications/initialized"}'
call scripts_status '{}'
check 'shows that nothing runs' out_has '"processes":[]' '"state":"none"'
call scripts_list '{}'
check 'lists what can be run' as_promised e2e_scripts_list
call scripts_stop '{"name":"web"}'
check 'stops nothing where nothing runs' out_has '"isError":true' 'scripts_list'
call scripts_send '{"name":"web","text":"x"}'
check 'sends nothing either' out_has '"isError":true'
check 'starts no supervisor for that' test -z "$(ls "$work/run/brummer" 2>/dev/null)"

# With one, that the first command starts.
call scripts_run '{"name":"web","wait":{"until":"log","pattern":"listening"}}'
check 'starts a supervisor and a script' as_promised e2e_scripts_run
call scripts_run '{"name":"web"}'
check 'starts nothing twice' out_has '"duplicate":true'
call scripts_run '{"name":"fail","wait":{"until":"exit"}}'
check 'shows what a failed script printed last' as_promised e2e_scripts_run_failed
call scripts_run '{"name":"missing","command":"/no/such/program","args":[]}'
check 'says why a command cannot be started' out_has '"isError":true' 'no such file'
call scripts_run '{"name":"wbe"}'
check 'names the nearest scripts' out_has '"isError":true' 'did you mean web'
call scripts_run '{"name":"cat","command":"printf %s $GREETING; cat","env":{"GREETING":"hello"},"wait":{"until":"exit"}}'
check 'runs a command with its environment' out_has '"status":"success"' '"exitCode":0'
call errors_list '{"name":"fail"}'
check 'lists its error' out_has '"errors":[{"name":"fail","count":1' 'Error: it broke'
call logs_stream '{"name":"cat"}'
check 'reads its output' out_has '"text":"hello"'
call scripts_run '{"name":"echo","command":"read line; echo got $line","stdin":true}'
call scripts_send '{"name":"echo","text":"a line"}'
check 'writes to a process' as_promised e2e_scripts_send
call scripts_wait '{"name":"echo","until":"log","pattern":"got a line"}'
check 'waits for its answer' out_has '"matched":true'
call scripts_send '{"name":"web","text":"x"}'
check 'says that a process has no standard input' out_has '"isError":true' 'standard input'
call scripts_restart '{"name":"web","wait":{"until":"ready"}}'
check 'restarts a process' as_promised e2e_scripts_restart
call events_list '{"name":"web"}'
check 'tells who asked' out_has '"by":"brummer-mcp"'
call scripts_stop '{"name":"web"}'
check 'stops a process' as_promised e2e_scripts_stop
call scripts_stop '{"name":"web"}'
check 'stops it once' out_has '"already":true'

# Beside a stop that takes its time, everything goes on.
call scripts_run '{"name":"stubborn","wait":{"until":"log","pattern":"up"}}'
say '{"jsonrpc":"2.0","id":"stop","method":"tools/call","params":{"name":"scripts_stop","arguments":{"name":"stubborn"}}}'
call scripts_wait '{"name":"stubborn","until":"exit","timeout_ms":300}'
check 'answers others while it stops a process' out_has '"id":1' '"timed_out":true' '"state":"stopping"'
kill -KILL "$(engine)"
call scripts_status '{"name":"stubborn"}'
check 'shows the state while the supervisor is replaced' out_has '"status":"stopping"'
hear
check 'stops it though the supervisor was killed meanwhile' out_has '"id":"stop"' '"status":"stopped"'

# A supervisor that does not move.
call scripts_run '{"name":"web","wait":{"until":"ready"}}'
check 'starts it with the new supervisor' out_has '"status":"running"'
pid=$(engine)
kill -STOP "$pid"
sleep 0.1
call scripts_status '{}'
check 'shows states while the supervisor is stopped' out_has '"status":"running"' '"state":"unresponsive"'
call logs_stream '{"name":"web"}'
check 'reads logs while the supervisor is stopped' out_has 'listening on'
say '{"jsonrpc":"2.0","id":"later","method":"tools/call","params":{"name":"scripts_run","arguments":{"name":"fail"}}}'
say '{"jsonrpc":"2.0","id":"ping","method":"ping"}'
hear
check 'is not held up by a command to it' out_has '"id":"ping"'
printf '%s\n' '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"scripts_status"}}' \
  '{"jsonrpc":"2.0","id":"ping","method":"ping"}' >"$work/in"
other=$("$mcp" -C "$shop" --read-path rpc <"$work/in")
check 'nor by the rpc read path' test "${other%%,\"result*}" = '{"jsonrpc":"2.0","id":"ping"'
kill -CONT "$pid"
hear
check 'has it done when it goes on' out_has '"id":"later"' '"name":"fail"'

# Reads ask nobody.
printf '%s\n' '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"scripts_status"}}' \
  '{"jsonrpc":"2.0","id":2,"method":"tools/call","params":{"name":"logs_stream"}}' \
  '{"jsonrpc":"2.0","id":3,"method":"tools/call","params":{"name":"events_list"}}' >"$work/reads"
if command -v strace >/dev/null && strace -o "$work/probe" true 2>/dev/null; then
  out=$(strace -f -e trace=connect -o "$work/trace" "$mcp" -C "$shop" <"$work/reads")
  check 'reads without asking the supervisor' test "$(grep -c 'connect(' "$work/trace")" = 0
else
  skip 'reads without asking the supervisor' 'strace is not there'
fi
out=$("$mcp" -C "$shop" --read-path rpc <"$work/reads" 2>&1)
check 'reads from the supervisor when told so' out_has '"id":1,"result":{"structuredContent":{"processes":[{"id":"web#'

# Ends.
check 'ends when its input does' close_server
open_server
say '{"jsonrpc":"2.0","id":"l","method":"subscriptions/listen","params":{"notifications":{"resourcesListChanged":true},"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{}}}}'
hear
check 'listens' out_has '"resourcesListChanged":true'
kill -TERM "$server"
hear
check 'says so when it ends' out_has 'notifications/cancelled' '"requestId":"l"'
check 'ends when it is told to' close_server

# Options.
for client in claude.json vscode.json cursor.json codex.toml gemini.json; do
  "$mcp" -C "$shop" --print-config "${client%.*}" 2>/dev/null |
    sed -e "s#$shop#/path/to/project#" -e 's#"[^"]*/brummer-mcp"#"brummer-mcp"#' >"$work/out"
  check "prints the configuration of contrib/agents/$client" \
    cmp "$work/out" "${top_srcdir:-.}/contrib/agents/$client"
done
out=$("$mcp" --nonsense 2>&1)
check 'refuses what it does not know' test $? = 2
out=$("$mcp" --allow everything 2>&1)
check 'allows nothing by mistake' test $? = 2
out=$("$mcp" --instances --print-config claude 2>&1)
check 'prints a configuration of one instance alone' test $? = 2
out=$("$mcp" -C "$shop" --token-file /dev/null 2>&1)
check 'takes a token for HTTP alone' test $? = 2
out=$("$mcp" -C "$shop" --http 0.0.0.0:0 2>&1)
check 'asks for a token before it serves other machines' out_has 'give --token-file'

# What is bounded.
ask() { # OPTION...: the answers to the messages of $work/in
  out=$("$mcp" "$@" <"$work/in" 2>"$work/err")
  printf '%s\n' "$out" >"$work/out"
}
run='{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"scripts_run","arguments":{"name":"secret","command":"sleep 100","env":{"TOKEN":"hunter2"}}}}'
printf '%s\n' "$run" >"$work/in"
ask -C "$shop" --read-only
check 'runs nothing with --read-only' out_has '"isError":true' 'read-only'
ask -C "$shop" --allow scripts
check 'runs no commands with --allow scripts' out_has '"isError":true' 'allow scripts'
ask -C "$shop"
echo '{"jsonrpc":"2.0","id":2,"method":"tools/call","params":{"name":"scripts_status"}}' >"$work/in"
ask -C "$shop"
check 'shows what runs' out_has '"name":"secret"'
check 'never shows the values of its variables' test "$(printf '%s' "$out" | grep -c hunter2)" = 0

# All at once.
instance=$(brummer-cli -C "$shop" ls --json | sed -n 's/^{"instance":{"name":"\([^"]*\)".*/\1/p')
echo '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"instances_list"}}' >"$work/in"
ask --instances
check 'lists the instances' out_has "\"name\":\"$instance\",\"state\":\"live\""
printf '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"%s","arguments":{"instance":"%s"}}}\n' \
  scripts_status "$instance" scripts_stop nowhere >"$work/in"
ask --instances
check 'serves the one that is named' out_has '"name":"secret"'
check 'names them when it is another' out_has '"isError":true' 'instances_list'
printf '{"jsonrpc":"2.0","id":1,"method":"resources/read","params":{"uri":"brummer://status?instance=%s"}}' "$instance" \
  >"$work/in"
ask --instances
check 'reads its resources' out_has 'secret#'

# A directory of a command is one of the project's, however the states are read.
mkdir "$shop/packages"
for path in shm rpc; do
  open_server --instances --read-path "$path"
  call scripts_run "{\"instance\":\"$instance\",\"name\":\"where-$path\",\"command\":\"pwd\",\"dir\":\"packages\",\"wait\":{\"until\":\"exit\"}}"
  call logs_stream "{\"instance\":\"$instance\",\"name\":\"where-$path\"}"
  check "runs a command in a directory of a named instance ($path)" out_has "\"text\":\"$shop/packages\""
  close_server
done

# A client that reads no more is gone; its signal is not the end.
open_server
exec 4<&-
say '{"jsonrpc":"2.0","id":1,"method":"ping"}'
check 'ends when nobody reads' wait "$server"
exec 3>&-

# Over HTTP; tests/test_http.c has the rest.
"$mcp" -C "$shop" --http 0 >"$work/out" 2>"$work/err" &
server=$!
for _ in 1 2 3 4 5 6 7 8 9 10; do
  grep -q serving "$work/err" && break
  sleep 0.1
done
check 'says where it serves, on standard error' grep -q 'serving http://127.0.0.1:[0-9]*/mcp' "$work/err"
kill -TERM "$server"
check 'ends when it is told to, over HTTP' wait "$server"
check 'writes nothing else to standard output' test ! -s "$work/out"
