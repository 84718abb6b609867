#!/bin/sh
# SPDX-License-Identifier: MIT
#
# e2e_cli_tools.sh - brummer-cli's other commands, its completion in the shells, and what can go wrong around it
#
# What is quoted is for the processes' own shell:
# shellcheck disable=SC2317,SC2016

# shellcheck source=tests/lib.sh
. "${top_srcdir:-.}/tests/lib.sh"
work_begin e2e-tools
command -v jq >/dev/null || { echo "1..0 # SKIP jq is not installed"; exit 0; }
cli=brummer-cli
unset BRUMMER_LOG_PATTERNS # a program finds its own
source=$(cd "${top_srcdir:-.}" && pwd)
mkdir "$work/shop"
cd "$work/shop" || exit 99
cat >brummer.yaml <<'END'
processes:
  web:
    command: 'i=0; while :; do i=$((i+1)); echo "tick $i"; sleep 0.05; done'
    replicas: 2
  console:
    command: 'while read line; do echo "got $line"; done'
    stdin: pipe
  screen:
    command: 'stty -echo; echo hello; while read line; do echo "you said $line"; done'
    tty: true
  bad:
    command: 'echo "TypeError: it broke" >&2; echo "    at f (x.js:1:2)" >&2; exit 3'
  many:
    command: 'seq 1 5000; exec sleep 1000'
END
status_of() { $cli ls --json "$1" | jq -re ".processes[0].status"; }
is() { [ "$(status_of "$1")" = "$2" ]; } # NAME STATUS
logged() { $cli logs "$1" | grep -q "$2"; }  # NAME PATTERN
names() { $cli ls -o name | tr '\n' ' '; }

### without a supervisor
for command in errors ports metrics 'send console x' 'attach console' 'scale web=1'; do
  # shellcheck disable=SC2086 # a command and its operands
  gives 3 "$command needs a supervisor" $cli $command
  check "and says which and what next, in a line" eval 'err_is_a_line && err_has "$work/shop" "brummer-cli up"'
done
printf 'processes: {elsewhere: {command: sleep 1}}\n' >"$work/other.yaml"
gives 0 "scripts are listed" $cli scripts -o name
check "those of the project" test "$(echo "$out" | grep -c '^console$')" -eq 1
gives 0 "of another configuration, too" $cli --config "$work/other.yaml" scripts -o name
check "in place of it" test "$out" = elsewhere
gives 0 "check needs none" $cli check
gives 0 "nor does its schema" $cli check --schema
check "which is JSON" jq -e .type "$work/out"
gives 0 "an entry is explained" $cli check --explain console
check "with the file" out_has brummer.yaml
printf 'api: sleep 1\n' >"$work/Procfile"
gives 0 "a Procfile is imported" $cli import "$work/Procfile"
check "as processes" out_has "processes:" "api"
gives 0 "and exported" $cli export procfile
check "every entry" out_has "console:"
gives 1 "a file that is not there is an error" $cli import "$work/none"
check "nothing was started for that" test -z "$(ls "$work/run/brummer" 2>/dev/null)"
gives 2 "a wrong scale is wrong usage" $cli scale web
gives 2 "a wrong number of replicas is, too" $cli scale web=many

### send, scale, errors, ports
gives 0 "all start" $cli up -d
gives 0 "a line is sent" $cli send console two 'words  here'
check "and read" until_true logged console '^got two words  here$'
run sh -c "printf 'from a pipe\nand more\n' | $cli send console -"
check "what is read from a pipe is sent as it is" test "$rc" -eq 0
check "both lines" until_true logged console '^got and more$'
gives 1 "one without a standard input takes none" $cli send web.1 x
check "which is said in a line" err_is_a_line
gives 0 "more replicas are started" $cli scale web=4
check "under their names" out_has web.4
gives 0 "and fewer are left" $cli scale web=1
two_gone() { [ "$(names | tr ' ' '\n' | grep -c '^web\.')" -le 2 ]; }
check "the last are stopped first" is web.1 running
gives 1 "an unknown family is an error" $cli scale wbe=2
check "bad has failed" until_true is bad failed
gives 0 "errors are listed" $cli errors -o json
check "as a list" jq -e '.errors | type == "array"' "$work/out"
gives 1 "errors of an unknown are an error" $cli errors bda
throws() { # NAME LANGUAGE MESSAGE PROGRAM...: what a program that fails leaves behind
  name=$1 language=$2 message=$3
  shift 3
  if ! command -v "$1" >/dev/null; then
    for what in 1 2 3; do skip "errors of $language ($what)" "$1 is not installed"; done
    return
  fi
  $cli run --name "$name" -q --wait "$@" >/dev/null 2>&1
  found() { $cli errors "$name" -o json | jq -e --arg l "$language" --arg m "$message" \
    '.errors | length == 1 and .[0].language == $l and (.[0].message | contains($m)) and (.[0].text | test("\n"))'; }
  check "an error of $language is one error, with its stack" until_true found
  gives 0 "and listed" $cli errors "$name"
  check "in a row" out_has "$message"
}
throws python python 'ValueError: no such thing' python3 -c 'raise ValueError("no such thing")'
throws node javascript 'TypeError: it is not there' node -e 'throw new TypeError("it is not there")'
gives 0 "show knows the last one" $cli show bad -o json
check "by its line" jq -e '.lastError | test("TypeError: it broke")' "$work/out"
gives 0 "ports are a list" $cli ports -o json
check "of objects" jq -e '.ports | type == "array"' "$work/out"

### logs: search and context
gives 0 "lines around each" $cli logs many --grep '^2500$' -C 1
check "three of them" test "$out" = "2499
2500
2501"
gives 0 "lines before and after, apart where some are left out" $cli logs many --grep '^(10|20)$' -B 1 -A 0
check "with a mark between" test "$out" = "9
10
--
19
20"
gives 0 "the last of those that match" $cli logs many --grep '9$' -n 2
check "are two" test "$out" = "4989
4999"
gives 0 "Perl's expressions" $cli logs many --grep '^(?=4)\d{4}(?<!\d[0-8])$' -n 1
check "look around" test "$out" = 4999
gives 0 "what was found is marked in colours" $cli --color always logs many --grep '50(?=0$)' -n 1
check "where it is" test "$out" = "4$(printf '\033[1;31m50\033[0m')0"
gives 2 "too much around is wrong usage" $cli logs many -C 100000

### metrics
gives 0 "metrics are text" $cli metrics
open_metrics() { # a family's lines are together, samples belong to it, and the end is the end
  awk '
    /^# EOF$/ { eof = NR; next }
    /^# TYPE / { if ($3 in seen) exit 1; seen[$3] = 1; family = $3; type = $4; next }
    /^# UNIT / { if ($3 != family || substr($3, length($3) - length($4)) != "_" $4) exit 1; next }
    /^# HELP / { if ($3 != family) exit 1; next }
    !/^[a-z_]+(\{([a-z_]+="([^"\\]|\\.)*",?)+\})? -?[0-9.e+-]+$/ { exit 1 }
    { name = $1; sub(/\{.*/, "", name)
      want = family (type == "counter" ? "_total" : type == "info" ? "_info" : "")
      if (name != want) exit 1 }
    END { if (eof != NR) exit 1 }' "$work/out"
}
check "in the form of OpenMetrics" open_metrics
check "with states" out_has 'name="web.1",brummer_process_status="running"} 1'
$cli run --name 'a "b" \c' -q true
gives 0 "names of any kind" $cli metrics
check "are escaped" eval 'open_metrics && grep -qF "name=\"a \\\"b\\\" \\\\c\"" "$work/out"'

### attach
if command -v script >/dev/null; then
  attached() { # KEYS OPTION...: attach on a terminal and type, after something came
    keys=$1
    shift
    (until_true grep -q "attached\|tick" "$work/typed"; printf '%b' "$keys"; until_true grep -q "$wanted" "$work/typed"; printf '\035d') |
      timeout 20 script -qefc "$cli attach $*" "$work/typed" >/dev/null 2>&1
  }
  : >"$work/typed"
  wanted='you said over there'
  check "attach takes keys to a terminal, and Ctrl-] d leaves it" attached 'over there\r' screen
  check "its answer was shown" grep -q 'you said over there' "$work/typed"
  check "the process goes on" is screen running
else
  for what in 1 2 3; do skip "attach on a terminal ($what)" "script is not installed"; done
fi
(echo begin; until_true test -e "$work/second"; printf 'pipe\n'; until_true grep -q 'got pipe' "$work/first") | $cli attach console >"$work/first" 2>&1 &
attach=$!
check "what it writes is shown" until_true grep -q 'got begin' "$work/first"
gives 1 "nobody else may send meanwhile" $cli send console x
gives 1 "a second may not write" $cli attach console
check "which is said in a line, with what could be done" eval 'err_is_a_line && err_has --steal --read-only'
touch "$work/second"
wait "$attach"
check "the first ends with its input" test $? -eq 0
check "which went through" grep -q 'got pipe' "$work/first"
$cli attach --read-only web.1 >"$work/watch1" &
one=$!
$cli attach --read-only web.1 >"$work/watch2" &
two=$!
both() { grep -q tick "$work/watch1" && grep -q tick "$work/watch2"; }
check "any number may watch" until_true both
engine=$($cli ls --json | jq -r .instance.supervisor.pid)
kill -KILL "$engine"
successor() { [ "$($cli ls --json 2>/dev/null | jq -r .instance.supervisor.pid)" != "$engine" ]; }
until_true successor
lines=$(wc -l <"$work/watch1")
more() { [ "$(wc -l <"$work/watch1")" -gt $((lines + 5)) ]; }
check "over a restart of the supervisor" until_true more
kill "$one" "$two"
wait "$one"
check "and leave by a signal" test $? -eq 0
consecutive() { awk '{ if (NR > 1 && $2 != last + 1) exit 1; last = $2 }' "$work/watch1"; }
check "nothing was lost or doubled" consecutive
gives 1 "what does not run has nothing to attach to" $cli attach bad

### completion
for shell in bash zsh fish; do
  gives 0 "completion $shell is printed" $cli completion "$shell"
  if command -v "$shell" >/dev/null; then
    check "and is $shell's language" sh -c "$cli completion $shell | $shell -n"
  else
    skip "and is $shell's language" "$shell is not installed"
  fi
done
gives 2 "another shell is wrong usage" $cli completion tcsh
words() { $cli completion --words -- "$@" | cut -f 1 | tr '\n' ' '; }
check "commands are offered" test "$(words st)" = "start stop "
check "and options" test "$(words logs --ti)" = "--timestamps "
check "and their arguments" test "$(words -o js)" = "json jsonl "
check "and names from the region" test "$(words stop con)" = "console "
if command -v bash >/dev/null; then
  bash_words() { # LINE: what bash would offer
    bash -c 'eval "$(brummer-cli completion bash)"; COMP_LINE=$1 COMP_POINT=${#1} COMP_TYPE=9
      read -ra COMP_WORDS <<<"$1"; [[ $1 == *" " ]] && COMP_WORDS+=(""); COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
      _brummer_cli; echo "${COMPREPLY[@]}"' - "$1"
  }
  check "bash completes a name" test "$(bash_words 'brummer-cli restart scr')" = screen
  check "and quotes it" test "$(bash_words 'brummer-cli show a')" = 'a\ \"b\"\ \\c'
else
  for what in 1 2; do skip "bash ($what)" "it is not installed"; done
fi
if command -v zsh >/dev/null; then
  zsh_words() {
    zsh -fc 'compadd() { while [[ $1 != -a ]]; do shift; done; print -r -- ${(P)2}; }
      eval "$(brummer-cli completion zsh)"; words=(brummer-cli restart scr) CURRENT=3; _brummer_cli'
  }
  check "zsh completes a name" test "$(zsh_words)" = screen
else
  skip "zsh" "it is not installed"
fi
if command -v fish >/dev/null; then
  check "fish completes a name" test "$(fish -c 'brummer-cli completion fish | source; complete -C "brummer-cli restart scr"' 2>/dev/null | cut -f 1)" = screen
else
  skip "fish" "it is not installed"
fi

### output that cannot be written, small and stupid terminals
full() { "$@" >/dev/full; }
closed() { "$@" >&-; }
for command in ls 'ls --json' 'show web.1' 'logs many' events instances metrics errors 'completion bash' help; do
  # shellcheck disable=SC2086
  gives 1 "a full disk behind $command is noticed" full $cli $command
  # shellcheck disable=SC2086
  gives 1 "and a closed standard output" closed $cli $command
done
if command -v script >/dev/null; then
  run script -qec "stty cols 20 rows 5; $cli --color never ls" /dev/null
  check "a table fits 20 columns" test "$(tr -d '\r' <"$work/out" | awk '{ if (length($0) > 20) print }' | wc -l)" -eq 0
  run script -qec "env TERM=dumb $cli ls" /dev/null
  check "a dumb terminal gets no escape sequence" eval '! grep -q "$(printf "\033")" "$work/out"'
  run script -qec "env -i PATH='$PATH' HOME='$HOME' XDG_RUNTIME_DIR='$XDG_RUNTIME_DIR' XDG_STATE_HOME='$XDG_STATE_HOME' $cli ls" /dev/null
  check "neither terminal type nor locale are needed" test "$rc" -eq 0
else
  for what in 1 2 3; do skip "on a terminal ($what)" "script is not installed"; done
fi

### up behind
mkdir "$work/quiet"
cat >"$work/quiet/brummer.yaml" <<'END'
processes:
  late: {command: 'sleep 0.3; echo here; exec sleep 1000', ready: {log: here}}
END
gives 0 "up --wait shows what has become ready" $cli -C "$work/quiet" up -d --wait -o json
check "and not how it began" test "$(printf %s "$out" | jq -r '.processes[0] | "\(.status) \(.already)"')" = "running false"
$cli -C "$work/quiet" -q down --timeout 3s
if command -v script >/dev/null; then
  cat >"$work/quiet/brummer.yaml" <<'END'
processes:
  early: {command: 'exec sleep 1000'}
  late: {command: 'until [ -e go ]; do sleep 0.05; done; echo here; exec sleep 1000', ready: {log: here}}
END
  script -qefc "env TERM=xterm $cli -C '$work/quiet' up -d --wait" "$work/typed" >/dev/null 2>&1 </dev/null &
  waiter=$!
  progress_told() { grep -q 'start: 1 of 2 running, 1 on the way: late' "$work/typed"; }
  check "a person is told what up --wait waits for" until_true progress_told
  touch "$work/quiet/go"
  check "until it has come" wait "$waiter"
  $cli -C "$work/quiet" -q down --timeout 3s
else
  for what in 1 2; do skip "up --wait on a terminal ($what)" "script is not installed"; done
fi
echo 'processes: {later: {command: "exec sleep 1000", autostart: false}}' >"$work/quiet/brummer.yaml"
gives 0 "up with nothing to start says so" $cli -C "$work/quiet" up -d
check "in place of an empty table" eval 'err_is_a_line && err_has "nothing starts by itself" && [ -z "$out" ]'
gives 0 "also when the supervisor runs" $cli -C "$work/quiet" up -d --wait
check "in place of an empty table" eval 'err_is_a_line && err_has "nothing starts by itself" && [ -z "$out" ]'
gives 0 "a program gets the empty list" $cli -C "$work/quiet" up -d --json
check "of processes" test "$out" = '{"processes":[]}'
gives 1 "in front there is nothing to stay for" timeout 20 $cli -C "$work/quiet" up
check "which is said" eval 'err_is_a_line && err_has "nothing starts by itself"'
$cli -C "$work/quiet" -q down --timeout 3s

### up in front
cat >"$work/shop/fails.yaml" <<'END'
processes:
  first: {command: 'sleep 0.2; exit 7'}
  second: {command: 'exec sleep 1000'}
END
$cli down -q --timeout 3s
gives 7 "up --abort-on-failure ends with the first failure, and its status" timeout 20 $cli up --config fails.yaml --abort-on-failure
none_left() { [ -z "$(work_regions)" ]; }
check "nothing is left" until_true none_left
gives 0 "run --wait shows the output" sh -c "$cli up -d -q --config fails.yaml second && $cli run --wait -- sh -c 'echo out; echo err >&2' 2>$work/stderr"
check "each stream to its own" test "$out:$(cat "$work/stderr")" = out:err

### a supervisor that is killed in the middle of a command
engine_of() { $cli ls --json 2>/dev/null | jq -r .instance.supervisor.pid; }
kill_engine() {
  killed=$(engine_of)
  kill -KILL "$killed"
  replaced() { [ "$(engine_of)" != "$killed" ] && [ "$($cli ls --json 2>/dev/null | jq -r .instance.supervisor.state)" = live ]; }
  until_true replaced
}
$cli run --name stubborn -q -- sh -c 'trap "sleep 0.5; exit 0" TERM; echo up; while :; do sleep 0.05; done'
until_true logged stubborn up
$cli wait stubborn --for exit >/dev/null 2>&1 &
waiter=$!
$cli run --name timed --wait -- sh -c 'sleep 1; echo over; exit 9' >"$work/timed" 2>/dev/null &
runner=$!
until_true is timed running
$cli -q stop stubborn >"$work/stop" 2>&1 &
stopper=$!
until_true is stubborn stopping
check "it comes back" kill_engine
wait "$stopper"
check "stop is asked again, and done" eval "[ $? -eq 0 ] && is stubborn stopped"
wait "$waiter"
check "wait goes on, and sees the end" test $? -eq 0
wait "$runner"
check "run --wait gives the status all the same" test $? -eq 9
check "and the output" grep -q over "$work/timed"

### doctor
gives 0 "doctor finds nothing wrong" $cli -q -C . doctor
check "and then says nothing" test -z "$(sed 1d "$work/out")"
keeper=$($cli ls --json | jq -r .instance.supervisor.keeperPid)
engine=$($cli ls --json | jq -r .instance.supervisor.pid)
left=$($cli show -o json second | jq -r .pid)
kill -KILL "$keeper"
kill -KILL "$engine"
dead() { [ "$($cli ls --json 2>/dev/null | jq -r .instance.supervisor.state)" = dead ]; }
until_true dead
gives 1 "doctor sees what a dead supervisor has left" $cli -C . doctor -o json
check "and how to go on" jq -e '.findings[] | select(.state == "wrong" and (.remedy | test("up -d")))' "$work/out"
gives 1 "doctor --clean leaves what is still needed" $cli -C . doctor --clean
check "so that it can be taken over" test -n "$(work_regions)"
kill -KILL "$left"
until_true gone "$left"
gives 0 "when nothing is left it cleans" $cli -C . doctor --clean
check "the region" test -z "$(work_regions)"

### the examples of the manual
manual=$source/clients/cli/brummer-cli.1
examples() {
  sed -n '/^\.Sh EXAMPLES/,/^\.Sh DIAG/p' "$manual" | sed -n '/^\.Bd/,/^\.Ed/p' | grep -v '^\.'
}
check "the manual has examples" test "$(examples | wc -l)" -gt 5
mkdir "$work/manual"
cd "$work/manual" || exit 99
cat >brummer.yaml <<'END'
processes:
  web: {command: 'echo listening on 3000; exec sleep 1000'}
  worker: {command: 'exec sleep 1000'}
END
printf 'test:\n\t@echo tested\n' >Makefile
examples | sed 's/logs -f/logs/' >"$work/examples.sh"
gives 0 "its examples work" timeout 60 sh -e "$work/examples.sh"
check "to the last" out_has tested
$cli down -q --timeout 3s

plan "$number"
