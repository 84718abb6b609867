#!/bin/sh
# SPDX-License-Identifier: MIT
#
# e2e_mcp_chaos.sh - the supervisor is killed, stopped and replaced in the middle of every tool. Prints TAP.
#
# All tools are asked at once, and then it happens. Each must be answered, once, in time; what reads memory is answered
# while nobody is there. By a server of one instance, by one that asks the supervisor for states, and by one of all
# instances.
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

# The process of a supervisor that serves; after a kill it is another one, a little later.
engine_lives() {
  engine=$(brummer-cli -C "$shop" ls --json 2>/dev/null |
    sed -n 's/.*"supervisor":{"pid":\([0-9]*\),[^}]*"state":"live".*/\1/p')
  [ -n "$engine" ] && kill -0 "$engine"
}

# The tools; the first ones of them need nobody when states are read from memory.
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
scripts_restart {"name":"web"}
instances_list {}'

open_server() { # OPTION...
  rm -f "$work/to" "$work/from"
  mkfifo "$work/to" "$work/from" || exit 99
  brummer-mcp "$@" <"$work/to" >"$work/from" 2>"$work/err" &
  server=$!
  exec 3>"$work/to" 4<"$work/from"
}

# Ask the tools of these lines; the number of the line is the id. Only one of all instances takes which, and lists them.
ask() { # FROM TO
  printf '%s\n' "$tools" | awk -v from="$1" -v to="$2" -v instance="$instance" 'NR >= from && NR <= to {
    tool = $1
    sub(/^[^ ]* /, "")
    if (instance && tool != "instances_list") sub(/{/, "{\"instance\":\"" instance "\"" ($0 == "{}" ? "" : ","))
    printf "{\"jsonrpc\":\"2.0\",\"id\":%d,\"method\":\"tools/call\",\"params\":{\"name\":\"%s\",\"arguments\":%s}}\n",
      NR, tool, $0 }' >&3
}

run_script() { # ARGUMENTS: what it takes to have it done
  printf '{"jsonrpc":"2.0","id":0,"method":"tools/call","params":{"name":"scripts_run","arguments":{%s}}}\n' \
    "${instance:+"\"instance\":\"$instance\","}$1" >&3
  test "$(hear_ids 1 20)" = '0 '
}

# The ids of so many answers, in order; fewer when they do not come in time.
hear_ids() { # COUNT SECONDS
  timeout "$2" head -n "$1" <&4 | sed 's/^{"jsonrpc":"2.0","id":\([0-9]*\).*/\1/' | sort -n | tr '\n' ' '
}

all_answered() { # FROM TO
  test "$(hear_ids $(($2 - $1 + 1)) 30)" = "$(awk -v from="$1" -v to="$2" 'BEGIN { for (i = from; i <= to; i++) printf "%d ", i }')"
}

# It comes back by itself.
is_killed() { # ROUND
  check "$who: there is a supervisor ($1)" until_true engine_lives
  ask 1 "$all"
  check "$who: it is killed ($1)" kill -KILL "$engine"
  check "$who: every tool is answered ($1)" all_answered 1 "$all"
}

is_stopped() {
  check "$who: there is a supervisor again" until_true engine_lives
  kill -STOP "$engine"
  ask 1 "$readers"
  if [ "$who" = rpc ]; then
    kill -CONT "$engine"
    check "$who: it goes on: what reads is answered" all_answered 1 "$readers"
    ask $((readers + 1)) "$all"
  else
    check "$who: it is stopped: what reads is answered" all_answered 1 "$readers"
    ask $((readers + 1)) "$all"
    kill -CONT "$engine"
  fi
  check "$who: so is the rest when it goes on" all_answered $((readers + 1)) "$all"
}

chaos() { # WHO OPTION...
  who=$1
  shift
  brummer-cli -C "$shop" up -d >/dev/null 2>&1
  [ "$who" = all ] && instance=$(work_regions)
  all=$(($(printf '%s\n' "$tools" | wc -l) - $([ "$who" = all ] && echo 0 || echo 1)))
  open_server "$@"
  check "$who: begins" run_script '"name":"echo","command":"cat","stdin":true'
  is_killed 1
  is_killed 2
  is_stopped
  ask 1 "$all"
  run brummer-cli -C "$shop" reload --exec
  check "$who: it is replaced: every tool is answered" all_answered 1 "$all"
  ask 1 "$all"
  run brummer-cli -C "$shop" -q down
  check "$who: it goes away: every tool is answered" all_answered 1 "$all"
  # What was asked last may have started it again, or not; now one command does.
  [ "$who" = all ] && brummer-cli -C "$shop" up -d >/dev/null 2>&1
  check "$who: it is started again" run_script '"name":"web"'
  exec 3>&- 4<&-
  check "$who: ends" wait "$server"
  brummer-cli -C "$shop" -q down >/dev/null 2>&1
}

plan 42
instance=
chaos one -C "$shop"
chaos rpc -C "$shop" --read-path rpc
chaos all --instances
