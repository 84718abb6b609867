#!/bin/sh
# SPDX-License-Identifier: MIT
#
# e2e_mcp_chaos.sh - the supervisor is killed, stopped and replaced in the middle of every tool. Prints TAP.
#
# All tools are asked at once, and then it happens. Each must be answered, once, in time; what reads is answered while
# nobody is there.
#
# shellcheck disable=SC2317 # called by check()

# shellcheck source=tests/lib.sh
. "${top_srcdir:-.}/tests/lib.sh"
work_begin e2e-chaos
shop=$work/shop
mkdir "$shop" || exit 99
cat >"$shop/Procfile" <<'END'
web: echo listening; exec sleep 1000
other: echo Error: it broke >&2; exec sleep 1000
END

engine() { brummer-cli -C "$shop" ls --json | sed -n 's/.*"supervisor":{"pid":\([0-9]*\).*/\1/p'; }

# The tools; the first ones of them need nobody.
readers=8
tools='scripts_status {}
logs_stream {}
logs_search {"query":"listening"}
errors_list {}
urls_list {}
events_list {}
scripts_list {}
scripts_wait {"name":"web","until":"exit","timeout_ms":300}
scripts_run {"name":"other","restart":true}
scripts_send {"name":"echo","text":"x"}
scripts_stop {"name":"other","timeout_ms":3000}
scripts_restart {"name":"web"}'

open_server() {
  rm -f "$work/to" "$work/from"
  mkfifo "$work/to" "$work/from" || exit 99
  brummer-mcp -C "$shop" <"$work/to" >"$work/from" 2>"$work/err" &
  exec 3>"$work/to" 4<"$work/from"
}

# Ask the tools of these lines; the number of the line is the id.
ask() { # FROM TO
  printf '%s\n' "$tools" | awk -v from="$1" -v to="$2" 'NR >= from && NR <= to { tool = $1; sub(/^[^ ]* /, "")
    printf "{\"jsonrpc\":\"2.0\",\"id\":%d,\"method\":\"tools/call\",\"params\":{\"name\":\"%s\",\"arguments\":%s}}\n",
      NR, tool, $0 }' >&3
}

# The ids of so many answers, in order; fewer when they do not come in time.
hear_ids() { # COUNT SECONDS
  timeout "$2" head -n "$1" <&4 | sed 's/^{"jsonrpc":"2.0","id":\([0-9]*\).*/\1/' | sort -n | tr '\n' ' '
}

numbers() { # FROM TO
  awk -v from="$1" -v to="$2" 'BEGIN { for (i = from; i <= to; i++) printf "%d ", i }'
}

all=$(printf '%s\n' "$tools" | wc -l)
plan 9

brummer-cli -C "$shop" up -d >/dev/null 2>&1
open_server
printf '%s\n' '{"jsonrpc":"2.0","id":0,"method":"tools/call","params":{"name":"scripts_run","arguments":{"name":"echo","command":"cat","stdin":true}}}' >&3
check 'begins' test "$(hear_ids 1 10)" = '0 '

for round in 1 2; do
  ask 1 "$all"
  kill -KILL "$(engine)"
  check "is killed: every tool is answered ($round)" test "$(hear_ids "$all" 30)" = "$(numbers 1 "$all")"
done

pid=$(engine)
kill -STOP "$pid"
ask 1 "$readers"
check 'is stopped: what reads is answered' test "$(hear_ids "$readers" 20)" = "$(numbers 1 "$readers")"
ask $((readers + 1)) "$all"
kill -CONT "$pid"
check 'goes on: so is the rest' test "$(hear_ids $((all - readers)) 20)" = "$(numbers $((readers + 1)) "$all")"

ask 1 "$all"
brummer-cli -C "$shop" reload --exec >"$work/out" 2>&1
check 'is replaced: every tool is answered' test "$(hear_ids "$all" 30)" = "$(numbers 1 "$all")"

ask 1 "$all"
brummer-cli -C "$shop" -q down >"$work/out" 2>&1
check 'goes away: every tool is answered' test "$(hear_ids "$all" 30)" = "$(numbers 1 "$all")"

# What was asked last may have started it again, or not; now one command does.
printf '%s\n' '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"scripts_run","arguments":{"name":"web"}}}' >&3
check 'is started again by a command' test "$(hear_ids 1 20)" = '1 '
exec 3>&- 4<&-
check 'ends' wait
